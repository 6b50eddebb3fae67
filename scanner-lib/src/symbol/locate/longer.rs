//! Bars that go on behind a reflection.

use super::super::frame::Picture;
use super::super::glare::Glare;
use super::{Bars, LENGTHENED, MARGIN};

impl Bars {
    /// The same stretch, lengthened to the sides where a reflection hides how it goes on; `None` where none does.
    pub(in crate::symbol) fn beyond_glare(&self, picture: &Picture) -> Option<Self> {
        const PLACES: u8 = 16;
        let bare = (self.length - MARGIN) / LENGTHENED;
        let [dx, dy] = self.direction;
        let reach = (self.length - bare) / 2.0;
        let hides = |sign: f32| {
            let hidden = [-0.25, 0.0, 0.25].into_iter().flat_map(|part| (0..PLACES).map(move |i| (part, i))).filter(
                |(part, i)| {
                    let along = sign * (bare / 2.0 + reach * (f32::from(*i) + 0.5) / f32::from(PLACES));
                    let away = part * self.height;
                    let (x, y) = (self.middle[0] + dx * along - dy * away, self.middle[1] + dy * along + dx * away);
                    Glare::SURE.hides(picture.nearest(x, y))
                },
            );
            hidden.count() > usize::from(PLACES)
        };
        let more = |sign: f32| if hides(sign) { bare.max(4.0 * self.height) } else { 0.0 };
        let (before, behind) = (more(-1.0), more(1.0));
        let off = (behind - before) / 2.0;
        (before + behind > 0.0).then_some(Self {
            middle: [self.middle[0] + dx * off, self.middle[1] + dy * off],
            length: self.length + before + behind,
            ..*self
        })
    }
}
