//! Lists in the order of a weight: as [`ordering`], and as quick for many as sorting them would be.

use crate::ordering;

/// Puts what weighs most first; of equals, what came first.
pub(super) fn heaviest_first<T>(items: &mut [T], weight: impl Fn(&T) -> f32) {
    lightest_first(items, |item| -weight(item));
}

/// Puts what weighs least first; of equals, what came first.
pub(super) fn lightest_first<T>(items: &mut [T], weight: impl Fn(&T) -> f32) {
    if items.len() < 2 {
        return;
    }
    let mut weights: Vec<(f32, usize)> = items.iter().map(weight).zip(0..).collect();
    sort(&mut weights);
    let order: Vec<usize> = weights.into_iter().map(|(_, place)| place).collect();
    ordering::arrange(items, &order);
}

/// Weights and where each stood, in their order.
pub(super) fn sort(weights: &mut [(f32, usize)]) {
    weights.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort(weights in prop::collection::vec(0..9_u8, 0..60)) {
            let weigh = |item: &(u8, usize)| f32::from(item.0);
            let items: Vec<(u8, usize)> = weights.into_iter().zip(0..).collect();
            let (mut ours, mut theirs) = (items.clone(), items.clone());
            lightest_first(&mut ours, weigh);
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(&ours, &theirs);
            let (mut ours, mut theirs) = (items.clone(), items);
            heaviest_first(&mut ours, weigh);
            theirs.sort_by_key(|item| std::cmp::Reverse(item.0));
            prop_assert_eq!(&ours, &theirs);
        }
    }
}
