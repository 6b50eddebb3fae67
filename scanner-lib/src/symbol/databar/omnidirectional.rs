//! DataBar Omnidirectional: the likeliest of all contents, for the modules of a line across its bars.
//!
//! Two guards and two finder patterns have edges that every symbol has; where all of them are steep, the modules lie
//! right. Each of the four characters then gives its likeliest values under a blur, and of those the checksum, which
//! chooses the finder patterns, admits few.

use std::sync::LazyLock;

use super::super::blur::{BLURS, Kernel, REACH, colours, gaussian, learned, spread, taken};
use super::super::code128::scan_line::edges;
use super::super::code128::{contrast, smooth_profile};
use super::super::frame::Picture;
use super::super::layout::{Layout, Profile, Rhythm, float};
use super::super::locate::Bars;
use super::super::ranking::{heaviest_first, lightest_first};
use super::super::straight::Straight;
use super::super::{Format, Symbol};
use super::characters::{FINDERS, INSIDE_WIDTHS, OUTSIDE_WIDTHS, check_part, finders_of};
use super::{element_string, symbol};

/// Modules from the first bar to the last.
const MODULES: usize = 95;

/// The edges that every symbol has, counted from the first bar; whether the grey falls there.
const EDGES: [(usize, bool); 14] = [
    (0, true),
    (1, false),
    (17, false),
    (30, true),
    (31, false),
    (32, true),
    (47, true),
    (62, true),
    (63, false),
    (64, true),
    (77, false),
    (93, false),
    (94, true),
    (95, false),
];

/// How steep the grey is at the known edges, at the least, as part of the contrast.
const LEAST_STEEPNESS: f32 = 0.12;

/// Values of each character that are put together.
const MOST_VALUES: usize = 8;

/// Part of the profile's variation that a content must explain, in all and within the finder patterns.
const LEAST_EXPLAINED: f32 = 0.6;
const LEAST_IN_FINDERS: f32 = 0.6;

/// How far bars may have spread or shrunk, in modules on either side.
const SPREADS: [f32; 3] = [-0.3, 0.2, 0.38];

/// Estimated probability that another content was printed, at the most: a wrong one has had 0.0085, of 315 right ones six had more
/// than 0.001.
const MOST_DOUBT: f32 = 0.001;

/// Part of a module's contrast, squared, that neither content nor noise explains, at the most: where there is more, modules do not
/// lie where they are taken to lie, and the likeliest content is none.
const MOST_UNEXPLAINED: f32 = 0.012;

/// The symbol that lies across a stretch of bars, if the whole height, the upper and the lower part say the same.
pub(in crate::symbol) fn read(picture: &Picture, bars: &Bars, turn: f32) -> Option<Symbol> {
    let lines =
        [(0.0, 0.38), (-0.2, 0.18), (0.2, 0.18)].map(|(part, aside)| bars.line(part, turn, aside * bars.height));
    let [all, upper, lower] = lines.map(|line| smooth_profile(picture, &line, false));
    across(&all, [&upper, &lower], |part, along| bars.line(part, turn, 1.0).point(along))
}

/// The same of strips that were laid one on the other.
pub(in crate::symbol) fn read_straight(straight: &Straight) -> Option<Symbol> {
    let all = straight.all();
    let [upper, lower] = straight.halves(&all);
    across(&all.profile, [&upper.profile, &lower.profile], |part, along| straight.point(along, part))
}

