//! One side hidden beneath a sticker, a pen's stroke or a finger: the other three tell where it lies.
//!
//! Ink ends at the sticker's edge, or goes on to the stroke's. Both are straight, and taken for a side they close a
//! quadrilateral of which one side is false. That side is moved to wherever some size has its border alternate; what may be
//! hidden is not asked, and what is hidden is decoded as erasures.

use super::super::Symbol;
use super::super::frame::Picture;
use super::super::glare::Glare;
use super::super::grid::Grid;
use super::super::modules::Modules;
use super::super::pattern::{Pattern, refined, slid};
use super::super::plan::dim;
use super::super::ranking::heaviest_first;
use super::borders::borders_in_part;
use super::fit::{Fit, crossing};
use super::outlined::Ink;
use super::size::{SIZES, Size};
use super::{Work, decode, least_agreement, measure, symbol};

/// How much of the symbol may be hidden.
const HIDDEN: f32 = 0.24;

/// Where the hidden side may lie, as part of the length across to what looks like it.
const NEAREST: f32 = 0.72;
const FARTHEST: f32 = 1.32;

/// Modules from one place to the next.
const STEP: f32 = 0.4;

/// How rough the solid sides are at most, and as part of how rough the alternating ones are.
const SMOOTHEST: f32 = 0.6;
const SMOOTH: f32 = 0.6;

/// How well the borders that are seen must alternate, and all that is known and seen agree.
const LEAST_ALTERNATION: f32 = 0.7;
const LEAST_AGREEMENT: f32 = 0.7;
const WORTH_MOVING: f32 = 0.5;

/// Modules on a side, and pixels a module, of what can be told.
const MOST_MODULES: usize = 52;
const LEAST_PIXELS: f32 = 1.5;

/// Grids that are decoded, and how often each.
const MOST_READ: usize = 6;
const ROUNDS: usize = 3;

/// What decoding costs for each module, in pixels looked at.
const DECODING: usize = 300;

/// A side of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Top,
    Right,
    Bottom,
    Left,
}

impl Side {
    const ALL: [Self; 4] = [Self::Top, Self::Right, Self::Bottom, Self::Left];

    /// Whether it may be seen there, this side being hidden.
    fn shows(self, u: f32, v: f32) -> bool {
        let depth = match self {
            Self::Top => v,
            Self::Right => 1.0 - u,
            Self::Bottom => 1.0 - v,
            Self::Left => u,
        };
        depth > HIDDEN
    }

    fn is_upright(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }

    /// The grid with this side so many parts of the length across away from the opposite one, and parallel to it.
    fn moved(self, mut corners: [[f32; 2]; 4], part: f32) -> Option<Grid> {
        // One of the sides beside it alternates, and tells how far it goes; the other is solid.
        let (right, left) =
            ((self as usize, (self as usize + 3) % 4), ((self as usize + 1) % 4, (self as usize + 2) % 4));
        let is_first = matches!(self, Self::Right | Self::Bottom);
        let ((told, opposite), (solid, beside)) = if is_first { (right, left) } else { (left, right) };
        let away = |from: usize, to: usize, part: f32| {
            [0, 1].map(|axis| corners[from][axis] + part * (corners[to][axis] - corners[from][axis]))
        };
        let end = away(opposite, told, part);
        let parallel = [0, 1].map(|axis| end[axis] + corners[beside][axis] - corners[opposite][axis]);
        let other = crossing(&[end, parallel], &[corners[beside], corners[solid]])?;
        (corners[told], corners[solid]) = (end, other);
        let grid = Grid::flat(corners);
        grid.is_sound().then_some(grid)
    }
}

/// Reads a symbol, one of whose sides is hidden, from the outline of its ink.
pub(super) fn read(picture: &Picture, ink: &Ink, work: &mut Work) -> Option<Symbol> {
    let (outline, rough) = ink.straight(picture)?;
    let mut found: Vec<(f32, Side, Fit)> = Vec::new();
    for first in 0..4 {
        let corners: [[f32; 2]; 4] = std::array::from_fn(|corner| outline[(first + corner) % 4]);
        let rough: [f32; 4] = std::array::from_fn(|side| rough[(first + side) % 4]);
        for side in Side::ALL {
            if is_smooth(&rough, side) {
                found.extend(closings(picture, corners, side, work));
            }
        }
    }
    heaviest_first(&mut found, |one| one.0);
    found.truncate(MOST_READ);
    found.into_iter().find_map(|(_, side, fit)| read_beside(picture, fit, side, work))
}

/// Whether, but for a side that is hidden, the left and the lower side are smooth beside the others.
fn is_smooth(rough: &[f32; 4], hidden: Side) -> bool {
    let seen = |side: Side| (side != hidden).then_some(rough[side as usize]);
    let solid = [Side::Bottom, Side::Left].into_iter().filter_map(seen).fold(0.0, f32::max);
    let alternating = [Side::Top, Side::Right].into_iter().filter_map(seen).fold(f32::INFINITY, f32::min);
    solid < SMOOTHEST.min(SMOOTH * alternating)
}

