//! Verdicts without the registry.

use serde::Deserialize;
use tessera_scanner::snapshot::{OfflineScan, Part, Snapshot};
use tessera_scanner::verdict::Limits;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::refused;

/// A snapshot that answers scans.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Theatre {
    snapshot: Snapshot,
}

/// What is needed of the registry's statement; whether it is the registry's was checked before.
#[derive(Deserialize)]
struct Told {
    taken: chrono::DateTime<chrono::Utc>,
    limits: Limits,
}

#[wasm_bindgen]
impl Theatre {
    /// From the registry's statement and its parts, each as the JSON that was fetched.
    ///
    /// # Errors
    /// Where one of them cannot be read.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
    pub fn new(statement: &str, parts: Vec<String>) -> Result<Self, JsError> {
        let told: Told = serde_json::from_str(statement)
            .map_err(|error| refused("The snapshot's statement cannot be read", &error))?;
        let parts: Vec<Part> = parts
            .iter()
            .map(|text| serde_json::from_str(text))
            .collect::<Result<_, _>>()
            .map_err(|error| refused("A part of the snapshot cannot be read", &error))?;
        Ok(Self { snapshot: Snapshot::new(told.taken, told.limits, parts) })
    }

    /// How many products it knows.
    #[wasm_bindgen(getter)]
    pub fn products(&self) -> usize {
        self.snapshot.counts().0
    }

    /// Judges one scan (`OfflineScan` as JSON) and gives `OfflineAnswer` as JSON.
    ///
    /// # Errors
    /// Where the scan cannot be read.
    pub fn judge(&self, scan: &str) -> Result<String, JsError> {
        let scan: OfflineScan =
            serde_json::from_str(scan).map_err(|error| refused("The scan cannot be read", &error))?;
        serde_json::to_string(&self.snapshot.judge(&scan))
            .map_err(|error| refused("The answer cannot be written", &error))
    }
}
