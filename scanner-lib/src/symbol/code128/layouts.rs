//! How many characters a profile has and where their borders lie: each character begins with the fall from light to dark,
//! so the right number is the one whose borders all fall.

use super::super::layout::{Layout, Profile, Rhythm};

/// Fewest and most characters (start to check) looked for.
const COUNTS: std::ops::RangeInclusive<usize> = 5..=50;

/// A layout of so many characters, start to check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Characters {
    pub(super) count: usize,
    pub(super) layout: Layout,
}

/// Characters, then the stop with its closing bar.
fn rhythm(count: usize) -> Rhythm {
    let modules = 11 * count + 13;
    let mut edges: Vec<(usize, bool)> = (0..=count).map(|i| (11 * i, true)).collect();
    edges.push((modules, false));
    Rhythm { modules, edges }
}

/// The layouts whose borders fall deepest, for any of the beginnings and ends.
pub(super) fn layouts(profile: &Profile, starts: &[f32], ends: &[f32]) -> Vec<Characters> {
    let steepest = |a: &Characters, b: &Characters| b.layout.steepness.total_cmp(&a.layout.steepness);
    let mut found: Vec<Characters> = Vec::new();
    for count in COUNTS {
        let rhythm = rhythm(count);
        #[expect(clippy::cast_precision_loss, reason = "a few hundred modules")]
        let modules = rhythm.modules as f32;
        for (from, to) in starts.iter().flat_map(|from| ends.iter().map(move |to| (*from, *to))) {
            if (0.6..16.0).contains(&((to - from) / modules)) {
                found.push(Characters { count, layout: Layout::between(profile, from, to, &rhythm) });
            }
        }
    }
    found.sort_by(steepest);
    found.truncate(14);
    let mut settled: Vec<Characters> = found
        .into_iter()
        .map(|one| Characters { layout: one.layout.settled(profile, &rhythm(one.count)), ..one })
        .collect();
    settled.sort_by(steepest);
    let mut kept: Vec<Characters> = Vec::new();
    for one in settled {
        let (from, to) = one.layout.ends();
        let known = kept.iter().any(|other| {
            let (other_from, other_to) = other.layout.ends();
            other.count == one.count && (other_from - from).abs() + (other_to - to).abs() < 2.0
        });
        if !known {
            kept.push(one);
        }
    }
    kept.truncate(5);
    kept
}
