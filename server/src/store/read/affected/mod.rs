//! Which shelves and which patients a recall concerns.
//!
//! Candidates come from indexes, by the identifiers of every product that the notice names (package, secondary and previous
//! ones too) and the lot or serial as it looks; then each is held against the notice by
//! [`recall_match`](tessera_scanner::recall_match). No table is read whole. Units whose device matches but whose lot does
//! not are left out unless asked for.

mod judge;
mod reach;
mod removals;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Serialize;
use tessera_scanner::recall_match::{Criterion, Match, Tier};
use tessera_scanner::verdict::london_date;
use utoipa::ToSchema;

use self::judge::{Judge, Seen};
use self::reach::Reach;
use crate::catalogue::model::{Agency, ProductId};
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::recalls::stock::model::{StockId, StockState};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, patients, procedures, product_identifiers, stock_items};
use crate::theatre::model::{DeviceUseId, ProcedureId};

/// Whether to answer also with what was held against the notice and found not to be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// Leave it out.
    LeftOut,
    /// Show it with its reason. Reads every unit of each product.
    Shown,
}

/// Packs on one shelf, held against a recall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AffectedStock {
    /// The stock item.
    pub id: StockId,
    /// Site (ODS code).
    pub site: String,
    /// Where at the site.
    pub location: String,
    /// Maker and brand, where the catalogue has it.
    pub device: Option<String>,
    /// Whose identifier.
    pub issuer: Agency,
    /// Device identifier.
    pub identifier: String,
    /// Lot.
    pub lot: Option<String>,
    /// Serial.
    pub serial: Option<String>,
    /// Expiry date.
    pub expiry: Option<NaiveDate>,
    /// Packs.
    pub quantity: i32,
    /// Where it stands.
    pub state: StockState,
    /// How sure: `definite`, `probable`, `possible` or `excluded`.
    #[schema(value_type = String)]
    pub tier: Tier,
    /// Why, in plain words.
    pub reason: String,
}

/// One device that went into a patient, held against a recall. Of the patient only the pseudonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AffectedUse {
    /// The record of its use.
    pub device_use: DeviceUseId,
    /// The patient, as this registry knows them: not who it is.
    pub patient: PatientId,
    /// The patient who stands for all records of the same person.
    pub person: PatientId,
    /// The person's name among those who may not know the identity.
    pub pseudonym: String,
    /// In which procedure.
    pub procedure: ProcedureId,
    /// What was done (OPCS-4).
    pub opcs4: String,
    /// Site (ODS code).
    pub site: String,
    /// On which day.
    pub implanted_on: NaiveDate,
    /// Maker and brand, where the catalogue has it.
    pub device: Option<String>,
    /// Whose identifier.
    pub issuer: Option<Agency>,
    /// Device identifier.
    pub identifier: Option<String>,
    /// Lot.
    pub lot: Option<String>,
    /// Serial.
    pub serial: Option<String>,
    /// Expiry date.
    pub expiry: Option<NaiveDate>,
    /// Whether it is still in the patient, as far as is recorded.
    pub in_patient: bool,
    /// On which day it was taken out.
    pub removed_on: Option<NaiveDate>,
    /// How sure: `definite`, `probable`, `possible` or `excluded`.
    #[schema(value_type = String)]
    pub tier: Tier,
    /// Why, in plain words.
    pub reason: String,
}

diesel::alias!(device_uses as later_uses: LaterUses);

#[derive(Queryable)]
struct StockRow {
    id: StockId,
    site: String,
    location: String,
    product: Option<ProductId>,
    issuer: Agency,
    identifier: String,
    lot: Option<String>,
    serial: Option<String>,
    expiry: Option<NaiveDate>,
    quantity: i32,
    state: StockState,
}

#[derive(Queryable)]
struct UseRow {
    id: DeviceUseId,
    product: Option<ProductId>,
    issuer: Option<Agency>,
    identifier: Option<String>,
    lot: Option<String>,
    serial: Option<String>,
    expiry: Option<NaiveDate>,
    manufacture: Option<NaiveDate>,
    supersedes: Option<DeviceUseId>,
    procedure: ProcedureId,
    opcs4: String,
    site: String,
    started_at: Moment,
    patient: PatientId,
    person: PatientId,
}

