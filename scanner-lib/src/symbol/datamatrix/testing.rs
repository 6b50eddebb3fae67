//! Pictures of one symbol for tests.

use super::super::reed_solomon::check_words;
use super::placement::codeword_modules;
use super::size::SIZES;

/// What the pictures say.
pub(in crate::symbol) const TEXT: &str = "ABCDEFGHIJKL";

/// The modules of a symbol of 16 × 16, row by row: dark or not.
pub(super) fn modules() -> Vec<bool> {
    let size = SIZES[3];
    let mut words: Vec<u8> = TEXT.bytes().map(|byte| byte + 1).collect();
    words.extend(check_words(&words.clone(), size.checks));
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
#[expect(clippy::cast_possible_truncation, reason = "a small picture")]
pub(in crate::symbol) fn picture(module: usize) -> (Vec<u8>, u32, u32) {
    let dark = modules();
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
