//! What a device's curve is compared with: all other devices of its kind, from a snapshot of the whole registry.

use chrono::NaiveDate;
use uuid::Uuid;

use super::curve::{YearPoint, at_years};
use crate::analysis::cohort::{REVISED, Selection};
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::catalogue::ProductId;
use crate::cohorts::answer::year_days;
use crate::cohorts::snapshot::Snapshot;
use crate::small_numbers::Sight;

/// The curve of all other devices of a kind.
#[derive(Clone, Debug)]
pub struct Comparator {
    /// How many implants.
    pub n: u64,
    /// The curve.
    pub estimate: Curve,
    /// The curve at 1, 3, 5, 10 and 15 years.
    pub at_years: Vec<YearPoint>,
    /// Where the figures come from, in one sentence.
    pub source: String,
}

impl Comparator {
    /// Computes it; none where nobody has another device of the kind, or where they are too few to be told.
    pub fn of(
        snapshot: &Snapshot,
        product: ProductId,
        others: &[ProductId],
        today: NaiveDate,
        sight: Sight,
    ) -> Option<Self> {
        let mut kind: Vec<Uuid> = others.iter().chain([&product]).map(|product| product.uuid()).collect();
        kind.sort_unstable();
        let own = snapshot.cohort().exits([product.uuid()], &[Selection::until(today)]);
        let table = snapshot.exits_of_kind(kind, today).without(&own).life_table();
        let curve = kaplan_meier(&table, REVISED, Confidence::default());
        let revised = curve.n_event.iter().sum();
        if table.n == 0 || !sight.tells(table.n) || sight.parts(table.n, &[revised])[0].is_none() {
            return None;
        }
        let (estimate, tells) = sight.curve(curve, &year_days());
        let source = format!(
            "All other devices of its kind: {} implants, registry as of {}, snapshot {}.",
            table.n,
            snapshot.taken_text(),
            &snapshot.hash_text()[..16]
        );
        Some(Self { n: table.n, at_years: at_years(&estimate, &tells), estimate, source })
    }
}
