//! What a notice covers, line by line: as a person enters it, checked, and as it stands in the database.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::gs1::keys::{Lot, Serial};
use tessera_scanner::recall_match::{Criterion, Span, Units, alike};
use tessera_scanner::udi::DeviceIdentifier;
use utoipa::ToSchema;

use super::model::RecallId;
use crate::catalogue::model::Agency;
use crate::error::{Code, Problem};
use crate::store::schema::recall_criteria;

crate::record_id! {
    /// One line of what a recall covers.
    CriterionId
}

crate::word_list! {
    /// Which units of a device a line covers.
    UnitKind {
        /// Every unit.
        All = "all",
        /// One lot.
        Lot = "lot",
        /// One serial.
        Serial = "serial",
        /// Those with one expiry date, or that expire within a time.
        Expiry = "expiry",
        /// Those made on one day or within a time.
        Manufacture = "manufacture",
    }
}

/// One line of what a recall covers. It names the device by its identifier, or by the maker's catalogue number. One that
/// gives only a maker with a lot or serial can be matched no better than *possible*.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionForm {
    /// Whose identifier it is; GS1 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Agency>,
    /// The device identifier (UDI-DI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The maker, beside a catalogue number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    /// The maker's catalogue number (REF).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Which units.
    pub units: UnitKind,
    /// The lot, the serial, the date as YYYY-MM-DD, or a time as YYYY-MM-DD/YYYY-MM-DD, where `..` is an open end (ISO 8601-2);
    /// nothing for all units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl CriterionForm {
    /// The line in the library's types, which hold no nonsense.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), saying what is wrong with the line.
    pub fn checked(&self) -> Result<Criterion, Problem> {
        let device = match given(self.identifier.as_deref()) {
            Some(text) => Some(self.issuer.unwrap_or(Agency::Gs1).identifier(text)?),
            None => None,
        };
        let reference = given(self.reference.as_deref()).map(str::to_owned);
        let maker = given(self.maker.as_deref()).map(str::to_owned);
        if device.is_none() && reference.is_none() {
            if maker.is_none() {
                return Err(Problem::invalid(
                    "A line has to say which device it means: its identifier (UDI-DI), or maker and catalogue number; for a \
                     lot or serial, at least the maker.",
                ));
            }
            // A maker alone with all units, or a date, would be half the catalogue.
            if !matches!(self.units, UnitKind::Lot | UnitKind::Serial) {
                return Err(Problem::invalid(
                    "A line that names only the maker has to name a lot or serial. Give the identifier or catalogue number.",
                ));
            }
        }
        for text in [&reference, &maker].into_iter().flatten() {
            if text.chars().count() > 120 {
                return Err(Problem::invalid(format!("\"{text}\" is longer than 120 characters.")));
            }
        }
        Ok(Criterion { device, maker, reference, units: self.checked_units()? })
    }

    fn checked_units(&self) -> Result<Units, Problem> {
        let value = given(self.value.as_deref());
        let wanted = |what: &str| Problem::invalid(format!("Say which {what} is recalled, or choose \"all\"."));
        match (self.units, value) {
            (UnitKind::All, None) => Ok(Units::All),
            (UnitKind::All, Some(value)) => Err(Problem::invalid(format!(
                "\"{value}\" was given although all units are recalled: choose lot, serial or expiry, or leave it out."
            ))),
            (UnitKind::Lot, Some(value)) => {
                let lot: Lot = value.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
                Ok(Units::Lot(lot.into()))
            }
            (UnitKind::Lot, None) => Err(wanted("lot")),
            (UnitKind::Serial, Some(value)) => {
                let serial: Serial = value.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
                Ok(Units::Serial(serial.into()))
            }
            (UnitKind::Serial, None) => Err(wanted("serial")),
            (UnitKind::Expiry, Some(value)) => Ok(expiry(value).map_err(Problem::invalid)?),
            (UnitKind::Manufacture, Some(value)) => Ok(Units::MadeWithin(span(value).map_err(Problem::invalid)?)),
            (UnitKind::Manufacture, None) => Err(wanted("date of manufacture")),
            (UnitKind::Expiry, None) => Err(wanted("expiry date")),
        }
    }
}

