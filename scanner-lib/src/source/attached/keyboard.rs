//! A scanner that plays a keyboard, taken for ourselves.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use evdev::{Device, EventSummary, EventType, KeyCode};

use super::{Heard, KeyReader};

/// How often an unplugged scanner is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// One keyboard device, such as `/dev/input/by-id/usb-…-event-kbd`, grabbed: no other program sees its keys.
///
/// Gives scans for ever. The device may be absent at first or go away: that is told once, and it is waited for.
#[derive(Debug)]
pub struct Keyboard {
    path: PathBuf,
    device: Option<Device>,
    keys: KeyReader,
    heard: VecDeque<Heard>,
    told_gone: bool,
}

impl Keyboard {
    /// The scanner at this path.
    ///
    /// # Errors
    /// The device is there and cannot be taken: no right to it, no keyboard, or another program has taken it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut keyboard = Self {
            path: path.to_owned(),
            device: None,
            keys: KeyReader::default(),
            heard: VecDeque::new(),
            told_gone: false,
        };
        match grab(path) {
            Ok(device) => keyboard.device = Some(device),
            Err(error) if is_absence(&error) => keyboard.gone(&error),
            Err(error) => return Err(error),
        }
        Ok(keyboard)
    }

    fn gone(&mut self, why: &io::Error) {
        self.device = None;
        self.keys.release();
        // A scan that was cut off is still a scan: its end is missing, and the checks of its barcode will say so.
        self.heard.extend(self.keys.take().map(Heard::ScanWithoutEnd));
        if !self.told_gone {
            self.told_gone = true;
            self.heard.push_back(Heard::Gone(format!("{}: {why}", self.path.display())));
        }
    }

    /// Waits for events of the device, or for the device.
    fn wait(&mut self) {
        let Some(device) = &mut self.device else {
            sleep(LOOK);
            match grab(&self.path) {
                Ok(device) => {
                    self.device = Some(device);
                    self.told_gone = false;
                    self.heard.push_back(Heard::Here);
                }
                Err(error) => self.gone(&error),
            }
            return;
        };
        let events = device.fetch_events().map(Iterator::collect::<Vec<_>>);
        match events {
            Ok(events) => {
                for event in events {
                    // 1 is a press, 0 a release, 2 a repeat by the computer, which no scanner means.
                    if let EventSummary::Key(_, key, value @ (0 | 1)) = event.destructure() {
                        self.heard.extend(self.keys.key(key, value == 1).map(Heard::Scan));
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.gone(&error),
        }
    }
}

impl Iterator for Keyboard {
    type Item = Heard;

    fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Some(heard);
            }
            self.wait();
        }
    }
}

fn grab(path: &Path) -> io::Result<Device> {
    let mut device = Device::open(path)?;
    let types = device.supported_events().contains(EventType::KEY);
    if !types || !device.supported_keys().is_some_and(|keys| keys.contains(KeyCode::KEY_ENTER)) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "this is no keyboard; name the one ending in -event-kbd",
        ));
    }
    device.grab()?;
    Ok(device)
}

fn is_absence(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_scanner_is_told_once_and_what_is_no_keyboard_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut keyboard = Keyboard::open(&folder.path().join("absent")).unwrap();
        assert!(matches!(keyboard.next(), Some(Heard::Gone(why)) if why.contains("absent")));
        keyboard.wait();
        assert!(keyboard.heard.is_empty(), "not told again");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(Keyboard::open(&file).is_err());
    }
}
