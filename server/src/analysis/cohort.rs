//! The registry as columns: every implant in ten to sixteen bytes, clustered by device, under a content hash.
//!
//! Reach for it to answer any question about outcomes: a [`Selection`] of a [`Cohort`] becomes a [`LifeTable`] in one pass
//! over contiguous memory, so that a curve over a hundred thousand implants costs microseconds where a GROUP BY costs seconds.
//! A cohort is built once from the store's rows ([`Builder`]) and kept current change by change ([`Cohort::apply`]). Cloning one
//! is cheap (devices are shared until they change), which is how a reader keeps a frozen snapshot.
//!
//! The hash covers content only: the same implants in any order, loaded or applied, give the same hash.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::life_table::LifeTable;
use super::signals::Experience;
pub use bytes::{Damaged, NameBytes, Piece};
use device::Device;
pub use exits::Exits;
use key::Numbered;
pub use listed::Listed;
pub use model::{Arm, Factor};
use names::Numbers;
pub use operation::{Indication, Operation};
pub use row::{End, Exit, ImplantRow, Opcs4, OutOfRange, Selection, Sex, Side, SiteCode};
pub use tally::{Classes, Column, RevisedBy, Tally, Value};

mod bins;
mod bytes;
mod curves;
mod device;
mod exits;
mod key;
mod listed;
mod model;
mod names;
mod operation;
mod packed;
mod row;
mod tally;
mod timeline;

/// The cause in a cohort's life tables that stands for a revision.
pub const REVISED: usize = 1;
/// The cause in a cohort's life tables that stands for a death.
pub const DIED: usize = 2;
/// Days in a year, as survival curves count them.
pub const DAYS_PER_YEAR: f64 = 365.25;

/// All implants of the registry.
#[derive(Clone, Debug, Default)]
pub struct Cohort {
    /// In order, so that a site's number does not depend on who came first.
    sites: Arc<Vec<SiteCode>>,
    surgeons: Arc<Vec<Uuid>>,
    indications: Arc<Vec<Indication>>,
    devices: names::Devices,
}

/// A change to one implant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new implant.
    Add(ImplantRow),
    /// What was recorded of an implant has become something else: a revision, a death, a correction.
    Replace {
        /// As it was.
        was: ImplantRow,
        /// As it is now.
        now: ImplantRow,
    },
    /// An implant that was recorded in error.
    Remove(ImplantRow),
}

