//! Pictures of one symbol for tests.

use super::super::reed_solomon::DATA_MATRIX;
use super::placement::codeword_modules;
use super::size::SIZES;

/// What the pictures say.
pub(in crate::symbol) const TEXT: &str = "ABCDEFGHIJKL";

/// Codewords that say FNC1 and 0109506000134353: a GTIN whose check digit is wrong.
pub(in crate::symbol) const BROKEN: [u8; 12] = [232, 131, 139, 180, 190, 130, 143, 173, 183, 129, 251, 147];

/// The modules of a symbol of 16 × 16, row by row: dark or not.
pub(super) fn modules() -> Vec<bool> {
    let words: Vec<u8> = TEXT.bytes().map(|byte| byte + 1).collect();
    printed(&words)
}

/// The modules that twelve data codewords print.
fn printed(data: &[u8]) -> Vec<bool> {
    let (size, mut words) = (SIZES[3], data.to_vec());
    words.extend(DATA_MATRIX.check_words(&words.clone(), size.checks));
    let mut dark: Vec<bool> = (0..size.rows * size.columns)
        .map(|at| size.finder(at / size.columns, at % size.columns) == Some(true))
        .collect();
    for (word, modules) in words.iter().zip(codeword_modules(&size)) {
        for (bit, at) in modules.into_iter().enumerate() {
            dark[at] = word >> (7 - bit) & 1 == 1;
        }
    }
    dark
}

/// A picture of it: pixels, width, height.
pub(in crate::symbol) fn picture(module: usize) -> (Vec<u8>, u32, u32) {
    drawn(&modules(), module)
}

/// A picture of any twelve data codewords.
pub(in crate::symbol) fn picture_of(data: &[u8], module: usize) -> (Vec<u8>, u32, u32) {
    drawn(&printed(data), module)
}

#[expect(clippy::cast_possible_truncation, reason = "a small picture")]
fn drawn(dark: &[bool], module: usize) -> (Vec<u8>, u32, u32) {
    let (width, height, left, top, side) = (240, 200, 80, 60, 16);
    let luma = (0..width * height)
        .map(|at| {
            let (x, y) = (at % width, at / width);
            let inside = x >= left && y >= top && x < left + module * side && y < top + module * side;
            if inside && dark[(y - top) / module * side + (x - left) / module] { 40 } else { 210 }
        })
        .collect();
    (luma, width as u32, height as u32)
}
