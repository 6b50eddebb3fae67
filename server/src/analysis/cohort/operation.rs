//! What is known of the operation beyond its code: who led it, why it was done, and how the patient was. Columns of their own, which a
//! device has only where anything of this is known of any of its implants.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::key;
use super::row::Wanted;

/// A number that stands for what is not known.
pub(super) const NO_NUMBER: u16 = u16::MAX;
/// A BMI or an ASA grade that is not known.
pub(super) const NO_GRADE: u8 = u8::MAX;

/// Why an operation was done: the text as recorded, in small letters. Of longer texts the first 48 bytes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Indication([u8; Self::BYTES]);

impl Indication {
    /// Bytes of a text that count.
    pub const BYTES: usize = 48;

    /// From a text; None where there is none.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.replace('\0', "").trim().to_lowercase();
        let end = (0..=text.len().min(Self::BYTES)).rev().find(|&end| text.is_char_boundary(end))?;
        let text = text[..end].trim_end();
        let mut bytes = [0; Self::BYTES];
        bytes.get_mut(..text.len()).filter(|room| !room.is_empty())?.copy_from_slice(text.as_bytes());
        Some(Self(bytes))
    }

    /// As text.
    pub fn text(&self) -> String {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        String::from_utf8_lossy(&self.0[..end]).into_owned()
    }

    pub(super) fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// From its bytes; None where they are fewer.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// What is known of an operation beyond its code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The surgeon who led it, by the registry's own identifier.
    pub surgeon: Option<Uuid>,
    /// Why.
    pub indication: Option<Indication>,
    /// The patient's body mass index, kg/m², rounded down; 0 to 254.
    pub bmi: Option<u8>,
    /// The patient's ASA grade, 1 to 6.
    pub asa: Option<u8>,
}

/// The columns of one device's operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Operations {
    pub surgeon: Vec<u16>,
    pub indication: Vec<u16>,
    bmi: Vec<u8>,
    asa: Vec<u8>,
}

impl Operations {
    pub const BYTES_PER_IMPLANT: usize = 2 + 2 + 1 + 1;

    /// Of rows in order; None where nothing is known of any.
    pub fn of(keys: &[u128]) -> Option<Self> {
        keys.iter().any(|&key| key::operation(key) != key::NO_OPERATION).then(|| Self {
            surgeon: keys.iter().map(|&key| key::surgeon(key)).collect(),
            indication: keys.iter().map(|&key| key::indication(key)).collect(),
            bmi: keys.iter().map(|&key| key::bmi(key)).collect(),
            asa: keys.iter().map(|&key| key::asa(key)).collect(),
        })
    }

    /// Of rows of which nothing is known.
    pub fn unknown(n: usize) -> Self {
        Self {
            surgeon: vec![NO_NUMBER; n],
            indication: vec![NO_NUMBER; n],
            bmi: vec![NO_GRADE; n],
            asa: vec![NO_GRADE; n],
        }
    }

    /// Whether nothing is known of any.
    pub fn is_unknown(&self) -> bool {
        (0..self.surgeon.len()).all(|row| self.key(row) == key::NO_OPERATION)
    }

    /// What of a row's key lies in these columns.
    pub fn key(&self, row: usize) -> u128 {
        key::of_operation(self.surgeon[row], self.indication[row], self.bmi[row], self.asa[row])
    }

    pub fn insert(&mut self, at: usize, key: u128) {
        self.surgeon.insert(at, key::surgeon(key));
        self.indication.insert(at, key::indication(key));
        self.bmi.insert(at, key::bmi(key));
        self.asa.insert(at, key::asa(key));
    }

    pub fn remove(&mut self, at: usize) {
        self.surgeon.remove(at);
        self.indication.remove(at);
        self.bmi.remove(at);
        self.asa.remove(at);
    }

    pub fn is_wanted(&self, row: usize, wanted: &Wanted) -> bool {
        wanted.surgeon.is_none_or(|surgeon| surgeon == self.surgeon[row])
            && wanted.indication.is_none_or(|indication| indication == self.indication[row])
            && wanted.asa.is_none_or(|asa| asa == self.asa[row])
            && wanted
                .bmi
                .is_none_or(|(least, most)| (least..=most).contains(&self.bmi[row]) && self.bmi[row] != NO_GRADE)
    }

    /// Clears those that are not wanted, column by column.
    pub fn choose(&self, rows: std::ops::Range<usize>, wanted: &Wanted, keep: &mut [u8]) {
        for (column, value) in [(&self.surgeon, wanted.surgeon), (&self.indication, wanted.indication)] {
            if let Some(value) = value {
                for (keep, &cell) in keep.iter_mut().zip(&column[rows.clone()]) {
                    *keep &= u8::from(cell == value);
                }
            }
        }
        if let Some(asa) = wanted.asa {
            for (keep, &cell) in keep.iter_mut().zip(&self.asa[rows.clone()]) {
                *keep &= u8::from(cell == asa);
            }
        }
        if let Some((least, most)) = wanted.bmi {
            for (keep, &bmi) in keep.iter_mut().zip(&self.bmi[rows]) {
                *keep &= u8::from(bmi >= least) & u8::from(bmi <= most) & u8::from(bmi != NO_GRADE);
            }
        }
    }

    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        for column in [&self.surgeon, &self.indication] {
            bytes.extend(column.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes.extend_from_slice(&self.bmi);
        bytes.extend_from_slice(&self.asa);
    }

    /// Of `n` rows, from their bytes; None where these are not as many.
    pub fn from_bytes(bytes: &[u8], n: usize) -> Option<Self> {
        if bytes.len() != n * Self::BYTES_PER_IMPLANT {
            return None;
        }
        let wide = |place: usize| -> Vec<u16> {
            let column = bytes[place * 2 * n..(place + 1) * 2 * n].chunks_exact(2);
            column.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
        };
        let narrow = |place: usize| bytes[4 * n + place * n..4 * n + (place + 1) * n].to_vec();
        Some(Self { surgeon: wide(0), indication: wide(1), bmi: narrow(0), asa: narrow(1) })
    }

    pub fn hash_into(&self, hash: &mut Sha256) {
        let mut bytes = Vec::with_capacity(Self::BYTES_PER_IMPLANT * self.surgeon.len());
        self.write_to(&mut bytes);
        hash.update(&bytes);
    }

    /// A row's grades: BMI and ASA.
    pub fn grades(&self, row: usize) -> (u8, u8) {
        (self.bmi[row], self.asa[row])
    }
}

/// A grade as columns have it.
pub(super) fn grade(value: Option<u8>) -> u8 {
    value.map_or(NO_GRADE, |value| value.min(NO_GRADE - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indication_is_its_text_in_small_letters() {
        let text = |text: &str| Indication::new(text).map(|one| one.text());
        assert_eq!(text(" M16.1 Primary coxarthrosis "), Some("m16.1 primary coxarthrosis".to_owned()));
        assert_eq!((text(""), text("   ")), (None, None));
        let long = "ö".repeat(40);
        assert_eq!(text(&long), Some("ö".repeat(24)), "cut between letters");
        assert_eq!(Indication::new(&"a".repeat(60)), Indication::new(&"a".repeat(50)));
    }
}
