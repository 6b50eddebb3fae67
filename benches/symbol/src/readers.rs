//! The readers, each asked alike: everything on, at its hardest, and what it says as (kind, text).

use rxing::{BarcodeFormat, DecodeHints};
use tessera_scanner::symbol::{Frame, ReadOptions, read};
#[cfg(feature = "zxing-cpp")]
use zxingcpp::BarcodeFormat as Zx;

#[cfg(feature = "zxing-cpp")]
pub const NAMES: &[&str] = &["tessera", "rxing", "zxing-cpp"];
#[cfg(not(feature = "zxing-cpp"))]
pub const NAMES: &[&str] = &["tessera", "rxing"];

/// A picture's pixels.
#[derive(Clone, Debug)]
pub struct Luma {
    pub pixels: Vec<u8>,
    pub width: usize,
    pub height: usize,
}

/// What the reader of that name sees, and the CPU seconds that it took.
pub fn ask(name: &str, luma: &Luma) -> (Vec<String>, f64) {
    let before = cpu();
    let texts = match name {
        "tessera" => ours(luma),
        "rxing" => rxing(luma),
        "rqrr" => rqrr(luma),
        #[cfg(feature = "zxing-cpp")]
        "zxing-cpp" => zxing_cpp(luma),
        other => panic!("no reader {other}"),
    };
    (texts, cpu() - before)
}

pub fn cpu() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

fn ours(luma: &Luma) -> Vec<String> {
    let frame = Frame::new(&luma.pixels, luma.width as u32, luma.height as u32).expect("the size fits");
    read(&frame, &ReadOptions::default()).iter().map(tessera_scanner::symbol::Symbol::text).collect()
}

fn rxing(luma: &Luma) -> Vec<String> {
    let mut hints = DecodeHints { TryHarder: Some(true), AlsoInverted: Some(true), ..DecodeHints::default() };
    hints.PossibleFormats = Some(
        [BarcodeFormat::DATA_MATRIX, BarcodeFormat::CODE_128, BarcodeFormat::QR_CODE, BarcodeFormat::RSS_14].into(),
    );
    let pixels = luma.pixels.clone();
    let (width, height) = (luma.width as u32, luma.height as u32);
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        rxing::helpers::detect_multiple_in_luma_with_hints(pixels, width, height, &mut hints)
    }));
    let Ok(Ok(results)) = found else { return Vec::new() };
    results
        .iter()
        .map(|result| {
            let text = result.getText().trim_start_matches('\u{1d}').to_owned();
            if *result.getBarcodeFormat() == BarcodeFormat::RSS_14 { format!("01{text}") } else { text }
        })
        .collect()
}

/// QR Codes alone; it refuses FNC1, thus GS1.
fn rqrr(luma: &Luma) -> Vec<String> {
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(luma.width, luma.height, |x, y| luma.pixels[y * luma.width + x]);
    let mut texts = Vec::new();
    for grid in prepared.detect_grids() {
        let mut bytes = Vec::new();
        if grid.decode_to(&mut bytes).is_ok() {
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    texts
}

#[cfg(feature = "zxing-cpp")]
fn zxing_cpp(luma: &Luma) -> Vec<String> {
    let view = zxingcpp::ImageView::from_slice(
        &luma.pixels,
        luma.width as u32,
        luma.height as u32,
        zxingcpp::ImageFormat::Lum,
    )
    .expect("the size fits");
    let reader = zxingcpp::read()
        .formats([
            Zx::DataMatrix,
            Zx::Code128,
            Zx::QRCode,
            Zx::DataBarOmni,
            Zx::DataBarStk,
            Zx::DataBarStkOmni,
            Zx::DataBarExp,
        ])
        .try_harder(true)
        .try_rotate(true)
        .try_invert(true)
        .try_downscale(true);
    let Ok(found) = reader.from(&view) else { return Vec::new() };
    found
        .iter()
        .filter(|barcode| barcode.is_valid())
        .map(|barcode| String::from_utf8_lossy(&barcode.bytes()).into_owned())
        .collect()
}
