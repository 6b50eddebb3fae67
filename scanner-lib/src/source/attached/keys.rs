//! Keys that a scanner presses → the characters that it means.

use evdev::KeyCode;

use crate::source::LONGEST_LINE;

/// Turns the keys of one scanner into scans, as a keyboard of the United States would: that is what scanners are set to
/// unless somebody changed it.
///
/// A key that is no character is kept in sight as its name in braces, such as `{F8}`: calibration may have learnt that this
/// scanner means a separator by it.
///
/// # Example
/// ```
/// use evdev::KeyCode;
/// use tessera_scanner::source::attached::KeyReader;
///
/// let mut keys = KeyReader::default();
/// for (key, pressed) in [(KeyCode::KEY_LEFTSHIFT, true), (KeyCode::KEY_A, true), (KeyCode::KEY_LEFTSHIFT, false)] {
///     assert_eq!(keys.key(key, pressed), None);
/// }
/// assert_eq!(keys.key(KeyCode::KEY_7, true), None);
/// assert_eq!(keys.key(KeyCode::KEY_ENTER, true), Some(b"A7".to_vec()));
/// ```
#[derive(Debug, Default)]
pub struct KeyReader {
    typed: Vec<u8>,
    shift: Held,
    control: Held,
    alt: Held,
    /// Caps Lock as this keyboard pressed it: the computer's own is another keyboard's.
    capitals: bool,
    /// Digits typed on the keypad while Alt is held: the number of a character.
    number: Option<String>,
}

/// The left and the right key of a pair.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    left: bool,
    right: bool,
}

impl Held {
    fn any(self) -> bool {
        self.left || self.right
    }
}

impl KeyReader {
    /// Takes a key that was pressed or released; gives the scan that it ends (Enter or Tab), without that end.
    pub fn key(&mut self, key: KeyCode, pressed: bool) -> Option<Vec<u8>> {
        match key {
            KeyCode::KEY_LEFTSHIFT => self.shift.left = pressed,
            KeyCode::KEY_RIGHTSHIFT => self.shift.right = pressed,
            KeyCode::KEY_LEFTCTRL => self.control.left = pressed,
            KeyCode::KEY_RIGHTCTRL => self.control.right = pressed,
            KeyCode::KEY_LEFTALT => {
                self.alt.left = pressed;
                self.end_number();
            }
            KeyCode::KEY_RIGHTALT => {
                self.alt.right = pressed;
                self.end_number();
            }
            _ if !pressed => {}
            KeyCode::KEY_CAPSLOCK => self.capitals = !self.capitals,
            // Num Lock changes nothing here: the keypad's keys are read as digits.
            KeyCode::KEY_NUMLOCK => {}
            KeyCode::KEY_ENTER | KeyCode::KEY_KPENTER | KeyCode::KEY_TAB if !self.control.any() => return self.take(),
            _ => self.character(key),
        }
        // Nothing that long is a scan: whatever presses these keys without end must not fill the memory.
        if self.typed.len() > LONGEST_LINE { self.take() } else { None }
    }

    /// What was typed so far, as a scan of its own; none where nothing was.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        self.number = None;
        Some(std::mem::take(&mut self.typed)).filter(|typed| !typed.is_empty())
    }

    /// Forgets what is held down: the keyboard was unplugged.
    pub fn release(&mut self) {
        (self.shift, self.control, self.alt) = Default::default();
        self.number = None;
    }

    fn character(&mut self, key: KeyCode) {
        if self.alt.any()
            && let Some(digit) = keypad_digit(key)
        {
            self.number.get_or_insert_default().push(digit);
            return;
        }
        match letter_or_sign(key) {
            Some((plain, _)) if self.control.any() => match control(plain) {
                Some(byte) => self.typed.push(byte),
                None => self.name(key),
            },
            Some((plain, shifted)) => {
                let upper = self.shift.any() != (self.capitals && plain.is_ascii_lowercase());
                self.typed.push(if upper { shifted } else { plain });
            }
            None => self.name(key),
        }
    }

    /// Alt was let go: the digits typed meanwhile are the number of a character, such as 029 for GS.
    fn end_number(&mut self) {
        if self.alt.any() {
            return;
        }
        let Some(digits) = self.number.take() else { return };
        match digits.parse::<u8>() {
            Ok(byte) => self.typed.push(byte),
            Err(_) => self.typed.extend(format!("{{Alt+{digits}}}").into_bytes()),
        }
    }

    fn name(&mut self, key: KeyCode) {
        let name = format!("{key:?}");
        self.typed.extend(format!("{{{}}}", name.trim_start_matches("KEY_")).into_bytes());
    }
}

/// The control character of a key that is pressed with Ctrl (ISO/IEC 646): `]` is GS.
fn control(plain: u8) -> Option<u8> {
    match plain {
        b'a'..=b'z' => Some(plain - b'a' + 1),
        b'[' | b'\\' | b']' => Some(plain - b'[' + 0x1B),
        b'6' => Some(0x1E),
        b'-' => Some(0x1F),
        _ => None,
    }
}

fn keypad_digit(key: KeyCode) -> Option<char> {
    let keys = [
        KeyCode::KEY_KP0,
        KeyCode::KEY_KP1,
        KeyCode::KEY_KP2,
        KeyCode::KEY_KP3,
        KeyCode::KEY_KP4,
        KeyCode::KEY_KP5,
        KeyCode::KEY_KP6,
        KeyCode::KEY_KP7,
        KeyCode::KEY_KP8,
        KeyCode::KEY_KP9,
    ];
    ('0'..='9').zip(keys).find_map(|(digit, candidate)| (candidate == key).then_some(digit))
}

