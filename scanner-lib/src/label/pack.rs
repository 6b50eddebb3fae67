//! The barcodes of one pack put together.

use std::collections::BTreeSet;

use super::barcode::{self, Understood};
use super::{Knowledge, Label, Outcome};
use crate::finding::{Finding, Severity};
use crate::gs1::date::GsDate;
use crate::gs1::keys::{Lot, Serial};
use crate::handheld::{Received, splits};
use crate::hibc;
use crate::ordering;
use crate::udi::{DeviceIdentifier, Element, Issuer, RawScan, Reading, Udi};

/// No more candidates than this are given.
const MOST: usize = splits::MOST + 64;

/// No pack has more different barcodes that tell of a device.
const MOST_BARCODES: usize = 32;

/// What has been scanned so far.
#[derive(Default)]
pub(super) struct Pack {
    /// For each barcode that tells of a device, its possible readings, likeliest first.
    barcodes: Vec<Vec<Reading>>,
    /// For each of them, whether its reading is certain; else it has more than one, or only a guessed one.
    certain: Vec<bool>,
    findings: Vec<Finding>,
    ignored: Vec<RawScan>,
    /// Messages with whether they were certain: a certain scan is no repeat of a guess.
    seen: BTreeSet<(bool, Vec<u8>)>,
}

impl Pack {
    /// Adds one barcode; a repeat adds nothing.
    pub(super) fn add(&mut self, scan: &RawScan, received: Received, current_year: i32) {
        let certain = received.is_certain();
        if !self.seen.insert((certain, received.bytes.clone())) {
            return;
        }
        let messages = if certain { vec![received.bytes] } else { received.candidates };
        let mut readings = Vec::new();
        let mut refusal = None;
        for message in messages {
            match barcode::understand(received.aim.as_deref(), &message, current_year) {
                Understood::Device(read) => readings.push(*read),
                Understood::Other(finding) => refusal = Some(finding),
            }
        }
        if readings.is_empty() {
            self.ignored.push(scan.clone());
            self.findings.extend(refusal);
            return;
        }
        if self.barcodes.len() == MOST_BARCODES {
            let text =
                "more barcodes were scanned than a pack has: only the first were used. Were several packs scanned?";
            self.findings.push(Finding::new("TOO_MANY_BARCODES", Severity::Warning, text));
            self.ignored.push(scan.clone());
            return;
        }
        self.findings.extend(received.findings);
        self.certain.push(certain);
        self.barcodes.push(readings);
    }

    /// One label of all that was added; `knowledge` only ranks.
    pub(super) fn finish(mut self, knowledge: &dyn Knowledge) -> Label {
        if self.barcodes.is_empty() {
            return Label {
                outcome: Outcome::NotADevice,
                udi: None,
                candidates: Vec::new(),
                findings: self.findings,
                ignored: self.ignored,
            };
        }
        let options: Vec<Choice> = choices(&self.barcodes).iter().map(|choice| self.weigh(choice)).collect();
        let (options, doubtful) = settle(options);
        if !doubtful && self.certain.contains(&false) {
            let text = "another scan of the pack settled which reading is right";
            self.findings.push(Finding::new("SETTLED_BY_ANOTHER_SCAN", Severity::Note, text));
        }
        let mut candidates: Vec<Udi> = Vec::new();
        let mut refused = false;
        let mut contradicted = false;
        for (nth, Choice { merged, .. }) in options.into_iter().enumerate() {
            // Doubts about a guess are not findings about the pack.
            if nth == 0 {
                refused = merged.findings.iter().any(|f| f.severity == Severity::Error);
                self.findings.extend(merged.findings.iter().cloned());
            }
            contradicted |= merged.contradicted;
            for udi in merged.udis {
                if candidates.len() < MOST && !candidates.contains(&udi) {
                    candidates.push(udi);
                }
            }
        }
        ordering::by_key(&mut candidates, |udi| std::cmp::Reverse(knowledge.likelihood(udi)));
        let outcome = if candidates.is_empty() {
            let text = "the lot or expiry was read, but not which device it is: scan the other barcode of the pack";
            self.findings.push(Finding::new("DEVICE_IDENTIFIER_MISSING", Severity::Warning, text));
            if refused { Outcome::Refused } else { Outcome::Incomplete }
        } else if contradicted || doubtful || candidates.len() > 1 {
            Outcome::Ambiguous
        } else if refused {
            Outcome::Refused
        } else {
            Outcome::Read
        };
        let mut kept: Vec<Finding> = Vec::new();
        for finding in self.findings {
            if !kept.contains(&finding) {
                kept.push(finding);
            }
        }
        let ambiguous = outcome == Outcome::Ambiguous;
        let udi = if ambiguous { None } else { candidates.pop() };
        Label { outcome, udi, candidates, findings: kept, ignored: self.ignored }
    }

