//! The order of looking: cheap and sure first, harder tools only where something seems to be left.
//!
//! A survey proposes places. Every place is first read the cheap way; those that showed a finder pattern, or bars, and
//! gave nothing are looked at again: larger, smoothed, bent. Foreign readers (QR Code, DataBar) see only places.

mod close_up;
mod found;
mod harder;
mod page;
mod placed;
mod spread;

use super::code128::{self, Crossing};
use super::datamatrix::{Care, Partial, Work};
use super::frame::{Area, Frame, Picture};
use super::locate::{self, Bars, Patch};
use super::{Effort, Hint, ReadOptions, Symbol, databar, datamatrix, qr};
use placed::{placed, placed_look};

/// Pixels of a picture that is read at full size; a larger one is halved first (a 24-megapixel photograph once).
const MOST_PIXELS: usize = 16_000_000;

/// Places with bars, and places with dots, that are looked at.
const MOST_PLACES: usize = 12;

/// A place this small (its longer side, in pixels) is looked at twice as large: 1.5 pixels a module then suffice.
const SMALL: usize = 160;

/// A place this small holds no symbol whose modules are large enough as they are.
const TINY: usize = 80;

/// Pixels from one change of grey to the next below which modules may be too small to be told as they are.
const FINE: f32 = 6.0;

/// A place this large is looked at half as large only.
const LARGE: usize = 420;

/// A place whose shorter side is less holds no QR Code that is seen half as large: 21 modules of two pixels, then.
const LEAST_HALVED: usize = 84;

/// A place of which less has texture is print that runs aslant; a symbol that does so fills half of the place.
const SPARSE: f32 = 0.35;

/// A square place of which more has texture is a matrix, or print without gaps.
const DENSE: f32 = 0.9;

/// A place that is lower is a line of print, or holds a symbol too small to be seen half as large.
const LOW: usize = 64;
/// A compact place that is lower is looked at as it is at once.
const HARDLY_LOW: usize = 80;

/// Places that look like print and are looked at all the same: shadows, and ink that was lost, make a symbol look so.
const MOST_PRINT: usize = 2;

/// Pixels that may be looked at the cheap way in all patches of a camera's frame that give nothing, and in one of them.
const FIRST_WORK: usize = 1_200_000;
const PATCH_WORK: usize = 800_000;

/// Agreement that stands for none, in a place that is not done with.
const LITTLE_PROMISE: f32 = 0.01;

/// Pixels beside a frame that are looked at with it, and pixels across the least frame whose content is looked at alone.
const BESIDE_A_FRAME: f32 = 3.0;
const LEAST_FRAMED: usize = 30;

/// Likeness of lines across bars that makes them worth harder tools.
const CLEAR_BARS: f32 = 0.6;

/// Bars that are read along thin lines at a glance: a label has two barcodes, and text some that look like one.
const MOST_THIN: usize = 3;

/// Agreement of a finder pattern, seen half as large, that makes a line of print worth a look as it is.
const PROMISE_OF_HALF: f32 = 0.2;

/// The same, seen as it is, that makes small print worth a look twice as large beside a symbol of large modules.
const PROMISE_OF_TWICE: f32 = 0.2;

/// Agreement of a QR Code's known modules that makes a place worth a look twice as large.
const PROMISE_OF_CODE: f32 = 0.35;

/// Every symbol in the picture.
///
/// # Example
/// ```
/// use tessera_scanner::symbol::{Frame, ReadOptions, read};
///
/// let grey = vec![200; 320 * 240];
/// let frame = Frame::new(&grey, 320, 240).expect("the size fits");
/// assert!(read(&frame, &ReadOptions::default()).is_empty());
/// ```
pub fn read(frame: &Frame<'_>, options: &ReadOptions) -> Vec<Symbol> {
    look(frame, options).symbols
}

/// What one picture shows.
pub(super) struct Look {
    pub(super) symbols: Vec<Symbol>,
    /// Symbols that were found and could not be decoded.
    pub(super) partials: Vec<Partial>,
    /// What would help with what was not read.
    pub(super) hint: Option<Hint>,
}

