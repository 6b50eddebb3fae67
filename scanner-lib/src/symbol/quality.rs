//! How well a symbol was printed and seen, in the measures of ISO/IEC 15415 (matrix) and 15416 (bars) as far as a camera
//! that nobody calibrated can tell them, and what a person should do about it.

mod alternation;
mod bars;

pub(super) use alternation::Alternation;
pub(super) use bars::{of_bars, of_unread_bars};

/// Measures of one reading. `None` where the reader cannot tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Light minus dark, as part of full scale (symbol contrast).
    pub contrast: Option<f32>,
    /// How much of the contrast the smallest details keep, 1 where none is lost (modulation): low where it is blurred.
    pub modulation: Option<f32>,
    /// By how many modules what is dark is wider than it ought to be, less than 0 where it is narrower (print growth).
    pub print_growth: Option<f32>,
    /// Error correction that was not needed, 1 where nothing was mended (unused error correction).
    pub unused_correction: Option<f32>,
    /// Pixels a module.
    pub module_pixels: Option<f32>,
}

/// What would make the next picture better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    /// The modules are too few pixels wide.
    ComeCloser,
    /// Details are washed out: motion, or out of focus.
    HoldStill,
    /// Part of the symbol cannot be seen: a reflection, a finger, a fold.
    TiltThePack,
    /// Dark and light hardly differ.
    MoreLight,
}

impl Hint {
    /// One short sentence for the person who holds the pack.
    pub fn words(self) -> &'static str {
        match self {
            Self::ComeCloser => "Too far away: bring the pack closer.",
            Self::HoldStill => "Blurred: hold the pack still.",
            Self::TiltThePack => "Part of the code is hidden or glares: tilt the pack.",
            Self::MoreLight => "Too dark or too pale: more light.",
        }
    }
}

impl Quality {
    /// The most useful advice, if any is needed.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::symbol::{Hint, Quality};
    ///
    /// let far = Quality { module_pixels: Some(1.4), ..Quality::default() };
    /// assert_eq!(far.hint(), Some(Hint::ComeCloser));
    /// assert_eq!(Quality::default().hint(), None);
    /// ```
    pub fn hint(&self) -> Option<Hint> {
        let below = |value: Option<f32>, limit: f32| value.is_some_and(|value| value < limit);
        if below(self.module_pixels, 1.8) {
            Some(Hint::ComeCloser)
        } else if below(self.contrast, 0.1) {
            Some(Hint::MoreLight)
        } else if below(self.modulation, 0.4) {
            Some(Hint::HoldStill)
        } else if below(self.unused_correction, 0.25) {
            Some(Hint::TiltThePack)
        } else {
            None
        }
    }
}
