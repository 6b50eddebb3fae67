//! The order of looking: cheap and sure first, harder tools only where something seems to be left.

use super::frame::{Area, Frame, Picture, middle, near};
use super::locate::{self, Bars};
use super::zxing::Threshold;
use super::{Effort, ReadOptions, Symbol, code128, databar, datamatrix, qr};

/// Pixels of a picture that is read at full size; a larger one is halved first (a 24-megapixel photograph once).
const MOST_PIXELS: usize = 16_000_000;

/// Symbols of one kind in one picture.
const MOST_SYMBOLS: usize = 12;

/// Places with bars, and places with dots, that are looked at more closely.
const MOST_PLACES: usize = 10;

/// A place this small (its longer side, in pixels) is also looked at twice as large: 1.5 pixels a module then suffice.
const SMALL: usize = 500;

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
    let mut picture = frame.to_picture();
    let mut scale = 1.0;
    while picture.luma().len() > MOST_PIXELS {
        picture = picture.halved();
        scale *= 2.0;
    }
    let mut reading = Reading { picture, found: Vec::new() };
    reading.whole();
    if options.effort >= Effort::Thorough {
        reading.places();
        if reading.found.is_empty() {
            reading.otherwise();
        }
    }
    for corner in reading.found.iter_mut().flat_map(|symbol| &mut symbol.corners) {
        *corner = corner.map(|value| value * scale);
    }
    reading.found
}

struct Reading {
    picture: Picture,
    found: Vec<Symbol>,
}

impl Reading {
    /// Each kind once over the whole picture.
    fn whole(&mut self) {
        for symbol in code128::read_straight(&self.picture, 5.0, 24.0) {
            self.keep(symbol);
        }
        self.grids();
        self.erasing(|picture| datamatrix::read_one(picture, Threshold::Local));
    }

    fn grids(&mut self) {
        let grids = qr::read_grids(&self.picture);
        for symbol in grids.read {
            self.keep(symbol);
        }
        for corners in grids.unread.iter().take(MOST_PLACES) {
            let side = (corners[1][0] - corners[0][0]).hypot(corners[1][1] - corners[0][1]);
            let area = self.picture.around(corners, 0.2 * side + 8.0);
            self.closer(area, |part| qr::read_one(part, Threshold::Local));
        }
    }

    /// Where texture promises a symbol, look closer.
    fn places(&mut self) {
        let places = locate::survey(&self.picture);
        let bars: Vec<Bars> =
            places.bars.into_iter().filter(|bars| !self.covered(bars.middle())).take(MOST_PLACES).collect();
        for bars in bars {
            if self.covered(bars.middle()) {
                continue;
            }
            let read = code128::read_bars(&self.picture, &bars);
            if read.is_empty() {
                let area = self.picture.around(&bars.corners(), 8.0);
                self.closer(area, databar::read_one);
            }
            for symbol in read {
                self.keep(symbol);
            }
        }
        let patches: Vec<Area> =
            places.patches.into_iter().filter(|area| !self.filled(*area)).take(MOST_PLACES).collect();
        for area in patches {
            self.patch(area);
        }
    }

    /// A patch of dots: Data Matrix by both thresholds, then larger or smaller; then QR.
    fn patch(&mut self, area: Area) {
        let part = self.without_found(area);
        let (changed, factor) =
            if area.width.max(area.height) <= SMALL { (part.doubled(), 0.5) } else { (part.halved(), 2.0) };
        let smooth = part.smoothed();
        let looks: [(&Picture, f32, Threshold); 5] = [
            (&part, 1.0, Threshold::Global),
            (&changed, factor, Threshold::Local),
            (&changed, factor, Threshold::Global),
            (&smooth, 1.0, Threshold::Local),
            (&part, 1.0, Threshold::Local),
        ];
        for (picture, factor, threshold) in looks {
            let one = datamatrix::read_one(picture, threshold).or_else(|| qr::read_one(picture, threshold));
            if let Some(symbol) = one {
                self.keep(placed(symbol, area, factor));
                return;
            }
        }
        let inverted = part.inverted();
        if let Some(symbol) = datamatrix::read_one(&inverted, Threshold::Local) {
            self.keep(placed(symbol, area, 1.0));
        }
    }

