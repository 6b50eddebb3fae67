//! The flat label: symbols and lines of text, one canvas of ink and paper.

use ab_glyph::{Font, FontVec, Glyph, PxScale, ScaleFont as _, point};

use crate::dice::Dice;
use crate::encode::Modules;
use crate::scene::{Conditions, Placed};

/// Canvas pixels a module.
const FINE: usize = 8;
/// The label's size, in modules; its middle is the origin.
const WIDTH: usize = 340;
const HEIGHT: usize = 200;
/// Canvas pixels a side of the blocks of which it is known whether there is ink in them.
const BLOCK: usize = 16;

/// 1 is ink.
pub struct Canvas {
    ink: Vec<u8>,
    /// Blocks with ink, above and to the left of each.
    blocks: Vec<u32>,
}

/// Canvas pixels a row, and rows.
const ACROSS: usize = WIDTH * FINE;
const DOWN: usize = HEIGHT * FINE;
/// Blocks a row, and rows of them.
const BLOCKS: (usize, usize) = (ACROSS / BLOCK, DOWN / BLOCK);

impl Canvas {
    /// The symbols, and so many lines of text where they leave room.
    pub fn new(symbols: &[Placed], conditions: &Conditions, text: usize, font: &FontVec, dice: &mut Dice) -> Self {
        let mut canvas = Self { ink: vec![0; ACROSS * DOWN], blocks: Vec::new() };
        for placed in symbols {
            canvas.stamp(placed, conditions, dice);
        }
        let boxes: Vec<[f32; 4]> = symbols
            .iter()
            .map(|s| {
                let (w, h) = (s.modules.width as f32 / 2.0 + 10.0, s.modules.height as f32 / 2.0 + 5.0);
                [s.middle[0] - w, s.middle[1] - h, s.middle[0] + w, s.middle[1] + h]
            })
            .collect();
        if let Some(gap) = conditions.print {
            canvas.print_about(symbols, gap, font, dice);
        }
        for _ in 0..if conditions.print.is_some() { 0 } else { text } {
            let words: String = (0..6 + dice.below(18))
                .map(|_| b"ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuvwxyz 0123456789()-/ "[dice.below(64)] as char)
                .collect();
            let size = dice.between(5.0, 11.0);
            let (x, y) = (dice.between(-165.0, 80.0), dice.between(-95.0, 85.0));
            let (w, h) = (words.len() as f32 * size * 0.6, size);
            let clear = boxes.iter().all(|b| x + w < b[0] || x > b[2] || y + h < b[1] || y > b[3]);
            if clear {
                canvas.write(font, &words, x, y, size);
            }
        }
        canvas.count();
        canvas
    }

    /// Ink at a point of the label, in modules.
    #[inline]
    pub fn at(&self, x: f32, y: f32) -> u8 {
        let (i, j) = (column(x) as i32, row(y) as i32);
        // Less than nothing is a very large number.
        if i as u32 as usize >= ACROSS || j as u32 as usize >= DOWN {
            return 0;
        }
        self.ink[j as usize * ACROSS + i as usize]
    }

    /// Whether there may be ink in a rectangle of the label.
    pub fn any_ink(&self, low: [f32; 2], high: [f32; 2]) -> bool {
        let block = |at: f32, beyond: usize| (at.max(0.0) as usize / BLOCK).min(beyond - 1);
        if high[0] < -(WIDTH as f32) / 2.0 || high[1] < -(HEIGHT as f32) / 2.0 {
            return false;
        }
        let (left, right) = (block(column(low[0]), BLOCKS.0), block(column(high[0]), BLOCKS.0) + 1);
        let (top, bottom) = (block(row(low[1]), BLOCKS.1), block(row(high[1]), BLOCKS.1) + 1);
        let sum = |x: usize, y: usize| self.blocks[y * (BLOCKS.0 + 1) + x];
        sum(right, bottom) + sum(left, top) > sum(left, bottom) + sum(right, top)
    }

