//! Where the modules of a symbol of bars lie along a line: some edges are the same in every symbol of its kind, and lie
//! right where all of them are steep.

/// Greys along a line across bars, at even steps.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) greys: Vec<f32>,
    /// Pixels between greys.
    pub(super) step: f32,
}

/// Modules of a symbol, and the edges that every symbol of its kind has.
#[derive(Clone, Debug)]
pub(super) struct Rhythm {
    pub(super) modules: usize,
    /// The module behind each edge, and whether the grey falls there (else it rises).
    pub(super) edges: Vec<(usize, bool)>,
}

/// Where the modules of a symbol lie along a profile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Pixels along the profile.
    from: f32,
    to: f32,
    modules: usize,
    /// Perspective and curvature: how far the middle, and the quarters, lie off, as part of the length.
    skew: f32,
    curve: f32,
    /// How steep the grey is at the known edges, on the mean.
    pub(super) steepness: f32,
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
pub(super) fn float(value: usize) -> f32 {
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
        self.modules_at(layout.modules, |module| layout.place(module))
    }

    /// The same for so many modules, wherever they begin.
    pub(super) fn modules_at(&self, count: usize, place: impl Fn(f32) -> f32) -> Vec<f32> {
        let greys: Vec<f32> = (0..count)
            .map(|i| {
                let places = [0.25, 0.5, 0.75].map(|part| self.at(place(float(i) + part)));
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
    /// Between two places, with the skew out of a few that makes the edges steepest.
    pub(super) fn between(profile: &Profile, from: f32, to: f32, rhythm: &Rhythm) -> Self {
        let even = Self { from, to, modules: rhythm.modules, skew: 0.0, curve: 0.0, steepness: f32::NEG_INFINITY };
        (-4_i8..=4).fold(even, |best, skew| {
            let mut layout = Self { skew: f32::from(skew) * 0.06, ..even };
            layout.measure(profile, rhythm);
            if layout.steepness > best.steepness { layout } else { best }
        })
    }

    /// Between two places, all modules as wide.
    pub(super) fn even(profile: &Profile, from: f32, to: f32, rhythm: &Rhythm) -> Self {
        let mut even = Self { from, to, modules: rhythm.modules, skew: 0.0, curve: 0.0, steepness: 0.0 };
        even.measure(profile, rhythm);
        even
    }

    /// Both ends along the profile.
    pub(super) fn ends(&self) -> (f32, f32) {
        (self.from, self.to)
    }

    /// Where a module begins.
    pub(super) fn place(&self, module: f32) -> f32 {
        let t = module / float(self.modules);
        let bump = t * (1.0 - t);
        self.from + (self.to - self.from) * (t + bump * (self.skew + self.curve * (1.0 - 2.0 * t)))
    }

    /// How steep the grey is at the known edges, on the mean.
    fn measure(&mut self, profile: &Profile, rhythm: &Rhythm) -> f32 {
        let half = 0.5 * (self.to - self.from) / float(self.modules);
        let steep = |(module, falls): &(usize, bool)| {
            let at = self.place(float(*module));
            let fall = profile.at(at - half) - profile.at(at + half);
            if *falls { fall } else { -fall }
        };
        self.steepness = rhythm.edges.iter().map(steep).sum::<f32>() / float(rhythm.edges.len());
        self.steepness
    }

    /// Moved and bent until the known edges are steepest.
    pub(super) fn settled(mut self, profile: &Profile, rhythm: &Rhythm) -> Self {
        let module = (self.to - self.from) / float(self.modules);
        self.measure(profile, rhythm);
        for part in [1.0, 0.5, 0.25] {
            for _ in 0..4 {
                let before = self.steepness;
                let bend = 1.5 * part / float(self.modules);
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
                        if next.measure(profile, rhythm) > self.steepness {
                            self = next;
                        }
                    }
                }
                if self.steepness - before < 0.01 * before.abs() {
                    break;
                }
            }
        }
        self
    }
}
