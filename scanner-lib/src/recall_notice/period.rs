//! Dates from one to another: `2024-05-31`, `before May 2021`, `between … and …`, `… through …`.

use super::dates;
use super::items::Period;
use super::text::{Text, is_dash};
use super::walk::Walk;

/// A period at a token: `2024-05-31`, `before May 2021`, `between … and …`, `… through …`.
pub(super) fn period(walk: &Walk<'_, '_>, i: usize, labelled: bool) -> Option<(Period, usize)> {
    let text = walk.text;
    let mut at = i;
    while matches!(
        text.lower(at),
        "on" | "dated" | "of" | "in" | "is" | "are" | "from" | "ranging" | "date" | "dates" | "by" | "end" | "the"
    ) && text.lower(at + 1) != "or"
        || matches!(text.mark(at), Some(':' | '.'))
    {
        at += 1;
    }
    let read = |at: usize| dates::date_at(text, at, walk.order, labelled);
    let (one, end) = (text.lower(at), text.lower(at + 1));
    let upto = match (one, end) {
        ("up", "to") if text.lower(at + 2) == "and" && text.lower(at + 3) == "including" => Some(4),
        ("up" | "prior", "to") | ("earlier", "than") => Some(2),
        ("on", "or") if matches!(text.lower(at + 2), "before" | "prior") => {
            Some(if text.lower(at + 3) == "to" { 4 } else { 3 })
        }
        ("before" | "until" | "through" | "till", _) => Some(1),
        _ => None,
    };
    let past_the = |at: usize| at + usize::from(text.lower(at) == "the");
    if let Some(words) = upto {
        let read = read(past_the(at + words))?;
        return Some((Period { from: None, to: Some(read.date) }, read.next));
    }
    let since = match (one, end) {
        ("on", "or") if text.lower(at + 2) == "after" => Some(3),
        ("after" | "since", _) => Some(1),
        ("starting" | "beginning", _) => Some(1 + usize::from(matches!(end, "from" | "in" | "on"))),
        _ => None,
    };
    if let Some(words) = since {
        let read = read(past_the(at + words))?;
        return Some((Period { from: Some(read.date), to: None }, read.next));
    }
    let between = one == "between";
    let first = read(past_the(at + usize::from(between)))?;
    let mut next = first.next;
    if text.mark(next) == Some(',') && text.lower(next + 1) == "and" {
        next += 1;
    }
    let (one, two) = (text.lower(next), text.lower(next + 1));
    if matches!(one, "and" | "or") && matches!(two, "earlier" | "before" | "prior" | "older" | "below") {
        return Some((Period { from: None, to: Some(first.date) }, next + 2));
    }
    if matches!(one, "and" | "or") && matches!(two, "later" | "after" | "newer" | "beyond") {
        return Some((Period { from: Some(first.date), to: None }, next + 2));
    }
    let joined = matches!(one, "to" | "through" | "thru" | "until" | "till")
        || one == "and" && between
        || text.mark(next).is_some_and(is_dash);
    if joined
        && let Some(last) = read(past_the(next + 1))
        && first.date <= last.date
    {
        // The first end of months is the first day of its month.
        let from = if text.slice(i, first.next).contains(|c: char| c.is_ascii_alphanumeric())
            && first.date.succ_opt().is_some_and(|d| chrono::Datelike::day(&d) == 1)
            && !day_written(text, at, first.next)
        {
            chrono::Datelike::with_day(&first.date, 1)
        } else {
            Some(first.date)
        };
        return Some((Period { from, to: Some(last.date) }, last.next));
    }
    Some((Period::day(first.date), first.next))
}

/// Whether the words of a date hold a day beside month and year.
fn day_written(text: &Text<'_>, from: usize, to: usize) -> bool {
    let written = text.slice(from, to);
    let groups = written
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|g| g.bytes().any(|b| b.is_ascii_digit()) || dates::month(g).is_some())
        .count();
    groups >= 3 || written.len() >= 8 && groups == 1
}
