//! Dates as notices write them: `05/04/2024`, `2027/08`, `30 JUN 2027`, `Apr-25`, `July 31, 2027`.

use chrono::{Datelike, NaiveDate};

use super::text::{Gap, Text, is_dash};

/// How numbers alone are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// Day before month.
    pub day_first: bool,
    /// Whether the notice itself shows it, by a date that can be read in one way only.
    pub shown: bool,
}

/// A date as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// The day; the last of the month where none is given, as GS1 and the registry keep it.
    pub date: NaiveDate,
    /// The token after it.
    pub next: usize,
    /// Whether day and month may have changed places.
    pub doubtful: bool,
    /// Whether it may as well be a lot: `2026-07` or digits alone.
    pub loose: bool,
}

/// The order of day and month that the notice's own dates show; the American order where none does, unless the notice
/// speaks as British ones do.
pub(super) fn order(text: &Text<'_>) -> Order {
    for i in 0..text.len() {
        if let Some(((a, b), _)) = pair_and_year(text, i) {
            if a > 12 && b <= 12 {
                return Order { day_first: true, shown: true };
            }
            if b > 12 && a <= 12 {
                return Order { day_first: false, shown: true };
            }
        }
        if text.word(i).eq_ignore_ascii_case("dd") && text.mark(i + 1) == Some('/') {
            return Order { day_first: true, shown: true };
        }
    }
    let british = text
        .lower
        .iter()
        .any(|w| matches!(w.as_str(), "mhra" | "natpsa" | "catalogue" | "fsca" | "fsn" | "nhs" | "gov.uk" | "mdr"));
    Order { day_first: british || text.foreign, shown: false }
}

/// Two numbers and a year of four digits, joined by one mark: `05/04/2024`, `05-04-2024`.
fn pair_and_year(text: &Text<'_>, i: usize) -> Option<((u32, u32), usize)> {
    let (parts, next) = numbers(text, i)?;
    match parts[..] {
        [(a, 1..=2), (b, 1..=2), (_, 4)] => Some(((a, b), next)),
        _ => None,
    }
}

/// Numbers joined by slashes, hyphens or points, with their counts of digits, and the token after them.
fn numbers(text: &Text<'_>, i: usize) -> Option<(Vec<(u32, usize)>, usize)> {
    if !text.is_word(i) {
        return None;
    }
    let mut next = i + 1;
    while text.mark(next) == Some('/') && text.touches(next) && text.is_word(next + 1) && text.touches(next + 1) {
        next += 2;
    }
    let written = text.slice(i, next);
    let parts: Option<Vec<_>> = written
        .split(['/', '-', '.', '\u{2011}'])
        .map(|part| if part.len() <= 4 { part.parse().ok().map(|n| (n, part.len())) } else { None })
        .collect();
    let parts = parts?;
    ((2..=3).contains(&parts.len()) && written.bytes().all(|b| !matches!(b, b'+'))).then_some((parts, next))
}

/// The date at a token. With `labelled`, digits alone count too (`20240531`, `08/25`), for a label says that a date
/// stands here.
pub(super) fn date_at(text: &Text<'_>, i: usize, order: Order, labelled: bool) -> Option<Read> {
    named(text, i, labelled)
        .or_else(|| numeric(text, i, order, labelled))
        .or_else(|| if labelled { digits(text, i) } else { None })
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).filter(|d| (1950..=2099).contains(&d.year()))
}

fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    day(year, month, 1)?.checked_add_months(chrono::Months::new(1))?.pred_opt()
}

fn century(year: u32) -> i32 {
    2000 + i32::try_from(year).unwrap_or(0)
}

fn numeric(text: &Text<'_>, i: usize, order: Order, labelled: bool) -> Option<Read> {
    let (parts, next) = numbers(text, i)?;
    let sure = |date: Option<NaiveDate>| date.map(|date| Read { date, next, doubtful: false, loose: false });
    let year = |n: u32| i32::try_from(n).unwrap_or(0);
    match parts[..] {
        [(y, 4), (m, 1..=2), (d, 1..=2)] => sure(day(year(y), m, d)),
        [(a, 1..=2), (b, 1..=2), (y, 4)] => two(a, b, year(y), order, next),
        [(a, 1..=2), (b, 1..=2), (y, 2)] if labelled || text.slice(i, next).contains('/') => {
            two(a, b, century(y), order, next).or_else(|| sure(day(century(a), b, y)))
        }
        [(m, 1..=2), (y, 4)] if text.slice(i, next).contains('/') || labelled => sure(month_end(year(y), m)),
        [(y, 4), (m, 1..=2)] if !text.slice(i, next).contains('.') => {
            let loose = text.slice(i, next).contains('-') && !labelled;
            sure(month_end(year(y), m)).map(|read| Read { loose, ..read })
        }
        [(m, 1..=2), (y, 2)] if labelled && !text.slice(i, next).contains('.') => {
            sure(month_end(century(y), m)).map(|read| Read { doubtful: true, ..read })
        }
        _ => None,
    }
}

fn two(a: u32, b: u32, year: i32, order: Order, next: usize) -> Option<Read> {
    let (month_first, day_first) = (day(year, a, b), day(year, b, a));
    let preferred = if order.day_first { day_first } else { month_first };
    let date = preferred.or(day_first).or(month_first)?;
    let doubtful = month_first.is_some() && day_first.is_some() && month_first != day_first && !order.shown;
    Some(Read { date, next, doubtful, loose: false })
}

