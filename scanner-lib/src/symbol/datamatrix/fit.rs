//! From the L of a finder pattern to a grid that lies exactly: the far sides, the size, then everything moved until the
//! known modules (L, alternating border, quiet zone) agree best with the pixels.

use super::super::frame::Picture;
use super::super::glare::Glare;
use super::super::grid::Grid;
use super::super::pattern::{Pattern, refined};
use super::super::ranking::heaviest_first;
use super::arms;
use super::borders::{Rough, sizes};
use super::corner::Corner;
use super::rays::Rays;
use super::size::{SIZES, Size};
use super::{Care, Work, least_agreement};

/// A grid of a certain size, and how well the known modules agree (−1 … 1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub(super) grid: Grid,
    pub(super) size: Size,
    pub(super) score: f32,
    /// How well its alternating borders alone agreed, less what chance gives.
    pub(super) alternation: f32,
    pub(super) inverted: bool,
    /// What of it a reflection may hide.
    pub(super) glare: Glare,
}

/// Where the sides opposite to the arms of an L may run, and what of all that a reflection may hide.
struct Sides {
    tops: Vec<Side>,
    rights: Vec<Side>,
    glare: Glare,
    /// How many pixels lie from one change of grey to the next between the arms.
    pitch: f32,
}

/// The sides opposite to the arms of an L; `None` where there is no L.
fn sides(picture: &Picture, corner: &Corner, care: Care, work: &mut Work) -> Option<Sides> {
    let sign = if corner.inverted { -1.0 } else { 1.0 };
    let glance = care == Care::Glance;
    let glare = if corner.inverted { Glare::NONE } else { Glare::over(arms::paper(picture, corner)) };
    let solid = if glance { arms::SOLID_AT_A_GLANCE } else { arms::SOLID };
    let contrast = arms::contrast(picture, corner, sign, solid, glare)?;
    if !arms::is_textured(picture, corner, if glance { 0.15 } else { 0.08 } * contrast, glare) {
        return None;
    }
    let mixture = if glance { &arms::MIXED_AT_A_GLANCE } else { &arms::MIXED };
    let crowd = arms::Crowd::between(picture, corner, contrast);
    if glare == Glare::NONE && !(crowd.is_a_matrix() && arms::is_mixed(picture, corner, mixture)) {
        return None;
    }
    work.spend(SIDES_COST);
    let mut tops = far_sides(picture, [corner.meet, corner.right, corner.top], sign, contrast, glare);
    let mut rights = far_sides(picture, [corner.meet, corner.top, corner.right], sign, contrast, glare);
    // What a reflection hides may as well lie opposite to the arms.
    if arms::hides_a_side(picture, corner, glare) {
        let far = [0, 1].map(|axis| corner.right[axis] + corner.top[axis] - corner.meet[axis]);
        tops.push([corner.top, far]);
        rights.push([corner.right, far]);
    }
    Some(Sides { tops, rights, glare, pitch: crowd.pitch })
}

/// The quadrilaterals that close an L, of no size yet, and how many pixels lie from one change of grey to the next between its arms;
/// `None` where there is no L.
pub(super) fn closings(picture: &Picture, corner: &Corner, care: Care, work: &mut Work) -> Option<(Vec<Fit>, f32)> {
    let Sides { tops, rights, glare, pitch } = sides(picture, corner, care, work)?;
    let pairs = tops.iter().flat_map(|top| rights.iter().map(move |right| (top, right)));
    let fit = |grid| Fit { grid, size: SIZES[0], score: 0.0, alternation: 0.0, inverted: corner.inverted, glare };
    Some((pairs.filter_map(|(top, right)| closed(corner, top, right)).map(fit).collect(), pitch))
}

