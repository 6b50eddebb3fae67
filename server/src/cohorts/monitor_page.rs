//! A cohort watched as it grows: the page with its chart, and the same as an answer.

use std::fmt::Write as _;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::asking::Asking;
use super::monitor::{MOST, Monitor, MonitorLimit, Watch};
use super::monitor_continuous::Continuous;
use super::pages::told;
use super::reckoned::reckoned;
use crate::access::{Permit, ReadCohorts, SignedIn};
use crate::analysis::chart::cusum::Cusum;
use crate::error::{Code, Problem, ProblemDetails};
use crate::outcomes::pages::{form_urlencoded, thousands};
use crate::small_numbers::{self, Sight};
use crate::web::monitor::{ContinuousPart, MonitorPage};
use crate::web::page_problem::{PageProblem, show};
use crate::web::{Choice, Figure, Page};

/// Which cohort is watched, and for what.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct WatchQuery {
    /// The filter: a device, a site, a surgeon, or any other.
    #[serde(default)]
    pub filter: String,
    /// Revised within so many days of the operation, 30 to 3,652; 365 where it is left away.
    #[serde(default)]
    pub within: Option<u16>,
    /// The odds ratio that the chart looks for, over 1 to 10; 2 where it is left away.
    #[serde(default)]
    pub odds: Option<f64>,
}

impl WatchQuery {
    fn watch(&self) -> Result<Watch, Problem> {
        let usual = Watch::default();
        Watch { within: self.within.unwrap_or(usual.within), odds: self.odds.unwrap_or(usual.odds) }.checked()
    }
}

async fn watched(asking: &Asking, who: &SignedIn, query: &WatchQuery) -> Result<Monitor, Problem> {
    let (watch, sight) = (query.watch()?, asking.sight(who));
    let (snapshot, question) = asking.ask(who, &query.filter, "cohort-watched").await?;
    reckoned(move || Monitor::of(&snapshot, &question, watch, sight)).await
}

/// A cohort watched as it grows
///
/// A risk-adjusted CUSUM of revisions within a fixed time of the operation. The limit is set by simulation, and how often it is reached
/// where nothing is wrong is measured in other series than those that set it.
#[utoipa::path(tag = "cohorts", params(WatchQuery), responses(
    (status = 200, body = Monitor), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/cusum")]
pub async fn watch_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<WatchQuery>,
) -> Result<web::Json<Monitor>, Problem> {
    Ok(web::Json(watched(&asking, &permit, &query).await?))
}

/// `GET /cusum?filter=&within=&odds=`
#[get("/cusum")]
pub async fn show_cusum(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<WatchQuery>,
) -> Result<HttpResponse, PageProblem> {
    let usual = Watch::default();
    let within = query.within.unwrap_or(usual.within).to_string();
    let odds = query.odds.unwrap_or(usual.odds).to_string();
    let mut page = MonitorPage {
        page: Page::of(&permit, &asking.config, "Watched over time", "/cohorts"),
        of: String::new(),
        filter: query.filter.clone(),
        error: String::new(),
        within: Choice::list(
            [("90", "90 days"), ("365", "1 year"), ("730", "2 years"), ("1095", "3 years"), ("1826", "5 years")],
            &within,
        ),
        odds: Choice::list([("1.5", "1.5 times"), ("2", "twice"), ("3", "3 times")], &odds),
        figures: Vec::new(),
        svg: String::new(),
        continuous: ContinuousPart::default(),
        withheld: String::new(),
        signals: Vec::new(),
        limit: String::new(),
        json: String::new(),
        note: String::new(),
    };
    match watched(&asking, &permit, &query).await {
        Ok(monitor) => {
            page.of = asking.named(&monitor.filter).await?;
            fill(&mut page, &monitor, asking.sight(&permit));
        }
        Err(problem) if problem.code() == Code::InvalidInput => problem.detail().clone_into(&mut page.error),
        Err(problem) => return Err(problem.into()),
    }
    show(&page)
}

fn fill(page: &mut MonitorPage, monitor: &Monitor, sight: Sight) {
    page.filter.clone_from(&monitor.filter);
    let Watch { within, odds } = monitor.watch;
    page.json =
        format!("/api/v1/cohorts/cusum?filter={}&within={within}&odds={odds}", form_urlencoded(&monitor.filter));
    page.figures = vec![
        Figure::new(told(monitor.n, sight.least), "operations whose time is over"),
        Figure::new(told(monitor.failed, sight.least), format!("revised within {within} days")),
    ];
    page.note = format!("{} {} Snapshot {}.", monitor.method, small_numbers::note(sight), &monitor.snapshot[..16]);
    page.continuous = monitor.continuous.as_ref().map(continuous).unwrap_or_default();
    let Some(limit) = monitor.limit else {
        page.withheld = match monitor.n {
            Some(0) => "No operation of this cohort is that long ago.".to_owned(),
            Some(_) => format!(
                "No chart is made of more than {} operations: choose a device, a site or a shorter period.",
                thousands(MOST)
            ),
            None => "Its operations or revisions are too few to be told to your role: a chart would tell how many."
                .to_owned(),
        };
        return;
    };
    if let Some(expected) = monitor.expected {
        page.figures.push(Figure::new(format!("{expected:.1}"), "were expected"));
    }
    let points: Vec<_> = monitor.points.iter().map(|point| (point.on, point.cusum)).collect();
    let note = format!("Looks for odds {odds} times as high; until {}", monitor.until.format("%-d %B %Y"));
    let title = format!("Revised within {within} days of the operation");
    page.svg = Cusum {
        id: "cusum-chart",
        title: &title,
        what: "Risk-adjusted CUSUM by day of the operation",
        note: &note,
        days: "Day of the operation",
        points: &points,
        limit: limit.height,
        signals: &monitor.signals,
    }
    .to_svg();
    page.signals = monitor.signals.iter().map(|day| day.format("%-d %B %Y").to_string()).collect();
    page.limit = limit_in_words(&limit);
}

fn limit_in_words(limit: &MonitorLimit) -> String {
    format!(
        "The limit is {:.2}. It was chosen so that {:.0}% of series as long as this one reach it by chance; in {} other simulated series \
         {:.1}% did.",
        limit.height,
        100.0 * limit.wanted,
        thousands(limit.series),
        100.0 * limit.measured
    )
}

/// The chart that waits for no fixed time, and what it makes of the cohort.
fn continuous(chart: &Continuous) -> ContinuousPart {
    let points: Vec<_> = chart.points.iter().map(|point| (point.on, point.height)).collect();
    let in_words = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    let signals: Vec<NaiveDate> = chart.signal.into_iter().collect();
    let mut words = match chart.signal {
        Some(day) => format!("The limit was reached by {}. ", in_words(day)),
        None => "The limit was not reached. ".to_owned(),
    };
    let _ = match chart.worse {
        Some(worse) => write!(
            words,
            "The chart ends at {:.2}: among those operated on from {} on there were {:.1} times the revisions that were due.",
            chart.latest,
            in_words(worse.since),
            worse.times
        ),
        None => write!(words, "On the last day it sees nothing worse than was due."),
    };
    ContinuousPart {
        svg: Cusum {
            id: "cgr-chart",
            title: "Revised at any time",
            what: "CGR-CUSUM by calendar day",
            note: "How far revisions are beyond what was due, from the day on that shows it most",
            days: "Calendar day",
            points: &points,
            limit: chart.limit.height,
            signals: &signals,
        }
        .to_svg(),
        signal: chart.signal.is_some(),
        words,
        limit: limit_in_words(&chart.limit),
        method: chart.method.to_owned(),
    }
}
