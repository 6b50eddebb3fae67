//! Holds what was just recorded against the active recalls.

use std::collections::BTreeMap;

use tessera_scanner::recall_match::{Match, Tier, Unit, gravest};
use tessera_scanner::udi::DeviceIdentifier;

use super::model::AlertKind;
use super::store as alerts;
use crate::access::Actor;
use crate::catalogue;
use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::identity::store::person_of;
use crate::recalls::meant::{Shown, active_about_unit};
use crate::recalls::model::Notice;
use crate::recalls::quarantine::Recalled;
use crate::recalls::stock::model::StockItem;
use crate::recalls::store as recalls;
use crate::store::{AnyConnection, Transaction};
use crate::theatre::device_uses::DeviceUse;
use crate::theatre::model::Fate;
use crate::theatre::procedures;

/// Recalls that mean one device, by their references.
type Hits = BTreeMap<String, Match>;

/// The active recalls that mean a device that is in a patient; none where it is not implanted.
fn hits(connection: &mut AnyConnection, used: &DeviceUse) -> Result<Hits, Problem> {
    if used.fate != Fate::Implanted {
        return Ok(Hits::new());
    }
    let product = match used.product_id {
        Some(id) => catalogue::store::find_product(connection, id)?,
        None => None,
    };
    let mut devices = match &product {
        Some(product) => catalogue::store::identifiers_of(connection, product.id)?,
        None => Vec::new(),
    };
    if let Some(text) = &used.identifier {
        let issuer = used.issuer.as_deref().and_then(|word| word.parse().ok()).unwrap_or(Agency::Gs1);
        let device = DeviceIdentifier { issuer: issuer.into(), text: text.clone() };
        if !devices.contains(&device) {
            devices.push(device);
        }
    }
    let maker = product.as_ref().map(|product| product.maker.as_str());
    let reference = product.as_ref().map(|product| product.reference.as_str());
    let unit = Unit {
        devices: &devices,
        maker,
        reference,
        lot: used.lot.as_deref(),
        serial: used.serial.as_deref(),
        expiry: used.expiry,
        manufacture: used.manufacture,
    };
    let shown = Shown::of(used.lot.as_deref(), used.serial.as_deref());
    let active = active_about_unit(connection, &devices, (maker, reference), &shown)?;
    let meant = active.into_iter().filter_map(|recall| {
        let (_, found) = gravest(&unit, &recall.criteria)?;
        (found.tier > Tier::Excluded).then_some((recall.reference, found))
    });
    Ok(meant.collect())
}

fn notice(connection: &mut AnyConnection, reference: &str) -> Result<Notice, Problem> {
    recalls::by_reference(connection, reference)
}

fn who(connection: &mut AnyConnection, used: &DeviceUse) -> Result<PatientId, Problem> {
    let patient = procedures::find(connection, used.procedure_id)?.patient_id;
    person_of(connection, patient)
}

/// A device use was recorded, in the place of `before` where it corrects one: raises an alert for each recall that means it and did
/// not mean what stood there before, and one for each that means it no longer.
///
/// # Errors
/// Those of the database.
pub fn after_use(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    before: Option<&DeviceUse>,
    now: &DeviceUse,
) -> Result<(), Problem> {
    let meant = hits(tx, now)?;
    let was = match before {
        Some(before) => hits(tx, before)?,
        None => Hits::new(),
    };
    if meant.is_empty() && was.is_empty() {
        return Ok(());
    }
    let person = who(tx, now)?.pseudonym();
    for (reference, found) in &meant {
        if was.get(reference).is_some_and(|before| before.tier >= found.tier) {
            continue;
        }
        let text = format!("{person} has a device of this recall. {}", found.reason);
        let notice = notice(tx, reference)?;
        alerts::raise(tx, actor, &notice, (AlertKind::Patient, Some(now.id)), text)?;
    }
    for reference in was.keys().filter(|reference| !meant.contains_key(*reference)) {
        let text = format!("The record of a device of {person} was corrected: this recall does not mean it any more.");
        let notice = notice(tx, reference)?;
        alerts::raise(tx, actor, &notice, (AlertKind::Gone, Some(now.id)), text)?;
    }
    Ok(())
}

/// A procedure was given to another patient: raises an alert for each recall that means one of its devices.
///
/// # Errors
/// Those of the database.
pub fn after_patient(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    uses: &[DeviceUse],
    (before, after): (PatientId, PatientId),
) -> Result<(), Problem> {
    for used in uses {
        for (reference, found) in hits(tx, used)? {
            let (from, to) = (person_of(tx, before)?.pseudonym(), person_of(tx, after)?.pseudonym());
            let text = format!("The device is in {to}, not in {from}, as was recorded. {}", found.reason);
            let notice = notice(tx, &reference)?;
            alerts::raise(tx, actor, &notice, (AlertKind::Patient, Some(used.id)), text)?;
        }
    }
    Ok(())
}

/// Packs that a recall means came in and were set apart.
///
/// # Errors
/// Those of the database.
pub fn after_receipt(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    item: &StockItem,
    recalled: &Recalled,
) -> Result<(), Problem> {
    let packs = crate::web::words::count(usize::try_from(item.quantity).unwrap_or_default(), "pack", "packs");
    let text = format!("{packs} came in at {}, {}. {}", item.site_code, item.location, recalled.reason);
    let notice = notice(tx, &recalled.recall)?;
    alerts::raise(tx, actor, &notice, (AlertKind::Shelf, None), text)
}
