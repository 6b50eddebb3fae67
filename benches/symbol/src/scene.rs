//! A label as a camera sees it: drawn flat, then bent, tilted, lit, blurred, and made noisy, each by a degree.

use ab_glyph::{Font, FontVec, Glyph, PxScale, ScaleFont as _, point};

use crate::dice::Dice;
use crate::encode::Modules;
use crate::readers::Luma;

pub const WIDTH: usize = 1280;
pub const HEIGHT: usize = 720;

/// Canvas pixels a module.
const FINE: usize = 8;
const PAPER: f32 = 222.0;
const INK: f32 = 32.0;

/// Everything that happens between label and pixels; `nominal` is an ordinary good picture.
#[derive(Clone, Debug)]
pub struct Conditions {
    pub width: usize,
    pub height: usize,
    pub module_px: f32,
    pub rotation: f32,
    pub tilt: f32,
    pub defocus: f32,
    pub motion: f32,
    /// Part of the symbol's area that a reflection whitens.
    pub glare: f32,
    /// Ink to paper, as part of full scale.
    pub contrast: f32,
    pub noise: f32,
    pub jpeg: Option<u8>,
    /// Arc that the symbol spans on a cylinder, in degrees.
    pub cylinder: f32,
    /// Amplitude in modules.
    pub wrinkle: f32,
    /// Modules of white before something dark begins.
    pub quiet: Option<f32>,
    /// Modules that ink spreads (or shrinks) on every side.
    pub growth: f32,
    /// Light beside shadow, with an edge across the symbol.
    pub shadow: f32,
    pub hidden_edge: f32,
    pub hidden_inside: f32,
    pub inverted: bool,
}

impl Conditions {
    pub fn nominal() -> Self {
        Self {
            width: WIDTH,
            height: HEIGHT,
            module_px: 4.0,
            rotation: 0.0,
            tilt: 0.0,
            defocus: 0.6,
            motion: 0.0,
            glare: 0.0,
            contrast: (PAPER - INK) / 255.0,
            noise: 2.0,
            jpeg: None,
            cylinder: 0.0,
            wrinkle: 0.0,
            quiet: None,
            growth: 0.0,
            shadow: 1.0,
            hidden_edge: 0.0,
            hidden_inside: 0.0,
            inverted: false,
        }
    }
}

/// Where a symbol lies on the label, in modules from the label's middle.
#[derive(Clone, Debug)]
pub struct Placed {
    pub modules: Modules,
    pub middle: [f32; 2],
}

pub struct Painter {
    font: FontVec,
}

impl Painter {
    pub fn new() -> Self {
        let path = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
        let bytes = std::fs::read(path).expect("DejaVu Sans, from Debian's package fonts-dejavu-core");
        Self { font: FontVec::try_from_vec(bytes).expect("a font") }
    }

    pub fn paint(&self, symbols: &[Placed], conditions: &Conditions, text: usize, dice: &mut Dice) -> Luma {
        let canvas = self.canvas(symbols, conditions, text, dice);
        let mut picture = project(&canvas, symbols.first(), conditions, dice);
        light(&mut picture, symbols.first(), conditions, dice);
        let (w, h) = (conditions.width, conditions.height);
        if conditions.defocus > 0.05 {
            gauss(&mut picture, w, h, conditions.defocus);
        }
        if conditions.motion > 0.1 {
            picture = smear(&picture, w, h, conditions.motion, dice.between(0.0, std::f32::consts::PI));
        }
        let mut i = 0;
        let pixels = {
            let mut pair = (0.0, 0.0);
            picture
                .iter()
                .map(|value| {
                    if i % 2 == 0 {
                        pair = dice.normal_pair();
                    }
                    let noise = if i % 2 == 0 { pair.0 } else { pair.1 };
                    i += 1;
                    (value.clamp(0.0, 255.0) + noise * conditions.noise + 0.5).clamp(0.0, 255.0) as u8
                })
                .collect()
        };
        let luma = Luma { pixels, width: w, height: h };
        match conditions.jpeg {
            Some(quality) => compressed(&luma, quality),
            None => luma,
        }
    }