/// One expiry date, or a time.
fn expiry(value: &str) -> Result<Units, String> {
    match span(value)? {
        Span { from: Some(from), to: Some(to) } if from == to => Ok(Units::Expiry(from)),
        span => Ok(Units::ExpiryWithin(span)),
    }
}

/// A day, or a time from one day to another.
fn span(value: &str) -> Result<Span, String> {
    let day = |text: &str| -> Result<NaiveDate, String> {
        text.parse().map_err(|_| {
            format!("\"{value}\" is not a date written YYYY-MM-DD, nor a time written YYYY-MM-DD/YYYY-MM-DD.")
        })
    };
    let end = |text: &str| if text.trim() == ".." { Ok(None) } else { day(text.trim()).map(Some) };
    let Some((from, to)) = value.split_once('/') else {
        return day(value).map(|day| Span { from: Some(day), to: Some(day) });
    };
    let span = Span { from: end(from)?, to: end(to)? };
    match (span.from, span.to) {
        (None, None) => Err(format!("\"{value}\" is any day: choose \"all\" instead.")),
        (Some(from), Some(to)) if from > to => Err(format!("\"{value}\" ends before it begins.")),
        _ => Ok(span),
    }
}

/// A time as it is written in [`CriterionForm::value`].
pub(super) fn span_text(span: Span) -> String {
    let end = |day: Option<NaiveDate>| day.map_or_else(|| "..".to_owned(), |day| day.to_string());
    match (span.from, span.to) {
        (Some(from), Some(to)) if from == to => from.to_string(),
        (from, to) => format!("{}/{}", end(from), end(to)),
    }
}

/// The text without blanks around it, where any is left.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

impl From<&Criterion> for CriterionForm {
    fn from(criterion: &Criterion) -> Self {
        let (units, value) = words(&criterion.units);
        Self {
            issuer: criterion.device.as_ref().map(|device| device.issuer.into()),
            identifier: criterion.device.as_ref().map(|device| device.text.clone()),
            maker: criterion.maker.clone(),
            reference: criterion.reference.clone(),
            units,
            value: Some(value).filter(|value| !value.is_empty()),
        }
    }
}

/// The kind of units and the value, as the database and people have them.
fn words(units: &Units) -> (UnitKind, String) {
    match units {
        Units::All => (UnitKind::All, String::new()),
        Units::Lot(lot) => (UnitKind::Lot, lot.clone()),
        Units::Serial(serial) => (UnitKind::Serial, serial.clone()),
        Units::Expiry(date) => (UnitKind::Expiry, date.to_string()),
        Units::ExpiryWithin(span) => (UnitKind::Expiry, span_text(*span)),
        Units::MadeWithin(span) => (UnitKind::Manufacture, span_text(*span)),
    }
}

/// One line as it stands in the database.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = recall_criteria)]
pub(super) struct CriterionRow {
    id: CriterionId,
    pub recall_id: RecallId,
    issuer: Option<Agency>,
    identifier: Option<String>,
    maker: Option<String>,
    reference: Option<String>,
    units: UnitKind,
    value: String,
    value_alike: String,
}

impl CriterionRow {
    pub fn new(recall_id: RecallId, criterion: &Criterion) -> Self {
        let (units, value) = words(&criterion.units);
        let device = criterion.device.as_ref();
        Self {
            id: CriterionId::new(),
            recall_id,
            issuer: device.map(|device| device.issuer.into()),
            identifier: device.map(|device| device.text.clone()),
            maker: criterion.maker.clone(),
            reference: criterion.reference.clone(),
            units,
            value_alike: alike(&value),
            value,
        }
    }
}

impl CriterionRow {
    pub fn id(&self) -> CriterionId {
        self.id
    }

    /// The maker that the line names.
    pub fn maker(&self) -> Option<&str> {
        self.maker.as_deref()
    }

    /// Whose identifier the line names, if it names one.
    pub fn issuer(&self) -> Option<Agency> {
        self.issuer
    }
}

