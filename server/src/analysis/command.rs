//! `tessera analyse`: the registry's own estimators on any CSV file, for an analyst who wants to check us or to use them.
//!
//! The JSON of `--json` is a contract: field names, order of groups and `null` for what is not defined do not change.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use super::competing::{Unavailable, Variance, aalen_johansen};
use super::life_table::LifeTable;
use super::logrank::log_rank;
use super::rates::Rate;
use super::survival::{Confidence, Curve, Scale, kaplan_meier};
use table::{Group, read};

mod table;

/// Analyses a CSV file with the registry's estimators.
#[derive(Clone, Debug, clap::Args)]
pub struct AnalyseArgs {
    #[command(subcommand)]
    estimator: Estimator,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Estimator {
    /// Kaplan–Meier survival, as R's `survfit`.
    Km {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        curve: CurveOptions,
    },
    /// Aalen–Johansen cumulative incidence; the event column holds 0 (censored), 1, 2, …
    Aj {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        curve: CurveOptions,
        /// Which standard error: the infinitesimal jackknife (R survfit) or Aalen's (cmprsk).
        #[arg(long, value_enum, default_value_t)]
        variance: Variance,
    },
    /// Log-rank test between the groups of --by.
    Logrank {
        #[command(flatten)]
        columns: Columns,
    },
    /// Events per 100 units of time, with the exact Poisson interval.
    Rate {
        #[command(flatten)]
        columns: Columns,
    },
}

#[derive(Clone, Debug, clap::Args)]
struct Columns {
    /// The file: comma-separated, with a header.
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Column of the time observed.
    #[arg(long, value_name = "COL")]
    time: String,
    /// Column of the event; COL=VALUE counts that value, everything else (and empty) is censored.
    #[arg(long, value_name = "COL[=VALUE]")]
    event: String,
    /// Column of the time of entry, where observation began late.
    #[arg(long, value_name = "COL")]
    entry: Option<String>,
    /// Column whose values make the groups.
    #[arg(long, value_name = "COL")]
    by: Option<String>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
struct CurveOptions {
    /// Times at which to read the curve, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "T,T…")]
    times: Vec<f64>,
    /// Scale of the 95 % interval.
    #[arg(long, value_enum, default_value_t)]
    conf: Scale,
}

/// Why an analysis could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    /// The file is not there, or is no CSV.
    #[error("{path}: {cause}")]
    File {
        /// As given.
        path: String,
        /// What the reader said.
        cause: csv::Error,
    },
    /// No such column.
    #[error("no column {name:?}; the file has: {columns}")]
    NoColumn {
        /// As given.
        name: String,
        /// What there is.
        columns: String,
    },
    /// A value that cannot be understood.
    #[error("line {line}, column {column:?}: {value:?} is not {expected}")]
    Value {
        /// In the file, the header being line 1.
        line: u64,
        /// Which column.
        column: String,
        /// As it stands there.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Nothing to analyse.
    #[error("{0}: no row has a time")]
    Empty(String),
    /// A test compares groups.
    #[error("a log-rank test compares groups: name their column with --by (it has {0} here)")]
    OneGroup(usize),
    /// The estimator cannot be had on such data.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The answer could not be written.
    #[error("could not write the answer: {0}")]
    Write(#[from] std::io::Error),
}

/// Runs the analysis and prints its answer.
///
/// # Errors
/// If the file cannot be read or understood, or the answer cannot be written.
pub fn run(args: &AnalyseArgs) -> Result<(), AnalyseError> {
    use std::io::Write as _;
    let text = answer(args)?;
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

/// The answer as text: JSON on one line, or a table.
///
/// # Errors
/// If the file cannot be read or understood.
pub fn answer(args: &AnalyseArgs) -> Result<String, AnalyseError> {
    let (columns, value) = match &args.estimator {
        Estimator::Km { columns, curve } => (columns, per_group(&read(columns, 1)?, |group| Ok(km(group, curve)))?),
        Estimator::Aj { columns, curve, variance } => {
            (columns, per_group(&read(columns, usize::MAX)?, |group| aj(group, curve, *variance))?)
        }
        Estimator::Rate { columns } => (columns, per_group(&read(columns, usize::MAX)?, |group| Ok(rate(group)))?),
        Estimator::Logrank { columns } => (columns, test(&read(columns, 1)?)?),
    };
    if columns.json { Ok(format!("{value}\n")) } else { Ok(in_words(&value)) }
}

fn per_group(groups: &[Group], one: impl Fn(&Group) -> Result<Value, AnalyseError>) -> Result<Value, AnalyseError> {
    let mut out = Vec::new();
    for group in groups {
        let mut value = json!({ "group": group.name, "n": group.rows.len() });
        if let (Value::Object(whole), Value::Object(part)) = (&mut value, one(group)?) {
            whole.extend(part);
        }
        out.push(value);
    }
    Ok(json!({ "groups": out }))
}

fn km(group: &Group, options: &CurveOptions) -> Value {
    let curve = kaplan_meier(&LifeTable::from_observations(&group.rows, 1), 1, options.conf.into());
    let mut out = json!({ "curve": columns(&curve) });
    if !options.times.is_empty() {
        out["at"] = columns(&Curve::at(&curve, &ascending(&options.times)));
    }
    out
}

fn aj(group: &Group, options: &CurveOptions, variance: Variance) -> Result<Value, AnalyseError> {
    let table = LifeTable::from_observations(&group.rows, group.causes);
    let (mut states, mut at) = (json!({}), json!({}));
    for cause in 1..=group.causes {
        let incidence = aalen_johansen(&table, cause, variance, Confidence::from(options.conf))?;
        at[cause.to_string()] = columns(&incidence.at(&ascending(&options.times)));
        states[cause.to_string()] = columns(&incidence);
    }
    let mut out = json!({ "states": states });
    if !options.times.is_empty() {
        out["at"] = at;
    }
    Ok(out)
}

/// Rows may be single devices (0 or 1 event each) or sums of many: the column is added up.
fn rate(group: &Group) -> Value {
    let events = group.rows.iter().map(|row| u64::try_from(row.cause).unwrap_or(u64::MAX)).fold(0, u64::saturating_add);
    let from = |entry: f64| if entry.is_finite() { entry } else { 0.0 };
    columns(&Rate::per_hundred(events, group.rows.iter().map(|row| row.time - from(row.entry)).sum(), 0.95))
}

fn test(groups: &[Group]) -> Result<Value, AnalyseError> {
    if groups.len() < 2 {
        return Err(AnalyseError::OneGroup(groups.len()));
    }
    Ok(columns(&log_rank(&groups.iter().map(|group| group.rows.clone()).collect::<Vec<_>>())))
}

fn columns(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("a struct of numbers and arrays is always JSON")
}

fn ascending(times: &[f64]) -> Vec<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times
}

/// The same answer as a table for a person: curves at the times asked for, or whole.
fn in_words(value: &Value) -> String {
    let mut out = String::new();
    let Some(groups) = value["groups"].as_array() else {
        lay_out(&mut out, value);
        return out;
    };
    for group in groups {
        let _ = writeln!(out, "{} (n = {})", group["group"].as_str().unwrap_or_default(), group["n"]);
        let part = ["at", "curve", "states"].iter().map(|name| &group[*name]).find(|part| !part.is_null());
        match part {
            Some(states) if states["time"].is_null() => {
                for (state, table) in states.as_object().into_iter().flatten() {
                    let _ = writeln!(out, "  cause {state}");
                    lay_out(&mut out, table);
                }
            }
            Some(table) => lay_out(&mut out, table),
            None => lay_out(&mut out, group),
        }
        out.push('\n');
    }
    out
}

/// Arrays side by side under their names; single values one below the other.
fn lay_out(out: &mut String, table: &Value) {
    let number = |value: &Value| match value.as_f64() {
        Some(x) if x.fract() == 0.0 && x.abs() < 1e15 => format!("{x:.0}"),
        Some(x) => format!("{x:.6}"),
        None => "–".to_owned(),
    };
    let order = ["time", "n_risk", "n_event", "n_censor", "surv", "est", "se", "lower", "upper"];
    let arrays: Vec<_> = order.iter().filter_map(|name| Some((*name, table[*name].as_array()?))).collect();
    if let Some((_, first)) = arrays.first() {
        for (name, _) in &arrays {
            let _ = write!(out, "{name:>10}");
        }
        out.push('\n');
        for row in 0..first.len() {
            for (_, column) in &arrays {
                let _ = write!(out, "{:>10}", number(&column[row]));
            }
            out.push('\n');
        }
        return;
    }
    for (name, value) in table.as_object().into_iter().flatten() {
        if let Some(column) = value.as_array() {
            let line: Vec<String> = column.iter().map(number).collect();
            let _ = writeln!(out, "{name:>10}  {}", line.join("  "));
        } else if value.is_number() || value.is_null() {
            let _ = writeln!(out, "{name:>10}  {}", number(value));
        }
    }
}

#[cfg(test)]
mod tests;
