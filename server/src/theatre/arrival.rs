//! Scans as they arrive, before the registry is asked anything: what was scanned, and what it says.

use chrono::{Datelike as _, Utc};
use tessera_scanner::handheld::ScannerProfile;
use tessera_scanner::label::{Label, ScanKind, assemble_with, kind};

use super::model::{NewScan, ScannedKind};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;

/// A scan as it arrived, understood as far as that needs no registry: what is pure is done before the transaction, which
/// on SQLite everybody waits for.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// As the client sent it, with the profile that it was read with.
    pub scan: NewScan,
    /// Its bytes as kept.
    pub body: Vec<u8>,
    /// What a repeat is known by: what the client sent, alone.
    pub body_hash: Vec<u8>,
    /// What was scanned.
    pub kind: ScannedKind,
    /// What the barcodes say, where they are no person's and no place's.
    pub label: Option<Label>,
}

impl Arrived {
    /// Understands a scan; `known` is what the registry knows of the workstation's scanner, where the scan does not say.
    ///
    /// # Errors
    /// [`Code::Internal`] where the scan cannot be written down.
    pub fn new(keys: &IdentityKeys, mut scan: NewScan, known: Option<ScannerProfile>) -> Result<Self, Problem> {
        let written = |scan: &NewScan| {
            serde_json::to_vec(scan)
                .map_err(|error| Problem::new(Code::Internal, "The scan could not be written.").because(error))
        };
        let mut body = written(&scan)?;
        let body_hash = body_hash(keys, &body);
        if scan.profile.is_none() && known.is_some() {
            scan.profile = known;
            body = written(&scan)?;
        }
        let kind = kind_of(&scan);
        let of_a_pack = matches!(kind, ScannedKind::Pack | ScannedKind::Other) && !scan.symbols.is_empty();
        let label = of_a_pack.then(|| {
            let profile = scan.profile.clone().unwrap_or_default();
            assemble_with(&scan.raw(), &profile, Utc::now().year())
        });
        Ok(Self { scan, body, body_hash, kind, label })
    }
}

/// What was scanned: a pack as soon as one of the barcodes is a pack's.
fn kind_of(scan: &NewScan) -> ScannedKind {
    let kinds: Vec<ScanKind> = scan
        .symbols
        .iter()
        .map(|symbol| {
            let aim = symbol.aim.as_deref().unwrap_or_default();
            kind(&[aim.as_bytes(), &symbol.bytes].concat())
        })
        .collect();
    let first = |wanted: ScanKind| kinds.contains(&wanted);
    // An identity anywhere in the scan seals all of it.
    if first(ScanKind::Wristband) {
        ScannedKind::Wristband
    } else if first(ScanKind::StaffBadge) {
        ScannedKind::Badge
    } else if first(ScanKind::DevicePack) {
        ScannedKind::Pack
    } else if first(ScanKind::Location) {
        ScannedKind::Location
    } else {
        ScannedKind::Other
    }
}

/// Hash of a body under our key: the body may be a wristband, whose few digits a plain hash would give away.
pub fn body_hash(keys: &IdentityKeys, body: &[u8]) -> Vec<u8> {
    keys.pseudonym("body", "", &String::from_utf8_lossy(body)).as_bytes().to_vec()
}
