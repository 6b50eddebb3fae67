//! Many frames, one answer: for a camera that looks at a pack for as long as a person holds it there.
//!
//! Each content is told once, however many frames show it, and again only after its pack was away. What no single frame
//! gives may still come out of several: the softness of a Data Matrix that was found and not decoded is added up from
//! frame to frame, module by module, so that noise averages out and a reflection that wanders uncovers what it hid.
//!
//! A camera that is to keep up asks for a glance at each frame, and gets more than that at every third: what a glance does not
//! read in one frame it hardly ever reads in twenty, and a pack is held there for longer than three.

use super::confirm::breaks_its_rules;
use super::datamatrix::Partial;
use super::frame::Picture;
use super::outline::middle;
use super::read::{self, Look};
use super::{Effort, Frame, Hint, ReadOptions, Symbol};
use crate::ordering;

/// Of so many frames that are to be looked at in a glance, one is looked at with all the care there is.
const THOROUGH_EVERY: u32 = 3;

/// Frames for which advice stays: longer than from one careful look to the next, and long enough to be read by a person.
const ADVISED_FOR: u32 = 20;

/// Frames without a symbol after which its pack is taken to have left: half a second at thirty a second.
const GONE_AFTER: u32 = 15;

/// Frames that are added up at most; older ones show another place or another pack.
const MOST_FRAMES: usize = 8;

/// Symbols that wait for a second frame, at most.
const MOST_UNCONFIRMED: usize = 16;

/// Symbols that were not read and are followed, at most; of these, those looked for in one frame that did not show them.
const MOST_FUSED: usize = 24;
const MOST_MISSING: usize = 3;

/// Frames kept to look back at, and symbols that are looked for in them when first seen.
const MOST_UNREAD: usize = 4;
const MOST_BEGUN: usize = 2;

/// Pixels of a frame that is kept: more is a photograph.
const LARGEST_KEPT: u32 = 1920 * 1088;

/// What one frame brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sighting {
    /// Symbols that came into view: each once.
    pub new: Vec<Symbol>,
    /// Symbols that have left.
    pub left: Vec<Symbol>,
    /// What would help with what is seen and not read: the same for some frames, so that it can be read.
    pub hint: Option<Hint>,
}

/// Follows symbols through the frames of a camera.
///
/// # Example
/// ```
/// use tessera_scanner::symbol::{Frame, ReadOptions, Tracker};
///
/// let mut tracker = Tracker::default();
/// let grey = vec![200; 320 * 240];
/// let frame = Frame::new(&grey, 320, 240).expect("the size fits");
/// assert!(tracker.look(&frame, &ReadOptions::default()).new.is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    frame: u32,
    in_view: Vec<(Symbol, u32)>,
    /// Seen in one frame, breaking its own rules: told once another frame says the same.
    unconfirmed: Vec<(Symbol, u32)>,
    fused: Vec<Fusion>,
    /// Frames in which nothing was read, newest last.
    unread: Vec<Picture>,
    /// What would help, and the last frame that said so.
    advice: Option<(Hint, u32)>,
}

/// Looks at one symbol that was not read, newest last.
#[derive(Clone, Debug)]
struct Fusion {
    looks: Vec<Partial>,
    last: u32,
}

impl Tracker {
    /// Looks at the next frame; with [`Effort::Glance`], at every third one with all the care there is.
    pub fn look(&mut self, frame: &Frame<'_>, options: &ReadOptions) -> Sighting {
        self.frame = self.frame.wrapping_add(1);
        let is_careful = self.frame.is_multiple_of(THOROUGH_EVERY);
        let effort = if is_careful { Effort::Thorough } else { options.effort };
        let Look { mut symbols, partials, hint } =
            read::look(frame, &ReadOptions { effort, stop: options.stop.clone() });
        for partial in partials {
            symbols.extend(self.fuse(partial));
        }
        if symbols.is_empty() {
            symbols.extend(self.look_again(frame));
        }
        if symbols.is_empty() {
            symbols.extend(self.look_back());
            if self.unread.len() == MOST_UNREAD {
                self.unread.remove(0);
            }
            if frame.width() * frame.height() <= LARGEST_KEPT {
                self.unread.push(frame.to_picture());
            }
        } else {
            self.unread.clear();
        }
        let now = self.frame;
        self.fused.retain(|fusion| now.wrapping_sub(fusion.last) < GONE_AFTER);
        self.advice = if symbols.is_empty() { self.advised(hint) } else { None };
        let mut sighting = Sighting { hint: self.advice.map(|(hint, _)| hint), ..Sighting::default() };
        for symbol in symbols {
            let known =
                self.in_view.iter_mut().find(|(other, _)| other.format == symbol.format && other.bytes == symbol.bytes);
            if let Some(entry) = known {
                *entry = (symbol, now);
            } else if self.agreed(&symbol) {
                self.in_view.push((symbol.clone(), now));
                sighting.new.push(symbol);
            }
        }
        self.unconfirmed.retain(|(_, last)| now.wrapping_sub(*last) < GONE_AFTER);
        self.in_view.retain(|(symbol, last)| {
            let stays = now.wrapping_sub(*last) < GONE_AFTER;
            if !stays {
                sighting.left.push(symbol.clone());
            }
            stays
        });
        sighting
    }

