//! Soft modules to a message: format, mask, codewords, Reed–Solomon (ISO/IEC 18004, 7 and 11).

use super::super::correction::{Correction, correct, enough};
use super::super::modules::{Soft, trust};
use super::super::plan::Plan;
use super::super::ranking::heaviest_first;
use super::super::reed_solomon::QR_CODE;
use super::message::{self, Message};
use super::version::{Level, Version};

/// A message that was accepted, and how much error correction was left over.
#[derive(Clone, Debug)]
pub(super) struct Decoded {
    pub(super) message: Message,
    /// Unused part of the error correction (ISO/IEC 15415, 7.8.8), 0 … 1.
    pub(super) unused_correction: f32,
}

/// Decodes soft modules, if they are a symbol beyond doubt.
pub(super) fn decode(version: Version, plan: &Plan, soft: &Soft) -> Option<Decoded> {
    let places = data_modules(version, plan);
    let trust = trust(plan.columns, soft);
    formats(version, soft).into_iter().take(2).find_map(|(level, mask)| {
        let (mut words, mut doubt) = (Vec::new(), Vec::new());
        for modules in places.chunks_exact(8).take(version.codewords()) {
            let dark = |at: usize| (soft[at] < 0.0) != flips(mask, at / plan.columns, at % plan.columns);
            words.push(modules.iter().fold(0_u8, |word, at| word << 1 | u8::from(dark(*at))));
            doubt.push(modules.iter().map(|at| trust[*at]).fold(f32::INFINITY, f32::min));
        }
        let (blocks, checks) = version.blocks(level);
        let mut worst = Correction::none_needed();
        for members in &blocks {
            worst = worst.or_worse(correct(&QR_CODE, &mut words, members, &doubt, checks)?);
        }
        let data: Vec<u8> =
            blocks.iter().flat_map(|members| &members[..members.len() - checks]).map(|at| words[*at]).collect();
        let message = message::decode(&data, version.number())?;
        let is_enough = enough(worst, &message.aim(), &message.bytes);
        (is_enough && resembles(soft, &words, &places, mask, plan.columns))
            .then_some(Decoded { message, unused_correction: worst.unused })
    })
}

/// Levels and masks by how well both copies of the format agree with them, best first (7.9).
fn formats(version: Version, soft: &Soft) -> Vec<(Level, u8)> {
    let n = version.side();
    let mut found: Vec<(f32, Level, u8)> = (0..32_u16)
        .map(|data| {
            let bits = format_bits(data);
            let agreement: f32 = (0..15)
                .map(|bit| {
                    let sign = if bits >> bit & 1 == 1 { -1.0 } else { 1.0 };
                    format_modules(n, bit).map(|at| sign * soft[at].clamp(-1.0, 1.0)).iter().sum::<f32>()
                })
                .sum();
            let level = [Level::M, Level::L, Level::H, Level::Q][usize::from(data >> 3)];
            (agreement, level, u8::try_from(data & 7).unwrap_or(0))
        })
        .collect();
    heaviest_first(&mut found, |one| one.0);
    found.into_iter().map(|(_, level, mask)| (level, mask)).collect()
}

/// Five bits with their ten of the BCH code, masked (annex C).
fn format_bits(data: u16) -> u16 {
    let mut rest = data;
    for _ in 0..10 {
        rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    }
    (data << 10 | rest) ^ 0x5412
}

/// Where one bit of the format is printed, both times.
fn format_modules(n: usize, bit: usize) -> [usize; 2] {
    let first = match bit {
        0..=5 => (bit, 8),
        6 => (7, 8),
        7 => (8, 8),
        8 => (8, 7),
        _ => (8, 14 - bit),
    };
    let second = if bit < 8 { (8, n - 1 - bit) } else { (n - 15 + bit, 8) };
    [first, second].map(|(row, column)| row * n + column)
}

