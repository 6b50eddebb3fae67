//! Where in a picture symbols may be: tiles of texture, joined into stretches of bars and patches of dots.
//!
//! Works on the picture halved, which costs little and takes the edge off noise. Each tile's structure tensor tells how
//! much the grey changes, and whether in one direction (bars) or in all (a matrix, and text). Bars also give their
//! angle, so that a scan line can run straight across them.

mod aslant;
mod fine;
mod longer;
mod patches;
mod tiles;
mod within;

use std::f32::consts::{FRAC_PI_2, PI};

use super::cells;
use super::code128::ScanLine;
use super::frame::{Area, Picture};
use super::outline::{dim, middle};
use super::ranking::heaviest_first;
use crate::ordering;
pub(crate) use patches::Patch;
use tiles::{TILE, Tile, floor, tiles};

/// Pixels of a picture so small that it may be cut out around one symbol.
const CUT_OUT: usize = 64_000;

/// Of a stretch of parallel edges, the mean coherence of its tiles, and the part that they are of all texture in it, below which
/// it is print: of bars, only such as are seen at less than a pixel a module have both.
const COHERENCE_OF_STROKES: f32 = 0.86;
const PURITY_OF_STROKES: f32 = 0.7;

/// A stretch is taken to be longer, in parts and in pixels, for its quiet zones.
const LENGTHENED: f32 = 1.3;
const MARGIN: f32 = 64.0;

/// A stretch of parallel bars: a rectangle that lies along the scan direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bars {
    pub(super) middle: [f32; 2],
    /// Unit vector across the bars.
    pub(super) direction: [f32; 2],
    pub(super) length: f32,
    pub(super) height: f32,
    weight: f32,
    /// It looks like the upright strokes of print: a line of text, or bars seen at hardly two pixels a module.
    pub(super) is_print: bool,
    /// Pixels that the stretch moves aside a pixel along, where a tilt shears bars, and its height as seen along that.
    slant: f32,
    slanted_height: f32,
}

impl Bars {
    /// The bars of a symbol between its corners.
    pub(super) fn between(corners: &[[f32; 2]; 4]) -> Self {
        let [a, b, c, d] = *corners;
        let (dx, dy) = (b[0] + c[0] - a[0] - d[0], b[1] + c[1] - a[1] - d[1]);
        let double = dx.hypot(dy).max(1e-3);
        let height = (d[0] - a[0]).hypot(d[1] - a[1]).max((c[0] - b[0]).hypot(c[1] - b[1]));
        // A quarter longer, for the quiet zones.
        let (direction, length) = ([dx / double, dy / double], double / 2.0 * 1.25);
        Self {
            middle: middle(corners),
            direction,
            length,
            height,
            weight: 0.0,
            is_print: false,
            slant: 0.0,
            slanted_height: height,
        }
    }

    /// A line across the bars, `part` of the height (−0.5 … 0.5) from the middle, turned by `turn` radians.
    /// The mean of what lies `aside` pixels to either side.
    pub(crate) fn line(&self, part: f32, turn: f32, aside: f32) -> ScanLine {
        let [dx, dy] = self.direction;
        let (sin, cos) = turn.sin_cos();
        let direction = [dx * cos - dy * sin, dx * sin + dy * cos];
        let away = part * self.height;
        let centre = [self.middle[0] - dy * away, self.middle[1] + dx * away];
        let half = self.length / 2.0;
        let start = [centre[0] - direction[0] * half, centre[1] - direction[1] * half];
        ScanLine { start, direction, length: self.length, aside }
    }

    pub(crate) fn corners(&self) -> [[f32; 2]; 4] {
        let ([dx, dy], (half, down)) = (self.direction, (self.length / 2.0, self.height / 2.0));
        [(-half, -down), (half, -down), (half, down), (-half, down)]
            .map(|(a, b)| [self.middle[0] + dx * a - dy * b, self.middle[1] + dy * a + dx * b])
    }

    pub(crate) fn middle(&self) -> [f32; 2] {
        self.middle
    }
}

/// What `survey` found, most promising first.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) bars: Vec<Bars>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) grid: Grid,
}

