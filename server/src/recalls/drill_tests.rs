//! The rehearsal on both engines.

use super::drill::{rehearse, report};
use super::testing::*;
use crate::error::Code;
use crate::store::testing::on_both_engines;

#[test]
fn a_drill_finds_the_patients_of_the_lot_it_recalls() {
    on_both_engines(|store| {
        ready(store);
        assert_eq!(rehearse(store, None).unwrap_err().code(), Code::NotFound);
        for lot in ["L1", "L1", "L2"] {
            let (_, procedure) = patient(store);
            implant(store, procedure, Implant { lot: Some(lot), ..STEM_IN });
        }
        let drill = rehearse(store, None).unwrap();
        assert_eq!((drill.lot.identifier.as_str(), drill.lot.lot.as_str()), (STEM, "L1"));
        assert_eq!((drill.definite, drill.other), (2, 0));
        let page = report(&drill, chrono::DateTime::UNIX_EPOCH);
        assert!(page.contains("lot **L1**") && page.contains("2 patients"), "{page}");
        assert!(rehearse(store, None).is_ok(), "a second drill on the same copy");
    });
}
