//! Halves of a DataBar Omnidirectional along many lines, joined where lines agree and the checksum does.

use super::super::code128::scan_line::{Edge, backwards, edges};
use super::super::code128::{OUTWARDS, ScanLine, contrast};
use super::super::frame::Picture;
use super::super::ink::redrawn_line;
use super::super::layout::float;
use super::super::locate::Bars;
use super::super::straight::Straight;
use super::super::{Format, Symbol};
use super::characters::{INSIDE_WIDTHS, OUTSIDE_WIDTHS, check_part, finders_of};
use super::elements::{Half, halves};
use super::{PAIRS, element_string, pair, symbol};

/// Lines that must say the same of either half; none may say something else there.
const LEAST_VOTES: usize = 3;

/// Modules of a half, and between the middles of the finder patterns.
const MODULES: f32 = 47.0;
const BETWEEN: f32 = 45.0;

/// Lines where bars are looked at again.
const MANY: u8 = 30;
/// Where so many show no half of a symbol, others show none either.
const FIRST: u8 = 10;

/// What lines said of one half, as often as that.
#[derive(Debug)]
struct Candidate {
    half: Half,
    /// Read from the line's end.
    reverse: bool,
    votes: usize,
    /// The points of the picture where it begins and ends along the first and the last line that said so.
    first: [[f32; 2]; 2],
    last: [[f32; 2]; 2],
}

impl Candidate {
    /// Modules' size.
    fn size(&self) -> f32 {
        (self.half.end - self.half.begin).abs() / MODULES
    }

    /// Lines come in any order: the outermost two tell the height.
    fn take(&mut self, ends: [[f32; 2]; 2]) {
        let apart = |a: [[f32; 2]; 2], b: [[f32; 2]; 2]| (a[0][0] - b[0][0]).hypot(a[0][1] - b[0][1]);
        let known = apart(self.first, self.last);
        if apart(self.first, ends) > known && apart(self.first, ends) >= apart(self.last, ends) {
            self.last = ends;
        } else if apart(self.last, ends) > known {
            self.first = ends;
        }
    }

    /// The outer end along the outermost lines: in the same order for either half, along the bars.
    fn outer(&self) -> [[f32; 2]; 2] {
        let (first, last) = (self.first[0], self.last[0]);
        if (first[1], first[0]) <= (last[1], last[0]) { [first, last] } else { [last, first] }
    }

    fn is_beside(&self, half: &Half) -> bool {
        (self.half.middle - half.middle).abs() < 8.0 * self.size()
    }
}

/// Greys along a line.
type Greys = Vec<Option<f32>>;

#[derive(Debug, Default)]
struct Ballot {
    candidates: Vec<Candidate>,
}

/// The symbol that a few lines across bars show plainly, the one in the middle first, whose edges are known.
pub(in crate::symbol) fn at_a_glance(
    picture: &Picture,
    bars: &Bars,
    (middle, edges): (&ScanLine, &[Edge]),
    least_contrast: f32,
) -> Option<Symbol> {
    let mut ballot = Ballot::default();
    ballot.take_edges(edges.to_vec(), middle.length, |along| middle.point(along));
    for part in OUTWARDS {
        if ballot.candidates.is_empty() {
            return None;
        }
        let line = bars.line(part, 0.0, 1.0);
        ballot.take(&line, &line.profile(picture), least_contrast);
    }
    ballot.elected()
}

/// The symbol that many thin lines across bars show, each of them some half of it.
pub(in crate::symbol) fn read_thin(picture: &Picture, bars: &Bars) -> Option<Symbol> {
    many(picture, bars, Some)?.elected()
}

/// The same where ink has spread or was lost, by the greys alone that still show it.
pub(in crate::symbol) fn read_spread(picture: &Picture, bars: &Bars) -> Option<Symbol> {
    many(picture, bars, |greys| redrawn_line(&greys))?.elected()
}