    fn count(&mut self) {
        let across = BLOCKS.0 + 1;
        self.blocks = vec![0; across * (BLOCKS.1 + 1)];
        for y in 0..BLOCKS.1 {
            let mut dark = vec![0u8; BLOCKS.0];
            for line in self.ink[y * BLOCK * ACROSS..(y + 1) * BLOCK * ACROSS].chunks_exact(ACROSS) {
                for (dark, pixels) in dark.iter_mut().zip(line.chunks_exact(BLOCK)) {
                    *dark |= pixels.iter().fold(0, |all, one| all | one);
                }
            }
            let mut so_far = 0;
            for (x, dark) in dark.into_iter().enumerate() {
                so_far += u32::from(dark);
                self.blocks[(y + 1) * across + x + 1] = self.blocks[y * across + x + 1] + so_far;
            }
        }
    }

    fn stamp(&mut self, placed: &Placed, conditions: &Conditions, dice: &mut Dice) {
        let m = &placed.modules;
        let bars = is_bars(placed);
        let (w, h) = (m.width as f32, m.height as f32);
        let (left, top) = (placed.middle[0] - w / 2.0, placed.middle[1] - h / 2.0);
        let hide = hidden(m, conditions, dice);
        let hides = conditions.hidden_edge > 0.0 || conditions.hidden_inside > 0.0;
        let reach = 14.0;
        // Print that grew is dark where a module within its reach is; print that shrank, where all are.
        let g = conditions.growth.abs();
        let (aside, above) = if g < 1e-3 {
            ([0.0; 3], [0.0; 3])
        } else if bars {
            ([-g, 0.0, g], [0.0; 3])
        } else {
            ([-g, 0.0, g], [-g, 0.0, g])
        };
        let columns = column(left - reach).max(0.0) as usize..(column(left + w + reach).max(0.0) as usize).min(ACROSS);
        let across: Vec<(f32, [i32; 3])> = columns
            .clone()
            .map(|i| {
                let x = (i as f32 + 0.5) / FINE as f32 - WIDTH as f32 / 2.0 - left;
                (x, aside.map(|dx| (x + dx).floor() as i32))
            })
            .collect();
        for j in row(top - reach).max(0.0) as usize..(row(top + h + reach).max(0.0) as usize).min(DOWN) {
            let y = (j as f32 + 0.5) / FINE as f32 - HEIGHT as f32 / 2.0 - top;
            let rows = above.map(|dy| (y + dy).floor() as i32);
            let line = &mut self.ink[j * ACROSS..][columns.clone()];
            for (pixel, (x, columns)) in line.iter_mut().zip(&across) {
                let x = *x;
                let mut all = rows.iter().flat_map(|row| columns.iter().map(|column| m.is_dark(*column, *row)));
                let mut ink = if g < 1e-3 {
                    m.is_dark(columns[0], rows[0])
                } else if conditions.growth > 0.0 {
                    all.any(|dark| dark)
                } else {
                    all.all(|dark| dark)
                };
                let outside = (-x).max(x - w).max(-y).max(y - h);
                let limit = if bars { (-x).max(x - w) } else { outside };
                if let Some(quiet) = conditions.quiet
                    && limit > quiet
                    && limit < quiet + 2.5
                    && (!bars || (y > 0.0 && y < h))
                {
                    ink = true;
                }
                if let Some(frame) = conditions.frame {
                    let line = frame..frame + 0.6;
                    let (aside, above) = ((-x).max(x - w), (-y).max(y - h));
                    let beyond = if bars { (aside - 10.0 + frame).max(above) } else { outside };
                    ink |= line.contains(&beyond);
                }
                if conditions.inverted && outside < 3.0 {
                    ink = !ink;
                }
                if hides && let Some(over) = hide(x / w, y / h) {
                    ink = over;
                }
                *pixel = u8::from(ink);
            }
        }
    }

