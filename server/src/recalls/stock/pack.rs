//! A pack in hand, as its barcodes tell it.

use chrono::{Datelike as _, NaiveDate, Utc};
use tessera_scanner::explain::{Input, Kind, Options, Outcome, Request, explain};
use tessera_scanner::udi::{DeviceIdentifier, Udi};

use crate::error::Problem;

/// A pack as its barcodes tell it.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Its device identifier, as scanned.
    pub device: DeviceIdentifier,
    /// Lot.
    pub lot: Option<String>,
    /// Serial.
    pub serial: Option<String>,
    /// Last day of use.
    pub expiry: Option<NaiveDate>,
    /// When it was made.
    pub manufacture: Option<NaiveDate>,
}

impl From<Udi> for Pack {
    fn from(udi: Udi) -> Self {
        Self {
            lot: udi.lot.as_ref().map(ToString::to_string),
            serial: udi.serial.as_ref().map(ToString::to_string),
            expiry: udi.expiry.map(|date| date.last_day()),
            manufacture: udi.manufacture.map(|date| date.last_day()),
            device: udi.device,
        }
    }
}

impl Pack {
    /// Reads the barcodes of one pack.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where they give no device, or more than one.
    pub fn read(barcodes: &[String]) -> Result<Self, Problem> {
        let given: Vec<_> = barcodes.iter().filter(|text| !text.trim().is_empty()).cloned().collect();
        if given.is_empty() || given.len() > 8 || given.iter().any(|text| text.len() > 1000) {
            return Err(Problem::invalid("Scan the pack: one to eight barcodes of up to 1,000 characters."));
        }
        let input = if let [text] = given.as_slice() { Input::One(text.clone()) } else { Input::Several(given) };
        let answer = explain(&Request { input, kind: Kind::Auto, opts: Options::default() }, Utc::now().year());
        if answer.outcome == Outcome::Ambiguous {
            return Err(Problem::invalid(
                "The barcode can be read in more than one way: scan the other barcode of the pack as well, or type what is printed.",
            ));
        }
        answer.udi.map(Self::from).ok_or_else(|| {
            let why = answer.findings.first().map(|finding| format!(" ({})", finding.text)).unwrap_or_default();
            Problem::invalid(format!(
                "No device could be read from this barcode{why}: scan it again, or type what is printed."
            ))
        })
    }

    /// In words.
    pub fn words(&self) -> String {
        let lot = self.lot.as_ref().map(|lot| format!(", lot {lot}")).unwrap_or_default();
        let serial = self.serial.as_ref().map(|serial| format!(", serial {serial}")).unwrap_or_default();
        let expiry = self.expiry.map(|date| format!(", expires {date}")).unwrap_or_default();
        format!("{}{lot}{serial}{expiry}", self.device.text)
    }
}
