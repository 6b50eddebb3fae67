//! Small systems of linear equations.

/// Solves a symmetric positive definite system, given its lower half (Cholesky); `None` where it is not one.
#[expect(clippy::needless_range_loop, reason = "rows and columns by their indices, as the method is written")]
pub(super) fn solve<const N: usize>(mut a: [[f32; N]; N], mut b: [f32; N]) -> Option<[f32; N]> {
    for i in 0..N {
        for j in 0..=i {
            let mut sum = a[i][j];
            for k in 0..j {
                sum -= a[i][k] * a[j][k];
            }
            if i == j {
                if sum <= 1e-6 {
                    return None;
                }
                a[i][i] = sum.sqrt();
            } else {
                a[i][j] = sum / a[j][j];
            }
        }
    }
    for i in 0..N {
        let done: f32 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - done) / a[i][i];
    }
    for i in (0..N).rev() {
        let done: f32 = (i + 1..N).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - done) / a[i][i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symmetric_system_is_solved() {
        let x = solve([[4.0, 0.0, 0.0], [2.0, 5.0, 0.0], [1.0, 3.0, 6.0]], [11.0, 21.0, 25.0]).unwrap();
        for (got, want) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((got - want).abs() < 1e-4, "{x:?}");
        }
    }
}
