//! Keyboard layouts: what a scanner that presses the keys of a United States keyboard makes appear on another one.
//!
//! Reach for [`KeyboardLayout::undo`] with a line that was typed into a computer whose layout is known. The table is
//! `fixtures/keyboards/layouts.tsv`; its README names the source.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ordering;

/// No more readings of one line than this are followed: a layout with two keys for one character doubles them.
const MOST: usize = 8;
const FIRST: u8 = b'!';

/// The layouts, in the order of the table; the first changes nothing.
static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    include_str!("../../../fixtures/keyboards/layouts.tsv").lines().skip(1).map(Layout::parse).collect()
});

/// What appears for one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    /// This character.
    Types(char),
    /// A dead key: its character appears with the next one, or melts with it into one.
    Dead(char),
    /// Nothing, or not known.
    Silent,
}

/// One line of the table.
#[derive(Debug)]
struct Layout {
    name: &'static str,
    gs: Option<char>,
    keys: Vec<Key>,
    /// Which characters of the barcode a character may stand for, sorted.
    inverse: Vec<(char, u8)>,
    /// The same for dead keys.
    dead: Vec<(char, u8)>,
}

impl Layout {
    fn parse(line: &'static str) -> Self {
        let mut columns = line.split('\t');
        let (name, gs, keys) =
            (columns.next().unwrap_or(""), columns.next().unwrap_or(""), columns.next().unwrap_or(""));
        let key = |(token, ascii): (&str, u8)| {
            let mut characters = token.chars();
            match (characters.next(), characters.next()) {
                (Some('▪'), _) => Key::Types(char::from(ascii)),
                (Some('◌'), Some(accent)) => Key::Dead(accent),
                (None | Some('∅' | '▫'), _) => Key::Silent,
                (Some(character), _) => Key::Types(character),
            }
        };
        let keys: Vec<Key> = keys.split(' ').zip(FIRST..).map(key).collect();
        let (mut inverse, mut dead) = (Vec::new(), Vec::new());
        for (key, ascii) in keys.iter().zip(FIRST..) {
            match key {
                Key::Types(character) => inverse.push((*character, ascii)),
                Key::Dead(accent) => dead.push((*accent, ascii)),
                Key::Silent => {}
            }
        }
        ordering::by_key(&mut inverse, |one| *one);
        ordering::by_key(&mut dead, |one| *one);
        Self { name, gs: u8::from_str_radix(gs, 16).ok().map(char::from), keys, inverse, dead }
    }

    fn key(&self, character: char) -> Key {
        let at = u8::try_from(character).ok().and_then(|ascii| ascii.checked_sub(FIRST));
        at.and_then(|at| self.keys.get(usize::from(at))).copied().unwrap_or(Key::Types(character))
    }
}

/// The ASCII characters that stand beside `character` in a sorted list.
fn beside(list: &[(char, u8)], character: char) -> impl Iterator<Item = u8> {
    let from = list.partition_point(|(known, _)| *known < character);
    list[from..].iter().take_while(move |(known, _)| *known == character).map(|(_, ascii)| *ascii)
}

/// Letters that a dead key makes with the next letter: accent, then pairs of letter and result.
const MELTED: [(char, &str); 7] = [
    ('`', "AÀEÈIÌOÒUÙaàeèiìoòuù"),
    ('´', "AÁCĆEÉIÍLĹNŃOÓRŔSŚUÚYÝZŹaácćeéiílĺnńoórŕsśuúyýzź"),
    ('^', "AÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶaâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷ"),
    ('~', "AÃIĨNÑOÕUŨaãiĩnñoõuũ"),
    ('¨', "AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿ"),
    ('ˇ', "CČDĎEĚGǦLĽNŇRŘSŠTŤZŽcčdďeěgǧlľnňrřsštťzž"),
    ('°', "AÅUŮaåuů"),
];

fn melt(accent: char, letter: char) -> Option<char> {
    let (_, pairs) = MELTED.iter().find(|(known, _)| *known == accent)?;
    let mut pairs = pairs.chars();
    while let (Some(known), Some(result)) = (pairs.next(), pairs.next()) {
        if known == letter {
            return Some(result);
        }
    }
    None
}

/// The accents and letters that may have melted into a character.
fn parts(character: char) -> impl Iterator<Item = (char, char)> {
    MELTED.iter().filter_map(move |(accent, pairs)| {
        let mut pairs = pairs.chars();
        while let (Some(letter), Some(result)) = (pairs.next(), pairs.next()) {
            if result == character {
                return Some((*accent, letter));
            }
        }
        None
    })
}