/// The symbol that a profile shows, and both halves of it on their own; `point` tells where in the picture a place lies,
/// by part of the height and along.
fn across(whole: &Profile, halves: [&Profile; 2], point: impl Fn(f32, f32) -> [f32; 2]) -> Option<Symbol> {
    let rhythm = Rhythm { modules: MODULES, edges: EDGES.into() };
    let length = float(whole.greys.len()) * whole.step;
    for reverse in [false, true] {
        let facing = |profile: &Profile| if reverse { profile.reversed() } else { profile.clone() };
        let profile = facing(whole);
        let greys: Vec<Option<f32>> = profile.greys.iter().copied().map(Some).collect();
        let contrast = contrast(&greys);
        let edges = edges(&greys, 0.12 * contrast);
        let starts = edges.iter().filter(|edge| edge.falls).map(|edge| edge.at).take(3);
        let ends: Vec<f32> = edges.iter().rev().filter(|edge| !edge.falls).map(|edge| edge.at).take(3).collect();
        let mut layouts: Vec<Layout> = starts
            .flat_map(|from| ends.iter().map(move |to| (from, *to)))
            .filter(|(from, to)| (0.7 * float(MODULES)..14.0 * float(MODULES)).contains(&(to - from)))
            .map(|(from, to)| Layout::between(&profile, from, to, &rhythm))
            .collect();
        heaviest_first(&mut layouts, |one| one.steepness);
        for layout in layouts.into_iter().take(2) {
            let layout = layout.settled(&profile, &rhythm);
            if layout.steepness < LEAST_STEEPNESS * contrast {
                continue;
            }
            let Some(best) = content(&profile.modules(&layout)).filter(Content::is_clear) else { continue };
            let [upper, lower] = halves.map(|half| {
                let profile = facing(half);
                let layout = layout.settled(&profile, &rhythm);
                profile.modules(&layout)
            });
            let says_the_same = |half: &[f32]| content(half).is_some_and(|part| part.values == best.values);
            let is_sound = best.unexplained() < MOST_UNEXPLAINED + noise_of(&upper, &lower);
            let agree = is_sound && says_the_same(&upper) && says_the_same(&lower);
            if let Some(bytes) = element_string(best.values).filter(|_| agree) {
                let (from, to) = layout.ends();
                let corners = [(-0.42, from), (-0.42, to), (0.42, to), (0.42, from)]
                    .map(|(part, along)| point(part, if reverse { length - along } else { along }));
                let corners = if reverse { [corners[3], corners[2], corners[1], corners[0]] } else { corners };
                return Some(symbol(Format::DataBar, bytes, corners));
            }
        }
    }
    None
}

/// The variance of a module's grey in both halves together, by how far they differ.
fn noise_of(upper: &[f32], lower: &[f32]) -> f32 {
    upper.iter().zip(lower).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / (4.0 * float(MODULES))
}

/// How modules show: what leaks into each, how much lighter all are, and how far bars have spread.
type Shown<'a> = (&'a Kernel, f32, f32);

/// One of the four characters: where its modules begin, and what lies beside them (0 where that may be either).
struct Place {
    from: usize,
    inside: bool,
    /// Printed from its last element to its first.
    backwards: bool,
    bar_first: bool,
    before: [f32; REACH],
    behind: [f32; REACH],
}

/// In the order in which the checksum weighs them.
const PLACES: [Place; 4] = [
    Place { from: 1, inside: false, backwards: false, bar_first: false, before: [1.0, -1.0], behind: [1.0, 0.0] },
    Place { from: 32, inside: true, backwards: true, bar_first: true, before: [-1.0, 1.0], behind: [-1.0, 0.0] },
    Place { from: 77, inside: false, backwards: true, bar_first: false, before: [0.0, -1.0], behind: [1.0, -1.0] },
    Place { from: 47, inside: true, backwards: false, bar_first: true, before: [0.0, 1.0], behind: [-1.0, 1.0] },
];

impl Place {
    fn modules(&self) -> usize {
        if self.inside { 15 } else { 16 }
    }

    fn all(&self) -> &'static [[u8; 8]] {
        if self.inside { &INSIDE_WIDTHS } else { &OUTSIDE_WIDTHS }
    }

    fn printed(&self, widths: [u8; 8]) -> Vec<f32> {
        let mut printed = widths;
        if self.backwards {
            printed.reverse();
        }
        colours(&printed, self.bar_first)
    }

    /// The likeliest values: cost, value.
    ///
    /// What a module shows depends on itself and four neighbours: 32 costs for each, told once, add up to those of all
    /// values.
    fn values(&self, greys: &[f32], (kernel, offset, growth): Shown<'_>, printed: &[u32]) -> Vec<(f32, usize)> {
        let modules = self.modules();
        let own = &greys[self.from..self.from + modules];
        let tables: Vec<[f32; 32]> = own
            .iter()
            .enumerate()
            .map(|(module, grey)| {
                std::array::from_fn(|bits| {
                    let colour = |k: usize| match (module + k).checked_sub(REACH) {
                        None => self.before[module + k],
                        Some(at) if at >= modules => self.behind[at - modules],
                        Some(_) if bits >> k & 1 == 1 => 1.0,
                        Some(_) => -1.0,
                    };
                    let grown = |k: usize| {
                        let own = colour(k);
                        let before = if k > 0 { taken(own, colour(k - 1), growth) } else { 0.0 };
                        own + before + if k < 2 * REACH { taken(own, colour(k + 1), growth) } else { 0.0 }
                    };
                    let shown: f32 = kernel.iter().enumerate().map(|(k, leak)| leak * grown(k)).sum();
                    (offset + shown - grey).powi(2)
                })
            })
            .collect();
        let cost = |bits: u32| -> f32 {
            // Two bits that do not matter stand for what lies before.
            let bits = bits << REACH;
            tables.iter().enumerate().map(|(module, table)| table[(bits >> module & 31) as usize]).sum()
        };
        let mut costs: Vec<(f32, usize)> = printed.iter().map(|bits| cost(*bits)).zip(0..).collect();
        let most = MOST_VALUES.min(costs.len() - 1);
        let mut sorted: Vec<f32> = costs.iter().map(|one| one.0).collect();
        let limit = *sorted.select_nth_unstable_by(most, f32::total_cmp).1;
        costs.retain(|one| one.0.total_cmp(&limit).is_le());
        lightest_first(&mut costs, |one| one.0);
        costs.truncate(most);
        costs
    }
}