/// Whether lines across bars show both halves of what another reader says, be it only once: where they bend, too few lines agree
/// to say it alone. True of the expanded symbol, which has rules of its own.
pub(in crate::symbol) fn bears_out(picture: &Picture, bars: &Bars, symbol: &Symbol) -> bool {
    if symbol.format == Format::DataBarExpanded {
        return true;
    }
    let number = symbol.bytes.get(2..15).and_then(|digits| str::from_utf8(digits).ok()?.parse::<u64>().ok());
    let (Some(ballot), Some(number)) = (many(picture, bars, Some), number) else { return false };
    [true, false].into_iter().all(|is_left| {
        ballot.candidates.iter().any(|Candidate { half, .. }| {
            let pair = pair(half.outside, half.inside);
            half.left == is_left && pair == if is_left { number / PAIRS } else { number % PAIRS }
        })
    })
}

/// What many thin lines show whose greys are `shown` so, if they are.
fn many(picture: &Picture, bars: &Bars, shown: impl Fn(Greys) -> Option<Greys>) -> Option<Ballot> {
    let mut ballot = Ballot::default();
    for i in 0..MANY {
        // All over the height first, then between those.
        let (row, at) = (i / FIRST, i % FIRST);
        let part = ((f32::from(at) + 0.17 + 0.33 * f32::from(row)) / f32::from(FIRST) - 0.5) * 0.97;
        let line = bars.line(part, 0.0, 0.5);
        if let Some(greys) = shown(line.profile(picture)) {
            let contrast = contrast(&greys);
            if contrast >= 6.0 {
                ballot.take(&line, &greys, (0.16 * contrast).max(4.0));
            }
        }
        if i + 1 == FIRST && ballot.candidates.is_empty() {
            return None;
        }
    }
    Some(ballot)
}

/// The symbol that strips across bars show, laid one on the other: all, the upper, and the lower ones alike.
pub(in crate::symbol) fn read_strips(straight: &Straight) -> Option<Symbol> {
    let mut ballot = Ballot::default();
    let all = straight.all();
    let [upper, lower] = straight.halves(&all);
    for (together, part) in [(&all, 0.0), (&upper, -0.42), (&lower, 0.42)] {
        let greys: Vec<Option<f32>> = together.profile.greys.iter().copied().map(Some).collect();
        let edges = edges(&greys, (0.1 * contrast(&greys)).max(5.0 * together.noise).max(2.0));
        ballot.take_edges(edges, float(greys.len()) * together.profile.step, |along| straight.point(along, part));
    }
    ballot.elected()
}

impl Ballot {
    fn take(&mut self, line: &ScanLine, profile: &[Option<f32>], contrast: f32) {
        self.take_edges(edges(profile, contrast), line.length, |along| line.point(along));
    }

    fn take_edges(&mut self, ahead: Vec<Edge>, length: f32, point: impl Fn(f32) -> [f32; 2]) {
        let back = backwards(&ahead, length);
        for (reverse, edges) in [(false, ahead), (true, back)] {
            for mut half in halves(&edges) {
                if reverse {
                    for at in [&mut half.begin, &mut half.middle, &mut half.end] {
                        *at = length - *at;
                    }
                }
                let ends = [point(half.begin), point(half.end)];
                let known = self.candidates.iter_mut().find(|candidate| {
                    candidate.reverse == reverse && candidate.half.says_the_same(&half) && candidate.is_beside(&half)
                });
                match known {
                    Some(candidate) => {
                        candidate.votes += 1;
                        candidate.take(ends);
                    }
                    None => self.candidates.push(Candidate { half, reverse, votes: 1, first: ends, last: ends }),
                }
            }
        }
    }

    /// Whether lines say so, and none says something else there.
    fn is_agreed(&self, candidate: &Candidate) -> bool {
        let against: usize = self
            .candidates
            .iter()
            .filter(|other| other.reverse == candidate.reverse && other.half.left == candidate.half.left)
            .filter(|other| !other.half.says_the_same(&candidate.half) && other.is_beside(&candidate.half))
            .map(|other| other.votes)
            .sum();
        candidate.votes >= LEAST_VOTES && against == 0
    }

    fn elected(&self) -> Option<Symbol> {
        let agreed: Vec<&Candidate> = self.candidates.iter().filter(|candidate| self.is_agreed(candidate)).collect();
        agreed.iter().filter(|one| one.half.left).find_map(|left| {
            let rights = agreed.iter().filter(|one| !one.half.left && one.reverse != left.reverse);
            rights.into_iter().find_map(|right| joined(left, right))
        })
    }
}