/// A keyboard layout of an operating system, by its name.
///
/// # Example
/// ```
/// use tessera_scanner::handheld::keyboard::KeyboardLayout;
///
/// let german: KeyboardLayout = "German".parse()?;
/// assert_eq!(german.typed("]d2XYZ"), Some("+d2XZY".to_owned()));
/// assert_eq!(german.undo("+d2XZY"), ["]d2XYZ"]);
/// assert_eq!(KeyboardLayout::all().count(), 68);
/// assert!("Klingon".parse::<KeyboardLayout>().is_err());
/// # Ok::<(), tessera_scanner::handheld::keyboard::UnknownLayout>(())
/// ```
#[derive(Clone, Copy)]
pub struct KeyboardLayout(&'static Layout);

/// A name that is none of the table's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a keyboard layout that is known here: choose one of the list, or scan the calibration barcode")]
pub struct UnknownLayout(pub String);

impl KeyboardLayout {
    /// Every layout of the table; the first, `UnitedStates`, changes nothing.
    pub fn all() -> impl Iterator<Item = Self> {
        LAYOUTS.iter().map(Self)
    }

    /// Its name, such as `SwissGerman`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What appears for the control key that stands for GS; `None` where nothing does.
    pub fn separator(self) -> Option<char> {
        self.0.gs
    }

    /// What appears when a scanner types `text`; `None` where the table does not know a key, or it shows nothing.
    pub fn typed(self, text: &str) -> Option<String> {
        let mut shown = String::with_capacity(text.len());
        let mut waiting: Option<char> = None;
        for character in text.chars() {
            let next = match self.0.key(character) {
                Key::Silent => return None,
                Key::Dead(accent) => {
                    shown.extend(waiting.replace(accent));
                    continue;
                }
                Key::Types(next) => next,
            };
            match waiting.take() {
                None => shown.push(next),
                Some(accent) => match melt(accent, next) {
                    Some(melted) => shown.push(melted),
                    None => shown.extend([accent, next]),
                },
            }
        }
        shown.extend(waiting);
        Some(shown)
    }

    /// What the scanner may have typed where `shown` appeared, at most eight possibilities; empty where this layout does
    /// not show such characters. Control characters stay as they are.
    pub fn undo(self, shown: &str) -> Vec<String> {
        let mut possible = vec![String::with_capacity(shown.len())];
        for character in shown.chars() {
            let mut options: Vec<[Option<u8>; 2]> = Vec::new();
            if character <= ' ' {
                options.push([u8::try_from(character).ok(), None]);
            } else {
                options.extend(beside(&self.0.inverse, character).map(|ascii| [Some(ascii), None]));
                options.extend(beside(&self.0.dead, character).map(|ascii| [Some(ascii), None]));
                for (accent, letter) in parts(character) {
                    let letters = || beside(&self.0.inverse, letter);
                    options
                        .extend(beside(&self.0.dead, accent).flat_map(|a| letters().map(move |l| [Some(a), Some(l)])));
                }
            }
            let longer = possible.iter().flat_map(|so_far| {
                options.iter().map(move |option| {
                    let mut text = so_far.clone();
                    text.extend(option.iter().flatten().map(|ascii| char::from(*ascii)));
                    text
                })
            });
            possible = if let [only] = options.as_slice() {
                for text in &mut possible {
                    text.extend(only.iter().flatten().map(|ascii| char::from(*ascii)));
                }
                possible
            } else {
                longer.take(MOST).collect()
            };
            if possible.is_empty() {
                break;
            }
        }
        possible
    }
}

impl PartialEq for KeyboardLayout {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for KeyboardLayout {}

impl fmt::Debug for KeyboardLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyboardLayout({})", self.name())
    }
}

impl fmt::Display for KeyboardLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for KeyboardLayout {
    type Err = UnknownLayout;

    fn from_str(name: &str) -> Result<Self, UnknownLayout> {
        Self::all().find(|layout| layout.name() == name).ok_or_else(|| UnknownLayout(name.to_owned()))
    }
}

impl Serialize for KeyboardLayout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for KeyboardLayout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(KeyboardLayout::all().count(), 68);
        for layout in KeyboardLayout::all() {
            assert_eq!(layout.0.keys.len(), 94, "{layout}");
            assert_eq!(layout.name().parse::<KeyboardLayout>().unwrap(), layout);
        }
        let plain: String = ('!'..='~').collect();
        assert_eq!(KeyboardLayout::all().next().unwrap().typed(&plain), Some(plain));
    }

    #[test]
    fn dead_keys_melt_with_letters() {
        let german: KeyboardLayout = "German".parse().unwrap();
        assert_eq!(german.typed("+A123"), Some("À123".to_owned()));
        assert_eq!(german.undo("À123"), ["+A123"]);
        assert_eq!(german.typed("+$$7"), Some("`$$7".to_owned()));
        assert_eq!(german.undo("`$$7"), ["+$$7"]);
    }

    proptest! {
        #[test]
        fn what_was_typed_is_among_what_may_have_been(message in "\\]d201[0-9]{14}10[A-Z0-9]{1,8}\x1d21[A-Za-z0-9/.-]{1,8}", nth in 0_usize..68) {
            let layout = KeyboardLayout::all().nth(nth).unwrap();
            if let Some(shown) = layout.typed(&message) {
                prop_assert!(layout.undo(&shown).contains(&message), "{} {}", layout, shown);
            }
        }

        #[test]
        fn any_text_is_undone(text in "\\PC{0,60}", nth in 0_usize..68) {
            prop_assert!(KeyboardLayout::all().nth(nth).unwrap().undo(&text).len() <= 8);
        }
    }
}