/// Every symbol, and what is known of those that were not read.
pub(super) fn look(frame: &Frame<'_>, options: &ReadOptions) -> Look {
    let mut picture = frame.to_picture();
    let mut scale = 1.0;
    while picture.luma().len() > MOST_PIXELS {
        picture = picture.halved();
        scale *= 2.0;
    }
    let mut reading = Reading::of(picture, options);
    // Nothing at all in a large photograph: perhaps it is too large for the survey's tiles.
    for _ in 0..2 {
        if !reading.found.is_empty() || options.effort < Effort::Thorough || reading.is_frame() || options.is_over() {
            break;
        }
        scale *= 2.0;
        reading = Reading::of(reading.picture.halved(), options);
    }
    if reading.found.is_empty() && reading.is_close {
        scale *= reading.look_closer(options);
    }
    let Reading { found: mut symbols, partials, hint, .. } = reading;
    for symbol in &mut symbols {
        symbol.corners = symbol.corners.map(|corner| corner.map(|value| value * scale));
        symbol.quality.module_pixels = symbol.quality.module_pixels.map(|pixels| pixels * scale);
    }
    let partials = partials.into_iter().map(|partial| partial.placed(scale, [0.0; 2])).collect();
    Look { symbols, partials, hint }
}

struct Reading {
    picture: Picture,
    found: Vec<Symbol>,
    /// What breaks its own rules and was not said again by a second look: seen, and not told.
    doubtful: Vec<Symbol>,
    partials: Vec<Partial>,
    hint: Option<Hint>,
    /// The survey saw single edges rather than texture.
    is_close: bool,
}

impl Reading {
    fn new(picture: Picture) -> Self {
        let (found, doubtful, partials) = (Vec::new(), Vec::new(), Vec::new());
        Self { picture, found, doubtful, partials, hint: None, is_close: false }
    }

    fn of(picture: Picture, options: &ReadOptions) -> Self {
        let places = locate::survey(&picture);
        let mut reading = Self { is_close: places.grid.shows_edges(), ..Self::new(picture) };
        let pixels = reading.picture.luma().len();
        // A photograph has more places.
        let (mut unread, mut work) = (Vec::new(), Work::of(FIRST_WORK.max(pixels / 2)));
        let mut patches = places.patches.into_iter().take(MOST_PLACES);
        // What stands out most; then bars, which are told from print soonest; what is left then is mostly print, and is
        // looked at knowing how large modules are.
        let first = patches.next();
        reading.patches(first, &mut unread, &mut work, options);
        let mut bars: Vec<(Bars, Crossing)> = Vec::new();
        // The heaviest first, and print last.
        let is_print = |one: &Bars| one.is_print;
        let first_print = places.bars.iter().position(is_print).unwrap_or(MOST_PLACES);
        for one in places.bars.into_iter().take((first_print + MOST_PRINT).min(MOST_PLACES)) {
            if !options.is_over()
                && !reading.covered(one.middle())
                && let Some(crossing) = reading.bars(&one)
            {
                bars.push((one, crossing));
            }
        }
        reading.patches(patches, &mut unread, &mut work, options);
        if options.effort >= Effort::Thorough {
            reading.again(unread, &bars, &places.grid, options);
        } else {
            reading.thin(&bars, options);
        }
        reading.hint = reading.advice(&bars);
        reading
    }

    /// Patches of dots, the cheap way; those that remain promising are `unread`.
    fn patches(
        &mut self,
        patches: impl IntoIterator<Item = Patch>,
        unread: &mut Vec<(Patch, f32)>,
        work: &mut Work,
        options: &ReadOptions,
    ) {
        let mut print = 0;
        for patch in patches {
            if options.is_over() || work.is_over() {
                return;
            }
            if self.filled(patch.area) {
                continue;
            }
            print += usize::from(patch.is_like_print());
            if print > MOST_PRINT {
                return;
            }
            let before = self.found.len();
            let (promise, framed) = self.patch_for(&patch, work);
            // What lies in a frame is a place of its own, without the print around.
            if self.found.len() == before
                && let Some(framed) = framed
            {
                let (promise, _) = self.patch_for(&framed, work);
                if promise > LITTLE_PROMISE {
                    unread.push((framed, promise));
                }
            }
            if promise > 0.0 {
                unread.push((patch, promise));
            }
        }
    }

