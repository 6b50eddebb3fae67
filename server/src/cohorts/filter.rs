//! The language in which a cohort is named: short enough for an address, plain enough to be read aloud.
//!
//! ```text
//! category:hip maker:"Halden Orthopaedics" sex:female age:60..75 site:RXX01,RXX02 implanted:2015..2020 until:2026-06-30
//! ```
//!
//! A term is `name:value`. Several values, separated by commas, mean any of them; several terms mean all of them. What holds a space or a comma
//! stands in double quotes. A term stands once. Written back ([`Filter`]'s `Display`) terms and values are in order, so that one
//! cohort has one text, and its hash can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, NaiveDate};

use crate::analysis::cohort::{Opcs4, Selection, Sex, Side, SiteCode};

/// Combinations of site, procedure, side and sex that one filter may name.
const MOST_COMBINATIONS: usize = 256;
/// Characters of a filter: what an address may hold.
pub const LONGEST: usize = 2_000;

/// What a term is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// A product's identifier in the registry.
    Device,
    /// The kind of implant.
    Category,
    /// GMDN code.
    Gmdn,
    /// Who makes it.
    Maker,
    /// What it is called: a family of devices.
    Brand,
    /// Catalogue number.
    Reference,
    /// Size.
    Size,
    /// OPCS-4 code of the operation.
    Procedure,
    /// ODS code of the site.
    Site,
    /// Side of the body.
    Side,
    /// The patient's sex.
    Sex,
    /// The patient's age in years at the operation.
    Age,
    /// When it was implanted.
    Implanted,
    /// The last day of which anything is known.
    Until,
}

impl Term {
    /// Every term in the order in which a filter is written.
    pub const ALL: [Self; 14] = [
        Self::Device,
        Self::Category,
        Self::Gmdn,
        Self::Maker,
        Self::Brand,
        Self::Reference,
        Self::Size,
        Self::Procedure,
        Self::Site,
        Self::Side,
        Self::Sex,
        Self::Age,
        Self::Implanted,
        Self::Until,
    ];

    /// Its name in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Category => "category",
            Self::Gmdn => "gmdn",
            Self::Maker => "maker",
            Self::Brand => "brand",
            Self::Reference => "reference",
            Self::Size => "size",
            Self::Procedure => "procedure",
            Self::Site => "site",
            Self::Side => "side",
            Self::Sex => "sex",
            Self::Age => "age",
            Self::Implanted => "implanted",
            Self::Until => "until",
        }
    }

    /// Whether the catalogue answers it, and not the record of the operation.
    pub fn is_of_the_product(self) -> bool {
        self <= Self::Size
    }
}

/// A cohort, as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What each term of the product may be, in small letters but for the catalogue's own spelling being kept.
    pub products: BTreeMap<Term, BTreeSet<String>>,
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
    /// Implanted from this day on.
    pub from: Option<NaiveDate>,
    /// Implanted until this day.
    pub to: Option<NaiveDate>,
    /// The cut-off; none for the day of the snapshot.
    pub until: Option<NaiveDate>,
}

/// Why a filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// No colon.
    #[error("\"{0}\" is no term: write a name, a colon and a value, such as sex:female")]
    NoColon(String),
    /// A quote that is not closed.
    #[error("a quotation mark is not closed after \"{0}\"")]
    OpenQuote(String),
    /// No such term.
    #[error("there is no term \"{0}\"; the terms are {all}", all = Term::ALL.map(Term::word).join(", "))]
    NoTerm(String),
    /// The columns do not hold it.
    #[error("no cohort can be chosen by {0} yet: the registry's columns do not hold it")]
    NotInColumns(String),
    /// A term that stands twice.
    #[error("\"{0}:\" stands twice: separate its values by commas, as in {0}:a,b")]
    Twice(&'static str),
    /// No value.
    #[error("\"{0}:\" has no value")]
    Empty(&'static str),
    /// A value that is none of this term's.
    #[error("\"{value}\" cannot stand after {term}: {expected}")]
    Value {
        /// The term.
        term: &'static str,
        /// As it was written.
        value: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// More than can be counted one by one.
    #[error("the filter names {0} combinations of procedure, site, side and sex; {MOST_COMBINATIONS} are the most")]
    TooMany(usize),
    /// Longer than an address holds.
    #[error("a filter has at most {LONGEST} characters")]
    TooLong,
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        if text.chars().count() > LONGEST {
            return Err(FilterError::TooLong);
        }
        let mut filter = Self::default();
        let mut seen = BTreeSet::new();
        for (name, values) in terms(text)? {
            let word = name.to_lowercase();
            let term = Term::ALL.into_iter().find(|term| term.word() == word).ok_or_else(|| unknown(&name))?;
            if !seen.insert(term) {
                return Err(FilterError::Twice(term.word()));
            }
            if values.iter().any(String::is_empty) {
                return Err(FilterError::Empty(term.word()));
            }
            filter.take(term, &values)?;
        }
        match filter.combinations() {
            n if n > MOST_COMBINATIONS => Err(FilterError::TooMany(n)),
            _ => Ok(filter),
        }
    }
}

/// What people ask for that is not there yet is told apart from what is misspelt.
fn unknown(name: &str) -> FilterError {
    match name.to_lowercase().as_str() {
        "bmi" | "asa" | "bearing" | "fixation" | "surgeon" | "indication" => FilterError::NotInColumns(name.to_owned()),
        _ => FilterError::NoTerm(name.to_owned()),
    }
}

/// Splits a text into names and their values.
fn terms(text: &str) -> Result<Vec<(String, Vec<String>)>, FilterError> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let word = rest.split_whitespace().next().unwrap_or_default();
        let Some((name, _)) = word.split_once(':') else { return Err(FilterError::NoColon(word.to_owned())) };
        rest = &rest[name.len() + 1..];
        let mut values = vec![String::new()];
        let mut quoted = false;
        let mut end = rest.len();
        for (at, c) in rest.char_indices() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => values.push(String::new()),
                c if c.is_whitespace() && !quoted => {
                    end = at;
                    break;
                }
                c => values.last_mut().expect("there is one from the start").push(c),
            }
        }
        if quoted {
            return Err(FilterError::OpenQuote(format!("{name}:")));
        }
        rest = rest[end..].trim_start();
        out.push((name.to_owned(), values.into_iter().map(|value| value.trim().to_owned()).collect()));
    }
    Ok(out)
}

