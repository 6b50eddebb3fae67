//! A scan that comes as a picture of the pack.
//!
//! The picture is read and forgotten; what is kept are the barcodes' bytes, as of any other scan.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::json::Json;
use actix_web::{HttpResponse, post, web};
use image::ImageReader;
use serde::Deserialize;
use tessera_scanner::symbol::{Frame, ReadOptions, read};
use tessera_scanner::udi::Entry;
use utoipa::ToSchema;

use super::api::{answer_scan, recorder};
use super::model::{NewScan, ProcedureId, ScanAnswer, ScanId, ScannedSymbol};
use crate::access::{Permit, Record};
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::identity::keys::IdentityKeys;
use crate::store::Store;

/// Largest side of a picture, in pixels: a theatre camera's are far smaller, and decoding must not fill the memory.
const LARGEST_SIDE: u32 = 8192;

/// What is said of a picture.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PhotoMeta {
    /// Made by the client (UUIDv7).
    id: ScanId,
    /// The procedure it belongs to.
    procedure: ProcedureId,
    /// By the client's clock.
    scanned_at: chrono::DateTime<chrono::Utc>,
    /// `photo` or `camera`.
    #[schema(value_type = String)]
    entry: Entry,
    /// An earlier scan, where the picture shows the same pack again.
    #[serde(default)]
    supersedes_scan: Option<ScanId>,
    /// The scan made just before.
    #[serde(default)]
    follows: Option<ScanId>,
}

/// The form of a picture.
#[derive(Debug, MultipartForm, ToSchema)]
pub struct PhotoForm {
    /// What is said of it, as JSON.
    #[schema(value_type = PhotoMeta)]
    meta: Json<PhotoMeta>,
    /// PNG or JPEG, up to 20 MB.
    #[multipart(limit = "20MB")]
    #[schema(value_type = String, format = Binary)]
    photo: Bytes,
}

/// Record a scan from a picture of the pack
#[utoipa::path(tag = "theatre", request_body(content = PhotoForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = ScanAnswer), (status = 200, body = ScanAnswer, description = "It was here already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/scans/photo")]
pub async fn record_photo(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    form: MultipartForm<PhotoForm>,
) -> Result<HttpResponse, Problem> {
    let PhotoForm { meta, photo } = form.into_inner();
    let symbols = web::block(move || symbols_of(&photo.data))
        .await
        .map_err(|error| Problem::new(Code::Busy, "The picture could not be read now.").because(error))??;
    let meta = meta.into_inner();
    let scan = NewScan {
        id: meta.id,
        procedure: meta.procedure,
        scanned_at: meta.scanned_at,
        entry: meta.entry,
        symbols,
        supersedes_scan: meta.supersedes_scan,
        follows: meta.follows,
        reading: None,
        profile: None,
        again_of: None,
        workstation: None,
    };
    answer_scan(&store, recorder(&permit, keys, &config)?, scan).await
}

/// Every barcode of a picture.
///
/// # Errors
/// [`Code::InvalidInput`] where it is no picture that we read.
fn symbols_of(picture: &[u8]) -> Result<Vec<ScannedSymbol>, Problem> {
    let unreadable = |error: image::ImageError| {
        Problem::invalid("The picture cannot be read: send a whole PNG or JPEG file.").because(error)
    };
    let mut reader = ImageReader::new(std::io::Cursor::new(picture))
        .with_guessed_format()
        .map_err(|error| Problem::new(Code::Unreadable, "The picture did not arrive whole.").because(error))?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    reader.limits(limits);
    let luma = reader.decode().map_err(unreadable)?.into_luma8();
    let (width, height) = luma.dimensions();
    let frame =
        Frame::new(luma.as_raw(), width, height).ok_or_else(|| Problem::invalid("The picture has no pixels."))?;
    let symbols = read(&frame, &ReadOptions::default());
    Ok(symbols.into_iter().map(|symbol| ScannedSymbol { bytes: symbol.bytes, aim: Some(symbol.aim) }).collect())
}
