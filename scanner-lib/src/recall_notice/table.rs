//! Tables within a notice: with cells that tabulators, bars, wide gaps or commas divide, or run together on one line.

use super::codes::{self, Shape};
use super::dates;
use super::items::What;
use super::labels::{Field, heading_at, label_at};
use super::text::{Gap, Text};
use super::walk::{Context, Walk, joins};

/// What divides the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Divider {
    Tab,
    Bar,
    Wide,
    Comma,
    Semicolon,
}

/// The cells of a line as places of tokens.
fn cells(text: &Text<'_>, from: usize, to: usize, divider: Divider) -> Vec<(usize, usize)> {
    let mut cells = Vec::new();
    let mut start = from;
    for i in from..to {
        let mark = match divider {
            Divider::Bar => text.mark(i) == Some('|'),
            Divider::Comma => text.mark(i) == Some(','),
            Divider::Semicolon => text.mark(i) == Some(';'),
            _ => false,
        };
        let gap = i > from
            && (divider == Divider::Tab && text.gap(i) == Gap::Tab
                || divider == Divider::Wide && text.gap(i) >= Gap::Wide);
        if mark || gap {
            cells.push((start, i));
            start = i + usize::from(mark);
        }
    }
    cells.push((start, to));
    if divider == Divider::Bar {
        // A bar before the first cell and behind the last.
        if cells.first().is_some_and(|(a, b)| a == b) {
            cells.remove(0);
        }
        if cells.last().is_some_and(|(a, b)| a >= b) {
            cells.pop();
        }
    }
    cells
}

pub(super) fn line_end(text: &Text<'_>, i: usize) -> usize {
    (i + 1..text.len()).find(|j| text.gap(*j) == Gap::Line).unwrap_or(text.len())
}

/// What a cell of a table's head announces, where it holds a label and nothing else.
pub(super) fn heading(text: &Text<'_>, (from, to): (usize, usize)) -> Vec<Field> {
    let start = (from..to).find(|j| {
        !matches!(
            text.lower(*j),
            "affected" | "impacted" | "device" | "product" | "the" | "recalled" | "manufacturer's" | "gs1"
        ) || heading_at(text, *j).is_some()
    });
    match start.and_then(|j| heading_at(text, j)) {
        Some(label) if (label.next..to).all(|j| matches!(text.mark(j), Some('.' | ':'))) => label.fields,
        _ => {
            // "Product", "Description", a label with words behind it.
            vec![Field::Other]
        }
    }
}

impl Walk<'_, '_> {
    /// A table whose head stands on the line that starts here; gives the token after its last row.
    pub fn table(&mut self, i: usize) -> Option<usize> {
        let text = self.text;
        let end = line_end(text, i);
        if end - i > 60 || end >= text.len() {
            return None;
        }
        for divider in [Divider::Tab, Divider::Bar, Divider::Wide, Divider::Semicolon, Divider::Comma] {
            let head = cells(text, i, end, divider);
            if head.len() < 2 {
                continue;
            }
            let fields: Vec<Vec<Field>> = head.iter().map(|cell| heading(text, *cell)).collect();
            let known = fields.iter().filter(|f| f[0] != Field::Other).count();
            let plain = head.iter().all(|(a, b)| {
                !(*a..*b).any(|j| {
                    text.is_word(j) && text.word(j).bytes().any(|c| c.is_ascii_digit()) && heading_at(text, j).is_none()
                })
            });
            let second = cells(text, end, line_end(text, end), divider);
            if known >= 2 && plain && (second.len() == head.len() || divider == Divider::Bar) {
                return Some(self.rows(&fields, end, divider, i));
            }
        }
        None
    }

    fn rows(&mut self, fields: &[Vec<Field>], mut at: usize, divider: Divider, head: usize) -> usize {
        let text = self.text;
        self.use_up(head, at);
        // "Model" beside "Catalogue No.": where the model is a name in several words, the number is what counts.
        let numbers = fields.iter().filter(|field| field[..] == [Field::Reference]).count();
        let is_name = |(from, to): (usize, usize)| (from + 1..to).any(|j| text.is_word(j) && text.gap(j) == Gap::Space);
        while at < text.len() {
            let end = line_end(text, at);
            let row = cells(text, at, end, divider);
            let rule = (at..end).all(|j| matches!(text.mark(j), Some('|' | '-' | ':' | '+' | '=')));
            if rule {
                self.use_up(at, end);
                at = end;
                continue;
            }
            // Cells that are left out at the beginning of a line go on with what stands above.
            let left_out = if divider == Divider::Tab { text.tabs_before(at) } else { 0 };
            if row.len() + left_out != fields.len() {
                break;
            }
            if left_out == 0 {
                self.put(What::Row, at, at, 1.0);
            }
            for (cell, field) in row.iter().zip(&fields[left_out..]) {
                let named =
                    numbers > 1 && field[..] == [Field::Reference] && is_name(*cell) && text.mark(cell.0 + 1).is_none();
                if field[0] != Field::Other && cell.0 < cell.1 && !named {
                    self.context = Some(Context { fields: field.clone(), closed: true, ..Context::default() });
                    self.stretch(cell.0, cell.1);
                }
            }
            at = end;
        }
        self.context = None;
        self.put(What::Part, at, at, 1.0);
        at
    }

