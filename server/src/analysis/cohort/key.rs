//! A row as one number whose order is the order of the columns: start, lasted, traits, age, site, procedure, and what is known of the
//! operation.

use super::operation::{NO_GRADE, NO_NUMBER};

/// The end of a key of whose operation nothing is known.
pub(super) const NO_OPERATION: u128 = 0xffff_ffff_ffff;

/// What stands in a key before the operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub start: u16,
    pub lasted: u16,
    pub traits: u8,
    pub age: u8,
    pub site: u16,
    pub procedure: u16,
}

impl Head {
    /// With the end of the key.
    pub fn with(self, operation: u128) -> u128 {
        u128::from(self.start) << 112
            | u128::from(self.lasted) << 96
            | u128::from(self.traits) << 88
            | u128::from(self.age) << 80
            | u128::from(self.site) << 64
            | u128::from(self.procedure) << 48
            | operation
    }

    /// That of a key.
    pub fn of(key: u128) -> Self {
        Self {
            start: low16(key >> 112),
            lasted: low16(key >> 96),
            traits: low8(key >> 88),
            age: low8(key >> 80),
            site: low16(key >> 64),
            procedure: low16(key >> 48),
        }
    }
}

/// The end of a key.
pub(super) fn of_operation(surgeon: u16, indication: u16, bmi: u8, asa: u8) -> u128 {
    u128::from(surgeon) << 32 | u128::from(indication) << 16 | u128::from(bmi) << 8 | u128::from(asa)
}

pub(super) fn operation(key: u128) -> u128 {
    key & NO_OPERATION
}

pub(super) fn surgeon(key: u128) -> u16 {
    low16(key >> 32)
}

pub(super) fn indication(key: u128) -> u16 {
    low16(key >> 16)
}

pub(super) fn bmi(key: u128) -> u8 {
    low8(key >> 8)
}

pub(super) fn asa(key: u128) -> u8 {
    low8(key)
}

/// The numbers of a key that stand for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbered {
    Site,
    Surgeon,
    Indication,
}

/// The key with other numbers; what is not known stays unknown.
pub(super) fn renumbered(key: u128, number: &impl Fn(Numbered, u16) -> u16) -> u128 {
    let head = Head::of(key);
    let known = |of, old| if old == NO_NUMBER { NO_NUMBER } else { number(of, old) };
    let operation = of_operation(
        known(Numbered::Surgeon, surgeon(key)),
        known(Numbered::Indication, indication(key)),
        bmi(key),
        asa(key),
    );
    Head { site: number(Numbered::Site, head.site), ..head }.with(operation)
}

const _: () = assert!(NO_NUMBER == 0xffff && NO_GRADE == 0xff, "all that is not known is NO_OPERATION");

#[expect(clippy::cast_possible_truncation, reason = "takes the low sixteen bits on purpose")]
fn low16(key: u128) -> u16 {
    key as u16
}

#[expect(clippy::cast_possible_truncation, reason = "takes the low eight bits on purpose")]
fn low8(key: u128) -> u8 {
    key as u8
}
