//! The rows of an extract, and what of them is kept back where few others are alike.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::filter::{sex_word, side_word};
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cohort::End;
use crate::parquet::{Column, Values};
use crate::small_numbers::Sight;

/// The columns of an extract.
pub const COLUMNS: [&str; 9] = ["time", "event", "device", "sex", "age", "band", "side", "site", "procedure"];

/// One implant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractRow {
    days: u16,
    /// 0 in place, 1 revised, 2 died.
    event: u8,
    age: Option<u8>,
    /// What others may share; in the order in which it is kept back.
    traits: [String; TRAITS],
}

const TRAITS: usize = 6;
const SITE: usize = 0;
const PROCEDURE: usize = 1;
const SIDE: usize = 2;
const BAND: usize = 3;
const SEX: usize = 4;
const DEVICE: usize = 5;

impl ExtractRow {
    /// As it is written, in the order of [`COLUMNS`].
    pub fn cells(&self) -> [String; COLUMNS.len()] {
        let of = |place: usize| self.traits[place].clone();
        let (days, event) = (self.days.to_string(), self.event.to_string());
        let age = self.age.map(|age| age.to_string()).unwrap_or_default();
        [days, event, of(DEVICE), of(SEX), age, of(BAND), of(SIDE), of(SITE), of(PROCEDURE)]
    }
}

/// The rows as columns, in the order of [`COLUMNS`].
pub fn columns(rows: &[ExtractRow]) -> Vec<Column> {
    let traits = |place: usize| Values::Text(rows.iter().map(|row| row.traits[place].clone()).collect());
    let values = [
        Values::Whole(rows.iter().map(|row| i32::from(row.days)).collect()),
        Values::Whole(rows.iter().map(|row| i32::from(row.event)).collect()),
        traits(DEVICE),
        traits(SEX),
        Values::Some(rows.iter().map(|row| row.age.map(i32::from)).collect()),
        traits(BAND),
        traits(SIDE),
        traits(SITE),
        traits(PROCEDURE),
    ];
    COLUMNS.into_iter().zip(values).map(|(name, values)| Column { name, values }).collect()
}

/// The band of age that models adjust for.
fn band(age: Option<u8>) -> &'static str {
    match age {
        None => "",
        Some(..55) => "under 55",
        Some(55..65) => "55-64",
        Some(65..75) => "65-74",
        Some(75..85) => "75-84",
        Some(85..) => "85 and over",
    }
}

/// The rows of a cohort as a role may see them.
pub fn rows(snapshot: &Snapshot, question: &Question, names: &BTreeMap<Uuid, String>, sight: Sight) -> Vec<ExtractRow> {
    let mut rows = Vec::new();
    snapshot.cohort().each_implant(question.products.iter().copied(), &question.selections, |row| {
        let age = row.age.filter(|_| sight.is_all());
        let device = names.get(&row.product).cloned().unwrap_or_else(|| row.product.to_string());
        let (sex, band, side) = (sex_word(row.sex), band(row.age), side_word(row.side));
        // In the order of SITE, PROCEDURE, SIDE, BAND, SEX and DEVICE.
        let traits =
            [row.site.text(), row.procedure.to_string(), side.to_owned(), band.to_owned(), sex.to_owned(), device];
        let event = match row.end {
            Some(End::Revised) => 1,
            Some(End::Died) => 2,
            _ => 0,
        };
        rows.push(ExtractRow { days: row.days, event, age, traits });
    });
    if !sight.is_all() {
        generalise(&mut rows, sight.least);
    }
    rows
}

/// Leaves every row like at least `least` others, itself among them: where fewer share all, trait after trait is kept back. The whole has
/// that many rows.
fn generalise(rows: &mut [ExtractRow], least: u64) {
    for kept_back in 0..=TRAITS {
        let mut alike: HashMap<&[String; TRAITS], u64> = HashMap::new();
        for row in rows.iter() {
            *alike.entry(&row.traits).or_default() += 1;
        }
        let few: Vec<usize> = (0..rows.len()).filter(|&at| alike[&rows[at].traits] < least).collect();
        if few.is_empty() {
            return;
        }
        if kept_back == TRAITS {
            // The rows of which nothing is left are too few themselves: the smallest group joins them, until they are enough.
            let smallest = alike.iter().filter(|(traits, _)| traits.iter().any(|one| !one.is_empty()));
            let Some(smallest) =
                smallest.min_by_key(|(traits, n)| (**n, **traits)).map(|(traits, _)| (*traits).clone())
            else {
                return;
            };
            rows.iter_mut()
                .filter(|row| row.traits == smallest)
                .for_each(|row| row.traits = <[String; TRAITS]>::default());
            return;
        }
        for at in few {
            rows[at].traits[kept_back].clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn any_row()(days in 0_u16..900, site in 0..3, procedure in 0..2, band in 0..3, sex in 0..2, device in 0..4) -> ExtractRow {
            let text = |of: &str, n: i32| format!("{of}{n}");
            let traits = [text("site", site), text("w", procedure), "left".into(), text("band", band), text("sex", sex), text("device", device)];
            ExtractRow { days, event: 0, age: None, traits }
        }
    }

    proptest! {
        #[test]
        fn every_row_is_like_several(mut rows in proptest::collection::vec(any_row(), 5..80)) {
            let before: Vec<_> = rows.iter().map(|row| (row.days, row.traits.clone())).collect();
            generalise(&mut rows, 5);
            for row in &rows {
                prop_assert!(rows.iter().filter(|other| other.traits == row.traits).count() >= 5);
            }
            for (row, (days, was)) in rows.iter().zip(before) {
                prop_assert_eq!(row.days, days);
                prop_assert!(row.traits.iter().zip(&was).all(|(now, was)| now.is_empty() || now == was));
            }
        }
    }

    #[test]
    fn what_many_share_stays() {
        let traits = ["RXX01", "W371", "left", "65-74", "female", "stem"].map(str::to_owned);
        let row = ExtractRow { days: 7, event: 0, age: None, traits };
        let mut rows = vec![row.clone(); 6];
        rows[0].traits[SITE] = "RXX02".to_owned();
        rows.extend(vec![row; 5]);
        generalise(&mut rows, 5);
        assert_eq!(
            rows[0].traits,
            ["", "", "", "", "", ""].map(str::to_owned),
            "nobody else is at that site, and six are not told apart"
        );
    }
}
