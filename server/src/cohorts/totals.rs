//! How many implants there ever were of each product, at each site, of each sex: the same for every question to a snapshot.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::analysis::cohort::{Cohort, Column, Selection, Value};
use crate::small_numbers::crossing::Counts;

/// The columns of which a filter may name values.
pub const COLUMNS: [Column; 8] = [
    Column::Product,
    Column::Site,
    Column::Procedure,
    Column::Side,
    Column::Sex,
    Column::Surgeon,
    Column::Indication,
    Column::Asa,
];

/// The values that any implant has, with how many have them.
#[derive(Clone, Debug, Default)]
pub struct Totals(BTreeMap<Column, Vec<(Value, Counts)>>);

impl Totals {
    /// Of a registry.
    pub fn of(cohort: &Cohort) -> Self {
        let ever = [Selection::until(NaiveDate::MAX)];
        let of = |column| {
            let counts = cohort.tally(&ever, &[cohort.each_value(column)]);
            let values = cohort.values(column).into_iter().zip(counts.into_iter().map(Counts::from));
            (column, values.filter(|(_, counts)| counts.implants > 0).collect())
        };
        Self(COLUMNS.into_iter().map(of).collect())
    }

    /// Of one column, in the order of its values; nothing of a column of which a filter names no values.
    pub fn in_column(&self, column: Column) -> &[(Value, Counts)] {
        self.0.get(&column).map_or(&[], Vec::as_slice)
    }
}
