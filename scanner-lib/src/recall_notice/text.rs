//! A notice's text as words and marks, each with its place.

use std::collections::HashSet;

use super::vernacular;

/// What stands before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing: it touches the token before.
    None,
    /// One blank.
    Space,
    /// Several blanks, as between the cells of a table.
    Wide,
    /// A tabulator.
    Tab,
    /// A new line.
    Line,
}

/// A word, or a single mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Mark(char),
}

/// One word or mark with its place in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub gap: Gap,
}

/// The text with its tokens.
pub(super) struct Text<'t> {
    pub whole: &'t str,
    pub tokens: Vec<Token>,
    /// The words in lower case and in English, empty for marks.
    pub lower: Vec<String>,
    words: HashSet<&'t str>,
    /// Whether another language than English is spoken.
    pub foreign: bool,
}

impl<'t> Text<'t> {
    pub fn new(whole: &'t str) -> Self {
        let tokens = split(whole);
        let mut said: Vec<String> = tokens.iter().map(|t| whole[t.start..t.end].to_lowercase()).collect();
        let before = said.clone();
        let foreign = vernacular::in_english(&mut said);
        let lower = tokens
            .iter()
            .zip(said.into_iter().zip(before))
            .map(|(t, (now, before))| if t.kind == Kind::Word || now != before { now } else { String::new() })
            .collect();
        let words = tokens.iter().filter(|t| t.kind == Kind::Word).map(|t| &whole[t.start..t.end]).collect();
        Self { whole, tokens, lower, words, foreign }
    }

    /// Whether a text stands somewhere as a word of its own.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The words of one token as written.
    pub fn word(&self, i: usize) -> &'t str {
        self.tokens.get(i).map_or("", |t| &self.whole[t.start..t.end])
    }

    /// The word in lower case; empty for a mark and past the end.
    pub fn lower(&self, i: usize) -> &str {
        self.lower.get(i).map_or("", String::as_str)
    }

    pub fn is_word(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|t| t.kind == Kind::Word)
    }

    pub fn mark(&self, i: usize) -> Option<char> {
        match self.tokens.get(i)?.kind {
            Kind::Mark(c) => Some(c),
            Kind::Word => None,
        }
    }

    pub fn gap(&self, i: usize) -> Gap {
        self.tokens.get(i).map_or(Gap::Line, |t| t.gap)
    }

    /// Tabulators between the beginning of its line and a token.
    pub fn tabs_before(&self, i: usize) -> usize {
        let Some(token) = self.tokens.get(i) else { return 0 };
        let blanks =
            self.whole[..token.start].chars().rev().take_while(|c| c.is_whitespace() && *c != '\n' && *c != '\r');
        blanks.filter(|c| *c == '\t').count()
    }

    /// Whether the token touches the one before it.
    pub fn touches(&self, i: usize) -> bool {
        i > 0 && self.gap(i) == Gap::None
    }

    /// The text from one token up to, but without, another.
    pub fn slice(&self, from: usize, to: usize) -> &'t str {
        if from >= to || from >= self.len() {
            return "";
        }
        &self.whole[self.tokens[from].start..self.tokens[to.min(self.len()) - 1].end]
    }

    /// The place of the tokens from one up to, but without, another.
    pub fn span(&self, from: usize, to: usize) -> (usize, usize) {
        if from >= self.len() || to <= from {
            let end = self.whole.len();
            return (end, end);
        }
        (self.tokens[from].start, self.tokens[to.min(self.len()) - 1].end)
    }

    /// The tokens that lie wholly in a place.
    pub fn within(&self, (start, end): (usize, usize)) -> std::ops::Range<usize> {
        let from = self.tokens.partition_point(|t| t.start < start);
        let to = self.tokens.partition_point(|t| t.start < end);
        from..to.max(from)
    }
}

/// The dashes that join two ends of a range, or a label and its value.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2012}'..='\u{2015}' | '\u{2212}')
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '-' | '.' | '+' | '_' | '*' | '%' | '@' | '~' | '$' | '\u{AD}' | '\u{2011}' | '\u{1D}')
}

/// Written stand-ins for the separator FNC1 / GS, which belong to the code in which they stand.
const SEPARATORS: [&str; 5] = ["<GS>", "{GS}", "<FNC1>", "{FNC1}", "\u{241D}"];

pub(super) fn separator_at(text: &str) -> Option<usize> {
    SEPARATORS.iter().find(|s| text.starts_with(**s)).map(|s| s.len())
}

fn split(whole: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut gap = Gap::Line;
    let mut at = 0;
    while let Some(c) = whole[at..].chars().next() {
        if c != '\u{1D}' && (c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200D}')) {
            let here = match c {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => Gap::Line,
                '\t' => Gap::Tab,
                _ if gap == Gap::None => Gap::Space,
                _ => Gap::Wide,
            };
            gap = gap.max(here);
            at += c.len_utf8();
            continue;
        }
        let mut end = at;
        while let Some(c) = whole[end..].chars().next() {
            if let Some(length) = separator_at(&whole[end..]).filter(|_| end > at) {
                end += length;
            } else if in_word(c) {
                end += c.len_utf8();
            } else {
                break;
            }
        }
        if end == at {
            end = at + c.len_utf8();
            tokens.push(Token { start: at, end, kind: Kind::Mark(c), gap });
        } else {
            word(whole, at, end, gap, &mut tokens);
        }
        gap = Gap::None;
        at = end;
    }
    tokens
}

/// Cuts a run of word characters: marks at its ends stand alone, and so does an abbreviation that a point ties to a
/// number (`No.123`, `Exp.05/2024`).
fn word(whole: &str, mut start: usize, mut end: usize, mut gap: Gap, tokens: &mut Vec<Token>) {
    let run = &whole[start..end];
    if let Some((abbreviation, rest)) = run.split_once('.')
        && ["no", "nos", "exp", "ref", "cat", "art", "lot", "nr"].contains(&abbreviation.to_lowercase().as_str())
        && rest.starts_with(|c: char| c.is_alphanumeric())
    {
        let cut = start + abbreviation.len();
        tokens.push(Token { start, end: cut, kind: Kind::Word, gap });
        tokens.push(Token { start: cut, end: cut + 1, kind: Kind::Mark('.'), gap: Gap::None });
        word(whole, cut + 1, end, Gap::None, tokens);
        return;
    }
    while let Some(c) =
        whole[start..end].chars().next().filter(|c| matches!(c, '-' | '.' | '*' | '_' | '~' | '@' | '%'))
    {
        tokens.push(Token { start, end: start + c.len_utf8(), kind: Kind::Mark(c), gap });
        gap = Gap::None;
        start += c.len_utf8();
    }
    let mut tail = Vec::new();
    // `8840-*` is a family of numbers, `8840*` a number with a footnote.
    let family = whole[start..end].ends_with("-*");
    while let Some(c) =
        whole[start..end].chars().next_back().filter(|c| !family && matches!(c, '-' | '.' | '*' | '_' | '~' | '@'))
    {
        end -= c.len_utf8();
        tail.push(Token { start: end, end: end + c.len_utf8(), kind: Kind::Mark(c), gap: Gap::None });
    }
    if start < end {
        tokens.push(Token { start, end, kind: Kind::Word, gap });
    } else if let Some(last) = tail.last_mut() {
        last.gap = gap;
    }
    tokens.extend(tail.into_iter().rev());
}
