//! What goes out of the theatre on paper: the record for the notes, and the patient's implant card.

use std::fmt::Write as _;

use actix_web::{HttpResponse, get, web};

use super::case_pages::checks::title;
use super::checks::{self, Check};
use super::device_uses::{self, DeviceUse};
use super::model::{Fate, ProcedureId};
use super::pages::{clock, day_and_clock, patient_on_the_table, whole};
use super::procedures;
use crate::access::{Permission as _, Permit, ReadProcedures};
use crate::catalogue;
use crate::catalogue::makers;
use crate::catalogue::model::Product;
use crate::config::Config;
use crate::error::Problem;
use crate::identity::keys::IdentityKeys;
use crate::store::columns::Moment;
use crate::store::{AnyConnection, Store};
use crate::web::case::{Card, CardPage, RecordPage};
use crate::web::page_problem::{PageProblem, show};
use crate::web::theatre::{DeviceUseShown, ProcedureFacts};
use crate::web::{Fact, Page};

/// The record in plain text: what is in the patient, what is not, who looked at what, which checks were done.
fn text(facts: &ProcedureFacts, ended: Option<Moment>, devices: &[DeviceUseShown], checks: &[Check]) -> String {
    let mut out = String::new();
    let side = if facts.side.is_empty() { "no side" } else { &facts.side };
    let lines = [
        "IMPLANT RECORD".to_owned(),
        format!("{} {}, {side}", facts.code, facts.code_text),
        format!("{}, {}", facts.theatre, facts.site),
        format!("Started {}", facts.started),
        ended.map_or_else(|| "Not finished yet".to_owned(), |at| format!("Finished {}", day_and_clock(at))),
        format!("Patient {} (registry)", facts.patient),
        format!("Team: {}", if facts.team.is_empty() { "no badges scanned" } else { &facts.team }),
    ];
    for line in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{line}");
    }
    let (implanted, others): (Vec<_>, Vec<_>) = devices.iter().partition(|device| device.fate == "implanted");
    for (title, list) in [("IMPLANTED", implanted), ("NOT IMPLANTED", others)] {
        let _ = writeln!(out, "\n{title} ({})", list.len());
        for (number, device) in (1..).zip(list) {
            let known: Vec<String> = device.facts.iter().map(|fact| format!("{} {}", fact.name, fact.value)).collect();
            let fate = if device.fate == "implanted" { String::new() } else { format!(" [{}]", device.fate_text()) };
            let _ = writeln!(out, "{number}. {}{fate}", device.name);
            let said = device.reasons.iter().chain(&device.people).chain(&device.history);
            for line in std::iter::once(&known.join(", ")).chain(said).filter(|line| !line.is_empty()) {
                let _ = writeln!(out, "   {line}");
            }
        }
    }
    let _ = writeln!(out, "\nCHECKS");
    if checks.is_empty() {
        let _ = writeln!(out, "None recorded here.");
    }
    for check in checks {
        let (step, _) = title(check.step);
        let detail = if check.detail.is_empty() { String::new() } else { format!(" ({})", check.detail) };
        let _ = writeln!(out, "{} {step}{detail}: {}", clock(check.done_at), check.done_by);
    }
    out
}

/// `GET /theatre/{id}/record`
#[get("/theatre/{id}/record")]
pub async fn show_record(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadProcedures>,
    id: web::Path<ProcedureId>,
) -> Result<HttpResponse, PageProblem> {
    let id = id.into_inner();
    let (facts, ended, devices, checks) = store
        .read(move |connection| {
            let (facts, ended, devices) = whole(connection, None, id)?;
            Ok((facts, ended, devices, checks::of_procedure(connection, id)?))
        })
        .await?;
    let text = text(&facts, ended, &devices, &checks);
    let lines = text.lines().count() + 1;
    show(&RecordPage {
        page: Page::of(&permit, &config, "Record for the notes", "/theatre"),
        procedure: facts,
        text,
        lines,
    })
}

/// `GET /theatre/{id}/card`
#[get("/theatre/{id}/card")]
pub async fn show_card(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<ReadProcedures>,
    id: web::Path<ProcedureId>,
) -> Result<HttpResponse, PageProblem> {
    let id = id.into_inner();
    let records = crate::access::Record::ROLES.contains(&permit.user().role);
    let page = Page::of(&permit, &config, "Patient’s implant card", "/theatre");
    let card = store
        .read(move |connection| {
            let procedure = procedures::find(connection, id)?;
            let (facts, _, _) = whole(connection, None, id)?;
            // The name is open to the team that has the patient on the table, as on the page for scanning.
            let open = records && procedure.ended_at.is_none();
            let patient = if open {
                patient_on_the_table(connection, &keys, &procedure)?
            } else {
                procedure.patient_id.pseudonym()
            };
            let rows = device_uses::of_procedure(connection, id)?;
            let superseded: Vec<_> = rows.iter().filter_map(|row| row.supersedes).collect();
            let mut cards = Vec::new();
            for row in rows.iter().filter(|row| row.fate == Fate::Implanted && !superseded.contains(&row.id)) {
                cards.push(card_of(connection, row)?);
            }
            let by_hand = patient == procedure.patient_id.pseudonym();
            let date = procedure.started_at.utc().with_timezone(&chrono_tz::Europe::London);
            Ok(CardPage {
                page,
                procedure: id.to_string(),
                patient,
                by_hand,
                date: date.format("%-d %B %Y").to_string(),
                institution: facts.site,
                cards,
            })
        })
        .await?;
    show(&card)
}

/// What Article 18(1)(a) of Regulation (EU) 2017/745 asks for, as far as the registry has it.
fn card_of(connection: &mut AnyConnection, row: &DeviceUse) -> Result<Card, Problem> {
    let product = match row.product_id {
        Some(id) => catalogue::store::find_product(connection, id)?,
        None => None,
    };
    let reach = match &product {
        Some(product) => {
            makers::find(connection, &product.maker)?.map(|maker| format!("{}, {}", maker.address, maker.website))
        }
        None => None,
    };
    let unknown = || "Not in the catalogue yet: copy it from the pack".to_owned();
    let known = |name: &str, value: Option<String>| value.map(|value| Fact::new(name, value));
    let facts = [
        known("Model", product.as_ref().map(|product| product.reference.clone())),
        known("UDI-DI", row.identifier.clone()),
        known("Serial", row.serial.clone()),
        known("Lot", row.lot.clone()),
        known("Expires", row.expiry.map(|day| day.format("%Y-%m-%d").to_string())),
    ];
    Ok(Card {
        name: product
            .as_ref()
            .map_or_else(unknown, |product: &Product| format!("{}, {}", product.brand, product.description)),
        facts: facts.into_iter().flatten().collect(),
        maker: product.as_ref().map_or_else(unknown, |product| product.maker.clone()),
        reach: reach.unwrap_or_else(|| "Address and website: see the pack".to_owned()),
    })
}
