//! What marks do between the words: they end lists, open remarks, and tie lots to a product's number.

use super::codes;
use super::items::What;
use super::labels::{Field, label_at};
use super::text::Gap;
use super::walk::{Context, Walk};

impl Walk<'_, '_> {
    pub fn mark(&mut self, i: usize) -> usize {
        let text = self.text;
        match text.mark(i) {
            Some('(' | '[') => return self.parenthesis(i),
            Some(')' | ']') => {
                if let Some(context) = self.outer.pop() {
                    self.context = context;
                }
                self.used[i] = true;
            }
            Some(',' | ';' | '|' | '\u{2022}') => {
                self.used[i] = text.mark(i) != Some(',') || self.field().is_some_and(|f| f != Field::Other);
                if self.field() == Some(Field::Other) && text.mark(i) != Some(',') {
                    self.context = None;
                } else if let Some(context) = &mut self.context {
                    context.commas |= text.mark(i) == Some(',') && context.values > 0;
                    context.strange = context.strange.min(1);
                }
            }
            Some('.') if text.gap(i + 1) != Gap::None && self.field() == Some(Field::Other) => self.context = None,
            // "Affected lots: REF SL-20: 120044, 120045".
            Some(':') => {
                if let Some(context) = &self.context
                    && context.fields == [Field::Reference]
                    && context.values > 0
                    && let Some(units) = context.before
                {
                    self.used[i] = true;
                    self.context = Some(Context { fields: vec![units], closed: true, ..Context::default() });
                }
            }
            _ => {}
        }
        i + 1
    }

    /// What stands in parentheses: a date or labels of its own are read, a remark is passed over.
    fn parenthesis(&mut self, i: usize) -> usize {
        let text = self.text;
        let Some(close) = (i + 1..(i + 400).min(self.limit)).find(|j| matches!(text.mark(*j), Some(')' | ']'))) else {
            return i + 1;
        };
        let inside = i + 1;
        let labelled =
            (inside..close).any(|j| label_at(text, j).is_some_and(|l| l.next <= close && l.fields[0] != Field::Other));
        let opens_list = self.context.as_ref().is_some_and(|c| c.values == 0 && c.fields[0] != Field::Other);
        let whole = codes::code_end(text, inside, |_| false) == Some(close);
        let device = whole && codes::is_bare_device(text.slice(inside, close));
        if labelled || opens_list || device {
            self.used[i] = true;
            self.outer.push(self.context.clone());
            if device && !labelled {
                self.context = Some(Context { fields: vec![Field::Device], ..Context::default() });
            }
            return inside;
        }
        if self.codes_alone(inside, close) {
            self.lots_inside = true;
            self.used[i] = true;
            self.outer.push(self.context.clone());
            self.context = Some(Context { fields: vec![Field::Code], values: 1, ..Context::default() });
            return inside;
        }
        if let Some((period, end)) = self.period(inside, true)
            && end >= close
            && self.items.last().is_some_and(|item| item.what != What::Broken)
            && self.context.as_ref().is_some_and(|c| c.fields.iter().any(|f| f.is_unit() || *f == Field::Expiry))
        {
            self.put(What::Expiry(period), i, close + 1, 0.75);
        }
        close + 1
    }

    /// `190-10-50 (51901, 51902)`: several codes and nothing else, behind a product's number. Where that was so before, one
    /// code is enough.
    fn codes_alone(&self, from: usize, close: usize) -> bool {
        let text = self.text;
        let behind = self
            .context
            .as_ref()
            .is_some_and(|c| c.values > 0 && matches!(c.fields[..], [Field::Reference | Field::Device]));
        let words = (from..close).filter(|j| text.is_word(*j)).count();
        let codes = (from..close).all(|j| {
            if text.is_word(j) {
                codes::is_code(text.word(j)) && text.word(j).len() >= 4
            } else {
                matches!(text.mark(j), Some(',' | ';'))
            }
        });
        behind && codes && (words >= 2 || words == 1 && self.lots_inside)
    }
}
