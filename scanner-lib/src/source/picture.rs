//! Picture files: PNG and JPEG, binary PGM, and bare luma with its size told.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::str::FromStr;

use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits};

use crate::symbol::Frame;

/// The largest picture file that is read.
pub(super) const MOST_BYTES: u64 = 64 << 20;

/// The largest side in pixels, and the most memory that decoding may take.
const LONGEST_SIDE: u32 = 16_384;
const MOST_MEMORY: u64 = 512 << 20;

/// Why a file is no picture for us.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be opened or read.
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    /// It is larger than is sensible for a picture of a pack.
    #[error("the file is larger than {} MB; take a smaller picture", MOST_BYTES >> 20)]
    TooLarge,
    /// Neither PNG nor JPEG nor PGM, or a damaged one.
    #[error("not a picture that can be read (PNG, JPEG, PGM, or raw luma with its size): {0}")]
    Decode(#[from] image::ImageError),
    /// Raw luma whose length does not fit the size that was told.
    #[error("the file holds {bytes} bytes, not the {width} × {height} pixels that were given; check the size")]
    WrongSize {
        /// Bytes in the file.
        bytes: usize,
        /// Width given.
        width: u32,
        /// Height given.
        height: u32,
    },
    /// A PGM header that breaks its own rules.
    #[error("the PGM header is damaged; only 8-bit binary PGM (P5) is read")]
    Pgm,
}

/// Width and height of raw luma, written `1280x720`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawSize {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl FromStr for RawSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sides = text.split_once(['x', 'X', '×']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        match sides {
            Some((width, height)) if (1..=LONGEST_SIDE).contains(&width) && (1..=LONGEST_SIDE).contains(&height) => {
                Ok(Self { width, height })
            }
            _ => Err(format!("“{text}” is no size; write width and height in pixels, such as 1280x720")),
        }
    }
}

/// Grey pixels of a decoded file.
#[derive(Clone, Debug)]
pub struct Pixels {
    luma: Vec<u8>,
    width: u32,
    height: u32,
}

impl Pixels {
    /// Width and height.
    pub fn size(&self) -> RawSize {
        RawSize { width: self.width, height: self.height }
    }

    /// One byte a pixel, row by row.
    #[cfg(test)]
    pub(super) fn luma(&self) -> &[u8] {
        &self.luma
    }

    /// A view for [`crate::symbol::read`].
    pub fn frame(&self) -> Frame<'_> {
        Frame::new(&self.luma, self.width, self.height).expect("made with as many bytes as width × height")
    }
}

/// Loads a picture from a file.
///
/// `raw` is the size of raw luma: files that end in `.luma`, `.gray`, `.grey`, `.raw` or `.y`. Other files tell their
/// kind by their first bytes, whatever their name.
///
/// # Errors
/// [`PictureError`], which says what is the matter with the file.
pub fn load(path: &Path, raw: Option<RawSize>) -> Result<Pixels, PictureError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(PictureError::TooLarge);
    }
    let is_raw = path.extension().is_some_and(|extension| {
        ["luma", "gray", "grey", "raw", "y"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    });
    match raw {
        Some(size) if is_raw => from_raw(bytes, size),
        _ => decode(bytes),
    }
}

/// Luma without a header.
///
/// # Errors
/// [`PictureError::WrongSize`].
pub(super) fn from_raw(luma: Vec<u8>, RawSize { width, height }: RawSize) -> Result<Pixels, PictureError> {
    if Frame::new(&luma, width, height).is_none() {
        return Err(PictureError::WrongSize { bytes: luma.len(), width, height });
    }
    Ok(Pixels { luma, width, height })
}

/// Decodes the bytes of a PNG, JPEG or PGM file, upright as its EXIF orientation says.
///
/// # Errors
/// [`PictureError`], which says what is the matter with the bytes.
pub(super) fn decode(bytes: Vec<u8>) -> Result<Pixels, PictureError> {
    if bytes.starts_with(b"P5") {
        return from_pgm(&bytes);
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    // A transparent background is paper.
    if picture.color().has_alpha() {
        picture = on_white(&picture);
    }
    picture.apply_orientation(orientation);
    let grey = picture.into_luma8();
    let (width, height) = grey.dimensions();
    from_raw(grey.into_raw(), RawSize { width, height })
}

fn on_white(picture: &DynamicImage) -> DynamicImage {
    let mut pixels = picture.to_luma_alpha8();
    for pixel in pixels.pixels_mut() {
        let [grey, alpha] = pixel.0;
        let mixed = (u16::from(grey) * u16::from(alpha) + 255 * (255 - u16::from(alpha)) + 127) / 255;
        pixel.0 = [u8::try_from(mixed).unwrap_or(u8::MAX), 255];
    }
    DynamicImage::ImageLumaA8(pixels)
}

/// Binary PGM with one byte a pixel: `P5`, width, height, 255, one white space, pixels (netpbm, pgm(5)).
fn from_pgm(bytes: &[u8]) -> Result<Pixels, PictureError> {
    let mut at = 2;
    let mut number = || -> Option<u32> {
        loop {
            match bytes.get(at)? {
                b'#' => at += bytes[at..].iter().position(|byte| *byte == b'\n')?,
                byte if byte.is_ascii_whitespace() => at += 1,
                _ => break,
            }
        }
        let length = bytes[at..].iter().position(|byte| !byte.is_ascii_digit())?;
        let value = str::from_utf8(&bytes[at..at + length]).ok()?.parse().ok()?;
        at += length;
        Some(value)
    };
    let (Some(width), Some(height), Some(255)) = (number(), number(), number()) else {
        return Err(PictureError::Pgm);
    };
    from_raw(bytes.get(at + 1..).unwrap_or_default().to_vec(), RawSize { width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pgm_and_raw_must_fit_their_size() {
        let pgm = decode(b"P5\n# a pack\n3 2\n255\nabcdef".to_vec()).unwrap();
        assert_eq!((pgm.width, pgm.height, pgm.luma.as_slice()), (3, 2, b"abcdef".as_slice()));
        assert!(matches!(decode(b"P5 3 2 255\nabc".to_vec()), Err(PictureError::WrongSize { bytes: 3, .. })));
        assert!(matches!(decode(b"P5 3 2".to_vec()), Err(PictureError::Pgm)));
        assert!(matches!(decode(b"no picture at all".to_vec()), Err(PictureError::Decode(_))));
    }

    #[test]
    fn a_transparent_background_is_paper() {
        let mut bytes = Vec::new();
        let picture = image::GrayAlphaImage::from_pixel(2, 1, image::LumaA([0, 0]));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        assert_eq!(decode(bytes).unwrap().luma, [255, 255]);
    }

    #[test]
    fn sizes_are_written_with_an_x() {
        assert_eq!("1280x720".parse(), Ok(RawSize { width: 1280, height: 720 }));
        assert!("1280".parse::<RawSize>().is_err());
        assert!("0x7".parse::<RawSize>().is_err());
    }
}