    /// The flat label: 1 is ink.
    fn canvas(&self, symbols: &[Placed], conditions: &Conditions, text: usize, dice: &mut Dice) -> Canvas {
        let (width, height) = (340 * FINE, 200 * FINE);
        let mut canvas = Canvas { ink: vec![0; width * height], width, height };
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
        for _ in 0..text {
            let words: String = (0..6 + dice.below(18))
                .map(|_| b"ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuvwxyz 0123456789()-/ "[dice.below(64)] as char)
                .collect();
            let size = dice.between(5.0, 11.0);
            let (x, y) = (dice.between(-165.0, 80.0), dice.between(-95.0, 85.0));
            let (w, h) = (words.len() as f32 * size * 0.6, size);
            let clear = boxes.iter().all(|b| x + w < b[0] || x > b[2] || y + h < b[1] || y > b[3]);
            if clear {
                self.write(&mut canvas, &words, x, y, size);
            }
        }
        canvas
    }

    fn write(&self, canvas: &mut Canvas, words: &str, x: f32, y: f32, size: f32) {
        let font = self.font.as_scaled(PxScale::from(size * FINE as f32));
        let mut at = (x + 170.0) * FINE as f32;
        let base = (y + 100.0) * FINE as f32 + font.ascent();
        for letter in words.chars() {
            let glyph: Glyph = font.scaled_glyph(letter);
            let advance = font.h_advance(glyph.id);
            if let Some(outline) = self.font.outline_glyph(Glyph { position: point(at, base), ..glyph }) {
                let bounds = outline.px_bounds();
                outline.draw(|px, py, cover| {
                    let (cx, cy) = (bounds.min.x as i32 + px as i32, bounds.min.y as i32 + py as i32);
                    if cover > 0.5
                        && cx >= 0
                        && cy >= 0
                        && (cx as usize) < canvas.width
                        && (cy as usize) < canvas.height
                    {
                        canvas.ink[cy as usize * canvas.width + cx as usize] = 1;
                    }
                });
            }
            at += advance;
        }
    }
}

struct Canvas {
    ink: Vec<u8>,
    width: usize,
    height: usize,
}

impl Canvas {
    fn at(&self, x: f32, y: f32) -> u8 {
        let (i, j) = (((x + 170.0) * FINE as f32).floor(), ((y + 100.0) * FINE as f32).floor());
        if i < 0.0 || j < 0.0 || i as usize >= self.width || j as usize >= self.height {
            return 0;
        }
        self.ink[j as usize * self.width + i as usize]
    }