/// Looks over the whole picture once.
pub(crate) fn survey(picture: &Picture) -> Places {
    let half = picture.halved();
    let (columns, rows) = (half.width() / TILE, half.height() / TILE);
    let mut tiles = tiles(&half, columns, rows);
    if tiles.is_empty() {
        return Places::default();
    }
    let least = floor(&tiles);
    for tile in tiles.iter_mut().filter(|tile| tile.energy > least) {
        tile.angle = (0.5 * tile.twice[1].atan2(tile.twice[0])).rem_euclid(PI);
    }
    let grid = Grid { tiles, columns, rows, least };
    let mut bars: Vec<Bars> = grid
        .groups(2, |tile| tile.coherence > 0.6, |a, b| turned(a.angle, b.angle) < 0.26)
        .iter()
        .filter(|group| group.len() >= 3)
        .map(|group| grid.stretch(group))
        .filter(Bars::may_be_bars)
        .collect();
    heaviest_first(&mut bars, |one| one.weight);
    let mut patches: Vec<(f32, Patch)> = grid
        .groups(1, |tile| tile.coherence < 0.8, |_, _| true)
        .into_iter()
        .filter(|group| group.len() >= 2)
        .flat_map(|group| {
            let within = grid.within_print(&group).into_iter().map(|part| grid.patch(&part, picture, &half));
            let mut parts: Vec<(f32, Patch)> = within.filter(|(_, patch)| !patch.is_print()).collect();
            parts.extend(grid.parts(group).iter().map(|part| grid.patch(part, picture, &half)));
            parts
        })
        .collect();
    heaviest_first(&mut patches, |one| one.0);
    // Behind what stands out most: first what is least like print, and print last.
    if let Some((_, rest)) = patches.split_first_mut() {
        ordering::by_key(rest, |(_, patch)| (patch.is_like_print(), !patch.is_unlike_print()));
    }
    let (width, height) = (picture.width(), picture.height());
    if patches.is_empty() && bars.is_empty() && width * height <= CUT_OUT && grid.tiles.iter().any(Tile::is_lively) {
        // A symbol that fills its picture has nothing that it stands out from.
        patches.push((
            1.0,
            Patch { area: Area { left: 0, top: 0, width, height }, filled: 1.0, dark: 0.5, coherence: 0.0 },
        ));
    }
    Places { bars, patches: patches.into_iter().map(|(_, patch)| patch).collect(), grid }
}

/// The angle between two undirected lines, 0 … π/2.
fn turned(a: f32, b: f32) -> f32 {
    let apart = (a - b).rem_euclid(PI);
    if apart > FRAC_PI_2 { PI - apart } else { apart }
}

/// The tiles of a picture.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    tiles: Vec<Tile>,
    columns: usize,
    rows: usize,
    least: f32,
}

/// How much of one direction a tile shows that a single edge crosses, and part of all tiles that such are where modules are larger
/// than tiles: of print, hardly a third.
const OF_AN_EDGE: f32 = 0.8;
const MOSTLY_EDGES: f32 = 0.5;

impl Grid {
    /// Whether it shows single edges rather than texture.
    pub(super) fn shows_edges(&self) -> bool {
        let lively = || self.tiles.iter().filter(|tile| tile.energy > self.least);
        let edges = lively().filter(|tile| tile.coherence > OF_AN_EDGE).count();
        dim(edges) > MOSTLY_EDGES * dim(lively().count())
    }

    /// Groups, connected over at most `reach` tiles (a wide bar can fill one alone), of lively tiles that pass `fits`,
    /// neighbours being `alike`.
    fn groups(
        &self,
        reach: usize,
        fits: impl Fn(&Tile) -> bool,
        alike: impl Fn(&Tile, &Tile) -> bool,
    ) -> Vec<Vec<usize>> {
        let waiting = self.tiles.iter().map(|tile| tile.energy > self.least && fits(tile)).collect();
        cells::groups(waiting, |at| self.around(at, reach), |one, other| alike(&self.tiles[one], &self.tiles[other]))
    }

    fn around(&self, at: usize, reach: usize) -> impl Iterator<Item = usize> + use<> {
        cells::around(at, reach, [self.columns, self.rows])
    }

    /// The middle of a tile in pixels of the whole picture.
    #[expect(clippy::cast_precision_loss, reason = "tile positions are small")]
    fn centre(&self, at: usize) -> [f32; 2] {
        [at % self.columns, at / self.columns].map(|tile| (tile * 2 * TILE + TILE) as f32)
    }

