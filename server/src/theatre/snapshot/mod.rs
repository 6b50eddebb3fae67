//! What a theatre keeps to judge by while the registry is away: every product, every active recall, the rules of
//! compatibility, the limits, and what its own site has on the shelves.
//!
//! A snapshot is cut into parts that are named by the hash of their bytes, so a tablet fetches only those that changed. The
//! list of parts, with the moment at which the data was read, is signed under a key of this registry; the theatre page
//! carries the public half. See `docs/decisions/0020-a-snapshot-to-judge-by.md`.

pub mod api;
mod parts;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tessera_scanner::snapshot::{Part, PartNamed, Statement};
use tessera_scanner::verdict::{Limits, Rule};
use utoipa::ToSchema;

use crate::catalogue;
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::recalls;
use crate::recalls::stock::store::shelves;
use crate::store::{AnyConnection, Store};

/// For how long the data that was read serves everybody who asks: every tablet asks about once a minute.
const SERVES: Duration = Duration::from_secs(5);

/// Takes snapshots and signs them.
#[derive(Debug)]
pub struct Snapshots {
    key: Ed25519KeyPair,
    common: Mutex<Option<Aged<Pieces>>>,
    /// By site (ODS code), and one for who names none.
    taken: Mutex<HashMap<Option<String>, Aged<Taken>>>,
}

/// What was read, and when.
type Aged<T> = (Instant, Arc<T>);

/// Parts, ready to be sent.
#[derive(Debug)]
struct Pieces {
    /// When the data was read.
    at: DateTime<Utc>,
    /// By name: hash and text.
    parts: BTreeMap<String, (String, Arc<str>)>,
}

/// A snapshot, ready to be sent.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) signed: SignedStatement,
    /// By hash.
    pub(super) parts: BTreeMap<String, Arc<str>>,
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
        Ok(Self { key, common: Mutex::default(), taken: Mutex::default() })
    }

    /// The public half of the key, in base64.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.key.public_key())
    }

    /// Takes one now, whatever was kept.
    #[cfg(test)]
    pub(super) fn take(
        &self,
        connection: &mut AnyConnection,
        limits: Limits,
        rules: &[Rule],
        site: Option<&str>,
    ) -> Result<Taken, Problem> {
        let common = common(connection, rules)?;
        self.of_site(connection, &common, limits, site)
    }

    /// What is common to all sites, and what this one has on its shelves. It is as old as the older of the two.
    fn of_site(
        &self,
        connection: &mut AnyConnection,
        common: &Pieces,
        limits: Limits,
        site: Option<&str>,
    ) -> Result<Taken, Problem> {
        let of_shelves = match site {
            Some(site) => parts::of_shelves(site, shelves::of_site(connection, site)?),
            None => BTreeMap::new(),
        };
        let of_shelves = pieces(common.at, &of_shelves)?;
        let (mut named, mut parts) = (Vec::new(), BTreeMap::new());
        for (name, (hash, text)) in common.parts.iter().chain(&of_shelves.parts) {
            named.push(PartNamed { name: name.clone(), hash: hash.clone() });
            parts.insert(hash.clone(), text.clone());
        }
        let version = hex::encode(Sha256::digest(json(&(&named, limits))?.as_bytes()));
        let statement = json(&Statement { version, taken: common.at, limits, parts: named })?;
        let signature = STANDARD.encode(self.key.sign(statement.as_bytes()));
        Ok(Taken { signed: SignedStatement { statement, signature }, parts })
    }

    /// The last one for this site, or a new one where that is too old.
    async fn current(
        self: Arc<Self>,
        store: &Store,
        config: &Config,
        site: Option<String>,
    ) -> Result<Arc<Taken>, Problem> {
        if let Some((at, taken)) = self.taken.lock().unwrap_or_else(PoisonError::into_inner).get(&site)
            && at.elapsed() < SERVES
        {
            return Ok(taken.clone());
        }
        let (limits, rules) = (config.limits, config.compatibility.clone());
        store
            .read(move |connection| {
                let common = self.common(connection, &rules)?;
                let taken = Arc::new(self.of_site(connection, &common, limits, site.as_deref())?);
                let mut kept = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
                kept.retain(|_, (at, _)| at.elapsed() < SERVES);
                kept.insert(site, (Instant::now(), taken.clone()));
                Ok(taken)
            })
            .await
    }

    /// What is common to all sites as it was read last, or anew where that is too long ago.
    fn common(&self, connection: &mut AnyConnection, rules: &[Rule]) -> Result<Arc<Pieces>, Problem> {
        if let Some((at, common)) = &*self.common.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < SERVES
        {
            return Ok(common.clone());
        }
        let read = Arc::new(common(connection, rules)?);
        *self.common.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), read.clone()));
        Ok(read)
    }
}

fn common(connection: &mut AnyConnection, rules: &[Rule]) -> Result<Pieces, Problem> {
    let at = Utc::now();
    let products = catalogue::store::everything(connection)?;
    let categories: Vec<&str> = rules.iter().map(|rule| rule.category.as_str()).collect();
    let attributes = catalogue::attributes::of_categories(connection, &categories)?;
    pieces(at, &parts::common(products, attributes, recalls::store::active(connection)?, rules))
}

fn pieces(at: DateTime<Utc>, parts: &BTreeMap<String, Part>) -> Result<Pieces, Problem> {
    let written = parts.iter().map(|(name, part)| {
        let text = json(part)?;
        Ok((name.clone(), (hex::encode(Sha256::digest(text.as_bytes())), text.into())))
    });
    Ok(Pieces { at, parts: written.collect::<Result<_, Problem>>()? })
}

fn json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value)
        .map_err(|error| Problem::new(Code::Internal, "The snapshot could not be written.").because(error))
}
