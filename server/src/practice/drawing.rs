//! Barcodes drawn: a GS1 message as a Data Matrix or as GS1-128, for sheets that people print and practise with.

use std::fmt::Write as _;

use barcoders::sym::code128::Code128;
use datamatrix::{DataMatrix, SymbolList};
use tessera_scanner::gs1::element_string::GS;

/// How barcoders is told of code set B, of code set C, and of FNC1.
const SET_B: char = '\u{181}';
const SET_C: char = '\u{106}';
const FNC1: char = '\u{179}';
/// From so many digits on, two in one character are shorter.
const WORTH_C: usize = 4;

/// Modules that Code 128 needs clear on each side (ISO/IEC 15417), and Data Matrix all round at the least (ISO/IEC 16022).
const QUIET_BARS: usize = 10;
const QUIET_MATRIX: usize = 1;

/// A barcode as dark squares on a grid of modules, its quiet zone included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Modules across.
    pub width: usize,
    /// Modules down; of bars, one: draw it as high as there is room.
    pub height: usize,
    /// The dark modules as an SVG path, from the top left.
    pub path: String,
}

/// Why a message could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} could not be drawn as a barcode: {why}")]
pub struct NotDrawn {
    message: String,
    why: String,
}

/// A GS1 element string, its separators as GS (0x1D), as a GS1 Data Matrix.
///
/// # Errors
/// Where it is longer than the largest symbol holds.
pub fn data_matrix(message: &str) -> Result<Drawing, NotDrawn> {
    let matrix = DataMatrix::encode_gs1(message.as_bytes(), SymbolList::default().enforce_square())
        .map_err(|error| NotDrawn { message: message.to_owned(), why: format!("{error:?}") })?;
    let bitmap = matrix.bitmap();
    let size = (bitmap.width(), bitmap.height());
    Ok(drawn(bitmap.pixels(), size, (QUIET_MATRIX, QUIET_MATRIX)))
}

/// A GS1 element string, its separators as GS (0x1D), as GS1-128.
///
/// # Errors
/// Where it has a character that code sets B and C have not.
pub fn gs1_128(message: &str) -> Result<Drawing, NotDrawn> {
    let bars = Code128::new(in_code_sets(message))
        .map_err(|error| NotDrawn { message: message.to_owned(), why: error.to_string() })?
        .encode();
    let dark = bars.iter().enumerate().filter(|&(_, &module)| module == 1).map(|(x, _)| (x, 0));
    Ok(drawn(dark, (bars.len(), 1), (QUIET_BARS, 0)))
}

/// The message with its FNC1s and the code sets to be used: C for runs of digits, else B (ISO/IEC 15417, Annex E).
fn in_code_sets(message: &str) -> String {
    let characters: Vec<char> = std::iter::once(FNC1)
        .chain(message.chars().map(|character| if character == char::from(GS) { FNC1 } else { character }))
        .collect();
    let digits = |from: usize| characters[from..].iter().take_while(|character| character.is_ascii_digit()).count();
    let starts_with_digits = digits(1) >= WORTH_C;
    let mut set = if starts_with_digits { SET_C } else { SET_B };
    let mut told = String::from(set);
    let mut at = 0;
    while at < characters.len() {
        let wanted = match digits(at) {
            _ if characters[at] == FNC1 => set,
            0 | 1 => SET_B,
            _ if set == SET_C => SET_C,
            run if run >= WORTH_C && run % 2 == 0 => SET_C,
            _ => SET_B,
        };
        if wanted != set {
            set = wanted;
            told.push(set);
        }
        // In C two digits are one character; an FNC1 stands alone in any set.
        let taken = if set == SET_C && characters[at] != FNC1 { 2 } else { 1 };
        told.extend(&characters[at..at + taken]);
        at += taken;
    }
    told
}

fn drawn(dark: impl Iterator<Item = (usize, usize)>, size: (usize, usize), quiet: (usize, usize)) -> Drawing {
    let mut path = String::new();
    for (x, y) in dark {
        // Writing to a String cannot fail.
        let _ = write!(path, "M{} {}h1v1h-1z", x + quiet.0, y + quiet.1);
    }
    Drawing { width: size.0 + 2 * quiet.0, height: size.1 + 2 * quiet.1, path }
}

#[cfg(test)]
pub(super) mod tests {
    use tessera_scanner::symbol::{Frame, ReadOptions, read};

    use super::*;

    /// The drawing as a grey picture: so many pixels a module, bars so many modules high.
    #[expect(clippy::cast_possible_truncation, reason = "a picture of a few hundred pixels")]
    pub(crate) fn picture(drawing: &Drawing, scale: usize, high: usize) -> (Vec<u8>, u32, u32) {
        let margin = 8 * scale;
        let (wide, down) = (drawing.width * scale + 2 * margin, drawing.height * high * scale + 2 * margin);
        let mut luma = vec![255; wide * down];
        for run in drawing.path.split('z').filter(|run| !run.is_empty()) {
            let numbers: Vec<usize> =
                run.split(['M', ' ', 'h', 'v']).filter_map(|number| number.parse().ok()).collect();
            let (x, y, length) = (numbers[0], numbers[1], numbers[2]);
            for row in y * high * scale..(y + 1) * high * scale {
                let from = (margin + row) * wide + margin + x * scale;
                luma[from..from + length * scale].fill(0);
            }
        }
        (luma, wide as u32, down as u32)
    }

    #[test]
    fn what_is_drawn_is_read() {
        let message = "01095219900000121731063010PR/ACT-4\u{1d}21S0";
        let odd = "1712345610A\u{1d}21123";
        assert_eq!(in_code_sets(odd), "ĆŹ1712345610ƁAŹ2Ć1123");
        for (drawing, high, aim) in [(data_matrix(message).unwrap(), 1, "]d2"), (gs1_128(message).unwrap(), 60, "]C1")]
        {
            let (luma, wide, down) = picture(&drawing, 4, high);
            let frame = Frame::new(&luma, wide, down).unwrap();
            let symbols = read(&frame, &ReadOptions::default());
            assert_eq!(symbols.len(), 1, "{aim}");
            assert_eq!(String::from_utf8_lossy(&symbols[0].bytes), message, "{aim}");
            assert_eq!(symbols[0].aim, aim);
        }
    }

    #[test]
    fn what_no_barcode_holds_is_refused() {
        assert!(gs1_128("Å").is_err());
        assert!(data_matrix(&"A1".repeat(4000)).is_err());
    }
}
