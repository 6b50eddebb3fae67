//! The door to crate `rxing`: pixels in, its result out, whatever happens inside.
//!
//! Everything that rxing is asked goes through [`look`], so that a reader of our own can take its place room by room.

use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::{BinaryBitmap, DecodeHints, Luma8Source, RXingResult, Reader};

use super::frame::Picture;
use super::guarded::guarded;

/// How grey becomes black and white.
#[derive(Clone, Copy, Debug)]
pub(super) enum Threshold {
    /// By neighbourhood: uneven light, shadows.
    Local,
    /// One for the whole picture: low noise, small symbols.
    Global,
}

/// How much of a picture a reader of bars looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// A few in the middle: the bars stand upright.
    Few,
    /// All, and columns too.
    All,
}

/// Asks one of rxing's readers once. `None` where nothing was found.
pub(super) fn look(
    picture: &Picture,
    threshold: Threshold,
    mut reader: impl Reader,
    rows: Rows,
) -> Option<RXingResult> {
    let (width, height) = (u32::try_from(picture.width()).ok()?, u32::try_from(picture.height()).ok()?);
    // Its binarizers and detectors index without checks on very small pictures.
    if width < 12 || height < 4 {
        return None;
    }
    guarded(|| {
        let source = Luma8Source::new_with_slice(picture.luma(), width, height).ok()?;
        let hints = DecodeHints { TryHarder: Some(rows == Rows::All), ..DecodeHints::default() };
        match threshold {
            Threshold::Local => {
                reader.decode_with_hints(&mut BinaryBitmap::new(HybridBinarizer::new(source)), &hints).ok()
            }
            Threshold::Global => {
                reader.decode_with_hints(&mut BinaryBitmap::new(GlobalHistogramBinarizer::new(source)), &hints).ok()
            }
        }
    })
}
