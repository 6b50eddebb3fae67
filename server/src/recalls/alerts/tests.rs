//! Alerts on both engines.

use super::evaluate::{after_patient, after_use};
use super::model::{Alert, AlertKind};
use super::store as alerts;
use crate::access::Actor;
use crate::error::Code;
use crate::recalls::criteria::UnitKind;
use crate::recalls::model::RecallId;
use crate::recalls::testing::*;
use crate::store::Store;
use crate::store::testing::on_both_engines;
use crate::theatre::device_uses::{self, Correction};
use crate::theatre::model::{DeviceUseId, Fate};

fn open(store: &Store, recall: RecallId) -> Vec<Alert> {
    store.read_now(|connection| alerts::open(connection, Some(recall))).unwrap()
}

fn kinds(store: &Store, recall: RecallId) -> Vec<AlertKind> {
    open(store, recall).into_iter().rev().map(|alert| alert.kind).collect()
}

fn recorded(store: &Store, before: Option<DeviceUseId>, now: DeviceUseId) {
    store
        .write_now(move |tx| {
            let before = before.map(|before| device_uses::find(tx, before)).transpose()?;
            let now = device_uses::find(tx, now)?;
            after_use(tx, &Actor::System, before.as_ref(), &now)
        })
        .unwrap();
}

#[test]
fn what_changes_after_the_notice_raises_an_alert_that_stays() {
    on_both_engines(|store| {
        ready(store);
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
        enter(store, &person(store, "pat"), &new).unwrap();
        confirm(store, &person(store, "sam"), new.id).unwrap();
        assert_eq!(kinds(store, new.id), []);

        let (who, procedure) = patient(store);
        let other = implant(store, procedure, Implant { lot: Some("L10"), ..STEM_IN });
        recorded(store, None, other);
        assert_eq!(kinds(store, new.id), [], "another lot");
        let corrected = implant(store, procedure, Implant { lot: Some("L1"), supersedes: Some(other), ..STEM_IN });
        recorded(store, Some(other), corrected);
        assert_eq!(kinds(store, new.id), [AlertKind::Patient], "a corrected lot");
        let again = implant(store, procedure, Implant { lot: Some("L1"), supersedes: Some(corrected), ..STEM_IN });
        recorded(store, Some(corrected), again);
        assert_eq!(kinds(store, new.id).len(), 1, "the same is no news");

        let correction =
            Correction { id: DeviceUseId::new(), of: again, fate: Fate::Wasted, reason: "Dropped".to_owned() };
        store.write_now(move |tx| device_uses::correct(tx, &Actor::System, &correction)).unwrap();
        assert_eq!(kinds(store, new.id), [AlertKind::Patient, AlertKind::Gone]);
        receive(store, Some("L1"));
        assert_eq!(kinds(store, new.id).last(), Some(&AlertKind::Shelf));

        let second = implant(store, procedure, Implant { lot: Some("L1"), ..STEM_IN });
        let (other_person, _) = patient(store);
        store
            .write_now(move |tx| {
                let used = device_uses::find(tx, second)?;
                after_patient(tx, &Actor::System, &[used], (who, other_person))
            })
            .unwrap();
        let told = open(store, new.id);
        assert!(
            told[0].text.contains(&other_person.pseudonym()) && told[0].text.contains(&who.pseudonym()),
            "{told:?}"
        );

        let (sam, sue, id) = (person(store, "sam"), person(store, "sue"), told[0].id);
        let take = |user: &crate::access::User| {
            let user = user.clone();
            store.write_now(move |tx| alerts::take(tx, &user, id, "I telephone")).map(|alert| alert.taken_by)
        };
        assert_eq!(take(&sam).unwrap(), Some(sam.id));
        assert_eq!(take(&sam).unwrap(), Some(sam.id));
        assert_eq!(take(&sue).unwrap_err().code(), Code::WrongState);
        assert_eq!((open(store, new.id).len(), told.len()), (3, 4), "the others stay");
    });
}
