//! QR Code (ISO/IEC 18004), our own reader; with the feature `rqrr`, that crate on what ours leaves (it refuses FNC1, thus every
//! GS1 QR Code, and costs more than all of ours where a code is clear).
//!
//! Finder patterns make threes (`finder`), a three makes a grid of some version (`fit`), soft modules are equalised and
//! decoded with erasures (`decode`, `message`).

mod decode;
mod finder;
mod fit;
#[cfg(feature = "rqrr")]
mod foreign;
mod message;
mod version;

#[cfg(feature = "rqrr")]
pub(super) use foreign::read_grids;

use super::frame::Picture;
use super::glare::Glare;
use super::grid::Grid;
use super::modules::{Modules, Soft};
use super::pattern::{self, Pattern};
use super::plan::dim;
use super::quality::Alternation;
use super::{Format, Quality, Symbol};
use decode::Decoded;
use finder::Finder;
use fit::Fit;
use version::Version;

/// What a look at finder patterns gave.
#[derive(Debug)]
pub(super) struct Patterns(Vec<Finder>);

/// The finder patterns of a part of a picture.
pub(super) fn patterns(picture: &Picture) -> Patterns {
    Patterns(finder::finders(picture))
}

impl Patterns {
    /// Whether some of them may be of one code.
    pub(super) fn may_be_a_code(&self) -> bool {
        finder::may_be_a_code(&self.0)
    }

    /// Whether three of them are of one code, and hardly of anything else.
    pub(super) fn are_of_a_code(&self) -> bool {
        finder::are_of_a_code(&self.0)
    }
}

/// The QR Codes of a part of a picture: the one that we read, else all that rqrr does.
pub(super) fn read(picture: &Picture) -> Vec<Symbol> {
    look(picture, &patterns(picture)).symbol.map_or_else(|| read_grids(picture), |symbol| vec![symbol])
}

/// Without another reader, nothing.
#[cfg(not(feature = "rqrr"))]
pub(super) fn read_grids(_: &Picture) -> Vec<Symbol> {
    Vec::new()
}

/// What a look gave.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) symbol: Option<Symbol>,
    /// How well the best grid agreed: whether another look is worth its while.
    pub(super) promise: f32,
}

/// The code that finder patterns belong to, if it can be decoded.
pub(super) fn look(picture: &Picture, patterns: &Patterns) -> Look {
    let mut fits = fit::fits(picture, &patterns.0);
    for fit in fits.iter_mut().filter(|fit| fit.is_clear()) {
        if let Some(symbol) = clearly(picture, fit) {
            return Look { symbol: Some(symbol), promise: fit.score };
        }
        fit.settle(picture);
    }
    let promise = fits.first().map_or(0.0, |fit| fit.score);
    let likely = fits.iter().take(2).filter(|fit| fit.score >= fit::LEAST);
    Look { symbol: likely.into_iter().find_map(|fit| read_fit(picture, fit)), promise }
}

/// Unused error correction from which a grid lies well enough as it is.
const HARDLY_CORRECTED: f32 = 0.6;

/// Decodes a clear grid before it lies exactly, if hardly anything must be corrected.
fn clearly(picture: &Picture, fit: &Fit) -> Option<Symbol> {
    let modules = Modules::sample(picture, &fit.grid, fit.version.plan(), false, Glare::NONE);
    let decoded = decode::decode(fit.version, &modules.plan, &modules.soft())?;
    (decoded.unused_correction > HARDLY_CORRECTED).then(|| symbol(picture, decoded, &fit.grid, fit.version, &modules))
}

/// Decided modules that pull a grid, about.
const MOST_DECIDED: usize = 900;

