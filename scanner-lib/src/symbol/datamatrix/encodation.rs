//! Data codewords to bytes: the six encodation schemes of ISO/IEC 16022, 5.2, with FNC1, macros and ECI.

/// What the codewords say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// GS (0x1D) for FNC1 after the first position.
    pub(super) bytes: Vec<u8>,
    /// The digit of the AIM identifier: 1 plain, 2 GS1 (FNC1 first), 3 FNC1 second; 4–6 the same with ECI.
    pub(super) kind: u8,
}

impl Message {
    /// The AIM symbology identifier (ISO/IEC 15424).
    pub(super) fn aim(&self) -> String {
        format!("]d{}", self.kind)
    }
}

const C40_SHIFT2: &[u8; 27] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_";
const TEXT_SHIFT3: &[u8; 32] = b"`ABCDEFGHIJKLMNOPQRSTUVWXYZ{|}~\x7f";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Ascii,
    C40,
    Text,
    X12,
    Edifact,
    Base256,
}

/// Decodes data codewords; `None` where they break the rules, so that they cannot be what was printed.
pub(super) fn decode(codewords: &[u8]) -> Option<Message> {
    let mut decoder =
        Decoder { codewords, at: 0, message: Message { kind: 1, ..Message::default() }, upper: false, tail: &[] };
    let mut scheme = Scheme::Ascii;
    while decoder.at < codewords.len() {
        scheme = match scheme {
            Scheme::Ascii => match decoder.ascii()? {
                Some(next) => next,
                None => break,
            },
            Scheme::C40 => decoder.triplets(false)?,
            Scheme::Text => decoder.triplets(true)?,
            Scheme::X12 => decoder.x12()?,
            Scheme::Edifact => decoder.edifact()?,
            Scheme::Base256 => decoder.base256()?,
        };
    }
    let Decoder { mut message, tail, upper, .. } = decoder;
    message.bytes.extend_from_slice(tail);
    (!message.bytes.is_empty() && !upper).then_some(message)
}

struct Decoder<'a> {
    codewords: &'a [u8],
    at: usize,
    message: Message,
    /// The next character is of the upper half.
    upper: bool,
    /// What a macro appends.
    tail: &'static [u8],
}

