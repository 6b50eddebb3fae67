//! The analysts' pages: devices, outcomes by procedure.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use tessera_scanner::verdict::Side;

use super::api::{ProcedureQuery, by_procedure};
use super::by_procedure::{Group, ProcedureOutcomes};
use super::form::QUESTIONNAIRES;
use super::scores::{ScoreChange, ScoreSummary};
use crate::access::{Permit, ReadOutcomes};
use crate::analysis::proms::Share;
use crate::catalogue::{Product, ProductId, store as catalogue};
use crate::cohorts::asking::Asking;
use crate::cohorts::disclosure::Disclosure;
use crate::error::Problem;
use crate::small_numbers::{self, Sight};
use crate::store::AnyConnection;
use crate::store::read::implants::counts;
use crate::store::read::procedure_outcomes::{codes_on_record, indications_on_record};
use crate::theatre::opcs4;
use crate::theatre::organisations::sites;
use crate::web::device::{DeviceListPage, DeviceRow};
use crate::web::page_problem::{PageProblem, show};
use crate::web::procedure::{DeviceUsedRow, OutcomeRow, OutcomesPage, ScoreRow};
use crate::web::{Choice, Page};

/// Devices on one page of the list.
const DEVICES_SHOWN: i64 = 50;

/// What the list of devices is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct DeviceListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: i64,
}

/// `GET /devices?q=&page=`
#[get("/devices")]
pub async fn show_devices(
    asking: Asking,
    permit: Permit<ReadOutcomes>,
    query: web::Query<DeviceListQuery>,
) -> Result<HttpResponse, PageProblem> {
    let DeviceListQuery { q, page } = query.into_inner();
    let (words, skip) = (q.clone(), page.clamp(0, 1_000_000) * DEVICES_SHOWN);
    asking.look(&permit, "devices-asked", "devices", q.clone()).await?;
    let (listed, more) = asking.store.read(move |connection| device_rows(connection, &words, skip)).await?;
    let sight = asking.sight(&permit);
    let told = asking.devices_told(&permit).await?;
    let rows: Vec<DeviceRow> = listed.into_iter().map(|one| one.row(sight, &told)).collect();
    let (first, last) = (skip + 1, skip + i64::try_from(rows.len()).unwrap_or_default());
    let next = form_urlencoded(&q);
    show(&DeviceListPage {
        page: Page::of(&permit, &asking.config, "Devices", "/devices"),
        note: small_numbers::note(sight),
        query: q,
        total: format!("Devices {first} to {last}"),
        rows,
        next: if more { format!("/devices?q={next}&page={}", page.max(0) + 1) } else { String::new() },
    })
}

/// A device of the list with its counts.
struct Listed {
    product: Product,
    identifier: String,
    implanted: u64,
    revised: u64,
}

impl Listed {
    fn row(self, sight: Sight, disclosure: &Disclosure) -> DeviceRow {
        let id = self.product.id;
        let told = disclosure.device(id.uuid());
        let implanted = sight.told(self.implanted).filter(|_| told.implants);
        let revised = sight.parts(self.implanted, &[self.revised])[0].filter(|_| told.revised);
        DeviceRow {
            href: format!("/devices/{id}"),
            name: name(&self.product),
            maker: self.product.maker,
            reference: self.product.reference,
            identifier: self.identifier,
            implanted: small_numbers::in_cell(implanted),
            revised: small_numbers::in_cell(revised),
        }
    }
}

