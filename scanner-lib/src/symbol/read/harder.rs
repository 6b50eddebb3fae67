//! Harder tools, where a finder pattern or bars were seen and nothing was read.

use super::super::code128::{self, Crossing};
use super::super::datamatrix::{self, Care, Work};
use super::super::locate::{Bars, Grid, Patch};
use super::super::ranking::heaviest_first;
use super::super::shade;
use super::super::straight::Straight;
use super::super::{Format, ReadOptions, Symbol, databar};
use super::{CLEAR_BARS, LARGE, Reading, SMALL, placed, placed_look};

/// Pixels that may be looked at, and where something was read already.
const HARD_WORK: usize = 7_000_000;
const WORK_BESIDE: usize = 600_000;

/// The same in one place that is like print, unless a finder pattern agrees as it hardly ever does with print: with strokes, and with
/// what is as coherent as print and has none. A symbol out of focus agrees better.
const PRINT_WORK: usize = 400_000;
const BEYOND_STROKES: f32 = 1.0;
const BEYOND_PRINT: f32 = 0.8;

/// Pixels of height up to which bars may as well be a line of text.
const LOW_BARS: f32 = 20.0;

/// Likeness, and pixels of height, from which the first bars, if they are as many as a pack's, may be such that converge.
const MAY_CONVERGE: f32 = 0.3;
const CONVERGING_HEIGHT: f32 = 50.0;

/// The same of strips that lie as bars do that converge.
const CONVERGING: f32 = 0.28;

/// Pixels of height below which bars are hardly blurred by what is printed about them.
const LEAST_BLURRED: f32 = 50.0;

/// Edges that the bars of a pack show, however blurred, where they are not alike at all heights: eight characters have as many, and
/// a trade item's number alone needs twelve.
const EDGES_OF_A_PACK: usize = 48;

/// Likeness of lines across bars that makes them worth harder tools beside a symbol that was read, or if they are higher than long, as
/// the strokes of a page are; and if they are no higher than a line of large print.
const CLEAR_BARS_BESIDE: f32 = 0.85;
const CLEAR_BARS_OF_A_LINE: f32 = 0.9;

/// The same of bars as low as a line of text, which is much alike at all of its few heights.
const CLEAR_BARS_IF_LOW: f32 = 0.95;

/// The same that makes them worth all tools for DataBar; where two rows are stacked, only lines beside each other are alike.
const LIKE_DATABAR: f32 = 0.75;

/// Stretches of texture that are looked at as bars for being alike at all heights.
const MOST_FINE: usize = 2;

/// Stretches that all heights together are looked at of for nothing: bars that can be read so stand out most.
const MOST_IN_VAIN: usize = 2;

/// Pixels of bars that harder tools are for, with room for quiet zones, and of what is given to the foreign reader whole: more is a
/// table's rules, or stripes.
const LARGEST_BARS: f32 = 1_200_000.0;
const LARGEST_PART: usize = 400_000;

/// Bars that are looked at for whether they go on behind a reflection: it leaves two ends of a symbol.
const MOST_LIT: usize = 2;

/// Bars whose surroundings are given to the foreign reader of DataBar whole.
const MOST_PARTS: usize = 2;

/// Agreement of a finder pattern that makes a place worth harder tools.
const PROMISING: f32 = 0.85;

/// The same below which what may as well be print is.
const LITTLE: f32 = 0.1;

/// The same that makes it worth asking, where nothing was read, whether straight pieces of its sides are those of a crumpled
/// symbol.
const CRUMPLED: f32 = 0.5;

/// How coherent a crumpled symbol is at the most: far less than print.
const MOST_CRUMPLED: f32 = 0.38;

/// Pixels that may be looked at to read what is crumpled.
const CRUMPLED_WORK: usize = 5_000_000;
/// The same in one place, of which a side may be hidden.
const HIDDEN_WORK: usize = 600_000;

impl Reading {
    /// Harder tools where a finder pattern or bars were seen and nothing read.
    pub(super) fn again(
        &mut self,
        unread: Vec<(Patch, f32)>,
        bars: &[(Bars, Crossing)],
        grid: &Grid,
        options: &ReadOptions,
    ) {
        self.bars_again(bars, options);
        if self.found.is_empty() {
            self.fine_bars(&grid.fine(), options);
        }
        self.spread(&unread, options);
        self.patches_again(unread, options);
    }