    /// What to advise now: what was advised stays until it was not said for some frames.
    fn advised(&self, hint: Option<Hint>) -> Option<(Hint, u32)> {
        let now = self.frame;
        let said = hint.map(|hint| (hint, now));
        let before = self.advice.filter(|(_, last)| now.wrapping_sub(*last) < ADVISED_FOR);
        match (before, hint) {
            (Some((before, _)), Some(hint)) if before == hint => said,
            (Some(_), _) => before,
            (None, _) => said,
        }
    }

    /// Whether a symbol may be told: one that breaks its own rules only if an earlier frame said the same.
    fn agreed(&mut self, symbol: &Symbol) -> bool {
        if !breaks_its_rules(symbol) {
            return true;
        }
        let before = self.unconfirmed.len();
        let now = self.frame;
        self.unconfirmed
            .retain(|(other, last)| other.format != symbol.format || other.bytes != symbol.bytes || *last == now);
        if self.unconfirmed.len() < before {
            return true;
        }
        if before < MOST_UNCONFIRMED {
            self.unconfirmed.push((symbol.clone(), now));
        }
        false
    }

    /// Symbols in view, as last seen.
    pub fn in_view(&self) -> impl Iterator<Item = &Symbol> {
        self.in_view.iter().map(|(symbol, _)| symbol)
    }

    /// Looks for the symbols of earlier frames about where they were.
    fn look_again(&mut self, frame: &Frame<'_>) -> Option<Symbol> {
        let now = self.frame;
        let mut missing: Vec<&Fusion> = self.fused.iter().filter(|fusion| fusion.last != now).collect();
        ordering::by_key(&mut missing, |fusion| std::cmp::Reverse(fusion.looks.len()));
        let missing: Vec<Partial> =
            missing.iter().take(MOST_MISSING).filter_map(|fusion| fusion.looks.last()).cloned().collect();
        if missing.is_empty() {
            return None;
        }
        let picture = frame.to_picture();
        missing.iter().filter_map(|partial| partial.again(&picture)).find_map(|partial| self.fuse(partial))
    }

    /// Looks for a symbol that a reflection hides in part in the frames before the first that showed it.
    fn look_back(&mut self) -> Option<Symbol> {
        let now = self.frame;
        let begun = |fusion: &&mut Fusion| {
            fusion.last == now && matches!(fusion.looks.as_slice(), [only] if only.is_hidden_in_part())
        };
        for fusion in self.fused.iter_mut().filter(begun).take(MOST_BEGUN) {
            let earlier: Vec<Partial> =
                self.unread.iter().filter_map(|picture| fusion.looks[0].again(picture)).collect();
            fusion.looks.splice(0..0, earlier);
            if let Some(symbol) = fusion.told() {
                return Some(symbol);
            }
        }
        None
    }

    /// Adds one more look at an unread symbol; the symbol, if all looks together give it.
    fn fuse(&mut self, partial: Partial) -> Option<Symbol> {
        let now = self.frame;
        let place = self.fused.iter().position(|fusion| fusion.looks.last().is_some_and(|last| same(last, &partial)));
        let at = place.unwrap_or(self.fused.len());
        if at == self.fused.len() {
            if at >= MOST_FUSED {
                return None;
            }
            self.fused.push(Fusion { looks: Vec::new(), last: now });
        }
        let fusion = &mut self.fused[at];
        // A second look at the same pixels brings nothing new.
        if place.is_some() && fusion.last == now {
            return None;
        }
        fusion.last = now;
        fusion.looks.push(partial);
        if fusion.looks.len() > MOST_FRAMES {
            fusion.looks.remove(0);
        }
        fusion.told()
    }
}

