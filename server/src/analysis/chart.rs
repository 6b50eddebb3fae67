//! The cumulative percent revision of one device as an SVG that may be printed in a journal or read aloud.
//!
//! Reach for [`Figure::to_svg`] with a curve (time in days), and another to compare it with where there is one. What is drawn: the step
//! curve, its 95 % band, axes with units, the numbers at risk under the plot; a title and a description for those who do not
//! see it. No script, no style sheet, a few kilobytes: steps smaller than the picture can show are left out.

use std::fmt::Write as _;

use super::cohort::DAYS_PER_YEAR;
use super::survival::Curve;
use path::{Frame, Steps};
use text::{Anchor, Label, counted, escaped, plain};

pub mod cusum;
pub mod funnel;
mod path;
mod text;

/// One curve of the figure.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// What it is called in the legend and in the table.
    pub name: &'a str,
    /// Kaplan–Meier, time in days.
    pub curve: &'a Curve,
}

/// How few may be at risk, and how far the axis may reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The curve ends where fewer than this many are at risk.
    pub stop_at: u64,
    /// The curve turns grey where fewer than this many are at risk.
    pub grey_at: u64,
    /// The axis ends after this many years at the latest.
    pub years: f64,
}

impl Default for Limits {
    /// What the registries' annual reports use: 40 and 250.
    fn default() -> Self {
        Self { stop_at: 40, grey_at: 250, years: 20.0 }
    }
}

/// A figure of one device.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    /// Makes the ids of title and description unique in a page of several figures; letters, digits and hyphens.
    pub id: &'a str,
    /// The heading.
    pub title: &'a str,
    /// A line under it: the source, the date, the hash.
    pub note: &'a str,
    /// The device.
    pub device: Series<'a>,
    /// What it is compared with.
    pub comparator: Option<Series<'a>>,
    /// More curves beside it, where several are compared; they are named under the plot.
    pub more: &'a [Series<'a>],
    /// Where curves end.
    pub limits: Limits,
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 64.0;
const TOP: f64 = 92.0;
const HEIGHT: f64 = 290.0;
const INK: &str = "#212b32";
const QUIET: &str = "#4c6272";
const GREY: &str = "#8a97a1";
const RULE: &str = "#e3e8eb";
const FONT: &str = "Frutiger W01, Arial, Helvetica, sans-serif";

/// Colours of a series: ink on white at 4.5 to 1 or more, and the two differ in lightness as well as in hue.
#[derive(Clone, Copy)]
struct Look {
    line: &'static str,
    band: &'static str,
    dash: &'static str,
}

const DEVICE: Look = Look { line: "#005eb8", band: "#005eb8", dash: "" };
/// Of the second to the sixth curve: told apart by dash as well as by hue.
const MORE: [Look; 5] = [
    Look { line: "#a2231d", band: "#a2231d", dash: " stroke-dasharray=\"7 3\"" },
    Look { line: "#006747", band: "#006747", dash: " stroke-dasharray=\"2 2\"" },
    Look { line: "#7c2855", band: "#7c2855", dash: " stroke-dasharray=\"9 3 2 3\"" },
    Look { line: "#8a5300", band: "#8a5300", dash: " stroke-dasharray=\"4 4\"" },
    Look { line: "#425563", band: "#425563", dash: " stroke-dasharray=\"12 3\"" },
];
const COMPARATOR: Look = Look { line: "#5f6b73", band: "#9aa5ad", dash: " stroke-dasharray=\"6 3\"" };

/// The beginning of a figure of this height: title and description for those who do not see it, and a white ground. The id
/// makes theirs unique in a page.
fn opened(id: &str, title: &str, in_words: &str, height: f64) -> String {
    let mut svg = String::with_capacity(16 * 1024);
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{FONT}\" font-size=\"13\" fill=\"{INK}\">\
         <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>",
        escaped(title),
        escaped(in_words),
        id = escaped(id),
    );
    svg
}

