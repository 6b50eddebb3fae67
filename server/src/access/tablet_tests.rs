//! Acts that were signed on a tablet, on both engines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::pin::Pin;
use super::store::{NewUser, add_user};
use super::tablet_keys::{NewTabletKey, TabletKeyId, enrol, signer};
use super::{Actor, Password, Role, TabletProof, UserId, badges};
use crate::error::{Code, Problem};
use crate::store::Transaction;
use crate::store::testing::on_both_engines;

const SUBJECT: &str = "POST /api/v1/scans\n00ff";

fn nurse(tx: &mut Transaction<'_>) -> Result<UserId, Problem> {
    let new = NewUser {
        username: "nina".to_owned(),
        display_name: "Nina".to_owned(),
        role: Role::Nurse,
        site_code: None,
        password: Password::new("long enough password")?.hash()?,
    };
    let id = add_user(tx, &Actor::System, &new)?;
    badges::give(tx, &Actor::System, id, &"505089897373832492".parse().unwrap())?;
    Ok(id)
}

/// A tablet's half of the bargain.
struct Tablet {
    id: TabletKeyId,
    key: EcdsaKeyPair,
}

impl Tablet {
    fn new() -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap();
        Self { id: TabletKeyId::new(), key }
    }

    fn public(&self) -> NewTabletKey {
        NewTabletKey { id: self.id, public_key: self.key.public_key().as_ref().to_vec() }
    }

    fn signs(&self, subject: &str, at: DateTime<Utc>) -> TabletProof {
        let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let message = format!("tessera-tablet-1\n{}\n{at}\n{subject}", self.id);
        let signature = self.key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        TabletProof { key: self.id, at, signature: STANDARD.encode(signature) }
    }
}

#[test]
fn an_act_is_its_signers_and_nobody_elses() {
    on_both_engines(|store| {
        store
            .write_now(|tx| {
                let nina = nurse(tx)?;
                let (tablet, other, now) = (Tablet::new(), Tablet::new(), Utc::now());
                enrol(tx, &Actor::System, nina, &tablet.public())?;
                enrol(tx, &Actor::System, nina, &tablet.public())?;
                let proof = tablet.signs(SUBJECT, now);
                assert_eq!(signer(tx, &proof, SUBJECT, now)?.id, nina);
                let mut refused = |proof: &TabletProof, subject: &str| {
                    assert_eq!(signer(tx, proof, subject, now).unwrap_err().code(), Code::UnprovenAct);
                };
                refused(&proof, "POST /api/v1/scans\n00fe");
                refused(&TabletProof { at: now.to_rfc3339(), ..proof.clone() }, SUBJECT);
                refused(&TabletProof { signature: "!".into(), ..proof.clone() }, SUBJECT);
                refused(&other.signs(SUBJECT, now), SUBJECT);
                refused(&TabletProof { key: tablet.id, ..other.signs(SUBJECT, now) }, SUBJECT);
                let broken = NewTabletKey { public_key: vec![4; 64], ..tablet.public() };
                assert_eq!(enrol(tx, &Actor::System, nina, &broken).unwrap_err().code(), Code::InvalidInput);
                let taken = NewTabletKey { id: tablet.id, ..other.public() };
                assert_eq!(enrol(tx, &Actor::System, nina, &taken).unwrap_err().code(), Code::IdReused);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_key_signs_for_its_days_and_no_longer_than_badge_and_pin_stay() {
    on_both_engines(|store| {
        store
            .write_now(|tx| {
                let nina = nurse(tx)?;
                let (tablet, now) = (Tablet::new(), Utc::now());
                enrol(tx, &Actor::System, nina, &tablet.public())?;
                let mut ask = |at: DateTime<Utc>, arrives: DateTime<Utc>| {
                    signer(tx, &tablet.signs(SUBJECT, at), SUBJECT, arrives).map(|user| user.id)
                };
                let in_days = |days| now + Duration::days(days);
                assert_eq!(ask(in_days(6), in_days(6))?, nina);
                assert_eq!(ask(in_days(6), in_days(30))?, nina, "a tablet that lay in a cupboard");
                for (at, arrives) in [(-1, 0), (8, 8), (6, 38), (6, 0)] {
                    let refused = ask(in_days(at), in_days(arrives)).unwrap_err();
                    assert_eq!(refused.code(), Code::UnprovenAct, "signed on day {at}, here on day {arrives}");
                }
                badges::set_pin(tx, &Actor::System, nina, &Pin::new("482716")?.hash()?)?;
                let refused = signer(tx, &tablet.signs(SUBJECT, now), SUBJECT, now).unwrap_err();
                assert_eq!(refused.code(), Code::UnprovenAct);
                Ok(())
            })
            .unwrap();
    });
}
