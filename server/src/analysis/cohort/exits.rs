//! How many left on each day since the implantation, and why: counts that can be added up and taken from each other.

use uuid::Uuid;

use super::{Cohort, Selection};
use crate::analysis::life_table::LifeTable;

/// Implants by the day on which their observation ended: a row for those who did not end, one for each cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exits([Vec<u32>; 3]);

impl Cohort {
    /// Of several products together and whoever is in any of several selections, of which no two share an implant.
    pub fn exits(&self, products: impl IntoIterator<Item = Uuid>, selections: &[Selection]) -> Exits {
        let wanted = self.wanted(selections);
        let mut days = [const { Vec::new() }; 3];
        for device in products.into_iter().filter_map(|product| self.devices.get(&product)) {
            for wanted in &wanted {
                device.count_exits(wanted, &mut days);
            }
        }
        Exits(days)
    }
}

impl Exits {
    /// The rest, where some of them are taken away: those must be among them.
    #[must_use]
    pub fn without(&self, some: &Self) -> Self {
        let mut rest = self.clone();
        for (row, some) in rest.0.iter_mut().zip(&some.0) {
            row.iter_mut().zip(some).for_each(|(count, some)| *count = count.saturating_sub(*some));
        }
        rest
    }

    /// As a life table.
    pub fn life_table(&self) -> LifeTable {
        LifeTable::from_days(&self.0)
    }
}
