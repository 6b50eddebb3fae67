//! Frames that show no symbol: print, tables, textures, noise, and things that look like symbols and say nothing.
//!
//! Every answer to one of them is a misread. They are painted faster than the scenes of `scene`, because it takes a
//! hundred thousand of them to say that something hardly ever happens.

use std::collections::HashMap;

use ab_glyph::{Font, FontVec, Glyph, PxScale, ScaleFont as _};

use crate::dice::{Dice, Grain};
use crate::readers::Luma;

/// Sizes of frames, from a phone's preview to full HD: half of a camera's, half small, where more of them fit into an hour.
const SIZES: [(usize, usize); 10] = [
    (160, 120),
    (320, 240),
    (480, 360),
    (640, 480),
    (800, 600),
    (960, 540),
    (960, 540),
    (1280, 720),
    (1280, 720),
    (1920, 1080),
];

/// What a frame shows. The last three are the nearest to a symbol that says nothing.
const KINDS: [&str; 9] = [
    "print",
    "small print",
    "table",
    "noise",
    "shapes",
    "stripes",
    "random bars",
    "random dots",
    "random dots with an L",
];

/// Paints frames without symbols.
pub struct Printer {
    fonts: Vec<FontVec>,
    /// By font, half pixels of size, and letter: outlines cost more than all else.
    letters: HashMap<(usize, u8, u8), Letter>,
    grain: Grain,
}

/// A letter as it is drawn, and how far the next one is.
#[derive(Clone, Debug, Default)]
struct Letter {
    advance: f32,
    /// Its pixels, from its place on the line, and how much ink covers each.
    pixels: Vec<(i16, i16, f32)>,
}

impl Printer {
    pub fn new() -> Self {
        let fonts = ["DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSerif-Bold"].map(|name| {
            let path = format!("/usr/share/fonts/truetype/dejavu/{name}.ttf");
            let bytes = std::fs::read(path).expect("DejaVu, from Debian's package fonts-dejavu-core");
            FontVec::try_from_vec(bytes).expect("a font")
        });
        Self { fonts: fonts.into(), letters: HashMap::new(), grain: Grain::new() }
    }

    /// One frame, and what kind of nothing it shows.
    pub fn frame(&mut self, dice: &mut Dice) -> (Luma, &'static str) {
        let (width, height) = SIZES[dice.below(SIZES.len())];
        let kind = KINDS[dice.below(KINDS.len())];
        let paper = dice.between(90.0, 250.0);
        let ink = dice.between(5.0, 0.8 * paper);
        let (paper, ink) = if dice.below(5) == 0 { (ink, paper) } else { (paper, ink) };
        // Drawn upright and a little larger, then turned.
        let mut sheet = Sheet::new(width, height);
        match kind {
            "print" => self.lines(&mut sheet, (8.0, 60.0), dice),
            "small print" => self.lines(&mut sheet, (5.0, 12.0), dice),
            "table" => {
                sheet.rules(dice);
                self.lines(&mut sheet, (8.0, 24.0), dice);
            }
            "noise" => {}
            "shapes" => sheet.shapes(dice),
            "stripes" => sheet.stripes(dice),
            "random bars" => {
                sheet.bars(dice);
                self.lines(&mut sheet, (8.0, 30.0), dice);
            }
            _ => {
                for _ in 0..1 + dice.below(3) {
                    sheet.dots(kind.ends_with('L'), dice);
                }
                self.lines(&mut sheet, (8.0, 30.0), dice);
            }
        }
        let turn = if dice.below(2) == 0 { dice.between(-0.15, 0.15) } else { dice.between(-1.6, 1.6) };
        let noise = if kind == "noise" { dice.between(2.0, 70.0) } else { dice.between(0.0, 12.0) };
        let mut grey = sheet.turned(turn, dice.between(0.7, 1.3), width, height);
        for _ in 0..dice.below(3) {
            soften(&mut grey, width);
        }
        let slope = [dice.between(-0.25, 0.25) / width as f32, dice.between(-0.25, 0.25) / height as f32];
        let mut pixels = Vec::with_capacity(width * height);
        for (y, row) in grey.chunks_exact(width).enumerate() {
            let grain = self.grain.row(width, dice);
            pixels.extend(row.iter().zip(grain).enumerate().map(|(x, (cover, grain))| {
                let light = 1.0 + x as f32 * slope[0] + y as f32 * slope[1];
                ((paper + (ink - paper) * cover) * light + noise * grain).clamp(0.0, 255.0) as u8
            }));
        }
        (Luma { pixels, width, height }, kind)
    }