impl Figure<'_> {
    /// Draws it.
    pub fn to_svg(&self) -> String {
        let steps: Vec<(Series, Look, Steps)> = std::iter::once((self.device, DEVICE))
            .chain(self.comparator.map(|series| (series, COMPARATOR)))
            .chain(self.more.iter().copied().zip(MORE.iter().copied().cycle()))
            .map(|(series, look)| (series, look, Steps::of(series.curve, self.limits)))
            .collect();
        let frame = Frame::around(&steps.iter().map(|(_, _, steps)| steps).collect::<Vec<_>>());
        let lines = if self.more.is_empty() { steps.len() } else { 2 * steps.len() + 1 };
        let total = TOP + HEIGHT + 78.0 + 20.0 * plain_count(lines);

        let mut svg = opened(self.id, self.title, &self.in_words(), total);
        self.heading(&mut svg, &steps);
        axes(&mut svg, &frame);
        self.curves(&mut svg, &frame, &steps);
        self.at_risk(&mut svg, &frame, &steps);
        self.names(&mut svg, &steps);
        svg.push_str("</svg>");
        svg
    }

    /// The description: what someone would say who reads the figure aloud.
    fn in_words(&self) -> String {
        let mut words =
            String::from("Cumulative percent revision, one minus Kaplan–Meier, by years since the implantation. ");
        for series in std::iter::once(self.device).chain(self.comparator).chain(self.more.iter().copied()) {
            let n = series.curve.n_risk.first().copied().unwrap_or(0);
            let _ = write!(words, "{}, {} implants: ", series.name, counted(n));
            let end = path::last_day(series.curve, self.limits).unwrap_or(0.0);
            let years: Vec<f64> =
                [1.0, 3.0, 5.0, 10.0, 15.0].into_iter().filter(|y| y * DAYS_PER_YEAR <= end).collect();
            let days: Vec<f64> = years.iter().map(|y| y * DAYS_PER_YEAR).collect();
            for (year, at) in years.iter().zip(series.curve.percent_revised(&days)) {
                let _ = write!(words, "at {year} year{} {:.1} %", if *year > 1.0 { "s" } else { "" }, at.percent);
                if !at.lower.is_nan() {
                    let _ = write!(words, " (95 % interval {:.1} to {:.1} %)", at.lower, at.upper);
                }
                let _ = write!(words, ", {} at risk; ", counted(at.at_risk));
            }
            if years.is_empty() {
                let _ = write!(words, "too few were followed for a year; ");
            }
        }
        words.truncate(words.trim_end_matches([' ', ';', ':']).len());
        words.push('.');
        words
    }

    fn heading(&self, svg: &mut String, steps: &[(Series, Look, Steps)]) {
        Label { x: 16.0, y: 30.0, text: self.title, size: 18, weight: 600, ..Label::default() }.draw(svg);
        Label { x: 16.0, y: 50.0, text: self.note, fill: QUIET, ..Label::default() }.draw(svg);
        if !self.more.is_empty() {
            return;
        }
        let mut x = LEFT;
        for (series, look, _) in steps {
            let _ = write!(
                svg,
                "<rect x=\"{x}\" y=\"67\" width=\"26\" height=\"12\" fill=\"{}\" fill-opacity=\".18\"/>\
                 <path d=\"M{x} 73h26\" stroke=\"{}\" stroke-width=\"2\"{}/>",
                look.band, look.line, look.dash
            );
            let name = format!("{}, 95 % interval", series.name);
            Label { x: x + 33.0, y: 77.5, text: &name, ..Label::default() }.draw(svg);
            x += 33.0 + text::width(&name, 13.0) + 28.0;
        }
    }

    fn curves(&self, svg: &mut String, frame: &Frame, steps: &[(Series, Look, Steps)]) {
        let _ = write!(
            svg,
            "<clipPath id=\"{id}-plot\"><rect x=\"{LEFT}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></clipPath><g clip-path=\"url(#{id}-plot)\" fill=\"none\">",
            id = escaped(self.id),
            y = TOP - 1.0,
            w = WIDTH - LEFT - RIGHT + 1.0,
            h = HEIGHT + 2.0,
        );
        // The comparator lies under the device.
        let opacity = if self.more.is_empty() { ".16" } else { ".07" };
        for (_, look, steps) in steps.iter().rev() {
            let _ =
                write!(svg, "<path d=\"{}\" fill=\"{}\" fill-opacity=\"{opacity}\"/>", steps.band(frame), look.band);
        }
        for (_, look, steps) in steps.iter().rev() {
            // Of several curves the grey ends could not be told apart: there a paler line stands for few.
            let few = if self.more.is_empty() { (GREY, "") } else { (look.line, " stroke-opacity=\".45\"") };
            for (path, (colour, pale)) in [(steps.sure(frame), (look.line, "")), (steps.grey(frame), few)] {
                if !path.is_empty() {
                    let _ = write!(
                        svg,
                        "<path d=\"{path}\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"{}{pale}/>",
                        look.dash
                    );
                }
            }
        }
        svg.push_str("</g>");
        let mut taken: Option<f64> = None;
        let labelled = if self.more.is_empty() { steps } else { &[] };
        for (_, look, steps) in labelled {
            let Some((x, y, percent)) = steps.end(frame) else { continue };
            // Two labels at one height would cover each other.
            let y = match taken {
                Some(other) if (y - other).abs() < 15.0 => {
                    if y < other {
                        other - 15.0
                    } else {
                        other + 15.0
                    }
                }
                _ => y,
            };
            taken = Some(y);
            let value = format!("{percent:.1} %");
            let fill = if steps.ends_grey() { QUIET } else { look.line };
            Label { x: x + 6.0, y: y + 4.5, text: &value, fill, weight: 600, ..Label::default() }.draw(svg);
        }
        if steps.iter().all(|(_, _, steps)| steps.is_empty()) {
            let words = format!("Fewer than {} at risk: no curve is drawn.", self.limits.stop_at.max(1));
            let (x, y) = (frame.middle(), TOP + HEIGHT / 2.0);
            Label { x, y, text: &words, fill: QUIET, anchor: Anchor::Middle, ..Label::default() }.draw(svg);
        }
    }

    /// Which line is which, where there are more than fit over the plot.
    fn names(&self, svg: &mut String, steps: &[(Series, Look, Steps)]) {
        if self.more.is_empty() {
            return;
        }
        let top = TOP + HEIGHT + 78.0 + 20.0 * plain_count(steps.len());
        for ((series, look, _), line) in steps.iter().zip(1..) {
            let y = top + 20.0 * f64::from(line);
            let (colour, dash) = (look.line, look.dash);
            let _ = write!(svg, "<path d=\"M16 {}h26\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>", y - 4.5);
            Label { x: 52.0, y, text: series.name, ..Label::default() }.draw(svg);
        }
    }

    /// The table under the plot: how many are still observed at each tick. Few are printed grey.
    fn at_risk(&self, svg: &mut String, frame: &Frame, steps: &[(Series, Look, Steps)]) {
        let top = TOP + HEIGHT + 66.0;
        Label { x: 16.0, y: top, text: "Number at risk", weight: 600, ..Label::default() }.draw(svg);
        let pale = if self.more.is_empty() { "Grey" } else { "Pale" };
        let key = match (self.limits.grey_at, self.limits.stop_at) {
            (0 | 1, 0 | 1) => String::new(),
            (0 | 1, stop) => format!("Curves end at {}.", counted(stop)),
            (grey, 0 | 1) => format!("{pale}: fewer than {}.", counted(grey)),
            (grey, stop) => format!("{pale}: fewer than {}. Curves end at {}.", counted(grey), counted(stop)),
        };
        Label { x: 132.0, y: top, text: &key, fill: QUIET, ..Label::default() }.draw(svg);
        for ((series, look, _), line) in steps.iter().zip(1..) {
            let y = top + 20.0 * f64::from(line);
            // The name would run into the first number, so a swatch of the line stands for it when there are two.
            let _ = write!(
                svg,
                "<path d=\"M16 {}h26\" stroke=\"{}\" stroke-width=\"2\"{}/>",
                y - 4.5,
                look.line,
                look.dash
            );
            for year in frame.years() {
                let n = at_risk_on(series.curve, year * DAYS_PER_YEAR);
                let fill = if n < self.limits.grey_at { GREY } else { INK };
                Label { x: frame.x(year), y, text: &counted(n), fill, anchor: Anchor::Middle, ..Label::default() }
                    .draw(svg);
            }
        }
    }
}

