//! Frozen lists and contacts on both engines.

use super::live::{contact_log, live_difference};
use super::model::{ContactId, ContactMeans, ContactOutcome, FrozenListId, NewContact, hash_of};
use super::store as work;
use crate::error::Code;
use crate::once::Written;
use crate::recalls::criteria::UnitKind;
use crate::recalls::testing::*;
use crate::store::testing::on_both_engines;

#[test]
fn a_frozen_list_stays_and_the_live_one_moves_on() {
    on_both_engines(|store| {
        ready(store);
        let (_, procedure) = patient(store);
        implant(store, procedure, Implant { lot: Some("L1"), ..STEM_IN });
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
        enter(store, &person(store, "pat"), &new).unwrap();
        let (sam, sue) = (person(store, "sam"), person(store, "sue"));
        let (id, recall) = (FrozenListId::new(), new.id);
        let freeze = |user: &crate::access::User| {
            let user = user.clone();
            let taken = store.read_now(|connection| work::taken(connection, recall))?;
            store.write_now(move |tx| work::freeze(tx, &user, (id, recall), &taken))
        };
        let (list, written) = freeze(&sam).unwrap();
        assert_eq!((written, list.lines().unwrap().len()), (Written::Now, 1));
        assert_eq!(list.hash, hash_of(&list.content));
        assert_eq!(freeze(&sam).unwrap(), (list.clone(), Written::Before));
        assert_eq!(freeze(&sue).unwrap_err().code(), Code::IdReused);

        let difference = || store.read_now(|connection| live_difference(connection, recall, id)).unwrap();
        assert_eq!(difference(), super::model::Difference::default());
        let (_, late) = patient(store);
        let found = implant(store, late, Implant { lot: Some("L1"), ..STEM_IN });
        let now = difference();
        assert_eq!(now.added.iter().map(|line| line.device_use).collect::<Vec<_>>(), [found]);
        assert!(now.removed.is_empty() && now.changed.is_empty());
        let changed = super::model::FrozenList { content: list.content.replace("definite", "possible"), ..list };
        assert_eq!(changed.lines().unwrap_err().code(), Code::Internal);
        let other = store.read_now(|connection| live_difference(connection, recall, FrozenListId::new()));
        assert_eq!(other.unwrap_err().code(), Code::NotFound);
    });
}

#[test]
fn whoever_was_not_reached_still_waits() {
    on_both_engines(|store| {
        ready(store);
        let (who, procedure) = patient(store);
        implant(store, procedure, Implant { lot: Some("L1"), ..STEM_IN });
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
        enter(store, &person(store, "pat"), &new).unwrap();
        let (sam, recall) = (person(store, "sam"), new.id);
        let attempt = |outcome| NewContact {
            id: ContactId::new(),
            patient: who,
            means: ContactMeans::Letter,
            outcome,
            next_step: "Telephone".to_owned(),
            next_on: chrono::NaiveDate::from_ymd_opt(2026, 12, 1),
            note: String::new(),
        };
        let record = |new: &NewContact| {
            let contact = new.checked(recall, sam.id)?;
            let user = sam.clone();
            store.write_now(move |tx| work::record_contact(tx, &user, &contact)).map(|(_, written)| written)
        };
        let waiting = || store.read_now(|connection| contact_log(connection, recall)).unwrap().waiting;
        assert_eq!(waiting(), [who]);
        let sent = attempt(ContactOutcome::Sent);
        assert_eq!(record(&sent).unwrap(), Written::Now);
        assert_eq!(record(&sent).unwrap(), Written::Before);
        let other = NewContact { outcome: ContactOutcome::Reached, ..sent };
        assert_eq!(record(&other).unwrap_err().code(), Code::IdReused);
        assert_eq!(waiting(), [who], "a letter on its way reaches nobody yet");
        assert_eq!(record(&attempt(ContactOutcome::Reached)).unwrap(), Written::Now);
        assert!(waiting().is_empty());
        assert_eq!(store.read_now(|connection| work::contacts(connection, recall)).unwrap().len(), 2);
        let nobody = NewContact { patient: crate::identity::model::PatientId::new(), ..attempt(ContactOutcome::Sent) };
        assert_eq!(record(&nobody).unwrap_err().code(), Code::NotFound);
    });
}
