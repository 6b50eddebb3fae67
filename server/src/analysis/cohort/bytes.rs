//! A cohort as bytes: one piece for each device, named by its digest, so that a device that did not change is not written again.

use std::sync::Arc;

use uuid::Uuid;

use super::Cohort;
use super::device::Device;
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

/// A stored cohort that is not what it says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// The list of sites cannot be read.
    #[error("the stored list of sites is damaged")]
    Sites,
    /// A device's columns are not those that were stored.
    #[error("the stored columns of product {0} are damaged")]
    Device(Uuid),
}

impl Cohort {
    /// Its devices, to be stored.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.devices.iter().map(|(&product, device)| Piece { product, device })
    }

    /// The codes of its sites, nine bytes each, in order.
    pub fn site_bytes(&self) -> Vec<u8> {
        self.sites.iter().flat_map(|site| *site.as_bytes()).collect()
    }

    /// A cohort from what was stored: sites, and each device with its digest and its columns. Everything is checked.
    ///
    /// # Errors
    /// [`Damaged`] where a piece is not what its digest says.
    pub fn from_pieces(sites: &[u8], pieces: Vec<(Uuid, [u8; 32], Vec<u8>)>) -> Result<Self, Damaged> {
        use rayon::prelude::*;
        let codes = sites.chunks(9).map(SiteCode::from_bytes).collect::<Option<Vec<_>>>().ok_or(Damaged::Sites)?;
        if !codes.is_sorted() {
            return Err(Damaged::Sites);
        }
        let devices: Result<Vec<_>, Damaged> = pieces
            .into_par_iter()
            .map(|(product, digest, bytes)| {
                Device::from_bytes(&bytes, digest)
                    .map(|device| (product, Arc::new(device)))
                    .ok_or(Damaged::Device(product))
            })
            .collect();
        Ok(Self { sites: Arc::new(codes), devices: devices?.into_iter().collect() })
    }
}
