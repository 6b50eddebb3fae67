//! A scanner that plays a keyboard, taken for ourselves.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use evdev::{Device, EventSummary, EventType, KeyCode};

use super::scanner::{Attached, Line};
use super::{Heard, KeyReader};

/// A keyboard device, such as `/dev/input/by-id/usb-…-event-kbd`, grabbed: no other program sees its keys.
#[derive(Debug, Default)]
pub struct Keyboard {
    device: Option<Device>,
    keys: KeyReader,
}

/// The scanner at this path.
///
/// # Errors
/// The device is there and cannot be taken: no right to it, no keyboard, or another program has taken it.
pub fn open(path: &Path) -> io::Result<Attached<Keyboard>> {
    Attached::new(path, Keyboard::default())
}

impl Line for Keyboard {
    fn open(&mut self, path: &Path) -> io::Result<()> {
        let mut device = Device::open(path)?;
        let types = device.supported_events().contains(EventType::KEY);
        if !types || !device.supported_keys().is_some_and(|keys| keys.contains(KeyCode::KEY_ENTER)) {
            let why = "this is no keyboard; name the one ending in -event-kbd";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        device.grab()?;
        self.device = Some(device);
        Ok(())
    }

    fn listen(&mut self, heard: &mut VecDeque<Heard>) -> io::Result<()> {
        let device = self.device.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        for event in device.fetch_events()? {
            // 1 is a press, 0 a release, 2 a repeat by the computer, which no scanner means.
            if let EventSummary::Key(_, key, value @ (0 | 1)) = event.destructure() {
                heard.extend(self.keys.key(key, value == 1).map(Heard::Scan));
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Option<Vec<u8>> {
        self.device = None;
        self.keys.release();
        self.keys.take()
    }
}
