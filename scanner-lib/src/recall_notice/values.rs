//! A value in the context of its label.

use super::codes;
use super::dates;
use super::items::{Period, What};
use super::labels::{Field, label_at};
use super::walk::{Context, Walk};

/// Words that stand between a label and its values, or between values, and say nothing.
pub(super) fn says_nothing(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "the"
            | "following"
            | "affected"
            | "impacted"
            | "involved"
            | "recalled"
            | "are"
            | "is"
            | "as"
            | "follows"
            | "of"
            | "with"
            | "for"
            | "number"
            | "numbers"
            | "include"
            | "includes"
            | "including"
            | "only"
            | "listed"
            | "below"
            | "these"
            | "this"
            | "those"
            | "device"
            | "devices"
            | "product"
            | "products"
            | "unit"
            | "units"
            | "in"
            | "on"
            | "from"
            | "between"
            | "ranging"
            | "range"
            | "ranges"
            | "both"
            | "also"
            | "&"
            | "by"
            | "dated"
            | "were"
            | "was"
            | "within"
            | "inclusive"
            | "any"
            | "to"
            | "at"
            | "a"
            | "an"
    )
}

impl Walk<'_, '_> {
    /// A value in the context of the label before.
    pub fn value(&mut self, i: usize) -> usize {
        let Some(context) = &self.context else {
            return i + 1;
        };
        if context.fields.len() > 1 {
            return self.cell_by_shape(i);
        }
        match context.fields[0] {
            Field::Device => self.device(i),
            Field::Reference => self.reference(i),
            Field::Lot | Field::Serial | Field::Either | Field::Code => self.unit(i),
            Field::Expiry => self.dated(i, What::Expiry),
            Field::Manufacture => self.dated(i, What::Manufacture),
            Field::Production | Field::Other => i + 1,
        }
    }

    pub fn counted(&mut self, next: usize) -> usize {
        if let Some(context) = &mut self.context {
            context.values += 1;
            context.strange = 0;
        }
        next
    }

    /// A word that is no value: after a value it ends the list, before one it is passed over for a while.
    pub fn stranger(&mut self, i: usize) -> usize {
        let text = self.text;
        let word = text.lower(i);
        if word == "n" && text.mark(i + 1) == Some('/') && text.lower(i + 2) == "a" {
            return i + 3;
        }
        if says_nothing(word) {
            self.used[i] = true;
            return i + 1;
        }
        let capitals = text.word(i).bytes().all(|b| b.is_ascii_uppercase());
        if let Some(context) = &mut self.context {
            context.strange += 1;
            let most = if context.values > 0 { usize::from(capitals) } else { 4 };
            if context.strange > most {
                self.leave_unread(i);
                self.context = None;
            }
        }
        i + 1
    }

    fn dated(&mut self, i: usize, what: fn(Period) -> What) -> usize {
        let text = self.text;
        // After a date in a list of lots, digits alone are the next lot: "220706 Exp. 05/04/2024;  221122 Exp. …".
        let in_list = self.context.as_ref().is_some_and(|c| c.values > 0 && c.before.is_some());
        if let Some((period, next)) = self.period(i, !in_list) {
            let doubtful = dates::date_at(text, i, self.order, true).is_some_and(|r| r.doubtful);
            self.put(what(period), i, next, if doubtful { 0.7 } else { 0.9 });
            return self.counted(next);
        }
        let (values, before) = self.context.as_ref().map_or((0, None), |c| (c.values, c.before));
        let end = codes::code_end(text, i, |j| label_at(text, j).is_some()).unwrap_or(i + 1);
        if values > 0
            && let Some(field) = before
            && codes::is_code(text.slice(i, end))
        {
            // The list goes on after a date: "220706 Exp. 05/04/2024;  221122 Exp. …".
            self.context = Some(Context { fields: vec![field], values: 1, ..Default::default() });
            return self.unit(i);
        }
        self.stranger(i)
    }
}