impl Decoder<'_> {
    fn next(&mut self) -> Option<u8> {
        let codeword = self.codewords.get(self.at).copied();
        self.at += 1;
        codeword
    }

    fn push(&mut self, character: u8) {
        self.message.bytes.push(if std::mem::take(&mut self.upper) { character.wrapping_add(128) } else { character });
    }

    /// FNC1: a mark in the first or second position, else a separator.
    fn fnc1(&mut self) {
        let first = self.at == 1;
        let second = self.at == 2 && !self.message.bytes.is_empty() || self.at == 3 && self.message.bytes.len() == 2;
        let plain = self.message.kind == 1;
        if first {
            self.message.kind = 2;
        } else if second && plain && industry(&self.message.bytes) {
            self.message.kind = 3;
        } else {
            self.message.bytes.push(0x1D);
        }
    }

    /// One codeword in ASCII: the scheme that follows, or `None` inside where padding begins.
    #[expect(
        clippy::option_option,
        reason = "the end of the data, the beginning of padding and a scheme are three things"
    )]
    fn ascii(&mut self) -> Option<Option<Scheme>> {
        let codeword = self.next()?;
        match codeword {
            1..=128 => self.push(codeword - 1),
            129 => return self.padding().then_some(None),
            130..=229 => {
                let number = codeword - 130;
                self.message.bytes.extend([b'0' + number / 10, b'0' + number % 10]);
            }
            230 => return Some(Some(Scheme::C40)),
            231 => return Some(Some(Scheme::Base256)),
            232 => self.fnc1(),
            // Structured append: number, total and file identification come first in the symbol.
            233 if self.at == 1 => self.at += 3,
            235 if !self.upper => self.upper = true,
            236 | 237 if self.at == 1 => {
                let macro_digit = if codeword == 236 { b'5' } else { b'6' };
                self.message.bytes.extend_from_slice(b"[)>\x1e0");
                self.message.bytes.extend([macro_digit, 0x1D]);
                self.tail = b"\x1e\x04";
            }
            238 => return Some(Some(Scheme::X12)),
            239 => return Some(Some(Scheme::Text)),
            240 => return Some(Some(Scheme::Edifact)),
            241 => self.eci()?,
            // 234 programs a reader; 0 and the rest are not used.
            _ => return None,
        }
        Some(Some(Scheme::Ascii))
    }

    /// Whether all that follows the first padding is padding (ISO/IEC 16022, 5.2.3 and annex B).
    fn padding(&mut self) -> bool {
        let ok = self.codewords[self.at..].iter().zip(self.at + 1..).all(|(codeword, position)| {
            let scattered = 129 + (149 * position) % 253 + 1;
            usize::from(*codeword) == if scattered <= 254 { scattered } else { scattered - 254 }
        });
        self.at = self.codewords.len();
        ok
    }

    /// An ECI is told by the AIM identifier; its number is not part of the content that labels use.
    fn eci(&mut self) -> Option<()> {
        let first = self.next()?;
        match first {
            1..=127 => {}
            128..=191 => self.at += 1,
            192..=207 => self.at += 2,
            _ => return None,
        }
        if self.message.kind < 4 {
            self.message.kind += 3;
        }
        Some(())
    }

    /// C40 and Text: three characters of 0–39 in two codewords.
    fn triplets(&mut self, text: bool) -> Option<Scheme> {
        let mut shift = 0;
        loop {
            if self.unlatched() {
                return Some(Scheme::Ascii);
            }
            let first = self.next()?;
            for value in thirds(first, self.next()?)? {
                match std::mem::take(&mut shift) {
                    0 => match value {
                        0..=2 => shift = value + 1,
                        3 => self.push(b' '),
                        4..=13 => self.push(b'0' + value - 4),
                        _ if text => self.push(b'a' + value - 14),
                        _ => self.push(b'A' + value - 14),
                    },
                    1 if value < 32 => self.push(value),
                    2 => match value {
                        0..=26 => self.push(C40_SHIFT2[usize::from(value)]),
                        27 => self.message.bytes.push(0x1D),
                        30 => self.upper = true,
                        _ => return None,
                    },
                    3 if value < 32 => self.push(if text { TEXT_SHIFT3[usize::from(value)] } else { 96 + value }),
                    _ => return None,
                }
            }
        }
    }

    /// Whether a scheme of three characters in two codewords ends here: by its unlatch, or because only one codeword is
    /// left, which is then ASCII.
    fn unlatched(&mut self) -> bool {
        if self.codewords.get(self.at) == Some(&254) {
            self.at += 1;
            return true;
        }
        self.at + 1 >= self.codewords.len()
    }

    fn x12(&mut self) -> Option<Scheme> {
        loop {
            if self.unlatched() {
                return Some(Scheme::Ascii);
            }
            let first = self.next()?;
            for value in thirds(first, self.next()?)? {
                let character = match value {
                    0 => b'\r',
                    1 => b'*',
                    2 => b'>',
                    3 => b' ',
                    4..=13 => b'0' + value - 4,
                    _ => b'A' + value - 14,
                };
                self.push(character);
            }
        }
    }

    /// Four characters of six bits in three codewords.
    fn edifact(&mut self) -> Option<Scheme> {
        loop {
            // Two codewords or fewer at the end are ASCII.
            if self.at + 2 >= self.codewords.len() {
                return Some(Scheme::Ascii);
            }
            let [a, b, c] = [self.next()?, self.next()?, self.next()?];
            let sixes = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
            for (i, six) in sixes.into_iter().enumerate() {
                if six == 31 {
                    // The unlatch ends its codeword.
                    self.at -= [2, 1, 0, 0][i];
                    return Some(Scheme::Ascii);
                }
                self.push(if six & 32 == 0 { six | 64 } else { six });
            }
        }
    }

    fn base256(&mut self) -> Option<Scheme> {
        let first = self.scattered()?;
        let length = match first {
            0 => self.codewords.len().checked_sub(self.at)?,
            1..=249 => usize::from(first),
            _ => 250 * (usize::from(first) - 249) + usize::from(self.scattered()?),
        };
        if self.at + length > self.codewords.len() {
            return None;
        }
        for _ in 0..length {
            let byte = self.scattered()?;
            self.message.bytes.push(byte);
        }
        Some(Scheme::Ascii)
    }

    /// A codeword of Base 256 with the 255-state scatter taken away (annex B.2).
    fn scattered(&mut self) -> Option<u8> {
        let codeword = self.next()?;
        let scatter = u8::try_from((149 * self.at) % 255 + 1).ok()?;
        Some(codeword.wrapping_sub(scatter))
    }
}

