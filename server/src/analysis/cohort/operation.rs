//! What is known of the operation beyond its code: who led it, why it was done, and how the patient was. Columns of their own, which a
//! device has only where anything of this is known of any of its implants.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::key::{self, Numbered};
use super::packed::Packed;
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

/// The columns of one device's operations, packed. In a hash and in the store a surgeon and an indication are two bytes each, a BMI and an
/// ASA grade one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Operations {
    pub surgeon: Packed,
    pub indication: Packed,
    pub bmi: Packed,
    pub asa: Packed,
}

impl Operations {
    /// In a hash and in the store.
    pub const STORED_BYTES: usize = 2 + 2 + 1 + 1;

    /// Of rows in order; None where nothing is known of any.
    pub fn of(keys: &[u128]) -> Option<Self> {
        keys.iter().any(|&key| key::operation(key) != key::NO_OPERATION).then(|| Self {
            surgeon: Packed::of(keys.iter().map(|&key| key::surgeon(key))),
            indication: Packed::of(keys.iter().map(|&key| key::indication(key))),
            bmi: Packed::of(keys.iter().map(|&key| wide(key::bmi(key)))),
            asa: Packed::of(keys.iter().map(|&key| wide(key::asa(key)))),
        })
    }

    /// Of rows of which nothing is known.
    pub fn unknown(n: usize) -> Self {
        let none = Packed::of((0..n).map(|_| NO_NUMBER));
        Self { surgeon: none.clone(), indication: none.clone(), bmi: none.clone(), asa: none }
    }

    /// Whether nothing is known of any.
    pub fn is_unknown(&self) -> bool {
        (0..self.surgeon.len()).all(|row| self.key(row) == key::NO_OPERATION)
    }

    /// What of a row's key lies in these columns.
    pub fn key(&self, row: usize) -> u128 {
        let (surgeon, indication, bmi, asa) = self.row(row);
        key::of_operation(surgeon, indication, bmi, asa)
    }

    /// A row: surgeon, indication, BMI, ASA grade.
    pub fn row(&self, row: usize) -> (u16, u16, u8, u8) {
        (self.surgeon.get(row), self.indication.get(row), narrow(self.bmi.get(row)), narrow(self.asa.get(row)))
    }

    pub fn insert(&mut self, at: usize, key: u128) {
        self.surgeon.change(|all| all.insert(at, key::surgeon(key)));
        self.indication.change(|all| all.insert(at, key::indication(key)));
        self.bmi.change(|all| all.insert(at, wide(key::bmi(key))));
        self.asa.change(|all| all.insert(at, wide(key::asa(key))));
    }

    pub fn remove(&mut self, at: usize) {
        for column in [&mut self.surgeon, &mut self.indication, &mut self.bmi, &mut self.asa] {
            column.change(|all| {
                all.remove(at);
            });
        }
    }

    /// The numbers that stand for names; none of a site, which is no matter of these columns.
    pub fn named(&self, of: Numbered) -> Option<&Packed> {
        match of {
            Numbered::Site => None,
            Numbered::Surgeon => Some(&self.surgeon),
            Numbered::Indication => Some(&self.indication),
        }
    }

    /// Gives what is named other numbers.
    pub fn renumber(&mut self, of: Numbered, number: impl Fn(u16) -> u16) {
        let column = match of {
            Numbered::Site => return,
            Numbered::Surgeon => &mut self.surgeon,
            Numbered::Indication => &mut self.indication,
        };
        column.change(|all| all.iter_mut().filter(|old| **old != NO_NUMBER).for_each(|old| *old = number(*old)));
    }

    pub fn is_wanted(&self, row: usize, wanted: &Wanted) -> bool {
        let (surgeon, indication, bmi, asa) = self.row(row);
        wanted.surgeon.is_none_or(|one| one == surgeon)
            && wanted.indication.is_none_or(|one| one == indication)
            && wanted.asa.is_none_or(|one| one == asa)
            && wanted.bmi.is_none_or(|(least, most)| (least..=most).contains(&bmi) && bmi != NO_GRADE)
    }

    /// Clears those that are not wanted, column by column.
    pub fn choose(&self, rows: std::ops::Range<usize>, wanted: &Wanted, keep: &mut [u8]) {
        let asa = wanted.asa.map(u16::from);
        for (column, value) in
            [(&self.surgeon, wanted.surgeon), (&self.indication, wanted.indication), (&self.asa, asa)]
        {
            if let Some(value) = value {
                for (keep, row) in keep.iter_mut().zip(rows.clone()) {
                    *keep &= u8::from(column.get(row) == value);
                }
            }
        }
        if let Some((least, most)) = wanted.bmi {
            let (least, most) = (u16::from(least), u16::from(most.min(NO_GRADE - 1)));
            for (keep, row) in keep.iter_mut().zip(rows) {
                // Both are asked, for a branch would often be guessed wrong.
                let bmi = self.bmi.get(row);
                *keep &= u8::from(bmi >= least) & u8::from(bmi <= most);
            }
        }
    }

    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        for column in [&self.surgeon, &self.indication] {
            bytes.extend(column.values().flat_map(u16::to_le_bytes));
        }
        for column in [&self.bmi, &self.asa] {
            bytes.extend(column.values().map(narrow));
        }
    }

    /// Of `n` rows, from their bytes; None where these are not as many.
    pub fn from_bytes(bytes: &[u8], n: usize) -> Option<Self> {
        if bytes.len() != n * Self::STORED_BYTES {
            return None;
        }
        let names = |place: usize| {
            let column = bytes[place * 2 * n..(place + 1) * 2 * n].chunks_exact(2);
            Packed::of(column.map(|pair| u16::from_le_bytes([pair[0], pair[1]])))
        };
        let grades = |place: usize| {
            let column = bytes[4 * n + place * n..4 * n + (place + 1) * n].iter();
            Packed::of(column.map(|&grade| wide(grade)))
        };
        Some(Self { surgeon: names(0), indication: names(1), bmi: grades(0), asa: grades(1) })
    }

    pub fn hash_into(&self, hash: &mut Sha256) {
        let mut bytes = Vec::with_capacity(Self::STORED_BYTES * self.surgeon.len());
        self.write_to(&mut bytes);
        hash.update(&bytes);
    }

    /// What they take up in memory.
    pub fn bytes(&self) -> usize {
        [&self.surgeon, &self.indication, &self.bmi, &self.asa].map(Packed::bytes).iter().sum()
    }
}

/// A grade as a packed column has it.
fn wide(grade: u8) -> u16 {
    if grade == NO_GRADE { NO_NUMBER } else { u16::from(grade) }
}

/// A packed grade as it was.
fn narrow(grade: u16) -> u8 {
    u8::try_from(grade).unwrap_or(NO_GRADE)
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