/// The best fits of any size to an L, best first, and how many pixels lie from one change of grey to the next between its arms;
/// `None` where there is no L.
pub(super) fn fits(picture: &Picture, corner: &Corner, care: Care, work: &mut Work) -> Option<(Vec<Fit>, f32)> {
    let sign = if corner.inverted { -1.0 } else { 1.0 };
    let glance = care == Care::Glance;
    let Sides { tops, rights, glare, pitch } = sides(picture, corner, care, work)?;
    let mut rough: Vec<Rough> = Vec::new();
    'sides: for top in &tops {
        for right in &rights {
            let Some(grid) = closed(corner, top, right) else { continue };
            let mut sized = sizes(picture, &grid, corner.inverted, glare, !glance);
            sized.truncate(if glance { 2 } else { 3 });
            let least = if glance { ALTERNATION_AT_A_GLANCE } else { LEAST_ALTERNATION };
            rough.extend(sized.into_iter().filter(|one| one.agreement > least || one.clearest > CLEAR_BORDER));
            if rough.iter().any(|one| one.agreement > CLEAR_BORDERS) {
                break 'sides;
            }
        }
    }
    heaviest_first(&mut rough, |one| one.agreement);
    rough.truncate(if glance { 2 } else { 4 });
    let mut fits: Vec<Fit> = Vec::with_capacity(rough.len());
    for Rough { agreement: alternation, grid, size, .. } in rough {
        let pattern = Pattern::finder(&size.plan()).beside(glare);
        let fit = |grid: Grid, score: f32| Fit { grid, size, score, alternation, inverted: corner.inverted, glare };
        let as_it_lies = sign * pattern.score(picture, &grid.map());
        if as_it_lies > CLEAR {
            return Some((vec![fit(grid, as_it_lies)], pitch));
        }
        let least = least_agreement(&size);
        if as_it_lies < WORTH_MOVING * least {
            continue;
        }
        let (grid, score) = refined(picture, grid, &pattern, sign, &[0.5]);
        work.spend(60 * pattern.len());
        if score > CLEAR {
            return Some((vec![fit(grid, score)], pitch));
        }
        let mut fit = fit(grid, score);
        if score > WORTH_SETTLING * least {
            fit.settle(picture, &[0.25], work);
        }
        fits.push(fit);
    }
    heaviest_first(&mut fits, |one| one.score);
    let best = fits.first().map_or(0.0, |fit| fit.score);
    fits.retain(|fit| fit.score > best - 0.15);
    fits.truncate(2);
    for fit in fits.iter_mut().filter(|fit| fit.score > WORTH_SETTLING * least_agreement(&fit.size)) {
        fit.settle(picture, &[0.12, 0.06], work);
    }
    heaviest_first(&mut fits, |one| one.score);
    Some((fits, pitch))
}

impl Fit {
    /// A quadrilateral of no size yet.
    pub(super) fn of_outline(grid: Grid) -> Self {
        Self { grid, size: SIZES[0], score: 0.0, alternation: 0.0, inverted: false, glare: Glare::NONE }
    }

    /// Whether it leaves no question of another size: it may be read before it lies exactly.
    pub(super) fn is_clear(&self) -> bool {
        self.score > CLEAR
    }

    /// Moves the grid by such steps until it lies exactly.
    pub(super) fn settle(&mut self, picture: &Picture, steps: &[f32], work: &mut Work) {
        let pattern = Pattern::finder(&self.size.plan()).beside(self.glare);
        let sign = if self.inverted { -1.0 } else { 1.0 };
        (self.grid, self.score) = refined(picture, self.grid, &pattern, sign, steps);
        work.spend(50 * steps.len() * pattern.len());
    }
}

/// Agreement of a whole finder pattern that leaves no question of another size.
const CLEAR: f32 = 0.9;

/// Agreement of a whole finder pattern, as part of what is enough to decode, from which a grid is moved at all, and moved on by
/// ever smaller steps. Of what was read, none had less than 1.2 when it first lay there.
const WORTH_MOVING: f32 = 0.6;
const WORTH_SETTLING: f32 = 0.8;

/// Agreement with both alternating borders that leaves no question of other far sides.
const CLEAR_BORDERS: f32 = 1.0;

/// Agreement with one alternating border that is enough where the other is hidden.
const CLEAR_BORDER: f32 = 0.75;

/// What looking for the far sides of one corner costs, in pixels looked at.
const SIDES_COST: usize = 120_000;

/// Agreement with an alternating border, less what chance gives, below which a size is not looked at.
const LEAST_ALTERNATION: f32 = 0.25;
/// The same at a glance: what was read then had 0.57 or more.
const ALTERNATION_AT_A_GLANCE: f32 = 0.45;

/// The fall of light that a far side must show at least, as part of that across the solid arms: half of its modules are
/// dark.
const LEAST_FALL: f32 = 0.16;

pub(super) fn unit(from: [f32; 2], to: [f32; 2]) -> [f32; 2] {
    let length = (to[0] - from[0]).hypot(to[1] - from[1]).max(1e-3);
    [(to[0] - from[0]) / length, (to[1] - from[1]) / length]
}

/// How much lighter it is on one side (`out`) of a line than on the other, on the mean of what no reflection hides.
pub(super) fn fall(picture: &Picture, [from, to]: &Side, out: [f32; 2], reach: f32, samples: u8, glare: Glare) -> f32 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let (mut sum, mut seen) = (0.0, 0.0);
    for s in 0..samples {
        let part = (f32::from(s) + 0.5) / f32::from(samples);
        let (x, y) = (from[0] + dx * part, from[1] + dy * part);
        let outer = picture.value(x + out[0] * reach, y + out[1] * reach);
        let inner = picture.value(x - out[0] * reach, y - out[1] * reach);
        if !(glare.hides(outer) && glare.hides(inner)) {
            sum += outer - inner;
            seen += 1.0;
        }
    }
    // A few places between reflections say little.
    sum / f32::max(seen, 0.35 * f32::from(samples))
}

