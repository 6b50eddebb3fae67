//! What a notice says beside what it covers: exceptions, units that are not affected, and what a page puts between its lines.

use super::codes;
use super::items::What;
use super::labels::{Field, label_at};
use super::text::Gap;
use super::walk::Walk;

impl Walk<'_, '_> {
    /// `except lots 1 and 2`: told to be left out, so nothing in it is read as recalled.
    pub fn exception(&mut self, i: usize) -> Option<usize> {
        let text = self.text;
        let starts = matches!(text.lower(i), "except" | "excluding" | "excludes" | "exclude" | "unless")
            || text.lower(i) == "other" && text.lower(i + 1) == "than"
            || text.lower(i) == "with" && text.lower(i + 1) == "the" && text.lower(i + 2) == "exception"
            || text.lower(i) == "apart" && text.lower(i + 1) == "from"
            || text.lower(i) == "but" && text.lower(i + 1) == "not"
            || text.lower(i) == "not" && matches!(text.lower(i + 1), "including" | "affected" | "impacted");
        if !starts {
            return None;
        }
        self.doubt_all();
        self.context = None;
        Some(self.clause_end(i))
    }

    /// What was said of "all" holds with a restriction that no criterion can tell.
    fn doubt_all(&mut self) {
        if let Some(item) = self.items.last_mut()
            && item.what == What::All
        {
            item.confidence = item.confidence.min(0.4);
        }
    }

    /// The token after the clause: past a semicolon, a sentence's end, or before a new line.
    pub fn clause_end(&self, i: usize) -> usize {
        let text = self.text;
        (i + 1..self.limit)
            .find(|j| {
                text.mark(*j) == Some(';')
                    || text.gap(*j) == Gap::Line
                    || text.mark(*j) == Some('.') && text.gap(j + 1) != Gap::None
            })
            .unwrap_or(self.limit)
    }

    /// Whether the sentence says of the units after a label that they are not affected: `Lot 7731 is NOT affected.`
    pub fn cleared(&self, i: usize) -> Option<usize> {
        let text = self.text;
        let end = self.clause_end(i);
        let first = (i + 1..end).find(|j| says_covered(text.lower(*j)))?;
        let denied = text.lower(first - 1) == "not" || first > 1 && text.lower(first - 2) == "not";
        // "Lots not affected: …" is a label of its own, and ends where its list does.
        (denied && text.mark(first + 1) != Some(':')).then_some(first + 1)
    }

    /// Whether between a label and the denial stand only the numbers that it denies: `REF 12-35 is not affected`, but not
    /// `REF 12-35, lots 1 to 9 (lot 4 is not affected)`.
    pub fn says_only_numbers(&self, from: usize, to: usize) -> bool {
        let text = self.text;
        let small =
            |word: &str| says_covered(word) || matches!(word, "is" | "are" | "was" | "were" | "not" | "and" | "or");
        (from..to).all(|j| matches!(text.mark(j), Some(',')) || codes::is_code(text.word(j)) || small(text.lower(j)))
    }

    /// What a page's foot or head puts between the lines of a list: `Page 2 of 4`, `FSN 2026-03 v1.0`.
    pub fn furniture(&self, i: usize) -> Option<usize> {
        let text = self.text;
        if text.gap(i) != Gap::Line || self.context.as_ref().is_none_or(|context| context.values == 0) {
            return None;
        }
        let end = (i + 1..self.limit).find(|j| text.gap(*j) == Gap::Line)?;
        let page = text.lower(i) == "page" && text.word(i + 1).bytes().all(|b| b.is_ascii_digit()) && end - i <= 4;
        let foot = matches!(text.lower(i), "fsn" | "fsca" | "confidential" | "version" | "rev" | "revision")
            && text.mark(i + 1) != Some(':')
            && end - i <= 5
            && (i + 1..end).all(|j| label_at(text, j).is_none_or(|label| label.fields[0] == Field::Other));
        (page || foot).then_some(end)
    }
}

/// Words that say of a unit that the notice is about it.
fn says_covered(word: &str) -> bool {
    matches!(word, "affected" | "impacted" | "included" | "recalled" | "concerned" | "subject" | "involved")
}
