//! Recalls on both engines: two people, tiers, quarantine, patients by pseudonym.

use chrono::{TimeZone as _, Utc};
use diesel::prelude::*;
use tessera_scanner::recall_match::{Tier, alike};
use tessera_scanner::udi::{DeviceIdentifier, Issuer};

use super::api::{Sight, ask};
use super::criteria::{CriterionForm, UnitKind};
use super::model::{NewRecall, RecallId, RecallState};
use super::stock::model::{NewStock, StockId, StockState};
use super::stock::store as stock_store;
use super::store::{self as recalls, Entered};
use crate::access::store::{NewUser, add_user, user_named};
use crate::access::{Actor, PasswordHash, Role, User};
use crate::audit::{self, AuditFilter};
use crate::catalogue::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier};
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::outcomes::model::OutcomeId;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::affected::{self, AffectedUse, Excluded};
use crate::store::schema::{device_uses, organisations, outcomes, patients, procedures, revision_removals, sites};
use crate::store::testing::on_both_engines;
use crate::theatre::model::{DeviceUseId, ProcedureId};

const STEM: &str = "09521001000123";
const CARTON: &str = "19521010350247";
const REFERENCE: &str = "FG-110";

/// A site, a product with a carton, and the people who deal with recalls.
fn ready(store: &Store) {
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
    let identifier =
        |text: &str, kind| ProductIdentifier { issuer: Agency::Gs1, identifier: text.to_owned(), kind, quantity: 1 };
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

fn person(store: &Store, name: &'static str) -> User {
    store.read_now(|connection| user_named(connection, name)).unwrap()
}

fn line(identifier: &str, units: UnitKind, value: Option<&str>) -> CriterionForm {
    CriterionForm {
        issuer: None,
        identifier: Some(identifier.to_owned()).filter(|text| !text.is_empty()),
        maker: None,
        reference: None,
        units,
        value: value.map(str::to_owned),
    }
}

fn notice(criteria: Vec<CriterionForm>) -> NewRecall {
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

fn enter(store: &Store, user: &User, new: &NewRecall) -> Result<Entered, Code> {
    let (user, new) = (user.clone(), new.checked().unwrap());
    store.write_now(move |tx| recalls::enter(tx, &user, &new)).map_err(|problem| problem.code())
}

fn confirm(store: &Store, user: &User, id: RecallId) -> Result<RecallState, Code> {
    let user = user.clone();
    let confirmed = store.write_now(move |tx| recalls::confirm(tx, &user, id));
    confirmed.map(|recall| recall.notice.state).map_err(|problem| problem.code())
}

fn receive(store: &Store, lot: Option<&str>) -> StockId {
    receive_as(store, STEM, lot)
}

fn receive_as(store: &Store, identifier: &str, lot: Option<&str>) -> StockId {
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
    };
    let checked = new.checked().unwrap();
    store.write_now(move |tx| stock_store::receive(tx, &Actor::System, &checked)).unwrap().0.id
}

fn state(store: &Store, id: StockId) -> StockState {
    store.read_now(|connection| stock_store::find(connection, id)).unwrap().unwrap().state
}

/// A patient with a procedure.
fn patient(store: &Store) -> (PatientId, ProcedureId) {
    let ids = (PatientId::new(), ProcedureId::new());
    store
        .write_now(move |tx| {
            diesel::insert_into(patients::table)
                .values((patients::id.eq(ids.0), patients::person_id.eq(ids.0), patients::created_at.eq(Moment::now())))
                .execute(&mut **tx)?;
            diesel::insert_into(procedures::table)
                .values((
                    procedures::id.eq(ids.1),
                    procedures::patient_id.eq(ids.0),
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
    ids
}

/// What is recorded of one device.
#[derive(Clone, Copy)]
struct Implant<'a> {
    identifier: Option<&'a str>,
    lot: Option<&'a str>,
    fate: &'static str,
    supersedes: Option<DeviceUseId>,
    explant_of: Option<DeviceUseId>,
}

const STEM_IN: Implant<'_> =
    Implant { identifier: Some(STEM), lot: None, fate: "implanted", supersedes: None, explant_of: None };

fn implant(store: &Store, procedure: ProcedureId, what: Implant<'_>) -> DeviceUseId {
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

fn found(store: &Store, criteria: &[CriterionForm], excluded: Excluded) -> Vec<AffectedUse> {
    let criteria: Vec<_> = criteria.iter().map(|form| form.checked().unwrap()).collect();
    store.read_now(|connection| affected::uses(connection, &criteria, excluded)).unwrap()
}

fn tiers(uses: &[AffectedUse]) -> Vec<(Option<&str>, Tier)> {
    let mut tiers: Vec<_> = uses.iter().map(|one| (one.lot.as_deref(), one.tier)).collect();
    tiers.sort();
    tiers
}

#[test]
fn a_recall_takes_two_people_and_is_entered_once() {
    on_both_engines(|store| {
        ready(store);
        let (pat, sam, sue) = (person(store, "pat"), person(store, "sam"), person(store, "sue"));
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("19DM28106"))]);
        assert_eq!(enter(store, &sam, &new), Ok(Entered::Now));
        assert_eq!(enter(store, &sam, &new), Ok(Entered::Before));
        assert_eq!(enter(store, &pat, &new), Err(Code::IdReused));
        assert_eq!(enter(store, &sam, &NewRecall { title: "Other".to_owned(), ..new.clone() }), Err(Code::IdReused));
        assert_eq!(enter(store, &sam, &NewRecall { id: RecallId::new(), ..new.clone() }), Err(Code::WrongState));
        assert_eq!(confirm(store, &sam, new.id), Err(Code::SecondPerson));
        assert_eq!(confirm(store, &sue, new.id), Ok(RecallState::Active));
        assert_eq!(confirm(store, &sue, new.id), Ok(RecallState::Active));
        assert_eq!(confirm(store, &pat, new.id), Err(Code::WrongState));
        assert_eq!(confirm(store, &sue, RecallId::new()), Err(Code::NotFound));
        let actions = store
            .read_now(|connection| {
                let subject = Some(new.id.to_string());
                audit::latest(connection, &AuditFilter { subject, limit: 10, ..AuditFilter::default() })
            })
            .unwrap();
        let actions: Vec<_> = actions.iter().map(|entry| (entry.action.as_str(), entry.actor.as_str())).collect();
        assert_eq!(actions, [("recall-confirmed", "sue"), ("recall-entered", "sam")]);
    });
}

#[test]
fn an_active_recall_is_what_the_verdict_hears_of() {
    on_both_engines(|store| {
        ready(store);
        let (pat, sam) = (person(store, "pat"), person(store, "sam"));
        let mut by_number = line("", UnitKind::Lot, Some("B2"));
        (by_number.maker, by_number.reference) = (Some("Harrowmere".to_owned()), Some(REFERENCE.to_owned()));
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("A1")), by_number, line(CARTON, UnitKind::All, None)]);
        enter(store, &pat, &new).unwrap();
        let about = |identifier: &str, reference: Option<&str>| {
            let devices = [DeviceIdentifier { issuer: Issuer::Gs1, text: identifier.to_owned() }];
            let facts =
                store.read_now(|connection| recalls::active_about(connection, &devices, None, reference)).unwrap();
            facts.iter().map(|recall| recall.criteria.len()).collect::<Vec<_>>()
        };
        assert_eq!(about(STEM, None), [0; 0], "not before it is confirmed");
        confirm(store, &sam, new.id).unwrap();
        assert_eq!(about(STEM, None), [1]);
        assert_eq!(about(STEM, Some(REFERENCE)), [2]);
        assert_eq!(about("00844505000772", None), [0; 0]);
        let closed = store.write_now({
            let sam = sam.clone();
            move |tx| recalls::close(tx, &sam, new.id, "withdrawn")
        });
        assert_eq!(closed.unwrap().notice.state, RecallState::Closed);
        assert_eq!(about(STEM, Some(REFERENCE)), [0; 0]);
        let again = store.write_now(move |tx| recalls::close(tx, &sam, new.id, "again")).map_err(|it| it.code());
        assert_eq!(again.unwrap_err(), Code::WrongState);
    });
}

