//! GS1 DataBar (ISO/IEC 24724), through rxing: omnidirectional, stacked and expanded.
//!
//! rxing has seen a DataBar in a nature photograph, so one look is never enough: a second one, at another scale and
//! threshold, must read the same, and the content must keep the rules of GS1.

use rxing::oned::rss::RSS14Reader;
use rxing::oned::rss::expanded::RSSExpandedReader;

use super::code128::STEP;
use super::frame::Picture;
use super::locate::Bars;
use super::plausible::{Vouching, vouching};
use super::zxing::{self, Threshold};
use super::{Format, Quality, Symbol};

/// Edges of the shortest symbol, counted leniently: a stacked one has 25 elements in a row.
pub(super) const FEWEST_EDGES: usize = 24;

/// Rows of the two looks. They run along different lines.
const ROWS: [u8; 2] = [32, 23];

/// The DataBar symbol that lies across a stretch of bars, at any angle, if there is one.
pub(super) fn read(picture: &Picture, bars: &Bars, turn: f32) -> Option<Symbol> {
    let upright = ROWS.map(|rows| upright(picture, bars, turn, rows));
    let large = upright[1].doubled();
    [Format::DataBar, Format::DataBarExpanded].into_iter().find_map(|format| {
        let (first, ends) =
            once(&upright[0], Threshold::Global, format).or_else(|| once(&upright[0], Threshold::Local, format))?;
        let (second, _) = once(&large, Threshold::Local, format).or_else(|| once(&large, Threshold::Global, format))?;
        let holds = vouching("]e0", &first) == Vouching::Holds;
        (first == second && holds).then(|| {
            let corners = [(-0.42, ends[0]), (-0.42, ends[1]), (0.42, ends[1]), (0.42, ends[0])]
                .map(|(part, along)| bars.line(part, turn, 1.0).point(along * STEP));
            Symbol { format, bytes: first, aim: "]e0".to_owned(), corners, quality: Quality::default() }
        })
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

/// The content, and where it begins and ends along the rows.
fn once(picture: &Picture, threshold: Threshold, format: Format) -> Option<(Vec<u8>, [f32; 2])> {
    let (result, bytes) = if format == Format::DataBar {
        let result = zxing::across(picture, threshold, RSS14Reader::new())?;
        // rxing gives the GTIN alone; the symbol means (01).
        let bytes = [b"01", result.getText().as_bytes()].concat();
        (result, bytes)
    } else {
        let result = zxing::across(picture, threshold, RSSExpandedReader::default())?;
        let bytes = element_string(result.getText())?;
        (result, bytes)
    };
    let along = result.getPoints().iter().map(|point| point.x);
    let ends = [along.clone().fold(f32::INFINITY, f32::min), along.fold(f32::NEG_INFINITY, f32::max)];
    ends.iter().all(|end| end.is_finite()).then_some((bytes, ends))
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