/// For every size the best place of the hidden side.
fn closings(picture: &Picture, corners: [[f32; 2]; 4], hidden: Side, work: &mut Work) -> Vec<(f32, Side, Fit)> {
    let mut found = Vec::new();
    for size in SIZES.into_iter().filter(|size| size.rows <= MOST_MODULES) {
        let count = if hidden.is_upright() { size.columns } else { size.rows };
        let mut best: Option<(f32, Side, Fit)> = None;
        let mut part = NEAREST;
        while part < FARTHEST && !work.is_over() {
            let moved = hidden.moved(corners, part);
            part += STEP / dim(count);
            let Some(grid) = moved else { continue };
            let (across, down) = grid.sides();
            let (wide, high) = (across / dim(size.columns), down / dim(size.rows));
            if wide.min(high) < LEAST_PIXELS || !(0.7..1.43).contains(&(wide / high)) {
                continue;
            }
            let shown = |u: f32, v: f32| hidden.shows(u, v);
            let [top, right] = borders_in_part(picture, &grid.map(), &size, Glare::NONE, shown);
            work.spend(2 * (size.rows + size.columns));
            let agreement = match hidden {
                Side::Top => right,
                Side::Right => top,
                _ => top.min(right),
            };
            let alternation = agreement - 0.3 * (wide / high).ln().abs();
            if agreement > LEAST_ALTERNATION && best.as_ref().is_none_or(|best| best.0 < alternation) {
                let fit = Fit { size, alternation: agreement, ..Fit::of_outline(grid) };
                best = Some((alternation, hidden, fit));
            }
        }
        found.extend(best);
    }
    found
}

/// Decodes a grid with what is hidden as erasures; where that fails, lets the decided modules pull the grid, for one end of the
/// hidden side is told by nothing else.
fn read_beside(picture: &Picture, mut fit: Fit, hidden: Side, work: &mut Work) -> Option<Symbol> {
    let finder = Pattern::finder(&fit.size.plan()).in_part(|u, v| hidden.shows(u, v));
    if finder.score(picture, &fit.grid.map()) < WORTH_MOVING {
        return None;
    }
    (fit.grid, fit.score) = slid(picture, fit.grid, &finder, 1.0, &[0.4, 0.2, 0.1]);
    work.spend(150 * finder.len());
    if fit.score < LEAST_AGREEMENT.max(least_agreement(&fit.size)) {
        return None;
    }
    for round in 0..ROUNDS {
        if work.is_over() {
            break;
        }
        let modules = Modules::sample(picture, &fit.grid, fit.size.plan(), false, Glare::NONE);
        work.spend(DECODING * modules.grey.len());
        let soft = modules.soft();
        let alike = alike(&fit.size, &soft, hidden);
        for lines in alike..=alike + 1 {
            let mut soft = soft.clone();
            for (at, soft) in soft.iter_mut().enumerate() {
                if line(&fit.size, at, hidden) < lines {
                    *soft = 0.0;
                }
            }
            if let Some(decoded) = decode::decode(&fit.size, &soft) {
                return Some(symbol(decoded, fit.grid.corners, measure::quality(&modules, &soft, &fit)));
            }
        }
        if round + 1 < ROUNDS {
            let mut pattern = finder.clone();
            for (at, soft) in soft.iter().enumerate() {
                if line(&fit.size, at, hidden) > alike {
                    pattern.add(at / fit.size.columns, at % fit.size.columns, soft.clamp(-1.0, 1.0));
                }
            }
            (fit.grid, _) = refined(picture, fit.grid, &pattern, 1.0, &[0.3, 0.12]);
            work.spend(100 * pattern.len());
        }
    }
    None
}

/// How many rows or columns lie between a module and a side.
fn line(size: &Size, at: usize, side: Side) -> usize {
    let (row, column) = (at / size.columns, at % size.columns);
    match side {
        Side::Top => row,
        Side::Right => size.columns - 1 - column,
        Side::Bottom => size.rows - 1 - row,
        Side::Left => column,
    }
}

/// How many rows or columns beside the hidden side are of one colour.
fn alike(size: &Size, soft: &[f32], hidden: Side) -> usize {
    let count = if hidden.is_upright() { size.columns } else { size.rows };
    let is_alike = |wanted: &usize| {
        let all = (0..soft.len()).filter(|at| line(size, *at, hidden) == *wanted);
        let (dark, light) =
            all.fold((0, 0), |(dark, light), at| if soft[at] < 0.0 { (dark + 1, light) } else { (dark, light + 1) });
        8 * dark.min(light) < dark + light
    };
    (0..count / 3).take_while(is_alike).count()
}

#[cfg(test)]
mod tests {
    use super::super::outlined::COARSE_CELLS;
    use super::super::testing;
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn whichever_side_is_hidden_beneath_white_or_ink_it_is_read() {
        let (luma, width, height) = testing::picture(4);
        for side in 0..4 {
            for over in [210, 40] {
                let mut luma = luma.clone();
                for (at, grey) in (0_u32..).zip(&mut luma) {
                    let (x, y) = (at % width, at / width);
                    // A module beyond the side, and two of the symbol.
                    let (is_above, is_beside) = ((80..144).contains(&x), (60..124).contains(&y));
                    let (near_x, near_y) = ((76..148).contains(&x), (56..128).contains(&y));
                    let over_it = [
                        is_above && near_y && y < 68,
                        is_beside && near_x && x >= 136,
                        is_above && near_y && y >= 116,
                        is_beside && near_x && x < 88,
                    ];
                    if over_it[side] {
                        *grey = over;
                    }
                }
                let picture = Frame::new(&luma, width, height).expect("a frame").to_picture();
                let mut work = Work::of(10_000_000);
                let read = read(&picture, &Ink::of(&picture, COARSE_CELLS), &mut work).map(|symbol| symbol.text());
                assert_eq!(read.as_deref(), Some(testing::TEXT), "{side} {over}");
            }
        }
    }
}