/// Digits alone after a label: `20240531`, `05312024`, `240531`.
fn digits(text: &Text<'_>, i: usize) -> Option<Read> {
    let word = text.word(i);
    if !word.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| word.get(from..to).and_then(|p| p.parse::<u32>().ok());
    let year = |n: u32| i32::try_from(n).unwrap_or(0);
    let date = match word.len() {
        8 => day(year(part(0, 4)?), part(4, 6)?, part(6, 8)?)
            .filter(|d| d.year() >= 2000)
            .or_else(|| day(year(part(4, 8)?), part(0, 2)?, part(2, 4)?))?,
        6 if matches!(part(0, 4)?, 2000..=2060) && (1..=12).contains(&part(4, 6)?) => {
            month_end(year(part(0, 4)?), part(4, 6)?)?
        }
        6 => match part(4, 6)? {
            0 => month_end(century(part(0, 2)?), part(2, 4)?)?,
            d => day(century(part(0, 2)?), part(2, 4)?, d)?,
        },
        _ => return None,
    };
    Some(Read { date, next: i + 1, doubtful: word.len() == 6, loose: true })
}

const GERMAN: [&str; 12] = [
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
];
const FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

pub(super) fn month(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.').to_lowercase();
    if word == "sept" {
        return Some(9);
    }
    let place = NAMES.iter().position(|name| word == *name || word.len() == 3 && name.starts_with(&word));
    let place =
        place.or_else(|| [GERMAN, FRENCH].iter().find_map(|names| names.iter().position(|name| word == *name)))?;
    u32::try_from(place + 1).ok()
}

/// A piece of a date in which the month has its name.
enum Piece {
    Month(u32),
    Number(u32, usize),
}

/// A date whose month has its name, in any order and with any marks between: at most one day and one year.
fn named(text: &Text<'_>, i: usize, labelled: bool) -> Option<Read> {
    let mut pieces: Vec<(Piece, usize)> = Vec::new();
    let mut at = i;
    while pieces.len() < 3 && text.is_word(at) {
        if at > i && text.gap(at) >= Gap::Tab {
            break;
        }
        let mut found = pieces_of(text.word(at))?;
        if pieces.len() + found.len() > 3 {
            break;
        }
        for piece in found.drain(..) {
            pieces.push((piece, at + 1));
        }
        at += 1;
        // Marks between the pieces of one date.
        if let Some(c) = text.mark(at)
            && text.is_word(at + 1)
            && (matches!(c, '/' | '.')
                || is_dash(c)
                || c == ',' && matches!(pieces.last(), Some((Piece::Number(_, 1..=2), _))))
            && pieces_of(text.word(at + 1)).is_some()
        {
            at += 1;
        } else if pieces_of(text.word(at)).is_none() {
            break;
        }
    }
    // The longest run that is a date.
    (2..=pieces.len()).rev().find_map(|many| assemble(&pieces[..many], labelled))
}

fn assemble(pieces: &[(Piece, usize)], labelled: bool) -> Option<Read> {
    let next = pieces.last()?.1;
    let months: Vec<u32> =
        pieces.iter().filter_map(|(p, _)| if let Piece::Month(m) = p { Some(*m) } else { None }).collect();
    let [month] = months[..] else { return None };
    let numbers: Vec<(u32, usize)> =
        pieces.iter().filter_map(|(p, _)| if let Piece::Number(n, d) = p { Some((*n, *d)) } else { None }).collect();
    let year = |n: u32| i32::try_from(n).unwrap_or(0);
    let date = match numbers[..] {
        [(y, 4)] => month_end(year(y), month),
        [(y, 2)] if labelled || matches!(pieces[0].0, Piece::Month(_)) => month_end(century(y), month),
        [(d, 1..=2), (y, 4)] | [(y, 4), (d, 1..=2)] => day(year(y), month, d),
        [(d, 1..=2), (y, 2)] => day(century(y), month, d),
        _ => None,
    }?;
    Some(Read { date, next, doubtful: false, loose: false })
}

/// `30`, `JUN`, `30JUN2027`, `Apr-25`, `31st`; nothing where the word holds anything else.
fn pieces_of(word: &str) -> Option<Vec<Piece>> {
    if word.is_empty() || word.len() > 17 {
        return None;
    }
    let mut pieces = Vec::new();
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            if length > 4 || length == 3 {
                return None;
            }
            pieces.push(Piece::Number(rest[..length].parse().ok()?, length));
            rest = &rest[length..];
            for ordinal in ["st", "nd", "rd", "th", "er"] {
                rest = rest
                    .strip_prefix(ordinal)
                    .filter(|r| !r.starts_with(|c: char| c.is_alphanumeric()))
                    .unwrap_or(rest);
            }
        } else if c.is_alphabetic() {
            let length = rest.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
            pieces.push(Piece::Month(month(&rest[..length])?));
            rest = &rest[length..];
        } else if matches!(c, '-' | '.' | '\u{2011}') {
            rest = &rest[c.len_utf8()..];
        } else {
            return None;
        }
    }
    Some(pieces)
}
