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

/// A group of a character's values: those of so many modules in its odd elements (tables 1 and 2).
struct Group {
    /// The first value.
    first: u16,
    odd: (u8, u8),
    even: (u8, u8),
    /// Patterns of the even elements (outside characters) or of the odd ones (inside).
    inner: u16,
}

const fn group(first: u16, odd: (u8, u8), even: (u8, u8), inner: u16) -> Group {
    Group { first, odd, even, inner }
}

/// Modules and widest element of the odd and of the even elements.
const OUTSIDE: [Group; 5] = [
    group(0, (12, 8), (4, 1), 1),
    group(161, (10, 6), (6, 3), 10),
    group(961, (8, 4), (8, 5), 34),
    group(2015, (6, 3), (10, 6), 70),
    group(2715, (4, 1), (12, 8), 126),
];
const INSIDE: [Group; 4] = [
    group(0, (5, 2), (10, 7), 4),
    group(336, (7, 4), (8, 5), 20),
    group(1036, (9, 6), (6, 3), 48),
    group(1516, (11, 8), (4, 1), 81),
];

/// Values of an outside and of an inside character.
const OUTSIDE_VALUES: u16 = 2841;
pub(super) const INSIDE_VALUES: u16 = 1597;

/// Eight widths for each value of outside characters (16 modules).
pub(super) static OUTSIDE_WIDTHS: LazyLock<Vec<[u8; 8]>> = LazyLock::new(|| {
    (0..OUTSIDE_VALUES)
        .map(|value| {
            let group = OUTSIDE.iter().rfind(|group| value >= group.first).unwrap_or(&OUTSIDE[0]);
            let at = value - group.first;
            // Some even element must be one module wide.
            interleaved(widths(at / group.inner, group.odd, true), widths(at % group.inner, group.even, false))
        })
        .collect()
});

/// Eight widths for each value of inside characters (15 modules).
pub(super) static INSIDE_WIDTHS: LazyLock<Vec<[u8; 8]>> = LazyLock::new(|| {
    (0..INSIDE_VALUES)
        .map(|value| {
            let group = INSIDE.iter().rfind(|group| value >= group.first).unwrap_or(&INSIDE[0]);
            let at = value - group.first;
            // Some odd element must be one module wide.
            interleaved(widths(at % group.inner, group.odd, false), widths(at / group.inner, group.even, true))
        })
        .collect()
});

fn interleaved(odd: [u8; 4], even: [u8; 4]) -> [u8; 8] {
    std::array::from_fn(|i| if i % 2 == 0 { odd[i / 2] } else { even[i / 2] })
}

/// The widths of four elements that sum up to so many modules, none wider than the widest: the pattern of that number
/// (annex B). `any` includes the patterns without an element one module wide.
fn widths(number: u16, (modules, widest): (u8, u8), any: bool) -> [u8; 4] {
    let mut left = number;
    for a in 1..=widest {
        for b in 1..=widest {
            for c in 1..=widest {
                let Some(d) = modules.checked_sub(a + b + c).filter(|d| (1..=widest).contains(d)) else { continue };
                let pattern = [a, b, c, d];
                if any || pattern.contains(&1) {
                    if left == 0 {
                        return pattern;
                    }
                    left -= 1;
                }
            }
        }
    }
    [1; 4]
}

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
        for (all, modules) in [(&*OUTSIDE_WIDTHS, 16), (&*INSIDE_WIDTHS, 15)] {
            let mut sorted = all.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), all.len());
            assert!(all.iter().all(|widths| widths.iter().sum::<u8>() == modules));
        }
        assert!(FINDERS.iter().all(|finder| finder.iter().sum::<u8>() == 15));
    }

    #[test]
    fn the_standards_own_example_has_its_widths() {
        // ISO/IEC 24724, annex B: value 1 of 4 elements, 4 modules of which none is wider than one, and their like.
        assert_eq!(widths(0, (12, 8), true), [1, 1, 2, 8]);
        assert_eq!(widths(160, (12, 8), true), [8, 2, 1, 1]);
        assert_eq!(finders_of(0), (0, 0));
        assert_eq!(finders_of(78), (8, 8));
    }
}
