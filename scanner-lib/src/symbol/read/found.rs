//! What was found so far: each symbol once, with how well it was printed and seen; what it covers of the picture; and what would
//! help with what was not read.

use super::super::code128::Crossing;
use super::super::frame::{Area, Picture};
use super::super::locate::Bars;
use super::super::outline::{middle, near};
use super::super::{Format, Hint, Symbol, confirm, databar, quality};
use super::Reading;

/// Pixels a module that need no look twice as large.
const LARGE_MODULES: f32 = 2.5;

/// Symbols in one picture.
const MOST_SYMBOLS: usize = 48;

/// Likeness of lines across what surely are bars, not print.
const SURELY_BARS: f32 = 0.85;

impl Reading {
    /// A copy of an area in which the symbols that were read are painted over.
    pub(super) fn without_found(&self, area: Area) -> Picture {
        let mut part = self.picture.crop(area);
        for symbol in self.seen() {
            #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
            let moved = symbol.corners.map(|[x, y]| [x - area.left as f32, y - area.top as f32]);
            let side = (moved[1][0] - moved[0][0]).hypot(moved[1][1] - moved[0][1]);
            part.erase(&moved, 2.0 + 0.03 * side);
        }
        part
    }

    /// Adds a symbol, unless it was there already.
    pub(super) fn keep(&mut self, symbol: Symbol) -> bool {
        let known = self.seen().any(|other| {
            other.format == symbol.format
                && other.bytes == symbol.bytes
                && (near(&other.corners, middle(&symbol.corners), 4.0)
                    || near(&symbol.corners, middle(&other.corners), 4.0))
        });
        if !known && self.found.len() + self.doubtful.len() < MOST_SYMBOLS {
            if !confirm::breaks_its_rules(&symbol) || confirm::confirmed(&self.picture, &symbol) {
                self.found.push(self.measured(symbol));
            } else {
                self.doubtful.push(symbol);
            }
        }
        !known
    }

    fn seen(&self) -> impl Iterator<Item = &Symbol> {
        self.found.iter().chain(&self.doubtful)
    }

    /// Whether a symbol was read whose modules are large as they are: others on its pack are printed about as large.
    pub(super) fn shows_large_modules(&self) -> bool {
        self.found.iter().any(|symbol| symbol.quality.module_pixels.is_some_and(|pixels| pixels > LARGE_MODULES))
    }

    pub(super) fn covered(&self, point: [f32; 2]) -> bool {
        self.seen().any(|symbol| near(&symbol.corners, point, 4.0))
    }

    /// Whether the middle and the middles of the quarters of an area all belong to symbols that were read.
    pub(super) fn filled(&self, area: Area) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
        let at = |a: f32, b: f32| [area.left as f32 + a * area.width as f32, area.top as f32 + b * area.height as f32];
        // At both ends of what is long there may be one more.
        let ends =
            if area.width > area.height { [at(0.15, 0.5), at(0.85, 0.5)] } else { [at(0.5, 0.15), at(0.5, 0.85)] };
        [at(0.5, 0.5), at(0.35, 0.35), at(0.65, 0.35), at(0.35, 0.65), at(0.65, 0.65)]
            .into_iter()
            .chain(ends.into_iter().filter(|_| area.is_long()))
            .all(|point| self.covered(point))
    }

    /// A symbol with how well it was printed and seen, where its reader did not say so.
    fn measured(&self, symbol: Symbol) -> Symbol {
        match symbol.format {
            Format::Code128 | Format::DataBar | Format::DataBarExpanded => {
                Symbol { quality: quality::of_bars(&self.picture, &symbol), ..symbol }
            }
            Format::DataMatrix | Format::QrCode => symbol,
        }
    }

    /// What would help with what was found and not read: a matrix symbol, else bars.
    pub(super) fn advice(&self, bars: &[(Bars, Crossing)]) -> Option<Hint> {
        let surely = |crossing: &Crossing| crossing.likeness >= SURELY_BARS && crossing.edges >= databar::FEWEST_EDGES;
        self.partials.iter().find_map(|partial| partial.quality().hint()).or_else(|| {
            bars.iter()
                .filter(|(bars, crossing)| surely(crossing) && !self.covered(bars.middle()))
                .find_map(|(bars, crossing)| quality::of_unread_bars(&self.picture, bars, crossing.turn).hint())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Frame, ReadOptions};
    use super::super::look;
    use super::*;

    #[test]
    fn bars_too_fine_to_be_read_want_the_pack_closer() {
        // Bars and spaces of one to four pixels that are no symbol, on paper.
        let (width, height) = (640_usize, 240_usize);
        let mut row = vec![210_u8; width];
        let (mut state, mut x, mut is_bar) = (7_u32, 180, true);
        while x < 440 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let wide = 1 + (state >> 20) as usize % 3;
            if is_bar {
                row[x..x + wide].fill(40);
            }
            (x, is_bar) = (x + wide, !is_bar);
        }
        let mut luma = vec![210_u8; width * height];
        for y in 70..170 {
            luma[y * width..][..width].copy_from_slice(&row);
        }
        let frame = Frame::new(&luma, 640, 240).expect("a frame");
        let look = look(&frame, &ReadOptions::default());
        assert_eq!(look.symbols, []);
        assert_eq!(look.hint, Some(Hint::ComeCloser));
    }
}
