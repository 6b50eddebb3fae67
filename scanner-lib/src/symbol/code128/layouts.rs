//! How many characters a profile has and where their borders lie: each character begins with the fall from light to dark,
//! so the right number is the one whose borders all fall.

use super::super::layout::{Layout, Profile, Rhythm, float};
use super::super::ranking::heaviest_first;

/// Fewest and most characters (start to check) looked for.
const COUNTS: std::ops::RangeInclusive<usize> = 5..=50;

/// Layouts that are worth a closer look.
const MOST: usize = 6;

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

/// The layouts of even pitch whose borders fall deepest, for any of the beginnings and ends.
pub(super) fn layouts(profile: &Profile, starts: &[f32], ends: &[f32]) -> Vec<Characters> {
    let mut found: Vec<(f32, Characters)> = Vec::new();
    for count in COUNTS {
        let rhythm = rhythm(count);
        for (from, to) in starts.iter().flat_map(|from| ends.iter().map(move |to| (*from, *to))) {
            let pitch = (to - from) / float(rhythm.modules);
            if (0.6..16.0).contains(&pitch) {
                let layout = Layout::even(profile, from, to, &rhythm);
                // A few borders fall steeply by chance, many do not.
                found.push((layout.steepness / pitch * float(count).sqrt(), Characters { count, layout }));
            }
        }
    }
    heaviest_first(&mut found, |one| one.0);
    found.truncate(MOST);
    found.into_iter().map(|(_, one)| one).collect()
}