impl TryFrom<CriterionRow> for Criterion {
    type Error = Problem;

    fn try_from(row: CriterionRow) -> Result<Self, Problem> {
        let broken = |why: String| Problem::new(Code::Internal, "A recall's date is no date.").because(why);
        let units = match row.units {
            UnitKind::All => Units::All,
            UnitKind::Lot => Units::Lot(row.value),
            UnitKind::Serial => Units::Serial(row.value),
            UnitKind::Expiry => expiry(&row.value).map_err(broken)?,
            UnitKind::Manufacture => Units::MadeWithin(span(&row.value).map_err(broken)?),
        };
        let device =
            row.identifier.map(|text| DeviceIdentifier { issuer: row.issuer.unwrap_or(Agency::Gs1).into(), text });
        Ok(Self { device, maker: row.maker, reference: row.reference, units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tessera_scanner::udi::Issuer;

    fn line(identifier: Option<&str>, units: UnitKind, value: Option<&str>) -> CriterionForm {
        CriterionForm {
            issuer: None,
            identifier: identifier.map(str::to_owned),
            maker: None,
            reference: None,
            units,
            value: value.map(str::to_owned),
        }
    }

    fn of_maker(units: UnitKind, value: Option<&str>) -> CriterionForm {
        CriterionForm { maker: Some("Harrowmere".to_owned()), ..line(None, units, value) }
    }

    #[test]
    fn a_lot_is_enough_beside_its_maker() {
        let criterion = of_maker(UnitKind::Lot, Some("6018382")).checked().unwrap();
        assert_eq!((criterion.device, criterion.reference), (None, None));
        assert!(line(None, UnitKind::Lot, Some("6018382")).checked().is_err());
    }

    #[test]
    fn identifiers_are_kept_as_the_catalogue_has_them() {
        let criterion = line(Some(" 844505000772"), UnitKind::Lot, Some("122927 ")).checked().unwrap();
        let device = DeviceIdentifier { issuer: Issuer::Gs1, text: "00844505000772".to_owned() };
        assert_eq!(criterion.device, Some(device));
        assert_eq!(criterion.units, Units::Lot("122927".to_owned()));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (form, named) in [
            (line(None, UnitKind::All, None), "which device"),
            (of_maker(UnitKind::All, None), "lot or serial"),
            (of_maker(UnitKind::Expiry, Some("2031-03-31")), "lot or serial"),
            (line(Some("00844505000773"), UnitKind::All, None), "00844505000773"),
            (line(Some("00844505000772"), UnitKind::Lot, None), "which lot"),
            (line(Some("00844505000772"), UnitKind::Lot, Some("two words")), "two words"),
            (line(Some("00844505000772"), UnitKind::All, Some("122927")), "122927"),
            (line(Some("00844505000772"), UnitKind::Expiry, Some("31/03/2031")), "31/03/2031"),
            (line(Some("00844505000772"), UnitKind::Manufacture, Some("2021-05-02/2021-05-01")), "ends before"),
            (line(Some("00844505000772"), UnitKind::Manufacture, Some("../..")), "any day"),
        ] {
            let problem = form.checked().unwrap_err();
            assert!(problem.detail().contains(named), "{problem}");
        }
    }

    #[test]
    fn a_line_comes_back_from_the_database_as_it_went_in() {
        for (units, value) in [
            (UnitKind::All, None),
            (UnitKind::Lot, Some("19DM28106A")),
            (UnitKind::Serial, Some("1403028701X")),
            (UnitKind::Expiry, Some("2031-03-31")),
            (UnitKind::Expiry, Some("2031-01-01/2031-03-31")),
            (UnitKind::Manufacture, Some("2021-05-01")),
            (UnitKind::Manufacture, Some("../2021-05-31")),
            (UnitKind::Manufacture, Some("2021-05-01/..")),
        ] {
            let criterion = line(Some("00844505000772"), units, value).checked().unwrap();
            assert_eq!(Criterion::try_from(CriterionRow::new(RecallId::new(), &criterion)).unwrap(), criterion);
            assert_eq!(CriterionForm::from(&criterion).value.as_deref(), value);
        }
    }
}
