//! GS1 DataBar (ISO/IEC 24724): the omnidirectional symbol by readers of our own (by widths, by likelihood), the stacked and
//! expanded ones through rxing, where it is built in.

mod ballot;
mod characters;
mod elements;
#[cfg(feature = "rxing")]
mod foreign;
mod omnidirectional;

pub(super) use ballot::{at_a_glance, bears_out, read_spread, read_strips, read_thin};
#[cfg(feature = "rxing")]
pub(super) use foreign::{read, read_part};
pub(super) use omnidirectional::{read as read_omnidirectional, read_straight};

use super::{Format, Quality, Symbol};
use characters::INSIDE_VALUES;

/// Edges of the shortest symbol, counted leniently: a stacked one has 25 elements in a row.
pub(super) const FEWEST_EDGES: usize = 24;

/// Edges from which a symbol that was not read with its bars held straight is looked for as it lies: the shortest that
/// is not stacked has 46 elements, and text averaged along its strokes hardly ever as many.
pub(super) const MANY_EDGES: usize = 40;

fn symbol(format: Format, bytes: Vec<u8>, corners: [[f32; 2]; 4]) -> Symbol {
    Symbol { format, bytes, aim: "]e0".to_owned(), corners, quality: Quality::default() }
}

/// How many numbers a half can say (5.2.3).
const PAIRS: u64 = 4_537_077;

/// The number that a half says by its two characters.
fn pair(outside: usize, inside: usize) -> u64 {
    outside as u64 * u64::from(INSIDE_VALUES) + inside as u64
}

/// (01) and the GTIN with its check digit, which is not printed (5.2.2), of four characters in the order in which the checksum
/// weighs them.
fn element_string(values: [usize; 4]) -> Option<Vec<u8>> {
    let value = pair(values[0], values[1]) * PAIRS + pair(values[2], values[3]);
    // Half of all values say that a two-dimensional component lies above.
    let number = value % 10_000_000_000_000;
    if value >= 20_000_000_000_000 {
        return None;
    }
    let digits = format!("{number:013}");
    let sum: u32 =
        digits.bytes().enumerate().map(|(i, digit)| u32::from(digit - b'0') * if i % 2 == 0 { 3 } else { 1 }).sum();
    Some(format!("01{digits}{}", (10 - sum % 10) % 10).into_bytes())
}

#[cfg(not(feature = "rxing"))]
mod without {
    //! Without rxing no stacked or expanded symbol is read.

    use super::super::Symbol;
    use super::super::frame::Picture;
    use super::super::locate::Bars;

    pub(in crate::symbol) fn read(_picture: &Picture, _bars: &Bars, _turn: f32) -> Option<Symbol> {
        None
    }

    pub(in crate::symbol) fn read_part(_picture: &Picture) -> Option<Symbol> {
        None
    }
}

#[cfg(not(feature = "rxing"))]
pub(super) use without::{read, read_part};
