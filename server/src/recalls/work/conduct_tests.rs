//! A recall worked through on both engines: sites, shelves, letters, the signature.

use chrono::{TimeDelta, Utc};
use tessera_scanner::verdict::london_date;

use super::chase::{Chased, acknowledge, ask_sites, chase};
use super::finding::{FindingId, FindingOutcome, NewShelfScan, NewUnaccounted};
use super::letter::{LetterId, NewLetter};
use super::merge::{self, Template};
use super::model::{ContactId, ContactMeans, ContactOutcome, FrozenListId, NewContact};
use super::opening::open;
use super::picture::Picture;
use super::report::report;
use super::shelf_scan::{ShelfAnswer, scan, unaccounted};
use super::sign_off::sign_off;
use super::stage::Stage;
use super::{letters, store as work};
use crate::access::{Actor, User};
use crate::audit::{self, AuditFilter};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::{Demographics, PatientIdentifier, Presented};
use crate::once::Written;
use crate::recalls::alerts::store as alerts;
use crate::recalls::criteria::UnitKind;
use crate::recalls::model::RecallId;
use crate::recalls::stock::model::StockState;
use crate::recalls::testing::*;
use crate::store::Store;
use crate::store::testing::on_both_engines;

/// An active recall of lot L1, of which one patient has a device; three packs were received before.
fn begun(store: &Store) -> RecallId {
    ready(store);
    let (_, procedure) = patient(store);
    implant(store, procedure, Implant { lot: Some("L1"), ..STEM_IN });
    let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
    enter(store, &person(store, "pat"), &new).unwrap();
    confirm(store, &person(store, "sam"), new.id).unwrap();
    new.id
}

fn picture(store: &Store, recall: RecallId) -> Picture {
    store.read_now(|connection| Picture::of(connection, recall)).unwrap()
}

fn scanned(store: &Store, user: &User, recall: RecallId, barcode: &str) -> Result<ShelfAnswer, Problem> {
    let new = NewShelfScan { id: FindingId::new(), site: "RXX01".to_owned(), barcodes: vec![barcode.to_owned()] };
    let user = user.clone();
    store.write_now(move |tx| scan(tx, &user, recall, &new))
}

