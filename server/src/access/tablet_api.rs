//! A tablet on which a person may go on without a network.

use actix_web::{HttpRequest, post, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;

use super::tablet_keys::{self, NewTabletKey, TabletKey, TabletKeyId};
use super::{BadgeAndPin, SignInThrottle, SignedIn, badge_check};
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::Store;

/// A key of this tablet, with its owner's badge and PIN.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewTabletKeyBody {
    /// Made by the tablet (UUIDv7).
    id: TabletKeyId,
    /// An uncompressed point of P-256 (65 bytes), in base64.
    public_key: String,
    /// Badge and PIN of whoever is signed in.
    #[serde(flatten)]
    presented: BadgeAndPin,
}

/// Enrol a tablet for work without a network
///
/// What its owner signs there with the private half, within seven days, is taken as theirs (header `X-Tablet-Proof`).
#[utoipa::path(tag = "session", request_body = NewTabletKeyBody, responses(
    (status = 200, body = TabletKey), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[post("/session/tablet-key")]
pub async fn enrol_tablet(
    request: HttpRequest,
    store: web::Data<Store>,
    throttle: web::Data<SignInThrottle>,
    signed_in: SignedIn,
    body: web::Json<NewTabletKeyBody>,
) -> Result<web::Json<TabletKey>, Problem> {
    let body = body.into_inner();
    let public_key = STANDARD
        .decode(&body.public_key)
        .map_err(|error| Problem::invalid(format!("The tablet’s public key is not base64: {error}.")))?;
    let address = request.peer_addr().map(|address| address.ip());
    let owner = badge_check::check(&store, &throttle, address, body.presented).await?;
    if owner.id != signed_in.user().id {
        return Err(Problem::new(Code::WrongBadge, "This is not the badge of the person who is signed in."));
    }
    let (actor, new) = (signed_in.actor(), NewTabletKey { id: body.id, public_key });
    store.write(move |tx| tablet_keys::enrol(tx, &actor, owner.id, &new)).await.map(web::Json)
}
