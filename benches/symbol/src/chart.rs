//! Curves for people: what part of scenes each reader read at each level, a small panel for every axis, as SVG.

use std::fmt::Write as _;

/// One axis as it was measured.
pub struct Curve {
    pub name: String,
    pub levels: Vec<f32>,
    /// For each reader, the part of scenes read at each level.
    pub parts: Vec<Vec<f32>>,
}

const COLOURS: [&str; 4] = ["#005eb8", "#d5281b", "#768692", "#007f3b"];
const DASHES: [&str; 4] = ["", "6 3", "2 3", "9 2 2 2"];
const COLUMNS: usize = 4;
const PANEL: (f32, f32) = (230.0, 150.0);
/// Of a panel: left, top, width and height of what is drawn in.
const PLOT: (f32, f32, f32, f32) = (34.0, 26.0, 184.0, 90.0);

/// All panels of one kind of symbol, readers told apart by colour and by dashes.
pub fn svg(title: &str, readers: &[String], curves: &[&Curve]) -> String {
    let rows = curves.len().div_ceil(COLUMNS);
    let (width, height) = (PANEL.0 * COLUMNS as f32, PANEL.1 * rows as f32 + 50.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"10\">\n\
         <title>{title}: part of scenes read as conditions get worse</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"18\" font-size=\"14\">{title}: part of scenes read as conditions get worse (%)</text>\n"
    );
    for (i, reader) in readers.iter().enumerate() {
        let x = 10.0 + 120.0 * i as f32;
        let _ = writeln!(out, "<path d=\"M{x} 34h26\" {}/><text x=\"{}\" y=\"38\">{reader}</text>", style(i), x + 32.0);
    }
    for (i, curve) in curves.iter().enumerate() {
        let (x, y) = (PANEL.0 * (i % COLUMNS) as f32, 50.0 + PANEL.1 * (i / COLUMNS) as f32);
        let _ = writeln!(out, "<g transform=\"translate({x} {y})\">{}</g>", panel(curve));
    }
    out + "</svg>\n"
}

fn style(reader: usize) -> String {
    let (colour, dash) = (COLOURS[reader % COLOURS.len()], DASHES[reader % DASHES.len()]);
    format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"")
}

fn panel(curve: &Curve) -> String {
    let (left, top, width, height) = PLOT;
    let last = curve.levels.len().saturating_sub(1).max(1) as f32;
    let at = |i: usize, part: f32| (left + width * i as f32 / last, top + height * (1.0 - part));
    let mut out = format!("<text x=\"{left}\" y=\"{}\" font-size=\"11\">{}</text>", top - 8.0, curve.name);
    for part in [0.0, 0.5, 1.0] {
        let (_, y) = at(0, part);
        let _ = write!(
            out,
            "<path d=\"M{left} {y}h{width}\" stroke=\"#d8dde0\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:.0}</text>",
            left - 4.0,
            y + 3.0,
            100.0 * part
        );
    }
    for (i, level) in curve.levels.iter().enumerate() {
        let (x, _) = at(i, 0.0);
        let _ = write!(out, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{level}</text>", top + height + 14.0);
    }
    for (reader, parts) in curve.parts.iter().enumerate() {
        let points: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(i, part)| {
                let (x, y) = at(i, *part);
                format!("{x:.1},{y:.1}")
            })
            .collect();
        let _ = write!(out, "<polyline points=\"{}\" {}/>", points.join(" "), style(reader));
    }
    out
}

/// The levels at which half of the scenes are lost, as a table in Markdown.
pub fn table(readers: &[String], curves: &[Curve]) -> String {
    let mut out = format!("| half is lost at | {} |\n|---|{}\n", readers.join(" | "), "---|".repeat(readers.len()));
    for curve in curves {
        let points: Vec<String> = curve.parts.iter().map(|parts| half_point(&curve.levels, parts)).collect();
        let _ = writeln!(out, "| {} | {} |", curve.name, points.join(" | "));
    }
    out
}

/// Where the curve last falls through one half, straight between levels.
pub fn half_point(levels: &[f32], parts: &[f32]) -> String {
    if parts.last().is_some_and(|part| *part >= 0.5) {
        return format!("> {}", levels[levels.len() - 1]);
    }
    match (1..parts.len()).rev().find(|i| parts[i - 1] >= 0.5 && parts[*i] < 0.5) {
        Some(i) => {
            let part = (parts[i - 1] - 0.5) / (parts[i - 1] - parts[i]);
            format!("{:.2}", levels[i - 1] + (levels[i] - levels[i - 1]) * part)
        }
        None => format!("< {}", levels[0]),
    }
}