/// Before an FNC1 in second position: one letter or two digits.
fn industry(bytes: &[u8]) -> bool {
    matches!(bytes, [letter] if letter.is_ascii_alphabetic())
        || matches!(bytes, [a, b] if a.is_ascii_digit() && b.is_ascii_digit())
}

fn thirds(high: u8, low: u8) -> Option<[u8; 3]> {
    let value = (u16::from(high) << 8 | u16::from(low)).checked_sub(1)?;
    let part = |value: u16| u8::try_from(value).ok().filter(|part| *part < 40);
    Some([part(value / 1600)?, part(value / 40 % 40)?, part(value % 40)?])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(codewords: &[u8]) -> Option<(String, Vec<u8>)> {
        decode(codewords).map(|message| (message.aim(), message.bytes))
    }

    #[test]
    fn schemes_of_the_standard_s_examples() {
        // ISO/IEC 16022, 5.2.3: digits in pairs; annex: "AIMAIM" in C40.
        assert_eq!(read(&[142, 164, 186]), Some(("]d1".into(), b"123456".to_vec())));
        assert_eq!(read(&[230, 91, 11, 91, 11, 254]), Some(("]d1".into(), b"AIMAIM".to_vec())));
        // FNC1, (10) A1, FNC1, (21) 5: GS1.
        assert_eq!(read(&[232, 140, 66, 50, 232, 151, 54]), Some(("]d2".into(), b"10A1\x1d215".to_vec())));
        // The upper half by 235; padding behind.
        assert_eq!(read(&[235, 105, 129]), Some(("]d1".into(), vec![104 + 128])));
        // Macro 05.
        assert_eq!(read(&[236, 66]), Some(("]d1".into(), b"[)>\x1e05\x1dA\x1e\x04".to_vec())));
        // ECI 3 and a letter.
        assert_eq!(read(&[241, 4, 66]), Some(("]d4".into(), b"A".to_vec())));
        // EDIFACT "DATA" (annex), then the unlatch.
        assert_eq!(read(&[240, 16, 21, 1, 124, 66, 129]), Some(("]d1".into(), b"DATAA".to_vec())));
        // Base 256 of one byte 0xAB at codewords 2 and 3.
        let scatter = |byte: u8, position: usize| byte.wrapping_add(u8::try_from((149 * position) % 255 + 1).unwrap());
        assert_eq!(read(&[231, scatter(1, 2), scatter(0xAB, 3)]), Some(("]d1".into(), vec![0xAB])));
    }

    #[test]
    fn padding_that_is_none_is_refused() {
        assert_eq!(read(&[66, 129, 70]).map(|read| read.1), Some(b"A".to_vec()));
        assert_eq!(read(&[66, 129, 71]), None);
        assert_eq!(read(&[129]), None);
    }

    proptest! {
        #[test]
        fn no_codewords_make_it_panic(codewords in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(&codewords);
        }
    }
}
