//! Frames of a camera.

use std::time::Duration;

use serde::Serialize;
use tessera_scanner::label::gathering::Gathering;
use tessera_scanner::symbol::{Effort, Frame, Quality, ReadOptions, Stop, Symbol, Tracker};
use tessera_scanner::udi::{Entry, RawScan};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::refused;

/// Milliseconds after which a look gives what it found so far: on a slow tablet too, the next frame is not kept waiting for long.
const LONGEST_LOOK: f64 = 120.0;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the worker began.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Follows the symbols in the frames of one camera, and makes one scan of each pack.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Camera {
    tracker: Tracker,
    gathering: Gathering,
    grey: Vec<u8>,
}

/// A barcode as a scan carries it.
#[derive(Serialize)]
struct Scanned {
    aim: Option<String>,
    /// The content as numbers: JSON has no bytes.
    bytes: Vec<u8>,
}

/// A symbol for the page.
#[derive(Serialize)]
struct Seen {
    format: &'static str,
    aim: String,
    /// The content as numbers: JSON has no bytes.
    bytes: Vec<u8>,
    quality: Measures,
    /// Top left, top right, bottom right, bottom left, in whole pixels: printing fractions takes tables of ten kilobytes.
    corners: [[i32; 2]; 4],
}

/// In whole hundredths.
#[derive(Serialize)]
struct Measures {
    contrast: Option<i32>,
    modulation: Option<i32>,
    print_growth: Option<i32>,
    unused_correction: Option<i32>,
    module_pixels: Option<i32>,
    hint: Option<&'static str>,
}

#[derive(Serialize)]
struct Look {
    /// All that are in view.
    in_view: Vec<Seen>,
    /// The barcodes of one pack, once no more are waited for: one scan.
    pack: Option<Vec<Scanned>>,
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

    /// Looks at one frame, RGBA as a canvas gives it; answers with JSON: `in_view`, `pack`, `hint`. `now` is in milliseconds of
    /// any clock that only goes forward; `year` is the current one.
    ///
    /// # Errors
    /// Where the pixels are not `width` × `height` of four bytes.
    pub fn look(&mut self, rgba: &[u8], width: u32, height: u32, now: f64, year: i32) -> Result<String, JsError> {
        to_grey(rgba, &mut self.grey);
        let frame = Frame::new(&self.grey, width, height).ok_or_else(|| wrong_size(rgba, width, height))?;
        let end = self::now() + LONGEST_LOOK;
        let options = ReadOptions { effort: Effort::Glance, stop: Some(Stop::when(move || self::now() > end)) };
        let sighting = self.tracker.look(&frame, &options);
        let now = Duration::try_from_secs_f64(now / 1_000.0).unwrap_or_default();
        for symbol in sighting.new {
            self.gathering.saw(RawScan { bytes: symbol.bytes, aim: Some(symbol.aim), entry: Entry::Camera }, now);
        }
        let in_view: Vec<Seen> = self.tracker.in_view().cloned().map(seen).collect();
        if in_view.is_empty() {
            self.gathering.view_is_empty();
        }
        let look = Look {
            in_view,
            pack: self.gathering.ready(now, year).map(scanned),
            hint: sighting.hint.map(tessera_scanner::symbol::Hint::words),
        };
        json(&look)
    }

    /// The camera is switched off: what was read and still waited for more, as a JSON list of barcodes, or `null`.
    ///
    /// # Errors
    /// Where the answer cannot be written.
    pub fn end(&mut self, year: i32) -> Result<String, JsError> {
        let pack = self.gathering.end(year).map(scanned);
        *self = Self::default();
        json(&pack)
    }
}

fn scanned(pack: Vec<RawScan>) -> Vec<Scanned> {
    pack.into_iter().map(|raw| Scanned { aim: raw.aim.filter(|aim| !aim.is_empty()), bytes: raw.bytes }).collect()
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
    Seen {
        format: symbol.format.name(),
        quality: measures(symbol.quality),
        aim: symbol.aim,
        bytes: symbol.bytes,
        corners: symbol.corners.map(|corner| corner.map(whole)),
    }
}

fn measures(quality: Quality) -> Measures {
    let hundredths = |measure: Option<f32>| measure.map(|part| whole(100.0 * part));
    Measures {
        contrast: hundredths(quality.contrast),
        modulation: hundredths(quality.modulation),
        print_growth: hundredths(quality.print_growth),
        unused_correction: hundredths(quality.unused_correction),
        module_pixels: hundredths(quality.module_pixels),
        hint: quality.hint().map(tessera_scanner::symbol::Hint::words),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "places in a picture, and parts of a module")]
fn whole(value: f32) -> i32 {
    value.round() as i32
}
