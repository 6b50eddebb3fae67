//! How many characters a profile has and where their borders lie: each character begins with the fall from light to dark,
//! so the right number is the one whose borders all fall.

/// Greys along a line across bars, at even steps.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) greys: Vec<f32>,
    /// Pixels between greys.
    pub(super) step: f32,
}

/// Where the modules of a symbol lie along a profile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Pixels along the profile.
    from: f32,
    to: f32,
    /// Characters from start to check.
    pub(super) count: usize,
    /// Perspective and curvature: how far the middle, and the quarters, lie off, as part of the length.
    skew: f32,
    curve: f32,
    /// How deep the grey falls at the characters' borders, on the mean.
    pub(super) falls: f32,
}

/// Fewest and most characters (start to check) looked for.
const COUNTS: std::ops::RangeInclusive<usize> = 5..=50;

#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn float(value: usize) -> f32 {
    value as f32
}

impl Profile {
    /// The grey at a place, between the steps; the ends go on outside.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, limited to the length")]
    pub(super) fn at(&self, along: f32) -> f32 {
        let at = (along / self.step).max(0.0);
        let i = (at as usize).min(self.greys.len().saturating_sub(2));
        let part = (at - float(i)).min(1.0);
        match self.greys.get(i..i + 2) {
            Some([a, b]) => a + (b - a) * part,
            _ => 0.0,
        }
    }

    /// The same, from its other end.
    pub(super) fn reversed(&self) -> Self {
        Self { greys: self.greys.iter().rev().copied().collect(), step: self.step }
    }

    /// The means of the modules' inner parts, normalised by the lightest and darkest of the surroundings.
    pub(super) fn modules(&self, layout: &Layout) -> Vec<f32> {
        let count = layout.modules();
        let greys: Vec<f32> = (0..count)
            .map(|i| {
                let places = [0.25, 0.5, 0.75].map(|part| self.at(layout.place(float(i) + part)));
                places.iter().sum::<f32>() / 3.0
            })
            .collect();
        // Somewhere within a character's length to each side there is a wide bar or space.
        let around = 14;
        let range = |i: usize| &greys[i.saturating_sub(around)..(i + around + 1).min(count)];
        let whole = greys
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), grey| (low.min(*grey), high.max(*grey)));
        let ends: Vec<(f32, f32)> = (0..count)
            .map(|i| {
                range(i)
                    .iter()
                    .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), grey| (low.min(*grey), high.max(*grey)))
            })
            .collect();
        greys
            .iter()
            .zip(ends)
            .map(|(grey, (low, high))| {
                let half = ((high - low) / 2.0).max(0.1 * (whole.1 - whole.0)).max(0.5);
                (grey - f32::midpoint(low, high)) / half
            })
            .collect()
    }
}

impl Layout {
    /// All modules: characters, then the stop with its closing bar.
    pub(super) fn modules(&self) -> usize {
        11 * self.count + 13
    }

    /// Both ends along the profile.
    pub(super) fn ends(&self) -> (f32, f32) {
        (self.from, self.to)
    }

    /// Where a module begins.
    fn place(&self, module: f32) -> f32 {
        let t = module / float(self.modules());
        let bump = t * (1.0 - t);
        self.from + (self.to - self.from) * (t + bump * (self.skew + self.curve * (1.0 - 2.0 * t)))
    }

    /// How deep the grey falls at the characters' borders, on the mean.
    fn measure(&mut self, profile: &Profile) -> f32 {
        let half = 0.5 * (self.to - self.from) / float(self.modules());
        let mut sum = 0.0;
        for i in 0..=self.count {
            let at = self.place(float(11 * i));
            sum += profile.at(at - half) - profile.at(at + half);
        }
        let end = self.place(float(self.modules()));
        sum += profile.at(end + half) - profile.at(end - half);
        self.falls = sum / float(self.count + 2);
        self.falls
    }

    /// Moved and bent until its borders fall deepest.
    fn settled(mut self, profile: &Profile) -> Self {
        let module = (self.to - self.from) / float(self.modules());
        self.measure(profile);
        for part in [1.0, 0.5, 0.25] {
            for _ in 0..4 {
                let before = self.falls;
                let bend = 1.5 * part / float(self.modules());
                let nudge = 0.5 * part * module;
                for (from, to, skew, curve) in [
                    (1.0, 0.0, 0.0, 0.0),
                    (0.0, 1.0, 0.0, 0.0),
                    (1.0, 1.0, 0.0, 0.0),
                    (0.0, 0.0, 1.0, 0.0),
                    (0.0, 0.0, 0.0, 1.0),
                ] {
                    for sign in [1.0, -1.0] {
                        let mut next = self;
                        next.from += sign * from * nudge;
                        next.to += sign * to * nudge;
                        next.skew += sign * skew * bend;
                        next.curve += sign * curve * 3.0 * bend;
                        if next.measure(profile) > self.falls {
                            self = next;
                        }
                    }
                }
                if self.falls - before < 0.01 * before.abs() {
                    break;
                }
            }
        }
        self
    }
}

/// The layouts whose borders fall deepest, for any of the beginnings and ends.
pub(super) fn layouts(profile: &Profile, starts: &[f32], ends: &[f32]) -> Vec<Layout> {
    let mut found: Vec<Layout> = Vec::new();
    for from in starts {
        for to in ends {
            for count in COUNTS {
                let module = (to - from) / float(11 * count + 13);
                if !(0.6..16.0).contains(&module) {
                    continue;
                }
                let best = (-4_i8..=4)
                    .map(|skew| {
                        let skew = f32::from(skew) * 0.06;
                        let mut layout = Layout { from: *from, to: *to, count, skew, curve: 0.0, falls: 0.0 };
                        layout.measure(profile);
                        layout
                    })
                    .max_by(|a, b| a.falls.total_cmp(&b.falls));
                found.extend(best);
            }
        }
    }
    found.sort_by(|a, b| b.falls.total_cmp(&a.falls));
    found.truncate(14);
    let mut settled: Vec<Layout> = found.into_iter().map(|layout| layout.settled(profile)).collect();
    settled.sort_by(|a, b| b.falls.total_cmp(&a.falls));
    let mut kept: Vec<Layout> = Vec::new();
    for layout in settled {
        let known = kept.iter().any(|other| {
            other.count == layout.count && (other.from - layout.from).abs() + (other.to - layout.to).abs() < 2.0
        });
        if !known {
            kept.push(layout);
        }
    }
    kept.truncate(5);
    kept
}