    fn lines(&mut self, sheet: &mut Sheet, (small, large): (f32, f32), dice: &mut Dice) {
        let mut y = dice.between(0.0, 30.0);
        while y < sheet.height as f32 {
            let halves = (2.0 * dice.between(small, large)) as u8;
            let size = f32::from(halves) / 2.0;
            let font = dice.below(self.fonts.len());
            let mut x = dice.between(0.0, 0.4) * sheet.width as f32;
            let letters = 4 + dice.below(60);
            let base = y + self.fonts[font].as_scaled(PxScale::from(size)).ascent();
            for _ in 0..letters {
                let letter = b"ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuvwxyz 0123456789()-/|lIHE#"[dice.below(69)];
                let letter = self.letter(font, halves, letter);
                if x + letter.advance > sheet.width as f32 {
                    break;
                }
                for (dx, dy, cover) in &letter.pixels {
                    sheet.ink(x as i32 + i32::from(*dx), base as i32 + i32::from(*dy), *cover);
                }
                x += letter.advance;
            }
            y += size * dice.between(1.0, 2.5);
        }
    }

    fn letter(&mut self, font: usize, halves: u8, letter: u8) -> &Letter {
        self.letters.entry((font, halves, letter)).or_insert_with(|| {
            let font = self.fonts[font].as_scaled(PxScale::from(f32::from(halves) / 2.0));
            let glyph: Glyph = font.scaled_glyph(char::from(letter));
            let mut out = Letter { advance: font.h_advance(glyph.id), pixels: Vec::new() };
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|x, y, cover| {
                    out.pixels.push((bounds.min.x as i16 + x as i16, bounds.min.y as i16 + y as i16, cover));
                });
            }
            out
        })
    }
}

/// An upright sheet: how much ink covers each pixel.
struct Sheet {
    cover: Vec<f32>,
    width: usize,
    height: usize,
}

impl Sheet {
    fn new(width: usize, height: usize) -> Self {
        Self { cover: vec![0.0; width * height], width, height }
    }

    fn ink(&mut self, x: i32, y: i32, cover: f32) {
        if x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height {
            let at = &mut self.cover[y as usize * self.width + x as usize];
            *at = at.max(cover);
        }
    }

    fn fill(&mut self, left: f32, top: f32, width: f32, height: f32, cover: f32) {
        for y in top.max(0.0) as usize..((top + height).max(0.0) as usize).min(self.height) {
            for x in left.max(0.0) as usize..((left + width).max(0.0) as usize).min(self.width) {
                self.cover[y * self.width + x] = cover;
            }
        }
    }

    fn place(&self, dice: &mut Dice) -> (f32, f32) {
        (dice.between(-0.05, 0.8) * self.width as f32, dice.between(-0.05, 0.8) * self.height as f32)
    }

    fn rules(&mut self, dice: &mut Dice) {
        let (pitch, thick) = (dice.between(12.0, 60.0), dice.between(1.0, 4.0));
        let (w, h) = (self.width as f32, self.height as f32);
        for i in 0..(h / pitch) as usize {
            self.fill(0.05 * w, i as f32 * pitch, 0.9 * w, thick, 1.0);
        }
        let columns = dice.between(20.0, 120.0);
        for i in 0..(w / columns) as usize {
            self.fill(i as f32 * columns, 0.0, thick, h, 1.0);
        }
    }

    fn shapes(&mut self, dice: &mut Dice) {
        for _ in 0..5 + dice.below(60) {
            let (x, y) = self.place(dice);
            let (w, h) = (dice.between(4.0, 0.3 * self.width as f32), dice.between(4.0, 0.3 * self.height as f32));
            let cover = dice.part();
            if dice.below(2) == 0 {
                self.fill(x, y, w, h, cover);
            } else {
                for j in 0..h as usize {
                    let half = 0.5 * w * (1.0 - (2.0 * j as f32 / h - 1.0).powi(2)).max(0.0).sqrt();
                    self.fill(x + w / 2.0 - half, y + j as f32, 2.0 * half, 1.0, cover);
                }
            }
        }
    }

    fn stripes(&mut self, dice: &mut Dice) {
        let pitch = dice.between(2.0, 24.0);
        let wave = dice.between(0.0, 4.0);
        for y in 0..self.height {
            let bend = wave * (y as f32 / 37.0).sin();
            for x in 0..self.width {
                let phase = (x as f32 + bend) / pitch;
                self.cover[y * self.width + x] = if phase.fract() < 0.5 { 1.0 } else { 0.0 };
            }
        }
    }

    /// Bars of random widths of one to four modules with quiet zones, as a barcode has them.
    fn bars(&mut self, dice: &mut Dice) {
        for _ in 0..1 + dice.below(3) {
            let (x, y) = self.place(dice);
            let (module, height) = (dice.between(1.2, 5.0), dice.between(15.0, 160.0));
            let mut at = x + 12.0 * module;
            let end = at + module * dice.between(90.0, 300.0);
            self.fill(x, y, end - x + 12.0 * module, height + 6.0, 0.0);
            while at < end {
                let (bar, gap) = (1 + dice.below(4), 1 + dice.below(4));
                self.fill(at, y + 3.0, bar as f32 * module, height, 1.0);
                at += (bar + gap) as f32 * module;
            }
        }
    }