/// Decodes a fitted grid, equalised where it must be; then lets the decided modules pull the grid and tries again.
fn read_fit(picture: &Picture, fit: &Fit) -> Option<Symbol> {
    let plan = fit.version.plan();
    let mut grid = fit.grid;
    let mut decided: Option<Soft> = None;
    for round in 0..if fit.score < fit::LEAST_TO_BEND { 1 } else { 3 } {
        if round > 0 {
            let mut pattern = Pattern::finder(&plan);
            // Of a large code a part is enough; an odd pace takes from all columns.
            let pace = (plan.known.len() / MOST_DECIDED) | 1;
            let unknown = |(at, _): &(usize, &f32)| plan.known[*at].is_none();
            for (at, soft) in decided.iter().flatten().enumerate().step_by(pace).filter(unknown) {
                pattern.add(at / plan.columns, at % plan.columns, soft.clamp(-1.0, 1.0));
            }
            let steps: &[f32] = if round == 1 { &[0.6, 0.3, 0.15] } else { &[0.2, 0.1] };
            (grid, _) = pattern::bent(picture, grid, &pattern, 1.0, steps);
        }
        let modules = Modules::sample(picture, &grid, plan.clone(), false, Glare::NONE);
        match read_modules(fit.version, &modules) {
            Ok((decoded, mirrored)) => {
                let grid = if mirrored { across(&grid) } else { grid };
                return Some(symbol(picture, decoded, &grid, fit.version, &modules));
            }
            Err(soft) => decided = (round > 0).then_some(soft),
        }
    }
    None
}

/// Decodes sampled modules, as they are, in a mirror, and equalised. Gives the last softness where that fails.
fn read_modules(version: Version, modules: &Modules) -> Result<(Decoded, bool), Soft> {
    let plain = modules.soft();
    if let Some(decoded) = decode::decode(version, &modules.plan, &plain) {
        return Ok((decoded, false));
    }
    let n = modules.plan.columns;
    let mirrored: Soft = (0..n * n).map(|at| plain[at % n * n + at / n]).collect();
    if let Some(decoded) = decode::decode(version, &modules.plan, &mirrored) {
        return Ok((decoded, true));
    }
    let mut soft = plain.clone();
    for _ in 0..3 {
        let Some(next) = modules.equalised(&plain, &soft) else { break };
        soft = next;
        if let Some(decoded) = decode::decode(version, &modules.plan, &soft) {
            return Ok((decoded, false));
        }
    }
    Err(soft)
}

/// A mirrored code's grid: rows for columns.
fn across(grid: &Grid) -> Grid {
    let [a, b, c, d] = grid.corners;
    Grid::flat([a, d, c, b])
}

fn symbol(picture: &Picture, decoded: Decoded, grid: &Grid, version: Version, modules: &Modules) -> Symbol {
    let quality =
        Quality { unused_correction: Some(decoded.unused_correction), ..quality(picture, grid, version, modules) };
    Symbol {
        format: Format::QrCode,
        aim: decoded.message.aim(),
        bytes: decoded.message.bytes,
        corners: grid.corners,
        quality,
    }
}

/// Row and column of the timing patterns, which run between two finder patterns that take so many modules with their separators.
const TIMING: usize = 6;
const FINDER: usize = 8;

/// Contrast by the finder patterns, modulation and print growth by the timing patterns (after ISO/IEC 15415, 7.8.3 to 7.8.5).
fn quality(picture: &Picture, grid: &Grid, version: Version, modules: &Modules) -> Quality {
    let side = version.side();
    let mean =
        |dark: bool, wanted: &dyn Fn(usize) -> bool| modules.mean(&|at| modules.known(at) == Some(dark) && wanted(at));
    let (light, dark) = (mean(false, &|_| true), mean(true, &|_| true));
    let between = |at: usize| (FINDER..side - FINDER).contains(&at);
    let is_timing = |at: usize| {
        let (row, column) = (at / side, at % side);
        row == TIMING && between(column) || column == TIMING && between(row)
    };
    let contrast = (light - dark).max(1.0);
    // From the middle of one separator to that of the other.
    let timing =
        Alternation { dark: (side - 2 * FINDER).div_ceil(2), threshold: f32::midpoint(light, dark), inverted: false };
    let map = grid.map();
    let (begin, beside) = (dim(FINDER) - 0.5, dim(TIMING) + 0.5);
    let of_row = timing.growth(picture, |along| map.point((begin + along) / dim(side), beside / dim(side)));
    let of_column = timing.growth(picture, |along| map.point(beside / dim(side), (begin + along) / dim(side)));
    let (across, down) = grid.sides();
    Quality {
        contrast: Some((light - dark).max(0.0) / 255.0),
        modulation: Some(((mean(false, &is_timing) - mean(true, &is_timing)) / contrast).clamp(0.0, 1.0)),
        print_growth: Some(f32::midpoint(of_row, of_column)),
        unused_correction: None,
        module_pixels: Some(across.min(down) / dim(side)),
    }
}
