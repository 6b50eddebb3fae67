//! The moves that fit best together, each module's with its neighbours', along rows and columns.

use super::super::super::plan::dim;
use super::known;
use super::sheet::{CELLS, MOVES, PLACES, REACH, Sheet};

/// What it costs that neighbours move otherwise, by a cell along one axis.
const BENDING: f32 = 0.15;

/// What the places of the modules beside one count for its own: neighbours move about alike.
const BESIDE: f32 = 0.7;

impl Sheet {
    /// How well a line of modules whose colours are known agrees with what is seen, each moved a little (1 at best).
    pub(super) fn agreement(&self, line: &[(usize, usize)]) -> f32 {
        let (mut before, mut costs) = (Vec::new(), Vec::with_capacity(PLACES));
        for (row, column) in line {
            costs.clear();
            self.costs(*row, *column, known(&self.size, *row, *column), &mut costs);
            if !before.is_empty() {
                follow(&before, &mut costs);
            }
            std::mem::swap(&mut before, &mut costs);
        }
        let least = before.iter().copied().fold(f32::INFINITY, f32::min);
        1.0 - least / dim(line.len())
    }

    /// Where each module moved, in modules.
    pub(super) fn moves(&self, light: &[Option<f32>]) -> Vec<[f32; 2]> {
        let (rows, columns) = (self.size.rows, self.size.columns);
        let mut costs = Vec::with_capacity(rows * columns * PLACES);
        for (at, light) in light.iter().enumerate() {
            self.costs(at / columns, at % columns, *light, &mut costs);
        }
        let costs = pooled(&pooled(&costs, 1, columns), columns, rows);
        // Each of the four paths counts what speaks against a place itself.
        let mut sums: Vec<f32> = costs.iter().map(|cost| -3.0 * cost).collect();
        let mut path = |places: &mut dyn Iterator<Item = usize>| {
            let mut before: Vec<f32> = Vec::new();
            for at in places {
                let range = at * PLACES..(at + 1) * PLACES;
                let mut own = costs[range.clone()].to_vec();
                if !before.is_empty() {
                    let least = before.iter().copied().fold(f32::INFINITY, f32::min);
                    for cost in &mut before {
                        *cost -= least;
                    }
                    follow(&before, &mut own);
                }
                sums[range].iter_mut().zip(&own).for_each(|(sum, own)| *sum += own);
                before = own;
            }
        };
        for row in 0..rows {
            path(&mut (0..columns).map(|column| row * columns + column));
            path(&mut (0..columns).rev().map(|column| row * columns + column));
        }
        for column in 0..columns {
            path(&mut (0..rows).map(|row| row * columns + column));
            path(&mut (0..rows).rev().map(|row| row * columns + column));
        }
        let best: Vec<[f32; 2]> = sums
            .chunks_exact(PLACES)
            .map(|sums| {
                let at = (0..PLACES).min_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(PLACES / 2);
                [at % MOVES, at / MOVES].map(|cells| (dim(cells) - dim(REACH)) / dim(CELLS))
            })
            .collect();
        // Between cells by what the neighbours say.
        (0..best.len())
            .map(|at| {
                let near = |at: usize, count: usize| at.saturating_sub(1)..(at + 2).min(count);
                let (mut sum, mut count) = ([0.0; 2], 0.0);
                for row in near(at / columns, rows) {
                    for column in near(at % columns, columns) {
                        let [x, y] = best[row * columns + column];
                        sum = [sum[0] + x, sum[1] + y];
                        count += 1.0;
                    }
                }
                sum.map(|sum| sum / count)
            })
            .collect()
    }
}

/// The costs of each module with those of the modules so many before and behind it, which lie in lines of so many.
fn pooled(costs: &[f32], step: usize, line: usize) -> Vec<f32> {
    let mut out = costs.to_vec();
    for (at, own) in out.chunks_exact_mut(PLACES).enumerate() {
        let along = at / step % line;
        let beside = [(along > 0).then(|| at - step), (along + 1 < line).then(|| at + step)];
        for other in beside.into_iter().flatten() {
            let other = &costs[other * PLACES..][..PLACES];
            own.iter_mut().zip(other).for_each(|(own, other)| *own += BESIDE * other);
        }
    }
    out
}

/// Adds to the costs of each place the least of the costs of the places that the module before may have.
fn follow(before: &[f32], own: &mut [f32]) {
    let mut across = [0.0; PLACES];
    let near = |cost: f32, beside: f32| cost.min(beside + BENDING);
    for (row, out) in before.chunks_exact(MOVES).zip(across.chunks_exact_mut(MOVES)) {
        for x in 0..MOVES {
            out[x] = near(near(row[x], row[x.saturating_sub(1)]), row[(x + 1).min(MOVES - 1)]);
        }
    }
    for y in 0..MOVES {
        let (above, below) = (y.saturating_sub(1) * MOVES, (y + 1).min(MOVES - 1) * MOVES);
        for x in 0..MOVES {
            own[y * MOVES + x] += near(near(across[y * MOVES + x], across[above + x]), across[below + x]);
        }
    }
}
