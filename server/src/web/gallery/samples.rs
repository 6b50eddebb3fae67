//! One made-up example of each page.

use crate::web::audit::{AuditPage, AuditRow};
use crate::web::device::{DeviceListPage, DevicePage, DeviceRow, RateRow, SiteUseRow, YearRow};
use crate::web::home::{Card, HomePage};
use crate::web::recall::{
    CriterionRow, IdentityPage, PatientRow, RecallListPage, RecallNewPage, RecallPage, RecallRow, StockRow, state_tag,
};
use crate::web::signin::{SampleSignIn, SignInPage};
use crate::web::theatre::{DeviceUseShown, ProcedureFacts, ProcedurePage, StartPage, SummaryPage};
use crate::web::{ApiDocsPage, Choice, ErrorPage, Fact, FieldError, Figure, Link, Notice, Page, SignedIn};

pub(super) fn page(title: &str, here: &'static str, role: &str) -> Page {
    let user = SignedIn { name: "Amina Okafor".into(), role: role.into() };
    Page { title: title.into(), here, user: Some(user), csrf: "token".into(), notice: None, demonstration: true }
}

pub(super) fn facts() -> ProcedureFacts {
    ProcedureFacts {
        id: "01930000-0000-7000-8000-000000000001".into(),
        patient: "Amy Mclean, 23 Dec 1981".into(),
        code: "W37.1".into(),
        code_text: "Primary total prosthetic replacement of hip joint using cement".into(),
        side: "left".into(),
        site_code: "RXX01".into(),
        site: "Northgate Hospital".into(),
        theatre: "Theatre 4".into(),
        started: "23 November 2026, 09:12".into(),
        team: "Nina Okafor".into(),
    }
}

pub(super) fn device_use(name: &str, fate: &str, answer: &str, reasons: &[&str], history: &[&str]) -> DeviceUseShown {
    DeviceUseShown {
        id: format!("use-{fate}-{answer}"),
        name: name.into(),
        facts: vec![
            Fact::new("REF", "409-375"),
            Fact::new("Lot", "122927"),
            Fact::new("Serial", "S00417"),
            Fact::new("Expiry", "1 Mar 2031"),
        ],
        fate: fate.into(),
        answer: answer.into(),
        reasons: reasons.iter().map(|&text| text.into()).collect(),
        scanned: "09:31".into(),
        people: Vec::new(),
        not_verified: if answer == "stop" && fate == "implanted" { "2492".into() } else { String::new() },
        asks_to_look: answer == "look" && fate == "implanted",
        history: history.iter().map(|&text| text.into()).collect(),
        scan: "01930000-0000-7000-8000-000000000009".into(),
        readings: Vec::new(),
    }
}

pub fn theatre_procedure() -> ProcedurePage {
    ProcedurePage {
        page: page("Scan implants", "/theatre", "nurse"),
        procedure: facts(),
        devices: vec![
            device_use("Halden Cemented Stem, size 3", "implanted", "may", &[], &[]),
            device_use("Halden Acetabular Cup 52 mm", "implanted", "look", &["Expires in 12 days, on 5 Dec 2026"], &[]),
            device_use(
                "Bone cement 40 g",
                "wasted",
                "may",
                &[],
                &["09:40 wasted: dropped on the floor (Amina Okafor)"],
            ),
        ],
        snapshot_key: String::new(),
        on_the_table: r#"{"already_in": [], "plan": {}}"#.into(),
    }
}

/// As a browser keeps it for when there is no network.
pub fn theatre_offline() -> ProcedurePage {
    let page = Page { title: "Scan implants".into(), here: "/theatre", ..Page::default() };
    ProcedurePage::without_registry(page, String::new())
}

/// As a browser keeps it for when there is no network.
pub fn theatre_offline_start() -> StartPage {
    let page = Page { title: "Open a procedure".into(), here: "/theatre", ..Page::default() };
    StartPage { page, id: String::new(), open: Vec::new(), to_confirm: Vec::new(), offline: true, ..theatre_start() }
}

