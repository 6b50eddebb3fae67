//! Further sizes of the sample catalogue's devices, for a registry with as many products as a country's.

use std::collections::HashMap;
use std::fmt::Write as _;

use diesel::prelude::*;
use tessera_registry_fixture::{CATALOGUE_CSV, Device, Registry};

use crate::access::Actor;
use crate::catalogue;
use crate::catalogue::model::{Agency, ProductId};
use crate::error::Problem;
use crate::store::Store;
use crate::store::schema::product_identifiers;

/// One size of a device, as it stands on a pack.
#[derive(Clone, Debug)]
pub(super) struct Size {
    pub product: ProductId,
    pub issuer: Agency,
    pub identifier: String,
}

/// The sizes of each device of the registry; the first is the sample catalogue's own.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    of_device: Vec<Vec<Size>>,
}

impl Sizes {
    /// Brings the sample catalogue in, and so many further sizes that there are `products`.
    pub fn bring_in(
        store: &Store,
        registry: &Registry,
        products: u64,
        mut progress: impl FnMut(usize),
    ) -> Result<Self, Problem> {
        let devices = registry.devices();
        let further = products.saturating_sub(devices.len() as u64);
        let mut text = CATALOGUE_CSV.to_owned();
        let mut identifiers: Vec<Vec<(Agency, String)>> =
            devices.iter().map(|device| vec![(agency(device), device.identifier.clone())]).collect();
        for (nth, device) in (0..further).zip(devices.iter().enumerate().cycle()) {
            let (place, device) = device;
            let identifier = gtin(nth);
            // Writing to a String does not fail.
            let _ = writeln!(
                text,
                "GS1,{identifier},Tarnbeck Medical,Size {nth},TB-{nth},Further size,{},{},{},{nth},{},{},{},,",
                device.category,
                device.gmdn,
                device.side.map_or("", |side| if side == tessera_registry_fixture::Side::Left {
                    "left"
                } else {
                    "right"
                }),
                device.carries.lot,
                device.carries.serial,
                device.carries.expiry,
            );
            identifiers[place].push((Agency::Gs1, identifier));
        }
        let file = catalogue::import::read_csv(text.as_bytes())?;
        catalogue::import::import(store, &Actor::System, file, &mut progress)?;
        let known: Vec<(Agency, String, ProductId)> = store.read_now(|connection| {
            Ok(product_identifiers::table
                .select((product_identifiers::issuer, product_identifiers::identifier, product_identifiers::product_id))
                .load(connection)?)
        })?;
        let known: HashMap<(Agency, String), ProductId> =
            known.into_iter().map(|(issuer, text, product)| ((issuer, text), product)).collect();
        let size = |(issuer, identifier): (Agency, String)| {
            let product = known.get(&(issuer, identifier.clone())).copied();
            let product = product.ok_or_else(|| Problem::not_found(format!("product {identifier}")))?;
            Ok(Size { product, issuer, identifier })
        };
        let of_device = identifiers
            .into_iter()
            .map(|sizes| sizes.into_iter().map(size).collect())
            .collect::<Result<_, Problem>>()?;
        Ok(Self { of_device })
    }

    /// The size of one unit: every second is the first size, as in theatres, where a few sizes are most of what is used.
    pub fn of_unit(&self, device: usize, patient: u64, unit: u64) -> &Size {
        let sizes = &self.of_device[device];
        let mixed = mix(patient.wrapping_mul(64).wrapping_add(unit));
        if mixed.is_multiple_of(2) {
            return &sizes[0];
        }
        &sizes[usize::try_from((mixed >> 1) % sizes.len() as u64).unwrap_or(0)]
    }

    /// Every size of every device, with the device's number.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Size)> {
        self.of_device.iter().enumerate().flat_map(|(device, sizes)| sizes.iter().map(move |size| (device, size)))
    }
}

/// The finalizer of `SplitMix64`: the same number gives the same draw on every machine.
pub(super) fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn agency(device: &Device) -> Agency {
    if device.issuer == "GS1" { Agency::Gs1 } else { Agency::Hibcc }
}

/// A GTIN of the prefix 952, which is for demonstrations and never issued, apart from those of the sample catalogue.
fn gtin(nth: u64) -> String {
    let body = format!("0952900{nth:06}");
    let sum: u32 =
        body.bytes().zip([3, 1].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_sizes_have_identifiers_that_the_standard_allows() {
        for nth in [0, 1, 99_999] {
            assert!(Agency::Gs1.identifier(&gtin(nth)).is_ok(), "{}", gtin(nth));
        }
    }
}