    fn stamp(&mut self, placed: &Placed, conditions: &Conditions, dice: &mut Dice) {
        let m = &placed.modules;
        let bars = m.height == 26 || m.height == 33;
        let (w, h) = (m.width as f32, m.height as f32);
        let (left, top) = (placed.middle[0] - w / 2.0, placed.middle[1] - h / 2.0);
        let hide = hidden(m, conditions, dice);
        let reach = 14.0;
        let growth = conditions.growth;
        let offsets: Vec<(f32, f32)> = {
            let g = growth.abs();
            if g < 1e-3 {
                vec![(0.0, 0.0)]
            } else if bars {
                vec![(-g, 0.0), (g, 0.0), (0.0, 0.0)]
            } else {
                [-g, 0.0, g].iter().flat_map(|a| [-g, 0.0, g].map(|b| (*a, b))).collect()
            }
        };
        let from = |v: f32, o: f32| ((v + o) * FINE as f32).max(0.0) as usize;
        for j in from(top - reach, 100.0)..from(top + h + reach, 100.0).min(self.height) {
            for i in from(left - reach, 170.0)..from(left + w + reach, 170.0).min(self.width) {
                let x = (i as f32 + 0.5) / FINE as f32 - 170.0 - left;
                let y = (j as f32 + 0.5) / FINE as f32 - 100.0 - top;
                let dark = |(dx, dy): &(f32, f32)| m.is_dark((x + dx).floor() as i32, (y + dy).floor() as i32);
                let mut ink = if growth >= 0.0 { offsets.iter().any(dark) } else { offsets.iter().all(dark) };
                let outside = [-x, x - w, -y, y - h].into_iter().fold(f32::NEG_INFINITY, f32::max);
                let limit = if bars { [-x, x - w].into_iter().fold(f32::NEG_INFINITY, f32::max) } else { outside };
                if let Some(quiet) = conditions.quiet
                    && limit > quiet
                    && limit < quiet + 2.5
                    && (!bars || (y > 0.0 && y < h))
                {
                    ink = true;
                }
                if conditions.inverted && outside < 3.0 {
                    ink = !ink;
                }
                if let Some(over) = hide(x / w, y / h) {
                    ink = over;
                }
                self.ink[j * self.width + i] = u8::from(ink);
            }
        }
    }
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

fn project(canvas: &Canvas, first: Option<&Placed>, c: &Conditions, dice: &mut Dice) -> Vec<f32> {
    let (w, h) = (c.width as f32, c.height as f32);
    let size = first.map_or([60.0, 60.0], |s| [s.modules.width as f32, s.modules.height as f32]);
    let focus = first.map_or([0.0, 0.0], |s| s.middle);
    let centre = if c.rotation.abs() > 15.0 || c.tilt > 1.0 { focus } else { [focus[0] * 0.3, focus[1] * 0.3] };
    let jitter = [dice.between(-3.0, 3.0), dice.between(-3.0, 3.0)];
    let (sin, cos) = c.rotation.to_radians().sin_cos();
    let (tilt_sin, tilt_cos) = c.tilt.to_radians().sin_cos();
    let axis: f32 = dice.between(0.0, std::f32::consts::TAU);
    let (axis_sin, axis_cos) = axis.sin_cos();
    let focal = 1.3 * w;
    let waves: Vec<(f32, f32, f32, f32)> = (0..4)
        .map(|_| {
            let (angle, pitch) = (dice.between(0.0, std::f32::consts::TAU), dice.between(0.5, 1.2));
            (angle.cos() / pitch, angle.sin() / pitch, dice.between(0.0, std::f32::consts::TAU), dice.sign())
        })
        .collect();
    let along_x = dice.below(2) == 0;
    let contrast = c.contrast * 255.0;
    let (paper, ink) =
        if contrast > 120.0 { (PAPER, PAPER - contrast) } else { (127.0 + contrast / 2.0, 127.0 - contrast / 2.0) };
    let label = |x: f32, y: f32| -> Option<[f32; 2]> {
        let (x, y) = (x - w / 2.0 - jitter[0], y - h / 2.0 - jitter[1]);
        // The tilted plane: turn so that the axis is upright, undo the perspective, turn back.
        let (a, b) = (x * axis_cos + y * axis_sin, y * axis_cos - x * axis_sin);
        let depth = tilt_cos - a / focal * tilt_sin;
        if depth < 0.05 {
            return None;
        }
        let (a, b) = (a / depth, b * (1.0 + a / depth * tilt_sin / focal));
        let (x, y) = (a * axis_cos - b * axis_sin, a * axis_sin + b * axis_cos);
        let (x, y) = (x / c.module_px, y / c.module_px);
        let (mut x, mut y) = (x * cos + y * sin + centre[0], y * cos - x * sin + centre[1]);
        if c.cylinder > 0.0 {
            let horizontally = along_x || size[0] > 2.0 * size[1];
            let (extent, at) = if horizontally { (size[0], x - focus[0]) } else { (size[1], y - focus[1]) };
            let radius = extent / c.cylinder.to_radians();
            let part = at / radius;
            if part.abs() >= 0.999 {
                return None;
            }
            let shift = radius * part.asin();
            if horizontally { x = focus[0] + shift } else { y = focus[1] + shift }
        }
        if c.wrinkle > 0.0 {
            let extent = size[0].min(size[1]).max(20.0);
            let (u, v) = ((x - focus[0]) / extent, (y - focus[1]) / extent);
            for (i, (fx, fy, phase, sign)) in waves.iter().enumerate() {
                let push = sign * c.wrinkle * 0.7 * (std::f32::consts::TAU * (fx * u + fy * v) + phase).sin();
                if i % 2 == 0 { x += push } else { y += push }
            }
        }
        Some([x, y])
    };
    const SUB: usize = 3;
    let mut out = Vec::with_capacity(c.width * c.height);
    for py in 0..c.height {
        for px in 0..c.width {
            let mut covered = 0;
            for s in 0..SUB * SUB {
                let x = px as f32 + ((s % SUB) as f32 + 0.5) / SUB as f32;
                let y = py as f32 + ((s / SUB) as f32 + 0.5) / SUB as f32;
                covered += label(x, y).map_or(0, |[x, y]| canvas.at(x, y));
            }
            out.push(paper - (paper - ink) * f32::from(covered) / (SUB * SUB) as f32);
        }
    }
    out
}

fn light(picture: &mut [f32], first: Option<&Placed>, c: &Conditions, dice: &mut Dice) {
    let size =
        first.map_or([60.0, 60.0], |s| [s.modules.width as f32 * c.module_px, s.modules.height as f32 * c.module_px]);
    let focus = first.map_or([0.0, 0.0], |s| {
        let off = if c.rotation.abs() > 15.0 || c.tilt > 1.0 { 0.0 } else { 0.7 * c.module_px };
        [s.middle[0] * off, s.middle[1] * off]
    });
    let middle = [c.width as f32 / 2.0 + focus[0], c.height as f32 / 2.0 + focus[1]];
    if c.glare > 0.0 {
        let radius = (c.glare * size[0] * size[1] / std::f32::consts::PI).sqrt();
        let stretch = (size[0] / size[1]).sqrt().clamp(1.0, 2.0);
        let reach = 0.3;
        let at = [middle[0] + dice.between(-reach, reach) * size[0], middle[1] + dice.between(-reach, reach) * size[1]];
        for (i, value) in picture.iter_mut().enumerate() {
            let (x, y) = ((i % c.width) as f32 - at[0], (i / c.width) as f32 - at[1]);
            let r = ((x / stretch).powi(2) + (y * stretch).powi(2)).sqrt() / radius;
            *value += 420.0 / (1.0 + ((r - 1.0) * 9.0).exp());
        }
    }
    if c.shadow > 1.0 {
        let angle = dice.between(0.0, std::f32::consts::TAU);
        let (sin, cos) = angle.sin_cos();
        let off = dice.between(-0.25, 0.25) * size[0].min(size[1]);
        for (i, value) in picture.iter_mut().enumerate() {
            let (x, y) = ((i % c.width) as f32 - middle[0], (i / c.width) as f32 - middle[1]);
            let part = 1.0 / (1.0 + (-(x * cos + y * sin - off) / 2.0).exp());
            *value *= 1.0 - (1.0 - 1.0 / c.shadow) * part;
        }
    }
}

fn gauss(picture: &mut Vec<f32>, w: usize, h: usize, sigma: f32) {
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f32> =
        (0..=2 * reach).map(|i| (-((i as f32 - reach as f32) / sigma).powi(2) / 2.0).exp()).collect();
    let sum: f32 = weights.iter().sum();
    let mut row_pass = vec![0.0; w * h];
    for y in 0..h {
        let row = &picture[y * w..(y + 1) * w];
        let padded: Vec<f32> = (0..w + 2 * reach).map(|i| row[i.saturating_sub(reach).min(w - 1)]).collect();
        for (k, weight) in weights.iter().enumerate() {
            let weight = weight / sum;
            for (out, value) in row_pass[y * w..(y + 1) * w].iter_mut().zip(&padded[k..k + w]) {
                *out += weight * value;
            }
        }
    }
    picture.fill(0.0);
    for y in 0..h {
        for (k, weight) in weights.iter().enumerate() {
            let weight = weight / sum;
            let from = (y + k).saturating_sub(reach).min(h - 1);
            for (out, value) in picture[y * w..(y + 1) * w].iter_mut().zip(&row_pass[from * w..(from + 1) * w]) {
                *out += weight * value;
            }
        }
    }
}

fn smear(picture: &[f32], w: usize, h: usize, length: f32, angle: f32) -> Vec<f32> {
    let steps = (2.0 * length).ceil() as usize + 1;
    let mut out = vec![0.0; w * h];
    for i in 0..steps {
        let part = (i as f32 / (steps - 1) as f32 - 0.5) * length;
        let (dx, dy) = (part * angle.cos(), part * angle.sin());
        let (ix, iy) = (dx.floor(), dy.floor());
        let (fx, fy) = (dx - ix, dy - iy);
        for y in 0..h {
            let y0 = (y as f32 + iy).clamp(0.0, (h - 2) as f32) as usize;
            for x in 0..w {
                let x0 = (x as f32 + ix).clamp(0.0, (w - 2) as f32) as usize;
                let at = y0 * w + x0;
                let upper = picture[at] + (picture[at + 1] - picture[at]) * fx;
                let lower = picture[at + w] + (picture[at + w + 1] - picture[at + w]) * fx;
                out[y * w + x] += (upper + (lower - upper) * fy) / steps as f32;
            }
        }
    }
    out
}

fn compressed(luma: &Luma, quality: u8) -> Luma {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(&luma.pixels, luma.width as u32, luma.height as u32, image::ExtendedColorType::L8)
        .expect("memory");
    let picture =
        image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).expect("its own JPEG").into_luma8();
    Luma { pixels: picture.into_raw(), width: luma.width, height: luma.height }
}
