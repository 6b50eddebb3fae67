//! One device that gives scans or pictures, waited for while it is not there.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::thread::sleep;
use std::time::Duration;

/// How often a device that is gone is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// What a device gives next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard<T> {
    /// A scan, or a picture.
    Said(T),
    /// The device is gone; it is waited for.
    Gone(String),
    /// The device is there, again or for the first time.
    Here,
}

/// How one kind of device is opened and read. It displays as the place where it is looked for.
pub trait Device: fmt::Display {
    /// What it gives.
    type Says;

    /// Takes the device.
    ///
    /// # Errors
    /// It is absent, or cannot be used.
    fn open(&mut self) -> io::Result<()>;

    /// Waits until the device has something to say, and takes it.
    ///
    /// # Errors
    /// The device is gone.
    fn listen(&mut self, heard: &mut VecDeque<Heard<Self::Says>>) -> io::Result<()>;

    /// Lets the device go. A scan that was cut off is still a scan: its end is missing, and the checks of its barcode say so.
    fn close(&mut self) -> Option<Self::Says>;

    /// Whether the device that could not be opened is merely not there, and worth waiting for.
    fn is_absence(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error())
    }
}

/// One device. Gives what it says for ever; that it is absent or went away is told once, and it is waited for.
#[derive(Debug)]
pub struct Attached<D: Device> {
    device: D,
    open: bool,
    told_gone: bool,
    heard: VecDeque<Heard<D::Says>>,
}

impl<D: Device> Attached<D> {
    /// This device, opened.
    ///
    /// # Errors
    /// The device is there and cannot be used.
    pub(super) fn new(mut device: D) -> io::Result<Self> {
        let opened = device.open();
        let mut attached = Self { device, open: true, told_gone: false, heard: VecDeque::new() };
        match opened {
            Ok(()) => Ok(attached),
            Err(error) if D::is_absence(&error) => {
                attached.gone(&error);
                Ok(attached)
            }
            Err(error) => Err(error),
        }
    }

    fn gone(&mut self, why: &io::Error) {
        self.open = false;
        self.heard.extend(self.device.close().map(Heard::Said));
        if !self.told_gone {
            self.told_gone = true;
            self.heard.push_back(Heard::Gone(format!("{}: {why}", self.device)));
        }
    }

    /// Waits for the device to say something, or for the device.
    fn wait(&mut self) {
        if self.open {
            if let Err(error) = self.device.listen(&mut self.heard)
                && error.kind() != io::ErrorKind::Interrupted
            {
                self.gone(&error);
            }
            return;
        }
        sleep(LOOK);
        match self.device.open() {
            Ok(()) => {
                (self.open, self.told_gone) = (true, false);
                self.heard.push_back(Heard::Here);
            }
            Err(error) => self.gone(&error),
        }
    }
}

impl<D: Device> Iterator for Attached<D> {
    type Item = Heard<D::Says>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Some(heard);
            }
            self.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There every other time; says one scan, and goes in the middle of the next.
    #[derive(Debug, Default)]
    struct Loose {
        opened: usize,
        said: usize,
    }

    impl fmt::Display for Loose {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("/dev/loose")
        }
    }

    impl Device for Loose {
        type Says = &'static str;

        fn open(&mut self) -> io::Result<()> {
            self.opened += 1;
            if self.opened.is_multiple_of(2) { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
        }

        fn listen(&mut self, heard: &mut VecDeque<Heard<&'static str>>) -> io::Result<()> {
            self.said += 1;
            match self.said {
                1 => Err(io::ErrorKind::Interrupted.into()),
                2 => {
                    heard.push_back(Heard::Said("whole"));
                    Ok(())
                }
                _ => Err(io::Error::other("unplugged")),
            }
        }

        fn close(&mut self) -> Option<&'static str> {
            (self.said > 2).then_some("ha")
        }
    }

    #[test]
    fn an_absent_device_is_told_once_waited_for_and_what_was_cut_off_is_kept() {
        let told: Vec<_> = Attached::new(Loose::default()).unwrap().take(5).collect();
        assert_eq!(told[1..4], [Heard::Here, Heard::Said("whole"), Heard::Said("ha")]);
        for gone in [&told[0], &told[4]] {
            assert!(matches!(gone, Heard::Gone(why) if why.starts_with("/dev/loose: ")), "{gone:?}");
        }
    }
}
