//! A scanner on a serial port, or on USB playing one (CDC ACM): bytes as the barcode has them.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::Heard;
use crate::source::LONGEST_LINE;

/// After so long a silence a scan has ended, line end or not. A scanner sends one in a fraction of it.
const SILENCE: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };
/// How often an unplugged scanner is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Bits a second on the line; scanners on USB ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(pub u32);

impl Default for Speed {
    /// What most scanners are sold with.
    fn default() -> Self {
        Self(9600)
    }
}

/// One serial port, such as `/dev/serial/by-id/usb-…`: eight bits, no parity, as it is.
///
/// Gives scans for ever: each ends with CR, LF or both, or with two seconds of silence, which is told apart. The port may
/// be absent at first or go away: that is told once, and it is waited for.
#[derive(Debug)]
pub struct Serial {
    path: PathBuf,
    speed: Speed,
    port: Option<File>,
    sent: Vec<u8>,
    heard: VecDeque<Heard>,
    told_gone: bool,
}

impl Serial {
    /// The scanner at this port.
    ///
    /// # Errors
    /// The port is there and cannot be used: no right to it, no serial port, or a speed it does not know.
    pub fn open(path: &Path, speed: Speed) -> io::Result<Self> {
        let mut serial = Self {
            path: path.to_owned(),
            speed,
            port: None,
            sent: Vec::new(),
            heard: VecDeque::new(),
            told_gone: false,
        };
        match open_raw(path, speed) {
            Ok(port) => serial.port = Some(port),
            Err(error) if error.kind() == io::ErrorKind::NotFound => serial.gone(&error),
            Err(error) => return Err(error),
        }
        Ok(serial)
    }

    fn gone(&mut self, why: &io::Error) {
        self.port = None;
        self.silent();
        if !self.told_gone {
            self.told_gone = true;
            self.heard.push_back(Heard::Gone(format!("{}: {why}", self.path.display())));
        }
    }

    /// What was sent without an end is a scan all the same.
    fn silent(&mut self) {
        if !self.sent.is_empty() {
            self.heard.push_back(Heard::ScanWithoutEnd(std::mem::take(&mut self.sent)));
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\r' | b'\n' if self.sent.is_empty() => {}
                b'\r' | b'\n' => self.heard.push_back(Heard::Scan(std::mem::take(&mut self.sent))),
                _ => self.sent.push(*byte),
            }
            if self.sent.len() > LONGEST_LINE {
                self.silent();
            }
        }
    }

    /// Waits for bytes, for silence behind them, or for the port.
    fn wait(&mut self) {
        let Some(port) = &mut self.port else {
            sleep(LOOK);
            match open_raw(&self.path, self.speed) {
                Ok(port) => {
                    self.port = Some(port);
                    self.told_gone = false;
                    self.heard.push_back(Heard::Here);
                }
                Err(error) => self.gone(&error),
            }
            return;
        };
        let patience = (!self.sent.is_empty()).then_some(&SILENCE);
        let ready = poll(&mut [PollFd::new(port, PollFlags::IN)], patience);
        let mut bytes = [0; 1024];
        match ready {
            Ok(0) => self.silent(),
            Ok(_) => match port.read(&mut bytes) {
                Ok(0) => self.gone(&io::Error::new(io::ErrorKind::UnexpectedEof, "it was unplugged")),
                Ok(read) => self.take(&bytes[..read]),
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                Err(error) => self.gone(&error),
            },
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => self.gone(&error.into()),
        }
    }
}

impl Iterator for Serial {
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

fn open_raw(path: &Path, speed: Speed) -> io::Result<File> {
    // Not waiting for a modem's carrier, and not becoming its terminal.
    let flags = i32::try_from((OFlags::NOCTTY | OFlags::NONBLOCK).bits()).map_err(io::Error::other)?;
    let port = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let mut line = tcgetattr(&port)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("this is no serial port ({error})")))?;
    line.make_raw();
    line.set_speed(speed.0)?;
    tcsetattr(&port, OptionalActions::Now, &line)?;
    Ok(port)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    /// A line with two ends: what is written to the first is read from the path.
    fn line() -> (File, PathBuf) {
        let scanner = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&scanner).unwrap();
        unlockpt(&scanner).unwrap();
        let path = PathBuf::from(ptsname(&scanner, Vec::new()).unwrap().into_string().unwrap());
        (File::from(scanner), path)
    }

    #[test]
    fn bytes_come_as_they_are_and_scans_end_with_cr_or_silence() {
        let (mut scanner, path) = line();
        let mut serial = Serial::open(&path, Speed::default()).unwrap();
        scanner.write_all(b"]d201095060001343521\x1d7\x11\xFF\r\n\r]C110A\n10SILENT").unwrap();
        assert_eq!(serial.next(), Some(Heard::Scan(b"]d201095060001343521\x1d7\x11\xFF".to_vec())));
        assert_eq!(serial.next(), Some(Heard::Scan(b"]C110A".to_vec())));
        assert_eq!(serial.next(), Some(Heard::ScanWithoutEnd(b"10SILENT".to_vec())));
        scanner.write_all(b"HALF").unwrap();
        while serial.sent.is_empty() {
            serial.wait();
        }
        drop(scanner);
        assert_eq!(serial.next(), Some(Heard::ScanWithoutEnd(b"HALF".to_vec())));
        assert!(matches!(serial.next(), Some(Heard::Gone(_))));
    }

    #[test]
    fn a_file_is_no_port_and_an_absent_one_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(Serial::open(&file, Speed::default()).unwrap_err().to_string().contains("no serial port"));
        let mut absent = Serial::open(&folder.path().join("absent"), Speed::default()).unwrap();
        assert!(matches!(absent.next(), Some(Heard::Gone(_))));
    }
}
