//! Chance with a fixed seed: the same scenes every time, on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub fn part(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.part()
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn sign(&mut self) -> f32 {
        if self.next() & 1 == 0 { 1.0 } else { -1.0 }
    }

    /// Two independent values of the standard normal distribution (Box–Muller).
    pub fn normal_pair(&mut self) -> (f32, f32) {
        let radius = (-2.0 * self.part().max(1e-7).ln()).sqrt();
        let (sin, cos) = (std::f32::consts::TAU * self.part()).sin_cos();
        (radius * cos, radius * sin)
    }
}

/// Values of the standard normal distribution, drawn once: noise for millions of pixels is taken a row at a time from anywhere
/// among them.
#[derive(Clone, Debug)]
pub struct Grain(Vec<f32>);

impl Grain {
    pub fn new() -> Self {
        let mut dice = Dice::new(0);
        Self((0..1 << 15).map(|_| dice.normal_pair()).flat_map(|(a, b)| [a, b]).collect())
    }

    pub fn row(&self, width: usize, dice: &mut Dice) -> &[f32] {
        let from = dice.below(self.0.len() - width);
        &self.0[from..from + width]
    }
}