/// Devices that went into a patient and whose record nothing supersedes.
macro_rules! current_uses {
    () => {
        device_uses::table
            .inner_join(procedures::table.inner_join(patients::table))
            .filter(device_uses::fate.eq("implanted"))
            .filter(not(exists(
                later_uses.filter(later_uses.field(device_uses::supersedes).eq(device_uses::id.nullable())),
            )))
            .select((
                device_uses::id,
                device_uses::product_id,
                device_uses::issuer,
                device_uses::identifier,
                device_uses::lot,
                device_uses::serial,
                device_uses::expiry,
                device_uses::manufacture,
                device_uses::supersedes,
                procedures::id,
                procedures::opcs4,
                procedures::site_code,
                procedures::started_at,
                patients::id,
                patients::person_id,
            ))
    };
}

/// Runs `$base` once for each way in which an index of `$table` leads to units of a batch.
macro_rules! by_every_index {
    ($connection:ident, $table:ident, $batch:ident, $base:expr) => {{
        let mut found = Vec::new();
        let base = || $base;
        let devices = || base().filter($table::identifier.eq_any($batch.identifiers.clone()));
        // Nearly all of a product's units carry one of its identifiers; only the rest are looked up by the product.
        let others = || $table::identifier.ne_all($batch.identifiers.clone()).or($table::identifier.is_null());
        let products = || base().filter($table::product_id.eq_any($batch.products.clone())).filter(others());
        if $batch.every_unit {
            found.extend(devices().load($connection)?);
            found.extend(products().load($connection)?);
        }
        if $batch.unknown {
            let known = product_identifiers::table
                .filter(product_identifiers::identifier.nullable().eq($table::identifier.nullable()));
            let unknown = || base().filter($table::product_id.is_null()).filter(not(exists(known)));
            found.extend(unknown().filter($table::lot_alike.eq_any($batch.lots.clone())).load($connection)?);
            found.extend(unknown().filter($table::serial_alike.eq_any($batch.serials.clone())).load($connection)?);
        }
        if !$batch.lots.is_empty() {
            let lots = || $batch.lots.clone();
            found.extend(devices().filter($table::lot_alike.eq_any(lots())).load($connection)?);
            found.extend(devices().filter($table::lot_alike.is_null()).load($connection)?);
            found.extend(products().filter($table::lot_alike.eq_any(lots())).load($connection)?);
            found.extend(products().filter($table::lot_alike.is_null()).load($connection)?);
        }
        if !$batch.serials.is_empty() {
            let serials = || $batch.serials.clone();
            found.extend(devices().filter($table::serial_alike.eq_any(serials())).load($connection)?);
            found.extend(devices().filter($table::serial_alike.is_null()).load($connection)?);
            found.extend(products().filter($table::serial_alike.eq_any(serials())).load($connection)?);
            found.extend(products().filter($table::serial_alike.is_null()).load($connection)?);
        }
        found
    }};
}

/// The stock that a notice concerns, surest first.
///
/// # Errors
/// Those of the database.
pub fn stock(
    connection: &mut AnyConnection,
    criteria: &[Criterion],
    excluded: Excluded,
) -> Result<Vec<AffectedStock>, Problem> {
    let reach = Reach::of(connection, criteria, excluded)?;
    let mut judge = Judge::new(criteria, &reach);
    let mut seen = HashSet::new();
    let mut affected = Vec::new();
    for batch in reach.batches() {
        let rows: Vec<StockRow> = by_every_index!(
            connection,
            stock_items,
            batch,
            stock_items::table.filter(stock_items::state.ne(StockState::Used)).select((
                stock_items::id,
                stock_items::site_code,
                stock_items::location,
                stock_items::product_id,
                stock_items::issuer,
                stock_items::identifier,
                stock_items::lot,
                stock_items::serial,
                stock_items::expiry,
                stock_items::quantity,
                stock_items::state,
            ))
        );
        for row in rows {
            let unit = Seen {
                product: row.product,
                issuer: Some(row.issuer),
                identifier: Some(&row.identifier),
                lot: row.lot.as_deref(),
                serial: row.serial.as_deref(),
                expiry: row.expiry,
                manufacture: None,
            };
            let Some(found) = judge.hold(&unit) else { continue };
            if (found.tier == Tier::Excluded && excluded == Excluded::LeftOut) || !seen.insert(row.id) {
                continue;
            }
            affected.push(AffectedStock {
                device: judge.name(&unit),
                tier: found.tier,
                reason: found.reason,
                id: row.id,
                site: row.site,
                location: row.location,
                issuer: row.issuer,
                identifier: row.identifier,
                lot: row.lot,
                serial: row.serial,
                expiry: row.expiry,
                quantity: row.quantity,
                state: row.state,
            });
        }
    }
    affected.sort_by(|a, b| {
        (Reverse(a.tier), &a.site, &a.location, a.id).cmp(&(Reverse(b.tier), &b.site, &b.location, b.id))
    });
    Ok(affected)
}

