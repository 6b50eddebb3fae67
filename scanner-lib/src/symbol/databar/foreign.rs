//! DataBar through rxing: omnidirectional, stacked and expanded.
//!
//! rxing has seen a DataBar in a nature photograph, so one look is never enough: a second one, at another scale and
//! threshold, must read the same, and the content must keep the rules of GS1. Of an omnidirectional symbol on crumpled foil
//! both looks have been wrong alike, and one in 79 passes its checksum: our own lines must bear it out.

use rxing::oned::rss::RSS14Reader;
use rxing::oned::rss::expanded::RSSExpandedReader;

use super::super::code128::scan_line::STEP;
use super::super::frame::Picture;
use super::super::locate::Bars;
use super::super::plausible::{Vouching, vouching};
use super::super::zxing::{self, Rows, Threshold};
use super::super::{Format, Symbol};
use super::symbol;

/// Rows of the two looks. They run along different lines; a local threshold needs more than 40.
const ROWS: [u8; 2] = [44, 23];

/// The DataBar symbol that lies across a stretch of bars, at any angle, if there is one.
pub(in crate::symbol) fn read(picture: &Picture, bars: &Bars, turn: f32) -> Option<Symbol> {
    let [first, second] = ROWS.map(|rows| upright(picture, bars, turn, rows));
    let (format, bytes, [[from, _], [to, _]]) = twice(&first, &second.doubled(), Rows::Few)?;
    let corners = [(-0.42, from), (-0.42, to), (0.42, to), (0.42, from)]
        .map(|(part, along)| bars.line(part, turn, 1.0).point(along * STEP));
    Some(symbol(format, bytes, corners))
}

/// The DataBar symbol of a part of a picture, if it lies nearly upright.
pub(in crate::symbol) fn read_part(picture: &Picture) -> Option<Symbol> {
    let (format, bytes, [low, high]) = twice(picture, &picture.doubled(), Rows::All)?;
    Some(symbol(format, bytes, [low, [high[0], low[1]], high, [low[0], high[1]]]))
}

/// The smallest upright rectangle that holds what was read: upper left, lower right.
type Extent = [[f32; 2]; 2];

/// What both pictures say, if it keeps the rules of GS1; where, in the first.
fn twice(picture: &Picture, other: &Picture, rows: Rows) -> Option<(Format, Vec<u8>, Extent)> {
    [Format::DataBar, Format::DataBarExpanded].into_iter().find_map(|format| {
        let either =
            |picture, [a, b]: [Threshold; 2]| once(picture, a, format, rows).or_else(|| once(picture, b, format, rows));
        let (first, extent) = either(picture, [Threshold::Global, Threshold::Local])?;
        let (second, _) = either(other, [Threshold::Local, Threshold::Global])?;
        let holds = vouching("]e0", &first) == Vouching::Holds;
        (first == second && holds).then_some((format, first, extent))
    })
}

/// The bars as if they had been held straight, a few rows of them.
fn upright(picture: &Picture, bars: &Bars, turn: f32, rows: u8) -> Picture {
    let mut luma = Vec::new();
    for row in 0..rows {
        let part = ((f32::from(row) + 0.5) / f32::from(rows) - 0.5) * 0.9;
        let line = bars.line(part, turn, (0.3 * bars.height / f32::from(rows)).max(0.5));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "greys lie between 0 and 255")]
        luma.extend(line.profile(picture).into_iter().map(|grey| grey.unwrap_or(255.0) as u8));
    }
    Picture::of_rows(luma, usize::from(rows))
}

fn once(picture: &Picture, threshold: Threshold, format: Format, rows: Rows) -> Option<(Vec<u8>, Extent)> {
    let (result, bytes) = if format == Format::DataBar {
        let result = zxing::look(picture, threshold, RSS14Reader::new(), rows)?;
        // rxing gives the GTIN alone; the symbol means (01).
        let bytes = [b"01", result.getText().as_bytes()].concat();
        (result, bytes)
    } else {
        let result = zxing::look(picture, threshold, RSSExpandedReader::default(), rows)?;
        let bytes = element_string(result.getText())?;
        (result, bytes)
    };
    let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    for point in result.getPoints() {
        low = [low[0].min(point.x), low[1].min(point.y)];
        high = [high[0].max(point.x), high[1].max(point.y)];
    }
    low.iter().chain(&high).all(|value| value.is_finite()).then_some((bytes, [low, high]))
}

/// rxing gives Expanded with its AIs in brackets; the symbol itself has none, and a separator after open-ended values.
fn element_string(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut open_ended = false;
    for part in text.strip_prefix('(')?.split('(') {
        let (ai, value) = part.split_once(')')?;
        if open_ended {
            bytes.push(0x1D);
        }
        // GS1 General Specifications, figure 7.8.5-2: what needs no separator.
        open_ended = !matches!(
            ai.get(..2)?,
            "00" | "01"
                | "02"
                | "03"
                | "04"
                | "11"
                | "12"
                | "13"
                | "14"
                | "15"
                | "16"
                | "17"
                | "18"
                | "19"
                | "20"
                | "31"
                | "32"
                | "33"
                | "34"
                | "35"
                | "36"
                | "41"
        );
        bytes.extend_from_slice(ai.as_bytes());
        bytes.extend_from_slice(value.as_bytes());
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_become_separators() {
        assert_eq!(
            element_string("(01)09506000134352(10)AB1(17)261130").as_deref(),
            Some(b"010950600013435210AB1\x1d17261130".as_slice())
        );
        assert_eq!(element_string("no brackets"), None);
    }
}
