//! Linkage on both engines: what is certain becomes an outcome, what is not waits, nothing is dropped, and twice is once.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::mapping::Mapping;
use super::model::{Decision, LineState};
use super::reading::read;
use super::store::{self as lines, Imported, bring_in, counts, decide, waiting};
use crate::access::store::{NewUser, add_user};
use crate::access::{Actor, PasswordHash, Role};
use crate::error::Code;
use crate::identity::keys::IdentityKeys;
use crate::outcomes::store as outcome_store;
use crate::outcomes::testing::{DAYS, Implanted, day, registry, today};
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::implants::{counts as implant_counts, unlinked_revisions};
use crate::store::read::period::Period;
use crate::store::schema::patient_identifiers;
use crate::store::testing::on_both_engines;

/// Synthetic numbers, never issued.
const NUMBERS: [&str; 4] = ["9434765919", "9434765870", "9000000009", "9000000017"];

fn keys() -> IdentityKeys {
    IdentityKeys::new(&[7; 32])
}

/// Gives patients their numbers.
fn known_as(store: &Store, all: &[Implanted]) {
    let rows: Vec<_> = all.iter().zip(NUMBERS).map(|(one, number)| (one.patient, number)).collect();
    store
        .write_now(move |tx| {
            for (patient, number) in &rows {
                diesel::insert_into(patient_identifiers::table)
                    .values((
                        patient_identifiers::id.eq(crate::identity::store::PatientRowId::new()),
                        patient_identifiers::patient_id.eq(*patient),
                        patient_identifiers::kind.eq("nhs"),
                        patient_identifiers::assigner.eq(""),
                        patient_identifiers::pseudonym.eq(keys().pseudonym("nhs", "", number).as_bytes()),
                        patient_identifiers::sealed.eq(vec![0_u8]),
                        patient_identifiers::created_at.eq(Moment::now()),
                    ))
                    .execute(&mut **tx)?;
            }
            Ok(())
        })
        .unwrap();
}

/// Who decides: that a person did is what makes a decision stay.
fn analyst(store: &Store) -> Actor {
    let password = PasswordHash::stored("nobody signs in here".to_owned());
    let (username, display_name) = ("ada".to_owned(), "Ada".to_owned());
    let new = NewUser { username, display_name: display_name.clone(), role: Role::Analyst, site_code: None, password };
    let id = store.write_now(move |tx| add_user(tx, &Actor::System, &new)).unwrap();
    Actor::User { id, name: display_name }
}

fn import(store: &Store, mapping: &str, csv: &str) -> Imported {
    let file = read(csv.as_bytes(), &Mapping::named(mapping).unwrap(), today()).unwrap();
    assert_eq!(file.bad, []);
    store.write_now(move |tx| bring_in(tx, &keys(), &Actor::System, "An extract", &file.lines, today())).unwrap()
}

const HEADING: &str = "NEWNHSNO,OPDATE_01,OPERTN_01,OPERTN_02,OPERTN_03,DIAG_01\n";

#[test]
fn what_fits_for_certain_is_an_outcome_and_twice_is_once() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        known_as(store, &all);
        let episodes = format!(
            "{HEADING}{},2020-05-14,W373,Z942,,T845\n{},2020-05-14,W373,Z943,,T840\n{},2020-05-14,W373,,,T840\n\
             9000000025,2020-05-14,W373,Z942,,T840\n",
            NUMBERS[0], NUMBERS[1], NUMBERS[2]
        );
        let first = import(store, "hes-apc", &episodes);
        assert_eq!(first, Imported { matched: 1, review: 2, unlinked: 1, before: 0 });
        let again = import(store, "hes-apc", &episodes);
        assert_eq!(again, Imported { matched: 0, review: 2, unlinked: 1, before: 1 });
        let found = store.read_now(|connection| implant_counts(connection, &[product])).unwrap();
        assert_eq!(found[&product], (4, 1));
        let mine = store.read_now(|connection| outcome_store::of_procedure(connection, all[0].procedure)).unwrap();
        assert_eq!((mine.len(), mine[0].row.code.as_deref()), (1, Some("infection")));
        assert_eq!(mine[0].removed, [all[0].device]);
        let [of] = &store.read_now(counts).unwrap()[..] else { panic!("one source and kind") };
        assert_eq!((of.matched, of.review, of.unlinked, of.set_aside), (1, 2, 1, 0));

        // Told by another source once more, the record has it.
        let file = read(episodes.as_bytes(), &Mapping::named("hes-apc").unwrap(), today()).unwrap();
        let line = file.lines[..1].to_vec();
        let other =
            store.write_now(move |tx| bring_in(tx, &keys(), &Actor::System, "Another", &line, today())).unwrap();
        assert_eq!(other.matched, 1);
        assert_eq!(store.read_now(|connection| implant_counts(connection, &[product])).unwrap()[&product], (4, 1));
    });
}

