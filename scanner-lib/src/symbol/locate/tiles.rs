//! Tiles of a picture: how much the grey changes in each, and in which direction.

use super::super::frame::Picture;

/// Pixels of the halved picture on a side of a tile.
pub(super) const TILE: usize = 8;

/// Mean squared change per pixel that is texture in a picture without noise.
const LEAST_ENERGY: f32 = 5.0;

/// Noise stands out no further than this: above, it is the picture itself that is full of texture.
const MOST_NOISE: f32 = 1500.0;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tile {
    pub(super) energy: f32,
    /// 0: all directions alike, 1: one direction only.
    pub(super) coherence: f32,
    /// Direction of change, doubled, as a vector.
    pub(super) twice: [f32; 2],
    /// Direction of change, 0 … π; told of lively tiles only.
    pub(super) angle: f32,
}

impl Tile {
    /// More than an even grey has.
    pub(super) fn is_lively(&self) -> bool {
        self.energy > LEAST_ENERGY
    }
}

/// Energy that stands out: some way above what the quietest tenth of the tiles has, which is sensor noise.
pub(super) fn floor(tiles: &[Tile]) -> f32 {
    let mut energies: Vec<f32> = tiles.iter().map(|tile| tile.energy).collect();
    let at = energies.len() / 10;
    let (_, quiet, _) = energies.select_nth_unstable_by(at, f32::total_cmp);
    LEAST_ENERGY + 2.5 * quiet.min(MOST_NOISE)
}

/// The structure tensor of every tile, with Scharr's weights: unlike plain differences, they tell angles alike in all
/// directions.
pub(super) fn tiles(half: &Picture, columns: usize, rows: usize) -> Vec<Tile> {
    let width = half.width();
    if columns == 0 || width < 3 {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(columns * rows);
    // Whole rows at a time, column by column, and sums two columns at a time: what a compiler makes wide instructions of.
    let (mut xx, mut yy, mut xy) = (vec![0_i32; width / 2], vec![0_i32; width / 2], vec![0_i32; width / 2]);
    let (mut smooth, mut steep) = (vec![0_i16; width], vec![0_i16; width]);
    let (mut across, mut down) = (vec![0_i16; width], vec![0_i16; width]);
    for row in 0..rows {
        for sums in [&mut xx, &mut yy, &mut xy] {
            sums.fill(0);
        }
        for y in (row * TILE).max(1)..((row + 1) * TILE).min(half.height() - 1) {
            let lines = half.row(y - 1).iter().zip(half.row(y)).zip(half.row(y + 1));
            for ((smooth, steep), ((a, b), c)) in smooth.iter_mut().zip(&mut steep).zip(lines) {
                let (a, b, c) = (i16::from(*a), i16::from(*b), i16::from(*c));
                *smooth = 3 * (a + c) + 10 * b;
                *steep = c - a;
            }
            for ((across, left), right) in across[1..].iter_mut().zip(&smooth).zip(&smooth[2..]) {
                *across = (right - left) >> 4;
            }
            for (((down, before), at), after) in down[1..].iter_mut().zip(&steep).zip(&steep[1..]).zip(&steep[2..]) {
                *down = (3 * (before + after) + 10 * at) >> 4;
            }
            add_products(&mut xx, &across, &across);
            add_products(&mut yy, &down, &down);
            add_products(&mut xy, &across, &down);
        }
        let sums = xx.chunks_exact(TILE / 2).zip(yy.chunks_exact(TILE / 2)).zip(xy.chunks_exact(TILE / 2));
        out.extend(sums.map(|((xx, yy), xy)| tile((xx.iter().sum(), yy.iter().sum(), xy.iter().sum()))));
    }
    out
}

/// Adds products, those of two columns to each sum: by itself, one instruction for eight.
#[inline(never)]
fn add_products(sums: &mut [i32], left: &[i16], right: &[i16]) {
    for (sum, ([a, b], [c, d])) in sums.iter_mut().zip(left.as_chunks().0.iter().zip(right.as_chunks().0)) {
        *sum += i32::from(*a) * i32::from(*c) + i32::from(*b) * i32::from(*d);
    }
}

#[expect(clippy::cast_precision_loss, reason = "sums of 64 squares below 2^16; the ratio is what counts")]
fn tile((xx, yy, xy): (i32, i32, i32)) -> Tile {
    let (xx, yy, xy) = (xx as f32, yy as f32, xy as f32);
    let sum = (xx + yy).max(1.0);
    let coherence = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt() / sum;
    Tile { energy: sum / (TILE * TILE) as f32, coherence, twice: [xx - yy, 2.0 * xy], angle: 0.0 }
}
