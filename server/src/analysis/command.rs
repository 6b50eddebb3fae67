//! `tessera analyse`: the registry's own estimators on any CSV file, for an analyst who wants to check us or to use them.
//!
//! The JSON of `--json` is a contract: field names, order of groups and `null` for what is not defined do not change.
//!
//! - `km`: `{"groups": [{"group", "n", "curve": {time, n_risk, n_event, n_censor, surv, se, lower, upper}, "at": {the same}}]}`, `at`
//!   only with `--times`; with `--quantiles` and `--rmean` also `quantiles: {p, q, lower, upper}` and `rmean: {until, mean, se}`
//! - `aj`: the same with `"states": {"1": {time, est, se, lower, upper}, …}` for `curve`, and `at` by cause alike
//! - `logrank`: `{n, obs, exp, chisq, df, p}`; with `--trend` also `trend: {chisq, df, p}`
//! - `gray`: `{groups, n, causes: {"1": {chisq, df, p, score}, …}}`
//! - `cox`, `finegray`: `{names, coef, se, loglik: [null, fitted], n, nevent, …}`
//! - `rate`: `{"groups": [{group, n, events, time, rate, lower, upper}]}` per 100
//! - `funnel`: `{"groups": [{group, n, observed, expected, ratio, lower, upper, p, limits: {lower95, upper95, lower998, upper998}}],
//!   overdispersion: {phi, present, tau_squared}}`
//! - `cusum`: `{"groups": [{group, n, time, risk, w, cusum, signals, limit}], odds_ratio}`
//!
//! Rows without a time, group, stratum, entry or covariate are left out, as R's `na.omit` does, and so are rows that enter when they
//! leave; how many, `omitted` says where there are any. An empty event is censored.

use serde_json::{Value, json};

use super::cusum::RiskAdjusted;
pub use options::AnalyseArgs;
use options::{Columns, Estimator};
use table::{Data, Wanted, read};

mod answers;
mod options;
mod order;
mod table;
mod words;

/// Why an analysis could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    /// The file is not there, or is no CSV.
    #[error("{path}: {what}")]
    File {
        /// As given.
        path: String,
        /// What is the matter with it, and what to do.
        what: String,
    },
    /// No such column.
    #[error("no column {name:?}; {there}")]
    NoColumn {
        /// As given.
        name: String,
        /// What there is.
        there: String,
    },
    /// Which of the two?
    #[error("two columns are called {0:?}: give one of them another name")]
    TwoColumns(String),
    /// A covariate that says nothing.
    #[error(
        "column {column:?} is {level:?} in every row, so it has no effect to estimate: leave it out of --covariates"
    )]
    OneLevel {
        /// The covariate.
        column: String,
        /// The one level that it has.
        level: String,
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
    #[error(
        "{path}: none of its {rows} rows can be used: each lacks a value in a column that was asked for, or enters when it leaves"
    )]
    Empty {
        /// The file.
        path: String,
        /// How many rows it has.
        rows: u64,
    },
    /// A test compares groups.
    #[error("a test compares groups: name their column with --by (it has {0} here)")]
    OneGroup(usize),
    /// A model has no groups.
    #[error("a model has no groups: leave out --by, and name the column in --covariates or, for cox, in --strata")]
    NoGroups,
    /// Not with late entry.
    #[error("{0} is not offered for those who enter late: leave out --entry")]
    NoLateEntry(&'static str),
    /// Not with exact ties.
    #[error("Fine & Gray's model has no exact ties: choose --ties efron or breslow")]
    NoExactTies,
    /// Nobody has this cause.
    #[error("no row has cause {cause}: the causes in the file are 1 to {highest}")]
    NoSuchCause {
        /// As asked for.
        cause: usize,
        /// The highest in the file.
        highest: usize,
    },
    /// A number that makes no sense here.
    #[error("{option} {value} cannot be used: {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// Its value.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// The answer could not be written.
    #[error("could not write the answer: {0}")]
    Write(#[from] std::io::Error),
}

impl AnalyseError {
    /// What the reader of the file said, in plain words.
    fn of_csv(path: &str, cause: &csv::Error) -> Self {
        let line = cause.position().map_or(0, csv::Position::line);
        let what = match cause.kind() {
            csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                "there is no such file".to_owned()
            }
            csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::IsADirectory => {
                "this is a folder, not a file".to_owned()
            }
            csv::ErrorKind::Utf8 { .. } => format!("line {line} is not text in UTF-8: save the file as CSV in UTF-8"),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!(
                "line {line} has {len} fields where the header has {expected_len}: put fields that hold a comma into quotes"
            ),
            _ => cause.to_string(),
        };
        Self::File { path: path.to_owned(), what }
    }

    fn no_column(name: &str, header: &[String]) -> Self {
        let there = match header {
            [] => "the file is empty".to_owned(),
            [one] if one.contains([';', '\t']) => {
                format!("the file's only column is {one:?}: fields are to be separated by commas")
            }
            all => format!("the file has: {}", all.join(", ")),
        };
        Self::NoColumn { name: name.to_owned(), there }
    }
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
    let (columns, omitted, mut value) = analysed(&args.estimator)?;
    if omitted > 0 {
        value["omitted"] = json!(omitted);
    }
    if columns.json { Ok(format!("{value}\n")) } else { Ok(words::in_words(&value)) }
}

