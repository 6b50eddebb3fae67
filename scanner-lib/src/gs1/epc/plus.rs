//! The `+` and `++` schemes of Tag Data Standard 2: the elements as they are, without the length of the company prefix.
//!
//! `++` schemes carry a host name behind the serial, which is not used.

use super::{Bits, EpcError, Tag, escaped};

/// How one element is written.
enum Part {
    /// Four bits a digit (section 14.5.4): identifier and digits.
    Digits(&'static str, usize),
    /// Up to so many characters (section 14.5.6).
    Text(&'static str, usize),
    /// Digits with text behind them, one element.
    Both(&'static str, usize, usize),
    /// A date with its kind (section 14.5.3).
    Date,
}

/// One scheme.
#[derive(Clone, Copy)]
pub(super) struct Scheme {
    name: &'static str,
    parts: &'static [Part],
}

/// The scheme with this header (Tag Data Standard, table 14-1).
pub(super) fn scheme(header: u8) -> Option<Scheme> {
    use Part::{Both, Date, Digits, Text};

    const ITEM: &[Part] = &[Digits("01", 14), Text("21", 20)];
    const DATED_ITEM: &[Part] = &[Date, Digits("01", 14), Text("21", 20)];
    const UNIT: &[Part] = &[Digits("00", 18)];
    const PLACE: &[Part] = &[Digits("414", 13), Text("254", 20)];
    const ASSET: &[Part] = &[Both("8003", 14, 16)];
    const PATIENT: &[Part] = &[Digits("8018", 18)];
    const STAFF: &[Part] = &[Digits("8017", 18)];
    let (name, parts) = match header {
        0xF7 => ("SGTIN+", ITEM),
        0xFD => ("SGTIN++", ITEM),
        0xFB => ("DSGTIN+", DATED_ITEM),
        0xFC => ("DSGTIN++", DATED_ITEM),
        0xF9 => ("SSCC+", UNIT),
        0xEF => ("SSCC++", UNIT),
        0xF2 => ("SGLN+", PLACE),
        0xE9 => ("SGLN++", PLACE),
        0xF1 => ("GRAI+", ASSET),
        0xEB => ("GRAI++", ASSET),
        0xF4 => ("GSRN+", PATIENT),
        0xE7 => ("GSRN++", PATIENT),
        0xF5 => ("GSRNP+", STAFF),
        0xE8 => ("GSRNP++", STAFF),
        _ => return None,
    };
    Some(Scheme { name, parts })
}

/// Decodes a tag of a `+` scheme.
pub(super) fn decode(scheme: Scheme, bytes: &[u8]) -> Result<Tag, EpcError> {
    let mut bits = Bits { bytes, at: 8 };
    let more_data = bits.small(1)? == 1;
    let filter = bits.small(3)?;
    let mut tag = Tag::new(scheme.name, Some(filter), String::new());
    tag.more_data = more_data;
    let mut dated = None;
    for part in scheme.parts {
        tag = match part {
            Part::Digits(ai, count) => {
                let digits = digits(&mut bits, *count)?;
                tag.with(ai, digits)
            }
            Part::Text(ai, most) => {
                let text = text(&mut bits, *most)?;
                tag.with(ai, text)
            }
            Part::Both(ai, count, most) => {
                let value = digits(&mut bits, *count)? + &text(&mut bits, *most)?;
                tag.with(ai, value)
            }
            Part::Date => {
                dated = Some(date(&mut bits)?);
                tag
            }
        };
    }
    let path: Vec<String> = tag.elements.iter().map(|e| format!("{}/{}", e.tag, escaped(&e.value))).collect();
    tag.uri = format!("https://id.gs1.org/{}", path.join("/"));
    if let Some((ai, day)) = dated {
        tag.uri.extend(["?", ai, "=", &day]);
        tag = tag.with(ai, day);
    }
    Ok(tag)
}

fn digits(bits: &mut Bits<'_>, count: usize) -> Result<String, EpcError> {
    (0..count)
        .map(|_| bits.small(4).ok().filter(|digit| *digit <= 9).map(|digit| char::from(b'0' + digit)))
        .collect::<Option<String>>()
        .ok_or(EpcError::Nonsense)
}

/// A date with its kind: which element, and YYMMDD.
fn date(bits: &mut Bits<'_>) -> Result<(&'static str, String), EpcError> {
    let kind = usize::from(bits.small(4)?);
    let ai = ["11", "13", "15", "16", "17", "7006", "7007"].get(kind).ok_or(EpcError::Nonsense)?;
    let (year, month, day) = (bits.small(7)?, bits.small(4)?, bits.small(5)?);
    if year > 99 || !(1..=12).contains(&month) {
        return Err(EpcError::Nonsense);
    }
    Ok((ai, format!("{year:02}{month:02}{day:02}")))
}

const BASE_64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CODE_40: &[u8; 40] = b"\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789";

/// "Variable-length alphanumeric" (section 14.5.6): how it is written, its length, its characters.
fn text(bits: &mut Bits<'_>, most: usize) -> Result<String, EpcError> {
    let kind = bits.small(3)?;
    let length_bits = usize::try_from(usize::BITS - most.leading_zeros()).unwrap_or(0);
    let length = usize::from(bits.small(length_bits)?);
    if length == 0 || length > most {
        return Err(EpcError::Nonsense);
    }
    let each = |bits: &mut Bits<'_>, width: usize, of: &dyn Fn(usize) -> Option<char>| {
        let characters = (0..length).map(|_| of(usize::from(bits.small(width)?)).ok_or(EpcError::Nonsense));
        characters.collect::<Result<String, EpcError>>()
    };
    let pick = |table: &'static [u8]| move |at: usize| table.get(at).map(|byte| char::from(*byte));
    let text = match kind {
        0 => number(bits, length)?,
        1 => each(bits, 4, &pick(b"0123456789ABCDEF"))?,
        2 => each(bits, 4, &pick(b"0123456789abcdef"))?,
        3 => each(bits, 6, &pick(BASE_64))?,
        4 => each(bits, 7, &|code| u8::try_from(code).ok().map(char::from))?,
        5 => code_40(bits, length)?,
        _ => return Err(EpcError::Nonsense),
    };
    text.bytes().all(crate::gs1::check::in_cset_82).then_some(text).ok_or(EpcError::Nonsense)
}

/// A number in as few bits as its digits need (section 14.5.6.1).
fn number(bits: &mut Bits<'_>, length: usize) -> Result<String, EpcError> {
    let largest = 10_u128.pow(u32::try_from(length).unwrap_or(0)) - 1;
    let width = usize::try_from(u128::BITS - largest.leading_zeros()).unwrap_or(0);
    let high = u128::from(bits.take(width.saturating_sub(64))?);
    let value = high << width.min(64) | u128::from(bits.take(width.min(64))?);
    if value > largest {
        return Err(EpcError::Nonsense);
    }
    Ok(format!("{value:0length$}"))
}

/// Three characters in sixteen bits (section 14.5.6.5).
fn code_40(bits: &mut Bits<'_>, length: usize) -> Result<String, EpcError> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let value = usize::try_from(bits.take(16)?).unwrap_or(0).checked_sub(1).ok_or(EpcError::Nonsense)?;
        for at in [value / 1600, value / 40 % 40, value % 40] {
            match CODE_40.get(at) {
                Some(0) if text.len() == length => {}
                Some(byte) if *byte != 0 && text.len() < length => text.push(char::from(*byte)),
                _ => return Err(EpcError::Nonsense),
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes bits, most significant first.
    fn write(parts: &[(u128, usize)]) -> Vec<u8> {
        let bits: Vec<u8> = parts
            .iter()
            .flat_map(|(value, width)| (0..*width).rev().map(move |at| u8::from(value >> at & 1 == 1)))
            .collect();
        bits.chunks(8).map(|chunk| chunk.iter().enumerate().fold(0, |byte, (at, bit)| byte | bit << (7 - at))).collect()
    }

    fn serial(parts: &[(u128, usize)]) -> Result<String, EpcError> {
        text(&mut Bits { bytes: &write(parts), at: 0 }, 20)
    }

    #[test]
    fn every_way_of_writing_a_serial() {
        assert_eq!(serial(&[(0, 3), (4, 5), (42, 14)]).unwrap(), "0042");
        assert_eq!(serial(&[(0, 3), (20, 5), (12_345_678_901_234_567_890, 67)]).unwrap(), "12345678901234567890");
        assert_eq!(serial(&[(1, 3), (3, 5), (0xA0F, 12)]).unwrap(), "A0F");
        assert_eq!(serial(&[(2, 3), (3, 5), (0xa0f, 12)]).unwrap(), "a0f");
        assert_eq!(serial(&[(3, 3), (2, 5), (0, 6), (63, 6)]).unwrap(), "A_");
        assert_eq!(serial(&[(4, 3), (2, 5), (0x61, 7), (0x2F, 7)]).unwrap(), "a/");
        // A, B, C and D with padding: 1600 * 1 + 40 * 2 + 3 + 1, 1600 * 4 + 1.
        assert_eq!(serial(&[(5, 3), (4, 5), (1684, 16), (6401, 16)]).unwrap(), "ABCD");
    }

    #[test]
    fn what_cannot_be_a_serial_is_refused() {
        for parts in [
            &[(0_u128, 3_usize), (0, 5)][..],
            &[(0, 3), (21, 5), (0, 64)],
            &[(6, 3), (1, 5), (0, 8)],
            &[(4, 3), (1, 5), (0x20, 7)],
            &[(0, 3), (1, 5), (15, 4)],
            &[(5, 3), (1, 5), (0, 16)],
            &[(3, 3), (9, 5), (0, 6)],
        ] {
            assert!(serial(parts).is_err(), "{parts:?}");
        }
    }
}
