//! Pages of a recall's work.

use super::samples::page;
use crate::web::recall::CriterionRow;
use crate::web::recall_work::{
    AlertRow, AlertsPage, AmendPage, ContactsPage, DifferenceShown, LettersPage, ListRow, ListsPage, NotVerifiedRow,
    PersonRow, ProgressPage, QuarantinePage, RecallFrame, ShelfRow, SiteRow, WaitingAmendment,
};
use crate::web::{Choice, Fact, Figure};

pub fn frame(here: &'static str, error: &str) -> RecallFrame {
    RecallFrame {
        id: "01930000-0000-7000-8000-000000000002".into(),
        reference: "Z-2308-2026".into(),
        title: "Stem taper out of tolerance".into(),
        here,
        error: error.into(),
    }
}

pub fn progress() -> ProgressPage {
    let site = |code: &str, name: &str, due: &str, standing: &str, tag: &'static str, may_acknowledge| SiteRow {
        code: code.into(),
        name: name.into(),
        due: due.into(),
        standing: standing.into(),
        tag,
        note: if may_acknowledge { String::new() } else { "Two packs set apart.".into() },
        may_acknowledge,
    };
    let step = |at: &str, who: &str, what: &str| (at.to_owned(), who.to_owned(), what.to_owned());
    ProgressPage {
        page: page("Progress", "/recalls", "safety"),
        frame: frame("progress", "Z-2308-2026 is not done: 1 pack is neither found nor declared unaccounted for."),
        stage: "Under way".into(),
        tag: "nhsuk-tag--orange",
        status: "Action required: ongoing".into(),
        figures: vec![
            Figure::new("1 of 2", "sites acknowledged"),
            Figure::new("1", "packs to be found"),
            Figure::new("3 of 4", "patients reached"),
        ],
        open: vec![
            ("Southgate has not acknowledged: it was due by 24 Nov 2026, 3 days ago.".into(), true),
            ("1 pack is neither found nor declared unaccounted for.".into(), false),
            ("1 patient has not been reached.".into(), false),
        ],
        sites: vec![
            site("RXX01", "Northgate Hospital", "24 Nov 2026", "Acknowledged", "nhsuk-tag--green", false),
            site(
                "RXX02",
                "Southgate Hospital",
                "24 Nov 2026, reminded 26 Nov 2026, escalated 25 Nov 2026",
                "3 days late",
                "nhsuk-tag--red",
                true,
            ),
        ],
        history: vec![
            step("20 November 2026, 09:00", "Priya Nair", "Received"),
            step("20 November 2026, 11:30", "Sam Safe", "Confirmed"),
            step("20 November 2026, 11:40", "Sam Safe", "Under way: Sites were asked."),
        ],
        may_ask: true,
        due_on: "2026-12-04".into(),
        may_sign: true,
    }
}

pub fn quarantine() -> QuarantinePage {
    let row = |place: &str, unit: &str, found: &str, open: &str| ShelfRow {
        stock: "01930000-0000-7000-8000-000000000021".into(),
        place: place.into(),
        device: "Halden Cemented Stem, size 3".into(),
        unit: unit.into(),
        tier: "definite",
        expected: "3".into(),
        found: found.into(),
        unaccounted: "0".into(),
        open: open.into(),
        next_id: "01930000-0000-7000-8000-000000000022".into(),
    };
    QuarantinePage {
        page: page("Quarantine list", "/recalls", "procurement"),
        frame: frame("quarantine", ""),
        sites: Choice::list([("", "All sites"), ("RXX01", "Northgate Hospital")], "RXX01"),
        site: "RXX01".into(),
        figures: vec![
            Figure::new("6", "expected"),
            Figure::new("5", "found"),
            Figure::new("0", "unaccounted for"),
            Figure::new("1", "open"),
        ],
        lines: vec![
            row("Northgate Hospital, implant store (quarantined)", "lot 122927, expires 31 Mar 2031", "3", ""),
            row("Northgate Hospital, theatre 3 (quarantined)", "lot 122928, expires 31 Mar 2031", "2", "1"),
        ],
        unexpected: vec![(
            "00844505000772, lot 122927".into(),
            "The notice names this device, GTIN 00844505000772. It recalls lot 122927, which this is.".into(),
            "Northgate Hospital, 27 November 2026, 08:12".into(),
        )],
        may_scan: true,
        next_id: "01930000-0000-7000-8000-000000000023".into(),
        answer: Some((
            "Set it apart".into(),
            "00844505000772, lot 122928. It recalls lot 122928, which this is.".into(),
            true,
        )),
    }
}

