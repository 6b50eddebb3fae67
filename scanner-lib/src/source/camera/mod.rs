//! Cameras: where one frame comes after another.
//!
//! Reach for [`open`] with a [`Place`]. A camera on this computer ([`video`]) or on the network ([`network`]) gives frames for
//! ever, and is waited for while it is gone; frames on standard input ([`jpegs`]) end. What a folder holds comes in two
//! ways: as the frames of one video ([`frames`]), or as photographs of packs, each whenever it appears ([`folder`]).

pub mod folder;
mod jpegs;
mod network;
#[cfg(target_os = "linux")]
mod video;

pub use jpegs::Jpegs;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::mpsc::{TrySendError, sync_channel};
use std::thread;

use super::{Attached, Heard, Pixels, picture};

/// What a camera gives, one after the other.
pub type Frames = Box<dyn Iterator<Item = Heard<Pixels>> + Send>;

/// Where a camera is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A camera of this computer, such as `/dev/video0` (V4L2).
    Video(PathBuf),
    /// A camera on the network: an address that answers with a stream (MJPEG) or with one picture at a time.
    Network(String),
    /// JPEG pictures one after the other on standard input, `-`.
    Input,
    /// A folder.
    Folder(PathBuf),
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "-" {
            Self::Input
        } else if ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) {
            Self::Network(text.to_owned())
        } else if text.starts_with("/dev/") {
            Self::Video(text.into())
        } else {
            Self::Folder(text.into())
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Video(path) | Self::Folder(path) => path.display().fmt(f),
            Self::Network(address) => network::without_password(address).fmt(f),
            Self::Input => f.write_str("standard input"),
        }
    }
}

/// The frames of the camera at this place; of a folder, its pictures in the order of their names, once.
///
/// # Errors
/// The camera is there and cannot be used, or the folder cannot be read.
pub fn open(place: &Place) -> io::Result<Frames> {
    Ok(match place {
        #[cfg(target_os = "linux")]
        Place::Video(path) => live(Attached::new(video::Video::new(path))?),
        #[cfg(not(target_os = "linux"))]
        Place::Video(_) => {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "cameras by their device: on Linux only"));
        }
        Place::Network(address) => live(Attached::new(network::Camera::new(address))?),
        Place::Input => Box::new(frames_of(Jpegs::new(io::BufReader::new(io::stdin())))),
        Place::Folder(path) => {
            let pictures = folder::pictures(path)?;
            Box::new(pictures.into_iter().map(|path| match picture::load(&path, None) {
                Ok(pixels) => Heard::Said(pixels),
                Err(error) => Heard::Gone(format!("{}: {error}", path.display())),
            }))
        }
    })
}

/// Frames of a camera that does not wait: while one is looked at, all but the next are passed over, so that none is old.
fn live(mut camera: impl Iterator<Item = Heard<Pixels>> + Send + 'static) -> Frames {
    let (give, take) = sync_channel(1);
    thread::spawn(move || {
        // Ends with whoever looks.
        camera.all(|heard| match heard {
            frame @ Heard::Said(_) => !matches!(give.try_send(frame), Err(TrySendError::Disconnected(_))),
            told => give.send(told).is_ok(),
        })
    });
    Box::new(take.into_iter())
}

/// What a stream of pictures gives until its end. A damaged picture is left out: the next one shows the same pack.
fn frames_of(jpegs: impl Iterator<Item = io::Result<Vec<u8>>>) -> impl Iterator<Item = Heard<Pixels>> {
    jpegs.filter_map(|jpeg| match jpeg {
        Ok(bytes) => picture::decode(bytes).ok().map(Heard::Said),
        Err(error) => Some(Heard::Gone(error.to_string())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart() {
        let place = |text: &str| text.parse::<Place>().unwrap();
        assert_eq!(place("-"), Place::Input);
        assert_eq!(place("/dev/video0"), Place::Video("/dev/video0".into()));
        assert_eq!(place("pictures"), Place::Folder("pictures".into()));
        assert_eq!(place("http://viewer:secret@camera/video").to_string(), "http://camera/video");
    }

    #[test]
    fn a_folder_plays_its_pictures_once_in_order() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("frame-10.pgm"), b"P5 2 1 255\nab").unwrap();
        std::fs::write(folder.path().join("frame-2.pgm"), b"P5 1 1 255\na").unwrap();
        std::fs::write(folder.path().join("frame-3.pgm"), b"damaged").unwrap();
        let widths: Vec<_> = open(&Place::Folder(folder.path().to_owned()))
            .unwrap()
            .map(|heard| if let Heard::Said(pixels) = heard { pixels.size().width } else { 0 })
            .collect();
        assert_eq!(widths, [1, 0, 2], "as a person counts, and the damaged one is told");
        assert!(open(&Place::Folder(folder.path().join("absent"))).is_err());
    }
}