    /// What no tile shows to be bars and is the same at all heights, as print is not: until one is read.
    fn fine_bars(&mut self, fine: &[Bars], options: &ReadOptions) {
        let mut left = MOST_FINE;
        for bars in fine {
            if options.is_over() || left == 0 || !self.found.is_empty() {
                return;
            }
            let Some(within) = bars.alike_within(&self.picture) else { continue };
            left -= 1;
            let Some(crossing) = self.bars(&within) else { continue };
            if crossing.likeness >= CLEAR_BARS && crossing.edges >= databar::MANY_EDGES {
                let straight = Straight::of(&self.picture, &within, crossing.turn);
                if let Some(symbol) = code128::read_blurred(&straight).or_else(|| databar::read_straight(&straight)) {
                    self.keep(symbol);
                }
            }
        }
    }

    /// Bars along thin lines, then what all their heights show together.
    fn bars_again(&mut self, bars: &[(Bars, Crossing)], options: &ReadOptions) {
        let mut in_vain = 0;
        for (i, (bars, crossing)) in bars.iter().take(if self.found.is_empty() { 5 } else { 2 }).enumerate() {
            if options.is_over() || in_vain == MOST_IN_VAIN {
                return;
            }
            if self.covered(bars.middle()) || bars.length * bars.height > LARGEST_BARS {
                continue;
            }
            // Behind a reflection bars may go on, and what lies before it on one side may be few.
            let is_like_bars = i < MOST_LIT && crossing.likeness >= CLEAR_BARS;
            let lit = if i == 0 || is_like_bars { bars.beyond_glare(&self.picture) } else { None };
            let goes_on = is_like_bars && lit.is_some();
            if !goes_on && !code128::shows_bars(&self.picture, bars, crossing.turn) {
                continue;
            }
            let mut symbols = self.thin_again(bars, crossing, i < MOST_PARTS);
            if symbols.is_empty() {
                let (symbol, is_tried) = self.all_heights(bars, crossing, lit, i);
                in_vain += usize::from(is_tried && symbol.is_none());
                symbols.extend(symbol);
            }
            for symbol in symbols {
                self.keep(symbol);
            }
        }
    }

    /// What thin lines across bars give, straight across and along the stretch; the first ones' as DataBar too.
    fn thin_again(&self, bars: &Bars, crossing: &Crossing, is_first: bool) -> Vec<Symbol> {
        // What all lines of print blur is higher than one.
        if bars.height < LEAST_BLURRED && crossing.likeness < LIKE_DATABAR {
            return Vec::new();
        }
        let aslant = bars.aslant();
        let mut thin = code128::read_thin(&self.picture, bars);
        if let Some(aslant) = aslant.as_ref().filter(|_| thin.is_empty()) {
            thin = code128::read_thin(&self.picture, aslant);
        }
        if thin.is_empty() && bars.height > LOW_BARS && is_first {
            let read = |bars| databar::read_thin(&self.picture, bars);
            thin.extend(read(bars).or_else(|| aslant.as_ref().and_then(read)));
            // Ink that has spread leaves bars alike at all heights.
            if thin.is_empty() && crossing.likeness >= LIKE_DATABAR {
                thin.extend(databar::read_spread(&self.picture, bars));
            }
        }
        thin
    }

    /// What all heights of the `i`th bars give together, and whether they were likely enough to be tried at length.
    fn all_heights(&self, bars: &Bars, crossing: &Crossing, lit: Option<Bars>, i: usize) -> (Option<Symbol>, bool) {
        // Beside a symbol that was read, only what looks like bars beyond doubt: a line of text is as low as a tile.
        let alone = self.found.is_empty();
        let is_low = bars.height < LOW_BARS;
        let clear = match bars.height {
            _ if !alone => CLEAR_BARS_BESIDE,
            _ if is_low => CLEAR_BARS_IF_LOW,
            ..LEAST_BLURRED => CLEAR_BARS_OF_A_LINE,
            height if height > bars.length => CLEAR_BARS_BESIDE,
            _ => CLEAR_BARS,
        };
        let is_clear = crossing.likeness >= clear;
        let is_long = crossing.edges >= EDGES_OF_A_PACK;
        let is_high = (CONVERGING_HEIGHT..=bars.length).contains(&bars.height);
        let may_converge = i == 0 && alone && is_long && crossing.likeness >= MAY_CONVERGE && is_high;
        if !alone && (!is_clear || is_low) {
            return (None, false);
        }
        let mut straight = (is_clear || may_converge).then(|| Straight::of(&self.picture, bars, crossing.turn));
        // Bars that a tilt shears leave lines straight across them.
        if let (Some(aslant), Some(across)) = (bars.aslant(), &straight)
            && across.likeness() < CLEAR_BARS_BESIDE
        {
            let other = Straight::of(&self.picture, &aslant, 0.0);
            straight = if other.likeness() > across.likeness() { Some(other) } else { straight };
        }
        let is_clear = is_clear || straight.as_ref().is_some_and(|straight| straight.likeness() >= CONVERGING);
        let longer = lit.or_else(|| bars.followed(&self.picture)).filter(|_| is_clear);
        if bars.height > LOW_BARS
            && let Some(symbol) = longer.as_ref().and_then(|longer| databar::read_thin(&self.picture, longer))
        {
            return (Some(symbol), true);
        }
        let straight = longer.map(|longer| Straight::of(&self.picture, &longer, crossing.turn)).or(straight);
        let Some(straight) = straight.filter(|_| is_clear) else { return (None, false) };
        let is_alike = straight.likeness() >= CLEAR_BARS_BESIDE;
        // What does not look like bars for sure is read if it is as long as what a pack bears.
        let blurred = if is_alike || is_long { code128::read_blurred(&straight) } else { None };
        let may_be_databar = (crossing.likeness >= LIKE_DATABAR || is_alike)
            && bars.height > LOW_BARS
            && crossing.edges >= databar::FEWEST_EDGES
            && self.found.iter().all(|symbol| symbol.format != Format::Code128);
        let databar = || self.databar_again(bars, crossing, &straight, i < MOST_PARTS);
        (blurred.or_else(|| if may_be_databar { databar() } else { None }), true)
    }

