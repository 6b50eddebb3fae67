//! A person's key on one tablet: with it they sign what they do there without a network.
//!
//! The private half lies on the tablet, wrapped under a key that is derived from the PIN; the registry keeps the public half
//! from a moment at which badge and PIN were checked here. See `docs/decisions/0042-who-acts-without-a-network.md`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Actor, User, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::once::repeated;
use crate::store::columns::Moment;
use crate::store::schema::{tablet_keys, users};
use crate::store::{AnyConnection, Transaction};

crate::record_id! {
    /// One person's key on one tablet.
    TabletKeyId
}

/// For how long a person may sign on a tablet since they last gave badge and PIN to the registry there.
const SIGNS_DAYS: i64 = 7;
/// For how long after that what was signed is still taken: tablets lie in cupboards.
const TAKEN_DAYS: i64 = 30;
/// Clocks of a tablet and a server differ by this much at most.
const TOLERANCE_MINUTES: i64 = 5;
/// An uncompressed point of P-256 (SEC 1, section 2.3.3): 0x04 and two coordinates of 32 bytes.
const POINT_BYTES: usize = 65;

/// A key to be enrolled.
#[derive(Clone, Debug)]
pub struct NewTabletKey {
    /// Made by the tablet.
    pub id: TabletKeyId,
    /// An uncompressed point of P-256.
    pub public_key: Vec<u8>,
}

/// A key that the registry knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TabletKey {
    /// Its id.
    pub id: TabletKeyId,
    /// Until when its owner may sign with it.
    #[schema(value_type = DateTime<Utc>)]
    pub expires_at: Moment,
}

/// Who did something on a tablet, as far as a signature shows it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TabletProof {
    /// The key.
    pub key: TabletKeyId,
    /// The moment of the act by the tablet's clock, RFC 3339, as it was signed.
    pub at: String,
    /// ECDSA over P-256 with SHA-256 (FIPS 186-5), r and s of 32 bytes each, in base64; over the four lines `tessera-tablet-1`,
    /// key, moment and what was done.
    pub signature: String,
}

/// Keeps a key of a person whose badge and PIN were right a moment ago.
///
/// # Errors
/// [`Code::InvalidInput`] for what is no public key, [`Code::IdReused`].
pub fn enrol(tx: &mut Transaction<'_>, actor: &Actor, user: UserId, new: &NewTabletKey) -> Result<TabletKey, Problem> {
    if new.public_key.len() != POINT_BYTES || new.public_key[0] != 4 {
        return Err(Problem::invalid("The tablet’s public key is no uncompressed point of P-256 (65 bytes)."));
    }
    let known: Option<(UserId, Vec<u8>, Moment)> = tablet_keys::table
        .find(new.id)
        .select((tablet_keys::user_id, tablet_keys::public_key, tablet_keys::expires_at))
        .first(&mut **tx)
        .optional()?;
    let same = |(owner, key, _): &(UserId, Vec<u8>, Moment)| *owner == user && *key == new.public_key;
    if let Some((.., expires_at)) = repeated(known, same, || format!("tablet key {}", new.id))? {
        return Ok(TabletKey { id: new.id, expires_at });
    }
    let now = Moment::now();
    let expires_at = Moment::from(now.utc() + Duration::days(SIGNS_DAYS));
    diesel::insert_into(tablet_keys::table)
        .values((
            tablet_keys::id.eq(new.id),
            tablet_keys::user_id.eq(user),
            tablet_keys::public_key.eq(&new.public_key),
            tablet_keys::enrolled_at.eq(now),
            tablet_keys::expires_at.eq(expires_at),
        ))
        .execute(&mut **tx)?;
    let subject = user.to_string();
    audit::record(tx, actor, &Act { action: "tablet-enrolled", subject_kind: "user", subject, detail: &new.id })?;
    Ok(TabletKey { id: new.id, expires_at })
}

/// A new badge or PIN ends what was enrolled with the old one.
///
/// # Errors
/// Those of the database.
pub fn revoke_all(tx: &mut Transaction<'_>, user: UserId) -> Result<(), Problem> {
    diesel::update(tablet_keys::table.filter(tablet_keys::user_id.eq(user).and(tablet_keys::revoked_at.is_null())))
        .set(tablet_keys::revoked_at.eq(Moment::now()))
        .execute(&mut **tx)?;
    Ok(())
}

/// Who signed `subject`.
///
/// # Errors
/// [`Code::UnprovenAct`], saying what is wrong with the proof.
pub fn signer(
    connection: &mut AnyConnection,
    proof: &TabletProof,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<User, Problem> {
    let unproven = |why: &str| Problem::new(Code::UnprovenAct, why);
    let found: Option<(User, Vec<u8>, Moment, Moment, Option<Moment>)> = tablet_keys::table
        .inner_join(users::table)
        .filter(tablet_keys::id.eq(proof.key).and(users::disabled_at.is_null()))
        .select((
            User::as_select(),
            tablet_keys::public_key,
            tablet_keys::enrolled_at,
            tablet_keys::expires_at,
            tablet_keys::revoked_at,
        ))
        .first(connection)
        .optional()?;
    let Some((user, public_key, enrolled, expires, revoked)) = found else {
        return Err(unproven(
            "The registry does not know the key that this was signed with, or its owner is locked out.",
        ));
    };
    let signature = STANDARD.decode(&proof.signature).map_err(|_| unproven("The signature is not base64."))?;
    let message = format!("tessera-tablet-1\n{}\n{}\n{subject}", proof.key, proof.at);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public_key)
        .verify(message.as_bytes(), &signature)
        .map_err(|_| unproven("The signature is not of this act."))?;
    if revoked.is_some() {
        return Err(unproven("Badge or PIN of whoever signed this have changed since."));
    }
    let at: DateTime<Utc> = proof.at.parse().map_err(|_| unproven("The moment of the act is not RFC 3339."))?;
    let tolerance = Duration::minutes(TOLERANCE_MINUTES);
    if at < enrolled.utc() - tolerance || at > expires.utc() || at > now + tolerance {
        return Err(unproven("This was not signed in the days for which the key was given."));
    }
    if now > expires.utc() + Duration::days(TAKEN_DAYS) {
        return Err(unproven("The key that this was signed with is too old."));
    }
    Ok(user)
}
