//! The report on a recall for the Central Alerting System and whoever else asks: what was done, by when, and what is left.

use chrono::NaiveDate;
use serde::Serialize;
use tessera_scanner::recall_match::Tier;
use tessera_scanner::verdict::london_date;
use utoipa::ToSchema;

use super::finding::FindingOutcome;
use super::opening::{Open, open};
use super::picture::Picture;
use super::site::Standing;
use super::stage::Stage;
use crate::error::Problem;
use crate::spreadsheet::written;
use crate::store::columns::Moment;

/// One site in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteReported {
    /// ODS code.
    pub site: String,
    /// Name.
    pub name: String,
    /// Deadline.
    pub due_on: NaiveDate,
    /// When it acknowledged.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub acknowledged_at: Option<Moment>,
    /// Days past the deadline without an answer; nothing where it answered or has time left.
    pub days_overdue: Option<i64>,
    /// Packs that should be there.
    pub expected: usize,
    /// Packs in hand.
    pub found: usize,
    /// Packs searched for in vain.
    pub unaccounted: usize,
    /// Packs in hand that no record had.
    pub unexpected: usize,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    /// The notice's own reference.
    pub reference: String,
    /// What is wrong.
    pub title: String,
    /// Who published it.
    pub source: String,
    /// How far the recall has come.
    pub stage: Stage,
    /// The status that the alerting system asks for: `Assessing relevance`, `Action required: ongoing`, `Action completed` or
    /// `Action not required`.
    pub status: &'static str,
    /// When it was entered.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub received_at: Moment,
    /// When a second person confirmed it.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub confirmed_at: Option<Moment>,
    /// When it was signed off.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub signed_off_at: Option<Moment>,
    /// Each site that was asked.
    pub sites: Vec<SiteReported>,
    /// Patients with a device that is meant for certain.
    pub patients_definite: usize,
    /// Patients with a device that is probably or possibly meant.
    pub patients_other: usize,
    /// Patients reached, declined or died.
    pub patients_settled: usize,
    /// SHA-256 of the latest frozen patient list.
    pub list_hash: Option<String>,
    /// What is open.
    pub open: Vec<Open>,
}

/// The report on a recall as it stands on this day.
pub fn report(picture: &Picture, today: NaiveDate) -> Report {
    let notice = &picture.recall.notice;
    let signed = picture.stages.iter().rev().find(|step| step.stage == Stage::SignedOff);
    let people = picture.people();
    let definite: std::collections::HashSet<_> =
        picture.uses.iter().filter(|one| one.in_patient && one.tier == Tier::Definite).map(|one| one.person).collect();
    Report {
        reference: notice.reference.clone(),
        title: notice.title.clone(),
        source: notice.source.clone(),
        stage: picture.stage,
        status: status(picture),
        received_at: notice.entered_at,
        confirmed_at: notice.confirmed_at,
        signed_off_at: signed.filter(|_| picture.stage == Stage::SignedOff).map(|step| step.entered_at),
        sites: picture.sites.iter().map(|site| reported(picture, site, today)).collect(),
        patients_definite: definite.len(),
        patients_other: people.len() - definite.len(),
        patients_settled: people.len() - picture.waiting().len(),
        list_hash: picture.frozen.as_ref().map(|list| list.hash.clone()),
        open: open(picture, today),
    }
}

fn status(picture: &Picture) -> &'static str {
    let concerned = !picture.uses.is_empty() || !picture.shelves.is_empty() || !picture.findings.is_empty();
    match picture.stage {
        Stage::Received => "Assessing relevance",
        Stage::Confirmed | Stage::UnderWay => "Action required: ongoing",
        Stage::SignedOff | Stage::Closed if concerned => "Action completed",
        Stage::SignedOff | Stage::Closed => "Action not required",
    }
}

fn reported(picture: &Picture, site: &super::site::SiteAsked, today: NaiveDate) -> SiteReported {
    let code = &site.site_code;
    let packs = |outcome| {
        let mine = picture.findings.iter().filter(|one| one.site_code == *code && one.outcome == outcome);
        mine.map(|one| usize::try_from(one.quantity).unwrap_or_default()).sum()
    };
    let expected = picture.shelves.iter().filter(|line| line.expected.site == *code);
    SiteReported {
        site: code.clone(),
        name: picture.site(code).to_owned(),
        due_on: site.due_on,
        acknowledged_at: site.acknowledged_at,
        days_overdue: match site.standing(today) {
            Standing::Overdue(days) => Some(days),
            _ => None,
        },
        expected: expected.map(|line| usize::try_from(line.expected.quantity).unwrap_or_default()).sum(),
        found: packs(FindingOutcome::Found),
        unaccounted: packs(FindingOutcome::Unaccounted),
        unexpected: packs(FindingOutcome::Unexpected),
    }
}

impl Report {
    /// The report as CSV: a line for each fact, then a line for each site.
    ///
    /// # Errors
    /// [`Code::Internal`](crate::error::Code::Internal) where it cannot be written.
    pub fn csv(&self) -> Result<String, Problem> {
        let on = |moment: Option<Moment>| moment.map(|at| london_date(at.utc()).to_string()).unwrap_or_default();
        let mut rows: Vec<Vec<String>> = [
            ("reference", self.reference.clone()),
            ("title", self.title.clone()),
            ("source", self.source.clone()),
            ("status", self.status.to_owned()),
            ("stage", self.stage.to_string()),
            ("received", on(Some(self.received_at))),
            ("confirmed", on(self.confirmed_at)),
            ("signed off", on(self.signed_off_at)),
            ("patients, definite", self.patients_definite.to_string()),
            ("patients, probable or possible", self.patients_other.to_string()),
            ("patients settled", self.patients_settled.to_string()),
            ("hash of the frozen patient list", self.list_hash.clone().unwrap_or_default()),
        ]
        .into_iter()
        .map(|(name, value)| vec!["fact".to_owned(), name.to_owned(), value])
        .collect();
        rows.extend(self.open.iter().map(|one| vec!["open".to_owned(), String::new(), one.text.clone()]));
        for site in &self.sites {
            rows.push(vec![
                "site".to_owned(),
                format!("{} ({})", site.name, site.site),
                on(site.acknowledged_at),
                site.due_on.to_string(),
                site.days_overdue.map(|days| days.to_string()).unwrap_or_default(),
                site.expected.to_string(),
                site.found.to_string(),
                site.unaccounted.to_string(),
                site.unexpected.to_string(),
            ]);
        }
        let head = [
            "kind",
            "what",
            "value or acknowledged",
            "due",
            "days overdue",
            "expected",
            "found",
            "unaccounted",
            "unexpected",
        ];
        written(&head, rows)
    }
}
