//! Cells of a grid that hang together.

/// All groups of waiting cells that hang together by neighbours that may `join`.
pub(super) fn groups<N: Iterator<Item = usize>>(
    mut waiting: Vec<bool>,
    neighbours: impl Fn(usize) -> N,
    join: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let mut groups = Vec::new();
    for first in 0..waiting.len() {
        if waiting[first] {
            groups.push(connected(first, &mut waiting, &neighbours, &join));
        }
    }
    groups
}

/// The waiting cells that are connected to one of them by neighbours that may `join`; they wait no more.
pub(super) fn connected<N: Iterator<Item = usize>>(
    first: usize,
    waiting: &mut [bool],
    neighbours: impl Fn(usize) -> N,
    join: impl Fn(usize, usize) -> bool,
) -> Vec<usize> {
    waiting[first] = false;
    let (mut group, mut next) = (vec![first], 0);
    while let Some(here) = group.get(next).copied() {
        next += 1;
        for other in neighbours(here) {
            if waiting[other] && join(here, other) {
                waiting[other] = false;
                group.push(other);
            }
        }
    }
    group
}

/// The cells about one, over at most `reach` cells, corners too: of a grid of so many columns and rows.
pub(super) fn around(at: usize, reach: usize, [columns, rows]: [usize; 2]) -> impl Iterator<Item = usize> {
    let (column, row) = (at % columns, at / columns);
    (row.saturating_sub(reach)..(row + reach + 1).min(rows)).flat_map(move |row| {
        (column.saturating_sub(reach)..(column + reach + 1).min(columns)).map(move |column| row * columns + column)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_touches_hangs_together_and_waits_no_more() {
        let drawn = "##..#\
                     ..#..\
                     #...#";
        let mut waiting: Vec<bool> = drawn.bytes().map(|cell| cell == b'#').collect();
        let mut group = connected(0, &mut waiting, |at| around(at, 1, [5, 3]), |_, _| true);
        group.sort_unstable();
        assert_eq!(group, [0, 1, 7]);
        let left: Vec<usize> = (0..15).filter(|at| waiting[*at]).collect();
        assert_eq!(left, [4, 10, 14]);
        // Over two cells.
        assert_eq!(groups(waiting, |at| around(at, 2, [5, 3]), |_, _| true), [vec![4, 14], vec![10]]);
    }
}