/// For each place, the modules of all its values: a bit for each, set where it is light, the first one lowest.
static PRINTED: LazyLock<[Vec<u32>; 4]> = LazyLock::new(|| {
    PLACES.each_ref().map(|place| {
        let bits = |widths| {
            let colours = place.printed(widths);
            colours.iter().rev().fold(0, |bits, colour| bits << 1 | u32::from(*colour > 0.0))
        };
        place.all().iter().copied().map(bits).collect()
    })
});

fn row(before: &[f32], own: &[f32], behind: &[f32]) -> Vec<f32> {
    [before, own, behind].concat()
}

/// How far greys are from what a row prints under a blur: the sum of squares.
fn cost(greys: &[f32], row: &[f32], (kernel, offset, growth): Shown<'_>) -> f32 {
    let row = spread(row, growth);
    greys
        .iter()
        .enumerate()
        .map(|(i, grey)| {
            let shown: f32 = kernel.iter().zip(&row[i..]).map(|(leak, colour)| leak * colour).sum();
            (offset + shown - grey).powi(2)
        })
        .sum()
}

/// The modules of a finder pattern, and what lies beside it.
fn finder(pattern: usize, left: bool) -> Vec<f32> {
    let mut widths = FINDERS[pattern];
    if left {
        row(&[0.0, -1.0], &colours(&widths, false), &[-1.0, 0.0])
    } else {
        widths.reverse();
        row(&[0.0, 1.0], &colours(&widths, true), &[1.0, 0.0])
    }
}

const LEFT_FINDER: usize = 17;
const RIGHT_FINDER: usize = 62;

/// The likeliest content of a line, and how sure it is.
#[derive(Clone, Debug, PartialEq)]
struct Content {
    /// Of the characters, in the order in which the checksum weighs them.
    values: [usize; 4],
    cost: f32,
    /// How much worse the next best content would be.
    margin: f32,
    /// Each character and finder pattern is the likeliest at its place: the checksum agrees, and did not choose.
    is_likeliest: bool,
    explained: f32,
    explained_in_finders: f32,
}

/// The likeliest content for the greys of all modules, normalised to −1 (dark) … 1 (light).
fn content(greys: &[f32]) -> Option<Content> {
    let first = |growth: f32| {
        let found = BLURS.into_iter().filter_map(|blur| under(greys, (&gaussian(blur), 0.0, growth)));
        found.min_by(|a, b| a.cost.total_cmp(&b.cost)).map(|found| (found, growth))
    };
    let mut best = first(0.0)?;
    if !best.0.is_clear() || best.0.unexplained() > MOST_UNEXPLAINED {
        let others = SPREADS.into_iter().filter_map(first);
        best = others.chain([best]).min_by(|a, b| a.0.cost.total_cmp(&b.0.cost))?;
    }
    let (mut best, growth) = best;
    for _ in 0..2 {
        let Some((kernel, offset)) = learned(greys, &spread(&best.row(), growth)) else { break };
        let Some(next) = under(greys, (&kernel, offset, growth)) else { break };
        let settled = next.values == best.values;
        best = next;
        if settled {
            break;
        }
    }
    Some(best)
}

