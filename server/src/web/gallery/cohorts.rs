//! Pages of cohorts, with curves of made-up implants.

use super::samples::page;
use crate::analysis::chart::cusum::Cusum;
use crate::analysis::chart::funnel::{Funnel, Point};
use crate::analysis::chart::{Figure as Drawing, Limits, Series};
use crate::analysis::life_table::{LifeTable, Observation};
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::web::cohort::{
    BuilderFields, CohortPage, CohortShown, ComparePage, ComparedRow, EstimateRow, LeaguePage, LeagueRowShown,
    MethodsPage, SavedRow,
};
use crate::web::monitor::{ContinuousPart, MonitorPage};
use crate::web::{Choice, Fact, Figure};

/// A curve of 900 implants of which one in so many is revised.
fn curve(one_in: u32) -> Curve {
    let row = |i: u32| Observation::new(f64::from((i * 7919) % 4_000 + 30), usize::from(i.is_multiple_of(one_in)));
    kaplan_meier(&LifeTable::from_observations(&(0..900).map(row).collect::<Vec<_>>(), 1), 1, Confidence::default())
}

fn drawing(more: &[Series]) -> String {
    let first = curve(24);
    Drawing {
        id: "gallery-curve",
        title: "Cumulative percent revision",
        note: "900 implants until 23 November 2026, snapshot 3f9a1c04aa17be20",
        device: Series { name: "Halden Cemented Stem 409-375", curve: &first },
        comparator: None,
        more,
        limits: Limits::default(),
    }
    .to_svg()
}

fn builder() -> BuilderFields {
    BuilderFields {
        categories: Choice::list([("", "All"), ("hip", "hip"), ("knee", "knee")], "hip"),
        sides: Choice::with_all(Choice::sides(""), ""),
        sexes: Choice::with_all(Choice::list([("female", "Female"), ("male", "Male")], "female"), "female"),
        sites: Choice::list([("", "All"), ("RXX01", "Northgate Hospital")], ""),
        maker: "Halden Orthopaedics".into(),
        age: "60..74".into(),
        implanted: "2015-01-01..2020-12-31".into(),
        ..BuilderFields::default()
    }
}

pub fn cohort() -> CohortPage {
    let filter = "category:hip maker:\"Halden Orthopaedics\" sex:female age:60..74 implanted:2015-01-01..2020-12-31";
    let year = |year, net: &str, crude: &str, at_risk: &str, grey| EstimateRow {
        year,
        net: net.into(),
        crude: crude.into(),
        at_risk: at_risk.into(),
        grey,
    };
    CohortPage {
        page: page("Cohorts", "/cohorts", "analyst"),
        title: "Cohorts".into(),
        filter: filter.into(),
        address: "category%3Ahip".into(),
        error: String::new(),
        fields: builder(),
        answer: Some(CohortShown {
            figures: vec![
                Figure::new("900", "implanted"),
                Figure::new("12", "devices"),
                Figure::new("38", "revised"),
                Figure::new("fewer than 5", "ended by death"),
                Figure::new("0.78", "revisions per 100 years (0.55 to 1.07)"),
            ],
            svg: drawing(&[]),
            years: vec![
                year(1, "0.5% (0.2 to 1.2)", "0.5% (0.2 to 1.2)", "812", false),
                year(5, "2.4% (1.5 to 3.7)", "2.3% (1.5 to 3.6)", "402", false),
                year(10, "4.9% (3.1 to 7.6)", "4.6% (2.9 to 7.0)", "61", true),
            ],
            withheld: String::new(),
            method: "net: one minus Kaplan–Meier; crude: Aalen–Johansen.".into(),
            facts: vec![
                Fact::new("Snapshot", "3f9a1c04aa17be20c5d9013f9a1c04aa17be20c5d9013f9a1c04aa17be20c5d9"),
                Fact::new("As known on", "2026-11-23"),
            ],
        }),
        saved: vec![SavedRow {
            href: "/cohorts/01930000-0000-7000-8000-000000000001".into(),
            name: "Hips in women, annual report 2026".into(),
            filter: "category:hip sex:female".into(),
            kind: "shared, frozen".into(),
        }],
        new_id: "01930000-0000-7000-8000-000000000002".into(),
        frozen: String::new(),
        may_extract: true,
    }
}

pub fn mistake() -> CohortPage {
    let error = "\"f\" cannot stand after sex: write female, male, other or unknown.".into();
    CohortPage { answer: None, error, filter: String::new(), saved: Vec::new(), ..cohort() }
}

