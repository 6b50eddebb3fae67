//! A CSV file of lots and serials, line by line.
//!
//! | column | also called |
//! |---|---|
//! | `identifier` | `di`, `udi_di`, `udi-di`, `gtin`, `primary_di` |
//! | `issuer` | `agency` |
//! | `maker` | `manufacturer`, `firm` |
//! | `reference` | `ref`, `catalogue_number`, `catalog_number`, `model` |
//! | `lot` | `lot_number`, `batch`, `batch_number` |
//! | `serial` | `serial_number`, `sn` |
//! | `expiry` | `expiry_date`, `expiration_date`, `exp` |
//! | `manufacture` | `manufacture_date`, `manufacturing_date` |
//!
//! A line names one unit: a serial, else a lot, else dates; without any of them all units of its device are meant, which has to be said
//! by `all` in the column `units`. A lot beside a serial belongs to the serial.

use std::io::Read;

use serde::Serialize;
use tessera_scanner::recall_match::Criterion;
use utoipa::ToSchema;

use crate::catalogue::model::Agency;
use crate::error::{Code, Problem};
use crate::recalls::criteria::{CriterionForm, UnitKind};

/// What lines mean that do not say it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The device identifier.
    pub identifier: Option<String>,
    /// The maker.
    pub maker: Option<String>,
    /// The catalogue number.
    pub reference: Option<String>,
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BadLine {
    /// Its number in the file; the heading is line 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

const COLUMNS: [(&str, &[&str]); 9] = [
    ("identifier", &["di", "udi_di", "gtin", "primary_di"]),
    ("issuer", &["agency"]),
    ("maker", &["manufacturer", "firm"]),
    ("reference", &["ref", "catalogue_number", "catalog_number", "model"]),
    ("units", &[]),
    ("lot", &["lot_number", "batch", "batch_number"]),
    ("serial", &["serial_number", "sn"]),
    ("expiry", &["expiry_date", "expiration_date", "exp"]),
    ("manufacture", &["manufacture_date", "manufacturing_date"]),
];

/// The lines of a file, one after the other.
pub struct Lines<R> {
    reader: csv::Reader<R>,
    columns: [Option<usize>; COLUMNS.len()],
    defaults: Defaults,
    record: csv::StringRecord,
}

impl<R> std::fmt::Debug for Lines<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl<R: Read> Lines<R> {
    /// Reads the heading.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] where there is none, a column is not known or stands twice, or no column names a unit.
    pub fn new(source: R, defaults: Defaults) -> Result<Self, Problem> {
        let mut reader = csv::ReaderBuilder::new().flexible(false).trim(csv::Trim::All).from_reader(source);
        let heading = reader
            .headers()
            .map_err(|error| Problem::new(Code::InvalidInput, format!("The heading cannot be read: {error}.")))?
            .clone();
        let mut columns = [None; COLUMNS.len()];
        for (place, written) in heading.iter().enumerate() {
            let name = written.trim_start_matches('\u{feff}').trim().to_lowercase().replace([' ', '-'], "_");
            let known = COLUMNS.iter().position(|(own, others)| *own == name || others.contains(&name.as_str()));
            let Some(column) = known else {
                let known: Vec<_> = COLUMNS.iter().map(|(own, _)| *own).collect();
                return Err(Problem::invalid(format!(
                    "The column \"{written}\" is not known. Known are {}.",
                    known.join(", ")
                )));
            };
            if columns[column].replace(place).is_some() {
                return Err(Problem::invalid(format!(
                    "The column \"{written}\" says what another column says already."
                )));
            }
        }
        if columns[4..].iter().all(Option::is_none) {
            return Err(Problem::invalid("A column lot, serial, expiry, manufacture or units is wanted."));
        }
        Ok(Self { reader, columns, defaults, record: csv::StringRecord::new() })
    }

    fn criterion(&self) -> Result<Criterion, Problem> {
        let cell = |column: usize| {
            let text = self.columns[column].and_then(|place| self.record.get(place)).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let issuer: Option<Agency> = cell(1)
            .map(|word| word.parse())
            .transpose()
            .map_err(|error: String| Problem::invalid(format!("{error}.")))?;
        let identifier = cell(0).or_else(|| self.defaults.identifier.clone());
        let all = cell(4);
        if let Some(word) = all.as_deref().filter(|word| *word != "all") {
            return Err(Problem::invalid(format!("The column units may say all, not \"{word}\".")));
        }
        let (units, value) = match (cell(6), cell(5), cell(7), cell(8)) {
            (Some(serial), ..) => (UnitKind::Serial, Some(serial)),
            (None, Some(lot), ..) => (UnitKind::Lot, Some(lot)),
            (None, None, Some(expiry), _) => (UnitKind::Expiry, Some(expiry)),
            (None, None, None, Some(made)) => (UnitKind::Manufacture, Some(made)),
            (None, None, None, None) if all.is_some() => (UnitKind::All, None),
            (None, None, None, None) => {
                return Err(Problem::invalid(
                    "The line names no lot, serial or date; say all in the column units if every unit is meant.",
                ));
            }
        };
        CriterionForm {
            issuer: issuer.or_else(|| identifier.as_deref().map(super::super::draft::agency_of)),
            identifier,
            maker: cell(2).or_else(|| self.defaults.maker.clone()),
            reference: cell(3).or_else(|| self.defaults.reference.clone()),
            units,
            value,
        }
        .checked()
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Criterion, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.reader.position().line();
        match self.reader.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => {
                let line = self.record.position().map_or(line, csv::Position::line);
                Some(self.criterion().map_err(|problem| BadLine { line, why: problem.detail().to_owned() }))
            }
            Err(error) => {
                let line = error.position().map_or(line, csv::Position::line);
                let why = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("The line has {len} cells, the heading {expected_len}.")
                    }
                    csv::ErrorKind::Utf8 { .. } => "The line is not UTF-8.".to_owned(),
                    _ => format!("{error}."),
                };
                Some(Err(BadLine { line, why }))
            }
        }
    }
}
