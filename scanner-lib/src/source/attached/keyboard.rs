//! A scanner that plays a keyboard, taken for ourselves.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use evdev::{EventSummary, EventType, KeyCode};

use super::{KeyReader, Scan};
use crate::source::{Attached, Device, Heard};

/// A keyboard device, such as `/dev/input/by-id/usb-…-event-kbd`, grabbed: no other program sees its keys.
#[derive(Debug)]
pub struct Keyboard {
    path: PathBuf,
    device: Option<evdev::Device>,
    keys: KeyReader,
}

/// The scanner at this path.
///
/// # Errors
/// The device is there and cannot be taken: no right to it, no keyboard, or another program has taken it.
pub fn open(path: &Path) -> io::Result<Attached<Keyboard>> {
    Attached::new(Keyboard { path: path.to_owned(), device: None, keys: KeyReader::default() })
}

impl fmt::Display for Keyboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl Device for Keyboard {
    type Says = Scan;

    fn open(&mut self) -> io::Result<()> {
        let mut device = evdev::Device::open(&self.path)?;
        let types = device.supported_events().contains(EventType::KEY);
        if !types || !device.supported_keys().is_some_and(|keys| keys.contains(KeyCode::KEY_ENTER)) {
            let why = "this is no keyboard; name the one ending in -event-kbd";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        device.grab()?;
        self.device = Some(device);
        Ok(())
    }

    fn listen(&mut self, heard: &mut VecDeque<Heard<Scan>>) -> io::Result<()> {
        let device = self.device.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        for event in device.fetch_events()? {
            // 1 is a press, 0 a release, 2 a repeat by the computer, which no scanner means.
            if let EventSummary::Key(_, key, value @ (0 | 1)) = event.destructure() {
                heard.extend(self.keys.key(key, value == 1).map(|bytes| Heard::Said(Scan::whole(bytes))));
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Option<Scan> {
        self.device = None;
        self.keys.release();
        self.keys.take().map(Scan::cut_off)
    }
}
