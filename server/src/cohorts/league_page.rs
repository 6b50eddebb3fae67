//! The page of a league table with its funnel plot.

use std::collections::HashMap;
use std::fmt::Write as _;

use actix_web::{HttpResponse, get, web};
use uuid::Uuid;

use super::answer::Estimate;
use super::api::LeagueQuery;
use super::asking::Asking;
use super::league::{By, League, LeagueRow};
use super::pages::{interval, told};
use super::reckoned::reckoned;
use crate::access::{Permit, ReadCohorts};
use crate::analysis::chart::funnel::{Funnel, Point};
use crate::error::{Code, Problem};
use crate::small_numbers::Sight;
use crate::theatre::organisations::sites;
use crate::theatre::team::{self, StaffId};
use crate::web::cohort::{LeaguePage, LeagueRowShown};
use crate::web::page_problem::{PageProblem, show};
use crate::web::{Choice, Page};

/// `GET /league?filter=&by=`
#[get("/league")]
pub async fn show_league(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<LeagueQuery>,
) -> Result<HttpResponse, PageProblem> {
    let by = match query.by {
        By::Device => "device",
        By::Site => "site",
        By::Surgeon => "surgeon",
    };
    let mut page = LeaguePage {
        page: Page::of(&permit, &asking.config, "League table", "/cohorts"),
        filter: query.filter.clone(),
        error: String::new(),
        by: Choice::list([("device", "Devices"), ("site", "Sites"), ("surgeon", "Surgeons")], by),
        unit: match query.by {
            By::Device => "Device".to_owned(),
            By::Site => "Site".to_owned(),
            By::Surgeon => "Surgeon".to_owned(),
        },
        svg: String::new(),
        rows: Vec::new(),
        note: String::new(),
    };
    match asking.ask(&permit, &query.filter, "league-asked").await {
        Ok((snapshot, question)) => {
            let (by, sight) = (query.by, asking.sight(&permit));
            let products = question.products.clone();
            let league = reckoned(move || snapshot.league(&question, by, sight)).await?;
            let names = unit_names(&asking, &league, &products, sight).await?;
            page.filter.clone_from(&league.filter);
            page.svg = funnel(&league, &names);
            page.rows = league.rows.iter().map(|row| league_row(row, &names, query.by, sight.least)).collect();
            page.note = league_note(&league, sight.least);
        }
        Err(problem) if problem.code() == Code::InvalidInput => problem.detail().clone_into(&mut page.error),
        Err(problem) => return Err(problem.into()),
    }
    show(&page)
}

/// Surgeons have names for those who see everything, and numbers for the others.
async fn unit_names(
    asking: &Asking,
    league: &League,
    products: &[Uuid],
    sight: Sight,
) -> Result<HashMap<String, String>, Problem> {
    Ok(match league.by {
        By::Surgeon if sight.is_all() => {
            let ids: Vec<StaffId> = league.rows.iter().filter_map(|row| row.key.parse().ok()).collect();
            asking.store.read(move |connection| team::names(connection, &ids)).await?
        }
        By::Surgeon => {
            let short = |key: &String| format!("Surgeon {}", &key[key.len() - 12..]);
            league.rows.iter().map(|row| (row.key.clone(), short(&row.key))).collect()
        }
        By::Device => asking.names(products).await?.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        By::Site => asking.store.read(sites).await?.into_iter().collect(),
    })
}

fn funnel(league: &League, names: &HashMap<String, String>) -> String {
    let points: Vec<Point> = league
        .rows
        .iter()
        .filter_map(|row| {
            let ratio = row.ratio?;
            let name = names.get(&row.key).cloned().unwrap_or_else(|| row.key.clone());
            Some(Point { name, expected: ratio.expected, ratio: ratio.ratio })
        })
        .collect();
    let note = format!("Adjusted for sex and age. Snapshot {}.", &league.snapshot[..16]);
    Funnel { id: "funnel-plot", title: "Revisions, observed over expected", note: &note, points: &points }.to_svg()
}

fn league_row(row: &LeagueRow, names: &HashMap<String, String>, by: By, least: u64) -> LeagueRowShown {
    let dash = || "–".to_owned();
    let ratio = row.ratio.filter(|ratio| ratio.ratio.is_finite());
    let place = match (ratio, row.limits) {
        (Some(ratio), Some(limits)) if ratio.ratio > limits.upper998 => "above 99.8%",
        (Some(ratio), Some(limits)) if ratio.ratio > limits.upper95 => "above 95%",
        _ => "",
    };
    let five = row.at_five_years.map(|at| Estimate { percent: at.percent, lower: at.lower, upper: at.upper });
    LeagueRowShown {
        href: match by {
            By::Device => format!("/devices/{}", row.key),
            By::Site => format!("/cohorts?filter=site:{}", row.key),
            By::Surgeon => format!("/cohorts?filter=surgeon:{}", row.key),
        },
        name: names.get(&row.key).cloned().unwrap_or_else(|| row.key.clone()),
        n: told(row.n, least),
        revised: told(row.revised, least),
        rate: row
            .rate
            .filter(|rate| rate.rate.is_finite())
            .map_or_else(dash, |rate| format!("{:.2} ({:.2} to {:.2})", rate.rate, rate.lower, rate.upper)),
        five: interval(five),
        ratio: ratio
            .map_or_else(dash, |ratio| format!("{:.2} ({:.2} to {:.2})", ratio.ratio, ratio.lower, ratio.upper)),
        place: place.to_owned(),
    }
}

fn league_note(league: &League, least: u64) -> String {
    let mut note = String::from(
        "Expected: years of use of each sex and band of age at the rate of all in the table. Limits are exact. A unit beyond them is a reason to look.",
    );
    if league.overdispersion.present {
        note.push_str(" The units vary by more than chance explains (over-dispersion), so more lie beyond the limits than chance would put there.");
    }
    let _ = write!(note, " {}", crate::small_numbers::note(Sight { least }));
    let _ = write!(note, " Snapshot {}, content {}.", &league.snapshot[..16], &league.content_hash[..16]);
    note
}
