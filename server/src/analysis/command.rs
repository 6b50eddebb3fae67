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
mod table;
mod words;

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
    #[error("a test compares groups: name their column with --by (it has {0} here)")]
    OneGroup(usize),
    /// No such analysis with these options.
    #[error("{0} is not offered with these options: leave out --entry, and choose --ties efron or breslow")]
    NotOffered(&'static str),
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
            let names = &covariates.covariates;
            let (strata, cluster) = (strata.strata.as_deref(), cluster.as_deref());
            let data = read(columns, Wanted { strata, cluster, covariates: names, ..one })?;
            let options = answers::CoxOptions { names, ties: *ties, zph: *zph, baseline: *baseline };
            let value = answers::cox(&data, &options);
            done(columns, &data, value)
        }
        Estimator::Finegray { columns, covariates, cause, ties } => {
            let names = &covariates.covariates;
            let data = read(columns, Wanted { covariates: names, ..many })?;
            let value = answers::fine_gray(&data, names, *cause, *ties)?;
            done(columns, &data, value)
        }
        Estimator::Funnel { columns, strata, expected } => {
            let (strata, number) = (strata.strata.as_deref(), expected.as_deref());
            let data = read(columns, Wanted { strata, number, ..many })?;
            let value = answers::funnel(&data, expected.is_some());
            done(columns, &data, value)
        }
        Estimator::Cusum { columns, risk, odds_ratio, limit, false_alarms } => {
            let data = read(columns, Wanted { number: risk.as_deref(), ..one })?;
            let chart = RiskAdjusted { odds_ratio: *odds_ratio, limit: *limit };
            let value = answers::cusum(&data, risk.is_some(), chart, *false_alarms);
            done(columns, &data, value)
        }
    }
}

#[cfg(test)]
mod tests;