pub fn league() -> LeaguePage {
    let point = |name: &str, expected, ratio| Point { name: name.into(), expected, ratio };
    let points = [
        point("Halden Cemented Stem 409-375", 21.0, 2.1),
        point("Fellgate FG-110", 64.0, 0.9),
        point("Corran Cup C-50", 12.0, 1.3),
        point("Ennis Head E-32", 33.0, 1.05),
    ];
    let row = |name: &str, ratio: &str, place: &str| LeagueRowShown {
        href: "/devices/1".into(),
        name: name.into(),
        n: "1,012".into(),
        revised: "44".into(),
        rate: "0.78 (0.55 to 1.07)".into(),
        five: "3.6% (2.5 to 5.2)".into(),
        ratio: ratio.into(),
        place: place.into(),
    };
    LeaguePage {
        page: page("League table", "/cohorts", "analyst"),
        filter: "category:hip".into(),
        error: String::new(),
        by: Choice::list([("device", "Devices"), ("site", "Sites")], "device"),
        unit: "Device".into(),
        svg: Funnel {
            id: "funnel-plot",
            title: "Revisions, observed over expected",
            note: "Adjusted for sex and age.",
            points: &points,
        }
        .to_svg(),
        rows: vec![
            row("Halden Cemented Stem 409-375", "2.10 (1.53 to 2.81)", "above 99.8%"),
            row("Fellgate FG-110", "0.90 (0.68 to 1.16)", ""),
        ],
        note: "Expected: years of use of each sex and band of age at the rate of all in the table.".into(),
    }
}

pub fn compare() -> ComparePage {
    let names = ["Fellgate FG-110", "Corran Stem C-50", "Ennis Stem E-32", "Tarn Stem T-9", "Brae Stem B-1"];
    let curves: Vec<Curve> = [17, 31, 12, 45, 21].map(curve).into();
    let more: Vec<Series> = names.iter().zip(&curves).map(|(&name, curve)| Series { name, curve }).collect();
    let list =
        |chosen: &str| Choice::list([("", "None"), ("1", "Halden Cemented Stem"), ("2", "Fellgate FG-110")], chosen);
    let row = |name: &str, ratio: &str, p: &str| ComparedRow {
        href: "/devices/1".into(),
        name: name.into(),
        n: "900".into(),
        revised: "38".into(),
        five: "3.6% (2.5 to 5.2)".into(),
        ratio: ratio.into(),
        p: p.into(),
    };
    ComparePage {
        page: page("Compare devices", "/cohorts", "safety"),
        filter: "category:hip".into(),
        error: String::new(),
        lists: ["1", "2", "", "", "", ""].map(list).into(),
        svg: drawing(&more),
        rows: vec![
            row("Halden Cemented Stem 409-375", "1 (held against)", "–"),
            row("Fellgate FG-110", "1.42 (1.01 to 2.00)", "0.044"),
        ],
        note: "Cox's proportional hazards, adjusted for sex and age.".into(),
    }
}

pub fn methods() -> MethodsPage {
    MethodsPage { page: page("Methods", "/cohorts", "analyst"), stops_at: 40, greys_at: 250, small: 5 }
}

pub fn monitor() -> MonitorPage {
    let day = |year, month| chrono::NaiveDate::from_ymd_opt(year, month, 1).unwrap();
    let points: Vec<_> = (0..60_u8)
        .map(|at| (day(2016 + i32::from(at) / 12, 1 + u32::from(at) % 12), f64::from(at % 17) * 0.24))
        .collect();
    let signals = [points[50].0];
    MonitorPage {
        page: page("Watched over time", "/cohorts", "analyst"),
        of: "Halden Cemented Stem 409-375".into(),
        filter: "device:01930000-0000-7000-8000-000000000001".into(),
        error: String::new(),
        within: Choice::list([("90", "90 days"), ("365", "1 year")], "365"),
        odds: Choice::list([("1.5", "1.5 times"), ("2", "twice")], "2"),
        figures: vec![
            Figure::new("1,012", "operations whose time is over"),
            Figure::new("24", "revised within 365 days"),
            Figure::new("14.2", "were expected"),
        ],
        svg: Cusum {
            id: "cusum-chart",
            title: "Revised within 365 days of the operation",
            what: "Risk-adjusted CUSUM by day of the operation",
            note: "Looks for odds 2 times as high; until 23 November 2026",
            days: "Day of the operation",
            points: &points,
            limit: 3.61,
            signals: &signals,
        }
        .to_svg(),
        continuous: ContinuousPart {
            svg: Cusum {
                id: "cgr-chart",
                title: "Revised at any time",
                what: "CGR-CUSUM by calendar day",
                note: "How far revisions are beyond what was due, from the day on that shows it most",
                days: "Calendar day",
                points: &points,
                limit: 4.2,
                signals: &[],
            }
            .to_svg(),
            signal: false,
            words: "The limit was not reached. On the last day it sees nothing worse than was due.".into(),
            limit: "The limit is 4.20.".into(),
            method: "CGR-CUSUM (Gomon et al. 2022).".into(),
        },
        withheld: String::new(),
        signals: vec!["1 March 2020".into()],
        limit: "The limit is 3.61. It was chosen so that 5% of series as long as this one reach it by chance; in 4000 other simulated series 4.8% did.".into(),
        json: "/api/v1/cohorts/cusum?filter=".into(),
        note: "Risk-adjusted CUSUM. Snapshot 3f9a1c04aa17be20.".into(),
    }
}
