//! The walk through a notice, word by word: labels open a context, and values are read in it.

use super::carriers;
use super::codes;
use super::dates::{self, Order};
use super::form::{self, Numbered};
use super::items::{Item, Period, What};
use super::labels::{Field, Label, label_at};
use super::text::{Gap, Text};

/// What the label before announced, and what has come since.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    pub fields: Vec<Field>,
    pub closed: bool,
    /// Values read since the label.
    pub values: usize,
    /// Words since the label, or the last value, that were not understood.
    pub strange: usize,
    /// Whether a comma divides the values.
    pub commas: bool,
    /// The column that was filled last, where one label heads several.
    pub column: Option<usize>,
    /// What was listed before an expiry date interrupted the list.
    pub before: Option<Field>,
    /// Whether the values are an enumerated list: `1) 4410221`.
    pub enumerated: bool,
}

pub(super) struct Walk<'a, 't> {
    pub text: &'a Text<'t>,
    pub items: Vec<Item>,
    pub used: Vec<bool>,
    pub context: Option<Context>,
    pub outer: Vec<Option<Context>>,
    pub order: Order,
    pub year: i32,
    /// Whether the notice puts a product's number, without a label, before the label of its lots.
    pub bare_heads: bool,
    /// Where only parts of the text are read: a table's cell.
    pub limit: usize,
    /// Whether the notice lists lots in parentheses behind a product's number, without saying that they are lots.
    pub lots_inside: bool,
    last_part: (u32, char),
    part_before: bool,
    numbered: Numbered,
}

impl<'a, 't> Walk<'a, 't> {
    pub fn new(text: &'a Text<'t>, year: i32) -> Self {
        Self {
            text,
            items: Vec::new(),
            used: vec![false; text.len()],
            context: None,
            outer: Vec::new(),
            order: dates::order(text),
            year,
            bare_heads: false,
            limit: text.len(),
            lots_inside: false,
            last_part: (0, '`'),
            part_before: false,
            numbered: form::numbered(text),
        }
    }

    pub fn all(mut self) -> (Vec<Item>, Vec<bool>) {
        self.stretch(0, self.text.len());
        self.leave_unread(self.text.len());
        if self.items.iter().all(|item| matches!(item.what, What::Part | What::Broken)) {
            self.bare_list();
        }
        (self.items, self.used)
    }

    /// Reads the tokens from one to another.
    pub fn stretch(&mut self, from: usize, to: usize) {
        let outer = std::mem::replace(&mut self.limit, to);
        let mut i = from;
        while i < to {
            i = self.step(i).max(i + 1);
        }
        self.limit = outer;
    }

    pub fn put(&mut self, what: What, from: usize, to: usize, confidence: f64) {
        self.put_at(what, self.text.span(from, to), confidence);
        self.used[from..to.min(self.text.len())].fill(true);
    }

    fn put_at(&mut self, what: What, span: (usize, usize), confidence: f64) {
        self.items.push(Item { what, span, confidence });
    }

    pub fn use_up(&mut self, from: usize, to: usize) {
        self.used[from..to.min(self.text.len())].fill(true);
    }

    pub fn field(&self) -> Option<Field> {
        self.context.as_ref().and_then(|c| c.fields.first().copied())
    }

    fn step(&mut self, i: usize) -> usize {
        let text = self.text;
        if text.gap(i) == Gap::Line
            && self.limit == text.len()
            && let Some(next) = self.table(i).or_else(|| self.columns(i))
        {
            return next;
        }
        if let Some(next) = self.element(i) {
            return next;
        }
        if let Some(next) = self.furniture(i) {
            return next;
        }
        if let Some(next) = self.part(i) {
            return next;
        }
        let after_part = std::mem::take(&mut self.part_before);
        if let Some(next) = self.carrier(i) {
            return next;
        }
        if let Some(next) = self.exception(i) {
            return next;
        }
        if let Some(next) = self.every(i).or_else(|| self.respectively(i)) {
            return next;
        }
        if let Some(label) = label_at(text, i) {
            return self.label(i, label);
        }
        if text.mark(i).is_some() {
            return self.mark(i);
        }
        if let Some(next) = self.head_without_label(i, after_part) {
            return next;
        }
        match self.field() {
            Some(Field::Other) => self.other(i),
            Some(_) => self.value(i),
            None => self.loose(i),
        }
    }

