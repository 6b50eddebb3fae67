//! Codes that no label announces: a product's number before the label of its lots, and a notice that is nothing but codes.

use super::codes;
use super::items::What;
use super::labels::{Field, label_at};
use super::text::{Gap, is_dash};
use super::walk::{Context, Walk, joins};

impl Walk<'_, '_> {
    /// A product's number that stands, without a label, before the label of its lots: `71338733, Lot Numbers: …`.
    pub fn head_without_label(&mut self, i: usize, after_part: bool) -> Option<usize> {
        let text = self.text;
        let end = codes::code_end(text, i, |j| label_at(text, j).is_some())?;
        let code = text.slice(i, end);
        let mut next = end;
        while matches!(text.mark(next), Some(',' | ':' | ';' | '/' | '('))
            || text.mark(next).is_some_and(is_dash)
            || text.mark(next) == Some('.') && text.gap(next + 1) != Gap::None
        {
            next += 1;
        }
        let label = label_at(text, next)?;
        if label.fields[0].is_unit() && self.cleared(next).is_some() {
            return None;
        }
        let list =
            self.context.as_ref().filter(|c| c.values > 0 && (c.fields[0].is_unit() || c.fields[0] == Field::Expiry));
        let before_units = label.fields.iter().any(|f| f.is_unit());
        let device = codes::is_bare_device(code);
        let head = if self.context.is_none() {
            (before_units || label.fields[0] == Field::Device) && (device || looks_like_reference(code))
        } else if let Some(list) = list {
            let apart = text.gap(i) >= Gap::Wide
                || list.commas
                    && !matches!(text.mark(i.wrapping_sub(1)), Some(','))
                    && !joins(text.lower(i.wrapping_sub(1)));
            before_units && codes::is_code(code) && (self.bare_heads || apart || after_part || device)
        } else {
            after_part && before_units && codes::is_code(code)
        };
        if !head {
            return None;
        }
        self.bare_heads |= self.context.is_none() && before_units && i == 0;
        let what = if device { What::Device(code.to_owned()) } else { What::Reference(code.to_owned()) };
        self.put(what, i, end, 0.7);
        self.context = None;
        Some(end)
    }

    /// A notice that is nothing but codes: most likely lots, but nothing says so.
    pub fn bare_list(&mut self) {
        let text = self.text;
        let words: Vec<usize> = (0..text.len()).filter(|i| text.is_word(*i)).collect();
        let codes = words.iter().filter(|i| codes::is_code(text.word(**i)) && text.word(**i).len() >= 4).count();
        if codes == 0 || codes * 10 < words.len() * 9 {
            return;
        }
        self.context = Some(Context { fields: vec![Field::Code], values: 1, closed: true, ..Context::default() });
        let mut i = 0;
        while i < text.len() {
            let heads = text.is_word(i) && text.mark(i + 1) == Some(':') && codes::is_code(text.word(i));
            i = if heads {
                // "74013138: 19CM12345, 19CM12346".
                self.put(What::Reference(text.word(i).to_owned()), i, i + 1, 0.35);
                i + 1
            } else if text.mark(i).is_some() {
                self.mark(i)
            } else {
                self.value(i)
            }
            .max(i + 1);
        }
    }
}

/// A product's number holds a digit and is no small count: `PO-2201`, `71338733`.
fn looks_like_reference(code: &str) -> bool {
    let number = code.contains('.')
        && code.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-'))
        && code.matches('.').count() == 1
        && code.len() < 7;
    !number
        && codes::is_code(code)
        && code.len() >= 4
        && code.bytes().filter(u8::is_ascii_digit).count() >= 2
        && code.bytes().any(|b| b.is_ascii_uppercase() || b == b'-' || code.len() >= 5)
}
