//! A scanner on a serial port, or on USB playing one (CDC ACM): bytes as the barcode has them.

use std::collections::VecDeque;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::Scan;
use crate::source::{Attached, Device, Heard, LONGEST_LINE};

/// After so long a silence a scan has ended, line end or not. A scanner sends one in a fraction of it.
const SILENCE: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

/// Bits a second on the line; scanners on USB ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(pub u32);

impl Default for Speed {
    /// What most scanners are sold with.
    fn default() -> Self {
        Self(9600)
    }
}

/// A serial port, such as `/dev/serial/by-id/usb-…`: eight bits, no parity, as it is. A scan ends with CR, LF or both, or with
/// two seconds of silence, which is told apart.
#[derive(Debug)]
pub struct Serial {
    path: PathBuf,
    speed: Speed,
    port: Option<File>,
    sent: Vec<u8>,
}

/// The scanner at this port.
///
/// # Errors
/// The port is there and cannot be used: no right to it, no serial port, or a speed it does not know.
pub fn open(path: &Path, speed: Speed) -> io::Result<Attached<Serial>> {
    Attached::new(Serial { path: path.to_owned(), speed, port: None, sent: Vec::new() })
}

impl Serial {
    /// What was sent without an end is a scan all the same.
    fn cut(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.sent)).filter(|sent| !sent.is_empty())
    }

    fn take(&mut self, bytes: &[u8], heard: &mut VecDeque<Heard<Scan>>) {
        for byte in bytes {
            match byte {
                b'\r' | b'\n' => heard.extend(self.cut().map(|bytes| Heard::Said(Scan::whole(bytes)))),
                _ => self.sent.push(*byte),
            }
            if self.sent.len() > LONGEST_LINE {
                heard.extend(self.cut().map(|bytes| Heard::Said(Scan::cut_off(bytes))));
            }
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl Device for Serial {
    type Says = Scan;

    fn open(&mut self) -> io::Result<()> {
        self.port = Some(open_raw(&self.path, self.speed)?);
        Ok(())
    }

    fn listen(&mut self, heard: &mut VecDeque<Heard<Scan>>) -> io::Result<()> {
        let port = self.port.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let patience = (!self.sent.is_empty()).then_some(&SILENCE);
        if poll(&mut [PollFd::new(port, PollFlags::IN)], patience)? == 0 {
            heard.extend(self.cut().map(|bytes| Heard::Said(Scan::cut_off(bytes))));
            return Ok(());
        }
        let mut bytes = [0; 1024];
        match port.read(&mut bytes) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it was unplugged")),
            Ok(read) => {
                self.take(&bytes[..read], heard);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn close(&mut self) -> Option<Scan> {
        self.port = None;
        self.cut().map(Scan::cut_off)
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
    use std::path::PathBuf;

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

    fn whole(bytes: &[u8]) -> Heard<Scan> {
        Heard::Said(Scan::whole(bytes.to_vec()))
    }

    #[test]
    fn bytes_come_as_they_are_and_scans_end_with_cr_or_silence() {
        let (mut scanner, path) = line();
        let mut serial = open(&path, Speed::default()).unwrap();
        scanner.write_all(b"]d201095060001343521\x1d7\x11\xFF\r\n\r]C110A\n10SILENT").unwrap();
        assert_eq!(serial.next(), Some(whole(b"]d201095060001343521\x1d7\x11\xFF")));
        assert_eq!(serial.next(), Some(whole(b"]C110A")));
        assert_eq!(serial.next(), Some(Heard::Said(Scan::cut_off(b"10SILENT".to_vec()))));
    }

    #[test]
    fn a_scan_that_was_cut_off_is_kept() {
        let (mut scanner, path) = line();
        let mut serial = Serial { path, speed: Speed::default(), port: None, sent: Vec::new() };
        serial.open().unwrap();
        scanner.write_all(b"HALF").unwrap();
        let mut heard = VecDeque::new();
        // What a port has not given yet is gone with it: take it before.
        while serial.sent.is_empty() {
            serial.listen(&mut heard).unwrap();
        }
        drop(scanner);
        assert!(serial.listen(&mut heard).is_err());
        assert!(heard.is_empty());
        assert_eq!(serial.close(), Some(Scan::cut_off(b"HALF".to_vec())));
    }
}
