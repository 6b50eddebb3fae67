//! What a theatre keeps to judge by while the registry is away: every product, every active recall, the limits.
//!
//! A snapshot is cut into parts that are named by the hash of their bytes, so a tablet fetches only those that changed. The
//! list of parts, with the moment at which the data was read, is signed under a key of this registry; the theatre page
//! carries the public half. See `docs/decisions/0020-a-snapshot-to-judge-by.md`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{CacheControl, CacheDirective, ETag, EntityTag, Header as _, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, get, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tessera_scanner::snapshot::{Part, PartNamed, SnapshotProduct, Statement};
use tessera_scanner::verdict::{Limits, RecallFacts, Rule};
use utoipa::ToSchema;

use crate::access::{Permit, Record};
use crate::catalogue;
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::identity::keys::IdentityKeys;
use crate::recalls;
use crate::store::{AnyConnection, Store};

/// For how long the data that was read serves everybody who asks: every tablet asks about once a minute.
const SERVES: Duration = Duration::from_secs(5);

/// Products are spread over this many parts: a new product changes one of them.
const PRODUCT_PARTS: u8 = 64;

/// Takes snapshots and signs them.
#[derive(Debug)]
pub struct Snapshots {
    key: Ed25519KeyPair,
    last: Mutex<Option<(Instant, Arc<Taken>)>>,
}

/// A snapshot, ready to be sent.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) signed: SignedStatement,
    /// By hash.
    pub(super) parts: BTreeMap<String, String>,
}

/// What a tablet gets: the list of parts, signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignedStatement {
    /// JSON as it was signed, to the byte: `version`, `taken`, `limits` and `parts` (`name` and SHA-256).
    pub statement: String,
    /// Ed25519 over the statement (RFC 8032), in base64.
    pub signature: String,
}

impl Snapshots {
    /// With the signing key that belongs to this registry's own.
    ///
    /// # Errors
    /// [`Code::Internal`] where no key can be made.
    pub fn new(keys: &IdentityKeys) -> Result<Self, Problem> {
        let seed = keys.pseudonym("key", "theatre snapshot", "version 1");
        let key = Ed25519KeyPair::from_seed_unchecked(seed.as_bytes()).map_err(|error| {
            Problem::new(Code::Internal, "The snapshots’ key cannot be made.").because(error.to_string())
        })?;
        Ok(Self { key, last: Mutex::new(None) })
    }

    /// The public half of the key, in base64.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.key.public_key())
    }

    /// Takes one now.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn take(
        &self,
        connection: &mut AnyConnection,
        limits: Limits,
        rules: &[Rule],
    ) -> Result<Taken, Problem> {
        let taken = Utc::now();
        let products = catalogue::store::everything(connection)?;
        let recalls = recalls::store::active(connection)?;
        let mut parts = BTreeMap::new();
        let mut named = Vec::new();
        for (name, part) in cut(products, recalls, rules) {
            let text = json(&part)?;
            let hash = hex::encode(Sha256::digest(text.as_bytes()));
            named.push(PartNamed { name, hash: hash.clone() });
            parts.insert(hash, text);
        }
        let version = hex::encode(Sha256::digest(json(&(&named, limits))?.as_bytes()));
        let statement = json(&Statement { version, taken, limits, parts: named })?;
        let signature = STANDARD.encode(self.key.sign(statement.as_bytes()));
        Ok(Taken { signed: SignedStatement { statement, signature }, parts })
    }

    /// The last one, or a new one where that is too old.
    async fn current(self: Arc<Self>, store: &Store, config: &Config) -> Result<Arc<Taken>, Problem> {
        if let Some((at, taken)) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < SERVES
        {
            return Ok(taken.clone());
        }
        let (limits, rules) = (config.limits, config.compatibility.clone());
        store
            .read(move |connection| {
                let taken = Arc::new(self.take(connection, limits, &rules)?);
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), taken.clone()));
                Ok(taken)
            })
            .await
    }
}

fn json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value)
        .map_err(|error| Problem::new(Code::Internal, "The snapshot could not be written.").because(error))
}

/// The parts by name; empty ones are left out.
fn cut(
    products: Vec<(catalogue::model::Product, Vec<tessera_scanner::udi::DeviceIdentifier>)>,
    recalls: Vec<RecallFacts>,
    rules: &[Rule],
) -> BTreeMap<String, Part> {
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for (product, identifiers) in products {
        let id = product.id.to_string();
        // The end of a UUIDv7 is random: products spread evenly, and each stays in its part.
        let place = product.id.uuid().as_bytes()[15] % PRODUCT_PARTS;
        parts.entry(format!("products-{place:02}")).or_default().products.push(SnapshotProduct {
            facts: product.facts(identifiers),
            has_to_fit: rules.iter().any(|rule| rule.category == product.category),
            description: product.description,
            id,
        });
    }
    if !recalls.is_empty() {
        parts.insert("recalls".to_owned(), Part { recalls, ..Part::default() });
    }
    parts
}

/// The data that a theatre judges by without the registry
#[utoipa::path(tag = "theatre", responses((status = 200, body = SignedStatement),
    (status = 304, description = "Nothing newer was read than what the ETag stands for")))]
#[get("/theatre/snapshot")]
pub async fn show_snapshot(
    request: HttpRequest,
    store: web::Data<Store>,
    config: web::Data<Config>,
    snapshots: web::Data<Snapshots>,
    _permit: Permit<Record>,
) -> Result<HttpResponse, Problem> {
    let taken = snapshots.into_inner().current(&store, &config).await?;
    let tag = EntityTag::new_strong(hex::encode(&Sha256::digest(taken.signed.statement.as_bytes())[..16]));
    let known = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|one| one.weak_eq(&tag)),
        _ => false,
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(ETag(tag))
        .insert_header(CacheControl(vec![CacheDirective::Private, CacheDirective::NoCache]));
    Ok(if known { response.finish() } else { response.json(&taken.signed) })
}

/// One part of the snapshot
///
/// By the SHA-256 of its bytes. A part that is no longer of the newest snapshot is not found: ask for the snapshot again.
#[utoipa::path(tag = "theatre", params(("hash" = String, Path, description = "SHA-256 of the part, in hexadecimal digits")),
    responses((status = 200, description = "The part as JSON"), (status = 404, body = ProblemDetails)))]
#[get("/theatre/snapshot/parts/{hash}")]
pub async fn show_part(
    store: web::Data<Store>,
    config: web::Data<Config>,
    snapshots: web::Data<Snapshots>,
    _permit: Permit<Record>,
    hash: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let taken = snapshots.into_inner().current(&store, &config).await?;
    let part = taken.parts.get(hash.as_str()).ok_or_else(|| Problem::not_found(format!("part {hash}")))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(CacheControl(vec![CacheDirective::Private, CacheDirective::MaxAge(86_400)]))
        .body(part.clone()))
}