#[test]
fn stock_is_quarantined_on_confirmation_and_on_arrival_where_it_is_certain() {
    on_both_engines(|store| {
        ready(store);
        let (pat, sam) = (person(store, "pat"), person(store, "sam"));
        let exact = receive(store, Some("19DM28106"));
        let longer = receive(store, Some("19DM28106A"));
        let looks_like = receive(store, Some("19DM281O6"));
        let unmarked = receive(store, None);
        let carton = receive_as(store, CARTON, Some("19DM28106"));
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("19DM28106"))]);
        enter(store, &pat, &new).unwrap();
        assert_eq!(state(store, exact), StockState::Available);
        confirm(store, &sam, new.id).unwrap();
        assert_eq!(state(store, exact), StockState::Quarantined);
        assert_eq!(state(store, carton), StockState::Quarantined, "the carton holds the same device");
        for left in [longer, looks_like, unmarked] {
            assert_eq!(state(store, left), StockState::Available);
        }
        assert_eq!(state(store, receive(store, Some("19DM28106"))), StockState::Quarantined);
        assert_eq!(state(store, receive(store, Some("19DM28107"))), StockState::Available);
        let (moved, told) = store
            .read_now(|connection| {
                let criteria = recalls::show(connection, new.id)?.criteria;
                let filter =
                    AuditFilter { action: Some("stock-quarantined".to_owned()), limit: 10, ..AuditFilter::default() };
                Ok((affected::stock(connection, &criteria, Excluded::Shown)?, audit::latest(connection, &filter)?))
            })
            .unwrap();
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|entry| entry.actor == "sam" && entry.detail.contains(&new.reference)), "{told:?}");
        let tier = |id: StockId| moved.iter().find(|one| one.id == id).unwrap().tier;
        assert_eq!(
            [exact, longer, looks_like, unmarked, carton].map(tier),
            [Tier::Definite, Tier::Excluded, Tier::Possible, Tier::Possible, Tier::Definite]
        );
        assert!(moved[0].reason.contains("19DM28106"), "{}", moved[0].reason);
    });
}