/// Both halves as a symbol, if the checksum agrees and they lie as they should.
fn joined(left: &Candidate, right: &Candidate) -> Option<Symbol> {
    let between = (right.half.middle - left.half.middle) * if left.reverse { -1.0 } else { 1.0 };
    let modules = between / f32::midpoint(left.size(), right.size());
    if !(0.6 * BETWEEN..1.6 * BETWEEN).contains(&modules) {
        return None;
    }
    let values = [left.half.outside, left.half.inside, right.half.outside, right.half.inside];
    let check: u32 = (0..4)
        .map(|at| check_part(if at % 2 == 0 { OUTSIDE_WIDTHS[values[at]] } else { INSIDE_WIDTHS[values[at]] }, at))
        .sum();
    if finders_of(check) != (left.half.finder, right.half.finder) {
        return None;
    }
    let bytes = element_string(values)?;
    let sides = [left.outer(), right.outer()];
    // Lines came in any order: the upper one, as the symbol is read, lies to the left of its direction.
    let [[a, c], [b, d]] = sides;
    let is_upper = (b[0] - a[0]) * (c[1] - a[1]) >= (b[1] - a[1]) * (c[0] - a[0]);
    let corners = if is_upper { [a, b, d, c] } else { [c, d, b, a] };
    Some(symbol(Format::DataBar, bytes, corners))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Frame;

    /// The widths of a symbol by an encoder that is not ours (zint), space first.
    const WIDTHS: &str = "1151115111139112111215222212312115532314112211";

    /// The symbol, three pixels a module, where it is not hidden.
    fn picture(hidden: impl Fn(u16, u16) -> bool) -> Picture {
        let modules: Vec<bool> = WIDTHS
            .bytes()
            .enumerate()
            .flat_map(|(i, digit)| std::iter::repeat_n(i % 2 == 1, usize::from(digit - b'0')))
            .collect();
        let luma: Vec<u8> = (0_u16..120)
            .flat_map(|y| (0_u16..400).map(move |x| (x, y)))
            .map(|(x, y)| {
                let module = x.checked_sub(50).map(|x| usize::from(x / 3));
                let dark = module.and_then(|module| modules.get(module)).copied().unwrap_or(false);
                if hidden(x, y) {
                    255
                } else if dark && (10..110).contains(&y) {
                    30
                } else {
                    210
                }
            })
            .collect();
        Frame::new(&luma, 400, 120).expect("the size fits").to_picture()
    }

    fn bars() -> Bars {
        Bars::between(&[[53.0, 12.0], [338.0, 12.0], [338.0, 108.0], [53.0, 108.0]])
    }

    #[test]
    fn halves_that_no_line_shows_both_are_joined() {
        let read = |hidden: fn(u16, u16) -> bool| read_thin(&picture(hidden), &bars()).map(|symbol| symbol.bytes);
        let text = Some(b"0109506000134352".to_vec());
        assert_eq!(read(|_, _| false), text);
        assert_eq!(read(|x, y| if y < 60 { x > 200 } else { x < 188 }), text);
        assert_eq!(read(|x, _| x > 200), None, "the right half is hidden at all heights");
        assert_eq!(read(|x, _| (90..110).contains(&x)), None, "a character is hidden at all heights");
    }

    #[test]
    fn bars_that_are_seen_well_are_read_at_a_glance() {
        let (picture, bars) = (picture(|_, _| false), bars());
        let middle = bars.line(0.0, 0.0, 2.0);
        let edges = edges(&middle.profile(&picture), 28.0);
        let symbol = at_a_glance(&picture, &bars, (&middle, &edges), 28.0).expect("a symbol");
        let [[left, upper], [right, _], [_, lower], _] = symbol.corners;
        assert!((left - 53.0).abs() < 3.0 && (right - 335.0).abs() < 3.0, "{:?}", symbol.corners);
        assert!(lower - upper > 40.0, "{:?}", symbol.corners);
    }
}