    /// `2)`, `(b)`, `3.` in their order: what follows belongs together.
    fn part(&mut self, i: usize) -> Option<usize> {
        let text = self.text;
        let open = usize::from(text.mark(i) == Some('('));
        let word = text.word(i + open);
        let closed = text.mark(i + open + 1)?;
        let starts = i == 0 || text.gap(i) != Gap::None || matches!(text.mark(i - 1), Some(':' | ';' | ','));
        let fits = text.touches(i + open + 1)
            && (closed == ')'
                || closed == '.' && open == 0 && text.gap(i) == Gap::Line && text.gap(i + open + 2) != Gap::None);
        if !starts || !fits {
            return None;
        }
        let number = word
            .parse::<u32>()
            .ok()
            .filter(|n| word.len() <= 3 && !word.starts_with('0') && (*n == 1 || *n == self.last_part.0 + 1));
        let letter = word
            .chars()
            .next()
            .map(|c| c.to_ascii_lowercase())
            .filter(|c| word.len() == 1 && (*c == 'a' || u32::from(*c) == u32::from(self.last_part.1) + 1));
        match (number, letter) {
            (Some(n), _) => self.last_part.0 = n,
            (_, Some(c)) if c.is_ascii_lowercase() => self.last_part.1 = c,
            _ => return None,
        }
        let next = i + open + 2;
        let code = codes::code_end(text, next, |_| false).is_some_and(|end| codes::is_code(text.slice(next, end)));
        if let Some(context) = &mut self.context
            && context.fields.iter().all(|field| field.is_unit())
            && (context.values == 0 && context.closed || context.enumerated)
            && code
            && label_at(text, next).is_none()
        {
            context.enumerated = true;
            context.strange = 0;
            self.use_up(i, next);
            return Some(next);
        }
        if self.numbered == Numbered::Form && text.gap(i) == Gap::Line {
            self.use_up(i, next);
            self.context = None;
            return Some(next);
        }
        self.put(What::Part, i, next, 1.0);
        self.part_before = true;
        if let Some(context) = &mut self.context {
            context.strange = 0;
            context.column = None;
        }
        Some(next)
    }

    fn carrier(&mut self, i: usize) -> Option<usize> {
        let text = self.text;
        let (carried, end) = carriers::carried_at(text, i, self.year)?;
        let start = text.tokens[i].start;
        let next = text.within((start, end)).end;
        let last = if carried.serial.is_some() {
            Field::Serial
        } else if carried.lot.is_some() {
            Field::Lot
        } else {
            Field::Device
        };
        let sure = match (carried.device.is_some(), carried.sound, carried.guessed) {
            (_, _, true) => 0.55,
            (true, false, _) => 0.5,
            _ => 0.97,
        };
        let column = self.column_of_devices(next);
        if column.is_some() && column <= self.context.as_ref().and_then(|c| c.column) {
            self.put(What::Row, i, i, 1.0);
        }
        self.put_at(What::Carried(carried), (start, end), sure);
        self.use_up(i, next);
        if let Some(context) = self.context.as_mut().filter(|_| column.is_some()) {
            context.column = column;
            context.values += 1;
            return Some(next);
        }
        self.context = Some(Context { fields: vec![last], values: 1, ..Context::default() });
        Some(next)
    }

