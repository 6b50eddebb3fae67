//! Packs on a shelf.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::gs1::keys::{Lot, Serial};
use tessera_scanner::recall_match::alike;
use tessera_scanner::udi::DeviceIdentifier;
use tessera_scanner::verdict::ApartFor;
use utoipa::ToSchema;

use super::terms::{NewTerms, Terms};
use crate::catalogue::model::{Agency, ProductId};
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::stock_items;

crate::record_id! {
    /// Packs of one lot, or one pack with a serial, in one place.
    StockId
}

crate::word_list! {
    /// Whether packs may be used.
    StockState {
        /// On the shelf.
        Available = "available",
        /// Set apart: not to be used.
        Quarantined = "quarantined",
        /// Gone: implanted, wasted or sent back.
        Used = "used",
    }
}

crate::word_list! {
    /// Why packs are set apart.
    SetApartFor {
        /// A recall names them.
        Recalled = "recalled",
        /// The pack or what is in it is damaged.
        Damaged = "damaged",
        /// They go back to whoever delivered them.
        Returned = "returned",
        /// Somebody looks into something.
        InQuestion = "in-question",
    }
}

impl SetApartFor {
    /// As people say it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Recalled => "Recalled",
            Self::Damaged => "Damaged",
            Self::Returned => "To be sent back",
            Self::InQuestion => "In question",
        }
    }
}

impl From<SetApartFor> for ApartFor {
    fn from(cause: SetApartFor) -> Self {
        match cause {
            SetApartFor::Recalled => Self::Recalled,
            SetApartFor::Damaged => Self::Damaged,
            SetApartFor::Returned => Self::Returned,
            SetApartFor::InQuestion => Self::InQuestion,
        }
    }
}

/// Packs as they are received.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStock {
    /// Identifier (UUIDv7), made by the client.
    pub id: StockId,
    /// The site (ODS code).
    pub site_code: String,
    /// Where at the site: a name, or the GLN of a place that is known.
    pub location: String,
    /// Whose identifier it is; GS1 unless told.
    pub issuer: Option<Agency>,
    /// Device identifier (UDI-DI).
    pub identifier: String,
    /// Lot, where the pack has one.
    pub lot: Option<String>,
    /// Serial, where the pack has one; then there is one pack.
    pub serial: Option<String>,
    /// Expiry date, where the pack has one.
    pub expiry: Option<NaiveDate>,
    /// How many packs.
    pub quantity: i32,
    /// Who delivered them and on which terms; the hospital's own and unpriced unless told.
    #[serde(default)]
    pub terms: Option<NewTerms>,
}

/// Packs that can be received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedStock {
    pub(super) id: StockId,
    pub(super) site_code: String,
    pub(super) location: String,
    pub(super) device: DeviceIdentifier,
    pub(super) lot: Option<Lot>,
    pub(super) serial: Option<Serial>,
    pub(super) expiry: Option<NaiveDate>,
    pub(super) quantity: i32,
    pub(super) terms: NewTerms,
}

impl NewStock {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be used.
    pub fn checked(&self) -> Result<CheckedStock, Problem> {
        let location = self.location.trim();
        if location.is_empty() || location.chars().count() > 120 {
            return Err(Problem::invalid("The location has to have 1 to 120 characters."));
        }
        let serial: Option<Serial> = parsed(self.serial.as_deref())?;
        let most = if serial.is_some() { 1 } else { 100_000 };
        if !(1..=most).contains(&self.quantity) {
            let detail = format!("The quantity has to be 1 to {most} (a serial belongs to one pack).");
            return Err(Problem::invalid(detail));
        }
        Ok(CheckedStock {
            id: self.id,
            site_code: self.site_code.trim().to_owned(),
            location: location.to_owned(),
            device: self.issuer.unwrap_or(Agency::Gs1).identifier(&self.identifier)?,
            lot: parsed(self.lot.as_deref())?,
            serial,
            expiry: self.expiry,
            quantity: self.quantity,
            terms: self.terms.clone().unwrap_or_default().checked()?,
        })
    }
}

pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: Option<&str>) -> Result<Option<T>, Problem> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|error| Problem::invalid(format!("{error}."))),
    }
}

/// Packs on a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = stock_items)]
pub struct StockItem {
    /// Identifier.
    pub id: StockId,
    /// The site (ODS code).
    pub site_code: String,
    /// Where at the site.
    pub location: String,
    /// The product, where the catalogue has it.
    pub product_id: Option<ProductId>,
    /// Whose identifier.
    pub issuer: Agency,
    /// Device identifier (UDI-DI).
    pub identifier: String,
    /// Lot.
    pub lot: Option<String>,
    #[serde(skip)]
    pub(super) lot_alike: Option<String>,
    /// Serial.
    pub serial: Option<String>,
    #[serde(skip)]
    pub(super) serial_alike: Option<String>,
    /// Expiry date.
    pub expiry: Option<NaiveDate>,
    /// How many packs.
    pub quantity: i32,
    /// Whether they may be used.
    pub state: StockState,
    /// When they came.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub received_at: Moment,
    /// Why they are set apart, where they are and somebody wrote it down.
    pub set_apart_for: Option<SetApartFor>,
}

impl CheckedStock {
    pub(super) fn item(&self, product_id: Option<ProductId>) -> StockItem {
        let lot = self.lot.as_ref().map(ToString::to_string);
        let serial = self.serial.as_ref().map(ToString::to_string);
        StockItem {
            id: self.id,
            site_code: self.site_code.clone(),
            location: self.location.clone(),
            product_id,
            issuer: self.device.issuer.into(),
            identifier: self.device.text.clone(),
            lot_alike: lot.as_deref().map(alike),
            lot,
            serial_alike: serial.as_deref().map(alike),
            serial,
            expiry: self.expiry,
            quantity: self.quantity,
            state: StockState::Available,
            received_at: Moment::now(),
            set_apart_for: None,
        }
    }

    /// Whether `item`, which came on these `terms`, is this as it was received: what happened to it since does not count.
    pub(super) fn is(&self, item: &StockItem, terms: Option<&Terms>, location: &str) -> bool {
        let came = StockItem {
            received_at: item.received_at,
            site_code: terms.map_or_else(|| item.site_code.clone(), |terms| terms.site_code.clone()),
            location: terms.map_or_else(|| item.location.clone(), |terms| terms.location.clone()),
            quantity: terms.map_or(item.quantity, |terms| terms.quantity),
            ..item.clone()
        };
        let received = StockItem {
            received_at: item.received_at,
            location: location.to_owned(),
            state: item.state,
            set_apart_for: item.set_apart_for,
            ..self.item(item.product_id)
        };
        received == came && terms.is_none_or(|terms| self.terms.is(terms))
    }
}
