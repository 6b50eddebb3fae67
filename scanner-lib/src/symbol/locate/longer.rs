//! Bars that go on: behind a reflection, or too thin for the survey to see them all.

use super::super::code128::scan_line::STEP;
use super::super::frame::Picture;
use super::super::glare::Glare;
use super::super::layout::float;
use super::{Bars, LENGTHENED, MARGIN};

/// Pixels in which a line across bars shows whether they go on, and what part of their contrast it then shows.
const WINDOW: usize = 12;
const GOES_ON: f32 = 0.22;

/// How far bars are followed, in parts of their length.
const FURTHEST: f32 = 1.2;

/// Where paper above and below bars is looked at, in parts of their height.
const ABOVE: f32 = 0.8;

impl Bars {
    /// Its length without the quiet zones that it is given room for.
    pub(super) fn bare(&self) -> f32 {
        (self.length - MARGIN) / LENGTHENED
    }

    /// The same stretch, lengthened to where its bars really end: so thin that the survey saw only the wide ones. `None` where
    /// it is long enough.
    pub(in crate::symbol) fn followed(&self, picture: &Picture) -> Option<Self> {
        let bare = self.bare();
        let reach = FURTHEST * bare;
        let line = Self { length: bare + 2.0 * reach, ..*self }.line(0.0, 0.0, (0.25 * self.height).clamp(0.5, 4.0));
        let greys: Vec<f32> = line.profile(picture).into_iter().map(|grey| grey.unwrap_or(255.0)).collect();
        let spread = |window: &[f32]| {
            let (low, high) =
                window.iter().fold((255.0_f32, 0.0_f32), |(low, high), grey| (low.min(*grey), high.max(*grey)));
            high - low
        };
        let windows: Vec<f32> = greys.chunks(WINDOW).map(spread).collect();
        let hop = STEP * float(WINDOW);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen windows")]
        let (from, to) = ((reach / hop) as usize, (((reach + bare) / hop) as usize).min(windows.len()));
        let own = windows.get(from..to)?;
        let least = GOES_ON * own.iter().sum::<f32>() / float(own.len().max(1));
        let before = windows[..from].iter().rev().take_while(|spread| **spread > least).count();
        let behind = windows[to..].iter().take_while(|spread| **spread > least).count();
        let (before, behind) = (float(before) * hop, float(behind) * hop);
        let ([dx, dy], off) = (self.direction, (behind - before) / 2.0);
        // There must be room for a quiet zone.
        (before.max(behind) > (self.length - bare) / 2.0 - hop).then_some(Self {
            middle: [self.middle[0] + dx * off, self.middle[1] + dy * off],
            length: (bare + before + behind) * LENGTHENED + MARGIN,
            ..*self
        })
    }

    /// The same stretch, lengthened to the sides where a reflection hides how it goes on; `None` where none does.
    pub(in crate::symbol) fn beyond_glare(&self, picture: &Picture) -> Option<Self> {
        const PLACES: u8 = 16;
        let bare = self.bare();
        let [dx, dy] = self.direction;
        // How many places are hidden between two along the bars, at some heights.
        let hidden = |from: f32, to: f32, heights: &[f32]| {
            let places = heights.iter().flat_map(|part| (0..PLACES).map(move |i| (part * self.height, i)));
            let is_hidden = |(away, i): &(f32, u8)| {
                let along = from + (to - from) * (f32::from(*i) + 0.5) / f32::from(PLACES);
                let (x, y) = (self.middle[0] + dx * along - dy * away, self.middle[1] + dy * along + dx * away);
                // Noise makes single pixels as light.
                [-3.0, 0.0, 3.0].into_iter().all(|off| Glare::SURE.hides(picture.nearest(x + off * dx, y + off * dy)))
            };
            places.filter(is_hidden).count()
        };
        let (inner, outer) = (bare / 2.0, self.length / 2.0);
        let more = |sign: f32| {
            let hides = hidden(sign * inner, sign * outer, &[-0.25, 0.0, 0.25]) > usize::from(PLACES);
            if hides { bare.max(4.0 * self.height) } else { 0.0 }
        };
        let (before, behind) = (more(-1.0), more(1.0));
        let off = (behind - before) / 2.0;
        // White paper is as light above and below; a reflection is not, nor is all that noise makes so.
        let is_lit =
            before + behind > 0.0 && hidden(-outer, outer, &[-ABOVE, ABOVE]) <= usize::from(PLACES + PLACES / 2);
        is_lit.then_some(Self {
            middle: [self.middle[0] + dx * off, self.middle[1] + dy * off],
            length: self.length + before + behind,
            ..*self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    #[test]
    fn bars_of_which_the_survey_saw_a_part_are_followed_to_their_ends() {
        let luma: Vec<u8> = (0_u16..60)
            .flat_map(|y| (0_u16..500).map(move |x| (x, y)))
            .map(|(x, y)| if (100..400).contains(&x) && (15..45).contains(&y) && x % 5 < 2 { 60 } else { 210 })
            .collect();
        let picture = Frame::new(&luma, 500, 60).expect("the size fits").to_picture();
        let of = |from: f32, to: f32| {
            let between = Bars::between(&[[from, 15.0], [to, 15.0], [to, 45.0], [from, 45.0]]);
            Bars { length: (to - from) * LENGTHENED + MARGIN, ..between }
        };
        let longer = of(150.0, 300.0).followed(&picture).expect("longer bars");
        assert!((longer.middle[0] - 250.0).abs() < 8.0, "{longer:?}");
        assert!(longer.length > 330.0, "{longer:?}");
        assert!(of(100.0, 400.0).followed(&picture).is_none());
    }

    #[test]
    fn bars_go_on_behind_a_reflection_and_not_behind_white_paper() {
        let seen = |paper: u8, is_white: &dyn Fn(f32, f32) -> bool| {
            let luma: Vec<u8> = (0_u16..200)
                .flat_map(|y| (0_u16..700).map(move |x| (f32::from(x), f32::from(y))))
                .map(|(x, y)| match () {
                    () if is_white(x, y) => 255,
                    () if (100.0..600.0).contains(&x) && (70.0..130.0).contains(&y) && x % 9.0 < 4.0 => 40,
                    () => paper,
                })
                .collect();
            let picture = Frame::new(&luma, 700, 200).expect("the size fits").to_picture();
            let between = Bars::between(&[[100.0, 70.0], [300.0, 70.0], [300.0, 130.0], [100.0, 130.0]]);
            Bars { length: 200.0 * LENGTHENED + MARGIN, ..between }.beyond_glare(&picture)
        };
        let longer = seen(210, &|x, y| ((x - 430.0) / 130.0).hypot((y - 100.0) / 40.0) < 1.0).expect("a reflection");
        assert!(longer.middle[0] + longer.length / 2.0 > 600.0, "{longer:?}");
        assert!(longer.middle[0] - longer.length / 2.0 > 0.0, "{longer:?}");
        assert!(seen(255, &|_, _| false).is_none());
        assert!(seen(210, &|_, _| false).is_none());
    }
}
