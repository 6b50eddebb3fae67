//! What a workstation's scanner and computer make of the calibration barcode.
//!
//! The profile is kept by the browser and comes with each of its scans, so that the raw bytes and how they were read stay
//! together. Where the workstation has a name, the organisation keeps it as well ([`super::scanners`]): another browser
//! takes it over without a scan, and a program need only name its workstation.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use tessera_scanner::handheld::{ScannerProfile, Separator, Workstation, calibration};
use utoipa::ToSchema;

use super::api::home;
use super::scanners::{self, KeptScanner};
use crate::access::{Permit, Record};
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::Store;
use crate::store::columns::Moment;
use crate::web::Page;
use crate::web::calibration::{CalibrationPage, ScannerShown};
use crate::web::page_problem::{PageProblem, show};

/// `GET /calibration`
#[get("/calibration")]
pub async fn show_calibration(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
) -> Result<HttpResponse, PageProblem> {
    let organisation = home(&config)?;
    let known = store.read(move |connection| scanners::known(connection, &organisation)).await?;
    let shown = |scanner: KeptScanner| {
        let known = KnownScanner::from(scanner);
        let kept = serde_json::to_string(&known)
            .map_err(|error| Problem::new(Code::Internal, "The scanner could not be written down.").because(error))?;
        Ok(ScannerShown {
            workstation: known.workstation.unwrap_or_default(),
            layout: known.layout,
            separator: known.separator,
            kept,
        })
    };
    let scanners = known.into_iter().map(shown).collect::<Result<Vec<_>, Problem>>()?;
    show(&CalibrationPage { page: Page::of(&permit, &config, "Set up the scanner", "/calibration"), scanners })
}

/// The calibration barcode as it appeared.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CalibrationScan {
    /// What the scanner typed, in base64.
    #[serde(with = "tessera_scanner::udi::base64_bytes")]
    #[schema(value_type = String, format = Byte)]
    typed: Vec<u8>,
    /// The workstation's name, by which the organisation is to know its scanner.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    workstation: Option<Workstation>,
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
    /// The workstation by whose name the organisation knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    workstation: Option<String>,
    /// Since when the organisation knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    learnt_at: Option<Moment>,
}

impl From<KeptScanner> for KnownScanner {
    fn from(kept: KeptScanner) -> Self {
        Self { workstation: Some(kept.workstation), learnt_at: Some(kept.learnt_at), ..kept.profile.into() }
    }
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
        Self { profile, layout, separator, workstation: None, learnt_at: None }
    }
}

/// Learn a scanner's keyboard and separator from the calibration barcode
#[utoipa::path(tag = "theatre", request_body = CalibrationScan, responses(
    (status = 200, body = KnownScanner), (status = 422, body = ProblemDetails)))]
#[post("/scanner/calibration")]
pub async fn learn_scanner(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    scan: web::Json<CalibrationScan>,
) -> Result<web::Json<KnownScanner>, Problem> {
    let profile = calibration::learn(&scan.typed).map_err(|error| Problem::invalid(in_words(&error.to_string())))?;
    let mut known = KnownScanner::from(profile.clone());
    if let Some(workstation) = scan.into_inner().workstation {
        known.workstation = Some(workstation.to_string());
        let (organisation, actor, user) = (home(&config)?, permit.actor(), permit.user().id);
        store.write(move |tx| scanners::keep(tx, &actor, user, &organisation, &workstation, &profile)).await?;
    }
    Ok(web::Json(known))
}

/// The scanners that the organisation knows, by workstation
#[utoipa::path(tag = "theatre", responses((status = 200, body = Vec<KnownScanner>)))]
#[get("/scanners")]
pub async fn list_scanners(
    store: web::Data<Store>,
    config: web::Data<Config>,
    _permit: Permit<Record>,
) -> Result<web::Json<Vec<KnownScanner>>, Problem> {
    let organisation = home(&config)?;
    let known = store.read(move |connection| scanners::known(connection, &organisation)).await?;
    Ok(web::Json(known.into_iter().map(KnownScanner::from).collect()))
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
