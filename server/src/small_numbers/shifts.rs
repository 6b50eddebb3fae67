//! Which counts of a table with several axes may be told, so that no small one follows from them by adding and taking away.
//!
//! A small cell is protected by a *shift*: people moved between it and other cells so that no sum over an axis changes. The cells of a
//! shift are the corners of a box, and along each edge what one corner gains the other loses (the hypercube method of Giessing &
//! Repsilber 2002, LNCS 2316:181). A part of the table is told only where no shift changes its count. What follows from told counts
//! by adding and taking away is then changed by no shift either; but whatever holds a small cell is, unless it holds a corner that loses
//! what the cell gains, and each such corner holds at least `least` people.

use std::collections::{BTreeMap, BTreeSet};

/// Axes of a table at the most: of more nothing is told.
pub const MOST_AXES: usize = 7;
/// The level that stands for the sum over an axis.
const SUM: u32 = u32::MAX;
/// Neighbours along each axis that are tried as corners, by how many axes there are: more would cost more than they find.
const TRIED: [usize; MOST_AXES + 1] = [6, 6, 6, 6, 3, 2, 2, 2];

/// A level on each axis.
pub type Place = [u32; MOST_AXES];
/// The levels of a part of a table on each axis; none for all of them.
pub type Levels<'a> = [Option<&'a BTreeSet<u32>>];

/// The corner opposite to a small cell, over some axes (a bit each).
#[derive(Clone, Copy, Debug)]
struct Shift {
    axes: u8,
    one: Place,
    other: Place,
}

/// The shifts that protect the small cells of a table and of all its sums.
#[derive(Clone, Debug, Default)]
pub struct Shifts {
    all: Vec<Shift>,
    /// Axes by which nothing is told, for a small cell found no shift.
    refused: Vec<u8>,
}

impl Shifts {
    /// Protects counts below `least`. `alike` says whether two levels of an axis are of one kind: corners are looked for there first, so
    /// that the sum of a kind may be told.
    pub fn of(cells: &BTreeMap<Place, u64>, axes: usize, least: u64, alike: &dyn Fn(usize, u32, u32) -> bool) -> Self {
        let mut shifts = Self::default();
        let mut corners: BTreeMap<(u8, Place), Vec<usize>> = BTreeMap::new();
        let mut masks: Vec<u8> = (0..1_u8 << axes).collect();
        masks.sort_by_key(|mask| mask.count_ones());
        for mask in masks {
            if shifts.refuses(mask) {
                continue;
            }
            let table = Table::summed(cells, mask, least);
            for cell in table.small() {
                let known = shifts.protecting(&corners, mask, &cell, &table);
                if known {
                    continue;
                }
                let Some(shift) = table.shift_of(&cell, alike) else {
                    shifts.refused.push(mask);
                    break;
                };
                for corner in shift.corners() {
                    corners.entry((mask, corner)).or_default().push(shifts.all.len());
                }
                shifts.all.push(shift);
            }
        }
        shifts
    }

    /// Whether the count of a part may be told: no shift changes it.
    pub fn leave(&self, part: &Levels<'_>) -> bool {
        let bounded = (0..part.len()).filter(|&axis| part[axis].is_some()).fold(0_u8, |mask, axis| mask | 1 << axis);
        let inside = |axis: usize, level| part[axis].is_some_and(|levels| levels.contains(&level));
        let changed_by = |shift: &Shift| {
            shift.axes & !bounded == 0
                && (0..part.len())
                    .filter(|axis| shift.axes >> axis & 1 == 1)
                    .all(|axis| inside(axis, shift.one[axis]) != inside(axis, shift.other[axis]))
        };
        !self.refuses(bounded) && !self.all.iter().any(changed_by)
    }

    fn refuses(&self, mask: u8) -> bool {
        self.refused.iter().any(|refused| refused & !mask == 0)
    }

    /// Whether a shift that is there already, perhaps of a sum over the cell, protects the cell.
    fn protecting(&self, corners: &BTreeMap<(u8, Place), Vec<usize>>, mask: u8, cell: &Place, table: &Table) -> bool {
        const LOOKED_AT: usize = 8;
        let fits = |&at: &usize| {
            let Shift { axes, one, other } = self.all[at];
            let mut opposite = *cell;
            for axis in (0..MOST_AXES).filter(|axis| axes >> axis & 1 == 1) {
                opposite[axis] = if cell[axis] == one[axis] { other[axis] } else { one[axis] };
            }
            table.holds(&Shift { axes, one: *cell, other: opposite })
        };
        (1..=mask).filter(|sub| sub & !mask == 0).any(|sub| {
            let there = corners.get(&(sub, summed_over(cell, sub)));
            there.is_some_and(|there| there.iter().take(LOOKED_AT).any(fits))
        })
    }
}

