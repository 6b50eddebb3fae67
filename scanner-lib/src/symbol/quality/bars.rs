//! How well bars were printed and seen, after ISO/IEC 15416: what every one of a few lines across them shows.

use std::f32::consts::TAU;
use std::ops::RangeInclusive;

use super::super::code128;
use super::super::code128::scan_line::{self, Edge, ScanLine};
use super::super::frame::Picture;
use super::super::layout::float;
use super::super::locate::Bars;
use super::super::{Format, Symbol};
use super::Quality;

/// Heights at which lines cross the bars, from their top: away from their ends, where they are seen worst.
const HEIGHTS: [f32; 5] = [0.2, 0.35, 0.5, 0.65, 0.8];

/// Pixels beyond both ends, which show paper.
const BEYOND: f32 = 2.0;

/// What an edge shows at the least, as part of the contrast: as much as leaves as many edges as the symbol has, and none that is noise.
const LEAST_EDGE: [f32; 6] = [0.5, 0.35, 0.25, 0.18, 0.13, 0.1];

/// The same where it is not known how many there are; and the part of their height to either side of the middle that is looked at.
const LEAST_SHOWN: f32 = 0.1;
const WHOLE_HEIGHT: f32 = 0.42;

/// Modulation below which blur moves edges by more than ink does.
const CLEAR: f32 = 0.4;

/// Pixels to either side, along the bars, that a line is the mean of.
const ASIDE: f32 = 2.0;

/// Edges of a DataBar that is not stacked (ISO/IEC 24724, 5.2: 46 elements, the first of which is light as paper), with its guards and
/// without.
const EDGES_OF_DATABAR: RangeInclusive<usize> = 42..=46;

/// Contrast, modulation and print growth of bars that were read; the last where it is known how wide their modules are seen. `None`
/// each, where too little of them lies in the picture.
pub(in crate::symbol) fn of_bars(picture: &Picture, symbol: &Symbol) -> Quality {
    let module = symbol.quality.module_pixels;
    let [a, b, c, d] = symbol.corners;
    let length = (b[0] - a[0]).hypot(b[1] - a[1]).midpoint((c[0] - d[0]).hypot(c[1] - d[1]));
    let edges = match (symbol.format, module) {
        (Format::Code128, Some(module)) => {
            let edges = code128::edges_of(length / module);
            edges..=edges
        }
        _ => EDGES_OF_DATABAR,
    };
    let between = |from: [f32; 2], to: [f32; 2], part| [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
    let lines: Vec<Line> = HEIGHTS
        .into_iter()
        .filter_map(|part| Line::across(picture, between(a, d, part), between(b, c, part), module, &edges))
        .collect();
    let mean = |of: fn(&Line) -> Option<f32>| {
        let values: Vec<f32> = lines.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f32>() / float(values.len()))
    };
    Quality {
        contrast: mean(|line| Some(line.contrast)),
        modulation: mean(|line| line.modulation),
        unused_correction: None,
        print_growth: mean(|line| line.growth),
        module_pixels: module,
    }
}

/// Modules that an element of bars is wide on the mean: a character of Code 128 has eleven in six.
const MODULES_AN_ELEMENT: f32 = 11.0 / 6.0;

/// Contrast and modulation of bars that were not read, by the mean along them, and about how wide their modules are.
pub(in crate::symbol) fn of_unread_bars(picture: &Picture, bars: &Bars, turn: f32) -> Quality {
    let profile = bars.line(0.0, turn, WHOLE_HEIGHT * bars.height).profile(picture);
    let contrast = code128::contrast(&profile);
    let edges = scan_line::edges(&profile, LEAST_SHOWN * contrast);
    let span = edges.first().zip(edges.last()).map_or(0.0, |(first, last)| last.at - first.at);
    let is_told = edges.len() > 2 && contrast > 1.0;
    let told = |value: f32| is_told.then_some(value);
    Quality {
        contrast: told(contrast / 255.0),
        modulation: told((least_contrast(&profile, &edges) / contrast).min(1.0)),
        module_pixels: told(span / (float(edges.len().max(2) - 1) * MODULES_AN_ELEMENT)),
        ..Quality::default()
    }
}