fn analysed(estimator: &Estimator) -> Result<(&Columns, u64, Value), AnalyseError> {
    let one = Wanted { highest: 1, ..Wanted::default() };
    let many = Wanted { highest: usize::MAX, ..Wanted::default() };
    let done = |columns, data: &Data, value| Ok((columns, data.omitted, value));
    match estimator {
        Estimator::Km { columns, curve, quantiles, rmean } => {
            within("--quantiles", quantiles, |p| (0.0..=1.0).contains(&p), "a share is from 0 to 1")?;
            let data = read(columns, one)?;
            let value = answers::per_group(&data, |rows| answers::km(rows, curve, quantiles, *rmean));
            done(columns, &data, value)
        }
        Estimator::Aj { columns, curve, variance } => {
            let data = read(columns, many)?;
            let value = answers::per_group(&data, |rows| answers::aj(rows, data.causes, curve, *variance));
            done(columns, &data, value)
        }
        Estimator::Rate { columns } => {
            let data = read(columns, many)?;
            let value = answers::per_group(&data, answers::rate);
            done(columns, &data, value)
        }
        Estimator::Logrank { columns, strata, rho, trend } => {
            let data = read(columns, Wanted { strata: strata.strata.as_deref(), ..one })?;
            let value = answers::log_rank(&data, *rho, *trend)?;
            done(columns, &data, value)
        }
        Estimator::Gray { columns, strata, rho } => {
            let data = read(columns, Wanted { strata: strata.strata.as_deref(), ..many })?;
            let value = answers::gray(&data, *rho)?;
            done(columns, &data, value)
        }
        Estimator::Cox { columns, strata, covariates, ties, cluster, zph, baseline } => {
            no_groups(columns)?;
            let names = &covariates.covariates;
            let (strata, cluster) = (strata.strata.as_deref(), cluster.as_deref());
            let data = read(columns, Wanted { strata, cluster, covariates: names, ..one })?;
            let options = answers::CoxOptions { names, ties: *ties, zph: *zph, baseline: *baseline };
            let value = answers::cox(&data, &options)?;
            done(columns, &data, value)
        }
        Estimator::Finegray { columns, covariates, cause, ties } => {
            no_groups(columns)?;
            let names = &covariates.covariates;
            let data = read(columns, Wanted { covariates: names, ..many })?;
            let value = answers::fine_gray(&data, names, *cause, *ties)?;
            done(columns, &data, value)
        }
        Estimator::Funnel { columns, strata, expected } => {
            let (strata, number) = (strata.strata.as_deref(), expected.as_deref());
            let data = read(columns, Wanted { strata, number, ..many })?;
            let counts: Vec<f64> = data.rows.iter().map(|row| row.number).collect();
            within("--expected", &counts, |count| count >= 0.0, "an expected count is not below 0")?;
            let value = answers::funnel(&data, expected.is_some());
            done(columns, &data, value)
        }
        Estimator::Cusum { columns, risk, odds_ratio, limit, false_alarms } => {
            within(
                "--odds-ratio",
                &[*odds_ratio],
                |ratio| ratio > 0.0 && ratio.is_finite(),
                "an odds ratio is above 0",
            )?;
            let data = read(columns, Wanted { number: risk.as_deref(), ..one })?;
            let risks: Vec<f64> = data.rows.iter().map(|row| row.number).collect();
            within("--risk", &risks, |risk| (0.0..=1.0).contains(&risk), "a risk is from 0 to 1")?;
            let chart = RiskAdjusted { odds_ratio: *odds_ratio, limit: *limit };
            let value = answers::cusum(&data, risk.is_some(), chart, *false_alarms);
            done(columns, &data, value)
        }
    }
}

/// What `--by` means to a model would be a guess.
fn no_groups(columns: &Columns) -> Result<(), AnalyseError> {
    if columns.by.is_some() { Err(AnalyseError::NoGroups) } else { Ok(()) }
}

/// Each value of an option is what it can be.
fn within(
    option: &'static str,
    values: &[f64],
    fits: impl Fn(f64) -> bool,
    expected: &'static str,
) -> Result<(), AnalyseError> {
    match values.iter().find(|&&value| !fits(value)) {
        Some(&value) => Err(AnalyseError::Option { option, value, expected }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
