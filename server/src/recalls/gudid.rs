//! Device records of AccessGUDID as the devices of a notice: identifiers, maker and catalogue number, without any lot.
//!
//! The fields are those of AccessGUDID's device lookup (`gudid.device`), <https://accessgudid.nlm.nih.gov/resources/developers/v3>.

use serde::Deserialize;
use utoipa::ToSchema;

use super::criteria::{CriterionForm, UnitKind};
use super::draft::{Draft, DraftLine};
use crate::catalogue::model::Agency;
use crate::error::Problem;

/// Records of one question at the most.
const MOST_RECORDS: usize = 1000;

/// One record or several, as the lookup answers them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum GudidRecords {
    /// Several.
    Several(Vec<GudidAnswer>),
    /// One.
    One(Box<GudidAnswer>),
}

/// An answer of the lookup; other fields are passed over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct GudidAnswer {
    gudid: Gudid,
}

/// See [`GudidAnswer`].
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Gudid {
    device: GudidDevice,
}

/// A device.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GudidDevice {
    identifiers: GudidIdentifiers,
    #[serde(default)]
    company_name: Option<String>,
    #[serde(default)]
    catalog_number: Option<String>,
    #[serde(default)]
    version_model_number: Option<String>,
    #[serde(default)]
    brand_name: Option<String>,
}

/// Its identifiers.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct GudidIdentifiers {
    identifier: Vec<GudidIdentifier>,
}

/// One identifier.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct GudidIdentifier {
    #[serde(rename = "deviceId")]
    text: String,
    #[serde(rename = "deviceIdType")]
    kind: String,
    #[serde(rename = "deviceIdIssuingAgency", default)]
    agency: Option<String>,
}

/// The records as lines of a notice, one for each primary identifier; a person says which units of it are meant.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where there are no records, too many, or one without a primary identifier.
pub fn draft(records: GudidRecords) -> Result<Draft, Problem> {
    let records = match records {
        GudidRecords::Several(records) => records,
        GudidRecords::One(record) => vec![*record],
    };
    if records.is_empty() || records.len() > MOST_RECORDS {
        return Err(Problem::invalid(format!("1 to {MOST_RECORDS} records are wanted, not {}.", records.len())));
    }
    let lines = records.into_iter().enumerate().map(|(place, record)| line(place + 1, record.gudid.device));
    Ok(Draft { lines: lines.collect::<Result<_, _>>()?, unread: Vec::new() })
}

fn line(place: usize, device: GudidDevice) -> Result<DraftLine, Problem> {
    let primary = device.identifiers.identifier.iter().find(|one| one.kind.eq_ignore_ascii_case("primary"));
    let primary =
        primary.ok_or_else(|| Problem::invalid(format!("Record {place} has no primary device identifier.")))?;
    let issuer = match primary.agency.as_deref().map(str::trim) {
        Some("HIBCC") => Agency::Hibcc,
        Some("ICCBBA") => Agency::Iccbba,
        Some("GS1") | None => Agency::Gs1,
        Some(other) => {
            return Err(Problem::invalid(format!("Record {place}: the agency {other} is none of GS1, HIBCC, ICCBBA.")));
        }
    };
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let form = CriterionForm {
        issuer: Some(issuer),
        identifier: Some(primary.text.clone()),
        maker: filled(device.company_name),
        reference: filled(device.catalog_number).or_else(|| filled(device.version_model_number)),
        units: UnitKind::All,
        value: None,
    };
    let wrong = form.checked().err().map(|problem| problem.detail().to_owned());
    let unsaid = "The record names a device and no units of it: say which lots or serials are meant, or that all are.";
    Ok(DraftLine {
        words: format!("{} {}", primary.text, device.brand_name.unwrap_or_default()).trim().to_owned(),
        form,
        confidence: 1.0,
        doubt: Some(wrong.unwrap_or_else(|| unsaid.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_record_becomes_a_line_that_a_person_settles() {
        let record = r#"{"gudid": {"device": {"brandName": "Fellgate", "versionModelNumber": "M", "catalogNumber": "FG-110",
            "companyName": "HARROWMERE LTD", "identifiers": {"identifier": [
            {"deviceId": "19521010350247", "deviceIdType": "Package", "deviceIdIssuingAgency": "GS1"},
            {"deviceId": "09521001000123", "deviceIdType": "Primary", "deviceIdIssuingAgency": "GS1"}]}}}}"#;
        let draft_of = |text: &str| draft(serde_json::from_str(text).unwrap());
        let read = draft_of(&format!("[{record}]")).unwrap();
        let [line] = &read.lines[..] else { panic!("one line, not {read:?}") };
        assert_eq!(line.form.identifier.as_deref(), Some("09521001000123"));
        assert_eq!(
            (line.form.maker.as_deref(), line.form.reference.as_deref()),
            (Some("HARROWMERE LTD"), Some("FG-110"))
        );
        assert!(line.doubt.as_deref().unwrap().contains("which lots"));
        assert_eq!(draft_of(record).unwrap().lines.len(), 1, "one record alone");
        let wrong = draft_of(&record.replace("09521001000123", "09521001000124")).unwrap();
        assert!(wrong.lines[0].doubt.as_deref().unwrap().contains("09521001000124"));
        assert!(draft_of("[]").is_err());
        assert!(draft_of(&record.replace("Primary", "Secondary")).unwrap_err().detail().contains("Record 1"));
    }
}
