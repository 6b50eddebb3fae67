//! Packs that are crumpled: every module may lie a little off, a little otherwise than the one beside it.
//!
//! The flattened picture of a symbol is told in cells, a few a module. Of each place that a module may have moved to it is
//! known what speaks against it: the wrong colour, where its colour is known, and edges through its middle. The moves that
//! fit best together, each module's with its neighbours', are found along rows and columns (semi-global matching:
//! Hirschmüller 2008). The borders are known and lie right first; what is within begins between them (Coons 1967).
//!
//! What was decoded is not asked where modules lie: a patch that lies one module off agrees with itself.

mod moves;
mod paths;
mod sheet;

use std::ops::Range;

use super::super::Symbol;
use super::super::frame::Picture;
use super::super::modules::Modules;
use super::super::plan::dim;
use super::super::ranking::heaviest_first;
use super::fit::Fit;
use super::size::{SIZES, Size};
use super::{Work, measure, read_modules, symbol};
use moves::Moves;
use sheet::Sheet;

/// How well the alternating borders must agree.
const LEAST_AGREEMENT: f32 = 0.7;
const CLEAR_AGREEMENT: f32 = 0.95;
const NEARLY: f32 = 0.2;

/// Modules on a side, and pixels a module, of what can be told.
const MOST_MODULES: usize = 52;
const LEAST_PIXELS: f32 = 2.0;

/// Grids that are decoded, and how often their modules are moved: first their borders, then all of them; and smoothed each time.
const MOST_READ: usize = 3;
const ROUNDS: usize = 4;
const SMOOTHED: usize = 2;

/// Modules from one change of grey to the next, on the mean along many lines.
const APART: Range<f32> = 1.3..2.6;

/// Reads a symbol that closes one of the grids but for its wrinkles, of which may be known how many pixels lie from one change of
/// grey to the next.
pub(super) fn read(picture: &Picture, fits: &[Fit], pitch: Option<f32>, work: &mut Work) -> Option<Symbol> {
    let mut sized: Vec<(f32, Fit)> = Vec::new();
    for fit in fits {
        let (across, down) = fit.grid.sides();
        for size in SIZES {
            let (module_x, module_y) = (across / dim(size.columns), down / dim(size.rows));
            let apart = pitch.map(|pitch| pitch / module_x.midpoint(module_y));
            if size.rows != size.columns
                || size.rows > MOST_MODULES
                || module_x.min(module_y) < LEAST_PIXELS
                || !(0.6..1.7).contains(&(module_x / module_y))
                || apart.is_some_and(|apart| !APART.contains(&apart))
                || work.is_over()
            {
                continue;
            }
            let fit = Fit { size, ..*fit };
            work.spend(BORDERS * size.rows);
            let agreement = agreement(picture, &fit);
            if agreement > LEAST_AGREEMENT {
                sized.push((agreement, fit));
            }
        }
        // What closes the symbol so well is it.
        if sized.iter().any(|(agreement, _)| *agreement > CLEAR_AGREEMENT) {
            break;
        }
    }
    heaviest_first(&mut sized, |one| one.0);
    let best = sized.first().map_or(0.0, |(agreement, _)| *agreement);
    sized.retain(|(agreement, _)| *agreement > best - NEARLY);
    sized.truncate(MOST_READ);
    sized.into_iter().find_map(|(_, fit)| unwrinkled(picture, &fit, work))
}

/// How light a module is that every symbol of a size has.
fn known(size: &Size, row: usize, column: usize) -> Option<f32> {
    size.finder(row, column).map(|dark| if dark { -1.0 } else { 1.0 })
}

/// How well both alternating borders agree; no more than what is too little, where the first does not.
fn agreement(picture: &Picture, fit: &Fit) -> f32 {
    let Size { rows, columns, .. } = fit.size;
    let top = Sheet::of(picture, fit, None, 0..1, 0..columns);
    let top = top.agreement(&(0..columns).map(|column| (0, column)).collect::<Vec<_>>());
    if top <= LEAST_AGREEMENT {
        return top;
    }
    let right = Sheet::of(picture, fit, None, 0..rows, columns - 1..columns);
    top.min(right.agreement(&(0..rows).map(|row| (row, columns - 1)).collect::<Vec<_>>()))
}

/// Decodes the modules of a grid where they moved to.
fn unwrinkled(picture: &Picture, fit: &Fit, work: &mut Work) -> Option<Symbol> {
    let Size { rows, columns, .. } = fit.size;
    let light: Vec<Option<f32>> = (0..rows * columns).map(|at| known(&fit.size, at / columns, at % columns)).collect();
    let (map, mut moves) = (fit.grid.map(), Moves::none(&fit.size));
    for round in 0..ROUNDS {
        if work.is_over() {
            break;
        }
        work.spend(WORK * rows * columns);
        moves.add(&Sheet::of(picture, fit, Some(&moves), 0..rows, 0..columns).moves(&light));
        if round == 0 {
            moves.stretch();
            continue;
        }
        for _ in 0..SMOOTHED {
            moves.smooth();
        }
        let place = |row: usize, column: usize, dx: f32, dy: f32| {
            let [u, v] = moves.place(dim(column) + 0.5 + dx, dim(row) + 0.5 + dy);
            map.point(u, v)
        };
        let modules = Modules::at(picture, fit.size.plan(), fit.inverted, fit.glare, &[-0.2, 0.0, 0.2], place);
        let (decoded, soft) = read_modules(&fit.size, &modules);
        if let Some(decoded) = decoded {
            return Some(symbol(decoded, fit.grid.corners, measure::quality(&modules, &soft, fit)));
        }
    }
    None
}

/// What telling the borders costs, for each row, and moving the modules, for each of them, in pixels looked at.
const BORDERS: usize = 700;
const WORK: usize = 1600;
