//! A second look at what breaks its own rules.
//!
//! A symbol that says it is GS1 and breaks the rules of GS1 (lengths, check digits) may be what the pack really says,
//! badly printed, and then it must be told, with the finding. Or it is misread. One look does not tell which: a second
//! one, at pixels that differ, must say the same.

use super::code128;
use super::frame::{Area, Picture};
use super::locate::Bars;
use super::plausible::{Vouching, vouching};
use super::{Format, Symbol, datamatrix, qr};

/// What a second look may cost, in pixels.
const CONFIRMING: usize = 1_000_000;

/// Whether a symbol claims rules that its content does not keep.
pub(super) fn breaks_its_rules(symbol: &Symbol) -> bool {
    vouching(&symbol.aim, &symbol.bytes) == Vouching::Broken
}

/// Whether other looks at the same place say the same.
pub(super) fn confirmed(picture: &Picture, symbol: &Symbol) -> bool {
    let side = |a: usize, b: usize| {
        let ([ax, ay], [bx, by]) = (symbol.corners[a], symbol.corners[b]);
        (bx - ax).hypot(by - ay)
    };
    let length = side(0, 1).max(side(1, 2));
    let area = picture.around(&symbol.corners, (0.15 * length).max(10.0));
    match symbol.format {
        Format::DataMatrix => differently(picture, area).iter().all(|other| {
            let look = datamatrix::look(other, datamatrix::Care::Plain, &mut datamatrix::Work::of(CONFIRMING));
            look.symbol.is_some_and(|again| again.bytes == symbol.bytes && again.aim == symbol.aim)
        }),
        Format::QrCode => differently(picture, area).iter().all(|other| {
            let again = qr::read(other);
            again.iter().any(|again| again.bytes == symbol.bytes)
        }),
        Format::Code128 => {
            // Lines closer together, over smoothed pixels: every one counts as before.
            let (smooth, bars) = (picture.smoothed(), Bars::between(&symbol.corners));
            let again = code128::read_bars(&smooth, &bars).symbols;
            again.iter().any(|again| again.bytes == symbol.bytes && again.aim == symbol.aim)
        }
        // Their readers accept nothing that breaks its rules.
        Format::DataBar | Format::DataBarExpanded => false,
    }
}

/// The same place smoothed, and at another scale.
fn differently(picture: &Picture, area: Area) -> [Picture; 2] {
    let part = picture.crop(area);
    let scaled = if area.width.max(area.height) < 240 { part.doubled() } else { part.halved() };
    [part.smoothed(), scaled]
}

#[cfg(test)]
mod tests {
    use super::super::datamatrix::testing;
    use super::super::{Frame, ReadOptions, Tracker, read};
    use super::*;

    #[test]
    fn a_check_digit_printed_wrong_is_told_once_a_second_look_agrees() {
        let (luma, width, height) = testing::picture_of(&testing::BROKEN, 4);
        let frame = Frame::new(&luma, width, height).expect("a frame");
        let found = read(&frame, &ReadOptions::default());
        assert_eq!(found.len(), 1, "printed so, and seen well");
        assert_eq!(found[0].text(), "0109506000134353");
        assert!(breaks_its_rules(&found[0]));
        let mut elsewhere = found[0].clone();
        elsewhere.bytes[15] = b'4';
        assert!(!confirmed(&frame.to_picture(), &elsewhere), "another look says something else");
        let mut tracker = Tracker::default();
        assert!(tracker.look(&frame, &ReadOptions::default()).new.is_empty(), "one frame is not enough");
        assert_eq!(tracker.look(&frame, &ReadOptions::default()).new.len(), 1);
        assert!(tracker.look(&frame, &ReadOptions::default()).new.is_empty());
    }
}
