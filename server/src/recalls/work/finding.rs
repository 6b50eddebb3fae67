//! The quarantine list of a recall: packs that should be on the shelves, found, or unaccounted for.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::Problem;
use crate::recalls::model::RecallId;
use crate::recalls::stock::model::StockId;
use crate::store::columns::Moment;
use crate::store::read::affected::AffectedStock;
use crate::store::schema::recall_findings;

crate::record_id! {
    /// One finding on a shelf.
    FindingId
}

crate::word_list! {
    /// What became of packs that a recall concerns.
    FindingOutcome {
        /// In hand, and set apart.
        Found = "found",
        /// Searched for, and not there.
        Unaccounted = "unaccounted",
        /// In hand and meant by the recall, but not in the stock records of the site.
        Unexpected = "unexpected",
    }
}

/// One finding, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_findings)]
pub struct Finding {
    /// Identifier.
    pub id: FindingId,
    /// Because of which recall.
    pub recall_id: RecallId,
    /// At which site (ODS code).
    pub site_code: String,
    /// What became of the packs.
    pub outcome: FindingOutcome,
    /// The stock item; none for what was not expected.
    pub stock_id: Option<StockId>,
    /// Device, lot and serial, as text.
    pub unit: String,
    /// The barcodes as scanned, one a line; empty where none was.
    pub scanned: String,
    /// How many packs.
    pub quantity: i32,
    /// Why the recall concerns them; for unaccounted ones, what somebody says of them.
    pub reason: String,
    /// When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub recorded_at: Moment,
    /// By whom.
    pub recorded_by: UserId,
}

impl Finding {
    /// Whether it is the same finding, sent again.
    pub fn is(&self, new: &Self) -> bool {
        Self { recorded_at: new.recorded_at, ..self.clone() } == *new
    }
}

/// Packs searched for in vain, as somebody records them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnaccounted {
    /// Identifier (UUIDv7), made by the client.
    pub id: FindingId,
    /// The stock item.
    pub stock: StockId,
    /// How many packs.
    pub quantity: i32,
    /// Where they may have gone.
    pub reason: String,
}

/// A scan of a pack on a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShelfScan {
    /// Identifier (UUIDv7), made by the client.
    pub id: FindingId,
    /// The site (ODS code).
    pub site: String,
    /// Every barcode of the pack, as scanned or typed; the separator is U+001D.
    pub barcodes: Vec<String>,
}

/// One line of the list: packs that the records say are there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShelfLine {
    /// The packs, and why the recall concerns them.
    pub expected: AffectedStock,
    /// Packs in hand.
    pub found: i32,
    /// Packs searched for in vain.
    pub unaccounted: i32,
}

impl ShelfLine {
    /// Packs of which nobody has said anything yet.
    pub fn open(&self) -> i32 {
        (self.expected.quantity - self.found - self.unaccounted).max(0)
    }

    /// So many packs, where the line has them open.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput).
    pub fn take(&self, quantity: i32) -> Result<i32, Problem> {
        let open = self.open();
        if (1..=open).contains(&quantity) {
            return Ok(quantity);
        }
        Err(Problem::invalid(format!("{open} of these packs are open: {quantity} cannot be unaccounted for.")))
    }
}

/// The expected packs with what was found of them, and the packs that nobody expected.
pub fn shelf_lines(expected: Vec<AffectedStock>, findings: &[Finding]) -> Vec<ShelfLine> {
    let mut sums: HashMap<(StockId, FindingOutcome), i32> = HashMap::new();
    for one in findings {
        if let Some(stock) = one.stock_id {
            *sums.entry((stock, one.outcome)).or_default() += one.quantity;
        }
    }
    let sum = |stock, outcome| sums.get(&(stock, outcome)).copied().unwrap_or_default();
    expected
        .into_iter()
        .map(|expected| ShelfLine {
            found: sum(expected.id, FindingOutcome::Found),
            unaccounted: sum(expected.id, FindingOutcome::Unaccounted),
            expected,
        })
        .collect()
}
