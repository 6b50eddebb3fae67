//! Frames of a camera, and pictures.

use serde::Serialize;
use tessera_scanner::symbol::{Effort, Frame, Quality, ReadOptions, Symbol, Tracker, read};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::refused;

/// Follows the symbols in the frames of one camera.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Camera {
    tracker: Tracker,
    grey: Vec<u8>,
}

/// A symbol for the page.
#[derive(Serialize)]
struct Seen {
    format: &'static str,
    aim: String,
    /// The content as numbers: JSON has no bytes.
    bytes: Vec<u8>,
    /// The content for people.
    text: String,
    /// Top left, top right, bottom right, bottom left, in pixels.
    corners: [[f32; 2]; 4],
    quality: Measures,
}

#[derive(Serialize)]
struct Measures {
    contrast: Option<f32>,
    modulation: Option<f32>,
    unused_correction: Option<f32>,
    module_pixels: Option<f32>,
    hint: Option<&'static str>,
}

#[derive(Serialize)]
struct Look {
    /// Symbols that came into view with this frame.
    new: Vec<Seen>,
    /// All that are in view.
    in_view: Vec<Seen>,
    /// What would help, in words.
    hint: Option<&'static str>,
}

#[wasm_bindgen]
impl Camera {
    /// A camera that has seen nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at one frame, RGBA as a canvas gives it; answers with JSON: `new`, `in_view`, `hint`.
    ///
    /// # Errors
    /// Where the pixels are not `width` × `height` of four bytes.
    pub fn look(&mut self, rgba: &[u8], width: u32, height: u32) -> Result<String, JsError> {
        to_grey(rgba, &mut self.grey);
        let frame = Frame::new(&self.grey, width, height).ok_or_else(|| wrong_size(rgba, width, height))?;
        let sighting = self.tracker.look(&frame, &ReadOptions { effort: Effort::Glance, ..ReadOptions::default() });
        let look = Look {
            new: sighting.new.into_iter().map(seen).collect(),
            in_view: self.tracker.in_view().cloned().map(seen).collect(),
            hint: sighting.hint.map(tessera_scanner::symbol::Hint::words),
        };
        json(&look)
    }
}

/// Reads one picture with all the care there is, RGBA as a canvas gives it; answers with a JSON list of symbols.
///
/// # Errors
/// Where the pixels are not `width` × `height` of four bytes.
#[wasm_bindgen]
pub fn read_picture(rgba: &[u8], width: u32, height: u32) -> Result<String, JsError> {
    let mut grey = Vec::new();
    to_grey(rgba, &mut grey);
    let frame = Frame::new(&grey, width, height).ok_or_else(|| wrong_size(rgba, width, height))?;
    json(&read(&frame, &ReadOptions::default()).into_iter().map(seen).collect::<Vec<_>>())
}

/// Luma as ITU-R BT.601 weighs it, in 256ths.
fn to_grey(rgba: &[u8], grey: &mut Vec<u8>) {
    grey.clear();
    grey.extend(rgba.chunks_exact(4).map(|pixel| {
        let sum = 77 * u32::from(pixel[0]) + 150 * u32::from(pixel[1]) + 29 * u32::from(pixel[2]);
        u8::try_from(sum >> 8).unwrap_or(u8::MAX)
    }));
}

fn wrong_size(rgba: &[u8], width: u32, height: u32) -> JsError {
    refused("The frame cannot be read", &format!("{} bytes are not {width} × {height} pixels", rgba.len()))
}

fn json(value: &impl Serialize) -> Result<String, JsError> {
    serde_json::to_string(value).map_err(|error| refused("The answer cannot be written", &error))
}

fn seen(symbol: Symbol) -> Seen {
    let text = symbol.text();
    Seen {
        format: symbol.format.name(),
        text,
        quality: measures(symbol.quality),
        aim: symbol.aim,
        bytes: symbol.bytes,
        corners: symbol.corners,
    }
}

fn measures(quality: Quality) -> Measures {
    Measures {
        contrast: quality.contrast,
        modulation: quality.modulation,
        unused_correction: quality.unused_correction,
        module_pixels: quality.module_pixels,
        hint: quality.hint().map(tessera_scanner::symbol::Hint::words),
    }
}
