//! The flattened picture of a symbol, and what speaks against each place that one of its modules may have moved to.

use std::ops::Range;

use super::super::super::frame::Picture;
use super::super::super::plan::dim;
use super::super::fit::Fit;
use super::super::size::Size;
use super::moves::Moves;

/// Cells a module, along each axis; modules around what is told that are told too; cells that a module may have moved.
pub(super) const CELLS: usize = 5;
const RIM: usize = 3;
pub(super) const REACH: usize = 7;
pub(super) const MOVES: usize = 2 * REACH + 1;
pub(super) const PLACES: usize = MOVES * MOVES;

/// What an edge between modules speaks for a place, as part of what one through the middle speaks against it, on each side.
const BETWEEN: f32 = 0.15;

/// Cells that are looked at together.
const WIDE: usize = 8;

/// Some rows and columns of modules in cells, 1 light and −1 dark.
pub(super) struct Sheet {
    cells: Vec<f32>,
    /// How steep the grey is at each cell.
    steep: Vec<f32>,
    width: usize,
    /// The first row and column.
    first: [usize; 2],
    pub(super) size: Size,
}

impl Sheet {
    /// So many rows and columns of a symbol's modules where they moved to, and what lies around them.
    pub(super) fn of(
        picture: &Picture,
        fit: &Fit,
        moves: Option<&Moves>,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Self {
        let (size, map, first) = (fit.size, fit.grid.map(), [rows.start, columns.start]);
        let (width, height) = ((columns.len() + 2 * RIM) * CELLS, (rows.len() + 2 * RIM) * CELLS);
        let module = |cell: usize, first: usize| (dim(cell) + 0.5) / dim(CELLS) - dim(RIM) + dim(first);
        let mut cells = vec![0.0; width * height];
        for (row, line) in cells.chunks_exact_mut(width).enumerate() {
            let y = module(row, first[0]);
            for (at, cells) in line.chunks_mut(WIDE).enumerate() {
                let (mut u, mut v) = ([0.0; WIDE], [0.0; WIDE]);
                for (cell, (u, v)) in u.iter_mut().zip(&mut v).enumerate() {
                    let x = module(at * WIDE + cell, first[1]);
                    let flat = || [x / dim(size.columns), y / dim(size.rows)];
                    [*u, *v] = moves.map_or_else(flat, |moves| moves.place(x, y));
                }
                let [x, y] = map.points(&u, &v);
                cells.iter_mut().zip(picture.values(&x, &y)).for_each(|(cell, grey)| *cell = grey);
            }
        }
        let mut sorted = cells.clone();
        let eighth = sorted.len() / 8;
        let dark = *sorted.select_nth_unstable_by(eighth, f32::total_cmp).1;
        let last = sorted.len() - 1 - eighth;
        let light = *sorted.select_nth_unstable_by(last, f32::total_cmp).1;
        let half = ((light - dark) / 2.0).max(1.0) * if fit.inverted { -1.0 } else { 1.0 };
        for cell in &mut cells {
            *cell = ((*cell - f32::midpoint(light, dark)) / half).clamp(-1.0, 1.0);
        }
        let mut steep = vec![0.0; cells.len()];
        for y in 1..height - 1 {
            for x in 1..width - 1 {
                let at = y * width + x;
                steep[at] =
                    f32::midpoint((cells[at + 1] - cells[at - 1]).abs(), (cells[at + width] - cells[at - width]).abs());
            }
        }
        Self { cells, steep, width, first, size }
    }

    /// What speaks against each place of a module that is as light as told, if it is.
    pub(super) fn costs(&self, row: usize, column: usize, light: Option<f32>, out: &mut Vec<f32>) {
        let [down, across] = [row - self.first[0], column - self.first[1]];
        let first =
            ((down + RIM) * CELLS + CELLS / 2 - REACH) * self.width + (across + RIM) * CELLS + CELLS / 2 - REACH;
        // Beside a border lies the quiet zone.
        let outside = |at: usize, far: usize| if at == 0 { -1 } else { isize::from(at + 1 == far) };
        let beside = (outside(row, self.size.rows), outside(column, self.size.columns));
        #[expect(clippy::cast_possible_wrap, reason = "a few hundred")]
        let (module, line) = (CELLS as isize, self.width as isize);
        let quiet = [beside.0 * module * line, beside.1 * module];
        for dy in 0..MOVES {
            for dx in 0..MOVES {
                let at = first + dy * self.width + dx;
                let between: f32 = [1, self.width]
                    .map(|step| [at - 2 * step, at - 3 * step, at + 2 * step, at + 3 * step])
                    .iter()
                    .flatten()
                    .map(|at| self.steep[*at])
                    .sum();
                let mut cost = self.steep[at] - BETWEEN / 2.0 * between;
                if let Some(light) = light {
                    cost += light.abs() * (1.0 - light.signum() * self.cells[at]);
                }
                for away in quiet {
                    if away != 0
                        && let Some(cell) = at.checked_add_signed(away).and_then(|at| self.cells.get(at))
                    {
                        cost += 0.5 * (1.0 - cell);
                    }
                }
                out.push(cost);
            }
        }
    }
}
