//! Ink that has spread until what is light nearly closes, or was lost until what is dark nearly vanishes. What is left of it shows as
//! a glimmer: among the darkest greys alone (or the lightest) it stands out, and blur makes it about as wide as a module again.

use super::frame::Picture;
use super::plan::dim;
use super::tones::Tones;

/// The greys that are kept, as part of the contrast, and how many at least: noise alone should not fill them.
const PART: f32 = 0.15;
const LEAST: f32 = 8.0;

/// What the darkest of them becomes, and by how much the lightest is lighter.
const DARK: f32 = 30.0;
const RANGE: f32 = 180.0;

/// The darkest greys alone, where ink has spread; else the lightest.
#[derive(Clone, Copy, Debug)]
struct Kept {
    from: f32,
    range: f32,
}

impl Kept {
    fn of(tones: &Tones, has_spread: bool) -> Self {
        let nth = |count: usize| f32::from(tones.darkest(count + 1).unwrap_or(0));
        // What there is much of lies about its middle; of the other there may be little.
        let (much, little, last) = (tones.len() / 8, tones.len() / 64, tones.len().saturating_sub(1));
        let (dark, light) = if has_spread { (nth(much), nth(last - little)) } else { (nth(little), nth(last - much)) };
        let range = (PART * (light - dark)).max(LEAST);
        Self { from: if has_spread { dark } else { light - range }, range }
    }

    fn redrawn(self, grey: f32) -> f32 {
        DARK + RANGE * ((grey - self.from) / self.range).clamp(0.0, 1.0)
    }
}

/// A picture in its darkest greys alone, where ink `has_spread`; else in its lightest.
pub(super) fn redrawn(picture: &Picture, has_spread: bool) -> Picture {
    let kept = Kept::of(&Tones::of(picture.luma().iter().copied()), has_spread);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
    let curve: [u8; 256] = std::array::from_fn(|grey| kept.redrawn(u8::try_from(grey).unwrap_or(u8::MAX).into()) as u8);
    picture.redrawn(picture.luma().iter().map(|grey| curve[usize::from(*grey)]).collect())
}

/// How much of what lies between the first bar and the last is dark where ink has spread, and where it was lost.
const SPREAD: f32 = 0.6;
const LOST: f32 = 0.42;

/// The greys along a line across bars, if their ink has spread or was lost.
pub(super) fn redrawn_line(greys: &[Option<f32>]) -> Option<Vec<Option<f32>>> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "greys lie between 0 and 255")]
    let tones = Tones::of(greys.iter().flatten().map(|grey| *grey as u8));
    let (few, last) = (tones.len() / 20, tones.len().saturating_sub(1));
    let (dark, light) = (f32::from(tones.darkest(few + 1)?), f32::from(tones.darkest(last - few + 1)?));
    if light - dark < LEAST {
        return None;
    }
    let between = dark.midpoint(light);
    let is_dark = |grey: &Option<f32>| grey.is_some_and(|grey| grey < between);
    let (first, last) = (greys.iter().position(is_dark)?, greys.iter().rposition(is_dark)?);
    let bars = &greys[first..=last];
    let dark = dim(bars.iter().filter(|grey| is_dark(grey)).count()) / dim(bars.len());
    let has_spread = if dark > SPREAD {
        true
    } else if dark < LOST {
        false
    } else {
        return None;
    };
    let kept = Kept::of(&tones, has_spread);
    Some(greys.iter().map(|grey| grey.map(|grey| kept.redrawn(grey))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::datamatrix::testing;
    use super::super::{Frame, ReadOptions, read};
    use super::*;

    /// The tests' symbol, its ink spread by three eighths of a module on every side, four pixels a module.
    fn picture() -> Picture {
        const SPREAD: usize = 3;
        let (luma, width, height) = testing::picture(8);
        let (w, h) = (width as usize, height as usize);
        let near = |at: usize, count: usize| at.saturating_sub(SPREAD)..(at + SPREAD + 1).min(count);
        let darkest = |at: usize| {
            let around = near(at / w, h).flat_map(|y| near(at % w, w).map(move |x| y * w + x));
            around.map(|at| luma[at]).min().unwrap_or(0)
        };
        let spread: Vec<u8> = (0..luma.len()).map(darkest).collect();
        Frame::new(&spread, width, height).expect("a frame").to_picture().halved()
    }

    #[test]
    fn what_nearly_closed_is_read() {
        let picture = picture();
        let side = |pixels: usize| u32::try_from(pixels).expect("a small picture");
        let frame = Frame::new(picture.luma(), side(picture.width()), side(picture.height())).expect("a frame");
        let found = read(&frame, &ReadOptions::default());
        assert_eq!(found.iter().map(crate::symbol::Symbol::text).collect::<Vec<_>>(), [testing::TEXT]);
    }

    #[test]
    fn of_a_line_only_what_is_left_of_what_nearly_closed_is_kept() {
        // Bars of five, gaps between them of one that blur has all but filled.
        let greys: Vec<Option<f32>> = (0..120)
            .map(|at| {
                Some(if !(20..=100).contains(&at) {
                    200.0
                } else if at % 6 == 2 {
                    60.0
                } else {
                    40.0
                })
            })
            .collect();
        let kept = redrawn_line(&greys).expect("ink that has spread");
        let (gap, bar) = (kept[50].unwrap_or(0.0), kept[48].unwrap_or(0.0));
        assert!(gap - bar > 0.7 * RANGE, "{gap} {bar}");
        let even: Vec<Option<f32>> = (0..120).map(|at| Some(if at / 3 % 2 == 0 { 200.0 } else { 40.0 })).collect();
        assert_eq!(redrawn_line(&even), None);
    }
}
