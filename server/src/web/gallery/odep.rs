//! Pages of ODEP.

use super::samples::page;
use crate::web::odep::{BenchmarkCell, OdepDevicePage, OdepListPage, OdepRow, RatingShown, ThresholdRow};

pub fn list() -> OdepListPage {
    let cell = |text: &str, met: &str| BenchmarkCell { text: text.into(), met: met.into() };
    let row = |name: &str, rating: &str, last: BenchmarkCell| OdepRow {
        href: "/devices/1/odep".into(),
        name: name.into(),
        class: "GMDN 43153".into(),
        rating: rating.into(),
        cells: [("1.9 < 3.4", "met"), ("3.1 < 4.0", "met"), ("3.9 < 4.6", "met"), ("5.2 ≥ 5.1", "missed")]
            .map(|(text, met)| cell(text, met))
            .into_iter()
            .chain([cell("–", ""), last])
            .collect(),
    };
    OdepListPage {
        page: page("ODEP benchmark", "/signals", "analyst"),
        years: vec![3, 5, 7, 10, 13, 15],
        rows: vec![
            row("Halden Cemented Stem, size 3", "10A*", cell("–", "")),
            row("Fellgate Stem", "–", cell("–", "")),
        ],
        note: "Each cell: the upper 95% limit of the percent revised, and the threshold that it must lie below.".into(),
    }
}

pub fn device() -> OdepDevicePage {
    let row = |year, upper: &str, threshold: &str, met: &str| ThresholdRow {
        year,
        at_risk: "402".into(),
        percent: "2.4%".into(),
        upper: upper.into(),
        class_percent: "2.0%".into(),
        threshold: threshold.into(),
        met: met.into(),
    };
    OdepDevicePage {
        page: page("ODEP", "/signals", "analyst"),
        href: "/devices/1".into(),
        id: "1".into(),
        name: "Halden Cemented Stem, size 3".into(),
        class: "GMDN 43153".into(),
        rating: "10A*".into(),
        years: vec![row(3, "3.7%", "4.0%", "met"), row(5, "5.2%", "5.1%", "missed"), row(7, "–", "–", "")],
        ratings: vec![RatingShown {
            rating: "10A*".into(),
            on: "1 May 2025".into(),
            source: "ODEP database, May 2025".into(),
        }],
        may_enter: true,
        new_id: "01930000-0000-7000-8000-000000000003".into(),
        error: "\"4A\" is no ODEP rating: write 3, 5, 7, 10, 13 or 15 and A*, A or B, such as 10A*.".into(),
        typed: ("4A".into(), "2025-05-01".into(), String::new()),
        note: "The class at that year and 2 points. Snapshot 3f9a1c04aa17be20.".into(),
    }
}