impl Filter {
    fn take(&mut self, term: Term, values: &[String]) -> Result<(), FilterError> {
        let wrong = |value: &str, expected| FilterError::Value { term: term.word(), value: value.to_owned(), expected };
        let each = values.iter().map(String::as_str);
        match term {
            Term::Device => {
                let ids: Result<_, _> = each
                    .map(|value| {
                        let id = value.parse::<uuid::Uuid>().map(|id| id.to_string());
                        id.map_err(|_| {
                            wrong(value, "write the product's identifier, as it stands in its page's address")
                        })
                    })
                    .collect();
                self.products.insert(term, ids?);
            }
            term if term.is_of_the_product() => drop(self.products.insert(term, values.iter().cloned().collect())),
            Term::Procedure => {
                for value in each {
                    let code = Opcs4::new(&value.replace('.', "").to_uppercase());
                    self.procedures.insert(code.map_err(|_| wrong(value, "write an OPCS-4 code, such as W37.1"))?);
                }
            }
            Term::Site => {
                for value in each {
                    let code = SiteCode::new(&value.to_uppercase());
                    self.sites.insert(code.map_err(|_| wrong(value, "write an ODS site code, such as RXX01"))?);
                }
            }
            Term::Side => {
                for value in each {
                    let side = SIDES.into_iter().find(|(word, _)| value.eq_ignore_ascii_case(word));
                    self.sides.insert(side.ok_or_else(|| wrong(value, "write left, right, bilateral or none"))?.1);
                }
            }
            Term::Sex => {
                for value in each {
                    let sex = SEXES.into_iter().find(|(word, _)| value.eq_ignore_ascii_case(word));
                    self.sexes.insert(sex.ok_or_else(|| wrong(value, "write female, male, other or unknown"))?.1);
                }
            }
            Term::Age => {
                let expected = "write years, such as 60..75, 60.. or ..75";
                let (from, to) = range(values).ok_or_else(|| wrong(&values.join(","), expected))?;
                let year = |text: &str, open: u8| {
                    if text.is_empty() { Ok(open) } else { text.parse().map_err(|_| wrong(text, expected)) }
                };
                let (from, to) = (year(from, 0)?, year(to, 254)?);
                self.ages = Some((from, to)).filter(|_| from <= to && to < 255);
                if self.ages.is_none() {
                    return Err(wrong(&values[0], "the first age is not to be above the second"));
                }
            }
            Term::Implanted => {
                let expected = "write years, months or days, such as 2015..2020, 2019-04.. or ..2026-06-30";
                let (from, to) = range(values).ok_or_else(|| wrong(&values.join(","), expected))?;
                let end = |text: &str, last| {
                    if text.is_empty() {
                        Ok(None)
                    } else {
                        day(text, last).map(Some).ok_or_else(|| wrong(text, expected))
                    }
                };
                (self.from, self.to) = (end(from, false)?, end(to, true)?);
                if self.from > self.to && self.to.is_some() {
                    return Err(wrong(&values[0], "the first day is not to be after the second"));
                }
            }
            _ => {
                let [value] = values else { return Err(wrong(&values.join(","), "write one day, such as 2026-06-30")) };
                let until = day(value, true).ok_or_else(|| wrong(value, "write a day, such as 2026-06-30"))?;
                self.until = Some(until);
            }
        }
        Ok(())
    }

    fn combinations(&self) -> usize {
        [self.procedures.len(), self.sites.len(), self.sides.len(), self.sexes.len()].map(|n| n.max(1)).iter().product()
    }