    /// At a glance too: the first bars once more along thin lines, which text and other bars beside them do not blur.
    fn thin(&mut self, bars: &[(Bars, Crossing)], options: &ReadOptions) {
        for (bars, crossing) in bars.iter().take(MOST_THIN) {
            let is_open = !options.is_over() && !self.covered(bars.middle());
            if is_open && code128::shows_bars(&self.picture, bars, crossing.turn) {
                for symbol in code128::read_thin(&self.picture, bars) {
                    self.keep(symbol);
                }
            }
        }
    }

    /// A patch of dots, for a part of what may be spent on all of them: how promising it remains, and what lies in a frame in it.
    fn patch_for(&mut self, patch: &Patch, work: &mut Work) -> (f32, Option<Patch>) {
        let mut own = work.share(PATCH_WORK);
        let (all, before) = (own, self.found.len());
        let mut framed = None;
        let promise = self.patch(patch, &mut framed, &mut own);
        // What was read was worth it: there may be many symbols.
        work.take_back(if self.found.len() > before { all } else { own });
        let size = |area: Area| area.width * area.height;
        let framed = framed
            .map(|frame: [[f32; 2]; 4]| self.picture.around(&frame, BESIDE_A_FRAME))
            .filter(|area| area.width.min(area.height) >= LEAST_FRAMED && 2 * size(*area) < size(patch.area))
            .map(|area| Patch { area, ..Patch::FRAMED });
        (promise, framed)
    }

    /// A patch of dots, the cheap way: Data Matrix at one scale, again for what lies beside it; QR Code. Tells how
    /// promising it remains: 0 where it is done with; and where a frame lies in it.
    fn patch(&mut self, patch: &Patch, framed: &mut Option<[[f32; 2]; 4]>, work: &mut Work) -> f32 {
        let area = patch.area;
        let longest = area.width.max(area.height);
        let is_sparse = patch.filled < SPARSE;
        let compact = area.width <= 4 * area.height && area.height <= 4 * area.width && !is_sparse;
        let narrowest = area.width.min(area.height);
        if narrowest < LOW && !compact || self.is_page(patch) {
            return 0.0;
        }
        for round in 0..MOST_PLACES {
            // After a symbol that was read, effort anew: there may be many in one place.
            if round > 0 {
                *work = Work::of(2 * PATCH_WORK);
            }
            let part = self.without_found(area);
            // What surely is a QR Code need not be looked at as a Data Matrix first.
            let patterns = qr::patterns(&part);
            let tried = patterns.are_of_a_code();
            if tried && self.codes(patch, &part, &patterns) {
                if self.filled(area) {
                    return 0.0;
                }
                continue;
            }
            let mut look = if longest <= TINY {
                placed_look(datamatrix::look(&part.doubled(), Care::Glance, work), area, 0.5)
            } else if longest > SMALL && !(compact && narrowest < HARDLY_LOW) {
                // Half as large first: enough to see that it is print.
                let half = placed_look(datamatrix::look(&part.halved(), Care::Glance, work), area, 2.0);
                let is_likely = compact && (!patch.is_print() || half.pitch.is_some());
                let worth = half.symbol.is_none() && longest <= LARGE && (is_likely || half.promise > PROMISE_OF_HALF);
                if worth { placed_look(datamatrix::look(&part, Care::Glance, work), area, 1.0) } else { half }
            } else {
                placed_look(datamatrix::look(&part, Care::Glance, work), area, 1.0)
            };
            let worth = compact
                && !patch.is_print()
                && look.pitch.is_some_and(|pitch| pitch < FINE)
                && (look.promise > PROMISE_OF_TWICE || !patch.has_strokes() && !self.shows_large_modules());
            if look.symbol.is_none() && longest > TINY && longest <= SMALL && worth {
                let larger = placed_look(datamatrix::look(&part.doubled(), Care::Glance, work), area, 0.5);
                if larger.symbol.is_some() || larger.promise > look.promise {
                    look = larger;
                }
            }
            *framed = framed.or(look.frame);
            if let Some(symbol) = look.symbol {
                if !self.keep(symbol) || self.filled(area) {
                    return 0.0;
                }
            } else {
                self.partials.extend(look.partials);
                if tried || !self.codes(patch, &part, &patterns) {
                    // Beside a symbol that was read, what is sparse is print; alone it may be one of very large modules.
                    let is_print = is_sparse && !self.found.is_empty();
                    return if is_print { look.promise } else { look.promise.max(LITTLE_PROMISE) };
                }
                if self.filled(area) {
                    return 0.0;
                }
            }
        }
        0.0
    }

