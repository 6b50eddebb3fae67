//! What the columns' numbers stand for: sites, surgeons, indications, each in order, so that a number does not depend on who came first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use uuid::Uuid;

use super::device::Device;
use super::key::Numbered;
use super::operation::NO_NUMBER;
use super::row::OutOfRange;

pub(super) type Devices = BTreeMap<Uuid, Arc<Device>>;

/// A value's number, where it has one; what is not known has one of its own.
pub(super) fn number<T: Ord>(all: &[T], value: Option<T>) -> Option<u16> {
    match value {
        None => Some(NO_NUMBER),
        Some(value) => u16::try_from(all.binary_search(&value).ok()?).ok(),
    }
}

/// The names that a device's implants have.
pub(super) fn held<T: Copy>(of: Numbered, names: &[T], device: Option<&Arc<Device>>) -> Vec<T> {
    let mut numbers = BTreeSet::new();
    if let Some(device) = device {
        device.each_number(of, |number| {
            numbers.insert(number);
        });
    }
    numbers.into_iter().filter_map(|number| names.get(usize::from(number)).copied()).collect()
}

/// The names that a device's implants have, by which it is numbered anew.
pub(super) fn only<T: Copy>(of: Numbered, names: &[T], device: &mut Device) -> Arc<Vec<T>> {
    let mut used = vec![false; names.len()];
    device.each_number(of, |number| {
        if let Some(used) = used.get_mut(usize::from(number)) {
            *used = true;
        }
    });
    let numbers: Vec<u16> = used
        .iter()
        .scan(0, |next, &used| {
            let number = *next;
            *next += u16::from(used);
            Some(number)
        })
        .collect();
    device.number_anew(of, |number| numbers[usize::from(number)]);
    Arc::new(names.iter().zip(used).filter(|(_, used)| *used).map(|(name, _)| *name).collect())
}

/// Gives names their numbers that have none yet. Of more than can be numbered some get none.
pub(super) fn know<T: Ord + Copy>(
    names: &mut Arc<Vec<T>>,
    wanted: impl Iterator<Item = T>,
    of: Numbered,
    devices: &mut Devices,
) {
    let fresh: BTreeSet<T> = wanted.filter(|name| names.binary_search(name).is_err()).collect();
    if !fresh.is_empty() {
        let room = usize::from(NO_NUMBER).saturating_sub(names.len());
        let mut all: Vec<T> = names.iter().copied().chain(fresh.into_iter().take(room)).collect();
        all.sort_unstable();
        renumber(names, all, of, devices);
    }
}

/// Takes their numbers from names that no implant has any more: a hash covers content only, so a name must not outlive its last implant.
pub(super) fn forget<T: Ord + Copy>(
    names: &mut Arc<Vec<T>>,
    may_be_gone: impl Iterator<Item = T>,
    of: Numbered,
    devices: &mut Devices,
) {
    let unused = |name: &T| {
        number(names, Some(*name)).is_some_and(|number| !devices.values().any(|device| device.has(of, number)))
    };
    let gone: BTreeSet<T> = may_be_gone.filter(unused).collect();
    if !gone.is_empty() {
        let left = names.iter().filter(|name| !gone.contains(name)).copied().collect();
        renumber(names, left, of, devices);
    }
}

fn renumber<T: Ord>(names: &mut Arc<Vec<T>>, now: Vec<T>, of: Numbered, devices: &mut Devices) {
    // What nobody has gets any number.
    let place = |name: &T| now.binary_search(name).ok().and_then(|place| u16::try_from(place).ok()).unwrap_or(0);
    let numbers: Vec<u16> = names.iter().map(place).collect();
    if numbers.iter().zip(0..).any(|(&now, before)| now != before) {
        for device in devices.values_mut() {
            Arc::make_mut(device).renumber(of, |number| numbers[usize::from(number)]);
        }
    }
    *names = Arc::new(now);
}

/// Names with numbers in the order in which they came.
#[derive(Debug)]
pub(super) struct Numbers<T>(HashMap<T, u16>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Copy + Ord + Hash> Numbers<T> {
    /// The number of a name.
    ///
    /// # Errors
    /// [`OutOfRange::TooManyNames`] where all are given.
    pub fn number(&mut self, name: Option<T>) -> Result<u16, OutOfRange> {
        let Some(name) = name else { return Ok(NO_NUMBER) };
        if let Some(known) = self.0.get(&name) {
            return Ok(*known);
        }
        let next = u16::try_from(self.0.len()).ok().filter(|&next| next < NO_NUMBER);
        let next = next.ok_or(OutOfRange::TooManyNames)?;
        self.0.insert(name, next);
        Ok(next)
    }

    /// The names in order, and for each number until now the one that it has there.
    pub fn in_order(&self) -> (Arc<Vec<T>>, Vec<u16>) {
        let mut names: Vec<T> = self.0.keys().copied().collect();
        names.sort_unstable();
        let mut renumbered = vec![0_u16; names.len()];
        for (number, name) in (0_u16..).zip(&names) {
            renumbered[usize::from(self.0[name])] = number;
        }
        (Arc::new(names), renumbered)
    }
}
