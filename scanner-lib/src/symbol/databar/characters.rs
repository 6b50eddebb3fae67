//! The characters and finder patterns of DataBar Omnidirectional (ISO/IEC 24724, 5.2 and annex B).

use std::sync::LazyLock;

/// Widths of the finder patterns' elements as the left one is printed, space first (table 3).
pub(super) const FINDERS: [[u8; 5]; 9] = [
    [3, 8, 2, 1, 1],
    [3, 5, 5, 1, 1],
    [3, 3, 7, 1, 1],
    [3, 1, 9, 1, 1],
    [2, 7, 4, 1, 1],
    [2, 5, 6, 1, 1],
    [2, 3, 8, 1, 1],
    [1, 5, 7, 1, 1],
    [1, 3, 9, 1, 1],
];

/// Modules and widest element of a character's odd and of its even elements, for each group of its values (tables 1 and 2).
type Group = [(u8, u8); 2];

const OUTSIDE: [Group; 5] =
    [[(12, 8), (4, 1)], [(10, 6), (6, 3)], [(8, 4), (8, 5)], [(6, 3), (10, 6)], [(4, 1), (12, 8)]];
const INSIDE: [Group; 4] = [[(5, 2), (10, 7)], [(7, 4), (8, 5)], [(9, 6), (6, 3)], [(11, 8), (4, 1)]];
/// How many patterns of an inside character's odd elements are printed, of those that there are.
const INSIDE_ODD: [usize; 4] = [4, 20, 48, 81];

/// Values of an inside character.
pub(super) const INSIDE_VALUES: u16 = 1597;

/// Eight widths for each value of outside characters (16 modules): some even element is one module wide, and the even ones
/// change from one value to the next.
pub(super) static OUTSIDE_WIDTHS: LazyLock<Vec<[u8; 8]>> = LazyLock::new(|| {
    let of_group = |[odd, even]: Group| {
        let even = patterns(even, false);
        let with = move |odd| even.clone().into_iter().map(move |even| interleaved(odd, even));
        patterns(odd, true).into_iter().flat_map(with)
    };
    OUTSIDE.into_iter().flat_map(of_group).collect()
});

/// Eight widths for each value of inside characters (15 modules): some odd element is one module wide, and the odd ones
/// change from one value to the next.
pub(super) static INSIDE_WIDTHS: LazyLock<Vec<[u8; 8]>> = LazyLock::new(|| {
    let of_group = |([odd, even], count): (Group, usize)| {
        let mut odd = patterns(odd, false);
        odd.truncate(count);
        let with = move |even| odd.clone().into_iter().map(move |odd| interleaved(odd, even));
        patterns(even, true).into_iter().flat_map(with)
    };
    INSIDE.into_iter().zip(INSIDE_ODD).flat_map(of_group).collect()
});

fn interleaved(odd: [u8; 4], even: [u8; 4]) -> [u8; 8] {
    std::array::from_fn(|i| if i % 2 == 0 { odd[i / 2] } else { even[i / 2] })
}

/// All widths of four elements that sum up to so many modules, none wider than the widest, in the order of their numbers
/// (annex B). `any` includes those without an element one module wide.
fn patterns((modules, widest): (u8, u8), any: bool) -> Vec<[u8; 4]> {
    let mut out = Vec::new();
    for a in 1..=widest {
        for b in 1..=widest {
            for c in 1..=widest {
                let last = modules.checked_sub(a + b + c).filter(|d| (1..=widest).contains(d));
                out.extend(last.map(|d| [a, b, c, d]).filter(|pattern| any || pattern.contains(&1)));
            }
        }
    }
    out
}

/// Values by how many modules the first two elements take together, and the next two.
#[derive(Debug)]
pub(super) struct Beginnings(Vec<Vec<u16>>);

/// Modules that two elements take together at the most, and one.
const MOST_OF_TWO: usize = 17;

impl Beginnings {
    fn of(all: &[[u8; 8]]) -> Self {
        let mut out = vec![Vec::new(); MOST_OF_TWO * MOST_OF_TWO];
        for (value, widths) in (0_u16..).zip(all) {
            let of_two = |at: usize| usize::from(widths[at] + widths[at + 1]);
            out[of_two(0) * MOST_OF_TWO + of_two(2)].push(value);
        }
        Self(out)
    }

    /// The values of which neither two elements differ from what was measured by as much as that.
    pub(super) fn near(&self, widths: &[f32; 8], off: f32) -> impl Iterator<Item = usize> + Clone {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limited to the table")]
        let range = |at: usize| {
            let of_two = widths[at] + widths[at + 1];
            let to = ((of_two + off).max(0.0).floor() as usize + 1).min(MOST_OF_TWO);
            (of_two - off).max(0.0).ceil() as usize..to
        };
        let seconds = range(2);
        let cells = range(0).flat_map(move |first| seconds.clone().map(move |second| first * MOST_OF_TWO + second));
        cells.flat_map(|cell| self.0[cell].iter().copied().map(usize::from))
    }
}

pub(super) static OUTSIDE_BEGINNINGS: LazyLock<Beginnings> = LazyLock::new(|| Beginnings::of(&OUTSIDE_WIDTHS));
pub(super) static INSIDE_BEGINNINGS: LazyLock<Beginnings> = LazyLock::new(|| Beginnings::of(&INSIDE_WIDTHS));

/// What eight widths add to the checksum, from a character's first weight on (table 6: powers of 3 modulo 79).
pub(super) fn check_part(widths: [u8; 8], character: usize) -> u32 {
    let first = (0..8 * character).fold(1_u32, |weight, _| weight * 3 % 79);
    let mut weight = first;
    let mut sum = 0;
    for width in widths {
        sum += weight * u32::from(width);
        weight = weight * 3 % 79;
    }
    sum % 79
}

/// The finder patterns, left and right, that a checksum asks for (5.2.5).
pub(super) fn finders_of(check: u32) -> (usize, usize) {
    let mut value = check % 79;
    value += u32::from(value >= 8);
    value += u32::from(value >= 72);
    (value as usize / 9, value as usize % 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_fill_their_modules_and_none_is_twice() {
        assert_eq!((OUTSIDE_WIDTHS.len(), INSIDE_WIDTHS.len()), (2841, usize::from(INSIDE_VALUES)));
        for (all, modules) in [(&*OUTSIDE_WIDTHS, 16), (&*INSIDE_WIDTHS, 15)] {
            let mut sorted = all.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), all.len());
            assert!(all.iter().all(|widths| widths.iter().sum::<u8>() == modules));
        }
        assert_eq!(
            INSIDE_BEGINNINGS.near(&INSIDE_WIDTHS[700].map(f32::from), 0.5).filter(|value| *value == 700).count(),
            1
        );
        assert!(FINDERS.iter().all(|finder| finder.iter().sum::<u8>() == 15));
    }

    #[test]
    fn the_standards_own_example_has_its_widths() {
        // ISO/IEC 24724, annex B: value 1 of 4 elements, 4 modules of which none is wider than one, and their like.
        let all = patterns((12, 8), true);
        assert_eq!((all.len(), all[0], all[160]), (161, [1, 1, 2, 8], [8, 2, 1, 1]));
        assert_eq!(finders_of(0), (0, 0));
        assert_eq!(finders_of(78), (8, 8));
    }
}