    /// A QR Code, where there are finder patterns: as it is, and half and twice as large.
    fn codes(&mut self, patch: &Patch, part: &Picture, patterns: &qr::Patterns) -> bool {
        let area = patch.area;
        let mut promise = 0.0_f32;
        let mut look = |picture: &Picture, patterns: &qr::Patterns, factor: f32| {
            let look = qr::look(picture, patterns);
            promise = promise.max(look.promise);
            let read = look.symbol.is_some_and(|symbol| self.keep(placed(symbol, area, factor)));
            (read, promise)
        };
        let may_be_a_code = patterns.may_be_a_code();
        if may_be_a_code && look(part, patterns, 1.0).0 {
            return true;
        }
        let may_be_halved = area.width.min(area.height) >= LEAST_HALVED && {
            let half = part.halved();
            let halves = qr::patterns(&half);
            let may_be = halves.may_be_a_code();
            if may_be && look(&half, &halves, 2.0).0 {
                return true;
            }
            may_be
        };
        if !may_be_a_code && !may_be_halved {
            return false;
        }
        let smooth = part.smoothed();
        let (read, promise) = look(&smooth, &qr::patterns(&smooth), 1.0);
        if read {
            return true;
        }
        // What does not look like a code by now is none, but for a large one of a pixel a module, which is all texture.
        let is_square = area.width.abs_diff(area.height) < area.width.min(area.height) / 4;
        let is_dense = is_square && patch.filled > DENSE;
        if promise <= PROMISE_OF_CODE && !is_dense && !patterns.are_of_a_code() {
            return false;
        }
        let others = qr::read_grids(part);
        if !others.is_empty() {
            return others.into_iter().fold(false, |any, symbol| self.keep(placed(symbol, area, 1.0)) | any);
        }
        area.width.max(area.height) <= LARGE && {
            let double = part.doubled();
            let look = qr::look(&double, &qr::patterns(&double));
            look.symbol.is_some_and(|symbol| self.keep(placed(symbol, area, 0.5)))
        }
    }

    /// Bars, the cheap way. Where they were not read, tells what they look like.
    fn bars(&mut self, bars: &Bars) -> Option<Crossing> {
        let mut crossing = code128::read_bars(&self.picture, bars);
        if crossing.symbols.is_empty() && crossing.likeness >= CLEAR_BARS && crossing.edges >= databar::MANY_EDGES {
            crossing.symbols.extend(databar::read_omnidirectional(&self.picture, bars, crossing.turn));
        }
        let unread = crossing.symbols.is_empty();
        for symbol in crossing.symbols.drain(..) {
            self.keep(symbol);
        }
        (unread && !crossing.is_print).then_some(crossing)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn no_pixels_make_it_panic_or_see_things(
            (width, height, luma) in (1_u32..90, 1_u32..70).prop_flat_map(|(width, height)| {
                let pixels = prop::collection::vec(any::<u8>(), (width * height) as usize);
                (Just(width), Just(height), pixels)
            }),
        ) {
            let frame = Frame::new(&luma, width, height).expect("as many bytes as pixels");
            prop_assert_eq!(read(&frame, &ReadOptions::default()), []);
        }
    }
}
