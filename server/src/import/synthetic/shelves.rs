//! Packs on shelves, as many as wanted: of every size some lots, spread over the sites.

use chrono::{Days, NaiveDate};
use tessera_registry_fixture::Registry;
use tessera_scanner::recall_match::alike;

use super::Ids;
use super::patient::moment;
use super::sizes::{Sizes, mix};
use crate::error::Problem;
use crate::import::rows::{Batch, Day, StockRow};
use crate::recalls::stock::model::StockState;

/// Items that are written together.
const BATCH: u64 = 20_000;
/// Numbers from which identifiers of items are drawn, beyond those of patients.
const AFTER_PATIENTS: u64 = 1 << 33;

/// The items from the first to the last of `wanted`, batch by batch.
pub(super) fn batches<'a>(
    registry: &'a Registry,
    sizes: &'a Sizes,
    ids: Ids,
    wanted: u64,
) -> impl Iterator<Item = Result<Batch, Problem>> + 'a {
    let all: Vec<_> = sizes.all().collect();
    (0..wanted.div_ceil(BATCH)).map(move |batch| {
        let (first, last) = (batch * BATCH, ((batch + 1) * BATCH).min(wanted));
        let stock = (first..last).map(|nth| {
            let (device, size) = all[usize::try_from(nth % all.len() as u64).unwrap_or(0)];
            let draw = mix(nth);
            let site = &registry.sites()[usize::try_from(draw % registry.sites().len() as u64).unwrap_or(0)];
            let made = made(registry.last_day(), draw);
            let carries = registry.devices()[device].carries;
            // The same spelling as that of the packs that patients got, so that a recalled lot is on shelves too.
            let lot = carries.lot.then(|| {
                format!(
                    "{}{}",
                    made.format("%y%m"),
                    ["A", "B", "C", "D"][usize::try_from((draw >> 20) & 3).unwrap_or(0)]
                )
            });
            let serial = carries.serial.then(|| format!("K{nth:010}"));
            Ok(StockRow {
                id: ids.of_patient(AFTER_PATIENTS + nth)?.next().into(),
                site_code: site.code.clone(),
                location: format!("Theatre store {}", 1 + (draw >> 24) % 4),
                product_id: Some(size.product),
                issuer: size.issuer,
                identifier: size.identifier.clone(),
                lot_alike: lot.as_deref().map(alike),
                lot,
                serial_alike: serial.as_deref().map(alike),
                quantity: if serial.is_some() { 1 } else { 1 + i32::try_from((draw >> 28) % 4).unwrap_or(0) },
                serial,
                expiry: carries.expiry.then(|| Day(made + Days::new(5 * 365))),
                state: StockState::Available,
                received_at: moment(made + Days::new(30), 0),
            })
        });
        Ok(Batch { stock: stock.collect::<Result<_, Problem>>()?, ..Batch::default() })
    })
}

/// A day of manufacture within the two years before the registry ends.
fn made(last: NaiveDate, draw: u64) -> NaiveDate {
    last - Days::new(30 + (draw >> 8) % 700)
}
