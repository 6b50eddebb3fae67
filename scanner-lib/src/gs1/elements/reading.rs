//! From the message of a symbol to its elements: the common forms at once, whatever else with care.

use super::super::code::Code;
use super::super::dictionary::{self, Entry, WORDS};
use super::super::element_string::GS;
use super::super::linters;
use super::super::written::Form;
use super::quick::quick_length;
use super::{Elements, MOST};

impl Elements<'_> {
    pub(super) fn scan(&mut self, unknown: bool) {
        let message = self.text;
        if message.is_empty() {
            self.object(Code::AiDataEmpty, 0, 0);
        }
        if self.too_long() {
            return;
        }
        let mut at = 0;
        let mut seen = [0_u64; WORDS];
        let mut doubtful = false;
        while at < message.len() {
            let next = self.quick(at).or_else(|| self.careful(at, unknown));
            let Some((entry, next)) = next else {
                // What cannot be read is left out up to the next separator.
                at = end_of_run(message, at) + 1;
                continue;
            };
            at = next;
            doubtful |= notice(entry, &mut seen);
        }
        if doubtful {
            self.associate(false);
        }
    }

    /// Reads a value of a common form that breaks no rule; `None` where it is another or something is wrong.
    #[inline]
    fn quick(&mut self, at: usize) -> Option<(&'static Entry, usize)> {
        let entry = dictionary::at_start(self.text.get(at..)?)?;
        let start = at + entry.ai.len();
        let length = quick_length(entry.shortcut, self.text.get(start..)?)?;
        let end = start + length;
        let next = match self.text.get(end) {
            Some(&GS) => end + 1,
            // Behind a text must be a separator.
            Some(_) if !entry.predefined_length => return None,
            _ => end,
        };
        self.push_as(entry, start, length, entry.ai.len(), Form::Scan).then_some((entry, next))
    }

    /// Reads any value, and says what is wrong with it.
    #[cold]
    fn careful(&mut self, at: usize, unknown: bool) -> Option<(&'static Entry, usize)> {
        if self.count() == MOST {
            return None;
        }
        let message = self.text;
        if self.objected == 0 {
            // No value may hold it, and a scanner that sends it for the separator explains whatever else is wrong.
            if let Some(at) = message.iter().position(|b| *b == b'^') {
                self.object(Code::ScanDataContainsIllegalCarat, at, at + 1);
            }
        }
        let run_end = end_of_run(message, at);
        let run = &message[at..run_end];
        let vivified = || {
            let ai = run.get(..dictionary::length_by_prefix(run)?)?;
            dictionary::unknown_with(ai).filter(|_| unknown).map(|entry| (entry, ai.len()))
        };
        let found = dictionary::at_start(run).map(|entry| (entry, entry.ai.len())).or_else(vivified);
        let Some((entry, identifier)) = found else {
            self.object(Code::NoAiForPrefix, at, run_end.min(at + 4));
            return None;
        };
        let start = at + identifier;
        let length = self.weigh(entry, &message[start..run_end], |at| start + at)?;
        let end = start + length;
        self.push_as(entry, start, length, identifier, Form::Scan);
        if end == run_end {
            return Some((entry, run_end + 1));
        }
        if entry.predefined_length {
            return Some((entry, end));
        }
        self.object(Code::AiDataIsTooLong, start, run_end);
        Some((entry, run_end + 1))
    }

    /// How many bytes of `run` are the value. Says the first thing that is wrong with it, component by component; `None`
    /// where it is too short to be read. `place` tells where in the text a byte of it is.
    pub(in super::super) fn weigh(
        &mut self,
        entry: &Entry,
        run: &[u8],
        place: impl Fn(usize) -> usize,
    ) -> Option<usize> {
        if quick_length(entry.shortcut, run) == Some(run.len()) {
            return Some(run.len());
        }
        if run.is_empty() {
            self.object(Code::AiDataIsEmpty, place(0), place(0));
            return None;
        }
        let mut at = 0;
        let mut well = true;
        for part in entry.components {
            let left = run.len() - at;
            if left == 0 && part.optional {
                break;
            }
            if left < usize::from(part.min) {
                if well {
                    self.object(Code::AiDataHasIncorrectLength, place(0), place(run.len()));
                }
                return None;
            }
            let data = &run[at..at + left.min(usize::from(part.max))];
            if well {
                let first = core::iter::once(linters::charset(part.set, data))
                    .chain(part.linters.iter().map(|linter| linters::lint(*linter, data)))
                    .find_map(Result::err);
                if let Some(objection) = first {
                    let (start, end) = objection.moved(at).span();
                    self.object(objection.code, place(start), place(end));
                    well = false;
                }
            }
            at += data.len();
        }
        Some(at)
    }
}

/// Notes that an element is there; answers whether what stands together must be judged.
#[inline]
pub(in super::super) fn notice(entry: &Entry, seen: &mut [u64; WORDS]) -> bool {
    let Some(word) = seen.get_mut(usize::from(entry.index / 64)) else { return true };
    let bit = 1 << (entry.index % 64);
    let repeated = *word & bit != 0;
    *word |= bit;
    let beside = |(word, bits): &(u8, u64)| seen.get(usize::from(*word)).is_some_and(|seen| seen & bits != 0);
    repeated || entry.excluded.iter().any(beside)
}

fn end_of_run(message: &[u8], at: usize) -> usize {
    message[at..].iter().position(|b| *b == GS).map_or(message.len(), |n| at + n)
}
