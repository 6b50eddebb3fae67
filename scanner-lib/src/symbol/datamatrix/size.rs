//! The sizes of ECC 200 symbols (ISO/IEC 16022, table 7) and what their finder patterns look like.

use super::super::plan::Plan;

/// One size: rows and columns with finder patterns, and how its codewords are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Data regions down and across.
    regions: (usize, usize),
    pub(super) data: usize,
    pub(super) checks: usize,
    /// Interleaved Reed–Solomon blocks.
    pub(super) blocks: usize,
}

const fn size(rows: usize, columns: usize, regions: (usize, usize), data: usize, checks: usize, blocks: usize) -> Size {
    Size { rows, columns, regions, data, checks, blocks }
}

/// Squares first, then rectangles.
pub(super) const SIZES: [Size; 30] = [
    size(10, 10, (1, 1), 3, 5, 1),
    size(12, 12, (1, 1), 5, 7, 1),
    size(14, 14, (1, 1), 8, 10, 1),
    size(16, 16, (1, 1), 12, 12, 1),
    size(18, 18, (1, 1), 18, 14, 1),
    size(20, 20, (1, 1), 22, 18, 1),
    size(22, 22, (1, 1), 30, 20, 1),
    size(24, 24, (1, 1), 36, 24, 1),
    size(26, 26, (1, 1), 44, 28, 1),
    size(32, 32, (2, 2), 62, 36, 1),
    size(36, 36, (2, 2), 86, 42, 1),
    size(40, 40, (2, 2), 114, 48, 1),
    size(44, 44, (2, 2), 144, 56, 1),
    size(48, 48, (2, 2), 174, 68, 1),
    size(52, 52, (2, 2), 204, 84, 2),
    size(64, 64, (4, 4), 280, 112, 2),
    size(72, 72, (4, 4), 368, 144, 4),
    size(80, 80, (4, 4), 456, 192, 4),
    size(88, 88, (4, 4), 576, 224, 4),
    size(96, 96, (4, 4), 696, 272, 4),
    size(104, 104, (4, 4), 816, 336, 6),
    size(120, 120, (6, 6), 1050, 408, 6),
    size(132, 132, (6, 6), 1304, 496, 8),
    size(144, 144, (6, 6), 1558, 620, 10),
    size(8, 18, (1, 1), 5, 7, 1),
    size(8, 32, (1, 2), 10, 11, 1),
    size(12, 26, (1, 1), 16, 14, 1),
    size(12, 36, (1, 2), 22, 18, 1),
    size(16, 36, (1, 2), 32, 24, 1),
    size(16, 48, (1, 2), 49, 28, 1),
];

impl Size {
    /// Rows and columns of one data region, with its finder pattern.
    fn region(&self) -> (usize, usize) {
        (self.rows / self.regions.0, self.columns / self.regions.1)
    }

    /// Rows and columns of the mapping matrix: all data modules, without finder patterns.
    pub(super) fn mapping(&self) -> (usize, usize) {
        (self.rows - 2 * self.regions.0, self.columns - 2 * self.regions.1)
    }

    /// The index, row by row, of a data module of the mapping matrix in the whole symbol.
    pub(super) fn module(&self, row: usize, column: usize) -> usize {
        let (high, wide) = self.region();
        let (r, c) = (row + 1 + 2 * (row / (high - 2)), column + 1 + 2 * (column / (wide - 2)));
        r * self.columns + c
    }

    /// Whether a module belongs to a finder pattern, and if so, whether it is dark: the solid L left and below of each
    /// region, the alternating border above and right.
    pub(super) fn finder(&self, row: usize, column: usize) -> Option<bool> {
        let (high, wide) = self.region();
        let (r, c) = (row % high, column % wide);
        if c == 0 || r == high - 1 {
            Some(true)
        } else if r == 0 {
            Some(c.is_multiple_of(2))
        } else if c == wide - 1 {
            Some(!r.is_multiple_of(2))
        } else {
            None
        }
    }

    /// All modules, those of the finder pattern known.
    pub(super) fn plan(&self) -> Plan {
        Plan::of(self.rows, self.columns, |row, column| self.finder(row, column))
    }

    /// The block that a codeword belongs to (ISO/IEC 16022, 5.7.2; 144 × 144 has two blocks of one data word less).
    pub(super) fn block(&self, codeword: usize) -> usize {
        if codeword < self.data || self.rows != 144 {
            let at = if codeword < self.data { codeword } else { codeword - self.data };
            at % self.blocks
        } else {
            (codeword - self.data + 8) % self.blocks
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_room_for_its_codewords_and_no_more_than_a_filler() {
        for size in SIZES {
            let (rows, columns) = size.mapping();
            let modules = rows * columns;
            let words = 8 * (size.data + size.checks);
            assert!(words <= modules && modules < words + 8, "{size:?}");
            let finders = (0..size.rows * size.columns)
                .filter(|at| size.finder(at / size.columns, at % size.columns).is_some())
                .count();
            assert_eq!(finders + modules, size.rows * size.columns, "{size:?}");
            for (row, column) in [(0, 0), (rows - 1, columns - 1), (rows / 2, columns / 2)] {
                let at = size.module(row, column);
                assert_eq!(size.finder(at / size.columns, at % size.columns), None, "{size:?} {row} {column}");
            }
        }
    }
}
