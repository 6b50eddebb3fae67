//! The page of the quarantine list: choose a site, scan its packs, say which are not there.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::finding::{Finding, FindingId, FindingOutcome, NewShelfScan, NewUnaccounted, ShelfLine};
use super::picture::Picture;
use super::progress_page::frame;
use super::shelf_scan::{self, ShelfAnswer};
use crate::access::{AcknowledgeRecall, Permit, ReadAffected, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::recalls::export::tier;
use crate::recalls::model::RecallId;
use crate::recalls::pages::may;
use crate::recalls::recall_page::unit;
use crate::recalls::stock::model::StockId;
use crate::store::Store;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall_work::{QuarantinePage, ShelfRow};
use crate::web::words::{grouped, moment};
use crate::web::{Choice, Figure, Page};

/// Which site.
#[derive(Debug, Deserialize)]
pub struct SiteChosen {
    #[serde(default)]
    site: String,
}

/// `GET /recalls/{id}/quarantine`
#[get("/recalls/{id}/quarantine")]
pub async fn show_quarantine(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
    query: web::Query<SiteChosen>,
) -> Result<HttpResponse, PageProblem> {
    let site = query.into_inner().site;
    show(&quarantine_page(&store, &config, &permit, (id.into_inner(), site), String::new()).await?)
}

async fn quarantine_page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    (id, site): (RecallId, String),
    error: String,
) -> Result<QuarantinePage, Problem> {
    let picture = store.read(move |connection| Picture::of(connection, id)).await?;
    // Who works at one site sees that one first.
    let site = if site.is_empty() { who.user().site_code.clone().unwrap_or_default() } else { site };
    let here = |code: &str| site.is_empty() || code == site;
    let lines: Vec<&ShelfLine> = picture.shelves.iter().filter(|line| here(&line.expected.site)).collect();
    let unexpected = |one: &&Finding| one.outcome == FindingOutcome::Unexpected && here(&one.site_code);
    let unexpected: Vec<&Finding> = picture.findings.iter().filter(unexpected).collect();
    let sum = |packs: &dyn Fn(&ShelfLine) -> i32| {
        grouped(usize::try_from(lines.iter().map(|line| packs(line)).sum::<i32>()).unwrap_or_default())
    };
    let mut sites = vec![Choice { value: String::new(), text: "All sites".into(), selected: site.is_empty() }];
    sites.extend(Choice::list(picture.all_sites(), &site));
    Ok(QuarantinePage {
        page: Page::of(who, config, "Quarantine list", "/recalls"),
        frame: frame(&picture, "quarantine", error),
        figures: vec![
            Figure::new(sum(&|line| line.expected.quantity), "expected"),
            Figure::new(sum(&|line| line.found), "found"),
            Figure::new(sum(&|line| line.unaccounted), "unaccounted for"),
            Figure::new(sum(&ShelfLine::open), "open"),
        ],
        lines: lines.iter().map(|line| row(&picture, line)).collect(),
        unexpected: unexpected
            .into_iter()
            .map(|one| {
                let when = format!("{}, {}", picture.site(&one.site_code), moment(one.recorded_at));
                (one.unit.clone(), one.reason.clone(), when)
            })
            .collect(),
        may_scan: may::<AcknowledgeRecall>(who.user()),
        next_id: FindingId::new().to_string(),
        answer: None,
        sites,
        site,
    })
}

fn row(picture: &Picture, line: &ShelfLine) -> ShelfRow {
    let expected = &line.expected;
    let open = line.open();
    ShelfRow {
        stock: expected.id.to_string(),
        place: format!("{}, {} ({})", picture.site(&expected.site), expected.location, expected.state),
        device: expected.device.clone().unwrap_or_else(|| expected.identifier.clone()),
        unit: unit(expected.lot.as_ref(), expected.serial.as_ref(), expected.expiry),
        tier: tier(expected.tier),
        expected: expected.quantity.to_string(),
        found: line.found.to_string(),
        unaccounted: line.unaccounted.to_string(),
        open: if open > 0 { open.to_string() } else { String::new() },
        next_id: FindingId::new().to_string(),
    }
}

/// A scanned pack.
#[derive(Debug, Deserialize)]
pub struct ScanForm {
    id: FindingId,
    #[serde(default)]
    site: String,
    #[serde(default)]
    barcode: String,
    #[serde(default)]
    second: String,
}

/// `POST /recalls/{id}/quarantine`
#[post("/recalls/{id}/quarantine")]
pub async fn post_scan(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<AcknowledgeRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<ScanForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, recall, form) = (permit.user().clone(), id.into_inner(), form.0);
    let site = form.site.clone();
    let barcodes = [form.barcode, form.second].into_iter().filter(|text| !text.trim().is_empty()).collect();
    let new = NewShelfScan { id: form.id, site: form.site, barcodes };
    match store.write(move |tx| shelf_scan::scan(tx, &user, recall, &new)).await {
        Ok(answer) => {
            let page = quarantine_page(&store, &config, &permit, (recall, site), String::new()).await?;
            show(&QuarantinePage { answer: Some(words(answer)), ..page })
        }
        Err(problem) => again(problem, &store, &config, &permit, (recall, site)).await,
    }
}

fn words(answer: ShelfAnswer) -> (String, String, bool) {
    match answer {
        ShelfAnswer::SetApart { finding } if finding.outcome == FindingOutcome::Unexpected => {
            let text = format!("{}. {} It is in no stock record of this site.", finding.unit, finding.reason);
            ("Set it apart".to_owned(), text, true)
        }
        ShelfAnswer::SetApart { finding } => {
            ("Set it apart".to_owned(), format!("{}. {}", finding.unit, finding.reason), true)
        }
        ShelfAnswer::CountedBefore { finding } => {
            let text = format!("{}, on {}. {}", finding.unit, moment(finding.recorded_at), finding.reason);
            ("Counted before: set it apart".to_owned(), text, true)
        }
        ShelfAnswer::NotMeant { unit, reason } => ("Not meant".to_owned(), format!("{unit}. {reason}"), false),
    }
}

async fn again(
    problem: Problem,
    store: &Store,
    config: &Config,
    who: &SignedIn,
    place: (RecallId, String),
) -> Result<HttpResponse, PageProblem> {
    if !matches!(problem.code(), Code::InvalidInput | Code::WrongState) {
        return Err(problem.into());
    }
    let mut answer = show(&quarantine_page(store, config, who, place, problem.detail().to_owned()).await?)?;
    *answer.status_mut() = problem.code().status();
    Ok(answer)
}

/// Packs that are not there.
#[derive(Debug, Deserialize)]
pub struct UnaccountedForm {
    id: FindingId,
    stock: StockId,
    #[serde(default)]
    site: String,
    #[serde(default)]
    quantity: String,
    #[serde(default)]
    reason: String,
}

/// `POST /recalls/{id}/unaccounted`
#[post("/recalls/{id}/unaccounted")]
pub async fn post_unaccounted(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<AcknowledgeRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<UnaccountedForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, recall, form) = (permit.user().clone(), id.into_inner(), form.0);
    let site = form.site.clone();
    // A number that cannot be read is no number of packs: the rule says what it has to be.
    let quantity = form.quantity.trim().parse().unwrap_or(0);
    let new = NewUnaccounted { id: form.id, stock: form.stock, quantity, reason: form.reason };
    match store.write(move |tx| shelf_scan::unaccounted(tx, &user, recall, &new)).await {
        Ok(_) => Ok(see_other(&format!("/recalls/{recall}/quarantine?site={site}"))),
        Err(problem) => again(problem, &store, &config, &permit, (recall, site)).await,
    }
}
