//! A camera of this computer, through V4L2.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use moq_v4l::buffer::Type;
use moq_v4l::capability::Flags;
use moq_v4l::format::{Format, FourCC};
use moq_v4l::io::mmap::Stream;
use moq_v4l::io::traits::CaptureStream as _;
use moq_v4l::video::Capture as _;

use crate::source::picture::{self, RawSize};
use crate::source::{Device, Heard, Pixels};

/// Asked for; the camera gives the nearest that it has. More pixels cost more time than they bring.
const WANTED: RawSize = RawSize { width: 1280, height: 720 };

/// So long may a camera give no frame.
const PATIENCE: Duration = Duration::from_secs(5);

/// Frames that the driver holds ready: few, so that none is old when it is looked at.
const BUFFERS: u32 = 2;

/// How pixels come, best first: JPEG leaves a USB 2 camera room for thirty frames a second.
const LAYOUTS: [(&[u8; 4], Layout); 5] = [
    (b"MJPG", Layout::Jpeg),
    (b"JPEG", Layout::Jpeg),
    (b"GREY", Layout::Luma { every: 1 }),
    (b"NV12", Layout::Luma { every: 1 }),
    (b"YUYV", Layout::Luma { every: 2 }),
];

/// Where the grey of a pixel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// In a picture file of its own.
    Jpeg,
    /// In every so-manieth byte of a row; colour is between them or after them all.
    Luma { every: usize },
}

/// A camera such as `/dev/video0`, or better `/dev/v4l/by-id/…`, which stays the same when it is plugged in elsewhere.
pub struct Video {
    path: PathBuf,
    stream: Option<(Stream<'static>, Format, Layout)>,
}

impl Video {
    /// The camera at this path.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), stream: None }
    }
}

impl fmt::Debug for Video {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Video({})", self.path.display())
    }
}

impl fmt::Display for Video {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl Device for Video {
    type Says = Pixels;

    fn open(&mut self) -> io::Result<()> {
        let unfit = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
        let camera = moq_v4l::Device::with_path(&self.path)?;
        let able = camera.query_caps().map_err(|_| unfit("this is no camera; cameras are named in /dev/v4l/by-id"))?;
        if !able.capabilities.contains(Flags::VIDEO_CAPTURE | Flags::STREAMING) {
            return Err(unfit("this device gives no video; a camera often has two, name the other one"));
        }
        let offered = camera.enum_formats()?;
        let (code, layout) = LAYOUTS
            .into_iter()
            .find(|(code, _)| offered.iter().any(|one| one.fourcc == FourCC::new(code)))
            .ok_or_else(|| unfit("this camera gives pictures in no form that is read here (MJPG, GREY, NV12, YUYV)"))?;
        let format = camera.set_format(&Format::new(WANTED.width, WANTED.height, FourCC::new(code)))?;
        let mut stream = Stream::with_buffers(&camera, Type::VideoCapture, BUFFERS)?;
        stream.set_timeout(PATIENCE);
        self.stream = Some((stream, format, layout));
        Ok(())
    }

    fn listen(&mut self, heard: &mut VecDeque<Heard<Pixels>>) -> io::Result<()> {
        let (stream, format, layout) = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let (bytes, about) = stream.next()?;
        let bytes = &bytes[..bytes.len().min(about.bytesused as usize)];
        let size = RawSize { width: format.width, height: format.height };
        // A frame that is cut short is a glitch of the cable: the next one shows the same pack.
        heard.extend(pixels(bytes, size, format.stride as usize, *layout).map(Heard::Said));
        Ok(())
    }

    fn close(&mut self) -> Option<Pixels> {
        self.stream = None;
        None
    }
}

/// The grey pixels of a frame. `stride` is the length of a row in bytes.
fn pixels(bytes: &[u8], size: RawSize, stride: usize, layout: Layout) -> Option<Pixels> {
    let Layout::Luma { every } = layout else { return picture::decode(bytes.to_vec()).ok() };
    let (width, height) = (size.width as usize, size.height as usize);
    let row = width * every;
    let mut luma = Vec::with_capacity(width * height);
    for line in bytes.chunks(stride.max(row)).take(height) {
        luma.extend(line.get(..row)?.iter().step_by(every));
    }
    picture::from_raw(luma, size).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Attached;

    #[test]
    fn grey_is_found_among_colours_and_padding() {
        let size = RawSize { width: 2, height: 2 };
        let frame = |bytes: &[u8], stride, every| {
            pixels(bytes, size, stride, Layout::Luma { every }).map(|pixels| pixels.luma().to_vec())
        };
        assert_eq!(frame(b"aXbYcXdY", 4, 2), Some(b"abcd".to_vec()), "YUYV");
        assert_eq!(frame(b"ab..cd..UVUV", 4, 1), Some(b"abcd".to_vec()), "NV12 with padded rows");
        assert_eq!(frame(b"ab..c", 4, 1), None, "cut short");
    }

    #[test]
    fn an_absent_camera_is_waited_for_and_what_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let absent = Attached::new(Video::new(&folder.path().join("video0"))).unwrap().next();
        assert!(matches!(absent, Some(Heard::Gone(_))));
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(Attached::new(Video::new(&file)).unwrap_err().to_string().contains("no camera"));
    }
}
