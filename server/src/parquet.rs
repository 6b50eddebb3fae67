//! Apache Parquet files: what analysts' tools read faster than CSV, with the types of its columns.
//!
//! Only what an extract needs is written: whole numbers and texts in plain encoding, uncompressed, a number that may be missing with its
//! levels. The format is that of <https://github.com/apache/parquet-format> (2.9): pages one after the other, and at the end of the file what they
//! are, in Thrift's compact protocol. The crates that write all of Parquet take minutes to compile.

use thrift::Writer;

mod thrift;

/// Rows in one group: what a reader holds at once.
const ROWS_IN_GROUP: usize = 1_000_000;
const MAGIC: &[u8] = b"PAR1";
/// What wrote the file, as readers ask.
const CREATED_BY: &str = "tessera";

/// One column with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its values, as many as those of every other column.
    pub values: Values,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Values {
    /// Whole numbers.
    Whole(Vec<i32>),
    /// Whole numbers, some of which may be missing.
    Some(Vec<Option<i32>>),
    /// Texts.
    Text(Vec<String>),
}

/// Numbers of the format: physical types, encodings, and the rest of `parquet.thrift`.
mod code {
    pub const INT32: i32 = 1;
    pub const BYTE_ARRAY: i32 = 6;
    pub const UTF8: i32 = 0;
    pub const REQUIRED: i32 = 0;
    pub const OPTIONAL: i32 = 1;
    pub const PLAIN: i32 = 0;
    pub const RLE: i32 = 3;
    pub const UNCOMPRESSED: i32 = 0;
    pub const DATA_PAGE: i32 = 0;
}

impl Values {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(all) => all.len(),
            Self::Some(all) => all.len(),
            Self::Text(all) => all.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn physical(&self) -> i32 {
        if matches!(self, Self::Text(_)) { code::BYTE_ARRAY } else { code::INT32 }
    }

    fn repetition(&self) -> i32 {
        if matches!(self, Self::Some(_)) { code::OPTIONAL } else { code::REQUIRED }
    }

    /// The body of a page of some rows.
    fn page(&self, rows: std::ops::Range<usize>) -> Vec<u8> {
        match self {
            Self::Whole(all) => all[rows].iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::Some(all) => {
                let levels = runs(all[rows.clone()].iter().map(Option::is_some));
                let mut page = length(levels.len()).to_vec();
                page.extend(levels);
                page.extend(all[rows].iter().flatten().flat_map(|value| value.to_le_bytes()));
                page
            }
            Self::Text(all) => {
                let mut page = Vec::new();
                for text in &all[rows] {
                    page.extend(length(text.len()));
                    page.extend(text.as_bytes());
                }
                page
            }
        }
    }
}

/// A length as the format has it; nothing here is longer than four bytes tell.
fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

/// Levels of one bit as runs: how many are alike, and what they are.
fn runs(levels: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut runs: Vec<(u64, bool)> = Vec::new();
    for level in levels {
        match runs.last_mut() {
            Some(run) if run.1 == level => run.0 += 1,
            _ => runs.push((1, level)),
        }
    }
    let mut bytes = Vec::new();
    for (count, level) in runs {
        thrift::variable(&mut bytes, count << 1);
        bytes.push(u8::from(level));
    }
    bytes
}

/// Where a column of a group lies, and how long it is with its header.
struct Chunk {
    offset: usize,
    bytes: usize,
    rows: usize,
}

/// The columns as a file.
pub fn file(columns: &[Column]) -> Vec<u8> {
    let rows = columns.first().map_or(0, |column| column.values.len());
    debug_assert!(columns.iter().all(|column| column.values.len() == rows), "columns are of one length");
    let mut out = MAGIC.to_vec();
    let mut groups: Vec<Vec<Chunk>> = Vec::new();
    for first in (0..rows).step_by(ROWS_IN_GROUP) {
        let range = first..(first + ROWS_IN_GROUP).min(rows);
        let chunk = |column: &Column| {
            let (offset, page) = (out.len(), column.values.page(range.clone()));
            out.extend(page_header(range.len(), page.len()));
            out.extend(page);
            Chunk { offset, bytes: out.len() - offset, rows: range.len() }
        };
        groups.push(columns.iter().map(chunk).collect());
    }
    let footer = footer(columns, rows, &groups);
    out.extend(&footer);
    out.extend(length(footer.len()));
    out.extend(MAGIC);
    out
}

fn page_header(rows: usize, bytes: usize) -> Vec<u8> {
    let mut header = Writer::default();
    header.structure(|page| {
        page.int32(1, code::DATA_PAGE);
        page.int32(2, small(bytes));
        page.int32(3, small(bytes));
        page.field(5, |page| {
            page.structure(|data| {
                data.int32(1, small(rows));
                data.int32(2, code::PLAIN);
                data.int32(3, code::RLE);
                data.int32(4, code::RLE);
            });
        });
    });
    header.bytes
}

fn footer(columns: &[Column], rows: usize, groups: &[Vec<Chunk>]) -> Vec<u8> {
    let mut footer = Writer::default();
    footer.structure(|file| {
        file.int32(1, 1);
        file.structures(2, columns.len() + 1, |list| {
            list.structure(|root| {
                root.text(4, "schema");
                root.int32(5, small(columns.len()));
            });
            for column in columns {
                list.structure(|element| {
                    element.int32(1, column.values.physical());
                    element.int32(3, column.values.repetition());
                    element.text(4, column.name);
                    if column.values.physical() == code::BYTE_ARRAY {
                        element.int32(6, code::UTF8);
                    }
                });
            }
        });
        file.int64(3, rows);
        file.structures(4, groups.len(), |list| {
            for group in groups {
                list.structure(|row_group| {
                    row_group.structures(1, columns.len(), |list| {
                        columns.iter().zip(group).for_each(|(column, chunk)| column_chunk(list, column, chunk));
                    });
                    row_group.int64(2, group.iter().map(|chunk| chunk.bytes).sum());
                    row_group.int64(3, group.first().map_or(0, |chunk| chunk.rows));
                });
            }
        });
        file.text(6, CREATED_BY);
    });
    footer.bytes
}

fn column_chunk(list: &mut Writer, column: &Column, chunk: &Chunk) {
    list.structure(|of| {
        of.int64(2, chunk.offset);
        of.field(3, |of| {
            of.structure(|meta| {
                meta.int32(1, column.values.physical());
                meta.int32s(2, &[code::PLAIN, code::RLE]);
                meta.texts(3, &[column.name]);
                meta.int32(4, code::UNCOMPRESSED);
                meta.int64(5, chunk.rows);
                meta.int64(6, chunk.bytes);
                meta.int64(7, chunk.bytes);
                meta.int64(9, chunk.offset);
            });
        });
    });
}

/// A count that the format holds in thirty-one bits: rows of a group, bytes of a page.
fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