    /// Lines of print about the symbols, word by word, as close to them as told; bars keep their quiet zones.
    fn print_about(&mut self, symbols: &[Placed], gap: f32, font: &FontVec, dice: &mut Dice) {
        let size = dice.between(4.0, 5.0);
        let boxes: Vec<[f32; 4]> = symbols
            .iter()
            .map(|s| {
                let (w, h) = (s.modules.width as f32 / 2.0, s.modules.height as f32 / 2.0);
                let aside = if is_bars(s) { 10.0 } else { gap };
                [s.middle[0] - w - aside, s.middle[1] - h - gap, s.middle[0] + w + aside, s.middle[1] + h + gap]
            })
            .collect();
        // Lines begin right below and end right above the first symbol.
        let [_, above, _, below] = boxes[0];
        let pitch = 1.3 * size;
        let lines = (0..6).flat_map(|i| [above - size - i as f32 * pitch, below + i as f32 * pitch]);
        let beside = (0..((below - above) / pitch) as usize).map(|i| above + i as f32 * pitch);
        for y in lines.chain(beside).collect::<Vec<_>>() {
            let mut x = -90.0;
            while x < 90.0 {
                let word: String = (0..2 + dice.below(8))
                    .map(|_| b"ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprst0123456789-/"[dice.below(54)] as char)
                    .collect();
                let width = width_of(font, &word, size);
                let hit =
                    boxes.iter().find(|b| x + width > b[0] && x < b[2] && y + size > b[1] + 0.1 && y < b[3] - 0.1);
                if let Some(hit) = hit {
                    // The next word begins right behind the symbol.
                    x = hit[2];
                    continue;
                }
                self.write(font, &word, x, y, size);
                x += width + 0.35 * size;
            }
        }
    }

    fn write(&mut self, font: &FontVec, words: &str, x: f32, y: f32, size: f32) {
        let scaled = font.as_scaled(PxScale::from(size * FINE as f32));
        let mut at = column(x);
        let base = row(y) + scaled.ascent();
        for letter in words.chars() {
            let glyph: Glyph = scaled.scaled_glyph(letter);
            let advance = scaled.h_advance(glyph.id);
            if let Some(outline) = font.outline_glyph(Glyph { position: point(at, base), ..glyph }) {
                let bounds = outline.px_bounds();
                outline.draw(|px, py, cover| {
                    let (cx, cy) = (bounds.min.x as i32 + px as i32, bounds.min.y as i32 + py as i32);
                    if cover > 0.5 && cx >= 0 && cy >= 0 && (cx as usize) < ACROSS && (cy as usize) < DOWN {
                        self.ink[cy as usize * ACROSS + cx as usize] = 1;
                    }
                });
            }
            at += advance;
        }
    }
}

fn is_bars(placed: &Placed) -> bool {
    placed.modules.height == 26 || placed.modules.height == 33
}

/// How wide a word is, in modules.
fn width_of(font: &FontVec, word: &str, size: f32) -> f32 {
    let scaled = font.as_scaled(PxScale::from(size * FINE as f32));
    word.chars().map(|letter| scaled.h_advance(scaled.glyph_id(letter))).sum::<f32>() / FINE as f32
}

/// From modules of the label to columns and rows of the canvas.
fn column(x: f32) -> f32 {
    (x + WIDTH as f32 / 2.0) * FINE as f32
}

fn row(y: f32) -> f32 {
    (y + HEIGHT as f32 / 2.0) * FINE as f32
}

/// What covers a part of the symbol: a sticker (white) or a pen's stroke (dark).
fn hidden(m: &Modules, conditions: &Conditions, dice: &mut Dice) -> impl Fn(f32, f32) -> Option<bool> + use<> {
    let (edge, inside) = (conditions.hidden_edge, conditions.hidden_inside);
    let (side, dark) = (dice.below(4), dice.below(2) == 0);
    let ratio = m.width as f32 / m.height as f32;
    let half = inside.sqrt() / 2.0;
    let (cx, cy) = (dice.between(0.2 + half, 0.8 - half), dice.between(0.2 + half, 0.8 - half));
    move |u, v| {
        if inside > 0.0 && (u - cx).abs() < half && (v - cy).abs() < half {
            return Some(dark);
        }
        let depth = [u, v, 1.0 - u, 1.0 - v][side];
        let reach = 0.06 * if side % 2 == 0 { 1.0 } else { ratio };
        (edge > 0.0 && depth < edge && depth > -reach && (-0.02..1.02).contains(&[v, u, v, u][side])).then_some(dark)
    }
}
