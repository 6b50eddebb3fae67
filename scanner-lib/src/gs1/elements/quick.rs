//! Values of common forms that break no rule, told in a few instructions.

use super::super::check;
use super::super::dictionary::Shortcut;

/// The length of a value of a common form that breaks no rule; `None` where it is another or something is wrong. What
/// stands behind the value is not looked at.
#[inline]
pub(in super::super) fn quick_length(shortcut: Shortcut, rest: &[u8]) -> Option<usize> {
    match shortcut {
        Shortcut::Checked(length) => {
            let value = rest.get(..usize::from(length))?;
            check::digit_holds(value).then_some(value.len())
        }
        Shortcut::Date => date_holds(*rest.first_chunk()?).then_some(6),
        Shortcut::Digits(length) => {
            let value = rest.get(..usize::from(length))?;
            (check::leading(value, check::DIGIT) == value.len()).then_some(value.len())
        }
        Shortcut::Text(most) => {
            let length = check::leading(rest, check::CSET_82_CLASS);
            (1..=usize::from(most)).contains(&length).then_some(length)
        }
        Shortcut::None => None,
    }
}

/// Whether six digits are a date whose day may be 00. Of years in two digits every fourth is a leap year.
#[inline]
fn date_holds(digits: [u8; 6]) -> bool {
    const DAYS: [u8; 16] = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0];
    let value = |place: usize| digits[place].wrapping_sub(b'0');
    let pair = |place: usize| (value(place), value(place + 1));
    let (years, months, days) = (pair(0), pair(2), pair(4));
    let digit = |pair: (u8, u8)| pair.0 <= 9 && pair.1 <= 9;
    if !(digit(years) && digit(months) && digit(days)) {
        return false;
    }
    let two = |pair: (u8, u8)| pair.0 * 10 + pair.1;
    let (year, month, day) = (two(years), two(months), two(days));
    let most = DAYS[usize::from(month & 15)];
    month < 16 && most > 0 && day <= most && (day < 29 || month != 2 || year.is_multiple_of(4))
}
