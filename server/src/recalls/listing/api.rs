//! Lists over HTTP.

use std::future::poll_fn;
use std::io::Write as _;
use std::path::PathBuf;
use std::pin::Pin;

use actix_web::{get, post, web};
use futures_core::Stream as _;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::bring_in::{bring_in, check};
use super::model::Listing;
use super::read::Defaults;
use super::store as listings;
use crate::access::{EnterRecall, Permit, ReadRecalls};
use crate::error::{Code, Problem, ProblemDetails};
use crate::recalls::model::RecallId;
use crate::store::Store;

/// Largest file, in bytes.
const LARGEST: u64 = 1 << 30;

/// What lines mean that do not say it themselves.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ListingQuery {
    /// The device identifier (UDI-DI).
    identifier: Option<String>,
    /// The maker.
    maker: Option<String>,
    /// The maker's catalogue number (REF).
    reference: Option<String>,
}

/// A file that is gone when nobody needs it any more.
struct Spooled(PathBuf);

impl Drop for Spooled {
    fn drop(&mut self) {
        // A file that cannot be removed lies in the temporary folder, which the system clears.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn spooled(mut body: web::Payload) -> Result<Spooled, Problem> {
    let failed =
        |error: std::io::Error| Problem::new(Code::Internal, "The list could not be put aside.").because(error);
    let kept = Spooled(std::env::temp_dir().join(format!("tessera-list-{}.csv", Uuid::now_v7())));
    let mut file = std::fs::File::create_new(&kept.0).map_err(failed)?;
    let mut taken = 0;
    while let Some(chunk) = poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
        let chunk = chunk.map_err(|error| {
            Problem::new(Code::Unreadable, "The list did not arrive whole.").because(error.to_string())
        })?;
        taken += chunk.len() as u64;
        if taken > LARGEST {
            return Err(Problem::new(Code::TooLarge, format!("A list has up to {LARGEST} bytes.")));
        }
        file.write_all(&chunk).map_err(failed)?;
    }
    Ok(kept)
}

/// Add a list of lots and serials (CSV) to a notice that waits for its second person
///
/// Nothing is added where a line cannot be used; each such line is named. The same file again goes on where it was broken off.
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path), ListingQuery),
    request_body(content = String, content_type = "text/csv"), responses(
    (status = 200, body = Listing), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 413, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/lines.csv")]
pub async fn bring_list_in(
    store: web::Data<Store>,
    permit: Permit<EnterRecall>,
    id: web::Path<RecallId>,
    query: web::Query<ListingQuery>,
    body: web::Payload,
) -> Result<web::Json<Listing>, Problem> {
    let (user, id, query) = (permit.user().clone(), id.into_inner(), query.into_inner());
    let defaults = Defaults { identifier: query.identifier, maker: query.maker, reference: query.reference };
    let (store, file) = (store.as_ref().clone(), spooled(body).await?);
    let brought = web::block(move || {
        let checked = check(&file.0, &defaults, |_| {})?;
        bring_in(&store, &user, id, (&file.0, &defaults, &checked), |_| {})
    });
    let listing = brought
        .await
        .map_err(|error| Problem::new(Code::Internal, "The list could not be brought in.").because(error))??;
    Ok(web::Json(listing))
}

/// The lists that were added to a notice, and how far each has come
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses((status = 200, body = Vec<Listing>)))]
#[get("/recalls/{id}/lists-brought-in")]
pub async fn show_listings(
    store: web::Data<Store>,
    _permit: Permit<ReadRecalls>,
    id: web::Path<RecallId>,
) -> Result<web::Json<Vec<Listing>>, Problem> {
    let id = id.into_inner();
    Ok(web::Json(store.read(move |connection| listings::of_recall(connection, id)).await?))
}
