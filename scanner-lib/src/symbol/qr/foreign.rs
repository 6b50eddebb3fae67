//! Crate rqrr, asked about what our own reader leaves.

use rqrr::PreparedImage;

use super::super::frame::Picture;
use super::super::guarded::guarded;
use super::super::{Format, Quality, Symbol};

/// Every grid that rqrr finds and reads.
pub(in crate::symbol) fn read_grids(picture: &Picture) -> Vec<Symbol> {
    let found = guarded(|| {
        let mut prepared =
            PreparedImage::prepare_from_greyscale(picture.width(), picture.height(), |x, y| picture.pixel(x, y));
        let mut symbols = Vec::new();
        for grid in prepared.detect_grids() {
            let mut bytes = Vec::new();
            #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
            let corners = grid.bounds.map(|point| [point.x as f32, point.y as f32]);
            if grid.decode_to(&mut bytes).is_ok() && !bytes.is_empty() {
                symbols.push(Symbol {
                    format: Format::QrCode,
                    bytes,
                    aim: "]Q1".to_owned(),
                    corners,
                    quality: Quality::default(),
                });
            }
        }
        Some(symbols)
    });
    found.unwrap_or_default()
}
