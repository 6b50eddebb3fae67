//! Harder tools, where a finder pattern or bars were seen and nothing was read.

use super::super::code128::{self, Crossing};
use super::super::datamatrix::{self, Care, Work};
use super::super::frame::Area;
use super::super::locate::{Bars, Patch};
use super::super::ranking::heaviest_first;
use super::super::shade;
use super::super::straight::Straight;
use super::super::{Format, ReadOptions, Symbol, databar};
use super::{CLEAR_BARS, LARGE, Reading, SMALL, placed, placed_look};

/// Pixels that may be looked at, and where something was read already.
const HARD_WORK: usize = 7_000_000;
const WORK_BESIDE: usize = 600_000;

/// Pixels of height up to which bars may as well be a line of text.
const LOW_BARS: f32 = 20.0;

/// Likeness, and pixels of height, from which the first bars may be such that converge.
const MAY_CONVERGE: f32 = 0.3;
const CONVERGING_HEIGHT: f32 = 50.0;

/// The same of strips that lie as bars do that converge.
const CONVERGING: f32 = 0.28;

/// Likeness of lines across bars that makes them worth harder tools beside a symbol that was read.
const CLEAR_BARS_BESIDE: f32 = 0.85;

/// Bars whose surroundings are given to the foreign reader of DataBar whole.
const MOST_PARTS: usize = 2;

/// Agreement of a finder pattern that makes a place worth harder tools.
const PROMISING: f32 = 0.85;

/// The same that makes it worth asking, where nothing was read, whether straight pieces of its sides are those of a crumpled
/// symbol.
const CRUMPLED: f32 = 0.5;

/// Pixels that may be looked at to read what is crumpled.
const CRUMPLED_WORK: usize = 9_000_000;

impl Reading {
    /// Harder tools where a finder pattern or bars were seen and nothing read.
    pub(super) fn again(&mut self, unread: Vec<(Patch, f32)>, bars: &[(Bars, Crossing)], options: &ReadOptions) {
        self.bars_again(bars, options);
        self.patches_again(unread, options);
    }

    /// Bars along thin lines, then what all their heights show together.
    fn bars_again(&mut self, bars: &[(Bars, Crossing)], options: &ReadOptions) {
        for (i, (bars, crossing)) in bars.iter().take(if self.found.is_empty() { 5 } else { 2 }).enumerate() {
            if options.is_over() {
                return;
            }
            if self.covered(bars.middle()) || !code128::shows_bars(&self.picture, bars, crossing.turn) {
                continue;
            }
            let aslant = bars.aslant();
            let mut thin = code128::read_thin(&self.picture, bars);
            if let Some(aslant) = aslant.as_ref().filter(|_| thin.is_empty()) {
                thin = code128::read_thin(&self.picture, aslant);
            }
            if thin.is_empty() && bars.height > LOW_BARS && i < MOST_PARTS {
                let read = |bars| databar::read_thin(&self.picture, bars);
                thin.extend(read(bars).or_else(|| aslant.as_ref().and_then(read)));
            }
            if !thin.is_empty() {
                for symbol in thin {
                    self.keep(symbol);
                }
                continue;
            }
            // Beside a symbol that was read, only what looks like bars beyond doubt: a line of text is as low as a tile.
            let alone = self.found.is_empty();
            let is_clear = crossing.likeness >= if alone { CLEAR_BARS } else { CLEAR_BARS_BESIDE };
            let may_converge = i == 0 && alone && crossing.likeness >= MAY_CONVERGE && bars.height > CONVERGING_HEIGHT;
            if !alone && (!is_clear || bars.height < LOW_BARS) {
                continue;
            }
            let mut straight = (is_clear || may_converge).then(|| Straight::of(&self.picture, bars, crossing.turn));
            // Bars that a tilt shears leave lines straight across them.
            if let (Some(aslant), Some(across)) = (&aslant, &straight)
                && across.likeness() < CLEAR_BARS_BESIDE
            {
                let other = Straight::of(&self.picture, aslant, 0.0);
                straight = if other.likeness() > across.likeness() { Some(other) } else { straight };
            }
            let is_clear = is_clear || straight.as_ref().is_some_and(|straight| straight.likeness() >= CONVERGING);
            // Behind a reflection bars may go on.
            let longer = if i == 0 && is_clear { bars.beyond_glare(&self.picture) } else { None };
            let longer = longer.or_else(|| bars.followed(&self.picture).filter(|_| is_clear));
            if bars.height > LOW_BARS
                && let Some(symbol) = longer.as_ref().and_then(|longer| databar::read_thin(&self.picture, longer))
            {
                self.keep(symbol);
                continue;
            }
            let straight = longer.map(|longer| Straight::of(&self.picture, &longer, crossing.turn)).or(straight);
            let straight = straight.filter(|_| is_clear);
            if let Some(symbol) = straight.as_ref().and_then(code128::read_blurred) {
                self.keep(symbol);
            } else if (is_clear || i == 0 && crossing.edges >= databar::MANY_EDGES)
                && bars.height > LOW_BARS
                && crossing.edges >= databar::FEWEST_EDGES
                && self.found.iter().all(|symbol| symbol.format != Format::Code128)
                && let Some(symbol) = self.databar_again(bars, crossing, straight.as_ref(), i < MOST_PARTS)
            {
                self.keep(symbol);
            }
        }
    }

