//! Data Matrix ECC 200 (ISO/IEC 16022), through rxing. Reed–Solomon makes a wrong reading very unlikely.

use rxing::datamatrix::DataMatrixReader;

use super::frame::Picture;
use super::zxing::{self, Threshold};
use super::{Format, Symbol};

/// The Data Matrix symbol that is found first, if any.
pub(super) fn read_one(picture: &Picture, threshold: Threshold) -> Option<Symbol> {
    let result = zxing::look(picture, threshold, DataMatrixReader)?;
    let bytes = zxing::bytes(&result);
    let corners = zxing::quadrilateral(&result)?;
    let aim = zxing::aim(&result).unwrap_or_else(|| "]d1".to_owned());
    // A handful of modules in a picture of noise can satisfy the smallest symbols' error correction.
    (!bytes.is_empty()).then_some(Symbol { format: Format::DataMatrix, bytes, aim, corners })
}