/// A page of the list, and whether there are more.
fn device_rows(connection: &mut AnyConnection, words: &str, skip: i64) -> Result<(Vec<Listed>, bool), Problem> {
    let mut found = catalogue::search_from(connection, words, skip, DEVICES_SHOWN + 1)?;
    let more = found.len() > usize::try_from(DEVICES_SHOWN).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(DEVICES_SHOWN).unwrap_or(usize::MAX));
    let ids: Vec<ProductId> = found.iter().map(|product| product.id).collect();
    let counts = counts(connection, &ids)?;
    let primary = catalogue::primary_identifiers(connection, &ids)?;
    let listed = |product: Product| {
        let (implanted, revised) = counts.get(&product.id).copied().unwrap_or_default();
        Listed {
            identifier: primary.get(&product.id).cloned().unwrap_or_default(),
            implanted: u64::try_from(implanted).unwrap_or(0),
            revised: u64::try_from(revised).unwrap_or(0),
            product,
        }
    };
    Ok((found.into_iter().map(listed).collect(), more))
}

/// `GET /procedures?code=&side=&site=&indication=&from=&to=`
#[get("/procedures")]
pub async fn show_procedures(
    asking: Asking,
    permit: Permit<ReadOutcomes>,
    query: web::Query<ProcedureQuery>,
) -> Result<HttpResponse, PageProblem> {
    let query = query.into_inner();
    let filter = query.filter()?;
    let chosen = filter.clone();
    let sight = asking.sight(&permit);
    asking.look(&permit, "procedures-asked", "procedures", query.in_words()).await?;
    let (sites, codes, indications, followed, products) = asking
        .store
        .read(move |connection| {
            let (sites, codes) = (sites(connection)?, codes_on_record(connection)?);
            let outcomes = by_procedure(connection, &filter, sight)?;
            let ids: Vec<ProductId> = outcomes.devices.iter().filter_map(|device| device.product).collect();
            Ok((sites, codes, indications_on_record(connection)?, outcomes, catalogue::products(connection, &ids)?))
        })
        .await?;
    let names: HashMap<&str, &str> = sites.iter().map(|(code, name)| (code.as_str(), name.as_str())).collect();
    let code = chosen.opcs4.unwrap_or_default();
    let side = chosen.side.map(|side| side.to_string()).unwrap_or_default();
    let at = chosen.site.unwrap_or_default();
    let why = chosen.indication.unwrap_or_default();
    let indications = indications.into_iter().map(|one| (one.clone(), one));
    let codes = codes.iter().map(|code| (code.clone(), format!("{} {}", opcs4::dotted(code), opcs4::title(code))));
    show(&OutcomesPage {
        page: Page::of(&permit, &asking.config, "Outcomes by procedure", "/procedures"),
        codes: Choice::with_all(Choice::list(codes, &code), &code),
        sides: Choice::with_all(
            Choice::list([("left", "Left"), ("right", "Right"), ("bilateral", "Both")], &side),
            &side,
        ),
        indications: Choice::with_all(Choice::list(indications, &why), &why),
        rows: followed.groups.iter().map(|group| outcome_row(group, &names)).collect(),
        scores: (followed.groups.iter())
            .flat_map(|group| group.proms.iter().map(|scores| score_row(group, scores, &names)))
            .collect(),
        devices: device_used_rows(&followed, &products),
        note: format!("{} {}", unlinked(followed.unlinked_revisions), small_numbers::note(sight)).trim().to_owned(),
        period: period(chosen.period.from, chosen.period.to),
        sites: Choice::with_all(Choice::list(sites.clone(), &at), &at),
        from: query.from,
        to: query.to,
    })
}

fn outcome_row(group: &Group, sites: &HashMap<&str, &str>) -> OutcomeRow {
    let rate = group.revision_rate.filter(|rate| rate.rate.is_finite());
    let cell = small_numbers::in_cell;
    OutcomeRow {
        code: opcs4::dotted(&group.opcs4),
        text: opcs4::title(&group.opcs4).to_owned(),
        side: group.side.map_or("none", |side| Side::from(side).in_words()).to_owned(),
        site: sites.get(group.site.as_str()).copied().unwrap_or(&group.site).to_owned(),
        procedures: cell(group.procedures),
        revised: cell(group.revised_procedures),
        deaths: [group.deaths_30, group.deaths_90, group.deaths_365].map(cell).join(" / "),
        complications: cell(group.complications),
        implanted: cell(group.implanted),
        rate: rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.2}", rate.rate)),
        interval: rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.2} to {:.2}", rate.lower, rate.upper)),
    }
}

