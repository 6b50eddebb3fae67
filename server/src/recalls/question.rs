//! `$recall-match`: which shelves and patients have these lots, serials or dates, without a notice being entered.
//!
//! FHIR R4 has no search parameter for lot, serial or expiry; this is the operation that takes their place.

use actix_web::{post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tessera_scanner::recall_match::Criterion;
use tessera_scanner::recall_notice::{Ends, Of};
use utoipa::ToSchema;

use super::criteria::{CriterionForm, UnitKind};
use super::draft::members;
use crate::access::{Permit, ReadAffected, ReadRecalls, ReadStock};
use crate::catalogue::model::Agency;
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::Store;
use crate::store::read::affected::{self, AffectedStock, AffectedUse, Excluded};

/// Lots, serials and days of one question at the most.
const MOST: usize = 5000;

/// A device, and which units of it. Without any lot, serial or date all units are meant.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Question {
    /// Whose identifier it is; GS1 unless told.
    issuer: Option<Agency>,
    /// The device identifier (UDI-DI).
    identifier: Option<String>,
    /// The maker.
    maker: Option<String>,
    /// The maker's catalogue number (REF).
    reference: Option<String>,
    /// These lots.
    lots: Vec<String>,
    /// These serials.
    serials: Vec<String>,
    /// Lots from one to another; both ends have one length and letter template.
    lot_ranges: Vec<Range>,
    /// Serials from one to another.
    serial_ranges: Vec<Range>,
    /// Units that expire on these days, or from the first to the last of each.
    expiry_ranges: Vec<DayRange>,
    /// Units made from the first to the last day of each.
    manufacture_ranges: Vec<DayRange>,
    /// Tell also of units of the device that are not meant, with the reason.
    excluded: bool,
}

/// From one to another, both included.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    from: String,
    to: String,
}

/// From one day to another, both included.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayRange {
    from: NaiveDate,
    to: NaiveDate,
}

impl Question {
    /// The question as criteria of a notice.
    ///
    /// # Errors
    /// [`Code::InvalidInput`], saying which part cannot be used.
    pub fn criteria(&self) -> Result<Vec<Criterion>, Problem> {
        let line = |units: UnitKind, value: Option<String>| CriterionForm {
            issuer: self.issuer,
            identifier: self.identifier.clone(),
            maker: self.maker.clone(),
            reference: self.reference.clone(),
            units,
            value,
        };
        let mut forms: Vec<_> = self.lots.iter().map(|lot| line(UnitKind::Lot, Some(lot.clone()))).collect();
        forms.extend(self.serials.iter().map(|serial| line(UnitKind::Serial, Some(serial.clone()))));
        for (units, of, ranges) in
            [(UnitKind::Lot, Of::Lot, &self.lot_ranges), (UnitKind::Serial, Of::Serial, &self.serial_ranges)]
        {
            for Range { from, to } in ranges {
                let ends = Ends { of, from: Some(from.clone()), to: Some(to.clone()) };
                let members = members(&ends).map_err(Problem::invalid)?;
                forms.extend(members.into_iter().map(|member| line(units, Some(member))));
            }
        }
        for (units, ranges) in
            [(UnitKind::Expiry, &self.expiry_ranges), (UnitKind::Manufacture, &self.manufacture_ranges)]
        {
            forms.extend(ranges.iter().map(|days| line(units, Some(format!("{}/{}", days.from, days.to)))));
        }
        if forms.is_empty() {
            forms.push(line(UnitKind::All, None));
        }
        if forms.len() > MOST {
            let many = forms.len();
            return Err(Problem::invalid(format!("Up to {MOST} lots, serials and days at once, not {many}.")));
        }
        forms.iter().map(CriterionForm::checked).collect()
    }
}

/// What and who has these units, as far as this user may see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answer {
    /// How many lots, serials and days were asked for.
    asked: usize,
    /// Packs in stock; none where the user may not see stock.
    stock: Option<Vec<AffectedStock>>,
    /// Devices in patients, by pseudonym; none where the user may not see them.
    patients: Option<Vec<AffectedUse>>,
}

/// Find shelves and patients by device and lots, serials or dates
///
/// The tiers are those of a recall. Nothing is kept.
#[utoipa::path(tag = "recalls", request_body = Question, responses(
    (status = 200, body = Answer), (status = 403, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/$recall-match")]
pub async fn recall_match(
    store: web::Data<Store>,
    _permit: Permit<ReadRecalls>,
    stock: Option<Permit<ReadStock>>,
    patients: Option<Permit<ReadAffected>>,
    question: web::Json<Question>,
) -> Result<web::Json<Answer>, Problem> {
    let criteria = question.criteria()?;
    let (see_stock, see_patients) = (stock.is_some(), patients.is_some());
    if !see_stock && !see_patients {
        return Err(Problem::new(Code::NotPermitted, "Your role may see neither stock nor the patients of a recall."));
    }
    let excluded = if question.excluded { Excluded::Shown } else { Excluded::LeftOut };
    let answer = store.read(move |connection| {
        let stock = if see_stock { Some(affected::stock(connection, &criteria, excluded)?) } else { None };
        let patients = if see_patients { Some(affected::uses(connection, &criteria, excluded)?) } else { None };
        Ok(Answer { asked: criteria.len(), stock, patients })
    });
    answer.await.map(web::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> Result<usize, Problem> {
        let question: Question = serde_json::from_str(text).unwrap();
        question.criteria().map(|criteria| criteria.len())
    }

    #[test]
    fn ranges_are_spelled_out() {
        let stem = r#""identifier": "09521001000123""#;
        assert_eq!(question(&format!("{{{stem}}}")).unwrap(), 1, "all units");
        let both = r#""lots": ["A1"], "lot_ranges": [{"from": "B08", "to": "B11"}]"#;
        assert_eq!(question(&format!("{{{stem}, {both}}}")).unwrap(), 5);
        let days = r#""expiry_ranges": [{"from": "2027-02-27", "to": "2027-03-01"}]"#;
        assert_eq!(question(&format!("{{{stem}, {days}}}")).unwrap(), 1, "a time is one line");
    }

    #[test]
    fn what_cannot_be_asked_is_named() {
        let refused = |text: &str| question(text).unwrap_err().detail().to_owned();
        assert!(refused(r#"{"lots": ["A1"]}"#).contains("which device"));
        let stem = r#""identifier": "09521001000123""#;
        let uneven = r#""lot_ranges": [{"from": "998", "to": "1204"}]"#;
        assert!(refused(&format!("{{{stem}, {uneven}}}")).contains("998"));
        let back = r#""expiry_ranges": [{"from": "2027-03-01", "to": "2027-02-27"}]"#;
        assert!(refused(&format!("{{{stem}, {back}}}")).contains("2027-03-01"));
    }
}