fn axes(svg: &mut String, frame: &Frame) {
    let (bottom, right) = (TOP + HEIGHT, WIDTH - RIGHT);
    for percent in frame.percents() {
        let y = frame.y(percent);
        if percent > 0.0 {
            let _ = write!(svg, "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"{RULE}\"/>");
        }
        let text = plain(percent);
        Label { x: LEFT - 8.0, y: y + 4.5, text: &text, fill: QUIET, anchor: Anchor::End, ..Label::default() }
            .draw(svg);
    }
    for year in frame.years() {
        let x = frame.x(year);
        let _ = write!(svg, "<path d=\"M{x:.1} {bottom}v5\" stroke=\"{QUIET}\"/>");
        let text = plain(year);
        Label { x, y: bottom + 20.0, text: &text, fill: QUIET, anchor: Anchor::Middle, ..Label::default() }.draw(svg);
    }
    let _ = write!(svg, "<path d=\"M{LEFT} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"{QUIET}\"/>");
    let middle = frame.middle();
    Label { x: middle, y: bottom + 40.0, text: "Years since implantation", anchor: Anchor::Middle, ..Label::default() }
        .draw(svg);
    let y = TOP + HEIGHT / 2.0;
    let _ = write!(
        svg,
        "<text transform=\"translate(28 {y}) rotate(-90)\" text-anchor=\"middle\">Cumulative percent revision (%)</text>"
    );
}

fn at_risk_on(curve: &Curve, day: f64) -> u64 {
    curve.n_risk.get(curve.time.partition_point(|&t| t < day)).copied().unwrap_or(0)
}

fn plain_count(n: usize) -> f64 {
    super::life_table::float(n as u64)
}

#[cfg(test)]
mod tests;
