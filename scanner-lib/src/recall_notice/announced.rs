//! Whether what follows a word such as `lot` shows that it was meant as a label.

use super::codes;
use super::labels::noun;
use super::text::{Gap, Text, is_dash};

/// `DD/MM/YYYY`, `YYYY-MM-DD`.
pub(super) fn is_date_format(word: &str) -> bool {
    let upper = word.to_uppercase();
    upper.len() >= 2
        && upper.bytes().all(|b| matches!(b, b'D' | b'M' | b'Y' | b'-' | b'.'))
        && (upper.contains('Y') || upper.contains("MM") || upper.contains("DD"))
}

/// Whether a code stands at a token.
pub(super) fn announces_code(text: &Text<'_>, at: usize) -> bool {
    codes::code_end(text, at, |_| false).is_some_and(|end| codes::is_code(text.slice(at, end)))
}

/// Whether a range stands at a token that begins with a word: "from 300100 to 300180", "between A12 and A20".
fn announces_range(text: &Text<'_>, at: usize) -> bool {
    let begins = matches!(text.lower(at), "from" | "between");
    let end = codes::code_end(text, at + 1, |_| false).filter(|end| codes::is_code(text.slice(at + 1, *end)));
    begins
        && end.is_some_and(|end| {
            let joined = matches!(text.lower(end), "to" | "through" | "thru" | "until" | "till" | "and")
                || text.mark(end).is_some_and(is_dash);
            joined && announces_code(text, end + 1) || text.lower(end) == "up" && text.lower(end + 1) == "to"
        })
}

/// Whether what follows a word such as `lot` shows that it was meant as a label: a code, "all", or another label.
pub(super) fn announces(text: &Text<'_>, next: usize) -> bool {
    let at = if matches!(text.mark(next), Some('.' | '(' | '[')) { next + 1 } else { next };
    let word = text.word(at);
    announces_code(text, at)
        || announces_range(text, at)
        || text.lower(at) == "all"
        || (codes::is_letter_code(word) && word.len() <= 12 && text.gap(at) <= Gap::Space)
        || word.starts_with('+')
        || matches!(text.mark(at), Some('/')) && text.touches(at)
        || noun(text, at).is_some()
}

/// Whether a date follows within a few words: "expiring on or before 31 December 2025".
pub(super) fn announces_date(text: &Text<'_>, next: usize) -> bool {
    let words = (next..next + 6)
        .take_while(|j| {
            matches!(
                text.lower(*j),
                "on" | "or"
                    | "before"
                    | "prior"
                    | "to"
                    | "after"
                    | "between"
                    | "from"
                    | "up"
                    | "and"
                    | "including"
                    | "through"
                    | "until"
                    | "by"
                    | "in"
                    | "since"
                    | "end"
                    | "of"
                    | "the"
            )
        })
        .count();
    let at = next + words;
    super::dates::month(text.word(at)).is_some() && text.word(at + 1).starts_with(|c: char| c.is_ascii_digit())
        || words > 0
            && (text.word(at).starts_with(|c: char| c.is_ascii_digit()) || super::dates::month(text.word(at)).is_some())
}