pub fn lists() -> ListsPage {
    ListsPage {
        page: page("Patient lists", "/recalls", "safety"),
        frame: frame("lists", ""),
        next_id: "01930000-0000-7000-8000-000000000024".into(),
        lists: vec![ListRow {
            id: "01930000-0000-7000-8000-000000000025".into(),
            frozen: "20 November 2026, 12:00, by Sam Safe".into(),
            size: "5 devices in 4 patients".into(),
            hash: "3f9a1c04aa17be20c5d9013f9a1c04aa17be20c5d9013f9a1c04aa17be20c5d9".into(),
        }],
        difference: Some(DifferenceShown {
            of: "20 November 2026, 12:00".into(),
            rows: vec![("Added", "P-K7M2QX9D01".into(), "definite, in the patient".into())],
        }),
    }
}

pub fn contacts() -> ContactsPage {
    let person = |id: &str, pseudonym: &str, standing: &str, tag: &'static str, log: &[&str]| PersonRow {
        id: id.into(),
        pseudonym: pseudonym.into(),
        standing: standing.into(),
        tag,
        log: log.iter().map(|line| (*line).to_owned()).collect(),
        next: if log.is_empty() { String::new() } else { "Telephone, by 1 Dec 2026".into() },
    };
    ContactsPage {
        page: page("Contacts and letters", "/recalls", "safety"),
        frame: frame("contacts", ""),
        figures: vec![
            Figure::new("2", "patients"),
            Figure::new("0", "reached or settled"),
            Figure::new("2", "waiting"),
        ],
        people: vec![
            person("p1", "P-K7M2QX9D01", "Waits", "nhsuk-tag--red", &[]),
            person(
                "p2",
                "P-B4TR0WPE02",
                "On its way",
                "nhsuk-tag--yellow",
                &["21 November 2026, 10:00: Letter, On its way, by Sam Safe."],
            ),
        ],
        more: 0,
        next_id: "01930000-0000-7000-8000-000000000026".into(),
        chosen: "p2".into(),
        means: Choice::list([("letter", "Letter"), ("telephone", "Telephone")], "telephone"),
        outcomes: Choice::list([("reached", "Reached"), ("no-answer", "No answer")], "reached"),
        may_record: true,
        may_open: true,
        subject: "Important information about your implant".into(),
        body: "Dear {name},\n\nYou had an implant at {hospital} on {implanted}: {device}.".into(),
        letter_id: "01930000-0000-7000-8000-000000000027".into(),
        placeholders: vec![Fact::new("{name}", "the patient's name"), Fact::new("{device}", "which device")],
    }
}

pub fn letters() -> LettersPage {
    let letter = |name: &str| {
        let paragraphs = vec![
            vec![format!("Dear {name},")],
            vec!["You had an implant at Northgate Hospital on 2 Jun 2026: Halden Cemented Stem, lot 122927.".into()],
        ];
        ("Important information about your implant".to_owned(), paragraphs)
    };
    LettersPage {
        page: page("Letters", "/recalls", "safety"),
        frame: frame("contacts", ""),
        letters: vec![letter("Amy Sample"), letter("Ben Sample")],
    }
}

pub fn alerts() -> AlertsPage {
    let row = |id: &str, kind: &'static str, text: &str| AlertRow {
        id: id.into(),
        href: "/recalls/1/progress".into(),
        reference: "Z-2308-2026".into(),
        kind,
        text: text.into(),
        raised: "27 November 2026, 08:12".into(),
    };
    AlertsPage {
        page: page("Safety alerts", "/recalls", "safety"),
        rows: vec![
            row("a1", "Patient", "P-K7M2QX9D01 has a device of this recall. It recalls lot 122927, which this is."),
            row("a2", "Notice amended", "The notice was amended: 2 patients more. Lot 122930 was added."),
        ],
        not_verified: vec![NotVerifiedRow {
            id: "u1".into(),
            href: "/theatre/1/summary".into(),
            device: "Harrowmere Orthopaedics Fellgate, lot 122927, expires 30 Jun 2031".into(),
            reason: "In the patient already when it was scanned".into(),
            people: "Badge …2492 was named by Nina Okafor.".into(),
            since: "26 November 2026, 17:40".into(),
        }],
        may_take: true,
    }
}

pub fn amend() -> AmendPage {
    AmendPage {
        page: page("Amend the notice", "/recalls", "procurement"),
        frame: frame("amend", ""),
        active: true,
        waiting: None,
        next_id: "01930000-0000-7000-8000-000000000028".into(),
        reason: String::new(),
        text: "UDI code: (01)00844505000772(10)122927".into(),
        criteria: CriterionRow::with_spare(vec![CriterionRow {
            identifier: "00844505000772".into(),
            maker: String::new(),
            reference: String::new(),
            units: "manufacture".into(),
            values: "../2021-05-31".into(),
        }]),
    }
}

pub fn amendment_waits() -> AmendPage {
    let waiting = WaitingAmendment {
        id: "01930000-0000-7000-8000-000000000029".into(),
        reason: "The maker added a lot on 26 November.".into(),
        added: vec!["GS1 00844505000772: lot 122930".into()],
        removed: Vec::new(),
        may_confirm: true,
    };
    AmendPage { waiting: Some(waiting), ..amend() }
}
