//! What can be said on the command line.

use std::path::PathBuf;

use crate::analysis::competing::Variance;
use crate::analysis::cox::Ties;
use crate::analysis::cox::proportional::Transform;
use crate::analysis::survival::Scale;

/// Analyses a CSV file with the registry's estimators.
#[derive(Clone, Debug, clap::Args)]
pub struct AnalyseArgs {
    #[command(subcommand)]
    pub(super) estimator: Estimator,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Estimator {
    /// Kaplan–Meier survival, as R's `survfit`.
    Km {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        curve: CurveOptions,
        /// Shares failed at which to read the time, such as 0.25,0.5,0.75.
        #[arg(long, value_delimiter = ',', value_name = "P,P…")]
        quantiles: Vec<f64>,
        /// The mean time until TIME, with its standard error.
        #[arg(long, value_name = "TIME")]
        rmean: Option<f64>,
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
    /// Log-rank test between the groups of --by, within --strata.
    Logrank {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        strata: Strata,
        /// Weigh events by the pooled survival to this power; 1 is Peto & Peto's test.
        #[arg(long, default_value_t = 0.0)]
        rho: f64,
        /// Test the groups for a trend in their order, too.
        #[arg(long)]
        trend: bool,
    },
    /// Gray's test between the groups of --by; the event column holds 0 (censored), 1, 2, …
    Gray {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        strata: Strata,
        /// Weigh early (positive) or late (negative) differences more.
        #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
        rho: f64,
    },
    /// Cox's proportional hazards, as R's `coxph`.
    Cox {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        strata: Strata,
        #[command(flatten)]
        covariates: Covariates,
        /// What is done with events at one time.
        #[arg(long, value_enum, default_value_t)]
        ties: Ties,
        /// Column of those whose rows are not independent (a patient, a surgeon): the errors become robust.
        #[arg(long, value_name = "COL")]
        cluster: Option<String>,
        /// Test proportional hazards, too (R `cox.zph`).
        #[arg(long, value_name = "TRANSFORM", num_args = 0..=1, default_missing_value = "km")]
        zph: Option<Transform>,
        /// The cumulative baseline hazard, too, covariates being zero.
        #[arg(long)]
        baseline: bool,
    },
    /// Fine & Gray's model of one cause; the event column holds 0 (censored), 1, 2, …
    Finegray {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        covariates: Covariates,
        /// Which cause.
        #[arg(long, default_value_t = 1)]
        cause: usize,
        /// breslow: as `cmprsk::crr`; efron: as `survival::finegray` with `coxph`.
        #[arg(long, value_enum, default_value_t = Ties::Breslow)]
        ties: Ties,
    },
    /// Events per 100 units of time, with the exact Poisson interval.
    Rate {
        #[command(flatten)]
        columns: Columns,
    },
    /// Each group's events against those expected at the rate of all, with exact 95 % and 99.8 % limits.
    Funnel {
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        strata: Strata,
        /// Column of the expected count of each row; not given, it is the row's time at the rate of all (of its stratum).
        #[arg(long, value_name = "COL")]
        expected: Option<String>,
    },
    /// Risk-adjusted CUSUM of the events in the order of --time.
    Cusum {
        #[command(flatten)]
        columns: Columns,
        /// Column of each row's risk of the event; not given, it is the share of all.
        #[arg(long, value_name = "COL")]
        risk: Option<String>,
        /// The odds ratio to detect.
        #[arg(long, default_value_t = 2.0)]
        odds_ratio: f64,
        /// The height that is a signal.
        #[arg(long, value_name = "HEIGHT")]
        limit: Option<f64>,
        /// Find the limit that this share of series reaches by chance.
        #[arg(long, value_name = "SHARE", conflicts_with = "limit")]
        false_alarms: Option<f64>,
    },
}

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Columns {
    /// The file: comma-separated, with a header.
    #[arg(long, value_name = "FILE")]
    pub csv: PathBuf,
    /// Column of the time observed.
    #[arg(long, value_name = "COL")]
    pub time: String,
    /// Column of the event; COL=VALUE counts that value, everything else (and empty) is censored.
    #[arg(long, value_name = "COL[=VALUE]")]
    pub event: String,
    /// Column of the time of entry, where observation began late.
    #[arg(long, value_name = "COL")]
    pub entry: Option<String>,
    /// Column whose values make the groups.
    #[arg(long, value_name = "COL")]
    pub by: Option<String>,
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub(super) struct CurveOptions {
    /// Times at which to read the curve, separated by commas; after the last time of the file the estimate stays.
    #[arg(long, value_delimiter = ',', value_name = "T,T…")]
    pub times: Vec<f64>,
    /// Scale of the 95 % interval.
    #[arg(long, value_enum, default_value_t)]
    pub conf: Scale,
}

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Strata {
    /// Column whose values make strata: only rows of one stratum are compared.
    #[arg(long, value_name = "COL")]
    pub strata: Option<String>,
}

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Covariates {
    /// Columns of the model; a text becomes 0/1 columns against its first level in sorted order.
    #[arg(long, value_delimiter = ',', required = true, value_name = "COL,COL…")]
    pub covariates: Vec<String>,
}