#[test]
fn a_recall_is_signed_off_when_nothing_is_open() {
    on_both_engines(|store| {
        let recall = begun(store);
        receive(store, Some("L1"));
        let (sam, sue, today) = (person(store, "sam"), person(store, "sue"), london_date(Utc::now()));
        let sign = |user: &User| {
            let user = user.clone();
            let picture = store.read_now(|connection| Picture::of(connection, recall))?;
            store.write_now(move |tx| sign_off(tx, &user, &picture, "All patients seen."))?;
            store.read_now(|connection| Picture::of(connection, recall)).map(|picture| picture.stage)
        };
        assert_eq!(sign(&sue).unwrap_err().code(), Code::WrongState, "sites were not asked");
        let asking = sam.clone();
        let ask = move |due_on| {
            let user = asking.clone();
            store.write_now(move |tx| ask_sites(tx, &user, recall, due_on))
        };
        assert_eq!(ask(today - TimeDelta::days(1)).unwrap_err().code(), Code::InvalidInput);
        assert_eq!(ask(today + TimeDelta::days(2)).unwrap().len(), 1);
        assert_eq!(picture(store, recall).stage, Stage::UnderWay);
        let refused = sign(&sue).unwrap_err();
        for told in ["Site has not acknowledged", "3 packs are neither", "1 patient has not been reached", "not frozen"]
        {
            assert!(refused.detail().contains(told), "{told}: {refused}");
        }
        assert_eq!(open(&picture(store, recall), today).len(), 5, "the packs came in after the notice: an alert");

        let user = sam.clone();
        store.write_now(move |tx| acknowledge(tx, &user, recall, "RXX01", "Done.")).unwrap();
        let stock = picture(store, recall).shelves[0].expected.id;
        for (quantity, allowed) in [(4, false), (3, true)] {
            let new = NewUnaccounted { id: FindingId::new(), stock, quantity, reason: "Sold.".to_owned() };
            let user = sam.clone();
            let done = store.write_now(move |tx| unaccounted(tx, &user, recall, &new));
            assert_eq!(done.is_ok(), allowed, "{done:?}");
        }
        let user = sam.clone();
        let taken = store.read_now(|connection| work::taken(connection, recall)).unwrap();
        store.write_now(move |tx| work::freeze(tx, &user, (FrozenListId::new(), recall), &taken)).unwrap();
        let new = NewContact {
            id: ContactId::new(),
            patient: picture(store, recall).waiting()[0],
            means: ContactMeans::Telephone,
            outcome: ContactOutcome::Reached,
            next_step: String::new(),
            next_on: None,
            note: String::new(),
        };
        let contact = new.checked(recall, sam.id).unwrap();
        let user = sam.clone();
        store.write_now(move |tx| work::record_contact(tx, &user, &contact)).unwrap();

        let alert = picture(store, recall).alerts[0].id;
        let user = sam.clone();
        store.write_now(move |tx| alerts::take(tx, &user, alert, "Seen.")).unwrap();
        assert_eq!(sign(&sam).unwrap_err().code(), Code::SecondPerson, "who confirmed it does not sign it off");
        assert_eq!(sign(&sue).unwrap(), Stage::SignedOff);
        assert_eq!(sign(&sue).unwrap(), Stage::SignedOff, "twice is once");
        let after = picture(store, recall);
        let steps: Vec<_> = after.stages.iter().map(|step| step.stage.word()).collect();
        assert_eq!(steps, ["received", "confirmed", "under-way", "signed-off"]);
        assert_eq!(after.recall.notice.state.word(), "active", "theatres still stop on it");
        receive(store, Some("L1"));
        let (late, before) = (picture(store, recall), after.clone());
        assert_eq!((late.stage, before.stage), (Stage::UnderWay, Stage::SignedOff), "packs that come in open it again");
        let told = report(&after, today);
        assert_eq!((told.status, told.sites[0].unaccounted, told.patients_settled), ("Action completed", 3, 1));
        let csv = told.csv().unwrap();
        assert!(csv.contains("site,Site (RXX01),") && csv.contains("fact,status,Action completed"), "{csv}");
    });
}

#[test]
fn a_silent_site_is_chased_once_a_day() {
    on_both_engines(|store| {
        let recall = begun(store);
        let (sam, today) = (person(store, "sam"), london_date(Utc::now()));
        store.write_now(move |tx| ask_sites(tx, &sam, recall, today + TimeDelta::days(2))).unwrap();
        let on = |days| store.write_now(move |tx| chase(tx, today + TimeDelta::days(days))).unwrap();
        assert_eq!(on(0), Chased::default());
        assert_eq!(on(1), Chased { reminded: 1, escalated: 0 });
        assert_eq!(on(1), Chased::default());
        assert_eq!(on(3), Chased { reminded: 1, escalated: 1 });
        let late = open(&picture(store, recall), today + TimeDelta::days(3));
        assert!(late.iter().any(|one| one.overdue && one.text.contains("1 day ago")), "{late:?}");
        let mut elsewhere = person(store, "sue");
        elsewhere.site_code = Some("RXX02".to_owned());
        let refused = store.write_now(move |tx| acknowledge(tx, &elsewhere, recall, "RXX01", ""));
        assert_eq!(refused.unwrap_err().code(), Code::NotPermitted);
    });
}

