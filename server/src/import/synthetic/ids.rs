//! Identifiers for a load: UUIDv7 in the order of the rows, so that every table grows at its end.

use uuid::{Builder, Uuid};

use crate::error::{Code, Problem};

/// Identifiers set aside for one patient; a patient needs some ten.
const PER_PATIENT: u64 = 256;
/// The twelve bits behind the milliseconds count on.
const PER_MILLISECOND: u64 = 1 << 12;

/// All identifiers of a load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ids {
    start: u64,
}

impl Ids {
    pub fn from_now() -> Self {
        Self { start: u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or(0) }
    }

    /// The identifiers of one patient's rows.
    pub fn of_patient(self, number: u64) -> Result<PatientIds, Problem> {
        // One draw for the patient, mixed anew for each row: identifiers must be unlike, not secret.
        let random = getrandom::u64()
            .map_err(|error| Problem::new(Code::Internal, "The system gives no randomness.").because(error))?;
        Ok(PatientIds { start: self.start, next: number * PER_PATIENT, random })
    }
}

/// The identifiers of one patient's rows, in order.
#[derive(Debug)]
pub(super) struct PatientIds {
    start: u64,
    next: u64,
    random: u64,
}

impl PatientIds {
    pub fn next(&mut self) -> Uuid {
        let (millisecond, place) = (self.start + self.next / PER_MILLISECOND, self.next % PER_MILLISECOND);
        self.next += 1;
        self.random = self.random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let mixed = (self.random ^ (self.random >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mut tail = [0; 10];
        tail[..2].copy_from_slice(&u16::try_from(place).expect("below 4096").to_be_bytes());
        tail[2..].copy_from_slice(&(mixed ^ (mixed >> 32)).to_be_bytes());
        Builder::from_unix_timestamp_millis(millisecond, &tail).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_ascend_and_are_of_version_7() {
        let ids = Ids { start: 1_700_000_000_000 };
        let all: Vec<Uuid> = (0..40)
            .flat_map(|patient| {
                let mut ids = ids.of_patient(patient).unwrap();
                (0..200).map(move |_| ids.next()).collect::<Vec<_>>()
            })
            .collect();
        assert!(all.is_sorted_by(|a, b| a < b));
        assert!(all.iter().all(|id| id.get_version_num() == 7));
    }
}
