//! Products that no catalogue knew when they were scanned: recorded in full at once, a queue for the catalogue team, and
//! resolved later without touching the record: the link to the product is a new row, judged again.

use actix_web::{get, post, web};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::device_uses::{self, DeviceUse};
use super::joining;
use super::judgement::judge_as_of;
use super::model::{DeviceUseId, Fate};
use super::procedures;
use super::scans::answer_to;
use crate::access::{Actor, ChangeCatalogue, Permit};
use crate::audit::{self, Act};
use crate::catalogue;
use crate::catalogue::model::{Agency, ProductId};
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::columns::Moment;
use crate::store::schema::device_uses as device_uses_table;
use crate::store::{AnyConnection, Store, Transaction};
use tessera_scanner::verdict::{Limits, Rule};

diesel::alias!(device_uses_table as later: Later);

/// Devices of one identifier that no product of the catalogue is known by.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Unknown {
    /// Issuing agency.
    pub issuer: Agency,
    /// Device identifier.
    pub identifier: String,
    /// How many devices of it are recorded.
    pub devices: usize,
    /// How many of them are in patients.
    pub implanted: usize,
    /// When the first was recorded.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub first: Moment,
    /// Lots that were read, some of them.
    pub lots: Vec<String>,
}

/// Most lots that are told of one identifier.
const LOTS: usize = 6;

/// The records as they stand that have an identifier and no product.
fn current(connection: &mut AnyConnection) -> Result<Vec<DeviceUse>, Problem> {
    Ok(device_uses_table::table
        .filter(device_uses_table::product_id.is_null().and(device_uses_table::identifier.is_not_null()))
        .filter(device_uses_table::fate.ne(Fate::EnteredInError))
        .filter(not(exists(
            later.filter(later.field(device_uses_table::supersedes).eq(device_uses_table::id.nullable())),
        )))
        .select(DeviceUse::as_select())
        .order(device_uses_table::id)
        .load(connection)?)
}

/// What waits for the catalogue team, longest first.
///
/// # Errors
/// Those of the database.
pub fn waiting(connection: &mut AnyConnection) -> Result<Vec<Unknown>, Problem> {
    let mut list: Vec<Unknown> = Vec::new();
    for row in current(connection)? {
        let Some((issuer, identifier)) = known_by(&row) else { continue };
        let place = list.iter().position(|one| one.issuer == issuer && one.identifier == identifier);
        let place = place.unwrap_or_else(|| {
            let first = row.recorded_at;
            list.push(Unknown { issuer, identifier, devices: 0, implanted: 0, first, lots: Vec::new() });
            list.len() - 1
        });
        let one = &mut list[place];
        one.devices += 1;
        one.implanted += usize::from(row.fate == Fate::Implanted);
        if let Some(lot) = row.lot.filter(|lot| one.lots.len() < LOTS && !one.lots.contains(lot)) {
            one.lots.push(lot);
        }
    }
    Ok(list)
}

fn known_by(row: &DeviceUse) -> Option<(Agency, String)> {
    Some((row.issuer.as_deref()?.parse().ok()?, row.identifier.clone()?))
}

/// What the packs of an identifier said: the bytes of every barcode of the latest scans, control characters in words.
///
/// # Errors
/// Those of the database.
pub fn said(connection: &mut AnyConnection, issuer: Agency, identifier: &str) -> Result<Vec<String>, Problem> {
    /// Scans that are told: packs of one product say much the same.
    const SCANS: usize = 5;
    let rows = current(connection)?;
    let of_it = rows.iter().rev().filter(|row| known_by(row).is_some_and(|key| key == (issuer, identifier.to_owned())));
    let mut said = Vec::new();
    for row in of_it.take(SCANS) {
        let Some(scan) = row.scan_event_id else { continue };
        for symbol in joining::symbols_of(connection, scan, row.procedure_id).unwrap_or_default() {
            let text = String::from_utf8_lossy(&symbol.bytes).replace('\u{1d}', "␝").replace('\u{1e}', "␞");
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            let text = format!("{}{text}", symbol.aim.unwrap_or_default());
            if !said.contains(&text) {
                said.push(text);
            }
        }
    }
    Ok(said)
}

/// Which product an identifier stands for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Resolution {
    /// Issuing agency.
    pub issuer: Agency,
    /// Device identifier, as in the queue.
    pub identifier: String,
    /// The product; added to the catalogue before, where it was new.
    pub product: ProductId,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Resolved {
    /// Records that now name the product.
    pub linked: usize,
    /// Those of them in a patient whose verdict would have been stop, had the product been known: look at them at once.
    pub stopped: Vec<DeviceUseId>,
}

