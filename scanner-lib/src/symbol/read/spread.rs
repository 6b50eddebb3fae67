//! Places whose ink has spread too far, or was lost.

use super::super::datamatrix::{self, Care, Work};
use super::super::locate::Patch;
use super::super::{Quality, ReadOptions, ink, qr};
use super::{LARGE, Reading, placed};

/// Places of that kind that are looked at: print hardly ever looks like one.
const MOST_SPREAD: usize = 2;

/// Pixels that may be looked at in one of them.
const SPREAD_WORK: usize = 1_500_000;

impl Reading {
    /// Looks among the darkest greys where ink has spread, and among the lightest where it was lost.
    pub(super) fn spread(&mut self, unread: &[(Patch, f32)], options: &ReadOptions) {
        let of_ink = unread.iter().filter_map(|(patch, _)| Some((patch.area, patch.has_spread()?)));
        for (area, has_spread) in of_ink.take(MOST_SPREAD) {
            if options.is_over() {
                return;
            }
            let part = self.without_found(area);
            // What is large has large modules, or is a page of print.
            let (part, factor) = if area.width.max(area.height) > LARGE { (part.halved(), 2.0) } else { (part, 1.0) };
            let part = ink::redrawn(&part, has_spread);
            let look = datamatrix::look(&part, Care::Plain, &mut Work::of(SPREAD_WORK));
            let code = || {
                let patterns = qr::patterns(&part);
                patterns.may_be_a_code().then(|| qr::look(&part, &patterns).symbol).flatten()
            };
            if let Some(mut symbol) = look.symbol.or_else(code) {
                // Not what these greys show.
                symbol.quality = Quality { contrast: None, modulation: None, print_growth: None, ..symbol.quality };
                self.keep(placed(symbol, area, factor));
            }
        }
    }
}
