use super::*;
use crate::analysis::life_table::{LifeTable, Observation};
use crate::analysis::survival::{Confidence, kaplan_meier};

/// Implants over twelve years, of which some are revised; the same numbers each time.
fn curve(n: u32, revised_of_1000: u32) -> Curve {
    let mut state = 12_345_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let observations: Vec<_> = (0..n)
        .map(|_| {
            let observed = f64::from(next() % 4380) + 1.0;
            let revised = next() % 1000 < revised_of_1000;
            Observation::new(
                if revised { (f64::from(next() % 4380) + 1.0).min(observed) } else { observed },
                usize::from(revised),
            )
        })
        .collect();
    kaplan_meier(&LifeTable::from_observations(&observations, 1), 1, Confidence::default())
}

fn figure<'a>(device: &'a Curve, comparator: Option<&'a Curve>, limits: Limits) -> String {
    Figure {
        id: "cpr",
        title: "Fellgate uncemented hip stem, size 12",
        note: "All sites, implanted 2008 to 2026. Snapshot 3f9a1c04.",
        device: Series { name: "Fellgate FG-110", curve: device },
        comparator: comparator.map(|curve| Series { name: "All hip stems", curve }),
        more: &[],
        limits,
    }
    .to_svg()
}

/// Draws the figure that a person looks at: `TESSERA_DRAW=folder cargo test -p tessera-server chart`.
fn keep(name: &str, svg: &str) {
    if let Ok(folder) = std::env::var("TESSERA_DRAW") {
        std::fs::write(std::path::Path::new(&folder).join(name), svg).unwrap();
    }
}

#[test]
fn a_small_figure_as_it_is_written() {
    let svg = figure(&curve(60, 400), None, Limits { stop_at: 5, grey_at: 30, years: 20.0 });
    keep("small.svg", &svg);
    insta::assert_snapshot!(svg.replace("><", ">\n<"));
}

#[test]
fn a_large_figure_stays_small_and_leaves_no_room_for_markup() {
    let (device, all) = (curve(4_000, 120), curve(60_000, 70));
    let svg = figure(&device, Some(&all), Limits::default());
    keep("large.svg", &svg);
    assert!(svg.len() < 40_000, "{} bytes", svg.len());
    assert!(!svg.contains("<script") && !svg.contains("style=") && !svg.contains("NaN") && !svg.contains("inf"));
    let evil = Figure {
        id: "a\"b",
        title: "</title><script>",
        note: "&",
        device: Series { name: "<x>", curve: &device },
        comparator: None,
        more: &[],
        limits: Limits::default(),
    }
    .to_svg();
    assert!(!evil.contains("<script") && !evil.contains("<x>") && !evil.contains("a\"b"));
}

#[test]
fn few_at_risk_end_the_curve() {
    let few = curve(30, 100);
    let svg = figure(&few, None, Limits::default());
    keep("none.svg", &svg);
    assert!(svg.contains("Fewer than 40 at risk: no curve is drawn."));
    let nobody = figure(&Curve::default(), None, Limits { stop_at: 0, ..Limits::default() });
    assert!(nobody.contains("no curve is drawn") && !nobody.contains("NaN"));
}

#[test]
fn the_description_tells_the_numbers() {
    let svg = figure(&curve(4_000, 120), None, Limits::default());
    let description = svg.split_once("-desc\">").and_then(|(_, rest)| rest.split_once("</desc>")).unwrap().0;
    assert!(description.starts_with("Cumulative percent revision, one minus Kaplan–Meier"));
    assert!(
        description.contains("at 10 years ")
            && description.contains("95 % interval")
            && description.contains("at risk")
    );
    assert!(!description.contains("at 15 years"), "nobody was followed that long");
}

#[test]
fn no_revision_draws_a_flat_line() {
    let flat = curve(500, 0);
    let svg = figure(&flat, None, Limits { stop_at: 1, grey_at: 0, years: 20.0 });
    keep("flat.svg", &svg);
    assert!(svg.contains("0.0 %") && !svg.contains("NaN"));
}
