//! Patients, and what they are known by.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tessera_scanner::handheld::wristband::Wristband;
use tessera_scanner::identifiers::{ChiNumber, NhsNumber, OdsCode};
use utoipa::ToSchema;

crate::record_id! {
    /// One patient, as this registry knows them.
    PatientId
}

crate::record_id! {
    /// One link between two patients who are the same person.
    LinkId
}

impl PatientId {
    /// The name that people without the right to the identity see and say: short, and telling nothing.
    pub fn pseudonym(self) -> String {
        // The last digits of a UUIDv7 are random; the first tell the time.
        let text = self.uuid().simple().to_string().to_uppercase();
        format!("P-{}", &text[22..])
    }
}

/// Something a patient is known by.
#[derive(Clone, PartialEq, Eq)]
pub enum PatientIdentifier {
    /// The NHS number.
    Nhs(NhsNumber),
    /// The Scottish CHI number.
    Chi(ChiNumber),
    /// An organisation's own number.
    Local {
        /// Who gave it.
        organisation: OdsCode,
        /// The number.
        value: String,
    },
    /// A made-up one: the unknown emergency, the newborn.
    Temporary(String),
}

impl PatientIdentifier {
    /// The word in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nhs(_) => "nhs",
            Self::Chi(_) => "chi",
            Self::Local { .. } => "local",
            Self::Temporary(_) => "temporary",
        }
    }

    /// Who assigned it; empty for national numbers.
    pub fn assigner(&self) -> &str {
        match self {
            Self::Local { organisation, .. } => organisation.as_str(),
            _ => "",
        }
    }

    /// The normalised text.
    pub fn text(&self) -> &str {
        match self {
            Self::Nhs(number) => number.digits(),
            Self::Chi(number) => number.as_str(),
            Self::Local { value, .. } | Self::Temporary(value) => value,
        }
    }
}

impl fmt::Debug for PatientIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(sealed)", self.kind())
    }
}

/// What is sealed beside the identifiers.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Demographics {
    /// Family name.
    pub family: Option<String>,
    /// Given name.
    pub given: Option<String>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
}

impl Demographics {
    /// Whether there is anything in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Family name and given name, as on a wristband.
    pub fn name(&self) -> Option<String> {
        match (&self.family, &self.given) {
            (Some(family), Some(given)) => Some(format!("{}, {given}", family.to_uppercase())),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }
}

impl fmt::Debug for Demographics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Demographics(sealed)")
    }
}

/// A patient as presented: by wristband or by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presented {
    /// At least one.
    pub identifiers: Vec<PatientIdentifier>,
    /// What else is known.
    pub demographics: Demographics,
}

impl Presented {
    /// What a wristband says. `home` is the organisation where a local number names none.
    pub fn by_wristband(band: &Wristband, home: &OdsCode) -> Self {
        let local = band.local.as_ref().map(|local| PatientIdentifier::Local {
            organisation: local.organisation.clone().unwrap_or_else(|| home.clone()),
            value: local.value.clone(),
        });
        let nhs = band.nhs_number.clone().map(PatientIdentifier::Nhs);
        let chi = band.chi.clone().map(PatientIdentifier::Chi);
        Self {
            identifiers: nhs.into_iter().chain(chi).chain(local).collect(),
            demographics: Demographics {
                family: band.family.clone(),
                given: band.given.clone(),
                birth_date: band.birth_date,
            },
        }
    }
}

/// An opened identity: for the person who asked, and nobody else.
#[derive(Clone, Serialize, ToSchema)]
pub struct Identity {
    /// The patient.
    pub patient: PatientId,
    /// NHS number, where known.
    pub nhs_number: Option<String>,
    /// CHI number, where known.
    pub chi: Option<String>,
    /// Local numbers, each with its organisation.
    pub local: Vec<String>,
    /// Names and date of birth.
    pub demographics: Demographics,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.patient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_who_it_is() {
        let presented = Presented {
            identifiers: vec![PatientIdentifier::Nhs("9434765919".parse().unwrap())],
            demographics: Demographics { family: Some("Sample".into()), ..Demographics::default() },
        };
        let printed = format!("{presented:?}");
        assert!(!printed.contains("9434765919") && !printed.contains("Sample"), "{printed}");
    }
}
