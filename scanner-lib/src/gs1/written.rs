//! How a value is written in the text it was read from, and its bytes without that: percent-encoding, `\\(`, left-out zeros.

/// How the value of an element is written in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Form {
    /// As it is, straight behind its identifier.
    Scan,
    /// As it is, one character behind its identifier.
    Plain,
    /// With `\(` for an opening bracket.
    Bracketed,
    /// With percent-encoding, in the path of a URI.
    Path,
    /// With percent-encoding and `+` for a space, in the query of a URI.
    Query,
    /// With percent-encoding, and zeros to be put before it until it has 14 digits.
    ShortGtin,
}

/// The bytes of a value that may be written with percent-encoding or other escapes.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    raw: &'a [u8],
    at: usize,
    zeros: usize,
    form: Form,
}

pub(super) fn decoded(raw: &[u8], form: Form) -> Decoded<'_> {
    let mut bytes = Decoded { raw, at: 0, zeros: 0, form };
    if form == Form::ShortGtin {
        bytes.zeros = 14_usize.saturating_sub(Decoded { form: Form::Path, ..bytes.clone() }.count());
    }
    bytes
}

impl Decoded<'_> {
    /// Where in the written value the next byte starts.
    pub(super) fn place(&self) -> usize {
        self.at
    }
}

impl Iterator for Decoded<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        if self.zeros > 0 {
            self.zeros -= 1;
            return Some(b'0');
        }
        let byte = *self.raw.get(self.at)?;
        let percent = matches!(self.form, Form::Path | Form::Query | Form::ShortGtin);
        if byte == b'%'
            && percent
            && let Some(value) = hexadecimal(self.raw.get(self.at + 1..self.at + 3))
        {
            self.at += 3;
            return Some(value);
        }
        self.at += 1;
        match (byte, self.form) {
            (b'+', Form::Query) => Some(b' '),
            (b'\\', Form::Bracketed) if self.raw.get(self.at) == Some(&b'(') => {
                self.at += 1;
                Some(b'(')
            }
            _ => Some(byte),
        }
    }
}

pub(super) fn hexadecimal(pair: Option<&[u8]>) -> Option<u8> {
    let [high, low] = pair? else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? * 16 + digit(low)?)
}