/// A straight side, as its two ends.
pub(super) type Side = [[f32; 2]; 2];

/// Where the side opposite to `meet`–`along` may run: from near `start` (the end of the other arm), by the greatest
/// fall of light across it. Half of an alternating border is dark, all of the quiet zone is light; deeper inside light
/// and dark balance on both sides of any line.
fn far_sides(
    picture: &Picture,
    [meet, along, start]: [[f32; 2]; 3],
    sign: f32,
    contrast: f32,
    glare: Glare,
) -> Vec<Side> {
    let arm = [start[0] - meet[0], start[1] - meet[1]];
    let length = arm[0].hypot(arm[1]).max(1.0);
    let out = unit(meet, start);
    let side = |near: f32, far: f32| {
        let at = |base: [f32; 2], part: f32| [base[0] + arm[0] * part, base[1] + arm[1] * part];
        [at(start, near), at(along, 1.0 + far)]
    };
    // Finer than the narrowest modules of short arms; long arms have at most 144 modules.
    let step = (length / 32.0).clamp(1.0, 2.6).max(length / 60.0) / length;
    let measure = |near: f32, far: f32, samples: u8| sign * fall(picture, &side(near, far), out, 1.3, samples, glare);
    let count = |reach: f32, step: f32| {
        #[expect(clippy::cast_possible_truncation, reason = "a few dozen")]
        let count = (reach / step).ceil() as i16;
        count
    };
    let (nears, fars) = (count(0.11, step), count(0.36, 1.3 * step));
    let reach = f32::from(nears).max(1.3 * f32::from(fars)) * step;
    let rays = Rays::across(picture, &side(0.0, 0.0), arm, reach, glare);
    let mut found: Vec<(f32, f32, f32)> = Vec::new();
    for i in -nears..=nears {
        for j in -fars..=fars {
            let (near, far) = (f32::from(i) * step, f32::from(j) * 1.3 * step);
            let fall = sign * rays.fall(near, far);
            if fall > 0.0 {
                found.push((fall, near, far));
            }
        }
    }
    heaviest_first(&mut found, |one| one.0);
    let mut best: Vec<(f32, f32, f32)> = Vec::new();
    for &(fall, near, far) in &found {
        if fall < 0.6 * LEAST_FALL * contrast || best.len() == 3 {
            break;
        }
        if best.iter().all(|other| (other.1 - near).abs() > 0.05 || (other.2 - far).abs() > 0.07) {
            best.push((fall, near, far));
        }
    }
    for side in &mut best {
        side.0 = measure(side.1, side.2, 40);
        for part in [0.5, 0.25] {
            for (i, j) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, -1.0), (-1.0, 1.0)] {
                let (near, far) = (side.1 + i * part * step, side.2 + j * part * step);
                let fall = measure(near, far, 40);
                if fall > side.0 {
                    *side = (fall, near, far);
                }
            }
        }
    }
    heaviest_first(&mut best, |one| one.0);
    let greatest = best.first().map_or(0.0, |side| side.0);
    let least = (0.5 * greatest).max(LEAST_FALL * contrast);
    best.retain(|(fall, ..)| *fall > least);
    // A frame around the symbol outdoes its sides, and so may rows within where ink was lost: the arms end at the sides.
    if best.iter().all(|(_, near, far)| !at_the_end(*near, *far))
        && let Some(inner) = found.iter().find(|(_, near, far)| at_the_end(*near, *far))
    {
        best.push(*inner);
    }
    best.into_iter().map(|(_, near, far)| side(near, far)).collect()
}

/// Whether a side begins about where an arm ends, and runs about parallel to the other arm.
fn at_the_end(near: f32, far: f32) -> bool {
    (-0.02..0.05).contains(&near) && far.abs() < 0.06
}

/// The quadrilateral that two far sides close.
fn closed(corner: &Corner, top: &Side, right: &Side) -> Option<Grid> {
    let left_side = [corner.meet, corner.top];
    let lower_side = [corner.meet, corner.right];
    let corners = [crossing(&left_side, top)?, crossing(top, right)?, crossing(&lower_side, right)?, corner.meet];
    let grid = Grid::flat(corners);
    grid.is_sound().then_some(grid)
}

/// Where two lines cross.
pub(super) fn crossing(a: &Side, b: &Side) -> Option<[f32; 2]> {
    let (da, db) = ([a[1][0] - a[0][0], a[1][1] - a[0][1]], [b[1][0] - b[0][0], b[1][1] - b[0][1]]);
    let determinant = da[0] * db[1] - da[1] * db[0];
    if determinant.abs() < 1e-3 {
        return None;
    }
    let part = ((b[0][0] - a[0][0]) * db[1] - (b[0][1] - a[0][1]) * db[0]) / determinant;
    Some([a[0][0] + da[0] * part, a[0][1] + da[1] * part])
}
