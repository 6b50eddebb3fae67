//! Versions of QR Code symbols: sizes, patterns, and how codewords are arranged (ISO/IEC 18004, 6.3 and table 9).

use super::super::plan::Plan;

/// A version, 1 … 40.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version(u8);

/// Levels of error correction in the order of their names: L, M, Q, H.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    L,
    M,
    Q,
    H,
}

/// Check words of one block, by level and version.
const CHECKS: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks, by level and version.
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18,
        19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31,
        33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
        43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48,
        51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

impl Version {
    /// `None` of a number that no version has.
    pub(super) fn of(number: i32) -> Option<Self> {
        u8::try_from(number).ok().filter(|number| (1..=40).contains(number)).map(Self)
    }

    pub(super) fn number(self) -> usize {
        usize::from(self.0)
    }

    /// Modules on a side.
    pub(super) fn side(self) -> usize {
        17 + 4 * self.number()
    }

    /// Rows (and columns) in which alignment patterns have their middles (annex E).
    pub(super) fn alignments(self) -> Vec<usize> {
        let version = self.number();
        if version == 1 {
            return Vec::new();
        }
        let count = version / 7 + 2;
        let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2;
        let mut out: Vec<usize> = (0..count - 1).map(|i| self.side() - 7 - i * step).collect();
        out.push(6);
        out.reverse();
        out
    }

    /// Check words of a block, and blocks.
    fn correction(self, level: Level) -> (usize, usize) {
        let (level, version) = (level as usize, self.number() - 1);
        (usize::from(CHECKS[level][version]), usize::from(BLOCKS[level][version]))
    }

    /// All codewords, with those that check.
    pub(super) fn codewords(self) -> usize {
        let version = self.number();
        let mut modules = (16 * version + 128) * version + 64;
        if version >= 2 {
            let count = version / 7 + 2;
            modules -= (25 * count - 10) * count - 55;
            if version >= 7 {
                modules -= 36;
            }
        }
        modules / 8
    }

    /// The codewords of each block by their place in the symbol, data first; and how many of each block check
    /// (7.6).
    pub(super) fn blocks(self, level: Level) -> (Vec<Vec<usize>>, usize) {
        let (checks, count) = self.correction(level);
        let data = self.codewords() - checks * count;
        let (short, long) = (data / count, data % count);
        let mut blocks: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut at = 0;
        for i in 0..=short {
            // The later blocks are those with one word more.
            for (number, block) in blocks.iter_mut().enumerate() {
                if i < short || number >= count - long {
                    block.push(at);
                    at += 1;
                }
            }
        }
        for _ in 0..checks {
            for block in &mut blocks {
                block.push(at);
                at += 1;
            }
        }
        (blocks, checks)
    }

    /// All modules; known are finder, timing and alignment patterns, and the module that is always dark. Unknown and no
    /// data are format and version: see [`Version::is_data`].
    pub(super) fn plan(self) -> Plan {
        let alignments = self.alignments();
        Plan::of(self.side(), self.side(), |row, column| self.known(row, column, &alignments))
    }

    fn known(self, row: usize, column: usize, alignments: &[usize]) -> Option<bool> {
        let n = self.side();
        for (top, left) in [(0, 0), (0, n - 7), (n - 7, 0)] {
            // Each with its separator around it.
            let (r, c) = (row + 1, column + 1);
            if (top..top + 9).contains(&r) && (left..left + 9).contains(&c) {
                let (r, c) = (row.abs_diff(top + 3), column.abs_diff(left + 3));
                return Some(!matches!(r.max(c), 2 | 4));
            }
        }
        if row == n - 8 && column == 8 {
            return Some(true);
        }
        if let Some(ring) = alignment_ring(n, row, column, alignments) {
            return Some(ring != 1);
        }
        match (row, column) {
            (6, at) | (at, 6) => Some(at.is_multiple_of(2)),
            _ => None,
        }
    }

    /// Whether a module, which is not known, carries codewords: format and version lie beside the finder patterns.
    pub(super) fn is_data(self, row: usize, column: usize) -> bool {
        let n = self.side();
        let format = row == 8 && (column < 9 || column >= n - 8) || column == 8 && (row < 9 || row >= n - 8);
        let is_version = self.0 >= 7
            && (row < 6 && (n - 11..n - 8).contains(&column) || column < 6 && (n - 11..n - 8).contains(&row));
        !format && !is_version
    }
}

/// How far a module lies from the middle of the alignment pattern that it belongs to.
fn alignment_ring(n: usize, row: usize, column: usize, alignments: &[usize]) -> Option<usize> {
    let near = |at: usize| alignments.iter().copied().find(|middle| middle.abs_diff(at) <= 2);
    let (r, c) = (near(row)?, near(column)?);
    // Finder patterns lie in three of the corners.
    let taken = (r == 6 || c == 6) && (r == c || r + 7 == n || c + 7 == n);
    (!taken).then(|| r.abs_diff(row).max(c.abs_diff(column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_room_for_its_codewords_and_few_bits_more() {
        for version in (1..=40).filter_map(Version::of) {
            let plan = version.plan();
            let n = version.side();
            let free = (0..n * n).filter(|at| plan.known[*at].is_none() && version.is_data(at / n, at % n)).count();
            assert!((0..8).contains(&(free - 8 * version.codewords())), "{version:?}");
            for level in [Level::L, Level::M, Level::Q, Level::H] {
                let (blocks, checks) = version.blocks(level);
                let mut all: Vec<usize> = blocks.concat();
                all.sort_unstable();
                assert!(all.into_iter().eq(0..version.codewords()), "{version:?} {level:?}");
                assert!(blocks.iter().all(|block| block.len() > checks && block.len() <= 255));
            }
        }
    }

    #[test]
    fn alignment_patterns_lie_where_the_standard_has_them() {
        // Annex E, table E.1.
        for (version, wanted) in [
            (2, vec![6, 18]),
            (7, vec![6, 22, 38]),
            (14, vec![6, 26, 46, 66]),
            (22, vec![6, 26, 50, 74, 98]),
            (32, vec![6, 34, 60, 86, 112, 138]),
            (40, vec![6, 30, 58, 86, 114, 142, 170]),
        ] {
            assert_eq!(Version::of(version).unwrap().alignments(), wanted);
        }
        assert!(Version::of(0).is_none() && Version::of(41).is_none());
    }
}