    /// The filters that one term less, or one of a term's several values less, would be; the cut-off stays.
    pub fn neighbours(&self) -> Vec<Self> {
        /// Without any, and without each where there are several.
        fn fewer<T: Ord + Clone>(of: &BTreeSet<T>) -> Vec<BTreeSet<T>> {
            if of.is_empty() {
                return Vec::new();
            }
            let without = |one: &T| of.iter().filter(|other| *other != one).cloned().collect();
            let each = if of.len() > 1 { of.iter().map(without).collect() } else { Vec::new() };
            std::iter::once(BTreeSet::new()).chain(each).collect()
        }
        let mut out = Vec::new();
        for (&term, values) in &self.products {
            for left in fewer(values) {
                let mut other = self.clone();
                other.products.remove(&term);
                if !left.is_empty() {
                    other.products.insert(term, left);
                }
                out.push(other);
            }
        }
        out.extend(fewer(&self.procedures).into_iter().map(|procedures| Self { procedures, ..self.clone() }));
        out.extend(fewer(&self.sites).into_iter().map(|sites| Self { sites, ..self.clone() }));
        out.extend(fewer(&self.sides).into_iter().map(|sides| Self { sides, ..self.clone() }));
        out.extend(fewer(&self.sexes).into_iter().map(|sexes| Self { sexes, ..self.clone() }));
        if self.ages.is_some() {
            out.push(Self { ages: None, ..self.clone() });
        }
        if self.from.is_some() || self.to.is_some() {
            out.push(Self { from: None, to: None, ..self.clone() });
        }
        out
    }

    /// The selections whose union this is, as of a day; no two share an implant.
    pub fn selections(&self, today: NaiveDate) -> Vec<Selection> {
        fn choices<T: Copy>(of: &BTreeSet<T>) -> Vec<Option<T>> {
            if of.is_empty() { vec![None] } else { of.iter().copied().map(Some).collect() }
        }
        let until = self.until.unwrap_or(today).min(today);
        let all = Selection { from: self.from, to: self.to, ages: self.ages, ..Selection::until(until) };
        let mut out = vec![all];
        out = choices(&self.procedures)
            .iter()
            .flat_map(|&procedure| out.iter().map(move |one| Selection { procedure, ..*one }))
            .collect();
        out = choices(&self.sites)
            .iter()
            .flat_map(|&site| out.iter().map(move |one| Selection { site, ..*one }))
            .collect();
        out = choices(&self.sides)
            .iter()
            .flat_map(|&side| out.iter().map(move |one| Selection { side, ..*one }))
            .collect();
        choices(&self.sexes).iter().flat_map(|&sex| out.iter().map(move |one| Selection { sex, ..*one })).collect()
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

/// Both ends of a range; a single value is both.
fn range(values: &[String]) -> Option<(&str, &str)> {
    let [value] = values else { return None };
    match value.split_once("..") {
        Some(("", "")) => None,
        Some(ends) => Some(ends),
        None => Some((value, value)),
    }
}

/// A year, a month or a day: its first day, or its last.
fn day(text: &str, last: bool) -> Option<NaiveDate> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(day).filter(|day| (1900..=2200).contains(&day.year()));
    }
    let (year, month) = match text.split_once('-') {
        Some((year, month)) if month.len() == 2 => (year, Some(month.parse::<u32>().ok()?)),
        Some(_) => return None,
        None => (text, None),
    };
    let year: i32 = Some(year).filter(|year| year.len() == 4)?.parse().ok()?;
    let (first, next) = match month {
        Some(12) => ((year, 12), (year + 1, 1)),
        Some(month) => ((year, month), (year, month + 1)),
        None => ((year, 1), (year + 1, 1)),
    };
    let begin = |(year, month)| NaiveDate::from_ymd_opt(year, month, 1);
    let first = begin(first).filter(|first| (1900..=2200).contains(&first.year()))?;
    if last { begin(next)?.pred_opt() } else { Some(first) }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut terms: Vec<String> = self
            .products
            .iter()
            .map(|(term, values)| format!("{}:{}", term.word(), listed(values.iter().map(String::as_str))))
            .collect();
        let mut some = |term: Term, values: Vec<String>| {
            if !values.is_empty() {
                terms.push(format!("{}:{}", term.word(), listed(values.iter().map(String::as_str))));
            }
        };
        some(Term::Procedure, self.procedures.iter().map(ToString::to_string).collect());
        some(Term::Site, self.sites.iter().map(SiteCode::text).collect());
        some(Term::Side, self.sides.iter().map(|side| side_word(*side).to_owned()).collect());
        some(Term::Sex, self.sexes.iter().map(|sex| sex_word(*sex).to_owned()).collect());
        if let Some((from, to)) = self.ages {
            let end = |age: u8, open: u8| if age == open { String::new() } else { age.to_string() };
            terms.push(format!(
                "age:{}..{}",
                if (from, to) == (0, 254) { "0".to_owned() } else { end(from, 0) },
                end(to, 254)
            ));
        }
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

/// Values separated by commas, in quotes where they need them.
fn listed<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let quoted = |value: &str| {
        if value.contains(|c: char| c.is_whitespace() || c == ',') { format!("\"{value}\"") } else { value.to_owned() }
    };
    values.map(quoted).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
