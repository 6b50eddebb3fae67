//! Symbols from Debian's `zint`, an encoder that is none of the readers measured here.

use std::process::Command;

use crate::dice::Dice;

/// What is asked of the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    DataMatrix,
    DataMatrixRectangular,
    Gs1128,
    QrCode,
    DataBar,
}

/// Modules, row by row, and what they say.
#[derive(Clone, Debug)]
pub struct Modules {
    pub width: usize,
    pub height: usize,
    pub dark: Vec<bool>,
    /// GS as U+001D, no leading FNC1.
    pub text: String,
}

impl Modules {
    pub fn is_dark(&self, x: i32, y: i32) -> bool {
        x >= 0
            && y >= 0
            && (x as usize) < self.width
            && (y as usize) < self.height
            && self.dark[y as usize * self.width + x as usize]
    }

    /// Left for right.
    pub fn mirrored(&self) -> Self {
        let mut other = self.clone();
        for row in other.dark.chunks_mut(self.width) {
            row.reverse();
        }
        other
    }
}

/// A random implant's element string as (AI, value).
pub fn elements(dice: &mut Dice, long: bool) -> Vec<(&'static str, String)> {
    let mut digits: Vec<u32> = vec![0, 9, 5, 0, 6, 0, 0];
    digits.extend((0..6).map(|_| dice.below(10) as u32));
    let sum: u32 = digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { 3 * d } else { *d }).sum();
    digits.push((10 - sum % 10) % 10);
    let gtin = digits.iter().map(|d| char::from(b'0' + *d as u8)).collect();
    let mut out = vec![("01", gtin)];
    if long {
        out.push(("17", format!("2{}{:02}{:02}", 7 + dice.below(3), 1 + dice.below(12), 1 + dice.below(28))));
        let lot: String =
            (0..4 + dice.below(5)).map(|_| b"ABCDEFGHJKLMNPRSTUVWXYZ23456789"[dice.below(31)] as char).collect();
        out.push(("10", lot));
        if dice.below(2) == 0 {
            out.push(("21", (0..3 + dice.below(6)).map(|_| char::from(b'0' + dice.below(10) as u8)).collect()));
        }
    }
    out
}

pub fn encode(kind: Kind, elements: &[(&str, String)]) -> Modules {
    let bracketed: String = elements.iter().map(|(ai, value)| format!("[{ai}]{value}")).collect();
    let (number, options): (&str, &[&str]) = match kind {
        Kind::DataMatrix => ("71", &["--square", "--gs1"]),
        Kind::DataMatrixRectangular => ("71", &["--gs1"]),
        Kind::Gs1128 => ("16", &[]),
        Kind::QrCode => ("58", &["--gs1", "--secure=2"]),
        Kind::DataBar => ("29", &[]),
    };
    let data = if kind == Kind::DataBar { elements[0].1[..13].to_owned() } else { bracketed };
    let mut command = Command::new("zint");
    command.args(["--dump", "-b", number, "-d", &data]).args(options);
    if kind == Kind::DataMatrixRectangular {
        command.arg(if data.len() > 30 { "--vers=30" } else { "--vers=28" });
    }
    let output = command.output().expect("zint, from Debian's package of that name");
    assert!(output.status.success(), "zint {data}: {}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Vec<bool>> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let digits = line.chars().filter_map(|c| c.to_digit(16));
            digits.flat_map(|digit| (0..4).rev().map(move |bit| digit >> bit & 1 == 1)).collect()
        })
        .collect();
    let width = match kind {
        Kind::QrCode => rows.len(),
        _ => rows.iter().filter_map(|row| row.iter().rposition(|dark| *dark)).max().unwrap_or(0) + 1,
    };
    let mut text = String::new();
    for (i, (ai, value)) in elements.iter().enumerate() {
        text += ai;
        text += value;
        if matches!(*ai, "10" | "21") && i + 1 < elements.len() {
            text.push('\u{1d}');
        }
    }
    let dark: Vec<bool> = rows
        .iter()
        .flat_map(|row| (0..width).map(|x| row.get(x).copied().unwrap_or(false)).collect::<Vec<_>>())
        .collect();
    let (dark, height) = match kind {
        Kind::Gs1128 => (dark.repeat(26), 26),
        Kind::DataBar => (dark.repeat(33), 33),
        _ => (dark, rows.len()),
    };
    Modules { width, height, dark, text }
}