    /// Puts one combination together, and asks what the other barcodes say of each doubtful one.
    fn weigh(&self, choice: &[&Reading]) -> Choice {
        let (mut confirmed, mut repeated) = (true, false);
        for (nth, reading) in choice.iter().enumerate().filter(|(nth, _)| !self.certain[*nth]) {
            let elsewhere = |element: &Element| {
                choice.iter().enumerate().any(|(other, r)| other != nth && r.elements.contains(element))
            };
            let known = |element: &Element| {
                choice.iter().zip(&self.certain).any(|(r, certain)| *certain && r.elements.contains(element))
            };
            // What every reading of this barcode says is not in doubt.
            let in_doubt = |element: &&Element| !self.barcodes[nth].iter().all(|r| r.elements.contains(element));
            confirmed &= reading.elements.iter().all(known);
            repeated |= reading.elements.iter().filter(in_doubt).any(elsewhere);
        }
        Choice { merged: Merged::of(choice), confirmed, repeated, clashes: clashes(choice) }
    }
}

/// One combination of readings, and what the barcodes say of each other.
struct Choice {
    merged: Merged,
    /// Everything that a doubtful barcode says in it was also read from a certain one.
    confirmed: bool,
    /// Something that is in doubt in one barcode is repeated by another.
    repeated: bool,
    /// Two barcodes give one identifier different values; where all choices do, that is not held against any.
    clashes: bool,
}

/// Whether two of the readings give one GS1 identifier different values; numbers of packages around the device may differ.
fn clashes(choice: &[&Reading]) -> bool {
    let elements = || choice.iter().filter(|r| r.issuer == Issuer::Gs1).flat_map(|r| &r.elements);
    elements().any(|one| {
        !matches!(one.tag.as_str(), "00" | "01" | "02" | "37")
            && elements().any(|other| other.tag == one.tag && other.value != one.value)
    })
}

/// Lets the barcodes of a pack choose between each other's readings; true where a person still has to.
fn settle(mut options: Vec<Choice>) -> (Vec<Choice>, bool) {
    if options.iter().any(|option| option.confirmed) {
        options.retain(|option| option.confirmed);
        return (options, false);
    }
    let all = options.len();
    if options.iter().any(|option| !option.merged.contradicted) {
        options.retain(|option| !option.merged.contradicted);
    }
    if options.iter().any(|option| !option.clashes) {
        options.retain(|option| !option.clashes);
    }
    // All others contradict another barcode, and this one is repeated by it.
    let settled = all > 1 && options.len() == 1 && options[0].repeated && !options[0].merged.contradicted;
    (options, !settled)
}

/// One reading of each barcode, in every combination, likeliest first.
fn choices(barcodes: &[Vec<Reading>]) -> Vec<Vec<&Reading>> {
    let mut choices: Vec<Vec<&Reading>> = vec![Vec::new()];
    for readings in barcodes {
        choices = readings
            .iter()
            .flat_map(|reading| choices.iter().map(move |choice| choice.iter().copied().chain([reading]).collect()))
            .take(MOST)
            .collect();
    }
    choices
}

/// One combination of readings put together: more than one [`Udi`] where they contradict each other.
struct Merged {
    udis: Vec<Udi>,
    findings: Vec<Finding>,
    contradicted: bool,
}

impl Merged {
    fn of(readings: &[&Reading]) -> Self {
        let mut findings: Vec<Finding> = readings.iter().flat_map(|r| r.findings.iter().cloned()).collect();
        let mut contradicted = false;
        let issuer = main_issuer(readings);
        if readings.iter().any(|r| r.issuer != issuer) {
            let text = "the pack carries barcodes of more than one agency: their lots and dates were compared";
            findings.push(Finding::new("SEVERAL_AGENCIES", Severity::Note, text));
        }
        link(readings, &mut findings);
        let devices = devices(readings, issuer, &mut findings);
        let mut differ = |what: &str, code: &'static str, count: usize| {
            if count > 1 {
                contradicted = true;
                let text = format!(
                    "the pack's barcodes give {count} different {what}: were two packs scanned? Compare them with the print"
                );
                findings.push(Finding::new(code, Severity::Warning, text));
            }
        };
        let lots = distinct(readings, |r| r.lot.clone());
        let serials = distinct(readings, |r| r.serial.clone());
        let expiries = distinct(readings, |r| r.expiry);
        let manufactures = distinct(readings, |r| r.manufacture);
        differ("devices", "TWO_DEVICES", devices.len());
        differ("lots", "TWO_LOTS", lots.len());
        differ("serial numbers", "TWO_SERIALS", serials.len());
        differ("expiry dates", "TWO_EXPIRY_DATES", expiries.len());
        differ("dates of manufacture", "TWO_MANUFACTURE_DATES", manufactures.len());
        let lots = checked::<Lot>(&lots, "LOT", "the lot", &mut findings);
        let serials = checked::<Serial>(&serials, "SERIAL", "the serial number", &mut findings);
        let mut elements = Vec::new();
        for element in readings.iter().flat_map(|r| &r.elements) {
            if !elements.contains(element) {
                elements.push(element.clone());
            }
        }
        let reference = readings.iter().find_map(|r| r.reference.clone());
        let (expiries, manufactures) = (or_none(&expiries), or_none(&manufactures));
        // Every combination of what contradicts: no more than a person could look through.
        let units = lots.iter().flat_map(|lot| serials.iter().map(move |serial| (lot, serial)));
        let dates = || expiries.iter().flat_map(|expiry| manufactures.iter().map(move |made| (*expiry, *made)));
        let units = units.flat_map(|unit| dates().map(move |dates| (unit, dates)));
        let all = devices.iter().flat_map(|device| units.clone().map(move |unit| (device, unit)));
        let udi = |(device, ((lot, serial), (expiry, manufacture))): (&DeviceIdentifier, _)| -> Udi {
            let (lot, serial): (&Option<Lot>, &Option<Serial>) = (lot, serial);
            Udi {
                device: device.clone(),
                lot: lot.clone(),
                serial: serial.clone(),
                expiry,
                manufacture,
                reference: reference.clone(),
                elements: elements.clone(),
                findings: findings.clone(),
            }
        };
        let udis = all.take(MOST).map(udi).collect();
        Self { udis, findings, contradicted }
    }
}