/// Links every record of an identifier to its product, each by a new row that takes the place of the old one, and judges it
/// again: by the day of its scan, and by what is recalled now. Done again, it finds nothing left to do.
///
/// # Errors
/// [`Code::InvalidInput`] for an identifier that is none, [`Code::NotFound`] for the product, [`Code::WrongState`] where the
/// identifier is another product's.
pub fn resolve(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    limits: Limits,
    rules: &[Rule],
    resolution: &Resolution,
) -> Result<Resolved, Problem> {
    let device = resolution.issuer.identifier(&resolution.identifier)?;
    let product = catalogue::store::product(tx, resolution.product)?;
    match catalogue::store::by_identifier(tx, &device)? {
        Some(known) if known.id == product.id => {}
        Some(other) => {
            let whose = format!("{} is {} {} already.", device.text, other.name(), other.reference);
            return Err(Problem::new(Code::WrongState, whose));
        }
        None => catalogue::store::add_identifier(tx, actor, product.id, &device)?,
    }
    let key = (resolution.issuer, device.text.clone());
    let mut resolved = Resolved { linked: 0, stopped: Vec::new() };
    for row in current(tx)?.into_iter().filter(|row| known_by(row).is_some_and(|known| known == key)) {
        let new = linked(tx, actor, limits, rules, row, product.id)?;
        resolved.linked += 1;
        if new.fate == Fate::Implanted && new.answer.as_deref() == Some("stop") {
            resolved.stopped.push(new.id);
        }
        device_uses::supersede(tx, &new)?;
    }
    let act = Act {
        action: "unknown-product-resolved",
        subject_kind: "product",
        subject: product.id.to_string(),
        detail: &(resolution.issuer, &device.text, resolved.linked, &resolved.stopped),
    };
    audit::record(tx, actor, &act)?;
    Ok(resolved)
}

/// The row that takes the place of one without a product.
fn linked(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    limits: Limits,
    rules: &[Rule],
    row: DeviceUse,
    product: ProductId,
) -> Result<DeviceUse, Problem> {
    let label = match row.scan_event_id {
        Some(scan) => answer_to(tx, scan)?.label,
        None => None,
    };
    let (mut answer, mut reasons) = (row.answer.clone(), row.reasons.clone());
    // What history brought without a scan has no label to judge.
    if let Some(label) = label.filter(|_| row.fate != Fate::Explanted) {
        let procedure = procedures::find(tx, row.procedure_id)?;
        let scanned_at = row.recorded_at.utc();
        let judged = judge_as_of(tx, &procedure, &label, scanned_at, scanned_at, limits, rules)?.verdict;
        answer = serde_json::to_value(judged.answer).ok().and_then(|word| word.as_str().map(str::to_owned));
        reasons = serde_json::to_string(&judged.reasons).ok();
    }
    Ok(DeviceUse {
        id: DeviceUseId::new(),
        product_id: Some(product),
        answer,
        reasons,
        supersedes: Some(row.id),
        reason: Some("The catalogue knows the product now".to_owned()),
        recorded_at: Moment::now(),
        recorded_by: actor.user_id(),
        ..row
    })
}

/// Products that were scanned and that the catalogue does not know
#[utoipa::path(tag = "catalogue", responses((status = 200, body = Vec<Unknown>), (status = 403, body = ProblemDetails)))]
#[get("/unknown-products")]
pub async fn list_unknown(
    store: web::Data<Store>,
    _permit: Permit<ChangeCatalogue>,
) -> Result<web::Json<Vec<Unknown>>, Problem> {
    store.read(waiting).await.map(web::Json)
}

/// Say which product an unknown identifier stands for
#[utoipa::path(tag = "catalogue", request_body = Resolution, responses(
    (status = 200, body = Resolved), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 422, body = ProblemDetails)))]
#[post("/unknown-products")]
pub async fn resolve_unknown(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeCatalogue>,
    body: web::Json<Resolution>,
) -> Result<web::Json<Resolved>, Problem> {
    let (actor, resolution) = (permit.actor(), body.into_inner());
    let (limits, rules) = (config.limits, config.compatibility.clone());
    store.write(move |tx| resolve(tx, &actor, limits, &rules, &resolution)).await.map(web::Json)
}
