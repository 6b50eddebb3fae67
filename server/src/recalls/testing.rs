//! What the tests of recalls start from: people, a product, packs on a shelf, patients with implants.

use chrono::{TimeZone as _, Utc};
use diesel::prelude::*;
use tessera_scanner::recall_match::{Tier, alike};

use super::criteria::{CriterionForm, UnitKind};
use super::model::{NewRecall, RecallId, RecallState};
use super::quarantine::run::set_apart;
use super::stock::model::{NewStock, StockId, StockState};
use super::stock::store as stock_store;
use super::store as recalls;
use crate::access::store::{NewUser, add_user, user_named};
use crate::access::{Actor, PasswordHash, Role, User};
use crate::catalogue::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier};
use crate::error::Code;
use crate::identity::model::PatientId;
use crate::once::Written;
use crate::outcomes::model::OutcomeId;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::affected::{self, AffectedUse, Excluded};
use crate::store::schema::{device_uses, organisations, outcomes, patients, procedures, revision_removals, sites};
use crate::theatre::model::{DeviceUseId, ProcedureId};

pub const STEM: &str = "09521001000123";
pub const CARTON: &str = "19521010350247";
/// Units in a carton.
pub const CARTON_HOLDS: i32 = 5;
pub const REFERENCE: &str = "FG-110";

/// The people who deal with recalls.
pub fn people(store: &Store) {
    store
        .write_now(|tx| {
            for (name, role) in [("pat", Role::Procurement), ("sam", Role::Safety), ("sue", Role::Safety)] {
                let password = PasswordHash::stored("nobody signs in here".to_owned());
                let new = NewUser {
                    username: name.to_owned(),
                    display_name: name.to_owned(),
                    role,
                    site_code: None,
                    password,
                };
                add_user(tx, &Actor::System, &new)?;
            }
            Ok(())
        })
        .unwrap();
}

/// A recall of one lot that theatres stop on, in a registry without anybody for it yet.
pub fn active_recall_of_lot(store: &Store, identifier: &str, lot: &str) {
    people(store);
    let new = notice(vec![line(identifier, UnitKind::Lot, Some(lot))]);
    enter(store, &person(store, "pat"), &new).unwrap();
    confirm(store, &person(store, "sam"), new.id).unwrap();
}

/// A site, a product with a carton, and the people who deal with recalls.
pub fn ready(store: &Store) {
    people(store);
    store
        .write_now(|tx| {
            let now = Moment::now();
            diesel::insert_into(organisations::table)
                .values((
                    organisations::ods_code.eq("RXX"),
                    organisations::name.eq("Trust"),
                    organisations::created_at.eq(now),
                ))
                .execute(&mut **tx)?;
            diesel::insert_into(sites::table)
                .values((
                    sites::ods_code.eq("RXX01"),
                    sites::organisation_code.eq("RXX"),
                    sites::name.eq("Site"),
                    sites::created_at.eq(now),
                ))
                .execute(&mut **tx)?;
            Ok(())
        })
        .unwrap();
    let identifier = |text: &str, kind| {
        let quantity = if kind == IdentifierKind::Package { CARTON_HOLDS } else { 1 };
        ProductIdentifier { issuer: Agency::Gs1, identifier: text.to_owned(), kind, quantity }
    };
    let product = NewProduct {
        id: ProductId::new(),
        maker: "Harrowmere Orthopaedics".to_owned(),
        brand: "Fellgate".to_owned(),
        reference: REFERENCE.to_owned(),
        description: "Hip stem".to_owned(),
        category: "hip".to_owned(),
        gmdn: None,
        side: None,
        size: None,
        lot_expected: true,
        serial_expected: false,
        expiry_expected: true,
        identifiers: vec![identifier(STEM, IdentifierKind::Primary), identifier(CARTON, IdentifierKind::Package)],
    };
    let product = product.checked().unwrap();
    store.write_now(move |tx| crate::catalogue::store::add_product(tx, &Actor::System, &product)).unwrap();
}

pub fn person(store: &Store, name: &'static str) -> User {
    store.read_now(|connection| user_named(connection, name)).unwrap()
}

pub fn line(identifier: &str, units: UnitKind, value: Option<&str>) -> CriterionForm {
    CriterionForm {
        issuer: None,
        identifier: Some(identifier.to_owned()).filter(|text| !text.is_empty()),
        maker: None,
        reference: None,
        units,
        value: value.map(str::to_owned),
    }
}

pub fn notice(criteria: Vec<CriterionForm>) -> NewRecall {
    NewRecall {
        id: RecallId::new(),
        reference: format!("Z-{}", RecallId::new()),
        source: "FDA".to_owned(),
        title: "May loosen".to_owned(),
        action: "Quarantine".to_owned(),
        notice: "Lots 19DM28106".to_owned(),
        criteria,
    }
}

pub fn enter(store: &Store, user: &User, new: &NewRecall) -> Result<Written, Code> {
    let (user, new) = (user.clone(), new.checked().unwrap());
    store.write_now(move |tx| recalls::enter(tx, &user, &new)).map_err(|problem| problem.code())
}

pub fn confirm(store: &Store, user: &User, id: RecallId) -> Result<RecallState, Code> {
    let user = user.clone();
    let confirmed = store.write_now(move |tx| recalls::confirm(tx, &user, id)).map_err(|problem| problem.code())?;
    set_apart(store, id).map_err(|problem| problem.code())?;
    Ok(confirmed.state)
}