    /// Bars as DataBar: by our own reader, bent and as they lie; by the foreign one; and `in_part`, whatever it finds about there.
    fn databar_again(
        &self,
        bars: &Bars,
        crossing: &Crossing,
        straight: Option<&Straight>,
        in_part: bool,
    ) -> Option<Symbol> {
        // Where it is not yet known for want of edges.
        let is_known = crossing.likeness >= CLEAR_BARS && crossing.edges >= databar::MANY_EDGES;
        let alike = straight.filter(|straight| straight.likeness() >= CLEAR_BARS);
        let own = || (!is_known).then(|| databar::read_omnidirectional(&self.picture, bars, crossing.turn)).flatten();
        let part = || {
            let area = self.picture.around(&bars.corners(), 8.0);
            let read = databar::read_part(&self.picture.crop(area)).map(|symbol| placed(symbol, area, 1.0));
            read.filter(|symbol| databar::bears_out(&self.picture, bars, symbol))
        };
        alike
            .and_then(|straight| databar::read_straight(straight).or_else(|| databar::read_strips(straight)))
            .or_else(own)
            .or_else(|| {
                let is_stacked = crossing.edges < databar::MANY_EDGES;
                databar::read(&self.picture, bars, crossing.turn)
                    .filter(|symbol| is_stacked || databar::bears_out(&self.picture, bars, symbol))
            })
            .or_else(|| if in_part && crossing.edges >= databar::MANY_EDGES { part() } else { None })
    }

    /// Patches that promised a symbol, larger, smoothed, and bent.
    fn patches_again(&mut self, mut unread: Vec<(Patch, f32)>, options: &ReadOptions) {
        heaviest_first(&mut unread, |one| one.1);
        let mut work = Work::of(if self.found.is_empty() { HARD_WORK } else { WORK_BESIDE });
        let mut crumpled = Work::of(CRUMPLED_WORK);
        let may_be_a_symbol = |patch: &Patch| {
            let area = patch.area;
            area.width <= 3 * area.height && area.height <= 3 * area.width && !patch.is_print()
        };
        for (i, (patch, promise)) in unread.into_iter().take(4).enumerate() {
            if options.is_over() || work.is_over() {
                return;
            }
            if promise >= PROMISING || self.found.is_empty() && i < 2 && may_be_a_symbol(&patch) {
                self.harder(patch.area, promise, &mut work, &mut crumpled);
            }
        }
    }

    fn harder(&mut self, area: Area, promise: f32, work: &mut Work, crumpled: &mut Work) {
        let part = self.without_found(area);
        let part = shade::levelled(&part).unwrap_or(part);
        let longest = area.width.max(area.height);
        // Of what is large, half as large first: a symbol among print as wide has large modules, or is print.
        let mut looks = if longest > LARGE { vec![(part.halved(), 2.0)] } else { Vec::new() };
        looks.extend([(part.smoothed(), 1.0), (part.clone(), 1.0)]);
        if longest <= 2 * SMALL {
            looks.push((part.doubled(), 0.5));
        }
        if longest > SMALL && longest <= LARGE {
            looks.push((part.halved(), 2.0));
        }
        let mut promise = promise;
        for care in [Care::Plain, Care::Bent] {
            if care == Care::Bent
                && !crumpled.is_over()
                && self.found.is_empty()
                && let Some(symbol) = datamatrix::look_crumpled(&part, promise >= CRUMPLED, crumpled)
            {
                self.keep(placed(symbol, area, 1.0));
                return;
            }
            if care == Care::Bent && (promise < PROMISING || work.is_over()) {
                break;
            }
            for (i, (picture, factor)) in looks.iter().enumerate() {
                // Each look that brings no promise makes the next one less worth its while.
                if care == Care::Plain && promise < [0.0, 0.4, 0.55, 0.6][i.min(3)] {
                    break;
                }
                let look = placed_look(datamatrix::look(picture, care, work), area, *factor);
                if let Some(symbol) = look.symbol {
                    self.keep(symbol);
                    return;
                }
                if care == Care::Plain {
                    self.partials.extend(look.partials);
                }
                promise = promise.max(look.promise);
                if work.is_over() {
                    break;
                }
            }
        }
    }
}
