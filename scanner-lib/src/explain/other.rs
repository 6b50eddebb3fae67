//! The other agencies' languages, and radio tags.

use super::{Answer, Understood};
use crate::{hibc, isbt128, ppn};

/// HIBC, PPN or ISBT 128; `None` where it is none of them.
pub(super) fn agency(message: &str, year: i32) -> Option<Understood> {
    let message = message.as_bytes();
    let read = hibc::parse(message, year)
        .or_else(|| ppn::parse(message, year))
        .or_else(|| isbt128::parse(message).filter(|read| !read.refused() || read.device.is_some()));
    read.map(Understood::device)
}

/// The memory of a radio tag in hexadecimal digits.
pub(super) fn tag(text: &str, year: i32) -> Answer {
    match bytes(text) {
        Some(bytes) => of_tag(&bytes, year),
        None => Answer::refusal("NOT_HEXADECIMAL", "an even number of hexadecimal digits is wanted"),
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let value = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks(2).map(|pair| Some(value(pair[0])? * 16 + value(pair[1])?)).collect()
}

#[cfg(feature = "rfid")]
fn of_tag(tag: &[u8], year: i32) -> Answer {
    match crate::gs1::epc::decode(tag) {
        Ok(tag) => {
            let mut answer = super::of_reading(tag.reading(year));
            answer.fields.scheme = Some(tag.scheme.to_owned());
            answer.fields.filter = tag.filter;
            answer.fields.uri = Some(tag.uri);
            answer
        }
        Err(why) => Answer::refusal("EPC", why.to_string()),
    }
}

#[cfg(not(feature = "rfid"))]
fn of_tag(_: &[u8], _: i32) -> Answer {
    Answer::refusal("EPC", "this program was built without radio tags: scan the barcode of the pack")
}
