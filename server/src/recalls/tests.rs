//! Notices on both engines: two people, what theatres hear of, quarantine, what each role sees.

use tessera_scanner::recall_match::Tier;
use tessera_scanner::udi::{DeviceIdentifier, Issuer};

use super::api::{Sight, ask};
use super::criteria::UnitKind;
use super::model::{NewRecall, RecallId, RecallState};
use super::stock::model::{StockId, StockState};
use super::store as recalls;
use super::testing::*;
use crate::audit::{self, AuditFilter};
use crate::error::{Code, Problem};
use crate::once::Written;
use crate::store::read::affected::{self, Excluded};
use crate::store::testing::on_both_engines;

#[test]
fn a_recall_takes_two_people_and_is_entered_once() {
    on_both_engines(|store| {
        ready(store);
        let (pat, sam, sue) = (person(store, "pat"), person(store, "sam"), person(store, "sue"));
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("19DM28106"))]);
        assert_eq!(enter(store, &sam, &new), Ok(Written::Now));
        assert_eq!(enter(store, &sam, &new), Ok(Written::Before));
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
        assert_eq!(
            actions,
            [("recall-stock-set-apart", "sue"), ("recall-confirmed", "sue"), ("recall-entered", "sam")]
        );
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
        assert_eq!(closed.unwrap().state, RecallState::Closed);
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
