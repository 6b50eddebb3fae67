//! Words and numbers in a figure.

use std::fmt::Write as _;

/// Where a label stands relative to its point.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    #[default]
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// A piece of text.
#[derive(Clone, Copy, Default)]
pub(super) struct Label<'a> {
    pub x: f64,
    pub y: f64,
    pub text: &'a str,
    /// Empty for that of the figure.
    pub fill: &'a str,
    /// 0 for that of the figure.
    pub size: u32,
    /// 0 for normal.
    pub weight: u32,
    pub anchor: Anchor,
}

impl Label<'_> {
    pub fn draw(&self, svg: &mut String) {
        if self.text.is_empty() {
            return;
        }
        let _ = write!(svg, "<text x=\"{}\" y=\"{}\"", tenth(self.x), tenth(self.y));
        if !self.fill.is_empty() {
            let _ = write!(svg, " fill=\"{}\"", self.fill);
        }
        if self.size > 0 {
            let _ = write!(svg, " font-size=\"{}\"", self.size);
        }
        if self.weight > 0 {
            let _ = write!(svg, " font-weight=\"{}\"", self.weight);
        }
        match self.anchor {
            Anchor::Start => {}
            Anchor::Middle => svg.push_str(" text-anchor=\"middle\""),
            Anchor::End => svg.push_str(" text-anchor=\"end\""),
        }
        let _ = write!(svg, ">{}</text>", escaped(self.text));
    }
}

/// A coordinate to a tenth of a pixel, without a needless `.0`. By whole numbers, for a figure has thousands of them.
pub(super) fn tenth(x: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a coordinate of a figure, or an end of the range")]
    let tenths = (10.0 * x).round_ties_even() as i64;
    let (whole, part) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    let sign = if tenths < 0 { "-" } else { "" };
    if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// A tick: 2 and 0.5 rather than 2.0 and 0.50.
pub(super) fn plain(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A count with its thousands apart.
pub(super) fn counted(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Text that is safe between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// About how wide a text is in a sans serif face, to set the next thing beside it.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let narrow = |c: char| "iIjltf.,:;'|! ()[]1".contains(c);
    let wide = |c: char| "mwMW%@—".contains(c);
    let units = |c| {
        if narrow(c) {
            0.31
        } else if wide(c) {
            0.88
        } else if c.is_uppercase() {
            0.69
        } else {
            0.56
        }
    };
    text.chars().map(units).sum::<f64>() * size
}
