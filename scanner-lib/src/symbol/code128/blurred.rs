//! Bars that have no clear edges any more, or lie bent: the most likely codewords of all that their whole height shows.

use super::super::bend::Bend;
use super::super::blur::learned_from;
use super::super::layout::{Profile, float};
use super::super::plausible::{self, Vouching};
use super::super::straight::{Straight, Together};
use super::super::{Format, Symbol};
use super::chain::{Lost, chains};
use super::checked::checked;
use super::likelihood::{Sequence, row_of, sequence, shown};
use super::{codewords, contrast, layouts, quality, scan_line};

/// Modules lie right, and are told right, within so many rounds of either.
const ROUNDS: usize = 4;

/// Likeness of strips that are bars for sure.
const SURE_BARS: f32 = 0.8;

/// Part of the characters that may be in doubt before modules are moved.
const HOPELESS: f32 = 0.35;

/// Part of the profile's variation that a sequence must explain.
const LEAST_EXPLAINED: f32 = 0.45;

/// Doubt at the most, and part explained at the least, where the check character does not vouch.
const LEAST_DOUBT: f32 = 0.0001;
const CLEARLY_EXPLAINED: f32 = 0.75;

/// A sequence, and where its modules lie.
struct Reading {
    count: usize,
    bend: Bend,
    best: Sequence,
    /// The check character was asked for, because a reflection hides some of it.
    is_completed: bool,
}

/// Reads bars by the most likely codewords of what all heights show together.
///
/// Accepted where the rules of GS1 or HIBC vouch for the content and hardly any character is in doubt, or where the
/// upper and the lower half say the same on their own.
pub(in crate::symbol) fn read_blurred(straight: &Straight) -> Option<Symbol> {
    let (all, likeness) = (straight.all(), straight.likeness());
    for reverse in [false, true] {
        let Some(Reading { count, bend, best, is_completed }) = likeliest(&all, likeness, reverse) else { continue };
        let Some((bytes, aim)) = codewords::interpret(&best.codes) else { continue };
        let halves = straight
            .halves(&all)
            .iter()
            .filter(|half| {
                let (profile, hidden) = facing(half, reverse);
                let greys = profile.modules_at(bend.modules, |module| bend.place(module));
                let trust = trust(&profile, &hidden, &bend);
                sequence(&greys, &trust, count).is_some_and(|half| half.codes == best.codes)
            })
            .count();
        let enough = match plausible::vouching(aim, &bytes) {
            // What one character hides is told by the check character, which then vouches for nothing any more.
            Vouching::Holds if is_completed => best.doubt < LEAST_DOUBT && best.explained > CLEARLY_EXPLAINED,
            Vouching::None if is_completed => false,
            Vouching::Holds => best.doubt < 0.002 || halves == 2 || (halves == 1 && best.doubt < 0.05),
            Vouching::None => halves == 2 && best.doubt < 0.001 && best.explained > 0.6,
            Vouching::Broken => false,
        };
        if enough {
            let ends = bend.ends();
            let length = float(all.profile.greys.len()) * all.profile.step;
            let (from, to) = if reverse { (length - ends.0, length - ends.1) } else { ends };
            let corners =
                [(-0.42, from), (-0.42, to), (0.42, to), (0.42, from)].map(|(part, along)| straight.point(along, part));
            let corners = if reverse { [corners[3], corners[2], corners[1], corners[0]] } else { corners };
            let quality = quality(&corners, best.codes.len());
            return Some(Symbol { format: Format::Code128, bytes, aim: aim.to_owned(), corners, quality });
        }
    }
    None
}

/// A profile and what of it is hidden, from either end.
fn facing(together: &Together, reverse: bool) -> (Profile, Vec<bool>) {
    if reverse {
        (together.profile.reversed(), together.hidden.iter().rev().copied().collect())
    } else {
        (together.profile.clone(), together.hidden.clone())
    }
}