impl Shift {
    fn corners(self) -> impl Iterator<Item = Place> {
        self.signed_corners().map(|(_, corner)| corner)
    }

    /// Each corner with whether it loses what the first gains.
    fn signed_corners(self) -> impl Iterator<Item = (bool, Place)> {
        (0..=self.axes).filter(move |sub| sub & !self.axes == 0).map(move |sub| {
            let mut corner = self.one;
            for axis in (0..MOST_AXES).filter(|axis| sub >> axis & 1 == 1) {
                corner[axis] = self.other[axis];
            }
            (sub.count_ones() % 2 == 1, corner)
        })
    }
}

/// The cells with their sums over all axes but some.
fn summed_over(place: &Place, mask: u8) -> Place {
    let mut out = *place;
    for (axis, level) in out.iter_mut().enumerate() {
        if mask >> axis & 1 == 0 {
            *level = SUM;
        }
    }
    out
}

/// A table by some of the axes.
struct Table {
    mask: u8,
    least: u64,
    cells: BTreeMap<Place, u64>,
    /// By axis and what stays the same: the levels of cells that are not small, the smallest count first.
    lines: BTreeMap<(usize, Place), Vec<(u64, u32)>>,
}

impl Table {
    fn summed(all: &BTreeMap<Place, u64>, mask: u8, least: u64) -> Self {
        let mut cells: BTreeMap<Place, u64> = BTreeMap::new();
        for (place, count) in all.iter().filter(|(_, count)| **count > 0) {
            *cells.entry(summed_over(place, mask)).or_default() += count;
        }
        let mut table = Self { mask, least, cells, lines: BTreeMap::new() };
        if table.cells.values().any(|count| *count < least) {
            for (place, &count) in table.cells.iter().filter(|(_, count)| **count >= least) {
                for axis in table.axes() {
                    let line = (axis, summed_over(place, mask & !(1 << axis)));
                    table.lines.entry(line).or_default().push((count, place[axis]));
                }
            }
            table.lines.values_mut().for_each(|line| line.sort_unstable());
        }
        table
    }

    fn axes(&self) -> impl Iterator<Item = usize> + use<> {
        let mask = self.mask;
        (0..MOST_AXES).filter(move |axis| mask >> axis & 1 == 1)
    }

    fn small(&self) -> Vec<Place> {
        self.cells.iter().filter(|(_, count)| **count < self.least).map(|(place, _)| *place).collect()
    }

    /// Whether the corners of a shift have anybody to gain and enough to lose.
    fn holds(&self, shift: &Shift) -> bool {
        shift.signed_corners().all(|(loses, corner)| {
            let count = self.cells.get(&corner).copied().unwrap_or(0);
            count >= if loses { self.least } else { 1 }
        })
    }

    /// A shift between a small cell and others that differ from it on every axis.
    fn shift_of(&self, cell: &Place, alike: &dyn Fn(usize, u32, u32) -> bool) -> Option<Shift> {
        let tried = TRIED[self.mask.count_ones() as usize];
        let mut opposites = vec![*cell];
        for axis in self.axes() {
            let line = self.lines.get(&(axis, summed_over(cell, self.mask & !(1 << axis))))?;
            let levels = line.iter().map(|(_, level)| *level);
            let (near, far): (Vec<u32>, Vec<u32>) = levels.partition(|&level| alike(axis, cell[axis], level));
            let levels: Vec<u32> = near.into_iter().chain(far).take(tried).collect();
            opposites = opposites
                .iter()
                .flat_map(|opposite| {
                    levels.iter().map(|&level| {
                        let mut next = *opposite;
                        next[axis] = level;
                        next
                    })
                })
                .collect();
        }
        let shift = |other| Shift { axes: self.mask, one: *cell, other };
        if self.mask == 0 {
            return None;
        }
        opposites.into_iter().map(shift).find(|shift| self.holds(shift))
    }
}

#[cfg(test)]
mod tests;
