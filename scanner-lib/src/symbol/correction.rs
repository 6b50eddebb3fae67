//! Codewords of a matrix symbol put right: the doubtful ones as erasures, as few as it takes, and the question whether
//! chance could have done it.

use super::plausible::{Vouching, vouching};
use super::ranking::lightest_first;
use super::reed_solomon::Field;

/// Bits of improbability that a reading must have of being chance: with the data's own rules holding, and without.
const BITS_IF_VOUCHED: f32 = 20.0;
const BITS_ALONE: f32 = 30.0;

/// Parts of the check words that are spent on erasures, in the order tried.
const ERASED: [f32; 7] = [0.0, 0.2, 0.35, 0.5, 0.62, 0.74, 0.84];

/// How sure the mended blocks of a symbol are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Correction {
    /// Improbability of being chance.
    pub(super) bits: f32,
    /// Unused part of the error correction (ISO/IEC 15415, 7.8.8), 0 … 1.
    pub(super) unused: f32,
}

impl Correction {
    pub(super) fn none_needed() -> Self {
        Self { bits: f32::INFINITY, unused: 1.0 }
    }

    /// The worst of several blocks is what counts.
    pub(super) fn or_worse(self, other: Self) -> Self {
        Self { bits: self.bits.min(other.bits), unused: self.unused.min(other.unused) }
    }
}

/// Whether a content may be believed, being put right so.
pub(super) fn enough(worst: Correction, aim: &str, bytes: &[u8]) -> bool {
    match vouching(aim, bytes) {
        Vouching::Holds => worst.bits >= BITS_IF_VOUCHED,
        Vouching::None => worst.bits >= BITS_ALONE,
        // A symbol that says it is GS1 and is not: only where nothing was mended.
        Vouching::Broken => worst.bits >= BITS_ALONE && worst.unused > 0.7,
    }
}

/// Corrects one block, the codewords at `members`, in place, with as few erasures as it takes.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 256")]
pub(super) fn correct(
    field: &Field,
    words: &mut [u8],
    members: &[usize],
    doubt: &[f32],
    checks: usize,
) -> Option<Correction> {
    let block: Vec<u8> = members.iter().map(|at| words[*at]).collect();
    let mut order: Vec<usize> = (0..members.len()).collect();
    lightest_first(&mut order, |at| doubt[members[*at]]);
    let mut last = usize::MAX;
    for part in ERASED {
        let erasures = (checks as f32 * part) as usize;
        if erasures == last {
            continue;
        }
        last = erasures;
        let mut fixed = block.clone();
        let Some(errors) = field.correct(&mut fixed, checks, &order[..erasures]) else { continue };
        let bits = improbability(members.len(), checks, erasures, errors);
        if bits < BITS_IF_VOUCHED {
            continue;
        }
        for (at, byte) in members.iter().zip(fixed) {
            words[*at] = byte;
        }
        let unused = 1.0 - (erasures + 2 * errors) as f32 / checks as f32;
        return Some(Correction { bits, unused });
    }
    None
}

/// How improbable it is, in bits, that a random block is corrected with so few errors and erasures: the codewords that
/// near, of all words.
#[expect(clippy::cast_precision_loss, reason = "below 256")]
fn improbability(length: usize, checks: usize, erasures: usize, errors: usize) -> f32 {
    let choices: f32 = (0..errors).map(|i| ((length - erasures - i) as f32 / (i + 1) as f32).log2()).sum();
    8.0 * (checks - erasures) as f32 - 8.0 * errors as f32 - choices
}
