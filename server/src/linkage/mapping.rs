//! Which column of a file means what: written as TOML, or one of those that are built in.

use std::collections::BTreeMap;
use std::path::Path;

use figment::Figment;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;

use crate::error::Problem;
use crate::outcomes::model::OutcomeKind;

/// The mappings that are built in: name, and text. Whoever's extract differs copies one and changes it.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("hes-apc", include_str!("../../../fixtures/outcomes/hes-apc.toml")),
    ("ons-deaths", include_str!("../../../fixtures/outcomes/ons-deaths.toml")),
    ("proms", include_str!("../../../fixtures/outcomes/proms.toml")),
];

/// Which column means what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What every line is; where lines differ, the column `kind` says it.
    #[serde(default)]
    pub kind: Option<OutcomeKind>,
    /// How days are written, such as `%Y-%m-%d` or `%d/%m/%Y`.
    #[serde(default = "iso")]
    pub date_format: String,
    /// What stands between two cells.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// The heading of each column.
    pub columns: Columns,
    /// Side: what is written, and what it means (`left`, `right`, `bilateral`). Empty cells say nothing.
    #[serde(default)]
    pub sides: BTreeMap<String, String>,
    /// Reason, cause or complication: what a code begins with, and what it means. The longest beginning counts.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// Only lines in which one of these columns begins with one of these texts are read; others are passed over and counted.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
}

/// Headings of columns; those not named are not read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The NHS number.
    pub nhs_number: String,
    /// The day.
    pub date: String,
    /// What kind of outcome, where lines differ.
    pub kind: Option<String>,
    /// OPCS-4 code.
    pub procedure: Option<String>,
    /// Columns of which one may tell the side.
    #[serde(default)]
    pub side: Vec<String>,
    /// Reason, cause, complication or questionnaire.
    pub code: Option<String>,
    /// More in words.
    pub detail: Option<String>,
    /// A score.
    pub score: Option<String>,
}

fn iso() -> String {
    "%Y-%m-%d".to_owned()
}

fn comma() -> char {
    ','
}

impl Mapping {
    /// The built-in mapping of this name, or the one in this file.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be used.
    pub fn named(name: &str) -> Result<Self, Problem> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
            return Self::read(text);
        }
        let names = BUILT_IN.map(|(name, _)| name).join(", ");
        let text = std::fs::read_to_string(Path::new(name)).map_err(|error| {
            Problem::invalid(format!("\"{name}\" is no mapping: it is neither {names} nor a file that can be read."))
                .because(error)
        })?;
        Self::read(&text)
    }

    /// From its text.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be used.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let mapping: Self = Figment::from(Toml::string(text))
            .extract()
            .map_err(|error| Problem::invalid(format!("The mapping cannot be used: {error}.")))?;
        if mapping.kind.is_none() == mapping.columns.kind.is_none() {
            return Err(Problem::invalid(
                "The mapping is to say what its lines are: either kind = \"revision\", or the column in columns.kind.",
            ));
        }
        if !mapping.delimiter.is_ascii() {
            return Err(Problem::invalid("The mapping's delimiter is to be one ASCII character."));
        }
        if let Some(wrong) =
            mapping.sides.values().find(|side| side.parse::<crate::theatre::model::OperatedSide>().is_err())
        {
            return Err(Problem::invalid(format!("The mapping's side \"{wrong}\" is none: left, right or bilateral.")));
        }
        Ok(mapping)
    }

    /// What a code means: that of the longest beginning, or itself.
    pub fn code(&self, written: &str) -> String {
        let fits = self.codes.iter().filter(|(start, _)| written.starts_with(start.as_str()));
        fits.max_by_key(|(start, _)| start.len()).map_or_else(|| written.to_owned(), |(_, means)| means.clone())
    }
}
