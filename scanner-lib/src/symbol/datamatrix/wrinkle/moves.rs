//! Where the modules of a crumpled symbol moved to.

use super::super::super::plan::dim;
use super::super::size::Size;

/// Where the modules of a grid moved to, in modules.
pub(super) struct Moves {
    rows: usize,
    columns: usize,
    by: Vec<[f32; 2]>,
}

impl Moves {
    pub(super) fn none(size: &Size) -> Self {
        Self { rows: size.rows, columns: size.columns, by: vec![[0.0; 2]; size.rows * size.columns] }
    }

    pub(super) fn add(&mut self, further: &[[f32; 2]]) {
        for (by, further) in self.by.iter_mut().zip(further) {
            *by = [by[0] + further[0], by[1] + further[1]];
        }
    }

    /// What is within, between the borders.
    pub(super) fn stretch(&mut self) {
        let (right, below) = (self.columns - 1, self.rows - 1);
        for row in 1..below {
            for column in 1..right {
                let (u, v) = (dim(column) / dim(right), dim(row) / dim(below));
                let at = |row: usize, column: usize| self.by[row * self.columns + column];
                let mixed = |a: [f32; 2], b: [f32; 2], part: f32| [0, 1].map(|k| a[k] + (b[k] - a[k]) * part);
                let sides = [mixed(at(0, column), at(below, column), v), mixed(at(row, 0), at(row, right), u)];
                let corners = mixed(mixed(at(0, 0), at(0, right), u), mixed(at(below, 0), at(below, right), u), v);
                self.by[row * self.columns + column] = [0, 1].map(|k| sides[0][k] + sides[1][k] - corners[k]);
            }
        }
    }

    /// Smoothed, so that what slants evenly stays as it is.
    pub(super) fn smooth(&mut self) {
        let old = self.by.clone();
        let (rows, columns) = (self.rows, self.columns);
        for (at, by) in self.by.iter_mut().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let (down, across) =
                (usize::from(row > 0 && row + 1 < rows), usize::from(column > 0 && column + 1 < columns));
            let (mut sum, mut count) = ([0.0; 2], 0.0);
            for row in row - down..=row + down {
                for column in column - across..=column + across {
                    let [x, y] = old[row * columns + column];
                    sum = [sum[0] + x, sum[1] + y];
                    count += 1.0;
                }
            }
            *by = sum.map(|sum| sum / count);
        }
    }

    /// The place on the flat symbol that a place in modules moved to, between the middles of modules; the outermost go on.
    pub(super) fn place(&self, x: f32, y: f32) -> [f32; 2] {
        let split = |at: f32, count: usize| {
            // Not `clamp`, which with reckoned bounds brings the printing of floats along.
            let at = (at - 0.5).max(0.0).min(dim(count - 1));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the modules")]
            let first = (at as usize).min(count - 2);
            (first, at - dim(first))
        };
        let ((column, across), (row, down)) = (split(x, self.columns), split(y, self.rows));
        let at = row * self.columns + column;
        let mixed = |axis: usize| {
            let along = |at: usize| self.by[at][axis] * (1.0 - across) + self.by[at + 1][axis] * across;
            along(at) * (1.0 - down) + along(at + self.columns) * down
        };
        [(x + mixed(0)) / dim(self.columns), (y + mixed(1)) / dim(self.rows)]
    }
}
