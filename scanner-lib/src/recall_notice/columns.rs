//! Tables whose cells stand one below the other, as a PDF's come when they are pasted: first the head, a line for each column, then
//! the cells, row after row.

use super::codes;
use super::items::What;
use super::labels::Field;
use super::table::{heading, line_end};
use super::walk::{Context, Walk};

/// Columns of such a table at the most.
const MOST_COLUMNS: usize = 10;

impl Walk<'_, '_> {
    /// Such a table whose head begins on this line; gives the token after its last whole row.
    pub fn columns(&mut self, i: usize) -> Option<usize> {
        let text = self.text;
        let mut head: Vec<Vec<Field>> = Vec::new();
        let (mut at, mut rows_from, mut known) = (i, i, 0);
        while at < text.len() && head.len() <= MOST_COLUMNS {
            let end = line_end(text, at);
            let said = (at..end).any(|j| text.mark(j) == Some(':') || text.word(j).bytes().any(|b| b.is_ascii_digit()));
            if said || end - at > 5 {
                break;
            }
            head.push(heading(text, (at, end)));
            at = end;
            if head.last().is_some_and(|fields| fields[0] != Field::Other) {
                (known, rows_from) = (head.len(), end);
            }
        }
        head.truncate(known);
        if head.iter().filter(|fields| fields[0] != Field::Other).count() < 2 {
            return None;
        }
        let mut rows = Vec::new();
        let mut next = rows_from;
        while let Some((row, end)) = self.row_of_lines(next, &head) {
            rows.push(row);
            next = end;
        }
        if rows.is_empty() {
            return None;
        }
        self.use_up(i, rows_from);
        for row in rows {
            self.put(What::Row, row[0].0, row[0].0, 1.0);
            for (cell, fields) in row.iter().zip(&head).filter(|(_, fields)| fields[0] != Field::Other) {
                self.context = Some(Context { fields: fields.clone(), closed: true, ..Context::default() });
                self.stretch(cell.0, cell.1);
            }
        }
        self.context = None;
        self.put(What::Part, next, next, 1.0);
        Some(next)
    }

    /// The next lines as one row, where each is what its column announces.
    fn row_of_lines(&self, from: usize, head: &[Vec<Field>]) -> Option<(Vec<(usize, usize)>, usize)> {
        let text = self.text;
        let (mut row, mut at) = (Vec::with_capacity(head.len()), from);
        for fields in head {
            if at >= text.len() {
                return None;
            }
            let end = line_end(text, at);
            let code = || codes::code_end(text, at, |_| false) == Some(end) && codes::is_code(text.slice(at, end));
            let fits = match fields[0] {
                Field::Other | Field::Production => true,
                Field::Expiry | Field::Manufacture => self.period(at, true).is_some_and(|(_, last)| last == end),
                _ => code(),
            };
            if !fits {
                return None;
            }
            row.push((at, end));
            at = end;
        }
        Some((row, at))
    }
}
