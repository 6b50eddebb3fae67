//! A registry counted into crossings, in one pass where it can be.

use std::collections::BTreeMap;

use crate::analysis::cohort::{Classes, Cohort, Column, Selection, Value};
use crate::small_numbers::crossing::{Counts, Crossing};

/// Cells into which several crossings are counted at once.
const MOST_CELLS: usize = 2_000_000;

/// The places of an axis as some crossings tell them apart: those that none of them does are one class.
struct Alike {
    class: Vec<usize>,
    /// A place of each class.
    place: Vec<usize>,
}

impl Alike {
    fn of(crossings: &[Crossing], axis: usize, places: usize) -> Self {
        let mut known = BTreeMap::new();
        let mut alike = Self { class: Vec::with_capacity(places), place: Vec::new() };
        for place in 0..places {
            let told_apart: Vec<usize> = crossings.iter().map(|crossing| crossing.class(axis, place)).collect();
            let class = *known.entry(told_apart).or_insert(alike.place.len());
            if class == alike.place.len() {
                alike.place.push(place);
            }
            alike.class.push(class);
        }
        alike
    }
}

/// An axis of all crossings: a column, how many places it has, and at which a value stands.
pub(super) struct Placed<'a> {
    pub column: Column,
    pub places: usize,
    pub place: Box<dyn Fn(Value) -> Option<usize> + 'a>,
}

/// Counts all that is known by the end of a day into crossings of the same axes.
pub(super) fn count(cohort: &Cohort, known: Selection, axes: &[Placed<'_>], crossings: &mut [Crossing]) {
    let alike: Vec<Alike> = axes.iter().enumerate().map(|(at, axis)| Alike::of(crossings, at, axis.places)).collect();
    let cells = alike.iter().map(|alike| alike.place.len()).try_fold(1_usize, usize::checked_mul);
    if crossings.len() > 1 && cells.is_none_or(|cells| cells > MOST_CELLS) {
        for one in crossings.chunks_mut(1) {
            count(cohort, known, axes, one);
        }
        return;
    }
    let classes: Vec<Classes> = (axes.iter().zip(&alike))
        .map(|(axis, alike)| {
            let class = |value| Some(alike.class[(axis.place)(value)?]);
            cohort.classes(axis.column, alike.place.len(), class)
        })
        .collect();
    let mut places = vec![0; axes.len()];
    for (cell, tally) in cohort.tally(&[known], &classes).into_iter().enumerate() {
        if tally.implants == 0 {
            continue;
        }
        let mut rest = cell;
        for (place, alike) in places.iter_mut().zip(&alike).rev() {
            (*place, rest) = (alike.place[rest % alike.place.len()], rest / alike.place.len());
        }
        for crossing in crossings.iter_mut() {
            crossing.add(&places, Counts::from(tally));
        }
    }
}
