//! Symmetric matrices of a handful of rows: information, variance, and solving with them.
//!
//! Reach for it wherever a test or a fit needs V⁻¹. The factorisation is L·D·Lᵀ, and a column that depends on the ones before it
//! is left out, as R's `coxph` leaves out a covariate that says nothing new (its coefficient is NA there, NaN here).

/// A symmetric matrix, kept whole so that reading it is plain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

impl Symmetric {
    /// All zeros.
    pub fn zeros(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * size] }
    }

    /// How many rows.
    pub fn size(&self) -> usize {
        self.size
    }

    /// One cell.
    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    /// Sets a cell and its mirror image.
    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.size + column] = value;
        self.cells[column * self.size + row] = value;
    }

    /// Adds to a cell and to its mirror image.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        self.set(row, column, self.get(row, column) + value);
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.size..(row + 1) * self.size]
    }

    /// The diagonal.
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.size).map(|i| self.get(i, i)).collect()
    }

    /// The rows and columns named, in that order.
    #[must_use]
    pub fn part(&self, keep: &[usize]) -> Self {
        let mut part = Self::zeros(keep.len());
        for (i, &row) in keep.iter().enumerate() {
            for (j, &column) in keep.iter().enumerate().take(i + 1) {
                part.set(i, j, self.get(row, column));
            }
        }
        part
    }

    /// The matrix times a vector.
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.size).map(|row| dot(self.row(row), vector)).collect()
    }

    /// L·D·Lᵀ of the matrix.
    pub fn factor(&self) -> Factor {
        let n = self.size;
        let mut lower = self.cells.clone();
        let mut pivots = vec![0.0; n];
        // R's `coxph.control`: toler.chol is the machine epsilon to the power 3/4, relative to the largest pivot.
        let tiny = f64::EPSILON.powf(0.75) * self.diagonal().iter().fold(0.0_f64, |most, d| most.max(*d));
        for j in 0..n {
            let pivot = lower[j * n + j];
            if pivot <= tiny || pivot.is_nan() {
                for i in j..n {
                    lower[i * n + j] = 0.0;
                }
                continue;
            }
            pivots[j] = pivot;
            for i in j + 1..n {
                let factor = lower[i * n + j] / pivot;
                for k in i..n {
                    lower[k * n + i] -= factor * lower[k * n + j];
                }
                lower[i * n + j] = factor;
            }
        }
        Factor { size: n, lower, pivots }
    }
}

/// L·D·Lᵀ of a symmetric matrix: D may have zeros where a column says nothing new.
#[derive(Clone, Debug)]
pub struct Factor {
    size: usize,
    /// Below the diagonal: L, whose diagonal is one.
    lower: Vec<f64>,
    pivots: Vec<f64>,
}

impl Factor {
    /// How many columns say something new.
    pub fn rank(&self) -> usize {
        self.pivots.iter().filter(|&&pivot| pivot != 0.0).count()
    }

    /// Whether a column was left out.
    pub fn left_out(&self, column: usize) -> bool {
        self.pivots[column] == 0.0
    }

    /// The x of V·x = b; zero in the columns that were left out.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x = b.to_vec();
        for i in 0..n {
            let known: f64 = (0..i).map(|j| self.lower[i * n + j] * x[j]).sum();
            x[i] -= known;
        }
        for i in (0..n).rev() {
            if self.left_out(i) {
                x[i] = 0.0;
                continue;
            }
            let known: f64 = (i + 1..n).map(|j| self.lower[j * n + i] * x[j]).sum();
            x[i] = x[i] / self.pivots[i] - known;
        }
        x
    }

    /// V⁻¹; zero in the rows and columns that were left out.
    pub fn inverse(&self) -> Symmetric {
        let mut inverse = Symmetric::zeros(self.size);
        for column in 0..self.size {
            if self.left_out(column) {
                continue;
            }
            let mut unit = vec![0.0; self.size];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate().skip(column) {
                inverse.set(row, column, value);
            }
        }
        inverse
    }

    /// bᵀ V⁻¹ b: the chi-squared statistic of a score or of a difference.
    pub fn quadratic_form(&self, b: &[f64]) -> f64 {
        dot(b, &self.solve(b))
    }
}

/// Σ aᵢ·bᵢ.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_column_that_repeats_another_is_left_out() {
        let mut matrix = Symmetric::zeros(3);
        for (row, column, value) in [(0, 0, 2.0), (1, 0, 2.0), (1, 1, 2.0), (2, 2, 3.0)] {
            matrix.set(row, column, value);
        }
        let factor = matrix.factor();
        assert_eq!((factor.rank(), factor.left_out(1)), (2, true));
        assert_eq!(factor.solve(&[4.0, 4.0, 6.0]), [2.0, 0.0, 2.0]);
        assert_eq!(factor.inverse().diagonal(), [0.5, 0.0, 1.0 / 3.0]);
    }

    proptest! {
        /// V⁻¹ undoes V, for any V = AᵀA + I.
        #[test]
        fn the_inverse_undoes(a in proptest::collection::vec(-3.0..3.0_f64, 16), b in proptest::collection::vec(-9.0..9.0_f64, 4)) {
            let mut matrix = Symmetric::zeros(4);
            for i in 0..4 {
                for j in 0..=i {
                    let sum: f64 = (0..4).map(|k| a[4 * k + i] * a[4 * k + j]).sum();
                    matrix.set(i, j, sum + f64::from(u8::from(i == j)));
                }
            }
            let factor = matrix.factor();
            let there_and_back = factor.inverse().times(&matrix.times(&b));
            for ((x, y), z) in there_and_back.iter().zip(&b).zip(factor.solve(&matrix.times(&b))) {
                prop_assert!((x - y).abs() < 1e-9 && (z - y).abs() < 1e-9);
            }
        }
    }
}
