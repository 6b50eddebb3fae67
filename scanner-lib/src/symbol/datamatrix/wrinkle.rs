//! Packs that are crumpled: every module may lie a little off, a little otherwise than the one beside it.
//!
//! The flattened picture of a symbol is told in cells, a few a module. Of each place that a module may have moved to it is
//! known what speaks against it: the wrong colour, where its colour is known, and edges through its middle. The moves that
//! fit best together, each module's with its neighbours', are found along rows and columns (semi-global matching:
//! Hirschmüller 2008). The borders are known and lie right first; what is within begins between them (Coons 1967).
//!
//! What was decoded is not asked where modules lie: a patch that lies one module off agrees with itself.

use super::super::Symbol;
use super::super::frame::Picture;
use super::super::modules::Modules;
use super::super::plan::dim;
use super::super::ranking::heaviest_first;
use super::fit::Fit;
use super::size::{SIZES, Size};
use super::{Work, measure, read_modules, symbol};

/// Cells a module, along each axis; modules around the symbol that are told too; cells that a module may have moved.
const CELLS: usize = 5;
const RIM: usize = 3;
const REACH: usize = 7;
const MOVES: usize = 2 * REACH + 1;
const PLACES: usize = MOVES * MOVES;

/// What it costs that neighbours move otherwise, by a cell along one axis.
const BENDING: f32 = 0.15;

/// What an edge between modules speaks for a place, as part of what one through the middle speaks against it, on each side.
const BETWEEN: f32 = 0.15;

/// What the places of the modules beside one count for its own: neighbours move about alike.
const BESIDE: f32 = 0.7;

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

/// Reads a symbol that closes one of the grids but for its wrinkles.
pub(super) fn read(picture: &Picture, fits: &[Fit], work: &mut Work) -> Option<Symbol> {
    let mut sized: Vec<(f32, Fit)> = Vec::new();
    for fit in fits {
        let (across, down) = fit.grid.sides();
        for size in SIZES {
            let (module_x, module_y) = (across / dim(size.columns), down / dim(size.rows));
            if size.rows != size.columns
                || size.rows > MOST_MODULES
                || module_x.min(module_y) < LEAST_PIXELS
                || !(0.6..1.7).contains(&(module_x / module_y))
                || work.is_over()
            {
                continue;
            }
            let fit = Fit { size, ..*fit };
            let borders = Sheet::of(picture, &fit, &Moves::none(&size), true);
            work.spend(BORDERS * size.rows);
            let agreement = borders.agreement();
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

/// The flattened picture of a symbol, 1 light and −1 dark.
struct Sheet {
    cells: Vec<f32>,
    /// How steep the grey is at each cell.
    steep: Vec<f32>,
    width: usize,
    size: Size,
}

impl Sheet {
    /// The whole of it, or just its alternating borders.
    fn of(picture: &Picture, fit: &Fit, moves: &Moves, borders: bool) -> Self {
        let (size, map) = (fit.size, fit.grid.map());
        let (width, height) = ((size.columns + 2 * RIM) * CELLS, (size.rows + 2 * RIM) * CELLS);
        let module = |cell: usize| (dim(cell) + 0.5) / dim(CELLS) - dim(RIM);
        let border = (RIM + 3) * CELLS;
        let mut cells = vec![0.0; width * height];
        let mut sorted = Vec::with_capacity(cells.len());
        for (y, row) in cells.chunks_exact_mut(width).enumerate() {
            let from = if borders && y >= border { width - border } else { 0 };
            for (x, cell) in row.iter_mut().enumerate().skip(from) {
                let [u, v] = moves.place(module(x), module(y));
                let [x, y] = map.point(u, v);
                *cell = picture.value(x, y);
                sorted.push(*cell);
            }
        }
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
        Self { cells, steep, width, size }
    }

    /// What speaks against each place of a module that is as light as told, if it is.
    fn costs(&self, row: usize, column: usize, light: Option<f32>, out: &mut Vec<f32>) {
        let first = ((row + RIM) * CELLS + CELLS / 2 - REACH) * self.width + (column + RIM) * CELLS + CELLS / 2 - REACH;
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

    /// How well the alternating borders agree, each module moved a little (1 at best).
    fn agreement(&self) -> f32 {
        let top: Vec<(usize, usize)> = (0..self.size.columns).map(|column| (0, column)).collect();
        let right: Vec<(usize, usize)> = (0..self.size.rows).map(|row| (row, self.size.columns - 1)).collect();
        let agrees = |border: &[(usize, usize)]| {
            let (mut before, mut costs) = (Vec::new(), Vec::with_capacity(PLACES));
            for (row, column) in border {
                costs.clear();
                self.costs(*row, *column, known(&self.size, *row, *column), &mut costs);
                if !before.is_empty() {
                    follow(&before, &mut costs);
                }
                std::mem::swap(&mut before, &mut costs);
            }
            let least = before.iter().copied().fold(f32::INFINITY, f32::min);
            1.0 - least / dim(border.len())
        };
        agrees(&top).min(agrees(&right))
    }

    /// Where each module moved, in modules.
    fn moves(&self, light: &[Option<f32>]) -> Vec<[f32; 2]> {
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

/// Where the modules of a grid moved to, in modules.
struct Moves {
    rows: usize,
    columns: usize,
    by: Vec<[f32; 2]>,
}

impl Moves {
    fn none(size: &Size) -> Self {
        Self { rows: size.rows, columns: size.columns, by: vec![[0.0; 2]; size.rows * size.columns] }
    }

    fn add(&mut self, further: &[[f32; 2]]) {
        for (by, further) in self.by.iter_mut().zip(further) {
            *by = [by[0] + further[0], by[1] + further[1]];
        }
    }

    /// What is within, between the borders.
    fn stretch(&mut self) {
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
    fn smooth(&mut self) {
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
    fn place(&self, x: f32, y: f32) -> [f32; 2] {
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

/// How light a module is that every symbol of a size has.
fn known(size: &Size, row: usize, column: usize) -> Option<f32> {
    size.finder(row, column).map(|dark| if dark { -1.0 } else { 1.0 })
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
        moves.add(&Sheet::of(picture, fit, &moves, false).moves(&light));
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
