//! Soft modules to a message: codewords, erasures, Reed–Solomon, and the question whether chance could have done it.

use super::super::correction::{Correction, correct, enough};
use super::super::modules::{Soft, trust};
use super::super::reed_solomon::DATA_MATRIX;
use super::encodation::{self, Message};
use super::placement::codeword_modules;
use super::size::Size;

/// A message that was accepted, and how much error correction was left over.
#[derive(Clone, Debug)]
pub(super) struct Decoded {
    pub(super) message: Message,
    /// Unused part of the error correction (ISO/IEC 15415, 7.8.8), 0 … 1.
    pub(super) unused_correction: f32,
}

/// Decodes soft modules, if they are a symbol beyond doubt.
pub(super) fn decode(size: &Size, soft: &Soft) -> Option<Decoded> {
    let places = codeword_modules(size);
    let trust = trust(size.columns, soft);
    let mut words = Vec::with_capacity(places.len());
    let mut doubt = Vec::with_capacity(places.len());
    for modules in &places {
        words.push(modules.iter().fold(0_u8, |word, at| word << 1 | u8::from(soft[*at] < 0.0)));
        doubt.push(modules.iter().map(|at| trust[*at]).fold(f32::INFINITY, f32::min));
    }
    let mut worst = Correction::none_needed();
    for block in 0..size.blocks {
        let members: Vec<usize> = (0..words.len()).filter(|at| size.block(*at) == block).collect();
        let correction = correct(&DATA_MATRIX, &mut words, &members, &doubt, size.checks / size.blocks)?;
        worst = worst.or_worse(correction);
    }
    let message = encodation::decode(&words[..size.data])?;
    let enough = enough(worst, &message.aim(), &message.bytes);
    (enough && resembles(size, soft, &words, &places)).then_some(Decoded { message, unused_correction: worst.unused })
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
            let checks = DATA_MATRIX.check_words(&own, size.checks / size.blocks);
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
