//! A CSV file as groups of observations.

use std::collections::BTreeMap;

use super::{AnalyseError, Columns};
use crate::analysis::life_table::Observation;

/// The rows of one value of the grouping column.
pub(super) struct Group {
    /// `sex=1`, or `all`.
    pub name: String,
    pub rows: Vec<Observation>,
    /// The highest cause in the file, the same for every group.
    pub causes: usize,
}

/// Reads the file. Rows without a time or a group are left out, as R does.
///
/// `highest` is the largest event code that makes sense: 1 for an estimator of one event.
pub(super) fn read(columns: &Columns, highest: usize) -> Result<Vec<Group>, AnalyseError> {
    let path = columns.csv.display().to_string();
    let file = |cause| AnalyseError::File { path: path.clone(), cause };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(&columns.csv).map_err(file)?;
    let header = reader.headers().map_err(file)?.clone();
    let find = |name: &str| {
        header.iter().position(|column| column == name).ok_or_else(|| AnalyseError::NoColumn {
            name: name.to_owned(),
            columns: header.iter().collect::<Vec<_>>().join(", "),
        })
    };
    let event = Event::parse(&columns.event, &find)?;
    let time = find(&columns.time)?;
    let entry = columns.entry.as_deref().map(&find).transpose()?;
    let by = columns.by.as_deref().map(&find).transpose()?;

    let mut rows: BTreeMap<String, Vec<Observation>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(file)?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = |column: usize| record.get(column).filter(|text| !missing(text));
        let number = |column: usize| {
            text(column).map(|text| {
                text.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| AnalyseError::Value {
                    line,
                    column: header[column].to_owned(),
                    value: text.to_owned(),
                    expected: "a number",
                })
            })
        };
        let level = match by {
            None => Some("all"),
            Some(column) => text(column),
        };
        let start = match entry {
            None => Some(f64::NEG_INFINITY),
            Some(column) => number(column).transpose()?,
        };
        let (Some(level), Some(entry), Some(time)) = (level, start, number(time).transpose()?) else { continue };
        let cause =
            event.cause(text(event.column)).filter(|&cause| cause <= highest).ok_or_else(|| AnalyseError::Value {
                line,
                column: header[event.column].to_owned(),
                value: text(event.column).unwrap_or_default().to_owned(),
                expected: if highest == 1 { "0 or 1; name the value to count as COLUMN=VALUE" } else { "0, 1, 2, …" },
            })?;
        rows.entry(level.to_owned()).or_default().push(Observation { entry, time, cause });
    }
    if rows.is_empty() {
        return Err(AnalyseError::Empty(path));
    }
    let causes = rows.values().flatten().map(|row| row.cause).max().unwrap_or(0);
    Ok(in_order(rows)
        .into_iter()
        .map(|(level, rows)| Group {
            name: columns.by.as_ref().map_or_else(|| level.clone(), |by| format!("{by}={level}")),
            rows,
            causes,
        })
        .collect())
}

fn missing(text: &str) -> bool {
    text.is_empty() || text == "NA"
}

/// Numbers by their value ("9" before "10"), texts by the alphabet.
fn in_order(rows: BTreeMap<String, Vec<Observation>>) -> Vec<(String, Vec<Observation>)> {
    let mut rows: Vec<_> = rows.into_iter().collect();
    if rows.iter().all(|(level, _)| level.parse::<f64>().is_ok()) {
        rows.sort_by(|a, b| a.0.parse().unwrap_or(f64::NAN).total_cmp(&b.0.parse().unwrap_or(f64::NAN)));
    }
    rows
}

/// Which column tells the event, and which of its values counts.
struct Event {
    column: usize,
    value: Option<String>,
}

impl Event {
    fn parse(text: &str, find: &impl Fn(&str) -> Result<usize, AnalyseError>) -> Result<Self, AnalyseError> {
        match text.split_once('=') {
            Some((column, value)) => Ok(Self { column: find(column)?, value: Some(value.to_owned()) }),
            None => Ok(Self { column: find(text)?, value: None }),
        }
    }

    /// The cause that the value stands for: 0 for censored; None if it is no code.
    fn cause(&self, value: Option<&str>) -> Option<usize> {
        let Some(value) = value else { return Some(0) };
        match &self.value {
            Some(wanted) => Some(usize::from(same(value, wanted))),
            None if value.eq_ignore_ascii_case("true") => Some(1),
            None if value.eq_ignore_ascii_case("false") => Some(0),
            None => value.parse().ok().or_else(|| whole(value)),
        }
    }
}

/// The text itself, or the same number written otherwise.
fn same(value: &str, wanted: &str) -> bool {
    value == wanted || value.parse::<f64>().is_ok_and(|v| wanted.parse::<f64>().is_ok_and(|w| v.total_cmp(&w).is_eq()))
}

/// `2.0` is 2 to whoever exported the file.
fn whole(value: &str) -> Option<usize> {
    value
        .split_once('.')
        .filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0'))
        .and_then(|(digits, _)| digits.parse().ok())
}
