//! Lists in the order of a key.
//!
//! The standard library's sorting is compiled anew for each kind of list, some five kilobytes a time, which every tablet
//! would fetch twenty times over. Here places are sorted, which are alike for all lists, and what stands there is moved
//! afterwards. For lists that are sorted seldom: a comparison costs a call.

use std::cmp::Ordering;

/// Puts what has the least key first; of equals, what came first.
pub(crate) fn by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let keys: Vec<K> = items.iter().map(key).collect();
    arrange(items, &order(keys.len(), &|a, b| keys[a].cmp(&keys[b])));
}

/// Which place comes first, which second, and so on.
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
    order
}

/// Moves to each place what stood at the place that the order has there.
pub(crate) fn arrange<T>(items: &mut [T], order: &[usize]) {
    for (place, from) in order.iter().enumerate() {
        // What belongs here was moved on each time that its own place was filled.
        let mut from = *from;
        while from < place {
            from = order[from];
        }
        items.swap(place, from);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort(keys in prop::collection::vec(0..9_u8, 0..60)) {
            let mut ours: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut theirs = ours.clone();
            by_key(&mut ours, |item| item.0);
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }
    }
}
