//! A picture becomes symbols: what they say, what they are, where they are.

/// A grey picture: one byte a pixel, row by row, 0 black.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    luma: &'a [u8],
    width: u32,
    height: u32,
}

impl<'a> Frame<'a> {
    /// A view of `width` × `height` pixels.
    ///
    /// Returns `None` where `luma` does not hold exactly that many bytes or a side is zero.
    pub fn new(luma: &'a [u8], width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0 && u64::from(width) * u64::from(height) == luma.len() as u64).then_some(Self {
            luma,
            width,
            height,
        })
    }
}

/// What to look for, and for how long.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {}

/// The kind of barcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Data Matrix ECC 200.
    DataMatrix,
    /// Code 128, GS1-128 among them.
    Code128,
    /// QR Code.
    QrCode,
    /// GS1 DataBar (omnidirectional, stacked, limited).
    DataBar,
    /// GS1 DataBar Expanded.
    DataBarExpanded,
}

/// One barcode found in a picture.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its kind.
    pub format: Format,
    /// Its content; GS (0x1D) for FNC1 in later positions.
    pub bytes: Vec<u8>,
    /// AIM symbology identifier with bracket, such as `]d2`.
    pub aim: String,
    /// Corners in pixels: top left, top right, bottom right, bottom left as the symbol is oriented.
    pub corners: [[f32; 2]; 4],
}

/// Every symbol in the picture.
pub fn read(frame: &Frame<'_>, options: &ReadOptions) -> Vec<Symbol> {
    let _ = (frame.luma, frame.width, frame.height, options);
    unimplemented!()
}
