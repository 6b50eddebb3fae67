//! A matrix within print: a place where grey changes more than all about it.

use super::super::cells::connected;
use super::super::outline::dim;
use super::Grid;
use crate::ordering;

/// How many times as much as in the middle of its group grey changes in a matrix, with the tiles around each: in print of one size
/// it hardly ever does; and in a tile at its rim.
const LIVELIER: f32 = 1.7;
const AT_THE_RIM: f32 = 1.5;

/// Tiles of the least matrix within print, how much longer than wide it is at the most, how much of the rectangle around it has
/// texture, and how many are looked for.
const FEWEST: usize = 6;
const COMPACT: usize = 4;
const FILLED: f32 = 0.4;
const MOST: usize = 3;

impl Grid {
    /// The parts of a group that stand out from it, largest first.
    pub(super) fn within_print(&self, group: &[usize]) -> Vec<Vec<usize>> {
        let mut energies: Vec<f32> = group.iter().map(|at| self.tiles[*at].energy).collect();
        let middle = energies.len() / 2;
        let middle = *energies.select_nth_unstable_by(middle, f32::total_cmp).1;
        let mut is_member = vec![false; self.tiles.len()];
        for at in group {
            is_member[*at] = true;
        }
        let is_within = |at: usize| {
            let (mut sum, mut count) = (0.0, 0.0);
            for other in self.around(at, 1).filter(|other| is_member[*other]) {
                sum += self.tiles[other].energy;
                count += 1.0;
            }
            sum > LIVELIER * middle * count
        };
        let mut stands_out = vec![false; self.tiles.len()];
        for at in group {
            stands_out[*at] = self.tiles[*at].energy > AT_THE_RIM * middle && is_within(*at);
        }
        let mut parts = Vec::new();
        for at in group {
            if stands_out[*at] {
                let part = connected(*at, &mut stands_out, |at| self.around(at, 1), |_, _| true);
                let (columns, rows) = self.bounds(&part);
                let (width, height) = (columns.count(), rows.count());
                let is_compact = width <= COMPACT * height && height <= COMPACT * width;
                if part.len() >= FEWEST && is_compact && dim(part.len()) > FILLED * dim(width * height) {
                    parts.push(part);
                }
            }
        }
        ordering::by_key(&mut parts, |part| std::cmp::Reverse(part.len()));
        parts.truncate(MOST);
        parts
    }
}
