//! Lists on both engines.

use std::io::Write as _;

use super::bring_in::{Checked, bring_in, check};
use super::model::Listing;
use super::read::{Defaults, Lines};
use super::store as listings;
use crate::error::{Code, Problem};
use crate::recalls::criteria::UnitKind;
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::store as recalls;
use crate::recalls::testing::*;
use crate::store::Store;
use crate::store::testing::on_both_engines;

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn defaults() -> Defaults {
    Defaults { identifier: Some(STEM.to_owned()), ..Defaults::default() }
}

fn brought(store: &Store, recall: RecallId, text: &str) -> Result<Listing, Problem> {
    let (file, defaults) = (file(text), defaults());
    let checked = check(file.path(), &defaults, |_| {})?;
    bring_in(store, &person(store, "pat"), recall, (file.path(), &defaults, &checked), |_| {})
}

fn entered(store: &Store) -> RecallId {
    ready(store);
    let new = notice(vec![line(STEM, UnitKind::Lot, Some("L0"))]);
    enter(store, &person(store, "pat"), &new).unwrap();
    new.id
}

#[test]
fn a_list_is_added_once_without_its_repeated_lines() {
    on_both_engines(|store| {
        let recall = entered(store);
        let lots: Vec<String> = (0..4500).map(|lot| format!("L{}", lot % 4499)).collect();
        let text = format!("lot\n{}\n", lots.join("\n"));
        let listing = brought(store, recall, &text).unwrap();
        // L0 was entered with the notice, and comes twice in the list.
        assert_eq!((listing.lines, listing.done, listing.added), (4500, 4500, 4498));
        assert!(listing.finished_at.is_some());
        assert_eq!(brought(store, recall, &text).unwrap(), listing, "the same file again changes nothing");
        let (known, lines) = store
            .read_now(|connection| {
                Ok((recalls::show(connection, recall)?.criteria.len(), listings::of_recall(connection, recall)?))
            })
            .unwrap();
        assert_eq!((known, lines.len()), (4499, 1));
        confirm(store, &person(store, "sam"), recall).unwrap();
        assert_eq!(brought(store, recall, "lot\nL9999\n").unwrap_err().code(), Code::WrongState);
    });
}

#[test]
fn a_list_that_was_broken_off_goes_on_and_nobody_confirms_before() {
    on_both_engines(|store| {
        let recall = entered(store);
        let text = "identifier,lot,serial\n09521001000123,A1,\n09521001000123,,S1\n09521001000123,A2,S2\n";
        let (pat, kept) = (person(store, "pat"), file(text));
        let checked = check(kept.path(), &Defaults::default(), |_| {}).unwrap();
        let (who, digest) = (pat.clone(), checked.digest.clone());
        let begun = store.write_now(move |tx| listings::begin(tx, &who, recall, (&digest, 3))).unwrap();
        let first = Lines::new(text.as_bytes(), Defaults::default()).unwrap().next().unwrap().unwrap();
        let before = begun.clone();
        store.write_now(move |tx| listings::add(tx, &pat, &before, (std::slice::from_ref(&first), 1))).unwrap();
        assert_eq!(confirm(store, &person(store, "sam"), recall), Err(Code::WrongState), "two lines are missing");
        let defaults = Defaults::default();
        let sue = person(store, "sue");
        let done = bring_in(store, &sue, recall, (kept.path(), &defaults, &checked), |_| {}).unwrap();
        assert_eq!((done.id, done.done, done.added), (begun.id, 3, 3));
        let units: Vec<_> = store
            .read_now(|connection| recalls::show(connection, recall))
            .unwrap()
            .criteria
            .iter()
            .map(|one| crate::recalls::criteria::CriterionForm::from(one).value.unwrap_or_default())
            .collect();
        assert_eq!(units, ["L0", "A1", "S1", "S2"]);
        assert_eq!(confirm(store, &person(store, "sam"), recall), Ok(RecallState::Active));
    });
}

#[test]
fn each_bad_line_is_named_and_nothing_is_added() {
    on_both_engines(|store| {
        let recall = entered(store);
        let problem = brought(store, recall, "lot,expiry\nA1,\ntwo words,\nA2\n,31/03/2031\n,\n").unwrap_err();
        for named in ["line 3: ", "two words", "line 4: The line has 1 cells", "line 5: ", "31/03/2031", "line 6: "] {
            assert!(problem.detail().contains(named), "{named}: {problem}");
        }
        assert!(!problem.detail().contains("line 2"), "{problem}");
        assert_eq!(store.read_now(|connection| recalls::show(connection, recall)).unwrap().criteria.len(), 1);
    });
}

#[test]
fn a_heading_says_what_the_cells_are() {
    let refused = |text: &str| Lines::new(text.as_bytes(), Defaults::default()).unwrap_err().detail().to_owned();
    assert!(refused("lot,colour\n").contains("colour"));
    assert!(refused("lot,Batch Number\n").contains("Batch Number"));
    assert!(refused("identifier\n").contains("wanted"));
    let lines = "\u{feff}UDI-DI,Lot Number,Units\n09521001000123,A1,\n09521001000123,,all\n";
    let read: Vec<_> = Lines::new(lines.as_bytes(), Defaults::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!(read.len(), 2);
    assert_eq!(Checked::default().usable().unwrap_err().code(), Code::InvalidInput);
}
