//! Notices read for a person: over HTTP, and on the page where a recall is entered. Nothing that is read here is kept.

use std::collections::HashMap;

use actix_web::{HttpResponse, post, web};
use chrono::{Datelike as _, Utc};
use serde::{Deserialize, Serialize};
use tessera_scanner::recall_notice::{NoticeReading, read};
use utoipa::ToSchema;

use super::draft::{Draft, DraftLine, draft};
use super::gudid::{self, GudidRecords};
use super::openfda::{FdaDraft, OpenFda, drafts};
use super::pages::new_page;
use crate::access::{EnterRecall, Permit, SignedForm};
use crate::config::Config;
use crate::error::{Problem, ProblemDetails};
use crate::web::FieldError;
use crate::web::page_problem::{PageProblem, show};
use crate::web::recall::{CriterionRow, MOST_CRITERIA_ROWS, Piece, ReadLine, ReadingShown};

/// Longest notice, in bytes.
const LONGEST: usize = 500_000;
/// Lines shown one by one on the page.
const SHOWN: usize = 200;

/// A notice as somebody pasted it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Its words.
    text: String,
    /// The maker, for lines that name no device identifier.
    #[serde(default)]
    maker: Option<String>,
}

/// What was read, and what of it can be entered.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeAnswer {
    /// `di`, `ref`, `lot`, `serial`, `range`, `expiry`, `all`, `words`, `confidence`, `places` of each criterion.
    #[schema(value_type = Vec<Object>)]
    criteria: Vec<tessera_scanner::recall_notice::NoticeCriterion>,
    /// The same as lines that can be entered, ranges spelled out.
    #[serde(flatten)]
    draft: Draft,
}

fn reading_of(text: &str) -> Result<NoticeReading, Problem> {
    if text.len() > LONGEST {
        return Err(Problem::invalid(format!("A notice has up to {LONGEST} bytes; this one has {}.", text.len())));
    }
    Ok(read(text, Utc::now().year()))
}

/// Read the prose of a notice
///
/// Nothing is kept, and nothing acts: enter what is right, and let a second person confirm it.
#[utoipa::path(tag = "recalls", request_body = NoticeText, responses(
    (status = 200, body = NoticeAnswer), (status = 422, body = ProblemDetails)))]
#[post("/recalls/read")]
pub async fn read_notice(
    _permit: Permit<EnterRecall>,
    notice: web::Json<NoticeText>,
) -> Result<web::Json<NoticeAnswer>, Problem> {
    let reading = reading_of(&notice.text)?;
    let draft = draft(&reading, notice.maker.as_deref());
    Ok(web::Json(NoticeAnswer { criteria: reading.criteria, draft }))
}

/// Read recalls or enforcement reports of openFDA
#[utoipa::path(tag = "recalls", request_body = OpenFda, responses(
    (status = 200, body = Vec<FdaDraft>), (status = 422, body = ProblemDetails)))]
#[post("/recalls/read-openfda")]
pub async fn read_openfda(
    _permit: Permit<EnterRecall>,
    answer: web::Json<OpenFda>,
) -> Result<web::Json<Vec<FdaDraft>>, Problem> {
    drafts(answer.into_inner(), Utc::now().year()).map(web::Json)
}

/// Read device records of AccessGUDID
#[utoipa::path(tag = "recalls", request_body = GudidRecords, responses(
    (status = 200, body = Draft), (status = 422, body = ProblemDetails)))]
#[post("/recalls/read-gudid")]
pub async fn read_gudid(
    _permit: Permit<EnterRecall>,
    records: web::Json<GudidRecords>,
) -> Result<web::Json<Draft>, Problem> {
    gudid::draft(records.into_inner()).map(web::Json)
}

/// `POST /recalls/read`: the form comes back filled with what its text says.
#[post("/recalls/read")]
pub async fn post_read(
    config: web::Data<Config>,
    permit: Permit<EnterRecall>,
    form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let fields = form.0;
    let text = fields.get("text").map(String::as_str).unwrap_or_default();
    let reading = reading_of(text)?;
    let maker = fields.get("maker").map(|maker| maker.trim()).filter(|maker| !maker.is_empty());
    let draft = draft(&reading, maker);
    let rows = rows(&draft.lines);
    let errors = if rows.len() > MOST_CRITERIA_ROWS {
        let many = rows.len();
        let text = format!(
            "The text names {many} devices; the form holds {MOST_CRITERIA_ROWS}. Enter it through the interface for \
             programs, or in parts."
        );
        vec![FieldError { field: "text".to_owned(), text }]
    } else {
        Vec::new()
    };
    let mut page = new_page(&permit, &config, &fields, errors);
    page.criteria = CriterionRow::with_spare(rows);
    page.reading = Some(shown(text, &reading, &draft));
    show(&page)
}

