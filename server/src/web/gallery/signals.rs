//! Pages of signals.

use super::samples::page;
use crate::web::signal::{CheckRow, DeviceSignals, HistoryRow, SignalListPage, SignalPage};
use crate::web::{Choice, Figure};

pub fn list() -> SignalListPage {
    let rule = |href: &str, words: &str| (href.to_owned(), words.to_owned());
    SignalListPage {
        note: String::new(),
        page: page("Signals", "/signals", "safety"),
        rules: ["NJR level 1", "NJR level 2", "AOANJRR stage 1", "CUSUM", "CGR-CUSUM"].map(str::to_owned).into(),
        judged: "Last judged 23 November 2026, 02:00.".into(),
        devices: vec![DeviceSignals {
            href: "/devices/1".into(),
            name: "Halden Cemented Stem 409-375".into(),
            group: "43153".into(),
            revised: "44 of 1,012".into(),
            rules: vec![
                rule("/signals/1", "Under review"),
                rule("", ""),
                rule("/signals/2", "New, no longer met"),
                rule("/signals/3", "New"),
                rule("", ""),
            ],
            owner: "Sam Safe".into(),
        }],
        may_judge: true,
    }
}

pub fn signal() -> SignalPage {
    let check = |what: &str, value: &str, threshold: &str| CheckRow {
        what: what.into(),
        value: value.into(),
        threshold: threshold.into(),
        met: "yes".into(),
    };
    let event = |at: &str, who: &str, what: &str| HistoryRow { at: at.into(), who: who.into(), what: what.into() };
    SignalPage {
        page: page("Signal", "/signals", "safety"),
        id: "01930000-0000-7000-8000-000000000001".into(),
        rule: "NJR level 1".into(),
        device: "Halden Cemented Stem 409-375".into(),
        device_href: "/devices/1".into(),
        state: "Under review".into(),
        standing: "The rule is met.".into(),
        owner: "Sam Safe".into(),
        figures: vec![
            Figure::new("1,012", "primaries"),
            Figure::new("44", "revised"),
            Figure::new("2.40", "revisions per 100 years (1.74 to 3.22)"),
            Figure::new("0.98", "revisions per 100 years (0.90 to 1.06) in its group, 43153"),
        ],
        checks: vec![
            check("primaries, at least 100", "1012", "100"),
            check("revisions per 100 component-years, at least twice the group's", "2.400", "1.960"),
        ],
        snapshot: "3f9a1c04aa17be20c5d9013f9a1c04aa17be20c5d9013f9a1c04aa17be20c5d9".into(),
        history: vec![
            event("21 November 2026, 02:00", "Tessera", "NJR level 1 is met."),
            event("21 November 2026, 09:12", "Sam Safe", "Under review: asked both sites for their notes."),
        ],
        states: Choice::list([("new", "New"), ("under-review", "Under review"), ("explained", "Explained")], "new"),
        may_judge: true,
        error: "Say why the state changes.".into(),
    }
}