/// The characters of a key without and with Shift, on a keyboard of the United States.
fn letter_or_sign(key: KeyCode) -> Option<(u8, u8)> {
    if let Some(digit) = keypad_digit(key) {
        let byte = u8::try_from(digit).ok()?;
        return Some((byte, byte));
    }
    // Rows of the keyboard; evdev numbers the keys of a row in their order.
    let rows: [(KeyCode, &[u8], &[u8]); 4] = [
        (KeyCode::KEY_1, b"1234567890-=", b"!@#$%^&*()_+"),
        (KeyCode::KEY_Q, b"qwertyuiop[]", b"QWERTYUIOP{}"),
        (KeyCode::KEY_A, b"asdfghjkl;'`", b"ASDFGHJKL:\"~"),
        (KeyCode::KEY_BACKSLASH, b"\\zxcvbnm,./", b"|ZXCVBNM<>?"),
    ];
    let row = rows.iter().find_map(|(first, plain, shifted)| {
        let at = usize::from(key.code().checked_sub(first.code())?);
        Some((*plain.get(at)?, *shifted.get(at)?))
    });
    let both = |byte| Some((byte, byte));
    row.or_else(|| match key {
        KeyCode::KEY_SPACE => both(b' '),
        KeyCode::KEY_KPASTERISK => both(b'*'),
        KeyCode::KEY_KPMINUS => both(b'-'),
        KeyCode::KEY_KPPLUS => both(b'+'),
        KeyCode::KEY_KPDOT => both(b'.'),
        KeyCode::KEY_KPSLASH => both(b'/'),
        // The key beside the left Shift that keyboards of Europe have.
        KeyCode::KEY_102ND => Some((b'<', b'>')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presses and releases, and gives what it ended.
    fn press(keys: &mut KeyReader, key: KeyCode) -> Option<Vec<u8>> {
        let ended = keys.key(key, true);
        assert_eq!(keys.key(key, false), None);
        ended
    }

    fn with(keys: &mut KeyReader, held: KeyCode, pressed: &[KeyCode]) {
        keys.key(held, true);
        for key in pressed {
            press(keys, *key);
        }
        keys.key(held, false);
    }

    fn type_text(keys: &mut KeyReader, text: &str) {
        for wanted in text.bytes() {
            let code = (0..128).map(KeyCode::new).find_map(|key| {
                let (plain, shifted) = letter_or_sign(key)?;
                if plain == wanted { Some((key, false)) } else { (shifted == wanted).then_some((key, true)) }
            });
            let (key, shift) = code.unwrap_or_else(|| panic!("no key for {}", wanted as char));
            if shift { with(keys, KeyCode::KEY_LEFTSHIFT, &[key]) } else { assert_eq!(press(keys, key), None) }
        }
    }

    #[test]
    fn every_character_that_gs1_allows_has_its_key() {
        // GS1 General Specifications, figure 7.11-1, and what AIM identifiers and HIBC add.
        let all: String = (0x20..0x7Fu8).map(char::from).collect();
        let mut keys = KeyReader::default();
        type_text(&mut keys, &all);
        assert_eq!(press(&mut keys, KeyCode::KEY_ENTER), Some(all.into_bytes()));
    }

    #[test]
    fn separators_come_as_control_and_bracket_as_a_number_or_as_a_key() {
        let mut keys = KeyReader::default();
        type_text(&mut keys, "10A");
        with(&mut keys, KeyCode::KEY_LEFTCTRL, &[KeyCode::KEY_RIGHTBRACE]);
        type_text(&mut keys, "21");
        with(&mut keys, KeyCode::KEY_LEFTALT, &[KeyCode::KEY_KP0, KeyCode::KEY_KP2, KeyCode::KEY_KP9]);
        press(&mut keys, KeyCode::KEY_F8);
        with(&mut keys, KeyCode::KEY_RIGHTALT, &[KeyCode::KEY_KP9, KeyCode::KEY_KP9, KeyCode::KEY_KP9]);
        assert_eq!(press(&mut keys, KeyCode::KEY_TAB), Some(b"10A\x1d21\x1d{F8}{Alt+999}".to_vec()));
        assert_eq!(press(&mut keys, KeyCode::KEY_ENTER), None, "an empty line is no scan");
    }

    #[test]
    fn caps_lock_turns_letters_over_and_nothing_else() {
        let mut keys = KeyReader::default();
        press(&mut keys, KeyCode::KEY_CAPSLOCK);
        type_text(&mut keys, "aB1-");
        press(&mut keys, KeyCode::KEY_CAPSLOCK);
        type_text(&mut keys, "a");
        assert_eq!(keys.take(), Some(b"Ab1-a".to_vec()));
    }

    #[test]
    fn keys_without_end_do_not_fill_the_memory() {
        let mut keys = KeyReader::default();
        let ended = (0..=LONGEST_LINE).find_map(|_| press(&mut keys, KeyCode::KEY_7));
        assert_eq!(ended.map(|line| line.len()), Some(LONGEST_LINE + 1));
    }

    #[test]
    fn an_unplugged_keyboard_holds_nothing_down() {
        let mut keys = KeyReader::default();
        keys.key(KeyCode::KEY_LEFTSHIFT, true);
        keys.release();
        press(&mut keys, KeyCode::KEY_A);
        assert_eq!(keys.take(), Some(b"a".to_vec()));
    }
}
