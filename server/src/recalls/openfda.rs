//! Records of device recalls (`device/recall`) and enforcement reports (`device/enforcement`) of openFDA, as drafts.
//!
//! Fields as open.fda.gov describes them; those that differ between the two have both names here.

use serde::{Deserialize, Serialize};
use tessera_scanner::recall_notice::read;
use utoipa::ToSchema;

use super::draft::{Draft, draft};
use crate::error::Problem;

/// Records of one answer at the most: openFDA gives no more at once.
const MOST_RECORDS: usize = 1000;

/// What openFDA answers: `results`, or one record alone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum OpenFda {
    /// A whole answer.
    Answer {
        /// Its records.
        results: Vec<Record>,
    },
    /// One record.
    One(Box<Record>),
}

/// One record; other fields are passed over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Record {
    /// `Z-2308-2026`: `product_res_number` of a recall, `recall_number` of an enforcement report.
    #[serde(alias = "recall_number")]
    product_res_number: String,
    /// The firm.
    #[serde(default)]
    recalling_firm: String,
    /// What is recalled.
    #[serde(default)]
    product_description: String,
    /// Lots, serials and identifiers, in the firm's own words.
    #[serde(default)]
    code_info: String,
    /// What found no place in `code_info`.
    #[serde(default)]
    more_code_info: String,
    /// What is wrong.
    #[serde(default)]
    reason_for_recall: String,
    /// What the firm asks to be done.
    #[serde(default)]
    action: String,
}

/// One record, ready for a person to look at.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FdaDraft {
    /// The notice's own reference.
    pub reference: String,
    /// Who published it.
    pub source: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// What the notice asks to be done.
    pub action: String,
    /// The text that was read: description and codes as published.
    pub notice: String,
    /// What was made of it.
    #[serde(flatten)]
    pub draft: Draft,
}

/// The records as drafts. `current_year` decides the century of two-digit years.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where there are none, or too many.
pub fn drafts(answer: OpenFda, current_year: i32) -> Result<Vec<FdaDraft>, Problem> {
    let records = match answer {
        OpenFda::Answer { results } => results,
        OpenFda::One(record) => vec![*record],
    };
    if records.is_empty() || records.len() > MOST_RECORDS {
        return Err(Problem::invalid(format!("1 to {MOST_RECORDS} records are wanted, not {}.", records.len())));
    }
    Ok(records.into_iter().map(|record| of_record(record, current_year)).collect())
}

fn of_record(record: Record, current_year: i32) -> FdaDraft {
    let parts = [&record.product_description, &record.code_info, &record.more_code_info];
    let notice =
        parts.map(|part| part.trim()).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    let maker = Some(record.recalling_firm.trim()).filter(|firm| !firm.is_empty());
    let draft = draft(&read(&notice, current_year), maker);
    let short = |text: &str, most: usize| text.trim().chars().take(most).collect::<String>();
    FdaDraft {
        reference: record.product_res_number,
        source: "FDA".to_owned(),
        title: short(&record.reason_for_recall, 400),
        action: short(&record.action, 4000),
        notice,
        draft,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_record_become_drafts() {
        let answer = r#"{"meta": {"results": {"total": 1}}, "results": [
            {"product_res_number": "Z-9001-2026", "recalling_firm": "Harrowmere Ltd", "reason_for_recall": "Taper",
             "product_description": "Fellgate stem, Catalog Number: FG-110", "code_info": "Lot Numbers: HM1, HM2"},
            {"recall_number": "Z-9002-2026", "code_info": "UDI-DI: 09521001000123, all lots", "status": "Ongoing"}]}"#;
        let drafts = drafts(serde_json::from_str(answer).unwrap(), 2026).unwrap();
        let [first, second] = &drafts[..] else { panic!("two, not {drafts:?}") };
        assert_eq!((first.reference.as_str(), first.title.as_str()), ("Z-9001-2026", "Taper"));
        let lines: Vec<_> = first.draft.lines.iter().map(|line| &line.form).collect();
        assert!(lines.iter().all(|form| form.reference.as_deref() == Some("FG-110")), "{lines:?}");
        assert!(lines.iter().all(|form| form.maker.as_deref() == Some("Harrowmere Ltd")));
        assert_eq!(lines.iter().filter_map(|form| form.value.as_deref()).collect::<Vec<_>>(), ["HM1", "HM2"]);
        assert_eq!(second.draft.lines[0].form.identifier.as_deref(), Some("09521001000123"));
        assert_eq!(second.draft.lines[0].doubt, None);
    }

    #[test]
    fn a_record_alone_is_enough_and_none_is_refused() {
        let one = r#"{"recall_number": "Z-9003-2026", "code_info": "Lot 4711"}"#;
        assert_eq!(drafts(serde_json::from_str(one).unwrap(), 2026).unwrap().len(), 1);
        assert!(drafts(serde_json::from_str(r#"{"results": []}"#).unwrap(), 2026).is_err());
    }
}