    /// Bars as DataBar: by our own reader, bent and as they lie; by the foreign one; and `in_part`, whatever it finds about there.
    fn databar_again(&self, bars: &Bars, crossing: &Crossing, straight: &Straight, in_part: bool) -> Option<Symbol> {
        // Where it is not yet known for want of edges.
        let is_known = crossing.likeness >= CLEAR_BARS && crossing.edges >= databar::MANY_EDGES;
        let alike = Some(straight).filter(|straight| straight.likeness() >= CLEAR_BARS);
        let own = || (!is_known).then(|| databar::read_omnidirectional(&self.picture, bars, crossing.turn)).flatten();
        let part = || {
            let area = self.picture.around(&bars.corners(), 8.0);
            if area.width * area.height > LARGEST_PART {
                return None;
            }
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
    pub(super) fn patches_again(&mut self, mut unread: Vec<(Patch, f32)>, options: &ReadOptions) {
        heaviest_first(&mut unread, |one| one.1);
        let mut work = Work::of(if self.found.is_empty() { HARD_WORK } else { WORK_BESIDE });
        let mut crumpled = Work::of(CRUMPLED_WORK);
        let may_be_a_symbol = |patch: &Patch, promise: f32| {
            let area = patch.area;
            let is_compact = area.width <= 3 * area.height && area.height <= 3 * area.width;
            is_compact && !patch.is_print() && (promise > LITTLE || patch.is_unlike_print())
        };
        for (i, (patch, promise)) in unread.into_iter().take(4).enumerate() {
            if options.is_over() || work.is_over() {
                return;
            }
            if promise >= PROMISING || self.found.is_empty() && i < 2 && may_be_a_symbol(&patch, promise) {
                let is_like_print = patch.has_strokes() && promise < BEYOND_STROKES
                    || !patch.is_unlike_print() && promise < BEYOND_PRINT;
                let mut own = work.share(if is_like_print { PRINT_WORK } else { HARD_WORK });
                self.harder(&patch, promise, &mut own, &mut crumpled);
                work.take_back(own);
            }
        }
    }

    fn harder(&mut self, patch: &Patch, promise: f32, work: &mut Work, crumpled: &mut Work) {
        let area = patch.area;
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
            if care == Care::Bent && !crumpled.is_over() && !area.is_long() && self.found.is_empty() {
                let is_crumpled = patch.coherence < MOST_CRUMPLED;
                let mut read = None;
                if is_crumpled || promise >= CRUMPLED {
                    let mut own = crumpled.share(HIDDEN_WORK);
                    read = datamatrix::look_hidden(&part, &mut own);
                    crumpled.take_back(own);
                }
                if read.is_none() && is_crumpled {
                    read = datamatrix::look_crumpled(&part, promise >= CRUMPLED, crumpled);
                }
                if let Some(symbol) = read {
                    self.keep(placed(symbol, area, 1.0));
                    return;
                }
            }
            if care == Care::Bent && (promise < PROMISING || work.is_over()) {
                break;
            }
            for (i, (picture, factor)) in looks.iter().enumerate() {
                // Each look that brings no promise makes the next one less worth its while.
                if care == Care::Plain && promise < [0.0, 0.5, 0.65, 0.7][i.min(3)] {
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