/// What one line across bars shows.
struct Line {
    contrast: f32,
    modulation: Option<f32>,
    growth: Option<f32>,
}

impl Line {
    fn across(
        picture: &Picture,
        from: [f32; 2],
        to: [f32; 2],
        module: Option<f32>,
        edges: &RangeInclusive<usize>,
    ) -> Option<Self> {
        let length = (to[0] - from[0]).hypot(to[1] - from[1]).max(1.0);
        let direction = [0, 1].map(|axis| (to[axis] - from[axis]) / length);
        let start = [0, 1].map(|axis| from[axis] - direction[axis] * BEYOND);
        let line = ScanLine { start, direction, length: length + 2.0 * BEYOND, aside: ASIDE };
        let profile = line.profile(picture);
        let contrast = code128::contrast(&profile);
        if contrast < 1.0 {
            return None;
        }
        let mut is_lost = true;
        let right = LEAST_EDGE.iter().find_map(|least| {
            let shown = scan_line::edges(&profile, least * contrast);
            is_lost &= shown.len() < *edges.start();
            edges.contains(&shown.len()).then_some(shown)
        });
        let modulation = match &right {
            Some(right) => Some((least_contrast(&profile, right) / contrast).min(1.0)),
            // An element that shows no edge has no contrast.
            None => is_lost.then_some(0.0),
        };
        let is_clear = modulation.is_some_and(|modulation| modulation > CLEAR);
        let growth = right.zip(module).filter(|_| is_clear).and_then(|(edges, module)| growth(&widths(&edges), module));
        Some(Self { contrast: contrast / 255.0, modulation, growth })
    }
}

/// The least contrast of two elements beside each other (edge contrast, the minimum).
fn least_contrast(profile: &[Option<f32>], edges: &[Edge]) -> f32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "edges lie on the line")]
    let index = |at: f32| (at / scan_line::STEP) as usize;
    let extremes: Vec<f32> = edges
        .windows(2)
        .map(|pair| {
            let between = profile.get(index(pair[0].at)..=index(pair[1].at)).unwrap_or_default();
            let greys = between.iter().flatten().copied();
            if pair[0].falls { greys.fold(f32::INFINITY, f32::min) } else { greys.fold(0.0, f32::max) }
        })
        .collect();
    extremes.windows(2).map(|pair| (pair[0] - pair[1]).abs()).fold(f32::INFINITY, f32::min)
}

/// How wide each element is, and whether it is a bar.
fn widths(edges: &[Edge]) -> Vec<(f32, bool)> {
    edges.windows(2).map(|pair| (pair[1].at - pair[0].at, pair[0].falls)).collect()
}

/// By how many modules bars are wider than they ought to be, and spaces narrower: all ought to be whole numbers of modules, so that
/// what is over says it, whatever the bars mean; how many whole modules besides, the narrowest bar and space.
fn growth(widths: &[(f32, bool)], module: f32) -> Option<f32> {
    let (mut across, mut along) = (0.0_f32, 0.0_f32);
    let mut narrowest = [f32::INFINITY; 2];
    for (width, is_bar) in widths {
        let turn = TAU * width / module;
        across += if *is_bar { turn.sin() } else { -turn.sin() };
        along += turn.cos();
        let least = &mut narrowest[usize::from(*is_bar)];
        *least = least.min(width / module);
    }
    let over = across.atan2(along) / TAU;
    let about = (narrowest[1] - narrowest[0]) / 2.0;
    // Where they are no whole numbers, this is no length of a module.
    (across.hypot(along) > 1.0).then(|| over + (about - over).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_that_spreads_makes_bars_wider_and_spaces_narrower() {
        for grown in [-0.7_f32, -0.3, 0.0, 0.2, 0.6] {
            let widths = [1.0, 2.0, 3.0, 1.0, 4.0, 2.0].into_iter().zip([true, false].into_iter().cycle());
            let printed =
                widths.map(|(modules, is_bar)| (2.5 * (modules + if is_bar { grown } else { -grown }), is_bar));
            let measured = growth(&printed.collect::<Vec<_>>(), 2.5).expect("whole modules");
            assert!((measured - grown).abs() < 0.01, "{grown}: {measured}");
        }
    }
}
