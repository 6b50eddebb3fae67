//! Scanners that are attached to this computer, read without the detour over whatever window has the focus.
//!
//! A scanner that plays a keyboard is taken for ourselves ([`keyboard`], evdev): its keystrokes reach no other program, and
//! each key is read as a key, so that the computer's keyboard layout cannot garble what was scanned. One on a serial port
//! ([`serial`]) sends bytes as they are. Both give one scan after another ([`Attached`]), and wait for a scanner that was unplugged.

pub mod keyboard;
mod keys;
mod scanner;
pub mod serial;

pub use keys::KeyReader;
pub use scanner::{Attached, Heard, Line};
pub use serial::Speed;

use std::fs;
use std::path::{Path, PathBuf};

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
}
