//! The page that compares devices.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use uuid::Uuid;

use super::asking::Asking;
use super::comparison::{Comparison, MOST_DEVICES};
use super::pages::{interval, limits, told};
use super::reckoned::reckoned;
use crate::access::{Permit, ReadCohorts};
use crate::analysis::chart::{Figure as Drawing, Series};
use crate::analysis::life_table::float;
use crate::config::Config;
use crate::error::Code;
use crate::outcomes::pages::thousands;
use crate::web::cohort::{ComparePage, ComparedRow};
use crate::web::page_problem::{PageProblem, show};
use crate::web::{Choice, Page};

/// Which devices the page compares.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CompareQuery {
    #[serde(default)]
    filter: String,
    #[serde(default)]
    d1: String,
    #[serde(default)]
    d2: String,
    #[serde(default)]
    d3: String,
    #[serde(default)]
    d4: String,
    #[serde(default)]
    d5: String,
    #[serde(default)]
    d6: String,
}

impl CompareQuery {
    fn chosen(&self) -> [&str; MOST_DEVICES] {
        [&self.d1, &self.d2, &self.d3, &self.d4, &self.d5, &self.d6]
    }
}

/// Devices offered in each list: those with the most implants.
const OFFERED: usize = 400;

/// `GET /compare`
#[get("/compare")]
pub async fn show_comparison(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<CompareQuery>,
) -> Result<HttpResponse, PageProblem> {
    let mut page = ComparePage {
        page: Page::of(&permit, &asking.config, "Compare devices", "/cohorts"),
        filter: query.filter.clone(),
        error: String::new(),
        lists: Vec::new(),
        svg: String::new(),
        rows: Vec::new(),
        note: String::new(),
    };
    match asking.ask(&permit, &query.filter, "comparison-asked").await {
        Ok((snapshot, question)) => {
            let mut offered = question.products.clone();
            offered.sort_by_key(|product| std::cmp::Reverse(snapshot.cohort().implants_of(*product)));
            offered.truncate(OFFERED);
            let names = asking.names(&offered).await?;
            page.lists = query.chosen().iter().map(|chosen| device_choices(&offered, &names, chosen)).collect();
            let chosen: Vec<Uuid> = query.chosen().iter().filter_map(|id| id.parse().ok()).collect();
            if !chosen.is_empty() {
                let sight = asking.sight(&permit);
                match reckoned(move || Comparison::of(&snapshot, &question, &chosen, sight)).await? {
                    Ok(comparison) => compared(&mut page, &comparison, &names, &asking.config, sight.least),
                    Err(problem) => problem.detail().clone_into(&mut page.error),
                }
            }
        }
        Err(problem) if problem.code() == Code::InvalidInput => problem.detail().clone_into(&mut page.error),
        Err(problem) => return Err(problem.into()),
    }
    show(&page)
}

fn device_choices(offered: &[Uuid], names: &BTreeMap<Uuid, String>, chosen: &str) -> Vec<Choice> {
    let mut all: Vec<(String, String)> =
        offered.iter().map(|id| (id.to_string(), names.get(id).cloned().unwrap_or_else(|| id.to_string()))).collect();
    all.sort_by(|a, b| a.1.cmp(&b.1));
    let mut choices = Choice::list(all, chosen);
    choices.insert(0, Choice { value: String::new(), text: "None".into(), selected: chosen.is_empty() });
    choices
}

fn compared(
    page: &mut ComparePage,
    comparison: &Comparison,
    names: &BTreeMap<Uuid, String>,
    config: &Config,
    least: u64,
) {
    let name = |id: &Uuid| names.get(id).cloned().unwrap_or_else(|| id.to_string());
    let called: Vec<String> = comparison.devices.iter().map(|device| name(&device.product)).collect();
    let series: Vec<Series> = comparison
        .devices
        .iter()
        .zip(&called)
        .filter_map(|(device, name)| Some(Series { name, curve: device.estimate.as_ref()? }))
        .collect();
    let note = format!("Shaded: 95 % intervals. Snapshot {}.", &comparison.snapshot[..16]);
    if let Some((first, more)) = series.split_first() {
        let title = "Cumulative percent revision";
        let (device, limits) = (*first, limits(config));
        page.svg = Drawing { id: "comparison", title, note: &note, device, comparator: None, more, limits }.to_svg();
    }
    page.rows = comparison
        .devices
        .iter()
        .zip(&called)
        .enumerate()
        .map(|(place, (device, name))| ComparedRow {
            href: format!("/devices/{}", device.product),
            name: name.clone(),
            n: told(device.n, least),
            revised: told(device.revised, least),
            five: interval(device.at_five_years),
            ratio: match device.hazard_ratio {
                Some(hr) => format!("{:.2} ({:.2} to {:.2})", hr.ratio, hr.lower, hr.upper),
                None if place == 0 => "1 (held against)".to_owned(),
                None => "–".to_owned(),
            },
            p: device.hazard_ratio.map_or_else(
                || "–".to_owned(),
                |hr| {
                    if hr.p < 0.001 { "below 0.001".to_owned() } else { format!("{:.3}", hr.p) }
                },
            ),
        })
        .collect();
    let all: u64 = comparison.devices.iter().filter_map(|device| device.n).sum();
    let modelled = comparison.model.as_ref().map_or(0, |fit| fit.n);
    comparison.method.clone_into(&mut page.note);
    if comparison.model.is_some() && modelled < all {
        let share = 100.0 * float(all - modelled) / float(all);
        let _ = write!(page.note, " {} ({share:.1}%) left it.", thousands(all - modelled));
    }
}
