//! Soft modules to a message: codewords, erasures, Reed–Solomon, and the question whether chance could have done it.

use super::super::plausible::{Vouching, vouching};
use super::super::reed_solomon;
use super::encodation::{self, Message};
use super::modules::{Soft, trust};
use super::placement::codeword_modules;
use super::size::Size;

/// A message that was accepted, and how much error correction was left over.
#[derive(Clone, Debug)]
pub(super) struct Decoded {
    pub(super) message: Message,
    /// Unused part of the error correction (ISO/IEC 15415, 7.8.8), 0 … 1.
    pub(super) unused_correction: f32,
}

/// Bits of improbability that a reading must have of being chance: with the data's own rules holding, and without.
const BITS_IF_VOUCHED: f32 = 20.0;
const BITS_ALONE: f32 = 30.0;

/// Parts of the check words that are spent on erasures, in the order tried.
const ERASED: [f32; 7] = [0.0, 0.2, 0.35, 0.5, 0.62, 0.74, 0.84];

/// Decodes soft modules, if they are a symbol beyond doubt.
pub(super) fn decode(size: &Size, soft: &Soft) -> Option<Decoded> {
    let places = codeword_modules(size);
    let trust = trust(size, soft);
    let mut words = Vec::with_capacity(places.len());
    let mut doubt = Vec::with_capacity(places.len());
    for modules in &places {
        words.push(modules.iter().fold(0_u8, |word, at| word << 1 | u8::from(soft[*at] < 0.0)));
        doubt.push(modules.iter().map(|at| trust[*at]).fold(f32::INFINITY, f32::min));
    }
    let mut worst = Correction { bits: f32::INFINITY, unused: 1.0 };
    for block in 0..size.blocks {
        let members: Vec<usize> = (0..words.len()).filter(|at| size.block(*at) == block).collect();
        let correction = correct(&mut words, &members, &doubt, size.checks / size.blocks)?;
        worst = Correction { bits: worst.bits.min(correction.bits), unused: worst.unused.min(correction.unused) };
    }
    let message = encodation::decode(&words[..size.data])?;
    let vouched = vouching(&message.aim(), &message.bytes);
    let enough = match vouched {
        Vouching::Holds => worst.bits >= BITS_IF_VOUCHED,
        Vouching::None => worst.bits >= BITS_ALONE,
        // A symbol that says it is GS1 and is not: only where nothing was mended.
        Vouching::Broken => worst.bits >= BITS_ALONE && worst.unused > 0.7,
    };
    (enough && resembles(size, soft, &words, &places)).then_some(Decoded { message, unused_correction: worst.unused })
}

struct Correction {
    bits: f32,
    unused: f32,
}

/// Corrects one block in place, with as few erasures as it takes.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 256")]
fn correct(words: &mut [u8], members: &[usize], doubt: &[f32], checks: usize) -> Option<Correction> {
    let block: Vec<u8> = members.iter().map(|at| words[*at]).collect();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by(|a, b| doubt[members[*a]].total_cmp(&doubt[members[*b]]));
    let mut last = usize::MAX;
    for part in ERASED {
        let erasures = (checks as f32 * part) as usize;
        if erasures == last {
            continue;
        }
        last = erasures;
        let mut fixed = block.clone();
        let Some(errors) = reed_solomon::correct(&mut fixed, checks, &order[..erasures]) else { continue };
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

/// Whether the modules look, on the whole, like what the corrected codewords would print.
fn resembles(size: &Size, soft: &Soft, words: &[u8], places: &[[usize; 8]]) -> bool {
    let (mut agree, mut all) = (0.0, 0.0);
    let mut weigh = |at: usize, dark: bool| {
        let weight = soft[at].abs().min(1.0);
        all += weight;
        agree += if (soft[at] < 0.0) == dark { weight } else { 0.0 };
    };
    for (word, modules) in words.iter().zip(places) {
        for (bit, at) in modules.iter().enumerate() {
            weigh(*at, word >> (7 - bit) & 1 == 1);
        }
    }
    for at in 0..soft.len() {
        if let Some(dark) = size.finder(at / size.columns, at % size.columns) {
            weigh(at, dark);
        }
    }
    agree > 0.72 * all
}

#[cfg(test)]
mod tests {
    use super::super::size::SIZES;
    use super::*;

    /// The modules that an encoder would print for data codewords.
    fn print(size: &Size, data: &[u8]) -> Soft {
        let mut words = data.to_vec();
        words.resize(size.data + size.checks, 0);
        for block in 0..size.blocks {
            let members: Vec<usize> = (0..words.len()).filter(|at| size.block(*at) == block).collect();
            let own: Vec<u8> = members.iter().filter(|at| **at < size.data).map(|at| words[*at]).collect();
            let checks = reed_solomon::check_words(&own, size.checks / size.blocks);
            for (at, check) in members.iter().filter(|at| **at >= size.data).zip(checks) {
                words[*at] = check;
            }
        }
        let mut soft: Soft = (0..size.rows * size.columns)
            .map(|at| if size.finder(at / size.columns, at % size.columns) == Some(true) { -1.0 } else { 1.0 })
            .collect();
        for (word, modules) in words.iter().zip(codeword_modules(size)) {
            for (bit, at) in modules.into_iter().enumerate() {
                soft[at] = if word >> (7 - bit) & 1 == 1 { -1.0 } else { 1.0 };
            }
        }
        soft
    }

    #[test]
    fn every_size_comes_back_and_bears_a_torn_corner() {
        for size in SIZES {
            let mut data = vec![b'A' + 1; size.data];
            data[size.data - 1] = b'Z' + 1;
            let mut soft = print(&size, &data);
            let clean = decode(&size, &soft).unwrap_or_else(|| panic!("{size:?}"));
            assert_eq!(clean.message.bytes.len(), size.data, "{size:?}");
            assert!((clean.unused_correction - 1.0).abs() < 1e-6);
            if size.rows >= 16 {
                for row in 1..4 {
                    for column in 1..4 {
                        soft[row * size.columns + column] = 0.05;
                    }
                }
                let mended = decode(&size, &soft).unwrap_or_else(|| panic!("{size:?}"));
                assert_eq!(mended.message, clean.message, "{size:?}");
            }
        }
    }

    #[test]
    fn noise_is_no_message() {
        let mut state = 7_u32;
        for size in SIZES.iter().take(8) {
            for _ in 0..300 {
                let soft: Soft = (0..size.rows * size.columns)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        if state >> 31 == 0 { 1.0 } else { -1.0 }
                    })
                    .collect();
                assert!(decode(size, &soft).is_none());
            }
        }
    }
}
