//! A device's columns as bytes, and their digest: the same whatever room they take in memory.

use sha2::{Digest as _, Sha256};

use super::super::operation::Operations;
use super::super::packed::Codes;
use super::Device;

impl Device {
    /// Bytes an implant, without what is known of the operations.
    const BARE: usize = 2 + 2 + 1 + 1 + 2 + 2;
    /// Bytes an implant at the most.
    const WITH_OPERATIONS: usize = Self::BARE + Operations::STORED_BYTES;

    /// Columns one after the other, little end first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::WITH_OPERATIONS * self.len());
        for column in [&self.start, &self.lasted, &self.site, &self.procedure.values()] {
            bytes.extend(column.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes.extend_from_slice(&self.traits);
        bytes.extend_from_slice(&self.age);
        if let Some(operations) = &self.operations {
            operations.write_to(&mut bytes);
        }
        bytes
    }

    /// The same read back; None where it is not what the digest says. Nothing is made of columns before that is known.
    pub fn from_bytes(bytes: &[u8], digest: [u8; 32]) -> Option<Self> {
        // As many bytes may be many rows or fewer that say more: only one of them has the digest.
        [Self::BARE, Self::WITH_OPERATIONS].into_iter().find_map(|each| Self::of_width(bytes, each, digest))
    }

    fn of_width(bytes: &[u8], each: usize, digest: [u8; 32]) -> Option<Self> {
        let n = bytes.len() / each;
        if n * each != bytes.len() {
            return None;
        }
        let (bytes, more) = bytes.split_at(Self::BARE * n);
        let operations = if more.is_empty() { None } else { Some(Operations::from_bytes(more, n)?) };
        let wide = |place: usize| -> Vec<u16> {
            let column = bytes[place * 2 * n..(place + 1) * 2 * n].chunks_exact(2);
            column.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
        };
        let narrow = |place: usize| bytes[8 * n + place * n..8 * n + (place + 1) * n].to_vec();
        let mut device = Self {
            start: wide(0),
            lasted: wide(1),
            site: wide(2),
            procedure: Codes::of(wide(3)),
            traits: narrow(0),
            age: narrow(1),
            operations,
            digest: [0; 32],
            timeline: None,
        };
        if device.content() != digest {
            return None;
        }
        device.digest = digest;
        device.timeline = device.drawn();
        Some(device)
    }

    /// SHA-256 of the columns.
    pub(super) fn content(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update((self.len() as u64).to_le_bytes());
        let mut buffer = Vec::with_capacity(2 * self.len());
        for column in [&self.start, &self.lasted, &self.site, &self.procedure.values()] {
            buffer.clear();
            buffer.extend(column.iter().flat_map(|value| value.to_le_bytes()));
            hash.update(&buffer);
        }
        hash.update(&self.traits);
        hash.update(&self.age);
        if let Some(operations) = &self.operations {
            operations.hash_into(&mut hash);
        }
        hash.finalize().into()
    }
}