impl Fusion {
    /// The symbol, if all looks together give it.
    fn told(&mut self) -> Option<Symbol> {
        if self.looks.len() < 2 {
            return None;
        }
        let symbol = Partial::fused(&self.looks)?;
        self.looks.clear();
        Some(symbol)
    }
}

/// Whether two looks are at one symbol: of one size, about as large, and not further apart than half a symbol.
#[expect(clippy::many_single_char_names, reason = "two looks, their middles and their sides")]
fn same(a: &Partial, b: &Partial) -> bool {
    let (p, q) = (middle(&a.corners()), middle(&b.corners()));
    let side = |corners: [[f32; 2]; 4]| (corners[1][0] - corners[0][0]).hypot(corners[1][1] - corners[0][1]);
    let (s, t) = (side(a.corners()), side(b.corners()));
    a.is_like(b) && (0.7..1.4).contains(&(s / t.max(1.0))) && (p[0] - q[0]).hypot(p[1] - q[1]) < 0.5 * s.max(t)
}

#[cfg(test)]
mod tests {
    use super::super::datamatrix::testing;
    use super::*;

    #[test]
    fn a_symbol_is_told_once_and_again_after_it_was_away() {
        let (luma, width, height) = testing::picture(4);
        let shown = Frame::new(&luma, width, height).expect("a frame");
        let grey = vec![200; luma.len()];
        let empty = Frame::new(&grey, width, height).expect("a frame");
        let mut tracker = Tracker::default();
        let options = ReadOptions::default();
        let first = tracker.look(&shown, &options);
        assert_eq!(first.new.len(), 1);
        assert_eq!(first.new[0].text(), testing::TEXT);
        assert!(tracker.look(&shown, &options).new.is_empty());
        let left: usize = (0..=GONE_AFTER).map(|_| tracker.look(&empty, &options).left.len()).sum();
        assert_eq!(left, 1);
        assert_eq!(tracker.look(&shown, &options).new.len(), 1);
    }

    #[test]
    fn what_no_glance_reads_is_told_by_the_third_frame() {
        let (luma, width, height) = testing::picture(4);
        let mut picture = Frame::new(&luma, width, height).expect("a frame").to_picture();
        let glance = ReadOptions { effort: Effort::Glance, ..ReadOptions::default() };
        let sees = |picture: &Picture, options: &ReadOptions| {
            let frame = Frame::new(picture.luma(), width, height).expect("a frame");
            !super::super::read(&frame, options).is_empty()
        };
        while sees(&picture, &glance) {
            picture = picture.smoothed();
        }
        assert!(sees(&picture, &ReadOptions::default()), "a careful look reads what is as blurred as this");
        let frame = Frame::new(picture.luma(), width, height).expect("a frame");
        let mut tracker = Tracker::default();
        let told: Vec<Symbol> = (0..THOROUGH_EVERY).flat_map(|_| tracker.look(&frame, &glance).new).collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].text(), testing::TEXT);
    }

    #[test]
    fn advice_stays_long_enough_to_be_read() {
        let mut tracker = Tracker { frame: 1, ..Tracker::default() };
        let mut say = |frames: u32, hint: Option<Hint>| {
            tracker.frame += frames;
            tracker.advice = tracker.advised(hint);
            tracker.advice.map(|(hint, _)| hint)
        };
        assert_eq!(say(1, None), None);
        assert_eq!(say(1, Some(Hint::ComeCloser)), Some(Hint::ComeCloser));
        assert_eq!(say(1, Some(Hint::HoldStill)), Some(Hint::ComeCloser), "it does not flicker");
        assert_eq!(say(2, None), Some(Hint::ComeCloser));
        assert_eq!(say(ADVISED_FOR, Some(Hint::HoldStill)), Some(Hint::HoldStill));
        assert_eq!(say(ADVISED_FOR, None), None);
    }
}
