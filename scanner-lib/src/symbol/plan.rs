//! What a matrix symbol of one kind and size looks like before it is read: how many modules, and which of them are known.

/// Rows and columns, and the modules whose colour is the same in every symbol of that size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Row by row: whether dark, where that is known.
    pub(super) known: Vec<Option<bool>>,
}

impl Plan {
    /// A plan of so many modules, each as `known` says of its row and column.
    pub(super) fn of(rows: usize, columns: usize, known: impl Fn(usize, usize) -> Option<bool>) -> Self {
        let known = (0..rows * columns).map(|at| known(at / columns, at % columns)).collect();
        Self { rows, columns, known }
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 177 modules a side")]
pub(super) fn dim(value: usize) -> f32 {
    value as f32
}
