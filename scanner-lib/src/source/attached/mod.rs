//! Scanners that are attached to this computer, read without the detour over whatever window has the focus.
//!
//! A scanner that plays a keyboard is taken for ourselves ([`keyboard`], evdev): its keystrokes reach no other program, and
//! each key is read as a key, so that the computer's keyboard layout cannot garble what was scanned. One on a serial port
//! ([`serial`]) sends bytes as they are. Both give one [`Scan`] after another ([`Attached`](super::Attached)), and wait for a
//! scanner that was unplugged.

pub mod keyboard;
mod keys;
pub mod serial;

pub use keys::KeyReader;
pub use serial::Speed;

use std::fs;
use std::path::{Path, PathBuf};

/// One trigger of a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// What was sent, without its line end.
    pub bytes: Vec<u8>,
    /// Whether it ended with a line end; where it ended in silence instead, the scanner wants setting up.
    pub ended: bool,
}

impl Scan {
    fn whole(bytes: Vec<u8>) -> Self {
        Self { bytes, ended: true }
    }

    fn cut_off(bytes: Vec<u8>) -> Self {
        Self { bytes, ended: false }
    }
}

/// Scanners that this computer knows by a lasting name: keyboards, then serial ports.
///
/// Empty where there are none, and where this system does not name devices (`/dev/input/by-id`, `/dev/serial/by-id`).
pub fn attached() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let keyboards = named(Path::new("/dev/input/by-id"), |name| name.ends_with("-event-kbd"));
    (keyboards, named(Path::new("/dev/serial/by-id"), |_| true))
}

fn named(folder: &Path, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.filter(|entry| entry.file_name().to_str().is_some_and(&fits)).map(|entry| entry.path()).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Heard;

    #[test]
    fn keyboards_are_told_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["usb-Northmoor_Scanner-event-kbd", "usb-Northmoor_Scanner-event-mouse"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = named(folder.path(), |name| name.ends_with("-event-kbd"));
        assert_eq!(found, [folder.path().join("usb-Northmoor_Scanner-event-kbd")]);
        assert!(named(&folder.path().join("absent"), |_| true).is_empty());
    }

    #[test]
    fn what_is_there_and_cannot_be_used_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(keyboard::open(&file).is_err());
        assert!(serial::open(&file, Speed::default()).unwrap_err().to_string().contains("no serial port"));
        let absent = folder.path().join("absent");
        assert!(matches!(keyboard::open(&absent).unwrap().next(), Some(Heard::Gone(_))));
    }
}