pub fn recall_page() -> RecallPage {
    RecallPage {
        page: page("Recall Z-2308-2026", "/recalls", "safety"),
        id: "01930000-0000-7000-8000-000000000002".into(),
        reference: "Z-2308-2026".into(),
        source: "FDA".into(),
        title: "Stem taper out of tolerance".into(),
        text: "Model/Catalog Number: 409-375 UDI code: (01)00844505000772(10)122927".into(),
        state: "Entered, not confirmed".into(),
        tag: state_tag("entered"),
        entered_by: "Priya Nair".into(),
        entered_at: "23 November 2026, 10:02".into(),
        confirmed: String::new(),
        under_way: String::new(),
        may_confirm: true,
        may_close: true,
        work: Some(super::recall_work::frame("", "")),
        errors: Vec::new(),
        why_not_confirm: String::new(),
        figures: vec![
            Figure::new("1", "patient for certain"),
            Figure::new("1", "patient perhaps"),
            Figure::new("6", "packs in stock"),
        ],
        criteria: vec![Fact::new("GS1 00844505000772", "lot 122927")],
        more_criteria: 0,
        more_patients: 0,
        patients: vec![
            PatientRow {
                id: "p1".into(),
                pseudonym: "K7M2-QX9D".into(),
                tier: "definite",
                reason: "Same device identifier and lot 122927.".into(),
                device: "Halden Cemented Stem, size 3".into(),
                unit: "lot 122927 serial S00417".into(),
                implanted: "23 Nov 2026".into(),
                site: "Northgate Hospital".into(),
            },
            PatientRow {
                id: "p2".into(),
                pseudonym: "B4TR-0WPE".into(),
                tier: "possible",
                reason: "Same device identifier; no lot was on the label.".into(),
                device: "Halden Cemented Stem, size 3".into(),
                unit: "no lot".into(),
                implanted: "2 Aug 2026".into(),
                site: "Southgate Hospital".into(),
            },
        ],
        may_open: true,
        stock: vec![StockRow {
            place: "Northgate Hospital, implant store".into(),
            device: "Halden Cemented Stem, size 3".into(),
            unit: "lot 122927, expires 1 Mar 2031".into(),
            quantity: "6".into(),
            tier: "definite",
            reason: "Same device identifier and lot 122927.".into(),
        }],
    }
}