fn distinct<T: PartialEq>(readings: &[&Reading], value: impl Fn(&Reading) -> Option<T>) -> Vec<T> {
    let mut values = Vec::new();
    for found in readings.iter().filter_map(|r| value(r)) {
        if !values.contains(&found) {
            values.push(found);
        }
    }
    values
}

fn or_none(dates: &[GsDate]) -> Vec<Option<GsDate>> {
    if dates.is_empty() { vec![None] } else { dates.iter().copied().map(Some).collect() }
}

/// The values as their type; one that does not fit becomes a finding, and is still among the elements.
fn checked<T: std::str::FromStr>(
    texts: &[String],
    code: &'static str,
    what: &str,
    findings: &mut Vec<Finding>,
) -> Vec<Option<T>> {
    if texts.is_empty() {
        return vec![None];
    }
    let mut values = Vec::new();
    for text in texts {
        let value = text.parse().ok();
        if value.is_none() {
            let text = format!("{what} {text:?} is not 1 to 20 characters that the standard allows");
            findings.push(Finding::new(code, Severity::Error, text));
        }
        values.push(value);
    }
    values
}

/// The agency whose device identifier is used: GS1 where there is one.
fn main_issuer(readings: &[&Reading]) -> Issuer {
    let named = |r: &&&Reading| r.device.is_some() || r.content.is_some();
    readings.iter().filter(named).map(|r| r.issuer).min().unwrap_or(readings[0].issuer)
}

/// A HIBC secondary barcode names the primary that it belongs to.
fn link(readings: &[&Reading], findings: &mut Vec<Finding>) {
    let primaries = || readings.iter().filter(|r| r.issuer == Issuer::Hibcc && r.device.is_some() && r.link.is_none());
    for secondary in readings.iter().filter(|r| r.issuer == Issuer::Hibcc && r.device.is_none()) {
        if primaries().next().is_some() && primaries().all(|p| p.check != secondary.link) {
            findings.push(Finding::new("LINK_CHARACTER", Severity::Warning, hibc::LINK));
        }
    }
}

/// The device identifiers of the pack itself: a shelf pack or carton of the same scan is told apart from the unit.
fn devices(readings: &[&Reading], issuer: Issuer, findings: &mut Vec<Finding>) -> Vec<DeviceIdentifier> {
    let ours: Vec<&Reading> = readings.iter().copied().filter(|r| r.issuer == issuer).collect();
    let mut texts = distinct(&ours, |r| r.device.clone().filter(|d| !d.is_empty()));
    if texts.is_empty() {
        texts = distinct(&ours, |r| r.content.clone().filter(|d| !d.is_empty()));
    }
    let package = |text: &String| issuer == Issuer::Gs1 && matches!(text.as_bytes().first(), Some(b'1'..=b'8'));
    if texts.iter().any(package) {
        if texts.iter().all(package) {
            let text = "this is the number of a package of several: scan the pack of the device itself";
            findings.push(Finding::new("PACKAGE_LEVEL", Severity::Warning, text));
        } else {
            texts.retain(|text| !package(text));
            let text = "the number of the package around it was scanned too, and was not used";
            findings.push(Finding::new("PACKAGE_IGNORED", Severity::Note, text));
        }
    }
    texts.into_iter().map(|text| DeviceIdentifier { issuer, text }).collect()
}
