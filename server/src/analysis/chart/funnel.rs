//! A funnel plot: each unit's ratio of observed to expected against how many were expected, between the limits of chance.

use std::fmt::Write as _;

use super::text::{Anchor, Label, escaped, plain, tenth};
use super::{HEIGHT, INK, LEFT, QUIET, RIGHT, RULE, TOP, WIDTH, opened};
use crate::analysis::funnel::Limits;

/// One unit.
#[derive(Clone, Debug)]
pub struct Point {
    /// What it is called.
    pub name: String,
    /// Events expected.
    pub expected: f64,
    /// Observed over expected.
    pub ratio: f64,
}

/// A funnel plot.
#[derive(Clone, Copy, Debug)]
pub struct Funnel<'a> {
    /// Makes the ids of title and description unique in a page.
    pub id: &'a str,
    /// The heading.
    pub title: &'a str,
    /// A line under it.
    pub note: &'a str,
    /// The units.
    pub points: &'a [Point],
}

/// One of the limits.
type Limit = fn(&Limits) -> f64;

/// Points along a limit.
const ALONG: u32 = 120;

impl Funnel<'_> {
    /// Draws it.
    pub fn to_svg(&self) -> String {
        let drawn: Vec<&Point> = self.points.iter().filter(|p| p.expected > 0.0 && p.ratio.is_finite()).collect();
        let most = drawn.iter().map(|point| point.expected).fold(1.0, f64::max) * 1.06;
        let least = (most / 400.0).max(0.05);
        let highest = drawn.iter().map(|point| point.ratio).fold(2.0, f64::max);
        let top = (highest * 1.1).min(6.0);
        let x = |expected: f64| LEFT + expected / most * (WIDTH - LEFT - RIGHT);
        let y = |ratio: f64| TOP + HEIGHT - ratio.min(top) / top * HEIGHT;
        let total = TOP + HEIGHT + 64.0;
        let mut svg = opened(self.id, self.title, &in_words(&drawn), total);
        Label { x: 16.0, y: 30.0, text: self.title, size: 18, weight: 600, ..Label::default() }.draw(&mut svg);
        Label { x: 16.0, y: 50.0, text: self.note, fill: QUIET, ..Label::default() }.draw(&mut svg);
        axes(&mut svg, most, top, &x, &y);
        let limits: Vec<(f64, Limits)> = (0..=ALONG)
            .map(|step| {
                // Denser to the left, where limits bend.
                let share = f64::from(step) / f64::from(ALONG);
                let expected = least + (most - least) * share * share;
                (expected, Limits::exact(expected))
            })
            .collect();
        let lines: [(Limit, &str); 4] = [
            (|l| l.lower95, " stroke-dasharray=\"5 4\""),
            (|l| l.upper95, " stroke-dasharray=\"5 4\""),
            (|l| l.lower998, ""),
            (|l| l.upper998, ""),
        ];
        let _ = write!(
            svg,
            "<clipPath id=\"{id}-plot\"><rect x=\"{LEFT}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath><g clip-path=\"url(#{id}-plot)\" fill=\"none\" stroke=\"{QUIET}\">",
            TOP - 1.0,
            WIDTH - LEFT - RIGHT + 1.0,
            HEIGHT + 2.0,
            id = escaped(self.id),
        );
        for (limit, dash) in lines {
            let mut path = String::new();
            for (expected, limits) in &limits {
                let letter = if path.is_empty() { 'M' } else { 'L' };
                // Beyond the picture a line goes on, so that it leaves it at the right slope.
                let height = TOP + HEIGHT - (limit(limits) / top * HEIGHT).min(4.0 * HEIGHT);
                let _ = write!(path, "{letter}{} {}", tenth(x(*expected)), tenth(height));
            }
            let _ = write!(svg, "<path d=\"{path}\"{dash}/>");
        }
        svg.push_str("</g>");
        for point in &drawn {
            let limits = Limits::exact(point.expected);
            let (fill, radius) = match point.ratio {
                ratio if ratio > limits.upper998 => ("#b3121d", 5.0),
                ratio if ratio > limits.upper95 => ("#8a5300", 4.5),
                _ => ("#005eb8", 4.0),
            };
            let _ = write!(
                svg,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" fill=\"{fill}\" fill-opacity=\".85\"><title>{}: {:.2}, {:.1} expected</title></circle>",
                tenth(x(point.expected)),
                tenth(y(point.ratio)),
                escaped(&point.name),
                point.ratio,
                point.expected,
            );
        }
        svg.push_str("</svg>");
        svg
    }
}