/// Why a change could not be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The cohort was built from other rows than the change supposes: rebuild it.
    #[error("the cohort holds no such implant of {product} from {implanted_on}: it is out of date, build it anew")]
    NoSuchImplant {
        /// The product.
        product: Uuid,
        /// The day.
        implanted_on: NaiveDate,
    },
    /// A row that columns cannot hold.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl Cohort {
    /// How many implants.
    pub fn len(&self) -> usize {
        self.devices.values().map(|device| device.len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// The products that anyone has.
    pub fn products(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.devices.keys().copied()
    }

    /// How many implants there are of a product.
    pub fn implants_of(&self, product: Uuid) -> usize {
        self.devices.get(&product).map_or(0, |device| device.len())
    }

    /// The days of the first and of the last implantation of a product until a day.
    pub fn implanted_on(&self, product: Uuid, until: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let wanted = self.wanted(&[Selection::until(until)]);
        self.devices.get(&product).zip(wanted.first()).and_then(|(device, wanted)| device.starts(wanted))
    }

    /// One product alone, with the names that its implants have: what [`Builder`] makes of its rows.
    #[must_use]
    pub fn only(&self, product: Uuid) -> Self {
        let Some(device) = self.devices.get(&product) else { return Self::default() };
        let mut device = Device::clone(device);
        let mut alone = Self {
            sites: names::only(Numbered::Site, &self.sites, &mut device),
            surgeons: names::only(Numbered::Surgeon, &self.surgeons, &mut device),
            indications: names::only(Numbered::Indication, &self.indications, &mut device),
            devices: names::Devices::default(),
        };
        device.sign();
        alone.devices.insert(product, Arc::new(device));
        alone
    }

    /// The sites at which anything was implanted, in order of their codes.
    pub fn sites(&self) -> &[SiteCode] {
        &self.sites
    }

    /// The surgeons who led an operation, by the registry's own identifiers.
    pub fn surgeons(&self) -> &[Uuid] {
        &self.surgeons
    }

    /// Why operations were done.
    pub fn indications(&self) -> &[Indication] {
        &self.indications
    }

    fn names(&self) -> row::Names<'_> {
        row::Names { sites: &self.sites, surgeons: &self.surgeons, indications: &self.indications }
    }

    /// SHA-256 of the content, to stand beside every number taken from it.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"tessera cohort, version 1");
        for site in self.sites.iter() {
            hash.update(site.as_bytes());
        }
        // Nothing of these where nothing of these is known: such a cohort has the hash that it always had.
        for surgeon in self.surgeons.iter() {
            hash.update(b"surgeon");
            hash.update(surgeon.as_bytes());
        }
        for indication in self.indications.iter() {
            hash.update(b"indication");
            hash.update(indication.as_bytes());
        }
        for (product, device) in &self.devices {
            hash.update(product.as_bytes());
            hash.update(device.digest());
        }
        hash.finalize().into()
    }

    /// Who was at risk and what happened, in days since the implantation: cause [`REVISED`] and cause [`DIED`].
    pub fn life_table(&self, product: Uuid, selection: &Selection) -> LifeTable {
        self.life_table_of([product], selection)
    }

    /// The same over several products together; a product that nobody has adds nothing.
    pub fn life_table_of(&self, products: impl IntoIterator<Item = Uuid>, selection: &Selection) -> LifeTable {
        self.life_table_of_any(products, std::slice::from_ref(selection))
    }

    /// The same of whoever is in any of several selections, of which no two share an implant.
    pub fn life_table_of_any(&self, products: impl IntoIterator<Item = Uuid>, selections: &[Selection]) -> LifeTable {
        self.exits(products, selections).life_table()
    }

    /// Primaries, revisions and component-years of several products together, for rates and outlier rules.
    pub fn experience(&self, products: impl IntoIterator<Item = Uuid>, selection: &Selection) -> Experience {
        let wanted = self.wanted(std::slice::from_ref(selection));
        let mut sum = Experience::default();
        let mut days = 0_u64;
        for device in products.into_iter().filter_map(|product| self.devices.get(&product)) {
            for wanted in &wanted {
                device.each(wanted, |lasted, end| {
                    sum.primaries += 1;
                    sum.revisions += u64::from(end == Some(End::Revised));
                    days += u64::from(lasted);
                });
            }
        }
        sum.years = super::life_table::float(days) / DAYS_PER_YEAR;
        sum
    }

    /// Selections in the terms of the columns; one that names a site at which nothing was implanted selects nobody.
    fn wanted(&self, selections: &[Selection]) -> Vec<row::Wanted> {
        selections.iter().filter_map(|selection| row::Wanted::among(selection, self.names())).collect()
    }

    /// Puts other rows in place of all implants of a product: how a snapshot follows the store. Answers how many rows the
    /// columns cannot hold.
    pub fn replace(&mut self, product: Uuid, rows: &[ImplantRow]) -> u64 {
        let before = self.devices.remove(&product);
        let had_sites = names::held(Numbered::Site, &self.sites, before.as_ref());
        let had_surgeons = names::held(Numbered::Surgeon, &self.surgeons, before.as_ref());
        let had_indications = names::held(Numbered::Indication, &self.indications, before.as_ref());
        let mut left_out = 0;
        let mut keys = Vec::with_capacity(rows.len());
        let usable = |row: &&ImplantRow| row.product == product && row::check(row).is_ok();
        self.know_names(rows.iter().filter(usable));
        for row in rows {
            match self.key(row) {
                Ok(Some(key)) if usable(&row) => keys.push(key),
                _ => left_out += 1,
            }
        }
        if !keys.is_empty() {
            self.devices.insert(product, Arc::new(Device::from_keys(keys, |_, number| number)));
        }
        let Self { sites, surgeons, indications, devices } = self;
        names::forget(sites, had_sites.into_iter(), Numbered::Site, devices);
        names::forget(surgeons, had_surgeons.into_iter(), Numbered::Surgeon, devices);
        names::forget(indications, had_indications.into_iter(), Numbered::Indication, devices);
        left_out
    }

    /// Gives sites, surgeons and indications of rows their numbers. A row whose names are more than can be numbered is left out.
    fn know_names<'a>(&mut self, rows: impl Iterator<Item = &'a ImplantRow> + Clone) {
        let Self { sites, surgeons, indications, devices } = self;
        names::know(sites, rows.clone().map(|row| row.site), Numbered::Site, devices);
        names::know(surgeons, rows.clone().filter_map(|row| row.operation.surgeon), Numbered::Surgeon, devices);
        names::know(indications, rows.filter_map(|row| row.operation.indication), Numbered::Indication, devices);
    }

    /// Brings the cohort up to date by one change. Costs a copy of the one device's columns at the most.
    ///
    /// # Errors
    /// If the implant to change is not here, or the new one cannot be held in columns; then nothing is changed.
    pub fn apply(&mut self, change: Change) -> Result<(), ChangeError> {
        match change {
            Change::Add(row) => self.add(&row)?,
            Change::Remove(row) => self.remove(&row)?,
            Change::Replace { was, now } => {
                row::check(&now)?;
                self.remove(&was)?;
                self.add(&now)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, row: &ImplantRow) -> Result<(), OutOfRange> {
        row::check(row)?;
        self.know_names(std::iter::once(row));
        let key = self.key(row)?.ok_or(OutOfRange::TooManyNames)?;
        Arc::make_mut(self.devices.entry(row.product).or_default()).insert(key);
        Ok(())
    }

    fn remove(&mut self, row: &ImplantRow) -> Result<(), ChangeError> {
        let missing = ChangeError::NoSuchImplant { product: row.product, implanted_on: row.implanted_on };
        let key = self.key(row)?.ok_or(missing)?;
        let device = self.devices.get_mut(&row.product).ok_or(missing)?;
        if !Arc::make_mut(device).remove(key) {
            return Err(missing);
        }
        if device.len() == 0 {
            self.devices.remove(&row.product);
        }
        let Self { sites, surgeons, indications, devices } = self;
        names::forget(sites, std::iter::once(row.site), Numbered::Site, devices);
        names::forget(surgeons, row.operation.surgeon.into_iter(), Numbered::Surgeon, devices);
        names::forget(indications, row.operation.indication.into_iter(), Numbered::Indication, devices);
        Ok(())
    }

    /// The row as a key of its device's columns; None where one of its names is unknown here.
    fn key(&self, row: &ImplantRow) -> Result<Option<u128>, OutOfRange> {
        let site = names::number(&self.sites, Some(row.site));
        let surgeon = names::number(&self.surgeons, row.operation.surgeon);
        let indication = names::number(&self.indications, row.operation.indication);
        let (Some(site), Some(surgeon), Some(indication)) = (site, surgeon, indication) else { return Ok(None) };
        row::pack(row, site, surgeon, indication).map(Some)
    }
}

/// Collects rows into a cohort. Order does not matter.
#[derive(Debug, Default)]
pub struct Builder {
    sites: Numbers<SiteCode>,
    surgeons: Numbers<Uuid>,
    indications: Numbers<Indication>,
    devices: HashMap<Uuid, Vec<u128>>,
}

impl Builder {
    /// Takes one implant.
    ///
    /// # Errors
    /// If it cannot be held in columns; the builder goes on without it.
    pub fn push(&mut self, row: &ImplantRow) -> Result<(), OutOfRange> {
        row::check(row)?;
        let site = self.sites.number(Some(row.site))?;
        let surgeon = self.surgeons.number(row.operation.surgeon)?;
        let indication = self.indications.number(row.operation.indication)?;
        self.devices.entry(row.product).or_default().push(row::pack(row, site, surgeon, indication)?);
        Ok(())
    }

    /// Sorts what was collected into columns, all devices at once.
    pub fn finish(self) -> Cohort {
        use rayon::prelude::*;
        let (sites, of_site) = self.sites.in_order();
        let (surgeons, of_surgeon) = self.surgeons.in_order();
        let (indications, of_indication) = self.indications.in_order();
        let number = |of: Numbered, old: u16| match of {
            Numbered::Site => of_site[usize::from(old)],
            Numbered::Surgeon => of_surgeon[usize::from(old)],
            Numbered::Indication => of_indication[usize::from(old)],
        };
        let devices: Vec<(Uuid, Arc<Device>)> = self
            .devices
            .into_par_iter()
            .map(|(product, keys)| (product, Arc::new(Device::from_keys(keys, number))))
            .collect();
        Cohort { sites, surgeons, indications, devices: devices.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests;