pub fn device_page() -> DevicePage {
    let years = [(1, 812, 1.1, 0.6, 2.0), (3, 640, 2.4, 1.5, 3.7), (5, 402, 3.6, 2.5, 5.2), (10, 61, 6.9, 4.8, 9.8)];
    DevicePage {
        id: "01930000-0000-7000-8000-000000000001".into(),
        no_curve: String::new(),
        by_years: [("0 to 1", "9", "980.4", "0.92 (0.42 to 1.74)"), ("1 to 3", "11", "1,612.9", "0.68 (0.34 to 1.22)")]
            .map(|(years, revised, in_use, rate)| RateRow {
                years: years.into(),
                revised: revised.into(),
                in_use: in_use.into(),
                rate: rate.into(),
            })
            .into(),
        reasons: [("Aseptic loosening", "21"), ("Infection", "12"), ("No reason on record", "5")]
            .map(|(reason, count)| (reason.to_owned(), count.to_owned()))
            .into(),
        sites: [("Northgate Hospital", "1,012", "24"), ("Riverside Hospital", "64", "*")]
            .map(|(name, implanted, revised)| SiteUseRow {
                name: name.into(),
                implanted: implanted.into(),
                revised: revised.into(),
            })
            .into(),
        other_sites: "Of 3 sites it is not told whether they use it, or how often.".into(),
        unlinked: "7 revisions of its patients name no device of the registry.".into(),
        page: page("Halden Cemented Stem, size 3", "/devices", "analyst"),
        name: "Halden Cemented Stem, size 3".into(),
        maker: "Halden Orthopaedics".into(),
        reference: "409-375".into(),
        recalls: vec![Link {
            href: "/recalls/1".into(),
            text: "Z-2308-2026: Stem taper out of tolerance".into(),
            hint: String::new(),
        }],
        figures: vec![
            Figure::new("1,012", "implanted"),
            Figure::new("38", "revised"),
            Figure::new("4,870", "years of use"),
            Figure::new("0.78", "revisions per 100 years"),
        ],
        curve_svg: r##"<svg viewBox="0 0 800 300" role="img" aria-label="Cumulative percent revision"><path d="M60 20V250H780" fill="none" stroke="#212b32"/><path d="M60 250L200 240L400 215L780 150" fill="none" stroke="#005eb8" stroke-width="3"/></svg>"##.into(),
        years: years
            .map(|(year, at_risk, percent, lower, upper): (u32, u32, f64, f64, f64)| YearRow {
                year,
                percent: format!("{percent:.1}%"),
                lower: format!("{lower:.1}"),
                upper: format!("{upper:.1}"),
                at_risk: at_risk.to_string(),
                others: Some((format!("{:.1}% ({lower:.1} to {upper:.1})", percent / 2.0), (at_risk * 9).to_string())),
            })
            .to_vec(),
        others: "All other devices of its kind: 9,108 implants, registry as of 23 November 2026, 10:02, snapshot 3f9a1c04.".into(),
        method: "Kaplan–Meier with log-log 95% limits; deaths end the observation.".into(),
        snapshot: "9f2c41d07b".into(),
        identifiers: vec![Fact::new("GS1, primary", "00844505000772"), Fact::new("GS1, package of 5", "10844505000779")],
    }
}

pub fn signin() -> SignInPage {
    let samples = [("nurse", "Theatre nurse"), ("procurement", "Procurement"), ("safety", "Safety officer")];
    SignInPage {
        page: Page { title: "Sign in".into(), csrf: "token".into(), demonstration: true, ..Page::default() },
        username: "nurse".into(),
        badge: String::new(),
        errors: vec![FieldError {
            field: "username".into(),
            text: "The user name or the password is wrong. Check both and try again.".into(),
        }],
        next: "/".into(),
        samples: samples
            .map(|(name, role)| SampleSignIn {
                username: name.into(),
                password: "sample-password".into(),
                role: role.into(),
                badge: "952114100000001015".into(),
            })
            .to_vec(),
    }
}

pub fn home() -> HomePage {
    HomePage {
        page: page("Start", "/", "safety"),
        greeting: "Good morning, Amina".into(),
        cards: Card::of_role("safety"),
    }
}

pub fn theatre_start() -> StartPage {
    let sides = Choice::sides("");
    StartPage {
        page: page("Open a procedure", "/theatre", "nurse"),
        id: "01930000-0000-7000-8000-000000000009".into(),
        sites: Choice::list([("RXX01", "Northgate Hospital"), ("RXX02", "Southgate Hospital")], "RXX01"),
        theatre: "Theatre 4".into(),
        codes: Choice::list([("W37.1", "Hip, cemented"), ("W40.1", "Knee, cemented")], ""),
        code: String::new(),
        sides,
        errors: vec![],
        open: vec![Link {
            href: "/theatre/1".into(),
            text: "Theatre 2, W40.1 right".into(),
            hint: "started 08:40, 3 devices".into(),
        }],
        to_confirm: vec![Link {
            href: "/theatre/2".into(),
            text: "Theatre 3, W38.1 left".into(),
            hint: "P-77QX since 07:55".into(),
        }],
        offline: false,
    }
}

