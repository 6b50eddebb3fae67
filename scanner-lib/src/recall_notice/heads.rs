//! What names a device: its identifier, its catalogue number.

use super::codes::{self, Shape};
use super::dates;
use super::items::What;
use super::labels::label_at;
use super::text::Gap;
use super::values::says_nothing;
use super::walk::Walk;

impl Walk<'_, '_> {
    pub fn device(&mut self, i: usize) -> usize {
        let text = self.text;
        if let Some((digits, next)) = self.spaced_digits(i) {
            self.put(What::Device(digits), i, next, 0.9);
            return self.counted(next);
        }
        let confidence = match codes::shape(text.word(i)) {
            Shape::Gtin => 0.95,
            Shape::Hibc => 0.85,
            Shape::Broken => 0.5,
            Shape::Number => 0.35,
            Shape::No => {
                let end = codes::code_end(text, i, |j| label_at(text, j).is_some()).unwrap_or(i + 1);
                return if codes::is_code(text.slice(i, end)) {
                    self.context = None;
                    end
                } else {
                    self.stranger(i)
                };
            }
        };
        self.put(What::Device(text.word(i).to_owned()), i, i + 1, confidence);
        self.counted(i + 1)
    }

    /// `8 904288 626025`, `0-08-50012-34567-8`: a device identifier that blanks or hyphens divide.
    fn spaced_digits(&self, i: usize) -> Option<(String, usize)> {
        let text = self.text;
        let plain = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !plain(text.word(i)) {
            return None;
        }
        let mut digits = String::new();
        let mut found = None;
        for j in i..(i + 6).min(self.limit) {
            if !plain(text.word(j)) || j > i && text.gap(j) != Gap::Space {
                break;
            }
            digits.push_str(&codes::digits_of(text.word(j)));
            let many = j > i || text.word(j).contains('-');
            if many && (12..=14).contains(&digits.len()) && codes::shape(&digits) == Shape::Gtin {
                found = Some((digits.clone(), j + 1));
            }
            if digits.len() >= 14 || j == i && codes::shape(&digits) == Shape::Gtin && digits.len() >= 12 {
                break;
            }
        }
        found
    }

    pub fn reference(&mut self, i: usize) -> usize {
        let text = self.text;
        let Some(end) = codes::code_end(text, i, |j| label_at(text, j).is_some()) else {
            return i + 1;
        };
        let code = text.slice(i, end);
        if codes::is_bare_device(code) && code.len() >= 13 {
            self.put(What::Device(code.to_owned()), i, end, 0.7);
            return self.counted(end);
        }
        if let Some(read) = dates::date_at(text, i, self.order, false).filter(|r| !r.loose) {
            return read.next;
        }
        if self.is_count(i, end) {
            return end + 1;
        }
        let (values, closed, commas) =
            self.context.as_ref().map_or((0, false, false), |c| (c.values, c.closed, c.commas));
        if codes::is_code(code) && (values == 0 || code.len() >= 2) {
            self.put(What::Reference(code.to_owned()), i, end, 0.9);
            return self.counted(end);
        }
        if closed
            && (values == 0 || commas && matches!(text.mark(i.wrapping_sub(1)), Some(',' | ';')))
            && !says_nothing(text.lower(i))
        {
            let stop = self.chunk_end(i);
            let many = (i..stop).filter(|j| text.is_word(*j)).count();
            let words = text.slice(i, stop);
            let digit = words.bytes().any(|b| b.is_ascii_digit());
            if many <= 5
                && (digit || many == 1 && codes::is_letter_code(words))
                && !codes::is_masked(words)
                && words.len() <= 60
                && !says_not(text.lower(i))
            {
                self.put(What::Reference(words.to_owned()), i, stop, 0.6);
                return self.counted(stop);
            }
        }
        self.stranger(i)
    }

    /// Where the words that belong together end: at a mark, a label, or a wide gap.
    fn chunk_end(&self, i: usize) -> usize {
        let text = self.text;
        (i + 1..self.limit)
            .find(|j| {
                text.gap(*j) >= Gap::Wide
                    || matches!(text.mark(*j), Some(c) if !matches!(c, '/' | '&' | '#' | '+'))
                    || label_at(text, *j).is_some()
            })
            .unwrap_or(self.limit)
    }

    /// `10 mm`, `25 units`: a measure or a count.
    pub fn is_count(&self, i: usize, end: usize) -> bool {
        let number = self.text.slice(i, end);
        number.len() <= 7
            && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && matches!(
                self.text.lower(end),
                "mm" | "cm"
                    | "ml"
                    | "mg"
                    | "kg"
                    | "g"
                    | "fr"
                    | "cc"
                    | "units"
                    | "unit"
                    | "pcs"
                    | "pieces"
                    | "each"
                    | "ea"
                    | "boxes"
                    | "cases"
                    | "devices"
                    | "kits"
                    | "months"
                    | "years"
                    | "days"
                    | "hours"
                    | "degrees"
                    | "inch"
                    | "inches"
                    | "x"
                    | "gauge"
                    | "french"
                    | "systems"
                    | "packs"
                    | "cartons"
                    | "eaches"
                    | "weeks"
                    | "per"
            )
    }
}

fn says_not(word: &str) -> bool {
    matches!(word, "none" | "n" | "n/a" | "na" | "unknown" | "tbd" | "various" | "see" | "not" | "all" | "multiple")
}
