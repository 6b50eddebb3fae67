//! GS1 DataBar (ISO/IEC 24724), through rxing: omnidirectional, stacked and expanded.
//!
//! rxing has seen a DataBar in a nature photograph, so one look is never enough: a second one, at another scale and
//! threshold, must read the same, and the content must keep the rules of GS1.

use rxing::oned::rss::RSS14Reader;
use rxing::oned::rss::expanded::RSSExpandedReader;

use super::frame::Picture;
use super::plausible::{Vouching, vouching};
use super::zxing::{self, Threshold};
use super::{Format, Quality, Symbol};

/// The DataBar symbol of a small part of a picture, if there is one.
pub(super) fn read_one(picture: &Picture) -> Option<Symbol> {
    let large = picture.doubled();
    [Format::DataBar, Format::DataBarExpanded].into_iter().find_map(|format| {
        let first = once(picture, Threshold::Global, format).or_else(|| once(picture, Threshold::Local, format))?;
        let second = once(&large, Threshold::Global, format).or_else(|| once(&large, Threshold::Local, format))?;
        let holds = vouching("]e0", &first.bytes) == Vouching::Holds;
        (first.bytes == second.bytes && holds).then_some(first)
    })
}

fn once(picture: &Picture, threshold: Threshold, format: Format) -> Option<Symbol> {
    let (result, bytes) = if format == Format::DataBar {
        let result = zxing::look(picture, threshold, RSS14Reader::new())?;
        // rxing gives the GTIN alone; the symbol means (01).
        let bytes = [b"01", result.getText().as_bytes()].concat();
        (result, bytes)
    } else {
        let result = zxing::look(picture, threshold, RSSExpandedReader::default())?;
        let bytes = element_string(result.getText())?;
        (result, bytes)
    };
    let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    for point in result.getPoints() {
        low = [low[0].min(point.x), low[1].min(point.y)];
        high = [high[0].max(point.x), high[1].max(point.y)];
    }
    let corners = [low, [high[0], low[1]], high, [low[0], high[1]]];
    let finite = corners.iter().flatten().all(|value| value.is_finite());
    finite.then(|| Symbol { format, bytes, aim: "]e0".to_owned(), corners, quality: Quality::default() })
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
