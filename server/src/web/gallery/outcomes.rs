//! The page of outcomes by procedure.

use super::samples::page;
use crate::web::Choice;
use crate::web::procedure::{DeviceUsedRow, OutcomeRow, OutcomesPage, ScoreRow};

pub fn outcomes_page() -> OutcomesPage {
    OutcomesPage {
        page: page("Outcomes", "/procedures", "analyst"),
        codes: Choice::list([("", "All"), ("W371", "W37.1 Hip, cemented")], "W371"),
        sides: Choice::with_all(Choice::sides(""), ""),
        sites: Choice::list([("", "All"), ("RXX01", "Northgate Hospital")], ""),
        indications: Choice::list([("", "All"), ("M16.1 primary coxarthrosis", "M16.1 primary coxarthrosis")], ""),
        from: "2016-01-01".into(),
        to: "2026-11-23".into(),
        period: "1 January 2016 to 23 November 2026".into(),
        rows: vec![OutcomeRow {
            code: "W37.1".into(),
            text: "Hip, cemented".into(),
            side: "left".into(),
            site: "Northgate Hospital".into(),
            procedures: "512".into(),
            implanted: "1,531".into(),
            revised: "18".into(),
            deaths: "3 / 7 / 19".into(),
            complications: "23".into(),
            rate: "0.74".into(),
            interval: "0.44 to 1.17".into(),
        }],
        scores: vec![ScoreRow {
            procedure: "W37.1 Hip, cemented, left, Northgate Hospital".into(),
            questionnaire: "Oxford Hip Score (0 to 48)".into(),
            n: "212".into(),
            mean: "41.2".into(),
            pairs: "180".into(),
            change: "+21.3 (+20.1 to +22.5)".into(),
            noticed: "91% / 2%".into(),
        }],
        devices: vec![DeviceUsedRow {
            href: "/devices/1".into(),
            name: "Halden Cemented Stem, size 3".into(),
            implanted: "212".into(),
            revised: "7".into(),
        }],
        note: "Counts below 5 are shown as “fewer than 5”.".into(),
    }
}