/// The sequence with a right check character that explains a line best, and where its modules lie.
fn likeliest(all: &Together, likeness: f32, reverse: bool) -> Option<Reading> {
    let (profile, hidden) = facing(all, reverse);
    let greys: Vec<Option<f32>> = profile.greys.iter().copied().map(Some).collect();
    let contrast = contrast(&greys);
    for lost in [Lost::None, Lost::Some] {
        // Where strips hardly are alike, what is lost to blur is not what makes them so.
        if lost == Lost::Some && likeness < SURE_BARS {
            return None;
        }
        let of_chains = chains(&profile, &hidden, (contrast, all.noise), lost)
            .into_iter()
            .filter_map(|chain| Some((chain.count, Bend::through(11 * chain.count + 13, &chain.places)?)));
        let first = settled_best(&profile, &hidden, of_chains);
        if first.is_some() {
            return first;
        }
    }
    let edges = scan_line::edges(&greys, (0.12 * contrast).max(4.0 * all.noise));
    let starts: Vec<f32> = edges.iter().filter(|edge| edge.falls).map(|edge| edge.at).take(2).collect();
    let ends: Vec<f32> = edges.iter().rev().filter(|edge| !edge.falls).map(|edge| edge.at).take(2).collect();
    let of_layouts = layouts::layouts(&profile, &starts, &ends).into_iter().filter_map(|one| {
        let modules = 11 * one.count + 13;
        let places: Vec<(f32, f32)> = (0..=one.count)
            .map(|i| float(11 * i))
            .chain([float(modules)])
            .map(|module| (module, one.layout.place(module)))
            .collect();
        Some((one.count, Bend::through(modules, &places)?))
    });
    settled_best(&profile, &hidden, of_layouts)
}

fn settled_best(
    profile: &Profile,
    hidden: &[bool],
    candidates: impl Iterator<Item = (usize, Bend)>,
) -> Option<Reading> {
    candidates
        .filter_map(|(count, bend)| settled(profile, hidden, count, bend))
        .filter(|one| one.best.explained > LEAST_EXPLAINED && codewords::checks(&one.best.codes))
        .max_by(|a, b| a.best.explained.total_cmp(&b.best.explained))
}

/// Modules and codewords in turn, until neither changes the other.
fn settled(profile: &Profile, hidden: &[bool], count: usize, bend: Bend) -> Option<Reading> {
    let read = |bend: &Bend| {
        let greys = profile.modules_at(bend.modules, |module| bend.place(module));
        let trust = trust(profile, hidden, bend);
        let best = sequence(&greys, &trust, count)?;
        Some((greys, trust, best))
    };
    let (mut greys, mut trust, mut best) = read(&bend)?;
    let mut bend = bend;
    if best.doubt > HOPELESS * float(count) {
        return None;
    }
    for _ in 0..ROUNDS {
        let row = row_of(&best.codes);
        let Some((kernel, offset)) = learned_from(&greys, &row, &trust) else { break };
        let wanted = shown(&row, &kernel, offset);
        let Some(next) = bend.settled(profile, &wanted, &trust) else { break };
        let Some((next_greys, next_trust, again)) = read(&next) else { break };
        if again.explained <= best.explained + 0.002 {
            break;
        }
        (greys, trust, best, bend) = (next_greys, next_trust, again, next);
    }
    let mut is_completed = false;
    if trust.contains(&0.0)
        && !codewords::checks(&best.codes)
        && let Some((kernel, offset)) = learned_from(&greys, &row_of(&best.codes), &trust)
        && let Some(path) = checked(&greys, &trust, count, (&kernel, offset))
    {
        (best, is_completed) = (path.judged(&greys, &trust), true);
    }
    Some(Reading { count, bend, best, is_completed })
}

/// How far each module is to be believed: not at all beneath a reflection.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, limited by `get`")]
fn trust(profile: &Profile, hidden: &[bool], bend: &Bend) -> Vec<f32> {
    (0..bend.modules)
        .map(|module| {
            let at = (bend.place(float(module) + 0.5) / profile.step).max(0.0) as usize;
            if hidden.get(at).copied().unwrap_or(false) { 0.0 } else { 1.0 }
        })
        .collect()
}
