//! The language in which a cohort is named: short enough for an address, plain enough to be read aloud.
//!
//! ```text
//! category:hip maker:"Halden Orthopaedics" sex:female age:60..75 site:RXX01,RXX02 implanted:2015..2020 until:2026-06-30
//! ```
//!
//! A term is `name:value`. Several values, separated by commas, mean any of them; several terms mean all of them. What holds a space or a comma
//! stands in double quotes. `bearing:`, `fixation:` and `attribute.NAME:` are of the product's attributes. A term stands once. Written back ([`Filter`]'s `Display`) terms and values are in order, so that one
//! cohort has one text, and its hash can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::analysis::cohort::{Indication, Opcs4, Selection, Sex, Side, SiteCode};
pub use read::FilterError;
pub use term::Term;

mod read;
mod term;

/// Combinations of site, procedure, side, sex, surgeon, indication and ASA grade that one filter may name.
const MOST_COMBINATIONS: usize = 256;
/// Characters of a filter: what an address may hold.
pub const LONGEST: usize = 2_000;

/// A cohort, as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What each term of the product may be, in small letters but for the catalogue's own spelling being kept.
    pub products: BTreeMap<Term, BTreeSet<String>>,
    /// What each attribute of the product may be, by its name.
    pub attributes: BTreeMap<String, BTreeSet<String>>,
    /// In any of these procedures; empty for all.
    pub procedures: BTreeSet<Opcs4>,
    /// At any of these sites; empty for all.
    pub sites: BTreeSet<SiteCode>,
    /// On any of these sides; empty for all.
    pub sides: BTreeSet<Side>,
    /// Of any of these sexes; empty for all.
    pub sexes: BTreeSet<Sex>,
    /// Of this age, both ends included.
    pub ages: Option<(u8, u8)>,
    /// Led by any of these surgeons; empty for all.
    pub surgeons: BTreeSet<Uuid>,
    /// For any of these reasons; empty for all.
    pub indications: BTreeSet<Indication>,
    /// In patients of this body mass index, both ends included.
    pub bmi: Option<(u8, u8)>,
    /// In patients of any of these ASA grades; empty for all.
    pub asa: BTreeSet<u8>,
    /// Implanted from this day on.
    pub from: Option<NaiveDate>,
    /// Implanted until this day.
    pub to: Option<NaiveDate>,
    /// The cut-off; none for the day of the snapshot.
    pub until: Option<NaiveDate>,
}

/// Attributes that are named without saying that they are some.
const PLAIN_ATTRIBUTES: [&str; 2] = ["bearing", "fixation"];
/// What stands before the names of all others.
const ATTRIBUTE: &str = "attribute.";

/// An attribute's name in the language.
fn attribute_word(name: &str) -> String {
    if PLAIN_ATTRIBUTES.contains(&name) { name.to_owned() } else { format!("{ATTRIBUTE}{name}") }
}

/// The attribute that a name in the language stands for; none where it stands for something else.
fn attribute_of(word: &str) -> Option<&str> {
    let named = word.strip_prefix(ATTRIBUTE).filter(|name| !name.is_empty());
    named.or_else(|| PLAIN_ATTRIBUTES.contains(&word).then_some(word))
}

impl Filter {
    /// Whether the catalogue has to say which products it is about.
    pub fn is_about_products(&self) -> bool {
        !self.products.is_empty() || !self.attributes.is_empty()
    }

    fn combinations(&self) -> usize {
        let of = [self.procedures.len(), self.sites.len(), self.sides.len(), self.sexes.len()];
        let more = [self.surgeons.len(), self.indications.len(), self.asa.len()];
        of.into_iter().chain(more).map(|n| n.max(1)).fold(1, usize::saturating_mul)
    }

