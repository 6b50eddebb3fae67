//! Code 128 and GS1-128: many scan lines, one vote.
//!
//! The check character of Code 128 lets one corrupted reading in a hundred through, so that no single line is ever
//! believed. Lines that cross the same bars vote; how many must agree depends on what else vouches for the content
//! (see [`lines_wanted`]). Lines run along the bars' own direction, which `locate` measures, so that a turned pack
//! reads like a straight one.

mod codewords;
mod scan_line;

use super::frame::{Picture, near};
use super::locate::{Bars, facing};
use super::plausible::{self, Vouching};
use super::{Format, Symbol};
pub(crate) use scan_line::ScanLine;

/// Grey levels that a bar must stand out by: first what print gives, then what a hazy photograph leaves.
const CONTRASTS: [f32; 2] = [24.0, 9.0];

/// Reads along straight rows and columns of the whole picture, `spacing` pixels apart.
pub(super) fn read_straight(picture: &Picture, spacing: f32, contrast: f32) -> Vec<Symbol> {
    #[expect(clippy::cast_precision_loss, reason = "pictures are bounded far below 2^23 pixels a side")]
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let mut ballot = Ballot::default();
    for (across, down, direction) in [(width, height, [1.0, 0.0]), (height, width, [0.0, 1.0])] {
        let mut at = spacing / 2.0;
        while at < down - 1.0 {
            let start = if direction[0] > 0.5 { [0.0, at] } else { [at, 0.0] };
            ballot.take(picture, ScanLine { start, direction, length: across }, contrast);
            at += spacing;
        }
    }
    ballot.elected()
}

/// Reads across one stretch of parallel bars, at several heights and slightly different angles.
pub(super) fn read_bars(picture: &Picture, bars: &Bars) -> Vec<Symbol> {
    const LINES: u8 = 17;
    for contrast in CONTRASTS {
        let mut ballot = Ballot::default();
        for turn in [0.0_f32, 0.03, -0.03, 0.07, -0.07] {
            for i in 0..LINES {
                let part = (f32::from(i) + 0.5) / f32::from(LINES) - 0.5;
                ballot.take(picture, bars.line(part * 0.9, turn), contrast);
            }
            let elected = ballot.elected();
            if !elected.is_empty() {
                return elected;
            }
        }
    }
    Vec::new()
}

/// One line that read something.
#[derive(Debug)]
struct Vote {
    from: [f32; 2],
    to: [f32; 2],
}

/// Lines that read the same codewords from the same place.
#[derive(Debug)]
struct Candidate {
    codes: Vec<u8>,
    votes: Vec<Vote>,
}

#[derive(Debug, Default)]
struct Ballot {
    candidates: Vec<Candidate>,
}

impl Ballot {
    fn take(&mut self, picture: &Picture, line: ScanLine, contrast: f32) {
        for found in line.decode(picture, contrast) {
            let vote = Vote { from: line.point(found.from), to: line.point(found.to) };
            let known = self.candidates.iter_mut().find(|candidate| {
                candidate.codes == found.codes && candidate.votes.last().is_some_and(|last| last.beside(&vote))
            });
            match known {
                Some(candidate) => candidate.votes.push(vote),
                None => self.candidates.push(Candidate { codes: found.codes, votes: vec![vote] }),
            }
        }
    }

    /// The candidates that enough lines agree on and (nearly) none contradicts.
    fn elected(&self) -> Vec<Symbol> {
        self.candidates.iter().filter_map(|candidate| self.judge(candidate)).collect()
    }

    fn judge(&self, candidate: &Candidate) -> Option<Symbol> {
        let (bytes, aim) = codewords::interpret(&candidate.codes)?;
        let corners = candidate.corners()?;
        let against: usize = self
            .candidates
            .iter()
            .filter(|other| other.codes != candidate.codes)
            .flat_map(|other| &other.votes)
            .filter(|vote| vote.crosses(&corners))
            .count();
        let vouching = plausible::vouching(aim, &bytes);
        let agreeing = candidate.votes.len();
        let enough = agreeing >= lines_wanted(vouching, candidate.codes.len()) && agreeing > 4 * against;
        enough.then(|| Symbol { format: Format::Code128, bytes, aim: aim.to_owned(), corners })
    }
}

/// How many lines must agree before a content is accepted.
///
/// The rules of GS1 or HIBC (identifiers, lengths, check digits) vouch for most implant packs: of 1,500 degraded
/// frames no wrong reading passed them. Other content has only the lines' own agreement, and a short one is more
/// easily conjured up by text. A GS1-128 that breaks the rules may be what the pack really says, badly printed: it
/// takes a picture in which everything agrees.
fn lines_wanted(vouching: Vouching, codes: usize) -> usize {
    match vouching {
        Vouching::Holds => 2,
        Vouching::None if codes >= 6 => 3,
        Vouching::None => 5,
        Vouching::Broken => 10,
    }
}

impl Candidate {
    /// The quadrilateral between the outermost lines, left and right as the symbol is read.
    fn corners(&self) -> Option<[[f32; 2]; 4]> {
        let first = self.votes.first()?;
        let along = [first.to[0] - first.from[0], first.to[1] - first.from[1]];
        let height = |vote: &&Vote| {
            let [x, y] = vote.middle();
            y * along[0] - x * along[1]
        };
        let top = self.votes.iter().min_by(|a, b| height(a).total_cmp(&height(b)))?;
        let bottom = self.votes.iter().max_by(|a, b| height(a).total_cmp(&height(b)))?;
        Some([top.from, top.to, bottom.to, bottom.from])
    }
}

impl Vote {
    fn middle(&self) -> [f32; 2] {
        [f32::midpoint(self.from[0], self.to[0]), f32::midpoint(self.from[1], self.to[1])]
    }

    fn length(&self) -> f32 {
        (self.to[0] - self.from[0]).hypot(self.to[1] - self.from[1])
    }

    /// Whether another line runs beside this one: the same way, and starting near it.
    fn beside(&self, other: &Self) -> bool {
        let (a, b) = (self.length(), other.length());
        let apart = (self.from[0] - other.from[0]).hypot(self.from[1] - other.from[1]);
        (0.7..1.4).contains(&(a / b.max(1.0))) && apart < 0.5 * a && facing(self.from, self.to, other.from, other.to)
    }

    fn crosses(&self, corners: &[[f32; 2]; 4]) -> bool {
        let inside = |point| near(corners, point, 6.0);
        inside(self.middle()) || inside(self.from) || inside(self.to)
    }
}
