//! Which module holds which bit of which codeword (ISO/IEC 16022, annex F).

use super::size::Size;

/// The modules of each codeword, most significant bit first, as indexes into the whole symbol, row by row.
pub(super) fn codeword_modules(size: &Size) -> Vec<[usize; 8]> {
    let (rows, columns) = size.mapping();
    let mut walk =
        Walk { rows: signed(rows), columns: signed(columns), used: vec![false; rows * columns], out: Vec::new() };
    walk.all();
    walk.out
        .into_iter()
        .take(size.data + size.checks)
        .map(|places| places.map(|at| size.module(at / columns, at % columns)))
        .collect()
}

fn signed(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(0)
}

struct Walk {
    rows: i32,
    columns: i32,
    used: Vec<bool>,
    out: Vec<[usize; 8]>,
}

impl Walk {
    /// The diagonal sweeps of the annex, with its four corner cases.
    fn all(&mut self) {
        let (rows, columns) = (self.rows, self.columns);
        let (mut row, mut column) = (4, 0);
        loop {
            if row == rows && column == 0 {
                self.corner([(-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)]);
            }
            if row == rows - 2 && column == 0 && columns % 4 != 0 {
                self.corner([(-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)]);
            }
            if row == rows - 2 && column == 0 && columns % 8 == 4 {
                self.corner([(-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)]);
            }
            if row == rows + 4 && column == 2 && columns % 8 == 0 {
                self.corner([(-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)]);
            }
            loop {
                if row < rows && column >= 0 && !self.is_used(row, column) {
                    self.utah(row, column);
                }
                row -= 2;
                column += 2;
                if row < 0 || column >= columns {
                    break;
                }
            }
            row += 1;
            column += 3;
            loop {
                if row >= 0 && column < columns && !self.is_used(row, column) {
                    self.utah(row, column);
                }
                row += 2;
                column -= 2;
                if row >= rows || column < 0 {
                    break;
                }
            }
            row += 3;
            column += 1;
            if row >= rows && column >= columns {
                break;
            }
        }
    }

    fn is_used(&self, row: i32, column: i32) -> bool {
        self.used[self.at(row, column)]
    }

    fn at(&self, row: i32, column: i32) -> usize {
        usize::try_from(row * self.columns + column).unwrap_or(0)
    }

    /// Eight modules in the shape that the annex likens to the state of Utah, wrapping around the borders.
    fn utah(&mut self, row: i32, column: i32) {
        let shape = [(-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0)];
        let places = shape.map(|(down, across)| {
            let (mut r, mut c) = (row + down, column + across);
            if r < 0 {
                r += self.rows;
                c += 4 - (self.rows + 4) % 8;
            }
            if c < 0 {
                c += self.columns;
                r += 4 - (self.columns + 4) % 8;
            }
            // Only rectangles of the extended set go around here.
            if r >= self.rows {
                r -= self.rows;
            }
            self.at(r, c)
        });
        self.take(places);
    }

    /// A codeword at the corners; negative places count from the far side.
    fn corner(&mut self, shape: [(i32, i32); 8]) {
        let (rows, columns) = (self.rows, self.columns);
        let places = shape.map(|(r, c)| {
            let (r, c) = (if r < 0 { r + rows } else { r }, if c < 0 { c + columns } else { c });
            self.at(r, c)
        });
        self.take(places);
    }

    fn take(&mut self, places: [usize; 8]) {
        for place in places {
            self.used[place] = true;
        }
        self.out.push(places);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::size::SIZES;
    use super::*;

    #[test]
    fn every_codeword_of_every_size_has_eight_modules_of_its_own() {
        for size in SIZES {
            let words = codeword_modules(&size);
            assert_eq!(words.len(), size.data + size.checks, "{size:?}");
            let modules: HashSet<usize> = words.iter().flatten().copied().collect();
            assert_eq!(modules.len(), 8 * words.len(), "{size:?}");
            assert!(modules.iter().all(|at| size.finder(at / size.columns, at % size.columns).is_none()));
        }
    }
}
