//! Barcodes drawn: a GS1 message as a Data Matrix or as GS1-128, for sheets that people print and practise with.

use std::fmt::Write as _;

use rxing::common::BitMatrix;
use rxing::datamatrix::DataMatrixWriter;
use rxing::oned::Code128Writer;
use rxing::{BarcodeFormat, EncodeHints, Writer};

use crate::gs1::element_string::GS;

/// How rxing's writer of Code 128 is told of an FNC1.
const FNC1: &str = "\u{f1}";

/// Modules that Code 128 needs clear on each side (ISO/IEC 15417), and Data Matrix all round at the least (ISO/IEC 16022).
const QUIET_BARS: u32 = 10;
const QUIET_MATRIX: u32 = 1;

/// A barcode as dark squares on a grid of modules, its quiet zone included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Modules across.
    pub width: u32,
    /// Modules down; of bars, one: draw it as high as there is room.
    pub height: u32,
    /// The dark runs as an SVG path, in modules from the top left.
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
/// Where it has a character that the barcode cannot hold, or too many.
pub fn data_matrix(message: &str) -> Result<Drawing, NotDrawn> {
    let hints = EncodeHints { Gs1Format: Some(true), DataMatrixCompact: Some(true), ..EncodeHints::default() };
    // The FNC1 at the beginning is what makes it GS1 (ISO/IEC 16022).
    let text = format!("{}{message}", char::from(GS));
    let matrix = DataMatrixWriter
        .encode_with_hints(&text, &BarcodeFormat::DATA_MATRIX, 0, 0, &hints)
        .map_err(|error| not_drawn(message, &error))?;
    Ok(drawn(&matrix, QUIET_MATRIX, QUIET_MATRIX))
}

/// A GS1 element string, its separators as GS (0x1D), as GS1-128.
///
/// # Errors
/// Where it has a character that the barcode cannot hold, or more than 80 of them.
pub fn gs1_128(message: &str) -> Result<Drawing, NotDrawn> {
    let text = format!("{FNC1}{}", message.replace(char::from(GS), FNC1));
    let matrix =
        Code128Writer.encode(&text, &BarcodeFormat::CODE_128, 0, 1).map_err(|error| not_drawn(message, &error))?;
    Ok(drawn(&matrix, QUIET_BARS, 0))
}

fn not_drawn(message: &str, error: &rxing::Exceptions) -> NotDrawn {
    NotDrawn { message: message.to_owned(), why: error.to_string() }
}

/// The dark runs of the matrix without the margin it came with, which differs between writers.
fn drawn(matrix: &BitMatrix, quiet_x: u32, quiet_y: u32) -> Drawing {
    let dark: Vec<(u32, u32)> = (0..matrix.height())
        .flat_map(|y| (0..matrix.width()).map(move |x| (x, y)))
        .filter(|&(x, y)| matrix.get(x, y))
        .collect();
    let least = |values: &mut dyn Iterator<Item = u32>| values.min().unwrap_or_default();
    let most = |values: &mut dyn Iterator<Item = u32>| values.max().map_or(0, |last| last + 1);
    let (left, top) = (least(&mut dark.iter().map(|at| at.0)), least(&mut dark.iter().map(|at| at.1)));
    let (right, bottom) = (most(&mut dark.iter().map(|at| at.0)), most(&mut dark.iter().map(|at| at.1)));
    let mut path = String::new();
    for y in top..bottom {
        let mut x = left;
        while x < right {
            let run = (x..right).take_while(|&at| matrix.get(at, y)).count();
            let run = u32::try_from(run).unwrap_or_default();
            if run > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x - left + quiet_x, y - top + quiet_y);
            }
            x += run.max(1);
        }
    }
    Drawing { width: right - left + 2 * quiet_x, height: bottom - top + 2 * quiet_y, path }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::{Frame, ReadOptions, read};

    /// The drawing as a grey picture: so many pixels a module, bars so many modules high.
    #[expect(clippy::cast_possible_truncation, reason = "a picture of a few hundred pixels")]
    fn picture(drawing: &Drawing, scale: usize, high: usize) -> (Vec<u8>, u32, u32) {
        let margin = 8 * scale;
        let (wide, down) =
            (drawing.width as usize * scale + 2 * margin, drawing.height as usize * high * scale + 2 * margin);
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
        assert!(gs1_128(&"0".repeat(200)).is_err());
        assert!(data_matrix(&"A1".repeat(4000)).is_err());
    }
}
