//! The alternating borders of a finder pattern, far from its L: of which size they are, and whether the pack is bent.

use super::super::frame::Picture;
use super::super::glare::Glare;
use super::super::grid::{Grid, Map};
use super::super::plan::dim;
use super::super::ranking::heaviest_first;
use super::size::{SIZES, Size};

/// A grid of a certain size that is not yet known to lie right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rough {
    /// How well both alternating borders agree, less what chance gives.
    pub(super) agreement: f32,
    /// How well the better one of them does: the other may be hidden.
    pub(super) clearest: f32,
    pub(super) grid: Grid,
    pub(super) size: Size,
}

/// Sizes by how well their alternating borders agree with the pixels: a rectangle may also be seen mirrored.
pub(super) fn sizes(picture: &Picture, grid: &Grid, inverted: bool, glare: Glare, bending: bool) -> Vec<Rough> {
    let mirrored = grid.transposed();
    let sign = if inverted { -1.0 } else { 1.0 };
    let mut out: Vec<Rough> = Vec::new();
    for size in SIZES {
        let square = size.rows == size.columns;
        let grids: &[&Grid] = if square { &[grid] } else { &[grid, &mirrored] };
        for grid in grids {
            let (across, down) = grid.sides();
            let (module_x, module_y) = (across / dim(size.columns), down / dim(size.rows));
            let ratio = module_x / module_y;
            let least = least_module(&size);
            if module_x < least || module_y < least || !(0.25..4.0).contains(&ratio) {
                continue;
            }
            let flat = borders(picture, &grid.map(), &size, glare).map(|border| sign * border);
            let mut best = (both(flat), **grid);
            // Around a cylinder one border alternates evenly, the other does not.
            if bending && flat[0].max(flat[1]) > EVEN && flat[0].min(flat[1]) < UNEVEN {
                let axis = usize::from(flat[0] > flat[1]);
                for bent in around_a_cylinder(grid, axis) {
                    let agreement = both(borders(picture, &bent.map(), &size, glare).map(|border| sign * border));
                    if agreement > best.0.max(both(flat) + BENT_IS_BETTER) {
                        best = (agreement, bent);
                    }
                }
            }
            let by_chance = 1.6 / dim(size.rows + size.columns).sqrt();
            // Modules are square but for perspective.
            let stretched = 0.12 * ratio.ln().abs();
            let clearest = flat[0].max(flat[1]);
            out.push(Rough { agreement: best.0 - by_chance - stretched, clearest, grid: best.1, size });
        }
    }
    heaviest_first(&mut out, |one| one.agreement);
    out
}

/// How well both borders alternate, together.
fn both([top, right]: [f32; 2]) -> f32 {
    f32::midpoint(top, right) + 0.5 * top.min(right)
}

/// The same sides around a cylinder that bends one axis: modules are narrower the further they turn away.
fn around_a_cylinder(flat: &Grid, axis: usize) -> [Grid; 3] {
    let [a, b, c, d] = flat.corners;
    let across = [0, 1].map(|i| if axis == 0 { b[i] - a[i] + c[i] - d[i] } else { d[i] - a[i] + c[i] - b[i] } / 2.0);
    TURNED.map(|part| {
        let mut grid = *flat;
        grid.bend[2 + axis] = across.map(|length| part * length);
        grid
    })
}

/// How far a module at a fifth of a side lies from where it lay if the side were flat, as part of the side: arcs of about 95°,
/// 125° and 145°.
const TURNED: [f32; 3] = [-0.06, -0.11, -0.16];

/// How well a border alternates, at least, that lies along a cylinder; and less than which one around it does.
const EVEN: f32 = 0.6;
const UNEVEN: f32 = 0.5;

/// How much better the borders agree with a bent grid, where the pack is bent.
const BENT_IS_BETTER: f32 = 0.2;

/// Pixels a module below which a size is not told from texture: of many modules, fewer would be lost in noise.
fn least_module(size: &Size) -> f32 {
    if size.rows.max(size.columns) > 52 { 1.5 } else { 0.9 }
}

/// Modules of a border that are looked at together.
const WIDE: usize = 8;

/// How clearly the upper and the right border alternate with the period of the size.
fn borders(picture: &Picture, map: &Map, size: &Size, glare: Glare) -> [f32; 2] {
    borders_in_part(picture, map, size, glare, |_, _| true)
}

/// The same of what is seen of them.
pub(super) fn borders_in_part(
    picture: &Picture,
    map: &Map,
    size: &Size,
    glare: Glare,
    is_seen: impl Fn(f32, f32) -> bool,
) -> [f32; 2] {
    let (rows, columns) = (dim(size.rows), dim(size.columns));
    let top = (0..size.columns).map(|c| ((dim(c) + 0.5) / columns, 0.5 / rows, c % 2 == 1));
    let right = (0..size.rows).map(|r| (1.0 - 0.5 / columns, (dim(r) + 0.5) / rows, r % 2 == 0));
    let one = |places: &mut dyn Iterator<Item = (f32, f32, bool)>| {
        let mut places = places.filter(|(u, v, _)| is_seen(*u, *v));
        let (mut pairs, mut squares, mut product, mut last) = (0.0, 0.0, 0.0, None::<f32>);
        loop {
            let (mut u, mut v, mut lights, mut count) = ([0.0; WIDE], [0.0; WIDE], [false; WIDE], 0);
            for (at, place) in (0..WIDE).zip(&mut places) {
                (u[at], v[at], lights[at]) = place;
                count = at + 1;
            }
            if count == 0 {
                break;
            }
            let [x, y] = map.points(&u, &v);
            for (value, light) in picture.values(&x, &y).into_iter().zip(lights).take(count) {
                if glare.hides(value) {
                    last = None;
                    continue;
                }
                // Differences of neighbours: light that falls unevenly along the border does not count.
                if let Some(before) = last {
                    let change = value - before;
                    pairs += 1.0;
                    squares += change * change;
                    product += if light { change } else { -change };
                }
                last = Some(value);
            }
        }
        if squares < 1.0_f32 { 0.0 } else { product / (pairs * squares).sqrt() }
    };
    [one(&mut top.into_iter()), one(&mut right.into_iter())]
}
