//! The pages of one operation beside the scanning.

use super::samples::{device_use, facts as procedure_facts, page};
use crate::web::case::{Card, CardPage, ChecksPage, DevicePage, ExplantPage, RecordPage, StepShown, TrayPage};
use crate::web::scan_quality::{ScanQualityPage, ScanQualityRow};
use crate::web::unknown::{ProductForm, UnknownListPage, UnknownPage, UnknownRow};
use crate::web::{Choice, Fact, FieldError};

pub fn checks() -> ChecksPage {
    let step = |step: &str, title: &str, text: &str, done: &[&str]| StepShown {
        step: step.into(),
        title: title.into(),
        text: text.into(),
        done: done.iter().map(|&text| text.into()).collect(),
        id: "01930000-0000-7000-8000-000000000020".into(),
    };
    ChecksPage {
        page: page("Checks", "/theatre", "nurse"),
        procedure: procedure_facts(),
        steps: vec![
            step(
                "identity",
                "Who is on the table",
                "Read two identifiers back from the wristband, and compare with the notes and the consent.",
                &["Amina Okafor at 09:14: Full name, NHS number"],
            ),
            step("before-opening", "Before opening", "For each implant, aloud: type, size, side, expiry.", &[]),
        ],
        identifiers: Choice::list([("name", "Full name"), ("nhs-number", "NHS number")], ""),
        lens_power: "+21.5".into(),
        plan_id: "01930000-0000-7000-8000-000000000021".into(),
        errors: vec![FieldError {
            field: "step-identity".into(),
            text: "Two identifiers of the patient are to be read back: choose which they were.".into(),
        }],
    }
}

pub fn device() -> DevicePage {
    DevicePage {
        page: page("One device", "/theatre", "nurse"),
        procedure: procedure_facts(),
        device: device_use("Corten screw 3.5 × 24 mm", "implanted", "may", &[], &[]),
        repeatable: true,
        marks: Choice::list([("opened", "Its pack was opened"), ("loan", "It is loan or consignment stock")], ""),
        mark_id: "01930000-0000-7000-8000-000000000022".into(),
        again_id: "01930000-0000-7000-8000-000000000025".into(),
        errors: Vec::new(),
    }
}

pub fn explant() -> ExplantPage {
    let device = |id: &str, name: &str, facts: &str| (id.to_owned(), name.to_owned(), facts.to_owned());
    ExplantPage {
        page: page("Record what was taken out", "/theatre", "nurse"),
        procedure: procedure_facts(),
        devices: vec![
            device("1", "Harrowmere Fellgate FG-110-12R", "lot HW24117, recorded 3 May 2019"),
            device("2", "Harrowmere Ceralith CH-32M", "lot HW24002, recorded 3 May 2019"),
        ],
        id: "01930000-0000-7000-8000-000000000026".into(),
        mark_id: "01930000-0000-7000-8000-000000000027".into(),
        marks: Choice::list(
            [("retained", "Kept by the hospital"), ("returned-to-maker", "Sent back to its maker")],
            "",
        ),
        errors: Vec::new(),
    }
}

pub fn tray() -> TrayPage {
    let part = |id: &str, size: &str| (id.to_owned(), size.to_owned(), "Kestrel Ridge Corten".to_owned());
    TrayPage {
        page: page("Pick from a tray", "/theatre", "nurse"),
        procedure: procedure_facts(),
        trays: Choice::list([("t1", "Small fragment set"), ("t2", "Large fragment set")], "t1"),
        products: vec![part("1", "3.5 × 20 mm"), part("2", "3.5 × 24 mm"), part("3", "3.5 × 28 mm")],
        pick: "01930000-0000-7000-8000-000000000023".into(),
        tray: "t1".into(),
        errors: Vec::new(),
    }
}

pub fn record() -> RecordPage {
    let text =
        "IMPLANT RECORD\nW38.1 Hip, right\n\nIMPLANTED (1)\n1. Harrowmere Fellgate\n   REF FG-110-12R, Lot HW24117\n";
    RecordPage {
        page: page("Record for the notes", "/theatre", "nurse"),
        procedure: procedure_facts(),
        text: text.into(),
        lines: 8,
    }
}

pub fn card() -> CardPage {
    let card = |name: &str, lot: &str| Card {
        name: name.into(),
        facts: vec![
            Fact::new("Model", "FG-110-12R"),
            Fact::new("UDI-DI", "09521001000123"),
            Fact::new("Lot", lot),
            Fact::new("Expires", "2031-06-30"),
        ],
        maker: "Harrowmere Orthopaedics".into(),
        reach: "1 Example Way, Northgate, https://harrowmere.example".into(),
    };
    CardPage {
        page: page("Patient’s implant card", "/theatre", "nurse"),
        procedure: "1".into(),
        patient: "P-7F3A".into(),
        by_hand: true,
        date: "27 November 2026".into(),
        institution: "Northgate Hospital".into(),
        cards: vec![
            card("Fellgate, Uncemented hip stem, size 12, right", "HW24117"),
            card("Ceralith, Femoral head, ceramic, 32 mm, neck M", "HW24002"),
        ],
    }
}

pub fn unknown_list() -> UnknownListPage {
    UnknownListPage {
        page: page("Unknown products", "/unknown", "procurement"),
        rows: vec![UnknownRow {
            href: "/unknown/GS1/09521005000013".into(),
            issuer: "GS1".into(),
            identifier: "09521005000013".into(),
            devices: "3 devices".into(),
            implanted: "2 in patients".into(),
            first: "24 November 2026, 10:02".into(),
            lots: "12345, 12346".into(),
        }],
    }
}

pub fn unknown() -> UnknownPage {
    UnknownPage {
        page: page("Which product is it?", "/unknown", "procurement"),
        issuer: "GS1".into(),
        identifier: "09521005000013".into(),
        said: vec!["]d2010952100500001317391031␝1012345".into()],
        query: "fellgate".into(),
        found: vec![("1".into(), "Harrowmere Fellgate FG-110-12R: hip stem, size 12, right".into())],
        id: "01930000-0000-7000-8000-000000000024".into(),
        form: ProductForm { lot_expected: true, ..ProductForm::default() },
        errors: vec![FieldError { field: "maker".into(), text: "maker is to have 1 to 120 characters.".into() }],
    }
}

pub fn scan_quality() -> ScanQualityPage {
    ScanQualityPage {
        page: page("Scan quality", "/scan-quality", "procurement"),
        choices: Choice::list([("supplier", "Supplier"), ("theatre", "Theatre")], "supplier"),
        from: "2026-10-28".into(),
        to: String::new(),
        rows: vec![ScanQualityRow {
            name: "Harrowmere Orthopaedics".into(),
            items: "412".into(),
            first_scan: "93 %".into(),
            repaired: "22".into(),
            unread: "7".into(),
            overrides: "1".into(),
            seconds: "9 s".into(),
            reasons: vec!["expires soon (12)".into(), "no lot (6)".into()],
        }],
        export: "/scan-quality/export?by=supplier".into(),
    }
}
