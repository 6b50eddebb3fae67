//! The devices of a procedure as the theatre's pages list them.

use std::collections::HashMap;

use tessera_scanner::gs1::date::GsDate;
use tessera_scanner::label::Outcome;
use tessera_scanner::udi::Udi;

use super::acknowledgements;
use super::case_pages::device::marked;
use super::device_uses::{self, DeviceUse};
use super::marks::{self, Mark};
use super::model::{DeviceUseId, Fate, ProcedureId, ScanId};
use super::override_claims;
use super::overrides;
use super::pages::clock;
use super::scans;
use crate::catalogue;
use crate::error::Problem;
use crate::recalls::stock::theatre as shelves;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::web::Fact;
use crate::web::theatre::DeviceUseShown;

/// Most readings that are offered; of more than these a photo is quicker to compare.
const MOST_READINGS: usize = 6;

/// The devices of a procedure as shown: one entry for each chain of corrections, with its history. A scan whose place
/// another one of the same pack took was never a device of its own, and is none here.
///
/// # Errors
/// Those of the database.
pub fn shown(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<DeviceUseShown>, Problem> {
    let rows = device_uses::of_procedure(connection, procedure)?;
    let replaced = scans::replaced_in(connection, procedure)?;
    let people = People {
        looked: acknowledgements::of_procedure(connection, procedure)?,
        stood_by: overrides::witnesses_of(connection, procedure)?,
        not_verified: override_claims::open_in(connection, procedure)?,
    };
    let made = marks::of_procedure(connection, procedure)?;
    let shelved = shelves::of_procedure(connection, procedure)?;
    let superseded: HashMap<DeviceUseId, &DeviceUse> =
        rows.iter().filter_map(|row| row.supersedes.map(|old| (old, row))).collect();
    let mut entries = Vec::new();
    for first in rows.iter().filter(|row| row.supersedes.is_none()) {
        let mut current = first;
        let mut history = Vec::new();
        let mut chain = vec![first.id];
        while let Some(next) = superseded.get(&current.id) {
            let reason = next.reason.as_deref().unwrap_or_default();
            let at = clock(next.recorded_at);
            history.push(match next.fate {
                fate if fate == current.fate => format!("{at}: {reason}"),
                Fate::EnteredInError => format!("undone at {at}: {reason}"),
                fate => format!("{fate} at {at}: {reason}"),
            });
            current = next;
            chain.push(current.id);
        }
        let gone = current.fate == Fate::EnteredInError;
        if gone && current.scan_event_id.is_some_and(|scan| replaced.contains(&scan)) {
            continue;
        }
        let mut shown = entry(connection, first, current, history, &people)?;
        let of_it = made.iter().filter(|(id, ..)| chain.contains(id));
        shown.people.extend(of_it.map(|(_, mark, note)| said(*mark, note)));
        if matches!(current.fate, Fate::Implanted | Fate::Wasted) {
            shown.people.extend(shelved.get(&current.id).cloned());
        }
        entries.push(shown);
    }
    Ok(entries)
}

/// A mark in a sentence.
fn said(mark: Mark, note: &str) -> String {
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    format!("{}{note}.", marked(mark))
}

/// Who looked at a verdict, and who stood by an override.
struct People {
    looked: Vec<(ScanId, String, Moment)>,
    stood_by: Vec<(DeviceUseId, String)>,
    not_verified: Vec<(DeviceUseId, String)>,
}

impl People {
    /// As said beside a device.
    fn said_of(&self, device: &DeviceUse) -> Vec<String> {
        let looked = self.looked.iter().filter(|(scan, ..)| Some(*scan) == device.scan_event_id);
        let looked = looked.map(|(_, name, at)| format!("{name} looked at this at {}.", clock(*at)));
        let stood_by = self.stood_by.iter().filter(|(id, _)| *id == device.id);
        let against = |name: &String| {
            let reason = device.reason.as_deref().unwrap_or_default();
            format!("Recorded against a stop, {name} stood by: {reason}")
        };
        let named = self.named_for(device).map(|badge| {
            let reason = device.reason.as_deref().unwrap_or_default();
            format!(
                "Recorded against a stop without a network, badge …{badge} stood by and is not verified yet: {reason}"
            )
        });
        looked.chain(stood_by.map(|(_, name)| against(name))).chain(named).collect()
    }

    /// The end of the badge whose owner has still to say that they stood by.
    fn named_for(&self, device: &DeviceUse) -> Option<&str> {
        self.not_verified.iter().find(|(id, _)| *id == device.id).map(|(_, badge)| badge.as_str())
    }

    fn asks_to_look(&self, device: &DeviceUse) -> bool {
        device.fate == Fate::Implanted
            && device.answer.as_deref() == Some("look")
            && self.looked.iter().all(|(scan, ..)| Some(*scan) != device.scan_event_id)
    }
}

fn entry(
    connection: &mut AnyConnection,
    first: &DeviceUse,
    current: &DeviceUse,
    history: Vec<String>,
    people: &People,
) -> Result<DeviceUseShown, Problem> {
    let product = match current.product_id {
        Some(id) => catalogue::store::find_product(connection, id)?,
        None => None,
    };
    let known = |name: &str, value: Option<String>| value.map(|value| Fact::new(name, value));
    let facts = [
        known("REF", product.as_ref().map(|product| product.reference.clone())),
        known("Lot", current.lot.clone()),
        known("Serial", current.serial.clone()),
        known("Expires", current.expiry.map(|date| date.format("%-d %B %Y").to_string())),
    ];
    let reasons: Vec<tessera_scanner::verdict::Reason> =
        current.reasons.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let unknown = match (&current.identifier, current.scan_event_id) {
        (Some(identifier), _) => format!("Unknown product {identifier}"),
        (None, _) => "Unread pack".to_owned(),
    };
    let readings = match current.scan_event_id {
        Some(scan) if current.identifier.is_none() && current.fate != Fate::EnteredInError => {
            readings(connection, scan)?
        }
        _ => Vec::new(),
    };
    Ok(DeviceUseShown {
        id: current.id.to_string(),
        name: product.map_or(unknown, |product| product.name()),
        facts: facts.into_iter().flatten().collect(),
        fate: current.fate.to_string(),
        answer: current.answer.clone().unwrap_or_default(),
        // Until somebody has chosen, the gravest is enough: the others are about readings that may be none.
        reasons: reasons
            .into_iter()
            .map(|reason| reason.text)
            .take(if readings.is_empty() { usize::MAX } else { 1 })
            .collect(),
        scanned: clock(first.recorded_at),
        people: people.said_of(current),
        not_verified: people.named_for(current).unwrap_or_default().to_owned(),
        asks_to_look: people.asks_to_look(current) && current.scan_event_id.is_some(),
        history,
        scan: current.scan_event_id.map(|scan| scan.to_string()).unwrap_or_default(),
        readings,
    })
}

/// The readings between which a person has to choose.
fn readings(connection: &mut AnyConnection, scan: ScanId) -> Result<Vec<(usize, String)>, Problem> {
    let label = scans::answer_to(connection, scan)?.label.filter(|label| label.outcome == Outcome::Ambiguous);
    let mut offered: Vec<(usize, String)> = Vec::new();
    for (place, udi) in label.iter().flat_map(|label| &label.candidates).enumerate() {
        let words = in_words(udi);
        // Readings that differ in nothing that is compared with the pack are one.
        if offered.len() < MOST_READINGS && offered.iter().all(|(_, known)| *known != words) {
            offered.push((place, words));
        }
    }
    Ok(offered)
}

/// One reading, as it can be compared with the print on the pack.
fn in_words(udi: &Udi) -> String {
    let date = |date: GsDate| date.last_day().format("%-d %B %Y").to_string();
    let parts = [
        udi.lot.as_ref().map(|lot| format!("lot {lot}")),
        udi.serial.as_ref().map(|serial| format!("serial {serial}")),
        udi.expiry.map(|expiry| format!("expires {}", date(expiry))),
        udi.manufacture.map(|made| format!("made {}", date(made))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
