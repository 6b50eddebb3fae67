//! One attached scanner, waited for while it is not there.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// How often an unplugged scanner is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// What an attached scanner gives next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A scan, without its line end.
    Scan(Vec<u8>),
    /// A scan that ended in silence instead of a line end: the scanner wants setting up.
    ScanWithoutEnd(Vec<u8>),
    /// The scanner is gone; it is waited for.
    Gone(String),
    /// The scanner is there, again or for the first time.
    Here,
}

/// How one kind of scanner is opened and read.
pub trait Line {
    /// Takes the device.
    ///
    /// # Errors
    /// It is absent, or cannot be used.
    fn open(&mut self, path: &Path) -> io::Result<()>;

    /// Waits until the device has something to say, and takes it.
    ///
    /// # Errors
    /// The device is gone.
    fn listen(&mut self, heard: &mut VecDeque<Heard>) -> io::Result<()>;

    /// Lets the device go. A scan that was cut off is still a scan: its end is missing, and the checks of its barcode say so.
    fn close(&mut self) -> Option<Vec<u8>>;
}

/// One attached scanner. Gives scans for ever; that the device is absent or went away is told once, and it is waited for.
#[derive(Debug)]
pub struct Attached<L> {
    path: PathBuf,
    line: L,
    open: bool,
    told_gone: bool,
    heard: VecDeque<Heard>,
}

impl<L: Line> Attached<L> {
    /// The scanner at this path.
    ///
    /// # Errors
    /// The device is there and cannot be used.
    pub(super) fn new(path: &Path, mut line: L) -> io::Result<Self> {
        let opened = line.open(path);
        let mut scanner = Self { path: path.to_owned(), line, open: true, told_gone: false, heard: VecDeque::new() };
        match opened {
            Ok(()) => Ok(scanner),
            Err(error) if is_absence(&error) => {
                scanner.gone(&error);
                Ok(scanner)
            }
            Err(error) => Err(error),
        }
    }

    fn gone(&mut self, why: &io::Error) {
        self.open = false;
        self.heard.extend(self.line.close().map(Heard::ScanWithoutEnd));
        if !self.told_gone {
            self.told_gone = true;
            self.heard.push_back(Heard::Gone(format!("{}: {why}", self.path.display())));
        }
    }

    /// Waits for the device to say something, or for the device.
    fn wait(&mut self) {
        if self.open {
            if let Err(error) = self.line.listen(&mut self.heard)
                && error.kind() != io::ErrorKind::Interrupted
            {
                self.gone(&error);
            }
            return;
        }
        sleep(LOOK);
        match self.line.open(&self.path) {
            Ok(()) => {
                (self.open, self.told_gone) = (true, false);
                self.heard.push_back(Heard::Here);
            }
            Err(error) => self.gone(&error),
        }
    }
}

impl<L: Line> Iterator for Attached<L> {
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

fn is_absence(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error())
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

    impl Line for Loose {
        fn open(&mut self, _: &Path) -> io::Result<()> {
            self.opened += 1;
            if self.opened.is_multiple_of(2) { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
        }

        fn listen(&mut self, heard: &mut VecDeque<Heard>) -> io::Result<()> {
            self.said += 1;
            match self.said {
                1 => Err(io::ErrorKind::Interrupted.into()),
                2 => {
                    heard.push_back(Heard::Scan(b"whole".to_vec()));
                    Ok(())
                }
                _ => Err(io::Error::other("unplugged")),
            }
        }

        fn close(&mut self) -> Option<Vec<u8>> {
            (self.said > 2).then(|| b"ha".to_vec())
        }
    }

    #[test]
    fn an_absent_scanner_is_told_once_waited_for_and_what_was_cut_off_is_kept() {
        let told: Vec<Heard> = Attached::new(Path::new("/dev/loose"), Loose::default()).unwrap().take(5).collect();
        assert_eq!(told[1..4], [Heard::Here, Heard::Scan(b"whole".to_vec()), Heard::ScanWithoutEnd(b"ha".to_vec())]);
        for gone in [&told[0], &told[4]] {
            assert!(matches!(gone, Heard::Gone(why) if why.starts_with("/dev/loose: ")), "{gone:?}");
        }
    }

    #[test]
    fn what_is_there_and_cannot_be_used_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(super::super::keyboard::open(&file).is_err());
        let refused = super::super::serial::open(&file, super::super::Speed::default()).unwrap_err();
        assert!(refused.to_string().contains("no serial port"));
        let absent = folder.path().join("absent");
        assert!(matches!(super::super::keyboard::open(&absent).unwrap().next(), Some(Heard::Gone(_))));
    }
}