/// A questionnaire's rows have the digits that its scale has: an index runs to 1, a score to 48 or 100.
fn score_row(group: &Group, scores: &ScoreSummary, sites: &HashMap<&str, &str>) -> ScoreRow {
    let side = group.side.map_or("no side", |side| Side::from(side).in_words());
    let site = sites.get(group.site.as_str()).copied().unwrap_or(&group.site);
    let known = QUESTIONNAIRES.iter().find(|one| one.0 == scores.instrument);
    let digits = if known.is_some_and(|(_, _, _, highest)| *highest <= 1.0) { 3 } else { 1 };
    let change = scores.change.map_or_else(
        || "–".to_owned(),
        |ScoreChange { change, lower, upper, .. }| {
            let limits = format!(" ({lower:+.digits$} to {upper:+.digits$})");
            format!("{change:+.digits$}{}", if lower.is_finite() { limits } else { String::new() })
        },
    );
    let percent = |share: &Share| format!("{:.0}%", 100.0 * share.share);
    let noticed = scores.change.and_then(|change| change.noticed);
    ScoreRow {
        procedure: format!("{} {}, {side}, {site}", opcs4::dotted(&group.opcs4), opcs4::title(&group.opcs4)),
        questionnaire: known.map_or(scores.instrument.as_str(), |known| known.1).to_owned(),
        n: thousands(scores.n),
        mean: format!("{:.digits$}", scores.mean),
        pairs: scores.change.map_or_else(|| "–".to_owned(), |change| thousands(change.pairs)),
        change,
        noticed: noticed.map_or_else(
            || "–".to_owned(),
            |noticed| format!("{} / {}", percent(&noticed.better), percent(&noticed.worse)),
        ),
    }
}

fn device_used_rows(outcomes: &ProcedureOutcomes, products: &HashMap<ProductId, Product>) -> Vec<DeviceUsedRow> {
    let row = |device: &super::by_procedure::DeviceUsed| DeviceUsedRow {
        href: device.product.map_or_else(|| "/devices".to_owned(), |id| format!("/devices/{id}")),
        name: device
            .product
            .and_then(|id| products.get(&id))
            .map_or_else(|| "Devices that the catalogue does not have".to_owned(), name),
        implanted: small_numbers::in_cell(device.implanted),
        revised: small_numbers::in_cell(device.revised),
    };
    outcomes.devices.iter().map(row).collect()
}

fn unlinked(count: Option<u64>) -> String {
    match count {
        Some(0) => String::new(),
        None => "A few revisions of this period name no device of the registry: they are in none of these figures."
            .to_owned(),
        Some(1) => {
            "One revision of this period names no device of the registry: it is in none of these figures.".to_owned()
        }
        Some(count) => format!(
            "{count} revisions of this period name no device of the registry: they are in none of these figures."
        ),
    }
}

fn period(from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
    match (from, to) {
        (None, None) => "All procedures on record".to_owned(),
        (Some(from), None) => format!("From {}", in_words(from)),
        (None, Some(to)) => format!("Until {}", in_words(to)),
        (Some(from), Some(to)) => format!("{} to {}", in_words(from), in_words(to)),
    }
}

pub(crate) fn name(product: &Product) -> String {
    format!("{} {}", product.brand, product.description)
}

pub(super) fn in_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// `1204` as `1,204`.
pub(crate) fn thousands(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Words as they stand in a query string.
pub(crate) fn form_urlencoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!([0, 12, 123, 1204, 1_234_567].map(thousands), ["0", "12", "123", "1,204", "1,234,567"]);
        assert_eq!(form_urlencoded("stem 12%&é"), "stem%2012%25%26%C3%A9");
    }
}