    /// Nothing at all was found: the whole picture at other scales and thresholds.
    fn otherwise(&mut self) {
        let half = self.picture.halved();
        let smooth = self.picture.smoothed();
        let whole = Area { left: 0, top: 0, width: self.picture.width(), height: self.picture.height() };
        for (picture, factor) in [(&half, 2.0), (&smooth, 1.0)] {
            let mut found = code128::read_straight(picture, 3.0, 9.0);
            found.extend(datamatrix::read_one(picture, Threshold::Local));
            found.extend(datamatrix::read_one(picture, Threshold::Global));
            found.extend(qr::read_grids(picture).read);
            if found.iter().all(|symbol| symbol.format != super::Format::QrCode) {
                found.extend(qr::read_one(picture, Threshold::Local));
            }
            for symbol in found {
                self.keep(placed(symbol, whole, factor));
            }
            if !self.found.is_empty() {
                return;
            }
        }
    }

    /// Reads, paints over what was read, reads again: readers that find one symbol find all.
    fn erasing(&mut self, look: impl Fn(&Picture) -> Option<Symbol>) {
        let mut left = self.picture.clone();
        for _ in 0..MOST_SYMBOLS {
            let Some(symbol) = look(&left) else { return };
            left.erase(&symbol.corners, 2.0, 255);
            if !self.keep(symbol) {
                return;
            }
        }
    }

    /// Looks at one area as it is, then twice as large.
    fn closer(&mut self, area: Area, look: impl Fn(&Picture) -> Option<Symbol>) {
        let part = self.picture.crop(area);
        if let Some(symbol) = look(&part) {
            self.keep(placed(symbol, area, 1.0));
        } else if area.width.max(area.height) <= SMALL
            && let Some(symbol) = look(&part.doubled())
        {
            self.keep(placed(symbol, area, 0.5));
        }
    }

    /// A copy of an area in which the symbols that were read are painted over.
    fn without_found(&self, area: Area) -> Picture {
        let mut part = self.picture.crop(area);
        for symbol in &self.found {
            #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
            let moved = symbol.corners.map(|[x, y]| [x - area.left as f32, y - area.top as f32]);
            part.erase(&moved, 2.0, 255);
        }
        part
    }

    /// Adds a symbol, unless it was there already.
    fn keep(&mut self, symbol: Symbol) -> bool {
        let known = self.found.iter().any(|other| {
            other.format == symbol.format
                && other.bytes == symbol.bytes
                && (near(&other.corners, middle(&symbol.corners), 4.0)
                    || near(&symbol.corners, middle(&other.corners), 4.0))
        });
        if !known && self.found.len() < 4 * MOST_SYMBOLS {
            self.found.push(symbol);
        }
        !known
    }

    fn covered(&self, point: [f32; 2]) -> bool {
        self.found.iter().any(|symbol| near(&symbol.corners, point, 4.0))
    }

    /// Whether the middle and the middles of the quarters of an area all belong to symbols that were read.
    fn filled(&self, area: Area) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
        let at = |a: f32, b: f32| [area.left as f32 + a * area.width as f32, area.top as f32 + b * area.height as f32];
        [at(0.5, 0.5), at(0.35, 0.35), at(0.65, 0.35), at(0.35, 0.65), at(0.65, 0.65)]
            .into_iter()
            .all(|point| self.covered(point))
    }
}

/// A symbol read in a part of the picture that was scaled, back in the picture's own pixels.
#[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
fn placed(mut symbol: Symbol, area: Area, factor: f32) -> Symbol {
    for corner in &mut symbol.corners {
        *corner = [corner[0] * factor + area.left as f32, corner[1] * factor + area.top as f32];
    }
    symbol
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