pub fn receive(store: &Store, lot: Option<&str>) -> StockId {
    receive_as(store, STEM, lot)
}

pub fn receive_as(store: &Store, identifier: &str, lot: Option<&str>) -> StockId {
    let new = NewStock {
        id: StockId::new(),
        site_code: "RXX01".to_owned(),
        location: "Theatre store".to_owned(),
        issuer: None,
        identifier: identifier.to_owned(),
        lot: lot.map(str::to_owned),
        serial: None,
        expiry: None,
        quantity: 3,
        terms: None,
    };
    let checked = new.checked().unwrap();
    store.write_now(move |tx| stock_store::receive(tx, &Actor::System, &checked)).unwrap().0.id
}

pub fn state(store: &Store, id: StockId) -> StockState {
    store.read_now(|connection| stock_store::find(connection, id)).unwrap().unwrap().state
}

/// A patient with a procedure.
pub fn patient(store: &Store) -> (PatientId, ProcedureId) {
    let id = PatientId::new();
    store
        .write_now(move |tx| {
            diesel::insert_into(patients::table)
                .values((patients::id.eq(id), patients::person_id.eq(id), patients::created_at.eq(Moment::now())))
                .execute(&mut **tx)?;
            Ok(())
        })
        .unwrap();
    (id, procedure_of(store, id))
}

/// A procedure of a patient.
pub fn procedure_of(store: &Store, patient: PatientId) -> ProcedureId {
    let id = ProcedureId::new();
    store
        .write_now(move |tx| {
            diesel::insert_into(procedures::table)
                .values((
                    procedures::id.eq(id),
                    procedures::patient_id.eq(patient),
                    procedures::site_code.eq("RXX01"),
                    procedures::theatre.eq("1"),
                    procedures::opcs4.eq("W371"),
                    // In London it is the next day.
                    procedures::started_at.eq(Moment::from(Utc.with_ymd_and_hms(2026, 6, 1, 23, 30, 0).unwrap())),
                ))
                .execute(&mut **tx)?;
            Ok(())
        })
        .unwrap();
    id
}

/// What is recorded of one device.
#[derive(Clone, Copy, Debug)]
pub struct Implant<'a> {
    pub identifier: Option<&'a str>,
    pub lot: Option<&'a str>,
    pub fate: &'static str,
    pub supersedes: Option<DeviceUseId>,
    pub explant_of: Option<DeviceUseId>,
}

pub const STEM_IN: Implant<'_> =
    Implant { identifier: Some(STEM), lot: None, fate: "implanted", supersedes: None, explant_of: None };

pub fn implant(store: &Store, procedure: ProcedureId, what: Implant<'_>) -> DeviceUseId {
    let id = DeviceUseId::new();
    let (identifier, lot) = (what.identifier.map(str::to_owned), what.lot.map(str::to_owned));
    let (fate, supersedes, explant_of) = (what.fate, what.supersedes, what.explant_of);
    store
        .write_now(move |tx| {
            diesel::insert_into(device_uses::table)
                .values((
                    device_uses::id.eq(id),
                    device_uses::procedure_id.eq(procedure),
                    device_uses::issuer.eq(identifier.as_ref().map(|_| "GS1")),
                    device_uses::identifier.eq(&identifier),
                    device_uses::lot.eq(&lot),
                    device_uses::lot_alike.eq(lot.as_deref().map(alike)),
                    device_uses::fate.eq(fate),
                    device_uses::supersedes.eq(supersedes),
                    device_uses::explant_of.eq(explant_of),
                    device_uses::recorded_at.eq(Moment::now()),
                ))
                .execute(&mut **tx)?;
            Ok(())
        })
        .unwrap();
    id
}

pub fn found(store: &Store, criteria: &[CriterionForm], excluded: Excluded) -> Vec<AffectedUse> {
    let criteria: Vec<_> = criteria.iter().map(|form| form.checked().unwrap()).collect();
    store.read_now(|connection| affected::uses(connection, &criteria, excluded)).unwrap()
}

pub fn tiers(uses: &[AffectedUse]) -> Vec<(Option<&str>, Tier)> {
    let mut tiers: Vec<_> = uses.iter().map(|one| (one.lot.as_deref(), one.tier)).collect();
    tiers.sort();
    tiers
}

/// Records that a revision took a device out.
pub fn revise(store: &Store, procedure: ProcedureId, device_use: DeviceUseId, withdrawn: bool) {
    store
        .write_now(move |tx| {
            let id = OutcomeId::new();
            let patient: PatientId =
                procedures::table.find(procedure).select(procedures::patient_id).first(&mut **tx)?;
            diesel::insert_into(outcomes::table)
                .values((
                    outcomes::id.eq(id),
                    outcomes::patient_id.eq(patient),
                    outcomes::kind.eq("revision"),
                    outcomes::occurred_on.eq(chrono::NaiveDate::from_ymd_opt(2026, 9, 30).unwrap()),
                    outcomes::withdrawn.eq(withdrawn),
                    outcomes::recorded_at.eq(Moment::now()),
                ))
                .execute(&mut **tx)?;
            diesel::insert_into(revision_removals::table)
                .values((revision_removals::outcome_id.eq(id), revision_removals::device_use_id.eq(device_use)))
                .execute(&mut **tx)?;
            Ok(())
        })
        .unwrap();
}
