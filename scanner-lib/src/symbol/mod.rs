//! A picture becomes symbols: what they say, what they are, where they are.
//!
//! Reach for [`read`] with one picture of a pack. It finds every symbol on it; which of them identifies the device is
//! for [`crate::label`] to say.
//!
//! For a camera, reach for [`Tracker`]: it tells each symbol once, and adds up what no single frame gives.
//!
//! One room per symbology, so that each can be replaced alone. All are our own but for rqrr (a choice of the project, to
//! stay: `qr` asks it last, where there is room for it), and the stacked and expanded kinds of `databar`, which go through
//! `zxing`, the only door to crate rxing.
//!
//! Nothing here has a clock: effort is bounded by counting looks ([`Effort`]) or by the caller's own clock
//! ([`ReadOptions::stop`]), and memory by the size of the picture.

mod bend;
mod blur;
mod cells;
mod code128;
mod confirm;
mod correction;
mod databar;
mod datamatrix;
mod frame;
mod glare;
mod grid;
#[cfg(any(feature = "rqrr", feature = "rxing"))]
mod guarded;
mod ink;
mod layout;
mod locate;
mod modules;
mod outline;
mod pattern;
mod plan;
mod plausible;
mod qr;
mod quality;
mod ranking;
mod read;
mod reed_solomon;
mod segments;
mod shade;
mod solve;
mod straight;
mod tones;
mod tracker;
mod widths;
#[cfg(feature = "rxing")]
mod zxing;

pub use frame::Frame;
pub use quality::{Hint, Quality};
pub use read::read;
pub use tracker::{Sighting, Tracker};

use std::fmt;
use std::sync::Arc;

/// What to look for, and how hard.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// How many looks to spend.
    pub effort: Effort,
    /// When to stop and give what was found so far.
    pub stop: Option<Stop>,
}

impl ReadOptions {
    /// Whether the caller's time is up.
    fn is_over(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| (stop.0)())
    }
}

/// A question that is asked between looks: is the time for this picture up?
///
/// # Example
/// ```
/// use std::time::{Duration, Instant};
/// use tessera_scanner::symbol::{ReadOptions, Stop};
///
/// let begun = Instant::now();
/// let options = ReadOptions {
///     stop: Some(Stop::when(move || begun.elapsed() > Duration::from_millis(15))),
///     ..ReadOptions::default()
/// };
/// ```
#[derive(Clone)]
pub struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl Stop {
    /// Stops once `is_over` says so.
    pub fn when(is_over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_over))
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stop")
    }
}

/// How many looks at a picture to spend before saying that there is nothing (more) in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Each kind once over the whole picture: for a camera, whose next frame is another chance. A [`Tracker`] adds care to
    /// every third frame.
    Glance,
    /// Where texture promises a symbol and none was read, other thresholds and scales too: for a photograph.
    #[default]
    Thorough,
}

/// The kind of barcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Data Matrix ECC 200.
    DataMatrix,
    /// Code 128, GS1-128 among them.
    Code128,
    /// QR Code.
    QrCode,
    /// GS1 DataBar (omnidirectional, stacked).
    DataBar,
    /// GS1 DataBar Expanded.
    DataBarExpanded,
}

impl Format {
    /// The name used in output: `DataMatrix`, `Code128`, `QRCode`, `DataBar`, `DataBarExpanded`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataMatrix => "DataMatrix",
            Self::Code128 => "Code128",
            Self::QrCode => "QRCode",
            Self::DataBar => "DataBar",
            Self::DataBarExpanded => "DataBarExpanded",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One barcode found in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// Its kind.
    pub format: Format,
    /// Its content; GS (0x1D) for FNC1 in later positions. A leading FNC1 is told by [`Symbol::aim`] alone.
    pub bytes: Vec<u8>,
    /// AIM symbology identifier with bracket, such as `]d2` (ISO/IEC 15424).
    pub aim: String,
    /// Corners in pixels: top left, top right, bottom right, bottom left as the symbol is oriented.
    ///
    /// Of bars, only what was crossed is known: the quadrilateral between the outermost scan lines that read them.
    pub corners: [[f32; 2]; 4],
    /// How well it was printed and seen.
    pub quality: Quality,
}

impl Symbol {
    /// The content for people: UTF-8 where it is that, else Latin-1, the default of these symbologies.
    pub fn text(&self) -> String {
        match str::from_utf8(&self.bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => self.bytes.iter().copied().map(char::from).collect(),
        }
    }
}