fn under(greys: &[f32], shown: Shown<'_>) -> Option<Content> {
    let finders = |from: usize, left: bool| -> [f32; 9] {
        std::array::from_fn(|pattern| cost(&greys[from..from + 15], &finder(pattern, left), shown))
    };
    let (left, right) = (finders(LEFT_FINDER, true), finders(RIGHT_FINDER, false));
    let variation = |from: usize| greys[from..from + 15].iter().map(|grey| grey * grey).sum::<f32>().max(1e-3);
    let in_finders = |cost: f32| 1.0 - cost / (variation(LEFT_FINDER) + variation(RIGHT_FINDER));
    let least = |costs: &[f32; 9]| costs.iter().copied().fold(f32::INFINITY, f32::min);
    // What has no finder patterns is no symbol, whatever its characters.
    if in_finders(least(&left) + least(&right)) < 0.5 * LEAST_IN_FINDERS {
        return None;
    }
    let values: [Vec<(f32, usize)>; 4] = std::array::from_fn(|at| PLACES[at].values(greys, shown, &PRINTED[at]));
    let parts: [Vec<u32>; 4] = std::array::from_fn(|at| {
        values[at].iter().map(|(_, value)| check_part(PLACES[at].all()[*value], at)).collect()
    });
    let (mut best, mut second): (Option<(f32, [usize; 4], f32)>, f32) = (None, f32::INFINITY);
    for a in 0..values[0].len() {
        for b in 0..values[1].len() {
            for c in 0..values[2].len() {
                for d in 0..values[3].len() {
                    let at = [a, b, c, d];
                    let check: u32 = (0..4).map(|i| parts[i][at[i]]).sum();
                    let (l, r) = finders_of(check);
                    let of_finders = left[l] + right[r];
                    let total = of_finders + (0..4).map(|i| values[i][at[i]].0).sum::<f32>();
                    let lowest = best.map_or(f32::INFINITY, |(total, ..)| total);
                    if total < lowest {
                        second = lowest;
                        best = Some((total, std::array::from_fn(|i| values[i][at[i]].1), of_finders));
                    } else {
                        second = second.min(total);
                    }
                }
            }
        }
    }
    let (cost, chosen, of_finders) = best?;
    let likeliest: [usize; 4] = std::array::from_fn(|at| values[at][0].1);
    let is_likeliest = chosen == likeliest && of_finders <= least(&left) + least(&right);
    // The next value of any character is as near as its cost, whatever the checksum says of it.
    let next = values.iter().map(|values| values[1].0 - values[0].0).fold(f32::INFINITY, f32::min);
    let all: f32 = greys.iter().map(|grey| grey * grey).sum::<f32>().max(1e-3);
    Some(Content {
        values: chosen,
        cost,
        margin: second.min(cost + next) - cost,
        is_likeliest,
        explained: 1.0 - cost / all,
        explained_in_finders: in_finders(of_finders),
    })
}

impl Content {
    /// The colours of all modules, with the light around them.
    fn row(&self) -> Vec<f32> {
        let mut out = vec![1.0; MODULES + 2 * REACH];
        let mut print = |from: usize, own: &[f32]| out[REACH + from..REACH + from + own.len()].copy_from_slice(own);
        print(0, &[-1.0]);
        print(MODULES - 1, &[-1.0]);
        let check = (0..4).map(|at| check_part(PLACES[at].all()[self.values[at]], at)).sum();
        let (left, right) = finders_of(check);
        print(LEFT_FINDER, &finder(left, true)[REACH..REACH + 15]);
        print(RIGHT_FINDER, &finder(right, false)[REACH..REACH + 15]);
        for (place, value) in PLACES.iter().zip(self.values) {
            print(place.from, &place.printed(place.all()[value]));
        }
        out
    }

    /// What of a module's grey it leaves open, on the mean.
    fn unexplained(&self) -> f32 {
        self.cost / float(MODULES)
    }

    fn is_clear(&self) -> bool {
        // Neighbouring modules share noise: what looks like many witnesses is worth about half as many.
        let noise = self.unexplained().max(0.004) * 2.0;
        let doubt = (-self.margin / (2.0 * noise)).exp();
        self.is_likeliest
            && doubt < MOST_DOUBT
            && self.explained > LEAST_EXPLAINED
            && self.explained_in_finders > LEAST_IN_FINDERS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widths of a symbol by an encoder that is not ours (zint), space first.
    const WIDTHS: &str = "1151115111139112111215222212312115532314112211";

    #[test]
    fn a_printed_symbol_is_read_sharp_and_blurred() {
        let widths: Vec<u8> = WIDTHS.bytes().map(|digit| digit - b'0').collect();
        let mut row = colours(&widths, false);
        row[0] = 1.0;
        row.insert(0, 1.0);
        row.extend([1.0; REACH]);
        for blur in [0.2, 0.6, 1.0] {
            let kernel = gaussian(blur);
            let greys: Vec<f32> =
                (0..MODULES).map(|i| kernel.iter().zip(&row[i..]).map(|(leak, colour)| leak * colour).sum()).collect();
            let content = content(&greys).expect("a content");
            assert!(content.is_clear(), "{blur}: {content:?}");
            assert_eq!(element_string(content.values).as_deref(), Some(b"0109506000134352".as_slice()), "{blur}");
        }
    }
}
