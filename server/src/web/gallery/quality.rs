//! The page of data quality and linkage, as a safety officer sees it.

use super::samples::page;
use crate::web::quality::{CandidateRow, LinkageRow, QualityPage, QualityRow, WaitingRow};

pub fn quality() -> QualityPage {
    let row = |of: &str, all: &str, lack: &str, lacking: &str, share: &str| QualityRow {
        of: of.into(),
        all: all.into(),
        lack: lack.into(),
        lacking: lacking.into(),
        share: share.into(),
    };
    let candidate = |name: &str, kind: &str, value: &str, text: &str| CandidateRow {
        name: name.into(),
        kind: kind.into(),
        value: value.into(),
        text: text.into(),
    };
    let stem = "Halden Cemented Stem, size 3, implanted on 4 March 2019, W37.1 right";
    QualityPage {
        page: page("Data quality and linkage", "/quality", "safety"),
        record: vec![
            row("Patients", "24,210", "no NHS number: outcomes recorded elsewhere cannot find them", "312", "1.3%"),
            row("Procedures", "25,902", "no side", "18", "0.1%"),
            row("Revisions", "701", "name no device of the registry: in no curve", "42", "6.0%"),
        ],
        linkage: vec![LinkageRow {
            source: "HES APC 2025-26".into(),
            kind: "revision".into(),
            matched: "612".into(),
            review: "2".into(),
            unlinked: "88".into(),
            set_aside: "7".into(),
        }],
        waiting: vec![
            WaitingRow {
                id: "0198a5b0-0000-8000-8000-000000000001".into(),
                heading: "Revision, P-7K2M0Q4D1E".into(),
                facts: "14 May 2024 · W37.3 Revision of total hip replacement · Right · aseptic-loosening".into(),
                source: "HES APC 2025-26".into(),
                why: "2 implants of this patient fit: which of them were taken out, the line does not say.".into(),
                candidates: vec![
                    candidate("device", "checkbox", "1", stem),
                    candidate("device", "checkbox", "2", "Halden Liner 36, implanted on 4 March 2019, W37.1 right"),
                ],
                may_be_unlinked: true,
            },
            WaitingRow {
                id: "0198a5b0-0000-8000-8000-000000000002".into(),
                heading: "Score, P-1A9C33F0B2".into(),
                facts: "14 November 2023 · Right · oxford-hip · 41".into(),
                source: "PROMs 2025".into(),
                why: "2 procedures of this patient fit it.".into(),
                candidates: vec![candidate("procedure", "radio", "3", "4 March 2023, W37.1 right")],
                may_be_unlinked: true,
            },
        ],
        may_link: true,
        note: String::new(),
        error: String::new(),
    }
}