    /// Whether parallel edges are the upright strokes of print: less of one direction than bars are, and with much between them
    /// that is of none.
    fn are_strokes(&self, group: &[usize], within: impl Fn(usize) -> bool) -> bool {
        let coherence = group.iter().map(|at| self.tiles[*at].coherence).sum::<f32>() / dim(group.len());
        if coherence > COHERENCE_OF_STROKES {
            return false;
        }
        let strength = |at: usize| self.tiles[at].energy.sqrt();
        let (columns, rows) = self.bounds(group);
        let places = rows.flat_map(|row| columns.clone().map(move |column| row * self.columns + column));
        let lively = places.filter(|at| self.tiles[*at].energy > self.least && within(*at));
        group.iter().map(|at| strength(*at)).sum::<f32>() < PURITY_OF_STROKES * lively.map(strength).sum::<f32>()
    }

    /// The rectangle along the common direction that holds a group, with room for quiet zones.
    fn stretch(&self, group: &[usize]) -> Bars {
        // Angles repeat after π: average them doubled.
        let (mut sin, mut cos, mut weight) = (0.0, 0.0, 0.0);
        for tile in group.iter().map(|at| self.tiles[*at]) {
            let strength = tile.energy.sqrt() * tile.coherence;
            sin += (2.0 * tile.angle).sin() * strength;
            cos += (2.0 * tile.angle).cos() * strength;
            weight += strength;
        }
        let (dy, dx) = (0.5 * sin.atan2(cos)).sin_cos();
        let (mut along, mut aside) = ((f32::INFINITY, f32::NEG_INFINITY), (f32::INFINITY, f32::NEG_INFINITY));
        for at in group {
            let [x, y] = self.centre(*at);
            let (a, b) = (x * dx + y * dy, y * dx - x * dy);
            along = (along.0.min(a), along.1.max(a));
            aside = (aside.0.min(b), aside.1.max(b));
        }
        let within = |at: usize| {
            let [x, y] = self.centre(at);
            let (a, b) = (x * dx + y * dy, y * dx - x * dy);
            a >= along.0 - 1.0 && a <= along.1 + 1.0 && b >= aside.0 - 1.0 && b <= aside.1 + 1.0
        };
        let is_print = self.are_strokes(group, within);
        let (slant, slanted_height) = self.slant(group, [dx, dy]);
        let (a, b) = (f32::midpoint(along.0, along.1), f32::midpoint(aside.0, aside.1));
        let tile = 2.0 * f32::from(u8::try_from(TILE).unwrap_or(u8::MAX));
        let length = along.1 - along.0 + tile;
        let height = aside.1 - aside.0 + 0.6 * tile;
        Bars {
            middle: [a * dx - b * dy, a * dy + b * dx],
            direction: [dx, dy],
            length: length * LENGTHENED + MARGIN,
            height,
            weight: if is_print { 1e-3 * weight } else { weight },
            is_print,
            slant,
            slanted_height: slanted_height + 0.6 * tile,
        }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "small pictures drawn by the tests")]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn turned_bars_are_found_with_their_angle() {
        let (width, height) = (320_u32, 240_u32);
        for degrees in [0.0_f32, 17.0, 45.0, 90.0, 130.0] {
            let (dy, dx) = degrees.to_radians().sin_cos();
            let luma: Vec<u8> = (0..width * height)
                .map(|i| {
                    let (x, y) = ((i % width) as f32 - 160.0, (i / width) as f32 - 120.0);
                    let (a, b) = (x * dx + y * dy, y * dx - x * dy);
                    let bar = a.abs() < 80.0 && b.abs() < 30.0 && (a * 0.8).sin() > 0.0;
                    if bar { 20 } else { 220 }
                })
                .collect();
            let places = survey(&Frame::new(&luma, width, height).unwrap().to_picture());
            let bars = places.bars.first().expect("bars");
            let angle = bars.direction[1].atan2(bars.direction[0]);
            assert!(turned(angle, degrees.to_radians()) < 0.06, "{degrees}: {}", angle.to_degrees());
            assert!((bars.middle[0] - 160.0).hypot(bars.middle[1] - 120.0) < 16.0);
        }
    }

    #[test]
    fn an_even_picture_and_flat_noise_have_no_places() {
        let places = survey(&Frame::new(&vec![128; 320 * 240], 320, 240).unwrap().to_picture());
        assert!(places.bars.is_empty() && places.patches.is_empty());
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..640 * 480)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                u8::try_from(64 + (state >> 25)).unwrap()
            })
            .collect();
        let places = survey(&Frame::new(&noise, 640, 480).unwrap().to_picture());
        assert!(places.bars.len() + places.patches.len() <= 1, "{places:?}");
    }
}
