//! What is sent: a scan, and the exact bytes that are posted for it.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::ServerUrl;
use crate::handheld::Workstation;
use crate::udi::{Entry, RawScan};

/// What kind of record a message makes, and so where it is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// One scan.
    Scan,
}

impl Endpoint {
    /// The word in the outbox.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scan => "scan",
        }
    }

    /// The path on the server.
    pub fn path(self) -> &'static str {
        match self {
            Self::Scan => "/api/v1/scans",
        }
    }

    /// The endpoint of a word in the outbox.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        (word == Self::Scan.word()).then_some(Self::Scan)
    }
}

/// One barcode of a scan.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ScannedSymbol {
    /// The bytes as they were received.
    #[serde(serialize_with = "crate::udi::base64_bytes::serialize")]
    pub bytes: Vec<u8>,
    /// AIM symbology identifier, where the reader knew it apart from the bytes.
    pub aim: Option<String>,
}

impl From<&RawScan> for ScannedSymbol {
    fn from(raw: &RawScan) -> Self {
        Self { bytes: raw.bytes.clone(), aim: raw.aim.clone() }
    }
}

impl fmt::Debug for ScannedSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScannedSymbol({} bytes, {:?})", self.bytes.len(), self.aim)
    }
}

/// One scan: one trigger of a handheld, or one picture of a pack, with every barcode that was on it.
///
/// # Example
/// ```
/// use tessera_scanner::deliver::{Scan, ScannedSymbol};
/// use tessera_scanner::udi::Entry;
///
/// let symbol = ScannedSymbol { bytes: b"]d20100844505000772".to_vec(), aim: None };
/// let scan = Scan::now(uuid::Uuid::now_v7(), Entry::Handheld, vec![symbol]);
/// assert!(!format!("{scan:?}").contains("0844505000772"), "what was scanned may be an identity");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// Made here, at the edge: UUIDv7.
    pub id: Uuid,
    /// The procedure that the scan belongs to.
    pub procedure: Uuid,
    /// When, by the clock of this device.
    #[serde(serialize_with = "to_the_millisecond")]
    pub scanned_at: DateTime<Utc>,
    /// How it came in.
    pub entry: Entry,
    /// Every barcode, in the order read.
    pub symbols: Vec<ScannedSymbol>,
    /// The earlier scan that this one stands in for: the first half of a two-part label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes_scan: Option<Uuid>,
    /// The workstation whose scanner it was, by the name under which the registry knows how to read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workstation: Option<Workstation>,
}

impl Scan {
    /// A scan made now, with a new id.
    pub fn now(procedure: Uuid, entry: Entry, symbols: Vec<ScannedSymbol>) -> Self {
        Self {
            id: Uuid::now_v7(),
            procedure,
            scanned_at: Utc::now(),
            entry,
            symbols,
            supersedes_scan: None,
            workstation: None,
        }
    }

    /// The message that takes it to the registry. Its bytes are made here, once, and never again.
    pub fn message(&self, server: &ServerUrl) -> Message {
        let body = serde_json::to_vec(self).expect("a scan has only texts and lists, which JSON can hold");
        Message { id: self.id, endpoint: Endpoint::Scan, server: server.clone(), body: Zeroizing::new(body) }
    }
}

fn to_the_millisecond<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// What goes into the outbox: an id, where it goes, and the exact bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The id of the record that it makes; also inside the body.
    pub id: Uuid,
    /// What kind of record.
    pub endpoint: Endpoint,
    /// Which registry.
    pub server: ServerUrl,
    /// The JSON as it is posted, byte for byte, at every try.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} {}, {} bytes, to {})", self.endpoint.word(), self.id, self.body.len(), self.server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_what_the_registry_takes() {
        let scan = Scan {
            id: "01920000-0000-7000-8000-000000000001".parse().unwrap(),
            procedure: "01920000-0000-7000-8000-000000000002".parse().unwrap(),
            scanned_at: "2026-11-23T09:08:07.654321Z".parse().unwrap(),
            entry: Entry::Photo,
            symbols: vec![
                ScannedSymbol { bytes: b"0100844505000772\x1d".to_vec(), aim: Some("]d2".to_owned()) },
                ScannedSymbol { bytes: vec![0xFF], aim: None },
            ],
            supersedes_scan: None,
            workstation: None,
        };
        let server = "https://registry.example".parse().unwrap();
        assert_eq!(
            str::from_utf8(&scan.message(&server).body).unwrap(),
            r#"{"id":"01920000-0000-7000-8000-000000000001","procedure":"01920000-0000-7000-8000-000000000002","scanned_at":"2026-11-23T09:08:07.654Z","entry":"photo","symbols":[{"bytes":"MDEwMDg0NDUwNTAwMDc3Mh0=","aim":"]d2"},{"bytes":"/w==","aim":null}]}"#
        );
        let earlier = Uuid::now_v7();
        let scan = Scan { supersedes_scan: Some(earlier), workstation: "Theatre 3".parse().ok(), ..scan };
        let body: serde_json::Value = serde_json::from_slice(&scan.message(&server).body).unwrap();
        assert_eq!(body["supersedes_scan"], earlier.to_string());
        assert_eq!(body["workstation"], "Theatre 3");
    }
}
