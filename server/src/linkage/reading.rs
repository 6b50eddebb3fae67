//! Reads a file of outcomes by its mapping: every line becomes a [`Line`], or is named with what is wrong in it.

use std::fmt;
use std::io::Read;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::mapping::Mapping;
use super::model::Line;
use crate::error::Problem;
use crate::outcomes::model::OutcomeKind;
use crate::theatre::model::{Opcs4, OperatedSide};

/// A line that cannot be used, without what identifies anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BadLine {
    /// Where it stands; the heading is line 1.
    pub line: usize,
    /// The column.
    pub column: String,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.column, self.why)
    }
}

/// A file, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRead {
    /// What can be used.
    pub lines: Vec<Line>,
    /// What cannot.
    pub bad: Vec<BadLine>,
    /// Lines that the mapping passes over.
    pub passed_over: usize,
}

/// Reads a file.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where a column of the mapping is missing. A line that is wrong is none: it is named.
pub fn read(file: impl Read, mapping: &Mapping, today: NaiveDate) -> Result<FileRead, Problem> {
    let delimiter = u8::try_from(mapping.delimiter).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(csv::Trim::All).from_reader(file);
    let heading: Vec<String> = reader
        .headers()
        .map_err(|error| Problem::invalid("The file's first line cannot be read as a heading.").because(error))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let place = Places::of(mapping, &heading)?;
    let mut out = FileRead::default();
    for (index, record) in reader.records().enumerate() {
        let number = index + 2;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                out.bad.push(BadLine {
                    line: number,
                    column: "the line".to_owned(),
                    why: format!("it is no CSV: {error}"),
                });
                continue;
            }
        };
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let wanted =
            place.only.iter().all(|(at, starts)| starts.iter().any(|start| cell(*at).starts_with(start.as_str())));
        if !wanted {
            out.passed_over += 1;
            continue;
        }
        match line(number, mapping, &place, cell, today) {
            Ok(line) => out.lines.push(line),
            Err((column, why)) => out.bad.push(BadLine { line: number, column, why }),
        }
    }
    Ok(out)
}

/// Where each column stands.
struct Places<'a> {
    nhs: usize,
    date: usize,
    kind: Option<usize>,
    procedure: Option<usize>,
    sides: Vec<usize>,
    code: Option<usize>,
    detail: Option<usize>,
    score: Option<usize>,
    only: Vec<(usize, &'a [String])>,
}

impl<'a> Places<'a> {
    fn of(mapping: &'a Mapping, heading: &[String]) -> Result<Self, Problem> {
        let find = |name: &str| {
            heading.iter().position(|there| there == name).ok_or_else(|| {
                Problem::invalid(format!("The file has no column \"{name}\"; its columns are {}.", heading.join(", ")))
            })
        };
        let maybe = |name: &Option<String>| name.as_deref().map(find).transpose();
        let columns = &mapping.columns;
        Ok(Self {
            nhs: find(&columns.nhs_number)?,
            date: find(&columns.date)?,
            kind: maybe(&columns.kind)?,
            procedure: maybe(&columns.procedure)?,
            sides: columns.side.iter().map(|name| find(name)).collect::<Result<_, _>>()?,
            code: maybe(&columns.code)?,
            detail: maybe(&columns.detail)?,
            score: maybe(&columns.score)?,
            only: mapping
                .only
                .iter()
                .map(|(name, starts)| Ok((find(name)?, starts.as_slice())))
                .collect::<Result<_, Problem>>()?,
        })
    }
}

type Wrong = (String, String);

fn line<'a>(
    number: usize,
    mapping: &Mapping,
    place: &Places<'_>,
    cell: impl Fn(usize) -> &'a str,
    today: NaiveDate,
) -> Result<Line, Wrong> {
    let columns = &mapping.columns;
    let wrong = |column: &str, why: String| (column.to_owned(), why);
    let given = |at: Option<usize>| at.map(&cell).filter(|text| !text.is_empty());
    let digits: String = cell(place.nhs).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let nhs = digits.parse().map_err(|_| {
        wrong(&columns.nhs_number, "it holds no NHS number (ten digits with a right check digit)".to_owned())
    })?;
    let on = NaiveDate::parse_from_str(cell(place.date), &mapping.date_format).map_err(|_| {
        wrong(&columns.date, format!("\"{}\" is no day written as {}", cell(place.date), mapping.date_format))
    })?;
    if on > today {
        return Err(wrong(&columns.date, format!("{on} is in the future")));
    }
    let kind = match (mapping.kind, given(place.kind)) {
        (Some(kind), _) => kind,
        (None, text) => text.unwrap_or_default().parse::<OutcomeKind>().map_err(|_| {
            let column = columns.kind.as_deref().unwrap_or_default();
            wrong(column, "it is none of revision, death, complication and prom".to_owned())
        })?,
    };
    let opcs4 = given(place.procedure)
        .map(|text| text.parse::<Opcs4>().map(|code| code.as_str().to_owned()))
        .transpose()
        .map_err(|error| wrong(columns.procedure.as_deref().unwrap_or_default(), error))?;
    let code = given(place.code).map(|text| mapping.code(text));
    let score = given(place.score)
        .map(|text| text.parse::<f64>().ok().filter(|score| score.is_finite()).ok_or(text))
        .transpose()
        .map_err(|text| wrong(columns.score.as_deref().unwrap_or_default(), format!("\"{text}\" is no number")))?;
    let detail = given(place.detail).map(str::to_owned);
    if kind == OutcomeKind::Prom && (score.is_none() || code.is_none()) {
        return Err(wrong("the line", "a score needs its questionnaire and its number".to_owned()));
    }
    if kind == OutcomeKind::Complication && code.is_none() {
        return Err(wrong("the line", "a complication needs its code or name".to_owned()));
    }
    for text in code.iter().chain(&detail) {
        if text.chars().count() > 400 {
            return Err(wrong("the line", "a text is longer than 400 characters".to_owned()));
        }
    }
    Ok(Line { number, nhs, kind, on, opcs4, side: side(mapping, place, cell)?, code, detail, score })
}

/// The first column that tells a side.
fn side<'a>(
    mapping: &Mapping,
    place: &Places<'_>,
    cell: impl Fn(usize) -> &'a str,
) -> Result<Option<OperatedSide>, Wrong> {
    for &at in &place.sides {
        let text = cell(at);
        let means = mapping.sides.get(text).map_or(text, String::as_str);
        match means.to_lowercase().parse::<OperatedSide>() {
            Ok(side) => return Ok(Some(side)),
            // Of several columns each may hold something else.
            Err(_) if text.is_empty() || place.sides.len() > 1 => {}
            Err(_) => return Err(("the side".to_owned(), format!("\"{text}\" is no side that the mapping knows"))),
        }
    }
    Ok(None)
}