pub fn theatre_summary() -> SummaryPage {
    let (implanted, others) = theatre_procedure().devices.into_iter().partition(|device| device.fate == "implanted");
    SummaryPage {
        page: page("Procedure finished", "/theatre", "nurse"),
        procedure: facts(),
        finished: "10:45".into(),
        implanted,
        others,
    }
}

pub fn device_list() -> DeviceListPage {
    DeviceListPage {
        page: page("Devices", "/devices", "analyst"),
        query: "stem".into(),
        note: crate::small_numbers::note(crate::small_numbers::Sight { least: 5 }),
        total: "1 device".into(),
        rows: vec![DeviceRow {
            href: "/devices/1".into(),
            name: "Halden Cemented Stem, size 3".into(),
            maker: "Halden Orthopaedics".into(),
            reference: "409-375".into(),
            identifier: "00844505000772".into(),
            implanted: "1,012".into(),
            revised: "38".into(),
        }],
        next: "/devices?q=stem&page=2".into(),
    }
}

pub fn recall_list() -> RecallListPage {
    RecallListPage {
        page: page("Recalls", "/recalls", "procurement"),
        may_enter: true,
        alerts: Some("2 alerts that nobody has taken".into()),
        rows: vec![RecallRow {
            href: "/recalls/1".into(),
            reference: "Z-2308-2026".into(),
            title: "Stem taper out of tolerance".into(),
            state: "Active".into(),
            tag: state_tag("active"),
            stock: "6".into(),
            patients: "2".into(),
            entered: "23 Nov 2026".into(),
        }],
    }
}

pub fn recall_new() -> RecallNewPage {
    RecallNewPage {
        page: page("Enter a recall", "/recalls", "procurement"),
        id: "01930000-0000-7000-8000-000000000003".into(),
        reference: "Z-2308-2026".into(),
        source: "FDA".into(),
        title: String::new(),
        text: String::new(),
        maker: String::new(),
        reading: None,
        criteria: vec![
            CriterionRow {
                identifier: "00844505000772".into(),
                units: "lot".into(),
                values: "122927".into(),
                ..CriterionRow::default()
            },
            CriterionRow::default(),
        ],
        errors: vec![FieldError { field: "title".into(), text: "Say what is wrong, in a few words.".into() }],
    }
}

pub fn identity() -> IdentityPage {
    IdentityPage {
        page: page("Identity", "/recalls", "safety"),
        back: "/recalls/1".into(),
        pseudonym: "K7M2-QX9D".into(),
        facts: vec![Fact::new("Name", "Amy Mclean"), Fact::new("NHS number", "999 845 8646")],
        opened: "23 November 2026, 10:20, by Amina Okafor".into(),
        reason: "Contact for recall Z-2308-2026".into(),
    }
}

pub fn audit() -> AuditPage {
    AuditPage {
        page: page("Audit", "/audit", "safety"),
        chain_whole: true,
        chain: "The chain holds over all 1,204 acts, checked 10:15.".into(),
        who: String::new(),
        acts: Choice::list([("", "All"), ("identity.opened", "Identity opened")], ""),
        on: String::new(),
        rows: vec![AuditRow {
            at: "23 Nov 2026 10:20:07".into(),
            who: "safety (safety officer)".into(),
            code: "identity.opened".into(),
            act: "Identity opened".into(),
            subject: "patient K7M2-QX9D".into(),
            reason: "Contact for recall Z-2308-2026".into(),
        }],
        older: "/audit?before=100".into(),
    }
}

pub fn api_docs() -> ApiDocsPage {
    ApiDocsPage { page: page("Interfaces for programs", "/api/docs", "admin") }
}

pub fn error() -> ErrorPage {
    let notice = Some(Notice { success: false, text: "The registry was restarted.".into() });
    ErrorPage {
        page: Page { notice, ..page("Not found", "", "nurse") },
        title: "There is no such page".into(),
        detail: "The address may be mistyped.".into(),
        action: "Go back, or start again from the first page.".into(),
        request: "01930000".into(),
    }
}