/// The devices in patients that a notice concerns: by person, the surest first.
///
/// # Errors
/// Those of the database.
pub fn uses(
    connection: &mut AnyConnection,
    criteria: &[Criterion],
    excluded: Excluded,
) -> Result<Vec<AffectedUse>, Problem> {
    let reach = Reach::of(connection, criteria, excluded)?;
    let mut judge = Judge::new(criteria, &reach);
    let mut matched = HashMap::new();
    for batch in reach.batches() {
        let mut rows: Vec<UseRow> = by_every_index!(connection, device_uses, batch, current_uses!());
        if batch.every_nameless {
            rows.extend(current_uses!().filter(device_uses::identifier.is_null()).load(connection)?);
        }
        if !batch.lots.is_empty() {
            // What was typed without any identifier can only be found by its lot.
            let nameless = || current_uses!().filter(device_uses::identifier.is_null());
            rows.extend(nameless().filter(device_uses::lot_alike.eq_any(batch.lots.clone())).load(connection)?);
        }
        if !batch.serials.is_empty() {
            let nameless = || current_uses!().filter(device_uses::identifier.is_null());
            rows.extend(nameless().filter(device_uses::serial_alike.eq_any(batch.serials.clone())).load(connection)?);
        }
        for row in rows {
            let Some(found) = judge.hold(&row.seen()) else { continue };
            if found.tier > Tier::Excluded || excluded == Excluded::Shown {
                let device = judge.name(&row.seen());
                matched.insert(row.id, (row, device, found));
            }
        }
    }
    let chains: Vec<_> = matched.values().map(|(row, ..)| (row.id, row.supersedes)).collect();
    let removed = removals::of(connection, &chains)?;
    let mut affected: Vec<_> = matched
        .into_values()
        .map(|(row, device, found)| {
            let removed_on = removed.get(&row.id).copied();
            row.affected(device, found, removed_on)
        })
        .collect();
    surest_person_first(&mut affected);
    Ok(affected)
}

impl UseRow {
    fn seen(&self) -> Seen<'_> {
        Seen {
            product: self.product,
            issuer: self.issuer,
            identifier: self.identifier.as_deref(),
            lot: self.lot.as_deref(),
            serial: self.serial.as_deref(),
            expiry: self.expiry,
            manufacture: self.manufacture,
        }
    }

    fn affected(self, device: Option<String>, found: Match, removed_on: Option<NaiveDate>) -> AffectedUse {
        AffectedUse {
            device_use: self.id,
            patient: self.patient,
            person: self.person,
            pseudonym: self.person.pseudonym(),
            procedure: self.procedure,
            opcs4: self.opcs4,
            site: self.site,
            implanted_on: london_date(self.started_at.utc()),
            device,
            issuer: self.issuer,
            identifier: self.identifier,
            lot: self.lot,
            serial: self.serial,
            expiry: self.expiry,
            in_patient: removed_on.is_none(),
            removed_on,
            tier: found.tier,
            reason: found.reason,
        }
    }
}

/// Those who still have the device come first, and each person's devices stay together.
fn surest_person_first(affected: &mut [AffectedUse]) {
    let mut surest: HashMap<PatientId, (bool, Tier)> = HashMap::new();
    for one in &*affected {
        let known = surest.entry(one.person).or_insert((one.in_patient, one.tier));
        *known = (*known).max((one.in_patient, one.tier));
    }
    affected.sort_by_key(|one| {
        (
            Reverse(surest[&one.person]),
            one.person,
            Reverse((one.in_patient, one.tier)),
            one.implanted_on,
            one.device_use,
        )
    });
}