fn axes(svg: &mut String, most: f64, top: f64, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64) {
    let (bottom, right) = (TOP + HEIGHT, WIDTH - RIGHT);
    for tick in (0_u8..).map(|i| f64::from(i) * 0.5).take_while(|tick| *tick <= top + 1e-9) {
        let stroke = if (tick - 1.0).abs() < 1e-9 { INK } else { RULE };
        let _ = write!(svg, "<path d=\"M{LEFT} {0:.1}H{right}\" stroke=\"{stroke}\"/>", y(tick));
        Label {
            x: LEFT - 8.0,
            y: y(tick) + 4.5,
            text: &plain(tick),
            fill: QUIET,
            anchor: Anchor::End,
            ..Label::default()
        }
        .draw(svg);
    }
    let rough = most / 8.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(rough);
    for tick in (0_u8..).map(|i| f64::from(i) * step).take_while(|tick| *tick <= most) {
        let _ = write!(svg, "<path d=\"M{:.1} {bottom}v5\" stroke=\"{QUIET}\"/>", x(tick));
        Label {
            x: x(tick),
            y: bottom + 20.0,
            text: &plain(tick),
            fill: QUIET,
            anchor: Anchor::Middle,
            ..Label::default()
        }
        .draw(svg);
    }
    let _ = write!(svg, "<path d=\"M{LEFT} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"{QUIET}\"/>");
    let words = "Revisions expected";
    Label { x: x(most / 2.0), y: bottom + 42.0, text: words, anchor: Anchor::Middle, ..Label::default() }.draw(svg);
    let _ = write!(
        svg,
        "<text transform=\"translate(28 {}) rotate(-90)\" text-anchor=\"middle\">Observed over expected</text>",
        TOP + HEIGHT / 2.0
    );
    let key = "Solid: 99.8 % limits of chance. Dashed: 95 %. Line at 1: as expected.";
    Label { x: LEFT, y: 78.0, text: key, fill: QUIET, ..Label::default() }.draw(svg);
}

/// What someone would say who reads the figure aloud.
fn in_words(points: &[&Point]) -> String {
    let above: Vec<&&Point> = points.iter().filter(|p| p.ratio > Limits::exact(p.expected).upper998).collect();
    let mut words = format!(
        "Funnel plot of {} units: ratio of observed to expected revisions against the number expected, with exact 95 % and 99.8 % limits. ",
        points.len()
    );
    match above.len() {
        0 => words.push_str("None lies above the 99.8 % limit."),
        n => {
            let _ = write!(words, "{n} above the 99.8 % limit: ");
            let named: Vec<String> = above.iter().take(10).map(|p| format!("{} ({:.2})", p.name, p.ratio)).collect();
            words.push_str(&named.join(", "));
            words.push('.');
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_are_named_to_those_who_do_not_see_it() {
        let point = |name: &str, expected, ratio| Point { name: name.to_owned(), expected, ratio };
        let points = [point("Fair", 40.0, 1.1), point("Bad <one>", 40.0, 2.4), point("Empty", 0.0, f64::NAN)];
        let svg = Funnel { id: "f", title: "Stems", note: "All sites", points: &points }.to_svg();
        assert!(svg.contains("1 above the 99.8 % limit: Bad &lt;one&gt; (2.40)."), "{svg}");
        assert!(svg.contains("Funnel plot of 2 units"));
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("style="));
        if let Ok(folder) = std::env::var("TESSERA_DRAW") {
            std::fs::write(std::path::Path::new(&folder).join("funnel.svg"), svg).unwrap();
        }
        assert!(Funnel { id: "f", title: "", note: "", points: &[] }.to_svg().contains("None lies above"));
    }
}
