//! Pages on which something is recorded or set up.

use super::samples::{facts, page};
use crate::web::account::{AccountPage, UserRow, UsersPage};
use crate::web::calibration::{CalibrationPage, ScannerShown};
use crate::web::date_field::DateField;
use crate::web::outcome::{ImplantChoice, OutcomeShown, RecordOutcomePage};
use crate::web::recall::{CriterionRow, Piece, ReadLine, ReadingShown, RecallNewPage};
use crate::web::udi::{Explained, UdiPage};
use crate::web::{Choice, FieldError};

pub fn calibration() -> CalibrationPage {
    let scanner = |workstation: &str, layout: &str, separator: &str| ScannerShown {
        workstation: workstation.into(),
        layout: layout.into(),
        separator: separator.into(),
        kept: "{}".into(),
    };
    CalibrationPage {
        page: page("Set up the scanner", "/calibration", "nurse"),
        scanners: vec![
            scanner("Theatre 3, trolley 1", "United Kingdom", "kept: every reading is certain"),
            scanner("Theatre 4", "United Kingdom", "typed as “{GS}”: every reading is certain"),
        ],
    }
}

pub fn udi() -> UdiPage {
    UdiPage {
        page: page("Explain a barcode", "/udi", "procurement"),
        text: "(01)00844505000772(17)310301(10)122927".into(),
        more: String::new(),
        explained: Some(Explained {
            outcome: "read",
            tag: "nhsuk-tag--green",
            headline: "Read, by the rules of GS1.".into(),
            lines: vec![
                "(01) GTIN: 00844505000772".into(),
                "(17) USE BY or EXPIRY: 310301, that is 1 March 2031".into(),
            ],
        }),
    }
}

pub fn recall_read() -> RecallNewPage {
    let piece = |text: &str, read: bool| Piece { text: text.into(), read };
    let line = |units: &str, words: &str, sure: &str, tag: &'static str, doubt: &str| ReadLine {
        device: "09521001000123, FG-110-13R".into(),
        units: units.into(),
        words: words.into(),
        sure: sure.into(),
        tag,
        doubt: doubt.into(),
    };
    let doubt = "The notice names a range from HM25C998 to HM26C001 that differ in several places: list what is meant.";
    RecallNewPage {
        page: page("Enter a recall", "/recalls", "procurement"),
        id: "01930000-0000-7000-8000-000000000003".into(),
        reference: "FSN-2026-014".into(),
        source: "Harrowmere Orthopaedics".into(),
        title: "Taper out of tolerance".into(),
        text: "Fellgate stem, REF FG-110-13R, UDI-DI 09521001000123, lots HM25C031, HM25C998 to HM26C001.".into(),
        maker: "Harrowmere Orthopaedics".into(),
        criteria: CriterionRow::with_spare(vec![CriterionRow {
            identifier: "09521001000123".into(),
            maker: "Harrowmere Orthopaedics".into(),
            reference: "FG-110-13R".into(),
            units: "lot".into(),
            values: "HM25C031".into(),
        }]),
        reading: Some(ReadingShown {
            pieces: vec![
                piece("Fellgate stem, REF ", false),
                piece("FG-110-13R", true),
                piece(", UDI-DI ", false),
                piece("09521001000123", true),
                piece(", lots ", false),
                piece("HM25C031", true),
                piece(", ", false),
                piece("HM25C998 to HM26C001", true),
                piece(".", false),
            ],
            lines: vec![
                line("lot HM25C031", "lots HM25C031", "sure, 90 %", "nhsuk-tag--green", ""),
                line("–", "HM25C998 to HM26C001", "settle it", "nhsuk-tag--red", doubt),
            ],
            more: 0,
            unread: vec!["Fellgate stem".into()],
        }),
        errors: Vec::new(),
    }
}

pub fn record_outcome() -> RecordOutcomePage {
    RecordOutcomePage {
        page: page("Outcomes of a procedure", "/procedures", "nurse"),
        procedure: facts(),
        id: "01930000-0000-7000-8000-000000000005".into(),
        implants: vec![
            ImplantChoice {
                id: "01930000-0000-7000-8000-000000000006".into(),
                name: "Halden Cemented Stem 409-375, lot 122927".into(),
                removed: String::new(),
                selected: true,
            },
            ImplantChoice {
                id: "01930000-0000-7000-8000-000000000007".into(),
                name: "Halden Acetabular Cup 52 mm 410-052, lot 981204".into(),
                removed: "3 May 2026".into(),
                selected: false,
            },
        ],
        kinds: ["Revision", "Complication", "Score", "Death"].map(|text| Choice {
            value: text.to_lowercase(),
            text: text.into(),
            selected: text == "Revision",
        }),
        kind: "revision",
        unlinked: false,
        day_legend: "Day of the revision".into(),
        on: DateField { day: "31".into(), month: "2".into(), year: "2026".into() },
        date_wrong: true,
        code: "infection".into(),
        score: String::new(),
        codes: Choice::list([("", "Choose a reason"), ("infection", "Infection")], "infection"),
        detail: String::new(),
        errors: vec![FieldError {
            field: "on-day".into(),
            text: "31 2 2026 is no day of the calendar. Write the day of the revision.".into(),
        }],
        outcomes: vec![OutcomeShown {
            id: "01930000-0000-7000-8000-000000000008".into(),
            on: "3 May 2026".into(),
            text: "Revision: one device taken out. Dislocation or instability".into(),
            note: String::new(),
            withdrawal: "01930000-0000-7000-8000-000000000009".into(),
        }],
    }
}

pub(super) fn account() -> AccountPage {
    AccountPage {
        page: page("Your badge and PIN", "/account", "nurse"),
        badge: "952114100000001015".into(),
        pin_set: true,
        errors: vec![FieldError { field: "again".into(), text: "The two PINs are not the same.".into() }],
    }
}

pub(super) fn users() -> UsersPage {
    let user = |id: &str, name: &str, role: &str, state: &str, badge: &str| UserRow {
        id: id.into(),
        name: name.into(),
        username: id.into(),
        role: role.into(),
        state: state.into(),
        badge: badge.into(),
    };
    UsersPage {
        page: page("Users and badges", "/users", "admin"),
        users: vec![
            user("amina", "Amina Okafor", "nurse", "badge and PIN", "952114100000001015"),
            user("sam", "Sam Whitfield", "safety", "no PIN yet", "952114100000001039"),
            user("anders", "Anders Lind", "analyst", "no badge", ""),
        ],
        errors: Vec::new(),
    }
}
