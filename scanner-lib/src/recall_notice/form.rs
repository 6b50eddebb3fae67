//! Forms: numbered lines that each announce something else, as in the template of a Field Safety Notice (MDCG 2022-11, annex).

use std::collections::HashSet;

use super::table::line_end;
use super::text::{Gap, Text};

/// Numbered lines from which on a notice is a form.
const FEW: usize = 3;

/// What the numbered lines of a notice are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbered {
    /// A list: each is about another device.
    List,
    /// Fields of a form about one device: `3. UDI-DI: …`, `5. Catalogue number: …`.
    Form,
}

/// What the numbered lines are. In a list the same words begin line after line.
pub(super) fn numbered(text: &Text<'_>) -> Numbered {
    let mut known = HashSet::new();
    let (mut many, mut i) = (0, 0);
    while i < text.len() {
        let end = line_end(text, i);
        if let Some(words) = announced(text, i, end) {
            if !known.insert(words) {
                return Numbered::List;
            }
            many += 1;
        }
        i = end;
    }
    if many >= FEW { Numbered::Form } else { Numbered::List }
}

/// The words between a line's number and its colon, where no code is among them.
fn announced<'t>(text: &Text<'t>, i: usize, end: usize) -> Option<&'t str> {
    let number = text.word(i);
    let numbered = text.gap(i) == Gap::Line
        && !number.is_empty()
        && number.len() <= 2
        && number.bytes().all(|b| b.is_ascii_digit())
        && matches!(text.mark(i + 1), Some('.' | ')'));
    if !numbered {
        return None;
    }
    let colon = (i + 2..end).find(|j| text.mark(*j) == Some(':'))?;
    let plain = (i + 2..colon).all(|j| !text.word(j).bytes().any(|b| b.is_ascii_digit()));
    (plain && colon > i + 2).then(|| text.slice(i + 2, colon))
}
