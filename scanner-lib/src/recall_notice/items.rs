//! What a walk through a notice finds, in the order of the text.

use chrono::NaiveDate;

use super::carriers::Carried;

/// Days from one to another; open where an end is missing. One day where both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Period {
    pub fn day(date: NaiveDate) -> Self {
        Self { from: Some(date), to: Some(date) }
    }

    pub fn single(self) -> Option<NaiveDate> {
        self.from.filter(|_| self.from == self.to)
    }
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Device(String),
    Reference(String),
    /// After `Code`: a reference where lots or serials follow, else a lot.
    Code(String),
    Lot(String),
    Serial(String),
    /// After `Lot/Serial`.
    Either(String),
    /// Lots, or serials, from one to another.
    Range {
        serial: bool,
        from: Option<String>,
        to: Option<String>,
    },
    /// Every unit.
    All,
    Expiry(Period),
    Manufacture(Period),
    Carried(Carried),
    /// An enumerator: `2)`.
    Part,
    /// A new row of a table.
    Row,
    /// A label for units stands here, but what it announces was not understood.
    Broken,
}

/// One thing found, where, and how sure it is.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub what: What,
    pub span: (usize, usize),
    pub confidence: f64,
}
