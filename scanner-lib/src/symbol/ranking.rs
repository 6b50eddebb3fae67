//! Lists in the order of a weight.
//!
//! The standard library's sorting is compiled anew for each kind of list, some five kilobytes a time, which every tablet
//! would fetch thirty times over. Here the weights alone are sorted, and what they belong to is moved afterwards.

/// Puts what weighs most first; of equals, what came first.
pub(super) fn heaviest_first<T>(items: &mut [T], weight: impl Fn(&T) -> f32) {
    lightest_first(items, |item| -weight(item));
}

/// Puts what weighs least first; of equals, what came first.
pub(super) fn lightest_first<T>(items: &mut [T], weight: impl Fn(&T) -> f32) {
    if items.len() < 2 {
        return;
    }
    let order = order(items.iter().map(weight).zip(0..).collect());
    for place in 0..items.len() {
        // What belongs here was moved on each time that its own place was filled.
        let mut from = order[place].1;
        while from < place {
            from = order[from].1;
        }
        items.swap(place, from);
    }
}

/// Weights and where each stood, in their order.
fn order(mut weights: Vec<(f32, usize)>) -> Vec<(f32, usize)> {
    weights.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    weights
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
