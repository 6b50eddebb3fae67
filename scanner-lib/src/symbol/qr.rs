//! QR Code (ISO/IEC 18004): rqrr first, rxing on what it leaves (rqrr refuses FNC1, thus every GS1 QR Code).

use rqrr::PreparedImage;
use rxing::qrcode::QRCodeReader;

use super::frame::Picture;
use super::zxing::{self, Threshold};
use super::{Format, Symbol};

/// What rqrr reads, and where it saw a grid that it could not read.
#[derive(Debug, Default)]
pub(super) struct Grids {
    pub(super) read: Vec<Symbol>,
    pub(super) unread: Vec<[[f32; 2]; 4]>,
}

/// Every grid that rqrr finds.
pub(super) fn read_grids(picture: &Picture) -> Grids {
    let mut grids = Grids::default();
    let found = zxing::guarded(|| {
        let mut prepared =
            PreparedImage::prepare_from_greyscale(picture.width(), picture.height(), |x, y| picture.pixel(x, y));
        Some(
            prepared
                .detect_grids()
                .iter()
                .map(|grid| {
                    let mut bytes = Vec::new();
                    let read = grid.decode_to(&mut bytes).is_ok();
                    #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
                    let corners = grid.bounds.map(|point| [point.x as f32, point.y as f32]);
                    (corners, read.then_some(bytes))
                })
                .collect::<Vec<_>>(),
        )
    });
    for (corners, bytes) in found.unwrap_or_default() {
        match bytes.filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => {
                grids.read.push(Symbol { format: Format::QrCode, bytes, aim: "]Q1".to_owned(), corners });
            }
            None => grids.unread.push(corners),
        }
    }
    grids
}

/// The QR Code that rxing finds first, if any.
pub(super) fn read_one(picture: &Picture, threshold: Threshold) -> Option<Symbol> {
    let result = zxing::look(picture, threshold, QRCodeReader)?;
    let aim = zxing::aim(&result).unwrap_or_else(|| "]Q1".to_owned());
    let bytes = zxing::bytes(&result);
    let corners = corners(&result)?;
    (!bytes.is_empty()).then_some(Symbol { format: Format::QrCode, bytes, aim, corners })
}

/// Result points are the finder patterns' middles: bottom left, top left, top right (and an alignment pattern). The
/// corners lie 3.5 modules further out; the fourth completes the parallelogram.
fn corners(result: &rxing::RXingResult) -> Option<[[f32; 2]; 4]> {
    let [bottom_left, top_left, top_right, ..] = result.getPoints() else { return None };
    let side = (top_right.x - top_left.x).hypot(top_right.y - top_left.y);
    // A version from 1 to 10 has its finders' middles 14 to 50 modules apart; growing by a sixth fits within a module
    // or two of the truth.
    let (grow, _) = (1.0 / 6.0, side);
    let across = [(top_right.x - top_left.x) * grow, (top_right.y - top_left.y) * grow];
    let down = [(bottom_left.x - top_left.x) * grow, (bottom_left.y - top_left.y) * grow];
    let tl = [top_left.x - across[0] - down[0], top_left.y - across[1] - down[1]];
    let tr = [top_right.x + across[0] - down[0], top_right.y + across[1] - down[1]];
    let bl = [bottom_left.x - across[0] + down[0], bottom_left.y - across[1] + down[1]];
    let br = [tr[0] + bl[0] - tl[0], tr[1] + bl[1] - tl[1]];
    let corners = [tl, tr, br, bl];
    corners.iter().flatten().all(|value| value.is_finite()).then_some(corners)
}
