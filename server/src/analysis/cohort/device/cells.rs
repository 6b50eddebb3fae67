//! A device's implants, each by the cell of a table to which it belongs.

use std::ops::Range;

use super::super::packed::{Codes, Packed};
use super::super::row::{IN_PLACE, Wanted};
use super::super::tally::Column;
use super::Device;

/// Added to the number of a cell it lies beyond all of them: the implant is not counted.
pub(in super::super) const NOWHERE: u32 = 1 << 27;
/// Rows that are judged column by column, so that the work on many of them waits for nothing.
const BLOCK: usize = 1024;

/// What the value of a column adds to the number of an implant's cell.
#[derive(Clone, Debug)]
pub(in super::super) struct Offsets {
    pub column: Column,
    /// By the number that stands for the value: in packed columns one more, for 0 stands for what is not known there.
    pub of: Vec<u32>,
}

impl Offsets {
    /// What the product of a rank adds; None where this is of another column.
    pub fn of_product(&self, rank: usize) -> Option<u32> {
        (self.column == Column::Product).then(|| self.of.get(rank).copied().unwrap_or(NOWHERE))
    }

    fn at(&self, number: impl Into<usize>) -> u32 {
        self.of.get(number.into()).copied().unwrap_or(NOWHERE)
    }
}

impl Device {
    /// Calls `visit` with the cell of each wanted implant, the days observed, and why they ended (0 if they did not). The cell of one that
    /// is not counted lies at [`NOWHERE`] or beyond.
    ///
    /// `first` is what the product itself adds.
    pub fn each_cell(&self, wanted: &Wanted, first: u32, axes: &[Offsets], mut visit: impl FnMut(u32, u16, u8)) {
        let from = self.start.partition_point(|&start| start < wanted.from);
        let to = self.start.partition_point(|&start| start <= wanted.to).max(from);
        let everyone = wanted.is_everyone();
        let (mut keep, mut cells) = ([1_u8; BLOCK], [0_u32; BLOCK]);
        let (mut days, mut why) = ([0_u16; BLOCK], [0_u8; BLOCK]);
        for begin in (from..to).step_by(BLOCK) {
            let rows = begin..(begin + BLOCK).min(to);
            let cells = &mut cells[..rows.len()];
            cells.fill(first);
            for axis in axes {
                self.add(axis, rows.clone(), cells);
            }
            if !everyone {
                self.choose(rows.clone(), wanted, &mut keep[..rows.len()]);
                cells.iter_mut().zip(&keep).for_each(|(cell, &keep)| *cell |= u32::from(keep ^ 1) * NOWHERE);
            }
            let columns = self.start[rows.clone()].iter().zip(&self.lasted[rows.clone()]).zip(&self.traits[rows]);
            for (((&start, &lasted), &traits), (days, why)) in columns.zip(days.iter_mut().zip(&mut why)) {
                let known = wanted.until - start;
                *days = lasted.min(known);
                *why = (traits & 0b11) * u8::from(lasted <= known && lasted != IN_PLACE);
            }
            cells.iter().zip(&days).zip(&why).for_each(|((&cell, &days), &why)| visit(cell, days, why));
        }
    }

    /// Adds to the cells of some rows what a column says of them.
    fn add(&self, axis: &Offsets, rows: Range<usize>, cells: &mut [u32]) {
        let packed = |column: Option<&Packed>, cells: &mut [u32]| match column {
            Some(column) => add(cells, rows.clone().map(|row| axis.at(column.get(row).wrapping_add(1)))),
            None => add(cells, std::iter::repeat(axis.at(0_u16))),
        };
        let operations = self.operations.as_ref();
        match axis.column {
            Column::Product => {}
            Column::Site => add(cells, self.site[rows].iter().map(|&site| axis.at(site))),
            Column::Day => add(cells, self.start[rows].iter().map(|&day| axis.at(day))),
            Column::Age => add(cells, self.age[rows].iter().map(|&age| axis.at(age))),
            Column::Side => add(cells, self.traits[rows].iter().map(|&traits| axis.at(traits >> 2 & 0b11))),
            Column::Sex => add(cells, self.traits[rows].iter().map(|&traits| axis.at(traits >> 4 & 0b11))),
            Column::Procedure => match &self.procedure {
                Codes::Few { values, places } => {
                    let of: Vec<u32> = values.iter().map(|&value| axis.at(value)).collect();
                    add(cells, places[rows].iter().map(|&place| of[usize::from(place)]));
                }
                Codes::Many(all) => add(cells, all[rows].iter().map(|&value| axis.at(value))),
            },
            Column::Surgeon => packed(operations.map(|all| &all.surgeon), cells),
            Column::Indication => packed(operations.map(|all| &all.indication), cells),
            Column::Asa => packed(operations.map(|all| &all.asa), cells),
            Column::Bmi => packed(operations.map(|all| &all.bmi), cells),
        }
    }
}

fn add(cells: &mut [u32], offsets: impl Iterator<Item = u32>) {
    cells.iter_mut().zip(offsets).for_each(|(cell, offset)| *cell += offset);
}