#[test]
fn patients_are_found_by_tier_and_never_by_a_prefix() {
    on_both_engines(|store| {
        ready(store);
        let (who, procedure) = patient(store);
        for lot in [Some("19DM28106"), Some("19DM28106A"), Some("19DM281O6"), Some("OTHER"), None] {
            implant(store, procedure, Implant { lot, ..STEM_IN });
        }
        implant(store, procedure, Implant { lot: Some("19DM28106"), fate: "wasted", ..STEM_IN });
        implant(store, procedure, Implant { identifier: None, lot: Some("19DM28106"), ..STEM_IN });
        implant(store, procedure, Implant { identifier: Some("00844505000772"), lot: Some("19DM28106"), ..STEM_IN });
        let criteria = [line(CARTON, UnitKind::Lot, Some("19DM28106"))];
        let hits = found(store, &criteria, Excluded::LeftOut);
        assert_eq!(
            tiers(&hits),
            [
                (None, Tier::Possible),
                (Some("19DM28106"), Tier::Possible),
                (Some("19DM28106"), Tier::Definite),
                (Some("19DM281O6"), Tier::Possible),
            ],
            "the carton's identifier finds the device inside; what has no identifier is possible; another device is not meant"
        );
        assert_eq!((hits[0].tier, hits[0].person, hits[0].patient), (Tier::Definite, who, who));
        assert_eq!(hits[0].implanted_on.to_string(), "2026-06-02");
        assert_eq!(hits[0].device.as_deref(), Some("Harrowmere Orthopaedics Fellgate"));
        let all = found(store, &criteria, Excluded::Shown);
        let excluded: Vec<_> = all.iter().filter(|one| one.tier == Tier::Excluded).collect();
        assert_eq!(excluded.iter().map(|one| one.lot.as_deref().unwrap()).collect::<Vec<_>>(), ["19DM28106A", "OTHER"]);
        assert!(excluded[0].reason.contains("19DM28106A"), "{}", excluded[0].reason);
        let none = found(store, &[line(STEM, UnitKind::Expiry, Some("2031-03-31"))], Excluded::LeftOut);
        assert!(none.iter().all(|one| one.tier == Tier::Possible), "no pack shows a date: {none:?}");
    });
}

#[test]
fn maker_and_catalogue_number_are_probable() {
    on_both_engines(|store| {
        ready(store);
        let (_, procedure) = patient(store);
        implant(store, procedure, Implant { lot: Some("19DM28106"), ..STEM_IN });
        let mut form = line("", UnitKind::Lot, Some("19DM28106"));
        form.reference = Some(REFERENCE.to_owned());
        form.maker = Some("harrowmere orthopaedics".to_owned());
        assert_eq!(tiers(&found(store, &[form.clone()], Excluded::LeftOut)), [(Some("19DM28106"), Tier::Probable)]);
        form.maker = None;
        assert_eq!(tiers(&found(store, &[form], Excluded::LeftOut)), [(Some("19DM28106"), Tier::Possible)]);
    });
}

