//! A small registry for tests of outcomes and of what is computed from them.

use chrono::{NaiveDate, TimeZone as _, Utc};
use diesel::prelude::*;

use super::model::{NewOutcome, OutcomeId, RevisionReason, What, Withdrawal};
use super::store as outcome_store;
use crate::access::Actor;
use crate::catalogue::ProductId;
use crate::catalogue::import::read_csv;
use crate::catalogue::store::add_product;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, organisations, patients, procedures, sites};
use crate::theatre::device_uses::{self as theatre_uses, Explant};
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide, ProcedureId};

const DEVICES: &str = include_str!("../../../fixtures/catalogue/devices.csv");

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn today() -> NaiveDate {
    day("2026-11-23")
}

/// One device in one patient.
#[derive(Clone, Copy)]
pub struct Implanted {
    pub patient: PatientId,
    pub procedure: ProcedureId,
    pub device: DeviceUseId,
}

/// A product, and as many patients as days are given, each with one of it from that day on.
pub fn registry(store: &Store, days: &[&str]) -> (ProductId, Vec<Implanted>) {
    let product = read_csv(DEVICES.as_bytes()).unwrap().rows.remove(0).1;
    let (id, days) = (product.id, days.iter().map(|text| day(text)).collect::<Vec<_>>());
    let all = store
        .write_now(move |tx| {
            add_product(tx, &Actor::System, &product)?;
            let now = Moment::now();
            let organisation = organisations::created_at.eq(now);
            diesel::insert_into(organisations::table)
                .values((organisations::ods_code.eq("RXX"), organisations::name.eq("Northgate"), organisation))
                .execute(&mut **tx)?;
            let site = (sites::ods_code.eq("RXX01"), sites::organisation_code.eq("RXX"), sites::name.eq("Northgate"));
            diesel::insert_into(sites::table).values((site, sites::created_at.eq(now))).execute(&mut **tx)?;
            days.iter().map(|&on| implant(tx, id, on)).collect::<Result<Vec<_>, Problem>>()
        })
        .unwrap();
    (id, all)
}

pub fn implant(
    connection: &mut crate::store::AnyConnection,
    product: ProductId,
    on: NaiveDate,
) -> Result<Implanted, Problem> {
    let one = Implanted { patient: PatientId::new(), procedure: ProcedureId::new(), device: DeviceUseId::new() };
    let at = Moment::from(Utc.from_utc_datetime(&on.and_hms_opt(10, 0, 0).unwrap()));
    diesel::insert_into(patients::table)
        .values((
            patients::id.eq(one.patient),
            patients::person_id.eq(one.patient),
            patients::birth_year.eq(1950),
            patients::sex.eq("female"),
            patients::created_at.eq(at),
        ))
        .execute(connection)?;
    diesel::insert_into(procedures::table)
        .values((
            procedures::id.eq(one.procedure),
            procedures::patient_id.eq(one.patient),
            procedures::site_code.eq("RXX01"),
            procedures::theatre.eq("4"),
            procedures::opcs4.eq("W371"),
            procedures::side.eq(OperatedSide::Right),
            procedures::started_at.eq(at),
        ))
        .execute(connection)?;
    device_use(connection, one, (one.device, Fate::Implanted), None, product)?;
    Ok(one)
}

pub fn device_use(
    connection: &mut crate::store::AnyConnection,
    one: Implanted,
    (id, fate): (DeviceUseId, Fate),
    supersedes: Option<DeviceUseId>,
    product: ProductId,
) -> Result<(), Problem> {
    diesel::insert_into(device_uses::table)
        .values((
            device_uses::id.eq(id),
            device_uses::procedure_id.eq(one.procedure),
            device_uses::product_id.eq(product),
            device_uses::fate.eq(fate),
            device_uses::supersedes.eq(supersedes),
            device_uses::reason.eq(supersedes.map(|_| "misread")),
            device_uses::recorded_at.eq(Moment::now()),
        ))
        .execute(connection)?;
    Ok(())
}

/// Corrects a device use: what it was is now `fate`.
pub fn supersede(store: &Store, one: Implanted, fate: Fate, product: ProductId) -> DeviceUseId {
    let id = DeviceUseId::new();
    store.write_now(move |tx| device_use(tx, one, (id, fate), Some(one.device), product)).unwrap();
    id
}

pub fn outcome(patient: PatientId, on: &str, what: What) -> NewOutcome {
    NewOutcome { id: OutcomeId::new(), patient, occurred_on: day(on), what, supersedes: None, reason: None }
}

pub fn revision(one: Implanted, on: &str, removed: &[DeviceUseId]) -> NewOutcome {
    let what =
        What::Revision { procedure: None, code: RevisionReason::Infection, detail: None, removed: removed.to_vec() };
    outcome(one.patient, on, what)
}

/// Days of four implantations.
pub const DAYS: [&str; 4] = ["2018-01-01", "2018-06-01", "2019-01-01", "2026-01-01"];

/// Withdraws an outcome.
pub fn withdraw_now(store: &Store, of: OutcomeId) {
    let withdrawal = Withdrawal { id: OutcomeId::new(), reason: "another patient's".to_owned() }.checked().unwrap();
    store.write_now(move |tx| outcome_store::withdraw(tx, &Actor::System, of, &withdrawal).map(|_| ())).unwrap();
}

/// Records a death.
pub fn die(store: &Store, patient: PatientId, on: &str) {
    let death = outcome(patient, on, What::Death { code: None }).checked(today()).unwrap();
    store.write_now(move |tx| outcome_store::record(tx, &Actor::System, &death).map(|_| ())).unwrap();
}

/// Takes a device out in theatre.
pub fn explant(store: &Store, one: Implanted, on: &str) {
    let started = Moment::from(Utc.from_utc_datetime(&day(on).and_hms_opt(9, 0, 0).unwrap()));
    store
        .write_now(move |tx| {
            let again = ProcedureId::new();
            diesel::insert_into(procedures::table)
                .values((
                    procedures::id.eq(again),
                    procedures::patient_id.eq(one.patient),
                    procedures::site_code.eq("RXX01"),
                    procedures::theatre.eq("4"),
                    procedures::opcs4.eq("W371"),
                    procedures::started_at.eq(started),
                ))
                .execute(&mut **tx)?;
            let of = Explant { id: DeviceUseId::new(), of: one.device, procedure: again, reason: "loose".to_owned() };
            theatre_uses::explant(tx, &Actor::System, &of).map(|_| ())
        })
        .unwrap();
}
