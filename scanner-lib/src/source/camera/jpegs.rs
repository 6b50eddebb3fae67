//! JPEG pictures one after the other in a stream of bytes: what a network camera sends (MJPEG), and what programs that play
//! videos write to a pipe.

use std::io::{self, BufRead};

use crate::source::picture::MOST_BYTES;

const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// Cuts a stream into its JPEG pictures by their own structure (ITU-T T.81, annex B): whatever stands between them, such as the
/// boundaries and headers of `multipart/x-mixed-replace`, is passed over, and a picture inside a picture (a thumbnail) is no
/// picture of its own.
///
/// # Example
/// ```
/// use tessera_scanner::source::camera::Jpegs;
///
/// let stream = b"--frame\r\n\r\n\xFF\xD8\xFF\xD9\r\n--frame\r\n\r\n\xFF\xD8\xFF\xFE\0\x04ab\xFF\xD9";
/// let pictures: Vec<Vec<u8>> = Jpegs::new(stream.as_slice()).collect::<Result<_, _>>()?;
/// assert_eq!(pictures, [b"\xFF\xD8\xFF\xD9".to_vec(), b"\xFF\xD8\xFF\xFE\0\x04ab\xFF\xD9".to_vec()]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Jpegs<R> {
    stream: R,
    picture: Vec<u8>,
}

impl<R: BufRead> Jpegs<R> {
    /// The pictures of this stream.
    pub fn new(stream: R) -> Self {
        Self { stream, picture: Vec::new() }
    }

    /// The next byte, kept as part of the picture.
    fn byte(&mut self) -> io::Result<u8> {
        let byte = *self.stream.fill_buf()?.first().ok_or(io::ErrorKind::UnexpectedEof)?;
        self.stream.consume(1);
        self.picture.push(byte);
        Ok(byte)
    }

    /// Passes over what is no picture, until the first two bytes of one.
    fn find(&mut self) -> io::Result<()> {
        self.picture.clear();
        loop {
            let byte = self.byte()?;
            if byte == START_OF_IMAGE && self.picture.first() == Some(&0xFF) {
                return Ok(());
            }
            self.picture.clear();
            self.picture.extend((byte == 0xFF).then_some(byte));
        }
    }

    /// Takes the rest of the picture; false where it breaks off in the middle.
    fn take(&mut self) -> io::Result<bool> {
        let mut next = self.marker()?;
        while let Some(marker) = next {
            next = match marker {
                END_OF_IMAGE => return Ok(true),
                0 | START_OF_IMAGE => None,
                // Markers that stand alone.
                0x01 | 0xD0..=0xD7 => self.marker()?,
                _ => {
                    let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
                    for _ in 2..length {
                        self.byte()?;
                    }
                    if marker == START_OF_SCAN { self.scan()? } else { self.marker()? }
                }
            };
        }
        Ok(false)
    }

    /// The code of the marker that must stand here.
    fn marker(&mut self) -> io::Result<Option<u8>> {
        if self.byte()? == 0xFF { self.code().map(Some) } else { Ok(None) }
    }

    /// What follows the first byte of a marker, any number of which may stand before it.
    fn code(&mut self) -> io::Result<u8> {
        loop {
            let byte = self.byte()?;
            if byte != 0xFF {
                return Ok(byte);
            }
        }
    }

    /// Takes the coded pixels; the code of the marker that ends them, unless they have no end.
    fn scan(&mut self) -> io::Result<Option<u8>> {
        while (self.picture.len() as u64) < MOST_BYTES {
            let ahead = self.stream.fill_buf()?;
            if ahead.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let plain = ahead.iter().position(|byte| *byte == 0xFF).unwrap_or(ahead.len());
            self.picture.extend_from_slice(&ahead[..plain]);
            let marked = plain < ahead.len();
            self.stream.consume(plain);
            if marked {
                self.byte()?;
                // 0 says that the byte before was a pixel's; restart markers are part of the pixels.
                match self.code()? {
                    0 | 0xD0..=0xD7 => {}
                    code => return Ok(Some(code)),
                }
            }
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for Jpegs<R> {
    type Item = io::Result<Vec<u8>>;

    /// The next whole picture; `None` at the end of the stream, even in the middle of a picture.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.find().and_then(|()| self.take()) {
                Ok(true) => return Some(Ok(std::mem::take(&mut self.picture))),
                Ok(false) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use proptest::prelude::*;

    use super::*;
    use crate::source::picture::decode;

    fn jpeg(width: u32, grey: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Noise, so that 0xFF stands among the coded pixels.
        let picture =
            image::GrayImage::from_fn(width, 32, |x, y| image::Luma([grey ^ ((x * 31 + y * 17) % 251) as u8]));
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 95)).unwrap();
        bytes
    }

    fn cut(stream: &[u8]) -> Vec<Vec<u8>> {
        Jpegs::new(io::BufReader::with_capacity(7, stream)).map(Result::unwrap).collect()
    }

    #[test]
    fn real_pictures_come_out_whole_whatever_stands_between_them() {
        let (first, second) = (jpeg(64, 0), jpeg(40, 90));
        let head = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: 1\r\n\r\n";
        let stream = [head.as_slice(), &first, b"\r\n", head, &second, &second[..second.len() / 2]].concat();
        let pictures = cut(&stream);
        assert_eq!(pictures, [first, second], "and half a picture at the end is none");
        assert_eq!(decode(pictures[1].clone()).unwrap().size().width, 40);
    }

    #[test]
    fn after_a_damaged_picture_comes_the_next() {
        let (mut damaged, whole) = (jpeg(64, 0), jpeg(40, 90));
        damaged[2] = 0;
        assert_eq!(cut(&[damaged, whole.clone()].concat()), [whole]);
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(prop_oneof![Just(0xFF), Just(0xD8), Just(0xDA), any::<u8>()], 0..200)) {
            let all: usize = cut(&bytes).iter().map(Vec::len).sum();
            prop_assert!(all <= bytes.len());
        }
    }
}
