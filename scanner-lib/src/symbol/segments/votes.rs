//! Lines that edge pixels vote for, by direction and distance.

use std::f32::consts::TAU;

use super::super::frame::Picture;
use super::edges::Edge;
use super::{BIN, TURNS};

pub(super) struct Votes {
    /// By direction, then distance.
    counts: Vec<i16>,
    pub(super) bins: usize,
    pub(super) middle: [f32; 2],
    pub(super) directions: Vec<[f32; 2]>,
    /// The same, as long as to count bins.
    paces: Vec<[f32; 2]>,
    /// The highest count of each direction; `None` where it must be looked for again.
    highest: [Option<i16>; TURNS],
}

impl Votes {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small sizes"
    )]
    pub(super) fn new(picture: &Picture) -> Self {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let bins = (width.hypot(height) / BIN) as usize + 4;
        let directions: Vec<[f32; 2]> = (0..TURNS)
            .map(|turn| {
                let (sin, cos) = (turn as f32 * TAU / TURNS as f32).sin_cos();
                [cos, sin]
            })
            .collect();
        let middle = [width / 2.0, height / 2.0];
        let paces = directions.iter().map(|direction| direction.map(|part| part / BIN)).collect();
        Self { counts: vec![0; TURNS * bins], bins, middle, directions, paces, highest: [None; TURNS] }
    }

    /// Adds (1) or takes away (−1) a pixel's votes.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "inside by construction, checked"
    )]
    pub(super) fn cast(&mut self, edge: &Edge, sign: i16) {
        let (x, y, half) = (edge.x - self.middle[0], edge.y - self.middle[1], self.bins as f32 / 2.0);
        for off in 0..7 {
            let turn = (usize::from(edge.turn) + TURNS + off - 3) % TURNS;
            let [dx, dy] = self.paces[turn];
            // By way of 32 bits, which processors convert fastest.
            let bin = (x * dx + y * dy + half) as i32 as usize;
            self.highest[turn] = None;
            if let Some(count) = self.counts.get_mut(turn * self.bins + bin.min(self.bins - 1)) {
                *count = count.saturating_add(sign);
            }
        }
    }

    fn row(&self, turn: usize) -> &[i16] {
        &self.counts[turn * self.bins..][..self.bins]
    }

    /// Direction, distance and count of the line with the most votes.
    pub(super) fn highest(&mut self) -> Option<(usize, usize, i16)> {
        let mut best = (0, i16::MIN);
        for turn in 0..TURNS {
            let high = self.highest[turn].unwrap_or_else(|| self.row(turn).iter().copied().fold(0, i16::max));
            self.highest[turn] = Some(high);
            if high > best.1 {
                best = (turn, high);
            }
        }
        let (turn, height) = best;
        let bin = self.row(turn).iter().position(|count| *count == height)?;
        Some((turn, bin, height))
    }

    pub(super) fn forget(&mut self, turn: usize, bin: usize) {
        self.counts[turn * self.bins + bin] = 0;
        self.highest[turn] = None;
    }
}
