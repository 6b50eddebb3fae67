//! The common form of a Digital Link, read in one pass: a key right behind the domain, its qualifiers, and attributes in
//! the query, each value of a common form, written as it is, and breaking no rule.

use super::super::check;
use super::super::dictionary::{self, Entry, Shortcut, WORDS};
use super::super::elements::{Elements, notice, quick_length};
use super::super::written::Form;
use super::scheme;

/// What a text may hold that is written as it is in a URI: characters of set 82 that need no escape.
const AS_IT_IS: u8 = check::UNRESERVED_CLASS | check::CSET_82_CLASS;

impl Elements<'_> {
    /// Whether the whole URI was read and breaks no rule. If not, something may have been read, and all is to be read
    /// again with care.
    #[inline]
    pub(super) fn quick_link(&mut self) -> bool {
        self.in_one_pass().is_some()
    }

    #[inline]
    fn in_one_pass(&mut self) -> Option<()> {
        let uri = self.text();
        let domain = scheme(uri)?;
        let mut at = domain + check::leading(&uri[domain..], check::HOST_CLASS);
        let mut seen = [0_u64; WORDS];
        let mut key: Option<&'static Entry> = None;
        if at == domain {
            return None;
        }
        while uri.get(at) == Some(&b'/') {
            let (entry, next) = self.quick_pair(at + 1, b'/')?;
            // The first is the key. A key behind it would be the one, and this part of what stands before it.
            if key.is_none() != entry.key_qualifiers.is_some() || notice(entry, &mut seen) {
                return None;
            }
            key = key.or(Some(entry));
            at = next;
        }
        let sequences = key?.qualifiers;
        let in_path = self.count();
        let follows = |read: &Self, sequence: &&[u16]| {
            let mut left = sequence.iter();
            read.indexes().take(in_path).skip(1).all(|index| left.any(|qualifier| *qualifier == index))
        };
        if in_path > 1 && !sequences.iter().any(|sequence| follows(self, sequence)) {
            return None;
        }
        let mut before = b'?';
        while at < uri.len() {
            if uri[at] != before {
                return None;
            }
            let (entry, next) = self.quick_pair(at + 1, b'=')?;
            let in_place = |sequence: &&[u16]| sequence.contains(&entry.index) && follows(self, sequence);
            if !entry.link_attribute || notice(entry, &mut seen) || sequences.iter().any(in_place) {
                return None;
            }
            (at, before) = (next, b'&');
        }
        Some(())
    }

    /// One identifier and its value, `between` them; where the value ends.
    #[inline]
    fn quick_pair(&mut self, at: usize, between: u8) -> Option<(&'static Entry, usize)> {
        let uri = self.text();
        let entry = dictionary::at_start(uri.get(at..)?)?;
        let identifier = entry.ai.len();
        let start = at + identifier + 1;
        let rest = uri.get(start..)?;
        if uri[start - 1] != between {
            return None;
        }
        let length = match entry.shortcut {
            Shortcut::Text(most) => {
                let length = check::leading_all(rest, AS_IT_IS);
                (1..=usize::from(most)).contains(&length).then_some(length)?
            }
            other => quick_length(other, rest)?,
        };
        self.push_as(entry, start, length, identifier, Form::Plain).then_some((entry, start + length))
    }
}