    /// A value where one label heads several: its shape and the marks before it tell the column.
    pub fn cell_by_shape(&mut self, i: usize) -> usize {
        let text = self.text;
        let Some(context) = self.context.clone() else {
            return i + 1;
        };
        let fields = &context.fields;
        let place = |wanted: &dyn Fn(Field) -> bool| fields.iter().position(|f| wanted(*f));
        let code_columns: Vec<usize> = (0..fields.len())
            .filter(|c| fields[*c].is_unit() || matches!(fields[*c], Field::Reference | Field::Code))
            .collect();
        let dated = place(&|f| matches!(f, Field::Expiry | Field::Manufacture));
        let end = codes::code_end(text, i, |j| label_at(text, j).is_some()).unwrap_or(i + 1);
        let code = text.slice(i, end);
        let glued: Vec<&str> = code.split('/').collect();
        let undated = fields.iter().filter(|f| !matches!(f, Field::Expiry | Field::Manufacture)).count();
        if let [first, _] = fields[..]
            && first.is_unit()
            && undated == 1
            && text.mark(i + 1) == Some('/')
            && text.touches(i + 1)
            && let Some((period, next)) = self.period(i + 2, true)
        {
            self.column_piece(i, first);
            self.put(What::Expiry(period), i + 2, next, 0.8);
            return self.filled(1, next);
        }
        if glued.len() == undated
            && glued.len() > 1
            && glued.iter().all(|part| codes::is_code(part))
            && dates::date_at(text, i, self.order, false).is_none()
        {
            return self.glued(i, end, fields);
        }
        let expects_date = dated.is_some_and(|d| context.column.is_some_and(|c| c + 1 == d));
        if let Some(column) = dated
            && let Some((period, next)) = self.period(i, expects_date)
        {
            let loose = dates::date_at(text, i, self.order, false).is_some_and(|r| r.loose);
            if !loose || expects_date {
                let what =
                    if fields[column] == Field::Expiry { What::Expiry(period) } else { What::Manufacture(period) };
                self.put(what, i, next, 0.85);
                return self.filled(column, next);
            }
        }
        if let Some(column) = place(&|f| f == Field::Device) {
            let shape = codes::shape(code);
            let next_is = context.column.map_or(column == 0, |c| c + 1 == column);
            if shape == Shape::Gtin && code.len() >= 12
                || shape == Shape::Broken && code.len() == 14
                || next_is && matches!(shape, Shape::Hibc | Shape::Number) && code.len() >= 10
            {
                if context.column.is_some_and(|c| c >= column) && !self.continues(i) {
                    self.row(i);
                }
                self.put(What::Device(code.to_owned()), i, end, if shape == Shape::Gtin { 0.9 } else { 0.5 });
                return self.filled(column, end);
            }
        }
        if !codes::is_code(code) || self.is_count(i, end) || code_columns.is_empty() {
            return self.stranger(i);
        }
        let column = self.code_column(i, end, &context, &code_columns);
        if context.column.is_some_and(|c| c > column || c == column && !fields[column].is_unit()) {
            self.row(i);
        }
        self.column_value(i, fields[column], column)
    }

    /// `1234/A1` under `REF/Lot`: the parts in the order of the labels.
    fn glued(&mut self, i: usize, end: usize, fields: &[Field]) -> usize {
        self.row(i);
        let mut token = i;
        let mut last = 0;
        for (column, field) in fields.iter().enumerate() {
            if !matches!(field, Field::Expiry | Field::Manufacture) {
                self.column_piece(token, *field);
                token += 2;
                last = column;
            }
        }
        self.use_up(i, end);
        self.filled(last, end)
    }

    fn column_piece(&mut self, i: usize, field: Field) {
        let code = self.text.word(i).to_owned();
        let what = match field {
            Field::Device => What::Device(code),
            Field::Reference | Field::Code => What::Reference(code),
            Field::Serial => What::Serial(code),
            Field::Either => What::Either(code),
            Field::Lot => What::Lot(code),
            _ => return,
        };
        self.put(what, i, i + 1, 0.8);
    }

    fn column_value(&mut self, i: usize, field: Field, column: usize) -> usize {
        let outer = self.context.clone();
        let values = usize::from(outer.as_ref().is_some_and(|c| c.column == Some(column)));
        self.context = Some(Context { fields: vec![field], values, closed: true, ..Context::default() });
        let next = self.value(i);
        self.context = outer;
        self.filled(column, next)
    }

    /// Whether a comma or "and" ties this value to the one before.
    fn continues(&self, i: usize) -> bool {
        i > 0 && (self.text.mark(i - 1) == Some(',') || joins(self.text.lower(i - 1)))
    }

    fn code_column(&self, i: usize, end: usize, context: &Context, columns: &[usize]) -> usize {
        let text = self.text;
        let Some(last) = context.column else {
            return columns[0];
        };
        let bullet = i > 0 && text.mark(i - 1).is_some() && text.gap(i - 1) == Gap::Line;
        if (text.gap(i) == Gap::Line || bullet) && !self.continues(i) {
            return columns[0];
        }
        let unit = columns.iter().rev().copied().find(|c| context.fields[*c].is_unit());
        if self.continues(i) || text.mark(i.wrapping_sub(1)) == Some(')') {
            // "1234 A1, 1235 A2" starts a row at the comma; "1234 A1, A2" goes on in the column.
            let pair = columns.len() > 1
                && text.is_word(end)
                && text.gap(end) >= Gap::Space
                && codes::is_code(text.word(end))
                && dates::date_at(text, end, self.order, false).is_none_or(|read| read.loose)
                && last == columns[columns.len() - 1];
            return if pair {
                columns[0]
            } else {
                unit.filter(|c| *c <= last).unwrap_or(last.min(columns[columns.len() - 1]))
            };
        }
        columns.iter().copied().find(|c| *c > last).unwrap_or(columns[0])
    }

    fn row(&mut self, i: usize) {
        self.put(What::Row, i, i, 1.0);
    }

    fn filled(&mut self, column: usize, next: usize) -> usize {
        if let Some(context) = &mut self.context {
            context.column = Some(column);
        }
        self.counted(next)
    }
}