#[test]
fn a_scanned_pack_is_set_apart_where_the_recall_means_it() {
    on_both_engines(|store| {
        let recall = begun(store);
        let shelf = receive(store, Some("L1"));
        let other = receive(store, Some("L10"));
        let sam = person(store, "sam");
        let meant = format!("01{STEM}10L1");
        for found in 1..=3 {
            let answer = scanned(store, &sam, recall, &meant).unwrap();
            assert!(matches!(&answer, ShelfAnswer::SetApart { finding } if finding.outcome == FindingOutcome::Found));
            assert_eq!(picture(store, recall).shelves[0].found, found);
        }
        let fourth = scanned(store, &sam, recall, &meant).unwrap();
        assert!(matches!(&fourth, ShelfAnswer::SetApart { finding } if finding.outcome == FindingOutcome::Unexpected));
        assert_eq!((state(store, shelf), state(store, other)), (StockState::Quarantined, StockState::Available));
        let carton = scanned(store, &sam, recall, &format!("(01){CARTON}(10)L1(21)S1")).unwrap();
        assert!(matches!(&carton, ShelfAnswer::SetApart { .. }), "by another identifier of the product: {carton:?}");
        let again = scanned(store, &sam, recall, &format!("(01){CARTON}(10)L1(21)S1")).unwrap();
        assert!(matches!(&again, ShelfAnswer::CountedBefore { .. }), "one serial is one pack: {again:?}");
        let not_meant = scanned(store, &sam, recall, &format!("01{STEM}10L10")).unwrap();
        let told = matches!(&not_meant, ShelfAnswer::NotMeant { reason, .. } if reason.contains("L10"));
        assert!(told, "never by a prefix: {not_meant:?}");
        assert_eq!(scanned(store, &sam, recall, "hello").unwrap_err().code(), Code::InvalidInput);
        assert_eq!(picture(store, recall).packs(FindingOutcome::Unexpected), 2);
    });
}

#[test]
fn a_letter_opens_identities_and_leaves_a_row_for_each() {
    on_both_engines(|store| {
        let recall = begun(store);
        let keys = IdentityKeys::new(&[7; 32]);
        let presented = Presented {
            identifiers: vec![PatientIdentifier::Nhs("9434765919".parse().unwrap())],
            demographics: Demographics {
                family: Some("Sample".to_owned()),
                given: Some("Amy".to_owned()),
                birth_date: None,
            },
        };
        let (sealing, sam) = (keys.clone(), person(store, "sam"));
        let known = store
            .write_now(move |tx| crate::identity::store::find_or_add(tx, &sealing, &Actor::System, &presented))
            .unwrap();
        let procedure = procedure_of(store, known.patient);
        implant(store, procedure, Implant { lot: Some("L1"), ..STEM_IN });
        let body = "Dear {name}, {nhs_number}: {device} of {implanted}, {hospital}.".to_owned();
        let new = NewLetter { id: LetterId::new(), subject: "About {notice}".to_owned(), body };
        let letter = new.checked(recall, sam.id).unwrap();
        let user = sam.clone();
        assert_eq!(store.write_now(move |tx| letters::write(tx, &user, &letter)).unwrap(), Written::Now);

        let latest = store.read_now(|connection| letters::latest(connection, recall)).unwrap();
        let (subject, body) = merge::subject_and_body(latest);
        let now = picture(store, recall);
        let template = Template {
            subject,
            body,
            notice: "Z-1".to_owned(),
            title: now.recall.notice.title.clone(),
            today: london_date(Utc::now()),
        };
        let recipients = merge::recipients(&now);
        let actor = Actor::from(&sam);
        let filled =
            store.write_now(move |tx| merge::fill(tx, &keys, &actor, (&template, "Letters"), &recipients)).unwrap();
        let amy = filled.iter().find(|letter| letter.person == known.patient).unwrap();
        assert_eq!(
            amy.text,
            "Dear Amy Sample, 9434765919: Harrowmere Orthopaedics Fellgate, lot L1 of 2 Jun 2026, Site."
        );
        assert!(filled.iter().any(|letter| letter.text.starts_with("Dear patient, :")), "who is not known by name");
        let csv = merge::csv(&filled).unwrap();
        assert!(csv.contains("Amy Sample,9434765919,"), "{csv}");
        let opened = store
            .read_now(|connection| {
                let action = Some("identity-opened".to_owned());
                audit::latest(connection, &AuditFilter { action, limit: 10, ..AuditFilter::default() })
            })
            .unwrap();
        assert_eq!((opened.len(), opened[0].actor.as_str()), (2, "sam"));
    });
}
