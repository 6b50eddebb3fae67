//! A cohort taken away: one row an implant, and the script with which R gives the same numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::counts::CohortCounts;
use super::extract_rows::{COLUMNS, ExtractRow, columns, rows};
use super::question::Question;
use super::snapshot::Snapshot;
use crate::error::{Code, Problem};
use crate::parquet;
use crate::small_numbers::Sight;

/// In which form rows are taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For spreadsheets.
    #[default]
    Csv,
    /// Apache Parquet, typed, for polars, `DuckDB`, Arrow and Spark.
    Parquet,
    /// A list of values for each column.
    Json,
}

impl Format {
    /// The media type, and the ending of the file's name.
    pub fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("text/csv; charset=utf-8", "csv"),
            Self::Parquet => ("application/vnd.apache.parquet", "parquet"),
            Self::Json => ("application/json", "json"),
        }
    }
}

/// The implants of a cohort: days observed, why they ended (0 in place, 1 revised, 2 died), device, and what models adjust for. No
/// patient, no date. Who is not to see small numbers gets bands of age, and of rows that few others are like only what they share.
///
/// # Errors
/// [`Code::Withheld`] where the cohort is too small for this; [`Code::Internal`] where the table cannot be written.
pub fn taken(
    snapshot: &Snapshot,
    question: &Question,
    names: &BTreeMap<Uuid, String>,
    sight: Sight,
    format: Format,
) -> Result<Vec<u8>, Problem> {
    if !CohortCounts::of(snapshot, question, sight).0.is_open() {
        return Err(Problem::new(
            Code::Withheld,
            format!(
                "Its counts are not told to your role, so its rows are not either: fewer than {} implants or revisions, \
                     or no more than that apart from another cohort.",
                sight.least
            ),
        ));
    }
    let rows = rows(snapshot, question, names, sight);
    match format {
        Format::Csv => csv(&rows).map_err(unwritten),
        Format::Parquet => Ok(parquet::file(&columns(&rows))),
        Format::Json => {
            let of: BTreeMap<_, _> = columns(&rows).into_iter().map(|column| (column.name, column.values)).collect();
            serde_json::to_vec(&of).map_err(unwritten)
        }
    }
}

fn unwritten(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(Code::Internal, "The extract could not be written.").because(error)
}

