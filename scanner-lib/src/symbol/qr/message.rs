//! Data codewords to bytes (ISO/IEC 18004, 7.4): numbers, letters, bytes, kanji, with FNC1 and ECI.

/// What the codewords say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// GS (0x1D) for FNC1 within the data; kanji as Shift JIS.
    pub(super) bytes: Vec<u8>,
    /// The digit of the AIM identifier: 1 plain, 3 GS1 (FNC1 first), 5 FNC1 second; one more with ECI.
    kind: u8,
}

impl Message {
    /// The AIM symbology identifier (ISO/IEC 15424).
    pub(super) fn aim(&self) -> String {
        format!("]Q{}", self.kind)
    }
}

const LETTERS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Decodes the data codewords of a version; `None` where they break the rules, so that they cannot be what was printed.
pub(super) fn decode(words: &[u8], version: usize) -> Option<Message> {
    let mut bits = Bits { words, at: 0 };
    let mut message = Message { bytes: Vec::new(), kind: 1 };
    let mut eci = 0;
    // Widths of counts by version (table 3).
    let by = |small: usize, middle: usize, large: usize| match version {
        0..=9 => small,
        10..=26 => middle,
        _ => large,
    };
    while bits.left() >= 4 {
        match bits.take(4)? {
            0 => break,
            1 => numbers(&mut bits, by(10, 12, 14), &mut message.bytes)?,
            2 => {
                let gs1 = message.kind > 1;
                letters(&mut bits, by(9, 11, 13), gs1, &mut message.bytes)?;
            }
            4 => {
                for _ in 0..bits.take(by(8, 16, 16))? {
                    message.bytes.push(u8::try_from(bits.take(8)?).ok()?);
                }
            }
            8 => kanji(&mut bits, by(8, 10, 12), &mut message.bytes)?,
            7 => {
                // The length of an assignment is told by its first bits; what it names is for who reads the bytes.
                match bits.take(8)? {
                    0..=0x7F => 0,
                    0x80..=0xBF => bits.take(8)?,
                    0xC0..=0xDF => bits.take(16)?,
                    _ => return None,
                };
                eci = 1;
            }
            5 if message.bytes.is_empty() => message.kind = 3,
            9 if message.bytes.is_empty() => {
                bits.take(8)?;
                message.kind = 5;
            }
            3 => {
                bits.take(16)?;
            }
            _ => return None,
        }
    }
    message.kind += eci;
    (!message.bytes.is_empty()).then_some(message)
}

struct Bits<'a> {
    words: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        8 * self.words.len() - self.at
    }

    fn take(&mut self, count: usize) -> Option<u32> {
        if self.left() < count {
            return None;
        }
        let value = (self.at..self.at + count)
            .fold(0, |value, at| value << 1 | u32::from(self.words[at / 8] >> (7 - at % 8) & 1));
        self.at += count;
        Some(value)
    }
}

/// Three digits in ten bits (7.4.3).
fn numbers(bits: &mut Bits<'_>, width: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut left = bits.take(width)?;
    while left > 0 {
        let digits = left.min(3);
        let value = bits.take([4, 7, 10][digits as usize - 1])?;
        if value >= 10_u32.pow(digits) {
            return None;
        }
        out.extend((0..digits).rev().map(|place| b'0' + u8::try_from(value / 10_u32.pow(place) % 10).unwrap_or(0)));
        left -= digits;
    }
    Some(())
}

/// Two letters in eleven bits (7.4.4); with FNC1, `%` is a separator and `%%` the sign itself (7.4.8.2).
fn letters(bits: &mut Bits<'_>, width: usize, gs1: bool, out: &mut Vec<u8>) -> Option<()> {
    let count = bits.take(width)? as usize;
    let mut read = Vec::with_capacity(count);
    while read.len() < count {
        if count - read.len() > 1 {
            let pair = bits.take(11)? as usize;
            read.push(*LETTERS.get(pair / 45)?);
            read.push(LETTERS[pair % 45]);
        } else {
            read.push(*LETTERS.get(bits.take(6)? as usize)?);
        }
    }
    let mut rest = read.as_slice();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [b'%', after @ ..]) if gs1 => {
                out.push(b'%');
                rest = after;
            }
            (b'%', _) if gs1 => out.push(0x1D),
            _ => out.push(*first),
        }
    }
    Some(())
}

/// One character of Shift JIS in thirteen bits (7.4.6).
fn kanji(bits: &mut Bits<'_>, width: usize, out: &mut Vec<u8>) -> Option<()> {
    for _ in 0..bits.take(width)? {
        let value = bits.take(13)?;
        let packed = ((value / 0xC0) << 8) | (value % 0xC0);
        let code = packed + if packed < 0x1F00 { 0x8140 } else { 0xC140 };
        out.extend(u16::try_from(code).ok()?.to_be_bytes());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bits as a string, spaces between groups, to codewords.
    fn words(bits: &str) -> Vec<u8> {
        let mut digits: Vec<u8> = bits.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        digits.resize(digits.len().next_multiple_of(8), 0);
        digits.chunks(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
    }

    #[test]
    fn the_standards_examples_are_read() {
        // 7.4.3 and 7.4.4.
        let numbers = words("0001 0000001000 0000001100 0101011001 1000011 0000");
        assert_eq!(decode(&numbers, 1).unwrap().bytes, b"01234567");
        let letters = words("0010 000000101 00111001110 11100111001 000010 0000");
        assert_eq!(decode(&letters, 1).unwrap().bytes, b"AC-42");
        let kanji = words("1000 00000010 0110110011111 1101010101010 0000");
        assert_eq!(decode(&kanji, 1).unwrap().bytes, [0x93, 0x5F, 0xE4, 0xAA]);
    }

    #[test]
    fn fnc1_makes_it_gs1_and_percent_a_separator() {
        // FNC1, then "10A%21%%" as letters: 1|0, A|%, 2|1, %|%.
        let pair = |a: u32, b: u32| format!("{:011b}", 45 * a + b);
        let text = format!("0101 0010 000001000 {} {} {} {} 0000", pair(1, 0), pair(10, 38), pair(2, 1), pair(38, 38));
        let message = decode(&words(&text), 1).unwrap();
        assert_eq!((message.aim().as_str(), message.bytes.as_slice()), ("]Q3", b"10A\x1d21%".as_slice()));
        let eci = decode(&words("0111 00011010 0100 00000001 01000001 0000"), 1).unwrap();
        assert_eq!((eci.aim().as_str(), eci.bytes.as_slice()), ("]Q2", b"A".as_slice()));
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(words in prop::collection::vec(any::<u8>(), 0..60), version in 1_usize..=40) {
            let _ = decode(&words, version);
        }
    }
}
