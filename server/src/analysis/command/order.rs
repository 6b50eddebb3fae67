//! The order of levels: as R sorts texts, so that the first level, which others are held against, is R's.

use std::cmp::Ordering;

/// What stands before digits and letters, in the order of the Unicode collation (CLDR root), which R uses outside the C locale.
const MARKS: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// Marks before digits before letters; small and capital letters together, the small one first where nothing else differs.
pub(super) fn as_r_sorts(a: &str, b: &str) -> Ordering {
    let key = |text: &str| text.chars().map(weight).collect::<Vec<_>>();
    let small_first = |text: &str| text.chars().map(char::is_uppercase).collect::<Vec<_>>();
    key(a).cmp(&key(b)).then_with(|| small_first(a).cmp(&small_first(b))).then_with(|| a.cmp(b))
}

fn weight(c: char) -> (u8, u32) {
    match MARKS.chars().position(|mark| mark == c) {
        Some(place) => (0, u32::try_from(place).unwrap_or(u32::MAX)),
        None if c.is_numeric() => (1, u32::from(c)),
        None => (2, u32::from(c.to_lowercase().next().unwrap_or(c))),
    }
}

/// Each level once: numbers by their value ("9" before "10"), texts as R sorts them.
pub(super) fn in_order<'a>(levels: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let seen: std::collections::HashSet<&str> = levels.into_iter().collect();
    let mut levels: Vec<String> = seen.into_iter().map(str::to_owned).collect();
    let number = |level: &str| level.parse::<f64>().ok().filter(|x| !x.is_nan());
    if levels.iter().all(|level| number(level).is_some()) {
        let value = |level: &str| number(level).unwrap_or(f64::NAN);
        levels.sort_by(|a, b| value(a).total_cmp(&value(b)).then_with(|| a.cmp(b)));
    } else {
        levels.sort_by(|a, b| as_r_sorts(a, b));
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_r_has_it() {
        assert_eq!(in_order([">50", "20-50", "<=20"]), ["<=20", ">50", "20-50"]);
        assert_eq!(
            in_order(["X-linked", "autosomal", "B", "b", "a", "C, \"x\""]),
            ["a", "autosomal", "b", "B", "C, \"x\"", "X-linked"]
        );
        assert_eq!(in_order(["10", "9", "9.5", "-1"]), ["-1", "9", "9.5", "10"]);
        assert_eq!(in_order(["10", "9", "x"]), ["10", "9", "x"]);
        assert_eq!(in_order(["Obs", "Lev+5FU", "Lev", "Lev"]), ["Lev", "Lev+5FU", "Obs"]);
    }
}