fn csv(rows: &[ExtractRow]) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in rows {
        writer.write_record(row.cells())?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// The script that reproduces a cohort's figures with R's survival, from the extract `cohort.csv` beside it.
pub fn r_script(snapshot: &Snapshot, question: &Question) -> String {
    let mut script = String::new();
    // What stands in a comment must not end it.
    let comment = |text: &str| text.replace(['\n', '\r'], " ");
    let _ = writeln!(script, "# Reproduces the figures of a cohort of Tessera with R (package survival).");
    let _ = writeln!(script, "# Filter:   {}", comment(&question.filter.to_string()));
    let _ = writeln!(script, "# Cut-off:  {}", question.until);
    let _ = writeln!(script, "# Snapshot: {}", snapshot.hash_text());
    let _ = writeln!(script, "# Content:  {}", hex::encode(question.content_hash(snapshot)));
    script.push_str(SCRIPT);
    script
}

const SCRIPT: &str = r#"
library(survival)
d <- read.csv("cohort.csv", colClasses = c(device = "character", site = "character"))
years <- c(1, 3, 5, 10, 15) * 365.25

# One minus Kaplan-Meier: a death ends the observation; log(-log) limits.
km <- survfit(Surv(time, event == 1) ~ 1, data = d, conf.type = "log-log")
s <- summary(km, times = years, extend = TRUE)
net <- data.frame(years = years / 365.25, at_risk = s$n.risk, percent = 100 * (1 - s$surv),
                  lower = 100 * (1 - s$upper), upper = 100 * (1 - s$lower))
print(net, digits = 15)

# Aalen-Johansen: a death competes; standard error by the infinitesimal jackknife. Where nobody died it is the same curve.
crude <- NULL
if (any(d$event == 2) && any(d$event == 1)) {
  aj <- survfit(Surv(time, factor(event, 0:2)) ~ 1, data = d, conf.type = "log-log")
  s <- summary(aj, times = years, extend = TRUE)
  crude <- data.frame(years = years / 365.25, percent = 100 * s$pstate[, 2],
                      lower = 100 * s$lower[, 2], upper = 100 * s$upper[, 2])
  print(crude, digits = 15)
}

# Revisions per 100 years of use, with the exact Poisson interval.
revised <- sum(d$event == 1); use <- sum(d$time) / 365.25
rate <- c(rate = 100 * revised / use,
          lower = if (revised > 0) 100 * qgamma(0.025, revised) / use else 0,
          upper = 100 * qgamma(0.975, revised + 1) / use)
print(rate, digits = 15)

# Devices against the first, adjusted for sex and age; Efron's ties. The iterations go as far as Tessera's do.
model <- NULL
m <- subset(d, sex %in% c("female", "male") & band != "" & device != "")
m$female <- as.integer(m$sex == "female")
m$band <- factor(m$band, c("under 55", "55-64", "65-74", "75-84", "85 and over"))
if (length(unique(m$device)) > 1) {
  model <- coxph(Surv(time, event == 1) ~ factor(device, unique(device)) + female + band, data = m, ties = "efron",
                 control = coxph.control(eps = 1e-14, iter.max = 50))
  print(model, digits = 15)
}
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::cohort::{Builder, End, Exit, ImplantRow, Opcs4, Operation, Sex, Side, SiteCode};
    use crate::store::read::cohort::StoredCohort;

    #[test]
    fn an_extract_names_nobody() {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        let product = Uuid::from_u128(7);
        let mut builder = Builder::default();
        let row = ImplantRow {
            product,
            site: SiteCode::new("RXX01").unwrap(),
            procedure: Opcs4::new("W371").unwrap(),
            side: Side::Left,
            sex: Sex::Female,
            age: Some(70),
            implanted_on: day("2020-01-01"),
            operation: Operation::default(),
            exit: Some(Exit { on: day("2021-01-01"), why: End::Revised }),
        };
        builder.push(&row).unwrap();
        builder.push(&ImplantRow { exit: None, sex: Sex::Male, age: None, ..row }).unwrap();
        let stored = StoredCohort { cohort: builder.finish(), ..StoredCohort::default() };
        let snapshot = Snapshot::new(stored, chrono::DateTime::UNIX_EPOCH);
        let question = Question {
            kinds: Vec::new(),
            filter: "until:2022-01-01".parse().unwrap(),
            products: vec![product],
            selections: vec![crate::analysis::cohort::Selection::until(day("2022-01-01"))],
            until: day("2022-01-01"),
        };
        let names = BTreeMap::from([(product, "409-375, cemented".to_owned())]);
        let all = |sight, format| taken(&snapshot, &question, &names, sight, format);
        let text = |sight| all(sight, Format::Csv).map(|csv| String::from_utf8(csv).unwrap());
        let json: serde_json::Value = serde_json::from_slice(&all(Sight::ALL, Format::Json).unwrap()).unwrap();
        assert_eq!(
            (&json["time"], &json["age"]),
            (&serde_json::json!([366, 731]), &serde_json::json!([70, serde_json::Value::Null]))
        );
        assert!(all(Sight::ALL, Format::Parquet).unwrap().starts_with(b"PAR1"));
        assert_eq!(
            text(Sight::ALL).unwrap(),
            "time,event,device,sex,age,band,side,site,procedure\n366,1,\"409-375, cemented\",female,70,65-74,left,RXX01,W371\n\
             731,0,\"409-375, cemented\",male,,,left,RXX01,W371\n"
        );
        assert_eq!(text(Sight { least: 5 }).unwrap_err().code(), Code::Withheld);
        let script = r_script(&snapshot, &question);
        assert!(script.contains("eps = 1e-14") && script.contains(&snapshot.hash_text()));
    }
}
