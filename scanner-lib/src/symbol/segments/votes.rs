//! Lines that edge pixels vote for, by direction and distance.

use std::f32::consts::TAU;

use super::super::frame::Picture;
use super::edges::Edge;
use super::{BIN, Edges, TURNS};

/// Directions to either side of its own in which a pixel votes.
const SPREAD: usize = 3;

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
    /// The votes of all.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small sizes"
    )]
    pub(super) fn of(picture: &Picture, edges: &Edges) -> Self {
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
        let mut votes = Self { counts: vec![0; TURNS * bins], bins, middle, directions, paces, highest: [None; TURNS] };
        // All places first, then what is counted there: what a compiler makes wide instructions of.
        let mut places = Vec::new();
        for turn in 0..TURNS {
            let place = votes.places(turn);
            for range in edges.facing(turn, SPREAD) {
                let pixels = edges.x[range.clone()].iter().zip(&edges.y[range]);
                places.clear();
                places.extend(pixels.map(|(x, y)| place(*x, *y)));
                let row = &mut votes.counts[turn * bins..][..bins];
                for place in &places {
                    let count = &mut row[bin(*place, bins)];
                    *count = count.saturating_add(1);
                }
            }
        }
        votes
    }

    /// Where among the bins lines of one direction lie, through a pixel at some x and y.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small sizes")]
    fn places(&self, turn: usize) -> impl Fn(f32, f32) -> i32 + use<> {
        let ([dx, dy], [left, top], half) = (self.paces[turn], self.middle, self.bins as f32 / 2.0);
        // Of 32 bits, which processors convert fastest.
        move |x, y| ((x - left) * dx + (y - top) * dy + half) as i32
    }

    /// Takes a pixel's votes away.
    pub(super) fn withdraw(&mut self, edge: &Edge) {
        for off in 0..=2 * SPREAD {
            let turn = (usize::from(edge.turn) + TURNS + off - SPREAD) % TURNS;
            let bin = bin(self.places(turn)(edge.x, edge.y), self.bins);
            self.highest[turn] = None;
            let count = &mut self.counts[turn * self.bins + bin];
            *count = count.saturating_sub(1);
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

/// The bin of a place, inside by construction but for rounding.
#[expect(clippy::cast_sign_loss, reason = "what is negative becomes too large, and is limited")]
fn bin(place: i32, bins: usize) -> usize {
    (place as usize).min(bins - 1)
}
