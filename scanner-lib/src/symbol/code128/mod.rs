//! Code 128 and GS1-128: many scan lines, one vote.
//!
//! The check character of Code 128 lets one corrupted reading in a hundred through, so that no single line is ever
//! believed. Lines that cross the same bars vote; how many must agree depends on what else vouches for the content
//! (see [`lines_wanted`]). Lines run along the bars' own direction, which `locate` measures, so that a turned pack
//! reads like a straight one.

mod blurred;
mod chain;
mod checked;
mod codewords;
mod layouts;
mod likelihood;
pub(super) mod scan_line;
mod strokes;
pub(super) mod upright;

use super::frame::Picture;
use super::glare::Glare;
use super::layout::{Profile, float};
use super::locate::Bars;
use super::outline::{facing, near};
use super::plausible::{self, Vouching};
use super::{Format, Quality, Symbol, databar};
pub(super) use blurred::read_blurred;
pub(crate) use scan_line::ScanLine;
pub(super) use strokes::shows_bars;

/// Edges that even the shortest symbol has, counted leniently.
const FEWEST_EDGES: usize = 18;

/// Likeness of lines at different heights below which they cross no bars.
const LEAST_LIKENESS: f32 = 0.35;

/// The same below which no strip of them reads alike with another.
const LIKENESS_OF_STRIPS: f32 = 0.45;

/// Likeness above which they are bars, as a rule.
const LIKENESS_OF_BARS: f32 = 0.6;

/// Heights at which lines run that are looked at for a glance, beside the one in the middle.
pub(super) const OUTWARDS: [f32; 4] = [0.21, -0.21, 0.42, -0.42];

/// Reads across one stretch of parallel bars: by edges, in strips that vote.
pub(super) fn read_bars(picture: &Picture, bars: &Bars) -> Crossing {
    let none = Crossing { symbols: Vec::new(), likeness: 0.0, turn: 0.0, edges: 0, is_print: bars.is_print };
    let middle = bars.line(0.0, 0.0, 2.0);
    let profile = middle.profile(picture);
    let thin = contrast(&profile);
    if thin < 3.0 {
        return none;
    }
    // What is seen well says so at once, and lines that say the same at all heights need not be likened.
    let least_contrast = (0.16 * thin).max(8.0);
    let edges = scan_line::edges(&profile, least_contrast);
    let mut symbols = at_a_glance(picture, bars, (&middle, &edges), least_contrast);
    if symbols.is_empty() && !bars.is_print {
        symbols.extend(databar::at_a_glance(picture, bars, (&middle, &edges), least_contrast));
    }
    if !symbols.is_empty() || bars.is_print {
        return Crossing { symbols, ..none };
    }
    // Text has strokes of one direction too, but not the same ones at different heights.
    let (likeness, turn) = upright::likeness(picture, bars);
    let none = Crossing { likeness, turn, ..none };
    if likeness < strokes::ALIKE && !is_lit(&profile) && !strokes::are_high(picture, bars, turn) {
        return Crossing { is_print: true, ..none };
    }
    if likeness < LEAST_LIKENESS {
        return none;
    }
    let profile = bars.line(0.0, turn, 0.42 * bars.height).profile(picture);
    let contrast = contrast(&profile);
    let edges = scan_line::edges(&profile, 0.1 * contrast);
    if contrast < 3.0_f32.max(0.2 * thin) || edges.len() < FEWEST_EDGES {
        return none;
    }
    let (edges, may_be_bars) = (edges.len(), strokes::are_of_bars(&edges));
    if likeness < LIKENESS_OF_STRIPS || likeness < LIKENESS_OF_BARS && !may_be_bars {
        return Crossing { edges, ..none };
    }
    let mut is_hopeful = true;
    for (strips, least) in [(7_u8, 0.16), (11, 0.08)] {
        // Of what is hardly alike and shows no character, more strips show none either.
        if !is_hopeful && likeness < LIKENESS_OF_BARS {
            break;
        }
        let mut ballot = Ballot::default();
        let thick = 0.9 * bars.height / f32::from(strips);
        for i in 0..strips {
            let part = ((f32::from(i) + 0.5) / f32::from(strips) - 0.5) * 0.9;
            let line = bars.line(part, turn, (thick / 2.0).clamp(1.0, 8.0));
            ballot.take(&line, &line.profile(picture), (least * contrast).max(4.0));
        }
        let symbols = ballot.elected();
        if !symbols.is_empty() {
            return Crossing { symbols, edges, ..none };
        }
        is_hopeful = ballot.hopeful;
    }
    Crossing { edges, ..none }
}

/// A few thin lines, the one in the middle first, all of which must say the same: enough for bars that are printed and seen
/// well, and little lost on what is none. Where they differ, several symbols may lie one above the other.
fn at_a_glance(
    picture: &Picture,
    bars: &Bars,
    (middle, edges): (&ScanLine, &[scan_line::Edge]),
    least_contrast: f32,
) -> Vec<Symbol> {
    let mut ballot = Ballot::default();
    ballot.count(middle, middle.decoded(edges));
    for (taken, part) in (1..).zip(OUTWARDS) {
        let [only] = ballot.candidates.as_slice() else { return Vec::new() };
        if only.votes.len() != taken {
            return Vec::new();
        }
        let line = bars.line(part, 0.0, 1.0);
        ballot.count(&line, line.decoded(&scan_line::edges(&line.profile(picture), least_contrast)));
    }
    let [only] = ballot.candidates.as_slice() else { return Vec::new() };
    if only.votes.len() > OUTWARDS.len() { ballot.elected() } else { Vec::new() }
}