    /// Modules of random colour; with the finder pattern of a Data Matrix around them, or without.
    fn dots(&mut self, finder: bool, dice: &mut Dice) {
        let (x, y) = self.place(dice);
        let module = dice.between(1.5, 8.0);
        let n = 10 + 2 * dice.below(8);
        let side = n as f32 * module;
        self.fill(x - 2.0 * module, y - 2.0 * module, side + 4.0 * module, side + 4.0 * module, 0.0);
        for row in 0..n {
            for column in 0..n {
                let dark = match (row, column) {
                    (_, 0) if finder => true,
                    (r, _) if finder && r == n - 1 => true,
                    (0, c) if finder => c % 2 == 0,
                    (r, c) if finder && c == n - 1 => r % 2 == 1,
                    _ => dice.below(2) == 0,
                };
                if dark {
                    self.fill(x + column as f32 * module, y + row as f32 * module, module, module, 1.0);
                }
            }
        }
    }

    /// The sheet turned about its middle and scaled.
    fn turned(&self, turn: f32, scale: f32, width: usize, height: usize) -> Vec<f32> {
        let (sin, cos) = turn.sin_cos();
        let (sin, cos) = (sin / scale, cos / scale);
        let (mx, my) = (width as f32 / 2.0, height as f32 / 2.0);
        let mut out = vec![0.0; width * height];
        for (y, row) in out.chunks_exact_mut(width).enumerate() {
            let b = y as f32 - my;
            let (u, v) = (b * sin + mx - mx * cos, b * cos + mx * sin + my);
            for (x, cover) in row.iter_mut().enumerate() {
                let x = x as f32;
                *cover = self.at(u + x * cos, v - x * sin);
            }
        }
        out
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let (i, j) = (x as usize, y as usize);
        if x < 0.0 || y < 0.0 || i + 1 >= self.width || j + 1 >= self.height {
            return 0.0;
        }
        let (fx, fy) = (x - i as f32, y - j as f32);
        let at = j * self.width + i;
        let (upper, lower) = (&self.cover[at..at + 2], &self.cover[at + self.width..at + self.width + 2]);
        let (upper, lower) = (upper[0] + (upper[1] - upper[0]) * fx, lower[0] + (lower[1] - lower[0]) * fx);
        upper + (lower - upper) * fy
    }
}

/// A little out of focus: the mean of each pixel with its neighbours to the right and below.
fn soften(grey: &mut [f32], width: usize) {
    for at in (0..grey.len() - width).step_by(width) {
        let (row, below) = grey[at..at + 2 * width].split_at_mut(width);
        for x in 0..width - 1 {
            row[x] = (row[x] + row[x + 1] + below[x] + below[x + 1]) / 4.0;
        }
    }
}

/// Asks every reader about so many frames, and tells what it saw in them.
pub fn measure(frames: usize, seed: u64, names: &[String]) {
    let mut printer = Printer::new();
    let mut seen = vec![Vec::new(); names.len()];
    let mut cpu = vec![Vec::with_capacity(frames); names.len()];
    let mut slow = vec![(0.0, String::new()); names.len()];
    for i in 0..frames {
        let (luma, kind) = printer.frame(&mut Dice::new(seed.wrapping_mul(0x1_0000_0001).wrapping_add(i as u64)));
        for (r, name) in names.iter().enumerate() {
            let (texts, seconds) = crate::readers::ask(name, &luma);
            // Of frames as large as a camera's, so that medians can be compared.
            if luma.width == 1920 {
                cpu[r].push((seconds, kind));
            }
            if seconds > slow[r].0 {
                slow[r] = (seconds, format!("{kind}, frame {i}, {} × {}", luma.width, luma.height));
            }
            seen[r].extend(texts.into_iter().map(|text| format!("{kind}, frame {i}: {text:?}")));
        }
        if (i + 1) % 1000 == 0 {
            eprintln!("{} frames, {:?} misreads", i + 1, seen.iter().map(Vec::len).collect::<Vec<_>>());
        }
    }
    for (((name, seen), cpu), slow) in names.iter().zip(seen).zip(&mut cpu).zip(slow) {
        cpu.sort_by(|a, b| a.0.total_cmp(&b.0));
        println!("{name}: {} misreads in {frames} frames; slowest {:.0} ms ({})", seen.len(), slow.0 * 1e3, slow.1);
        println!("    1920 × 1080, median and 95 % in ms: {} in all", told(&cpu));
        for kind in KINDS {
            let own: Vec<_> = cpu.iter().filter(|one| one.1 == kind).copied().collect();
            println!("        {} {kind}", told(&own));
        }
        for one in seen {
            println!("    {one}");
        }
    }
}

/// Median and 95 % of processor times in order, in ms.
fn told(cpu: &[(f64, &str)]) -> String {
    let at = |part: usize| cpu.get(cpu.len() * part / 100).map_or(0.0, |one| one.0 * 1e3);
    format!("{:6.1} {:6.1}", at(50), at(95))
}
