//! GS1 DataBar (ISO/IEC 24724): the omnidirectional symbol by a reader of our own, the stacked and expanded ones through
//! rxing, where it is built in.

mod characters;
#[cfg(feature = "rxing")]
mod foreign;
mod omnidirectional;

#[cfg(feature = "rxing")]
pub(super) use foreign::{read, read_part};
pub(super) use omnidirectional::{read as read_omnidirectional, read_straight};

use super::{Format, Quality, Symbol};

/// Edges of the shortest symbol, counted leniently: a stacked one has 25 elements in a row.
pub(super) const FEWEST_EDGES: usize = 24;

/// Edges from which a symbol that was not read with its bars held straight is looked for as it lies: the shortest that
/// is not stacked has 46 elements, and text averaged along its strokes hardly ever as many.
pub(super) const MANY_EDGES: usize = 40;

fn symbol(format: Format, bytes: Vec<u8>, corners: [[f32; 2]; 4]) -> Symbol {
    Symbol { format, bytes, aim: "]e0".to_owned(), corners, quality: Quality::default() }
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
