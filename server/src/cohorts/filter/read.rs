//! Reads a filter from its text.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{Datelike as _, NaiveDate};

use super::{Filter, LONGEST, MOST_COMBINATIONS, SEXES, SIDES, Term, attribute_of};
use crate::analysis::cohort::{Indication, Opcs4, SiteCode};

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
    #[error(
        "there is no term \"{0}\"; the terms are {all}, bearing, fixation, and attribute.NAME for any other attribute of products",
        all = Term::ALL.map(Term::word).join(", ")
    )]
    NoTerm(String),
    /// A term that stands twice.
    #[error("\"{0}:\" stands twice: separate its values by commas, as in {0}:a,b")]
    Twice(String),
    /// No value.
    #[error("\"{0}:\" has no value")]
    Empty(String),
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
    #[error(
        "the filter names {0} combinations of procedure, site, side, sex, surgeon, indication and ASA grade; {MOST_COMBINATIONS} are the most"
    )]
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
            if values.iter().any(String::is_empty) {
                return Err(FilterError::Empty(word));
            }
            match (Term::ALL.into_iter().find(|term| term.word() == word), attribute_of(&word)) {
                (Some(term), _) => filter.take(term, &values)?,
                (None, Some(attribute)) => {
                    let values = values.iter().map(|value| value.to_lowercase()).collect();
                    filter.attributes.insert(attribute.to_owned(), values);
                }
                (None, None) => return Err(FilterError::NoTerm(name)),
            }
            if !seen.insert(word.clone()) {
                return Err(FilterError::Twice(word));
            }
        }
        match filter.combinations() {
            n if n > MOST_COMBINATIONS => Err(FilterError::TooMany(n)),
            _ => Ok(filter),
        }
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
            Term::Age | Term::Bmi | Term::Surgeon | Term::Indication | Term::Asa => self.take_person(term, values)?,
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

    /// Terms of the patient and of the operation.
    fn take_person(&mut self, term: Term, values: &[String]) -> Result<(), FilterError> {
        let wrong = |value: &str, expected| FilterError::Value { term: term.word(), value: value.to_owned(), expected };
        let each = values.iter().map(String::as_str);
        match term {
            Term::Age => {
                let expected = "write years, such as 60..74, 60.. or ..75";
                self.ages = Some(whole_numbers(term, values, expected, "the first age is not to be above the second")?);
            }
            Term::Bmi => {
                let expected = "write whole numbers, such as 25..29, 40.. or ..18";
                self.bmi = Some(whole_numbers(term, values, expected, "the first is not to be above the second")?);
            }
            Term::Surgeon => {
                for value in each {
                    let id =
                        value.parse().map_err(|_| wrong(value, "write the surgeon's identifier in the registry"))?;
                    self.surgeons.insert(id);
                }
            }
            Term::Indication => {
                for value in each {
                    let of = Indication::new(value).ok_or_else(|| wrong(value, "write why the operation was done"))?;
                    self.indications.insert(of);
                }
            }
            _ => {
                for value in each {
                    let grade = value.parse().ok().filter(|grade| (1..=6).contains(grade));
                    self.asa.insert(grade.ok_or_else(|| wrong(value, "write a grade from 1 to 6"))?);
                }
            }
        }
        Ok(())
    }
}

/// Both ends of a range of whole numbers from 0 to 254, both included.
fn whole_numbers(
    term: Term,
    values: &[String],
    expected: &'static str,
    order: &'static str,
) -> Result<(u8, u8), FilterError> {
    let wrong = |value: &str, expected| FilterError::Value { term: term.word(), value: value.to_owned(), expected };
    let (from, to) = range(values).ok_or_else(|| wrong(&values.join(","), expected))?;
    let end = |text: &str, open: u8| {
        if text.is_empty() { Ok(open) } else { text.parse().map_err(|_| wrong(text, expected)) }
    };
    let (from, to) = (end(from, 0)?, end(to, 254)?);
    Some((from, to)).filter(|_| from <= to && to < 255).ok_or_else(|| wrong(&values[0], order))
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
