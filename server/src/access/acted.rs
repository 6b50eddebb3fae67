//! Requests that carry the signature of whoever did it without a network: they are that person's, whoever sends them now.
//!
//! The header `X-Tablet-Proof` holds key, moment and signature, with blanks between. What was signed is method, path and the
//! SHA-256 of the body, so that a signature is of no use for anything else. A session is needed all the same.

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use chrono::Utc;
use sha2::{Digest as _, Sha256};

use super::tablet_keys::{TabletProof, signer};
use super::{SignedIn, User};
use crate::error::{Code, Problem};
use crate::store::Store;

/// The header that carries a proof.
pub const PROOF: &str = "x-tablet-proof";

/// Largest body that is read for its hash: a photo with what is said of it.
const LARGEST: usize = 21 * 1024 * 1024;

/// What may be signed on a tablet: what is done at the point of care, and nothing else.
const THEATRE: [&str; 2] = ["/api/v1/procedures", "/api/v1/scans"];

/// Who did what this request says.
#[derive(Clone, Debug)]
pub struct ActedBy(User);

impl ActedBy {
    /// The person.
    pub fn user(&self) -> &User {
        &self.0
    }
}

/// Finds out who acted, where a request says so; refuses it where the proof does not hold.
///
/// # Errors
/// [`Code::UnprovenAct`], and those of a request without a session.
pub async fn acted_by(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(header) = request.headers().get(PROOF) {
        let proof = parse(header.to_str().unwrap_or_default())?;
        if !THEATRE.iter().any(|of| request.path().starts_with(of)) {
            return Err(Problem::new(
                Code::UnprovenAct,
                "Only what is done in theatre is taken with a tablet’s signature.",
            )
            .into());
        }
        // Only who is signed in may send at all; that is asked before any work is done.
        request.extract::<SignedIn>().await?;
        request.extensions_mut().remove::<SignedIn>();
        let body = request
            .extract::<web::Payload>()
            .await?
            .to_bytes_limited(LARGEST)
            .await
            .map_err(|_| Problem::new(Code::TooLarge, "What was signed is larger than is taken."))??;
        let subject =
            format!("{} {}\n{}", request.method(), request.path(), hex::encode(Sha256::digest(body.as_ref())));
        request.set_payload(Payload::from(body));
        let store = request
            .app_data::<web::Data<Store>>()
            .cloned()
            .ok_or_else(|| Problem::new(Code::Internal, "The application was built without its store."))?;
        let user = store.read(move |connection| signer(connection, &proof, &subject, Utc::now())).await?;
        request.extensions_mut().insert(ActedBy(user));
    }
    next.call(request).await
}

fn parse(header: &str) -> Result<TabletProof, Problem> {
    let refused = || Problem::new(Code::UnprovenAct, "The header X-Tablet-Proof is not key, moment and signature.");
    let mut parts = header.split(' ');
    let (Some(key), Some(at), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(refused());
    };
    Ok(TabletProof { key: key.parse().map_err(|_| refused())?, at: at.to_owned(), signature: signature.to_owned() })
}