    /// The column of device identifiers, where several labels head the lines and one ends at this token.
    fn column_of_devices(&self, next: usize) -> Option<usize> {
        let context = self.context.as_ref().filter(|c| c.fields.len() > 1 && self.text.gap(next) == Gap::Line)?;
        context.fields.iter().position(|field| *field == Field::Device)
    }

    /// The label before announced units and what followed was not understood: then the notice is not about every unit.
    pub fn leave_unread(&mut self, at: usize) {
        let unread = |c: &Context| {
            c.values == 0 && c.strange > 0 && !c.fields.is_empty() && c.fields.iter().all(|f| f.is_unit())
        };
        if self.context.as_ref().is_some_and(unread) {
            self.items.push(Item {
                what: What::Broken,
                span: self.text.span(at.saturating_sub(1), at),
                confidence: 0.3,
            });
        }
    }

    fn label(&mut self, i: usize, label: Label) -> usize {
        let Label { fields, next, closed } = label;
        self.leave_unread(i);
        let units = fields.iter().any(|field| field.is_unit());
        if let Some(end) = self.cleared(i)
            && (units || self.says_only_numbers(next, end))
        {
            self.context = None;
            return end;
        }
        let before = match self.field() {
            Some(field) if field.is_unit() => Some(field),
            _ => self.context.as_ref().and_then(|c| c.before),
        };
        if fields[0] == Field::Other {
            self.context = Some(Context { fields, closed, before, ..Context::default() });
            return next.max(i + 1);
        }
        // Several labels side by side head a table that was written on one line.
        let open = self
            .context
            .as_mut()
            .filter(|c| c.values == 0 && c.strange == 0 && !c.closed && !c.fields.contains(&Field::Other));
        let mut fields = fields;
        if let Some(context) = open {
            let mut both = context.fields.clone();
            both.extend(fields.iter().copied().filter(|f| !context.fields.contains(f)));
            fields = both;
        }
        self.use_up(i, next);
        self.context = Some(Context { fields, closed, before, ..Context::default() });
        if !self.announced(next) {
            self.items.push(Item { what: What::Broken, span: self.text.span(i, next), confidence: 0.3 });
        }
        next
    }

    /// Whether a label for units has anything behind it.
    fn announced(&self, next: usize) -> bool {
        let Some(context) = &self.context else {
            return true;
        };
        if !context.fields.iter().any(|f| f.is_unit()) {
            return true;
        }
        let word = self.text.lower(next);
        !(next >= self.limit
            || matches!(
                word,
                "none"
                    | "n/a"
                    | "na"
                    | "unknown"
                    | "tbd"
                    | "various"
                    | "see"
                    | "prefix"
                    | "beginning"
                    | "starting"
                    | "ending"
            )
            || word == "n" && self.text.mark(next + 1) == Some('/')
            || codes::is_masked(word))
    }

    /// Text under a label that no criterion can hold.
    fn other(&mut self, i: usize) -> usize {
        if self.text.gap(i) == Gap::Line && self.context.as_ref().is_some_and(|c| c.strange > 0) {
            self.context = None;
            return self.loose(i);
        }
        if let Some(context) = &mut self.context {
            context.strange += 1;
        }
        i + 1
    }

    /// Text under no label.
    fn loose(&mut self, i: usize) -> usize {
        let text = self.text;
        if let Some(read) = dates::date_at(text, i, self.order, false).filter(|r| !r.loose) {
            return read.next;
        }
        if codes::is_bare_device(text.word(i)) && text.word(i).len() >= 13 {
            self.put(What::Device(text.word(i).to_owned()), i, i + 1, 0.7);
            return i + 1;
        }
        i + 1
    }

    /// A date, or dates from one to another, at a token. With `labelled`, digits alone are a date too.
    pub fn period(&self, i: usize, labelled: bool) -> Option<(Period, usize)> {
        super::period::period(self, i, labelled)
    }
}

pub(super) fn joins(word: &str) -> bool {
    matches!(word, "and" | "or" | "to" | "through" | "thru" | "until" | "between" | "from")
}