/// Reads along many thin lines, at slightly different angles: bars that text surrounds, so that averaging blurs them.
///
/// Where no line shows as much as a few characters, lines are not turned: text looks so.
pub(super) fn read_thin(picture: &Picture, bars: &Bars) -> Vec<Symbol> {
    const LINES: u8 = 8;
    // Shorter than the shortest symbol at one and a half pixels a module.
    if bars.length < 150.0 {
        return Vec::new();
    }
    // Sampled once for both contrasts.
    let mut turned: Vec<Vec<(ScanLine, Vec<Option<f32>>)>> = Vec::new();
    for contrast in [24.0, 9.0] {
        let mut ballot = Ballot::default();
        for (taken, turn) in [0.0_f32, 0.03, -0.03, 0.07, -0.07].into_iter().enumerate() {
            if turn != 0.0 && !ballot.hopeful {
                break;
            }
            if taken == turned.len() {
                let line = |i: u8| bars.line(((f32::from(i) + 0.5) / f32::from(LINES) - 0.5) * 0.9, turn, 1.0);
                turned.push((0..LINES).map(line).map(|line| (line, line.profile(picture))).collect());
            }
            for (line, profile) in &turned[taken] {
                ballot.take(line, profile, contrast);
            }
            let elected = ballot.elected();
            if !elected.is_empty() {
                return elected;
            }
        }
    }
    Vec::new()
}

/// What lies across a stretch of bars.
#[derive(Debug)]
pub(super) struct Crossing {
    pub(super) symbols: Vec<Symbol>,
    /// How alike lines are that cross them at different heights: about 1 for bars, less for text.
    pub(super) likeness: f32,
    /// How far the bars are turned from the measured direction.
    pub(super) turn: f32,
    /// Edges that the mean along the bars still shows.
    pub(super) edges: usize,
    /// They are a line of print.
    pub(super) is_print: bool,
}

/// Whether a reflection lies on a line, which then is less like others: far more is as light as can be on white paper.
fn is_lit(profile: &[Option<f32>]) -> bool {
    let hidden = profile.iter().flatten().filter(|grey| Glare::SURE.hides(**grey)).count();
    (0.1..0.6).contains(&(float(hidden) / float(profile.len().max(1))))
}

/// From dark to light, without the outermost twentieth at both ends.
pub(super) fn contrast(profile: &[Option<f32>]) -> f32 {
    // By counting quarters of a grey: sorting would cost more than sampling did.
    let (mut counts, mut all) = ([0_u16; 1024], 0_u16);
    for grey in profile.iter().flatten() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "greys lie between 0 and 255")]
        let quarter = (grey * 4.0) as usize & 1023;
        counts[quarter] += 1;
        all += 1;
    }
    if all < 20 {
        return 0.0;
    }
    let reaches = |wanted: u16| {
        let mut so_far = 0;
        (0_u16..).zip(counts).find(|(_, count)| {
            so_far += count;
            so_far > wanted
        })
    };
    let at = |wanted: u16| reaches(wanted).map_or(0.0, |(quarter, _)| f32::from(quarter) / 4.0);
    at(all - all / 20 - 1) - at(all / 20)
}

/// What can be told of bars: how wide their modules are seen.
#[expect(clippy::cast_precision_loss, reason = "a few dozen characters")]
fn quality(corners: &[[f32; 2]; 4], count: usize) -> Quality {
    let length = (corners[1][0] - corners[0][0]).hypot(corners[1][1] - corners[0][1]);
    Quality { module_pixels: Some(length / (11 * count + 13) as f32), ..Quality::default() }
}

/// How many edges a symbol of so many modules has: six each character, and those of the stop.
pub(super) fn edges_of(modules: f32) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen characters")]
    let characters = ((modules - 13.0) / 11.0).round().max(0.0) as usize;
    6 * characters + 8
}

/// The profile of a line, from either end.
pub(super) fn smooth_profile(picture: &Picture, line: &ScanLine, reverse: bool) -> Profile {
    // What lies outside of the picture is taken for paper.
    let greys: Vec<Option<f32>> = line.profile(picture);
    let paper = greys.iter().flatten().copied().fold(0.0, f32::max);
    let profile =
        Profile { greys: greys.into_iter().map(|grey| grey.unwrap_or(paper)).collect(), step: scan_line::STEP };
    if reverse { profile.reversed() } else { profile }
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
    /// Some line showed a few characters at least.
    hopeful: bool,
}

impl Ballot {
    fn take(&mut self, line: &ScanLine, profile: &[Option<f32>], contrast: f32) {
        let (found, hope) = line.decoded_or_hope(profile, contrast);
        self.hopeful |= hope;
        self.count(line, found);
    }

    fn count(&mut self, line: &ScanLine, found: Vec<scan_line::Found>) {
        for found in found {
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
        let quality = quality(&corners, candidate.codes.len());
        enough.then(|| Symbol { format: Format::Code128, bytes, aim: aim.to_owned(), corners, quality })
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
