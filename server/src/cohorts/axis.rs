//! By what the table is cut of which all cohorts are parts, and how finely for a role that is not to see small numbers.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};

use super::disclosure::Names;
use super::filter::Filter;
use crate::analysis::cohort::Listed;

/// Years of age, and units of body mass index, in one level.
const BAND: u8 = 5;
/// The level of what is not known.
const UNKNOWN: u32 = u32::MAX - 1;

/// What a cohort may be chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// Products, each a level.
    Device,
    /// OPCS-4 codes.
    Procedure,
    /// Sites.
    Site,
    /// Sides.
    Side,
    /// Sexes.
    Sex,
    /// Ages by fives.
    Age,
    /// Surgeons.
    Surgeon,
    /// Indications.
    Indication,
    /// Body mass indices by fives.
    Bmi,
    /// ASA grades.
    Asa,
    /// The calendar year of the operation.
    Year,
}

impl Axis {
    const ALL: [Self; 11] = [
        Self::Device,
        Self::Procedure,
        Self::Site,
        Self::Side,
        Self::Sex,
        Self::Age,
        Self::Surgeon,
        Self::Indication,
        Self::Bmi,
        Self::Asa,
        Self::Year,
    ];

    /// Those by which a filter chooses.
    pub fn of(filter: &Filter) -> Vec<Self> {
        Self::ALL.into_iter().filter(|axis| axis.bounds(filter)).collect()
    }

    /// The same and one more.
    pub fn of_with(filter: &Filter, one: Self) -> Vec<Self> {
        Self::ALL.into_iter().filter(|&axis| axis == one || axis.bounds(filter)).collect()
    }

    fn bounds(self, filter: &Filter) -> bool {
        match self {
            Self::Device => filter.is_about_products(),
            Self::Procedure => !filter.procedures.is_empty(),
            Self::Site => !filter.sites.is_empty(),
            Self::Side => !filter.sides.is_empty(),
            Self::Sex => !filter.sexes.is_empty(),
            Self::Age => filter.ages.is_some(),
            Self::Surgeon => !filter.surgeons.is_empty(),
            Self::Indication => !filter.indications.is_empty(),
            Self::Bmi => filter.bmi.is_some(),
            Self::Asa => !filter.asa.is_empty(),
            Self::Year => filter.from.is_some() || filter.to.is_some(),
        }
    }

    /// The level of an implant.
    pub(super) fn level(self, one: &Listed, names: &Names) -> u32 {
        let known = |level: Option<u32>| level.unwrap_or(UNKNOWN);
        match self {
            Self::Device => known(names.devices.get(&one.product).copied()),
            Self::Procedure => u32::from(one.procedure.number()),
            Self::Site => known(place(&names.sites, &one.site)),
            Self::Side => one.side as u32,
            Self::Sex => one.sex as u32,
            Self::Age => known(one.age.map(band)),
            Self::Surgeon => known(one.operation.surgeon.and_then(|surgeon| place(&names.surgeons, &surgeon))),
            Self::Indication => known(one.operation.indication.and_then(|why| place(&names.indications, &why))),
            Self::Bmi => known(one.operation.bmi.map(band)),
            Self::Asa => known(one.operation.asa.map(u32::from)),
            Self::Year => year(one.implanted_on),
        }
    }

    /// The levels that a filter leaves; none where it leaves all. Products are no matter of a filter alone.
    pub(super) fn levels(self, filter: &Filter, names: &Names) -> Option<BTreeSet<u32>> {
        if !self.bounds(filter) {
            return None;
        }
        let range = |(from, to): (u8, u8)| (band(from)..=band(to)).collect();
        Some(match self {
            Self::Device => BTreeSet::new(),
            Self::Procedure => filter.procedures.iter().map(|code| u32::from(code.number())).collect(),
            Self::Site => filter.sites.iter().filter_map(|site| place(&names.sites, site)).collect(),
            Self::Side => filter.sides.iter().map(|&side| side as u32).collect(),
            Self::Sex => filter.sexes.iter().map(|&sex| sex as u32).collect(),
            Self::Age => range(filter.ages?),
            Self::Surgeon => filter.surgeons.iter().filter_map(|surgeon| place(&names.surgeons, surgeon)).collect(),
            Self::Indication => filter.indications.iter().filter_map(|why| place(&names.indications, why)).collect(),
            Self::Bmi => range(filter.bmi?),
            Self::Asa => filter.asa.iter().map(|&grade| u32::from(grade)).collect(),
            Self::Year => (filter.from.map_or(0, year)..=filter.to.map_or(LAST_YEAR, year)).collect(),
        })
    }
}

/// After every year that columns hold.
const LAST_YEAR: u32 = 2_200;

fn place<T: Ord>(all: &[T], one: &T) -> Option<u32> {
    u32::try_from(all.binary_search(one).ok()?).ok()
}

fn band(value: u8) -> u32 {
    u32::from(value / BAND)
}

fn year(day: NaiveDate) -> u32 {
    u32::try_from(day.year()).unwrap_or(0)
}

impl Filter {
    /// Whether its ranges end where levels do: ages and body mass indices by fives (60..74), days of implantation by whole years, the
    /// cut-off at the end of a year.
    pub fn is_coarse(&self) -> bool {
        let whole = |(from, to): (u8, u8)| from.is_multiple_of(BAND) && (to == 254 || (to + 1).is_multiple_of(BAND));
        let last_day = |day: NaiveDate| (day.month(), day.day()) == (12, 31);
        self.ages.is_none_or(whole)
            && self.bmi.is_none_or(whole)
            && self.from.is_none_or(|day| day.ordinal() == 1)
            && self.to.is_none_or(last_day)
            && self.until.is_none_or(last_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_where_levels_do() {
        let coarse = |text: &str| text.parse::<Filter>().unwrap().is_coarse();
        assert!(
            ["", "sex:female", "age:60..74", "age:..54", "age:85..", "bmi:30..", "implanted:2015..2020"].map(coarse)
                == [true; 7]
        );
        assert!(["age:60..75", "age:61..", "age:68", "bmi:31..34", "implanted:2015-02.."].map(coarse) == [false; 5]);
        assert!(coarse("until:2020-12-31") && !coarse("until:2020-12-30"));
    }

    #[test]
    fn a_filter_is_about_what_it_bounds() {
        let axes = |text: &str| Axis::of(&text.parse().unwrap());
        assert_eq!(axes("maker:Halden sex:female implanted:2015.."), [Axis::Device, Axis::Sex, Axis::Year]);
        assert_eq!(Axis::of_with(&"sex:male".parse().unwrap(), Axis::Site), [Axis::Site, Axis::Sex]);
    }
}
