//! Wristbands that are one line of fields divided by a sign.

use serde::{Deserialize, Serialize};

use super::{LocalIdentifier, Wristband, some, take_birth_date, take_nhs_number, warn};

/// A line of fields divided by a sign, as an organisation prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delimited {
    /// What the line starts with, before the first separator, such as `W1`; it tells wristbands from other lines.
    pub opens_with: String,
    /// The sign between fields.
    pub separator: char,
    /// What stands in which place, behind `opens_with`; what follows is not read.
    pub fields: Vec<Field>,
    /// How dates are written, in the signs of strftime: `%d/%m/%Y`.
    #[serde(default = "british")]
    pub dates: String,
}

fn british() -> String {
    "%d/%m/%Y".to_owned()
}

/// What stands in one place of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Something else.
    Skip,
    /// The organisation's own number for the patient.
    Local,
    /// The organisation that gave it (ODS).
    Organisation,
    /// The NHS number.
    NhsNumber,
    /// The Scottish CHI number.
    ChiNumber,
    /// Family name.
    Family,
    /// Given name.
    Given,
    /// Date of birth.
    BirthDate,
    /// Sex.
    Sex,
}

impl Delimited {
    /// `W1|local|NHS number|family|given|dd/mm/yyyy|sex`.
    pub(super) fn piped() -> Self {
        use Field::{BirthDate, Family, Given, Local, NhsNumber, Sex};
        let fields = vec![Local, NhsNumber, Family, Given, BirthDate, Sex];
        Self { opens_with: "W1".to_owned(), separator: '|', fields, dates: british() }
    }

    /// Reads a line; `None` where it does not start as it should, or is cut short before its last field but sex.
    pub(super) fn read(&self, message: &str) -> Option<Wristband> {
        let mut values = message.split(self.separator).map(str::trim);
        if values.next()? != self.opens_with {
            return None;
        }
        let mut band = Wristband::default();
        let mut organisation = None;
        for field in &self.fields {
            let value = match (values.next(), field) {
                (Some(value), _) => value,
                (None, Field::Sex | Field::Skip) => "",
                (None, _) => return None,
            };
            match field {
                Field::Skip => {}
                Field::Local => band.local = some(value).map(|value| LocalIdentifier { value, organisation: None }),
                Field::Organisation => organisation = value.parse().ok(),
                Field::NhsNumber if value.is_empty() => {
                    warn(&mut band, "NO_NHS_NUMBER", "the wristband carries no NHS number");
                }
                Field::NhsNumber => take_nhs_number(&mut band, value),
                Field::ChiNumber => {
                    band.chi = value.parse().ok();
                    if band.chi.is_none() && !value.is_empty() {
                        let text = "the CHI number on the wristband fails its check: ask for a new wristband";
                        warn(&mut band, "CHI_NUMBER_CHECK", text);
                    }
                }
                Field::Family => band.family = some(value),
                Field::Given => band.given = some(value),
                Field::BirthDate => take_birth_date(&mut band, value, &self.dates),
                Field::Sex => band.sex = some(value),
            }
        }
        if let Some(local) = &mut band.local {
            local.organisation = organisation;
        }
        Some(band)
    }
}