    /// The selections whose union this is, as of a day; no two share an implant.
    pub fn selections(&self, today: NaiveDate) -> Vec<Selection> {
        fn choices<T: Copy>(of: &BTreeSet<T>) -> Vec<Option<T>> {
            if of.is_empty() { vec![None] } else { of.iter().copied().map(Some).collect() }
        }
        /// Each of some selections with each choice.
        fn with<T: Copy>(
            some: Vec<Selection>,
            of: &BTreeSet<T>,
            set: impl Fn(&mut Selection, Option<T>),
        ) -> Vec<Selection> {
            let each = choices(of);
            let chosen = |one: Selection| {
                each.iter()
                    .map(|&choice| {
                        let mut one = one;
                        set(&mut one, choice);
                        one
                    })
                    .collect::<Vec<_>>()
            };
            some.into_iter().flat_map(chosen).collect()
        }
        let until = self.until.unwrap_or(today).min(today);
        let all = Selection { from: self.from, to: self.to, ages: self.ages, bmi: self.bmi, ..Selection::until(until) };
        let mut out = with(vec![all], &self.procedures, |one, procedure| one.procedure = procedure);
        out = with(out, &self.sites, |one, site| one.site = site);
        out = with(out, &self.sides, |one, side| one.side = side);
        out = with(out, &self.sexes, |one, sex| one.sex = sex);
        out = with(out, &self.surgeons, |one, surgeon| one.surgeon = surgeon);
        out = with(out, &self.indications, |one, indication| one.indication = indication);
        with(out, &self.asa, |one, asa| one.asa = asa)
    }
}

const SIDES: [(&str, Side); 4] =
    [("none", Side::None), ("left", Side::Left), ("right", Side::Right), ("bilateral", Side::Bilateral)];
const SEXES: [(&str, Sex); 4] =
    [("unknown", Sex::Unknown), ("female", Sex::Female), ("male", Sex::Male), ("other", Sex::Other)];

/// The word for a side.
pub fn side_word(side: Side) -> &'static str {
    SIDES.iter().find(|(_, one)| *one == side).map_or("none", |(word, _)| word)
}

/// The word for a sex.
pub fn sex_word(sex: Sex) -> &'static str {
    SEXES.iter().find(|(_, one)| *one == sex).map_or("unknown", |(word, _)| word)
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut terms: Vec<String> = self
            .products
            .iter()
            .map(|(term, values)| format!("{}:{}", term.word(), listed(values.iter().map(String::as_str))))
            .collect();
        terms.extend(
            self.attributes.iter().map(|(name, values)| {
                format!("{}:{}", attribute_word(name), listed(values.iter().map(String::as_str)))
            }),
        );
        let mut some = |term: Term, values: Vec<String>| {
            if !values.is_empty() {
                terms.push(format!("{}:{}", term.word(), listed(values.iter().map(String::as_str))));
            }
        };
        some(Term::Procedure, self.procedures.iter().map(ToString::to_string).collect());
        some(Term::Site, self.sites.iter().map(SiteCode::text).collect());
        some(Term::Side, self.sides.iter().map(|side| side_word(*side).to_owned()).collect());
        some(Term::Sex, self.sexes.iter().map(|sex| sex_word(*sex).to_owned()).collect());
        some(Term::Age, self.ages.map(whole_range).into_iter().collect());
        some(Term::Surgeon, self.surgeons.iter().map(ToString::to_string).collect());
        some(Term::Indication, self.indications.iter().map(Indication::text).collect());
        some(Term::Bmi, self.bmi.map(whole_range).into_iter().collect());
        some(Term::Asa, self.asa.iter().map(ToString::to_string).collect());
        if self.from.is_some() || self.to.is_some() {
            let end = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
            terms.push(format!("implanted:{}..{}", end(self.from), end(self.to)));
        }
        if let Some(until) = self.until {
            terms.push(format!("until:{until}"));
        }
        f.write_str(&terms.join(" "))
    }
}

/// A range of whole numbers as it is written; an end that is as far as it can be is left away.
fn whole_range((from, to): (u8, u8)) -> String {
    let end = |number: u8, open: u8| if number == open { String::new() } else { number.to_string() };
    if (from, to) == (0, 254) { "0..".to_owned() } else { format!("{}..{}", end(from, 0), end(to, 254)) }
}

/// Values separated by commas, in quotes where they need them.
fn listed<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let quoted = |value: &str| {
        if value.contains(|c: char| c.is_whitespace() || c == ',') { format!("\"{value}\"") } else { value.to_owned() }
    };
    values.map(quoted).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