/// Lines of one device and kind of units as one row of the form.
fn rows(lines: &[DraftLine]) -> Vec<CriterionRow> {
    let mut rows: Vec<CriterionRow> = Vec::new();
    for line in lines.iter().filter(|line| line.doubt.is_none()) {
        let form = &line.form;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let row = CriterionRow {
            identifier: text(&form.identifier),
            maker: text(&form.maker),
            reference: text(&form.reference),
            units: form.units.to_string(),
            values: text(&form.value),
        };
        let same = rows.iter_mut().find(|known| {
            (&known.identifier, &known.maker, &known.reference, &known.units)
                == (&row.identifier, &row.maker, &row.reference, &row.units)
        });
        match same {
            Some(known) if known.values.split(", ").all(|value| value != row.values) => {
                known.values = format!("{}, {}", known.values, row.values);
            }
            Some(_) => {}
            None => rows.push(row),
        }
    }
    rows
}

fn shown(text: &str, reading: &NoticeReading, draft: &Draft) -> ReadingShown {
    let tag = |line: &DraftLine| match line {
        DraftLine { doubt: Some(_), .. } => ("settle it", "nhsuk-tag--red"),
        DraftLine { confidence, .. } if *confidence >= 0.9 => ("sure", "nhsuk-tag--green"),
        DraftLine { confidence, .. } if *confidence >= 0.7 => ("likely", "nhsuk-tag--yellow"),
        _ => ("look closely", "nhsuk-tag--orange"),
    };
    let lines = draft.lines.iter().take(SHOWN).map(|line| {
        let (sure, tag) = tag(line);
        let form = &line.form;
        let units = match &form.value {
            Some(value) => format!("{} {value}", form.units),
            None if line.doubt.is_some() => "–".to_owned(),
            None => "all units".to_owned(),
        };
        ReadLine {
            device: [&form.identifier, &form.reference].into_iter().flatten().cloned().collect::<Vec<_>>().join(", "),
            units,
            words: line.words.clone(),
            sure: match line.doubt {
                Some(_) => sure.to_owned(),
                None => format!("{sure}, {:.0} %", line.confidence * 100.0),
            },
            tag,
            doubt: line.doubt.clone().unwrap_or_default(),
        }
    });
    ReadingShown {
        pieces: pieces(text, reading),
        lines: lines.collect(),
        more: draft.lines.len().saturating_sub(SHOWN),
        unread: reading.unread.clone(),
    }
}

/// The text cut where something was read.
fn pieces(text: &str, reading: &NoticeReading) -> Vec<Piece> {
    let mut places: Vec<(usize, usize)> = reading.criteria.iter().flat_map(|line| line.places.clone()).collect();
    places.sort_unstable();
    let characters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut piece = |from: usize, to: usize, read: bool| {
        if from < to {
            pieces.push(Piece { text: characters[from..to].iter().collect(), read });
        }
    };
    for (start, end) in places {
        piece(at, start, false);
        piece(start.max(at), end, true);
        at = at.max(end);
    }
    piece(at, characters.len(), false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_cut_where_something_was_read() {
        let text = "Stem é, UDI-DI 09521001000123, lots A1 and A2.";
        let pieces = pieces(text, &read(text, 2026));
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        let read: Vec<_> = pieces.iter().filter(|piece| piece.read).map(|piece| piece.text.as_str()).collect();
        assert_eq!(read, ["09521001000123", "A1", "A2"]);
    }

    #[test]
    fn lots_of_one_device_share_a_row() {
        let text = "UDI-DI 09521001000123, lots A1, A2. REF TC-1 all lots. UDI-DI 09521001000124 lot B1";
        let rows = rows(&draft(&read(text, 2026), None).lines);
        let told: Vec<_> =
            rows.iter().map(|r| (r.identifier.as_str(), r.reference.as_str(), r.values.as_str())).collect();
        assert_eq!(told, [("09521001000123", "", "A1, A2"), ("", "TC-1", "")]);
    }
}
