//! Packs into stock by their labels: scan the shelf, scan the pack.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{NewStock, StockId, StockItem};
use super::pack::Pack;
use super::place::gln;
use super::store::{self as stock, places};
use super::terms::NewTerms;
use crate::access::Actor;
use crate::catalogue;
use crate::catalogue::model::Agency;
use crate::error::Problem;
use crate::once::Written;
use crate::store::Transaction;

/// Packs of one label as they are received.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabel {
    /// Identifier of the stock item (UUIDv7), made by the client.
    pub id: StockId,
    /// The site (ODS code); may be left out where the place is a GLN.
    #[serde(default)]
    pub site_code: Option<String>,
    /// The place: its name, its GLN, or the barcode on the shelf (AI 414).
    pub place: String,
    /// The barcodes of the pack.
    pub barcodes: Vec<String>,
    /// How many packs with this very label; 1 unless told.
    #[serde(default = "one")]
    pub quantity: i32,
    /// Who delivered them and on which terms.
    #[serde(default)]
    pub terms: Option<NewTerms>,
}

fn one() -> i32 {
    1
}

/// What was received by a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Labelled {
    /// The packs, as they lie in stock.
    pub item: StockItem,
    /// What the label says, in words.
    pub unit: String,
    /// Maker and brand, where the catalogue has it.
    pub device: Option<String>,
    /// How many units one label stands for: more than one for a carton.
    pub units_of_label: i32,
}

/// Receives packs by their label. The label of a carton stands for as many units as the catalogue says it holds.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where the label gives no device or the place is not known; those of
/// [`stock::receive`].
pub fn receive(tx: &mut Transaction<'_>, actor: &Actor, new: &NewLabel) -> Result<(Labelled, Written), Problem> {
    let pack = Pack::read(&new.barcodes)?;
    let (site_code, location) = place(tx, new)?;
    let product = catalogue::store::by_identifier(tx, &pack.device)?;
    let issuer = Agency::from(pack.device.issuer);
    let units_of_label = match &product {
        Some(product) => catalogue::store::list_identifiers(tx, product.id)?
            .into_iter()
            .find(|one| one.issuer == issuer && one.identifier == pack.device.text)
            .map_or(1, |one| one.quantity.max(1)),
        None => 1,
    };
    let received = NewStock {
        id: new.id,
        site_code,
        location,
        issuer: Some(issuer),
        identifier: pack.device.text.clone(),
        lot: pack.lot.clone(),
        serial: pack.serial.clone(),
        expiry: pack.expiry,
        quantity: new.quantity.saturating_mul(units_of_label),
        terms: new.terms.clone(),
    };
    let (item, written) = stock::receive(tx, actor, &received.checked()?)?;
    let device = product.map(|product| product.name());
    Ok((Labelled { item, unit: pack.words(), device, units_of_label }, written))
}

/// The site and the place: by the GLN alone, or as they are named.
fn place(tx: &mut Transaction<'_>, new: &NewLabel) -> Result<(String, String), Problem> {
    if let Some(number) = gln(&new.place) {
        let known = places::by_gln(tx, &number)?;
        let place =
            known.ok_or_else(|| Problem::invalid(format!("No place has the GLN {number}: enter the place first.")))?;
        if let Some(site) = new.site_code.as_deref().filter(|site| *site != place.site_code) {
            let detail = format!("The GLN {number} is \"{}\" at {}, not at {site}.", place.name, place.site_code);
            return Err(Problem::invalid(detail));
        }
        return Ok((place.site_code, place.name));
    }
    let site = new.site_code.clone().filter(|site| !site.trim().is_empty());
    let site =
        site.ok_or_else(|| Problem::invalid("Say at which site the packs are, or scan the label of the shelf."))?;
    Ok((site, new.place.clone()))
}
