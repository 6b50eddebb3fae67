//! What the handheld's repairs ask of the GS1 reader, in one place.

use crate::gs1::element_string::{self, GS};

/// Whether the strict rules hold for a message.
pub(crate) fn parses(message: &[u8]) -> bool {
    !message.is_empty() && !element_string::parse(message).refused()
}

/// The elements of a message: identifier and length of the value.
pub(crate) fn lengths(message: &[u8]) -> Vec<(&str, usize)> {
    element_string::parse(message).elements.iter().map(|e| (e.ai(), e.value.len())).collect()
}

/// One separator between elements, none at the ends.
pub(crate) fn collapse(message: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = message.split(|b| *b == GS).filter(|part| !part.is_empty()).collect();
    parts.join(&GS)
}