#[test]
fn a_device_that_was_taken_out_is_shown_as_gone() {
    on_both_engines(|store| {
        ready(store);
        let lot = Some("A1");
        let (_, first) = patient(store);
        let revised = implant(store, first, Implant { lot, ..STEM_IN });
        let (_, second) = patient(store);
        let explanted = implant(store, second, Implant { lot, ..STEM_IN });
        implant(store, second, Implant { lot, fate: "explanted", explant_of: Some(explanted), ..STEM_IN });
        let (_, third) = patient(store);
        let mistyped = implant(store, third, Implant { lot: Some("B1"), ..STEM_IN });
        implant(store, third, Implant { lot, fate: "explanted", explant_of: Some(mistyped), ..STEM_IN });
        let corrected = implant(store, third, Implant { lot, supersedes: Some(mistyped), ..STEM_IN });
        let (stays_in, fourth) = patient(store);
        let stays = implant(store, fourth, Implant { lot, ..STEM_IN });
        revise(store, first, revised, false);
        revise(store, fourth, stays, true);
        let criteria = [line(STEM, UnitKind::All, None)];
        let uses = found(store, &criteria, Excluded::LeftOut);
        let gone = |id: DeviceUseId| uses.iter().find(|one| one.device_use == id).map(|one| one.removed_on);
        assert_eq!(gone(revised).unwrap().unwrap().to_string(), "2026-09-30");
        assert!(gone(explanted).unwrap().is_some() && gone(corrected).unwrap().is_some());
        assert_eq!(gone(stays), Some(None), "that revision was withdrawn");
        assert_eq!(gone(mistyped), None, "what was corrected is not shown");
        assert_eq!((uses.len(), uses[0].person, uses[0].in_patient), (4, stays_in, true));
    });
}

/// Records that a revision took a device out.
fn revise(store: &Store, procedure: ProcedureId, device_use: DeviceUseId, withdrawn: bool) {
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

#[test]
fn each_role_sees_its_part_and_nobody_an_identity() {
    on_both_engines(|store| {
        ready(store);
        let (who, procedure) = patient(store);
        implant(store, procedure, Implant { lot: Some("A1"), ..STEM_IN });
        receive(store, Some("A1"));
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("A1"))]);
        enter(store, &person(store, "pat"), &new).unwrap();
        let seen = |sight: Sight| -> Result<serde_json::Value, Problem> {
            let (_, affected) = store.read_now(|connection| ask(connection, new.id, sight, Excluded::LeftOut))?;
            Ok(serde_json::to_value(affected).unwrap())
        };
        let procurement = seen(Sight { stock: true, patients: true }).unwrap();
        assert_eq!(procurement["stock"][0]["lot"], "A1");
        assert_eq!(procurement["patients"][0]["pseudonym"], who.pseudonym());
        let fields: Vec<_> = procurement["patients"][0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            fields.join(" "),
            "device device_use expiry identifier implanted_on in_patient issuer lot opcs4 patient person procedure \
             pseudonym reason removed_on serial site tier"
        );
        let nurse = seen(Sight { stock: true, patients: false }).unwrap();
        assert!(nurse["patients"].is_null() && nurse["stock"][0]["tier"] == "definite");
    });
}

#[test]
fn a_large_notice_is_looked_up_in_parts() {
    on_both_engines(|store| {
        ready(store);
        let (_, procedure) = patient(store);
        implant(store, procedure, Implant { lot: Some("L999"), ..STEM_IN });
        let lots: Vec<_> = (0..1000).map(|n| line(STEM, UnitKind::Lot, Some(&format!("L{n}")))).collect();
        assert_eq!(tiers(&found(store, &lots, Excluded::LeftOut)), [(Some("L999"), Tier::Definite)]);
        let new = notice(lots);
        enter(store, &person(store, "pat"), &new).unwrap();
        let kept = store.read_now(|connection| recalls::show(connection, new.id)).unwrap();
        assert_eq!(kept.criteria.len(), 1000);
    });
}