#[test]
fn a_person_decides_what_the_rules_do_not() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        known_as(store, &all);
        let wrong_side = |number: &str| format!("{number},2020-05-14,W373,Z943,,T840\n");
        let lines_of: String = NUMBERS[..3].iter().map(|number| wrong_side(number)).collect();
        let brought_in = import(store, "hes-apc", &format!("{HEADING}{lines_of}"));
        assert_eq!((brought_in.matched, brought_in.review), (0, 3));
        let waiting = || store.read_now(|connection| waiting(connection, 50)).unwrap();
        let line_of = |one: Implanted| waiting().into_iter().find(|line| line.patient == Some(one.patient)).unwrap();
        let analyst = analyst(store);
        let settle = |one: Implanted, decision: Decision| {
            let (id, decision, analyst) = (line_of(one).row.id, decision.checked()?, analyst.clone());
            store.write_now(move |tx| decide(tx, &analyst, id, &decision, today())).map(|row| row.state)
        };
        let note = || "read the notes".to_owned();
        assert_eq!(line_of(all[0]).implants.len(), 1, "offered though the side differs");
        let theirs = Decision { devices: vec![all[1].device], note: note(), ..Decision::default() };
        assert_eq!(settle(all[0], theirs).unwrap_err().code(), Code::InvalidInput, "another patient's device");
        let nothing = Decision { note: note(), ..Decision::default() };
        assert_eq!(settle(all[0], nothing).unwrap_err().code(), Code::InvalidInput);
        let silent = Decision { set_aside: true, ..Decision::default() };
        assert_eq!(settle(all[0], silent).unwrap_err().code(), Code::InvalidInput, "no reason");

        let own = Decision { devices: vec![all[0].device], note: note(), ..Decision::default() };
        assert_eq!(settle(all[0], own).unwrap(), LineState::Matched);
        let elsewhere = Decision { unlinked: true, note: note(), ..Decision::default() };
        assert_eq!(settle(all[1], elsewhere).unwrap(), LineState::Unlinked);
        let aside = Decision { set_aside: true, note: note(), ..Decision::default() };
        assert_eq!(settle(all[2], aside).unwrap(), LineState::SetAside);
        assert!(waiting().is_empty());
        assert_eq!(store.read_now(|connection| implant_counts(connection, &[product])).unwrap()[&product], (4, 1));
        let unlinked = store.read_now(|connection| unlinked_revisions(connection, Period::default())).unwrap();
        assert_eq!(unlinked, 1, "counted, not dropped");
        let again = import(store, "hes-apc", &format!("{HEADING}{lines_of}"));
        assert_eq!(again, Imported { before: 3, ..Imported::default() }, "a decision stays");
    });
}

#[test]
fn deaths_and_scores_are_linked_and_a_patient_who_comes_later_is_found() {
    on_both_engines(|store| {
        let (_, all) = registry(store, &DAYS);
        let deaths = format!("NEWNHSNO,DOD,CAUSE_OF_DEATH\n{},20240301,I219\n{},20170301,\n", NUMBERS[0], NUMBERS[1]);
        let scores = format!(
            "NHS_NUMBER,COMPLETED,PROCEDURE,SIDE,QUESTIONNAIRE,SCORE\n{},01/03/2018,W371,R,oxford-hip,41\n\
             {},01/03/2018,W401,R,oxford-knee,30\n",
            NUMBERS[0], NUMBERS[0]
        );
        assert_eq!(import(store, "ons-deaths", &deaths).unlinked, 2, "nobody has the number yet");
        assert_eq!(import(store, "proms", &scores).unlinked, 2);
        known_as(store, &all);
        let looked = store.write_now(|tx| lines::look_again(tx, &Actor::System, 100, today())).unwrap();
        assert_eq!(
            (looked.matched, looked.review, looked.unlinked),
            (3, 1, 0),
            "the knee is no operation of this patient"
        );
        let mine = store.read_now(|connection| outcome_store::of_procedure(connection, all[0].procedure)).unwrap();
        let kinds: Vec<&str> = mine.iter().map(|one| one.row.kind.word()).collect();
        assert!(kinds.contains(&"death") && kinds.contains(&"prom"), "{kinds:?}");
        let other_day = format!("NEWNHSNO,DOD,CAUSE_OF_DEATH\n{},20240302,I219\n", NUMBERS[0]);
        assert_eq!(import(store, "ons-deaths", &other_day).review, 1, "the record says another day");
    });
}

#[test]
fn every_bad_line_is_named_and_no_number_with_it() {
    let fixture = include_str!("../../../fixtures/outcomes/hes-apc.csv");
    let until: NaiveDate = day("2026-11-23");
    let file = read(fixture.as_bytes(), &Mapping::named("hes-apc").unwrap(), until).unwrap();
    assert_eq!((file.lines.len(), file.passed_over), (2, 1), "arthroscopy of the knee is passed over");
    let bad: Vec<String> = file.bad.iter().map(ToString::to_string).collect();
    assert_eq!(
        bad,
        [
            "line 5, NEWNHSNO: it holds no NHS number (ten digits with a right check digit)",
            "line 6, OPDATE_01: \"31/06/2024\" is no day written as %Y-%m-%d",
        ]
    );
    let scores = include_str!("../../../fixtures/outcomes/proms.csv");
    let file = read(scores.as_bytes(), &Mapping::named("proms").unwrap(), until).unwrap();
    assert_eq!((file.lines.len(), file.bad[0].to_string().as_str()), (1, "line 3, SCORE: \"thirty\" is no number"));
    let deaths = include_str!("../../../fixtures/outcomes/ons-deaths.csv");
    assert_eq!(read(deaths.as_bytes(), &Mapping::named("ons-deaths").unwrap(), until).unwrap().lines.len(), 2);
    let other = read("A,B\n1,2\n".as_bytes(), &Mapping::named("proms").unwrap(), until).unwrap_err();
    assert!(other.detail().contains("no column \"NHS_NUMBER\""), "{}", other.detail());
    let neither = Mapping::read("[columns]\nnhs_number = \"A\"\ndate = \"B\"\n").unwrap_err();
    assert!(neither.detail().contains("kind"), "{}", neither.detail());
}
