//! A label as a camera sees it: drawn flat, then bent, tilted, lit, blurred, and made noisy, each by a degree.

use ab_glyph::FontVec;

use crate::dice::{Dice, Grain};
use crate::encode::Modules;
use crate::label::Canvas;
use crate::lens::{defocus, light, smear};
use crate::projection::{View, project};
use crate::readers::Luma;

pub const WIDTH: usize = 1280;
pub const HEIGHT: usize = 720;

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
    /// Modules of white before a thin frame.
    pub frame: Option<f32>,
    /// Modules of white before print, which is close on all sides.
    pub print: Option<f32>,
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
            frame: None,
            print: None,
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
    grain: Grain,
}

impl Painter {
    pub fn new() -> Self {
        let path = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
        let bytes = std::fs::read(path).expect("DejaVu Sans, from Debian's package fonts-dejavu-core");
        Self { font: FontVec::try_from_vec(bytes).expect("a font"), grain: Grain::new() }
    }

    pub fn paint(&self, symbols: &[Placed], conditions: &Conditions, text: usize, dice: &mut Dice) -> Luma {
        let canvas = Canvas::new(symbols, conditions, text, &self.font, dice);
        let (width, height) = (conditions.width, conditions.height);
        let mut picture = project(&canvas, &View::new(symbols.first(), conditions, dice), width, height);
        let contrast = conditions.contrast * 255.0;
        let (paper, ink) =
            if contrast > 120.0 { (PAPER, PAPER - contrast) } else { (127.0 + contrast / 2.0, 127.0 - contrast / 2.0) };
        picture.iter_mut().for_each(|cover| *cover = paper - (paper - ink) * *cover);
        light(&mut picture, symbols.first(), conditions, dice);
        if conditions.defocus > 0.05 {
            defocus(&mut picture, width, height, conditions.defocus);
        }
        if conditions.motion > 0.1 {
            picture = smear(&picture, width, height, conditions.motion, dice.between(0.0, std::f32::consts::PI));
        }
        let mut pixels = Vec::with_capacity(width * height);
        for row in picture.chunks_exact(width) {
            let grain = self.grain.row(width, dice);
            pixels.extend(row.iter().zip(grain).map(|(value, grain)| {
                (value.clamp(0.0, 255.0) + grain * conditions.noise + 0.5).clamp(0.0, 255.0) as u8
            }));
        }
        let luma = Luma { pixels, width, height };
        match conditions.jpeg {
            Some(quality) => compressed(&luma, quality),
            None => luma,
        }
    }
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
