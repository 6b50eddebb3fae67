//! What a workstation's scanner and computer make of the calibration barcode.
//!
//! The profile is kept by the workstation and comes with each of its scans, so that the raw bytes and how they were read
//! stay together.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use tessera_scanner::handheld::{ScannerProfile, Separator, calibration};
use utoipa::ToSchema;

use crate::access::{Permit, Record, SignedIn};
use crate::config::Config;
use crate::error::{Problem, ProblemDetails};
use crate::web::Page;
use crate::web::calibration::CalibrationPage;
use crate::web::page_problem::{PageProblem, show};

/// `GET /calibration`
#[get("/calibration")]
pub async fn show_calibration(config: web::Data<Config>, permit: Permit<Record>) -> Result<HttpResponse, PageProblem> {
    show(&CalibrationPage { page: Page::of(&permit, &config, "Set up the scanner", "/calibration") })
}

/// The calibration barcode as it appeared.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CalibrationScan {
    /// What the scanner typed, in base64.
    #[serde(with = "tessera_scanner::udi::base64_bytes")]
    #[schema(value_type = String, format = Byte)]
    typed: Vec<u8>,
}

/// What is known of a scanner.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnownScanner {
    /// To be sent as `profile` with each of its scans.
    #[schema(value_type = Object)]
    profile: ScannerProfile,
    /// The keyboard of the computer, in words.
    layout: String,
    /// What it types for a separator, in words.
    separator: String,
}

impl From<ScannerProfile> for KnownScanner {
    fn from(profile: ScannerProfile) -> Self {
        let layout = profile.layout.map_or_else(|| "not known".to_owned(), |layout| spaced(layout.name()));
        let separator = match &profile.separator {
            Separator::Unknown => "not known".to_owned(),
            Separator::Kept => "kept: every reading is certain".to_owned(),
            Separator::Typed(text) => format!("typed as “{}”: every reading is certain", text.escape_default()),
            Separator::Lost => {
                "lost: some packs will have to be asked about. Set the scanner to send it (GS, or a text such as {GS}), \
                 and scan again."
                    .to_owned()
            }
        };
        Self { profile, layout, separator }
    }
}

/// Learn a scanner's keyboard and separator from the calibration barcode
#[utoipa::path(tag = "theatre", request_body = CalibrationScan, responses(
    (status = 200, body = KnownScanner), (status = 422, body = ProblemDetails)))]
#[post("/scanner/calibration")]
pub async fn learn_scanner(
    _signed_in: SignedIn,
    scan: web::Json<CalibrationScan>,
) -> Result<web::Json<KnownScanner>, Problem> {
    let profile = calibration::learn(&scan.typed).map_err(|error| Problem::invalid(in_words(&error.to_string())))?;
    Ok(web::Json(profile.into()))
}

/// `UnitedStates` as `United States`.
fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 2);
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(letter);
        before = letter;
    }
    words
}

/// A sentence of its own.
fn in_words(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use tessera_scanner::symbol::{Frame, ReadOptions, read};

    use super::*;

    #[test]
    fn the_printed_barcode_is_the_calibration_message() {
        let picture = include_bytes!("../../web/src/calibration.png");
        let luma = image::load_from_memory(picture).unwrap().into_luma8();
        let frame = Frame::new(luma.as_raw(), luma.width(), luma.height()).unwrap();
        let symbols = read(&frame, &ReadOptions::default());
        assert_eq!((symbols.len(), symbols[0].aim.as_str()), (1, "]d2"));
        assert_eq!(symbols[0].bytes, calibration::MESSAGE.as_bytes());
    }

    #[test]
    fn what_was_learnt_is_told_in_words() {
        let learnt = |shown: &str| KnownScanner::from(calibration::learn(shown.as_bytes()).unwrap()).separator;
        assert!(learnt(calibration::MESSAGE).starts_with("kept"));
        assert!(learnt(&calibration::MESSAGE.replace('\u{1d}', "{GS}")).contains("“{GS}”"));
        assert!(learnt(&calibration::MESSAGE.replace('\u{1d}', "")).starts_with("lost"));
        assert_eq!(
            [spaced("UnitedStates"), spaced("German"), spaced("USInternational")],
            ["United States", "German", "USInternational"]
        );
        let problem = calibration::learn(b"hello").unwrap_err().to_string();
        assert!(
            in_words(&problem).starts_with("This is not the calibration barcode") && in_words(&problem).ends_with('.')
        );
    }
}
