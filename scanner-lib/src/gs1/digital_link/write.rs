//! Making a Digital Link URI of elements.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::gs1::check;
use crate::gs1::dictionary::NONE;
use crate::gs1::element_string::ElementRead;

/// The stem of a canonical URI (GS1 Digital Link Standard: URI Syntax, section 4.12).
pub const CANONICAL_STEM: &str = "https://id.gs1.org";

/// Why no URI can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No element is a key of Digital Link.
    #[error("none of the elements can be the key of a web address: a GTIN or another GS1 key is wanted")]
    NoKey,
    /// An element may stand neither in the path nor in the query.
    #[error("({0}) may not stand in a web address: leave it out")]
    NotAnAttribute(String),
}

/// Makes the URI of these elements: the first that is a key, then its qualifiers in their order, then the others in the
/// query, those of pre-defined length first. `stem` is [`CANONICAL_STEM`] unless another is given.
///
/// # Errors
/// [`LinkError`] where the elements have no key, or one of them may not stand in a URI.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::{digital_link, element_string};
///
/// let read = element_string::parse(b"010084450500077217310301\x1d10A/1");
/// let uri = digital_link::uri(&read.elements, Some("https://example.com"))?;
/// assert_eq!(uri, "https://example.com/01/00844505000772/10/A%2F1?17=310301");
/// # Ok::<(), digital_link::LinkError>(())
/// ```
pub fn uri(elements: &[ElementRead<'_>], stem: Option<&str>) -> Result<String, LinkError> {
    let key = elements.iter().find(|e| e.entry.key_qualifiers.is_some()).ok_or(LinkError::NoKey)?;
    let there = |ai: &&&str| elements.iter().any(|e| e.ai() == **ai);
    let left_out = |taken: &[&str]| {
        elements.iter().any(|e| !e.entry.link_attribute && e.ai() != key.ai() && !taken.contains(&e.ai()))
    };
    // Of the sequences of qualifiers, one that leaves nothing out which the query may not hold, then the longest.
    let mut sequence: Vec<&str> = Vec::new();
    for choice in key.entry.key_qualifiers.unwrap_or_default() {
        let taken: Vec<&str> = choice.iter().filter(there).copied().collect();
        if (!left_out(&taken), taken.len()) > (!left_out(&sequence), sequence.len()) {
            sequence = taken;
        }
    }
    let mut uri = stem.unwrap_or(CANONICAL_STEM).trim_end_matches('/').to_owned();
    for ai in core::iter::once(key.ai()).chain(sequence.iter().copied()) {
        let value = elements.iter().find(|e| e.ai() == ai).map(|e| e.value.as_ref()).unwrap_or_default();
        uri += "/";
        uri += ai;
        uri += "/";
        escape(&mut uri, value, false);
    }
    let mut mark = '?';
    for fixed in [true, false] {
        for (place, element) in elements.iter().enumerate() {
            let ai = element.ai();
            let told = ai == key.ai() || sequence.contains(&ai) || elements[..place].iter().any(|o| o.ai() == ai);
            if told || element.entry.predefined_length != fixed {
                continue;
            }
            if !element.entry.link_attribute || element.entry.index == NONE {
                return Err(LinkError::NotAnAttribute(ai.to_owned()));
            }
            uri.push(mark);
            mark = '&';
            uri += ai;
            uri += "=";
            escape(&mut uri, &element.value, true);
        }
    }
    Ok(uri)
}

fn escape(uri: &mut String, value: &[u8], query: bool) {
    for byte in value {
        match byte {
            b' ' if query => uri.push('+'),
            byte if check::belongs(*byte, check::UNRESERVED_CLASS) => uri.push(char::from(*byte)),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gs1::element_string::parse_bracketed;

    fn made(text: &str) -> Result<String, LinkError> {
        uri(&parse_bracketed(text).elements, Some("https://example.com/"))
    }

    #[test]
    fn keys_qualifiers_and_attributes_in_their_order() {
        for (text, wanted) in [
            ("(21)XYZ(01)12312312312333(10)ABC123(99)XYZ", "/01/12312312312333/10/ABC123/21/XYZ?99=XYZ"),
            ("(01)12312312312333(235)T(10)A+B", "/01/12312312312333/235/T?10=A%2BB"),
            (
                "(253)9526064000028000001(99)1(01)12312312312326(10)D",
                "/253/9526064000028000001?01=12312312312326&99=1&10=D",
            ),
            ("(01)12312312312326(99)X(99)X", "/01/12312312312326?99=X"),
        ] {
            assert_eq!(made(text).unwrap(), format!("https://example.com{wanted}"), "{text}");
        }
        assert_eq!(made("(99)XYZ789"), Err(LinkError::NoKey));
        let wanted = LinkError::NotAnAttribute("8200".to_owned());
        assert_eq!(made("(01)12312312312326(8200)http://example.com"), Err(wanted));
    }
}
