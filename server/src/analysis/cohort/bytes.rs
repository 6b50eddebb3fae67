//! A cohort as bytes: one piece for each device, named by its digest, so that a device that did not change is not written again.

use std::sync::Arc;

use uuid::Uuid;

use super::Cohort;
use super::device::Device;
use super::operation::Indication;
use super::row::SiteCode;

/// One device of a stored cohort.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The product.
    pub product: Uuid,
    device: &'a Device,
}

impl Piece<'_> {
    /// SHA-256 of its columns.
    pub fn digest(&self) -> [u8; 32] {
        self.device.digest()
    }

    /// Its columns, one after the other.
    pub fn bytes(&self) -> Vec<u8> {
        self.device.to_bytes()
    }
}

/// What the columns' numbers stand for, as bytes, each in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameBytes {
    /// Codes of sites, nine bytes each.
    pub sites: Vec<u8>,
    /// Surgeons, sixteen bytes each.
    pub surgeons: Vec<u8>,
    /// Indications, 48 bytes each.
    pub indications: Vec<u8>,
}

/// A stored cohort that is not what it says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// A list of names cannot be read.
    #[error("the stored list of {0} is damaged")]
    Names(&'static str),
    /// A device's columns are not those that were stored.
    #[error("the stored columns of product {0} are damaged")]
    Device(Uuid),
}

impl Cohort {
    /// Its devices, to be stored.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.devices.iter().map(|(&product, device)| Piece { product, device })
    }

    /// What its numbers stand for, to be stored.
    pub fn name_bytes(&self) -> NameBytes {
        NameBytes {
            sites: self.sites.iter().flat_map(|site| *site.as_bytes()).collect(),
            surgeons: self.surgeons.iter().flat_map(|surgeon| *surgeon.as_bytes()).collect(),
            indications: self.indications.iter().flat_map(|indication| *indication.as_bytes()).collect(),
        }
    }

    /// A cohort from what was stored: names, and each device with its digest and its columns. Everything is checked.
    ///
    /// # Errors
    /// [`Damaged`] where a piece is not what its digest says.
    pub fn from_pieces(names: &NameBytes, pieces: Vec<(Uuid, [u8; 32], Vec<u8>)>) -> Result<Self, Damaged> {
        use rayon::prelude::*;
        let sites = in_order(&names.sites, 9, SiteCode::from_bytes).ok_or(Damaged::Names("sites"))?;
        let surgeon = |bytes: &[u8]| Uuid::from_slice(bytes).ok();
        let surgeons = in_order(&names.surgeons, 16, surgeon).ok_or(Damaged::Names("surgeons"))?;
        let indications = in_order(&names.indications, Indication::BYTES, Indication::from_bytes);
        let indications = indications.ok_or(Damaged::Names("indications"))?;
        let devices: Result<Vec<_>, Damaged> = pieces
            .into_par_iter()
            .map(|(product, digest, bytes)| {
                Device::from_bytes(&bytes, digest)
                    .map(|device| (product, Arc::new(device)))
                    .ok_or(Damaged::Device(product))
            })
            .collect();
        Ok(Self { sites, surgeons, indications, devices: devices?.into_iter().collect() })
    }
}

/// A list of pieces of one size, which must be in order.
fn in_order<T: Ord>(bytes: &[u8], each: usize, read: impl Fn(&[u8]) -> Option<T>) -> Option<Arc<Vec<T>>> {
    let all = bytes.chunks(each).map(read).collect::<Option<Vec<_>>>()?;
    all.is_sorted().then(|| Arc::new(all))
}