/// The modules that carry codewords, most significant bit first, in the order of the symbol: up and down in pairs of
/// columns from the right (7.7.3).
fn data_modules(version: Version, plan: &Plan) -> Vec<usize> {
    let n = plan.columns;
    let mut out = Vec::with_capacity(8 * version.codewords() + 7);
    let mut upward = true;
    // The vertical timing pattern has its column for itself.
    let pairs = (7..n).rev().step_by(2).chain([5, 3, 1]);
    for right in pairs {
        for step in 0..n {
            let row = if upward { n - 1 - step } else { step };
            for column in [right, right - 1] {
                if plan.known[row * n + column].is_none() && version.is_data(row, column) {
                    out.push(row * n + column);
                }
            }
        }
        upward = !upward;
    }
    out
}

/// Whether a mask turns a module around (table 10).
fn flips(mask: u8, row: usize, column: usize) -> bool {
    let (i, j) = (row, column);
    let rest = match mask {
        0 => (i + j) % 2,
        1 => i % 2,
        2 => j % 3,
        3 => (i + j) % 3,
        4 => (i / 2 + j / 3) % 2,
        5 => i * j % 2 + i * j % 3,
        6 => (i * j % 2 + i * j % 3) % 2,
        _ => ((i + j) % 2 + i * j % 3) % 2,
    };
    rest == 0
}

/// Whether the modules look, on the whole, like what the corrected codewords would print.
fn resembles(soft: &Soft, words: &[u8], places: &[usize], mask: u8, n: usize) -> bool {
    let (mut agree, mut all) = (0.0, 0.0);
    for (word, modules) in words.iter().zip(places.chunks_exact(8)) {
        for (bit, at) in modules.iter().enumerate() {
            let dark = (word >> (7 - bit) & 1 == 1) != flips(mask, at / n, at % n);
            let weight = soft[*at].abs().min(1.0);
            all += weight;
            agree += if (soft[*at] < 0.0) == dark { weight } else { 0.0 };
        }
    }
    agree > 0.72 * all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Version 1-M, "01234567", of an encoder that is not ours (zint).
    const PRINTED: [&str; 21] = [
        "#######..#.##.#######",
        "#.....#..####.#.....#",
        "#.###.#.#.....#.###.#",
        "#.###.#.##....#.###.#",
        "#.###.#.#.###.#.###.#",
        "#.....#.#...#.#.....#",
        "#######.#.#.#.#######",
        "........#..##........",
        "#.#####..#..#.#####..",
        "...#.#.##.#.#..#.##..",
        "..#...##.#.#.#..#####",
        "....#....#.....####..",
        "...######..#.#..#....",
        "........#.#####..##..",
        "#######..##.#.##.....",
        "#.....#.#.#####...#.#",
        "#.###.#.#...#..#.##..",
        "#.###.#.##..#..#.....",
        "#.###.#.#.##.#..#.#..",
        "#.....#........##.##.",
        "#######.####.#..#.#..",
    ];

    #[test]
    fn a_format_and_its_modules_are_those_of_the_standard() {
        // Annex C.1: level M, mask 5 is 100000011001110 after masking.
        assert_eq!(format_bits(0b00_101), 0b100_0000_1100_1110);
        let mut all: Vec<usize> = (0..15).flat_map(|bit| format_modules(21, bit)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 30);
        let version = Version::of(1).expect("a version");
        assert!(all.iter().all(|at| !version.is_data(at / 21, at % 21)));
    }

    #[test]
    fn a_printed_symbol_is_read_and_bears_a_stain() {
        let mut soft: Soft =
            PRINTED.iter().flat_map(|row| row.bytes()).map(|module| if module == b'#' { -1.0 } else { 1.0 }).collect();
        let version = Version::of(1).expect("a version");
        let plan = version.plan();
        let clean = decode(version, &plan, &soft).expect("read");
        assert_eq!(clean.message.bytes, b"01234567");
        for at in 0..4 {
            soft[(10 + at) * 21 + 12] *= -0.2;
        }
        assert_eq!(decode(version, &plan, &soft).expect("read").message, clean.message);
    }
}
