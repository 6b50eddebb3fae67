//! The registry's steps from a scan to a verdict, on a snapshot.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Duration};

use super::{OfflineAnswer, OfflineScan, OnTheTable, ProductNamed, Shelf, Snapshot, SnapshotProduct, shelves_say};
use crate::label::pairing::join;
use crate::label::{Label, Outcome, ScanKind, assemble_with, kind_with};
use crate::recall_match::{Criterion, may_be_one_maker};
use crate::udi::DeviceIdentifier;
use crate::verdict::{Fit, Part, ProductFacts, Question, RecallFacts, Rule, judge_with, london_date};

impl Snapshot {
    /// Judges one scan by what the snapshot knows.
    ///
    /// # Example
    /// ```
    /// use tessera_scanner::snapshot::{OfflineScan, Snapshot};
    /// use tessera_scanner::udi::{Entry, RawScan};
    /// use tessera_scanner::verdict::{Answer, Limits};
    ///
    /// let now = "2026-11-27T09:00:00Z".parse()?;
    /// let snapshot = Snapshot::new(now, Limits::default(), []);
    /// let pack = RawScan {
    ///     bytes: b"]d201095060001343521728063010AB12".into(), aim: None, entry: Entry::Handheld,
    /// };
    /// let scan = OfflineScan {
    ///     symbols: vec![pack], before: vec![], apart_ms: 0, profile: None, side: None, site: None, on_the_table: None,
    ///     recorded_since: vec![], now, clock_in_doubt: false,
    /// };
    /// // Nothing is known of the product, so it is not green.
    /// assert_eq!(snapshot.judge(&scan).verdict.unwrap().answer, Answer::Look);
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn judge(&self, scan: &OfflineScan) -> OfflineAnswer {
        let profile = scan.profile.clone().unwrap_or_default();
        let kind = kind_of(scan);
        let silent = OfflineAnswer { kind, pending: false, label: None, product: None, verdict: None, headline: None };
        if !matches!(kind, ScanKind::DevicePack | ScanKind::Other | ScanKind::Asset) || scan.symbols.is_empty() {
            return silent;
        }
        let year = scan.now.year();
        let joined = join(&scan.before, &scan.symbols, &profile, Duration::milliseconds(scan.apart_ms), year);
        let label = joined.unwrap_or_else(|| assemble_with(&scan.symbols, &profile, year));
        if label.outcome == Outcome::Incomplete {
            return OfflineAnswer { pending: true, label: Some(label), ..silent };
        }
        let product = self.product_of(&label);
        let facts = product.map(|product| &product.facts);
        let devices = devices_of(&label, facts);
        let recalls = self.recalls_about(&devices, facts);
        let (shelf, on_shelf) = shelves_say(self.shelves_of(scan.site.as_deref(), &devices));
        let question = Question {
            label: &label,
            product: facts,
            recalls: &recalls,
            procedure_side: scan.side,
            serial_in_another_patient: None,
            shelf: &shelf,
            today: london_date(scan.now),
            clock_in_doubt: scan.clock_in_doubt,
            snapshot_taken: self.taken,
            now: scan.now,
            limits: self.limits,
        };
        let fitting = product.filter(|product| product.has_to_fit).map(|product| self.fitting(product, scan));
        let verdict = judge_with(&question, fitting.as_ref().map(|fitting| fitting.held_against(&self.rules)).as_ref());
        let named = product.map(|product| ProductNamed {
            id: product.id.clone(),
            name: product.facts.name.clone(),
            reference: product.facts.reference.clone(),
            description: product.description.clone(),
            on_shelf,
        });
        let headline = Some(verdict.headline().to_owned());
        OfflineAnswer { label: Some(label), product: named, verdict: Some(verdict), headline, ..silent }
    }

    /// The product that the label names, or the first of its possible readings.
    fn product_of(&self, label: &Label) -> Option<&SnapshotProduct> {
        let udi = label.udi.as_ref().or_else(|| label.candidates.first())?;
        self.by_identifier.get(&udi.device).and_then(|place| self.products.get(*place))
    }

    /// What the rules of compatibility compare with the scanned product.
    fn fitting<'a>(&self, product: &SnapshotProduct, scan: &'a OfflineScan) -> Fitting<'a> {
        let told = scan.on_the_table.as_ref();
        let inside = || told.iter().flat_map(|told| &told.already_in).chain(&scan.recorded_since);
        let known = inside().filter_map(|id| self.by_id.get(id)).filter_map(|place| self.products.get(*place));
        // Data that was kept before rules were part of it says of no category what has to fit.
        let has_rules = self.rules.iter().any(|rule| rule.category == product.category);
        Fitting {
            scanned: part(product),
            all_known: has_rules && told.is_some() && inside().all(|id| self.by_id.contains_key(id)),
            already_in: known.filter(|other| other.category == product.category).map(part).collect(),
            told,
        }
    }

    /// The recalls that the registry would ask about: those that name the device, its catalogue number, or only a maker.
    fn recalls_about(&self, devices: &[&DeviceIdentifier], product: Option<&ProductFacts>) -> Vec<RecallFacts> {
        let reference =
            product.and_then(|facts| facts.reference.as_deref()).map(str::trim).filter(|text| !text.is_empty());
        let maker = product.map(|facts| facts.maker.as_str());
        let about = |criterion: &&Criterion| {
            if criterion.device.as_ref().is_some_and(|device| devices.contains(&device)) {
                return true;
            }
            match (&criterion.device, criterion.reference.as_deref()) {
                (None, None) => {
                    criterion.maker.as_deref().zip(maker).is_none_or(|(theirs, ours)| may_be_one_maker(theirs, ours))
                }
                (_, theirs) => theirs.is_some() && theirs == reference,
            }
        };
        let narrowed = self.recalls.iter().map(|recall| RecallFacts {
            criteria: recall.criteria.iter().filter(about).cloned().collect(),
            reference: recall.reference.clone(),
            title: recall.title.clone(),
        });
        narrowed.filter(|recall| !recall.criteria.is_empty()).collect()
    }

    /// What a site has of a device under any of its identifiers.
    fn shelves_of<'a>(
        &'a self,
        site: Option<&'a str>,
        devices: &'a [&DeviceIdentifier],
    ) -> impl Iterator<Item = &'a Shelf> {
        devices.iter().filter_map(move |device| self.shelves.get(&(site?.to_owned(), (*device).clone())))
    }
}

/// What a device is held against.
struct Fitting<'a> {
    scanned: Part,
    already_in: Vec<Part>,
    told: Option<&'a OnTheTable>,
    all_known: bool,
}

impl Fitting<'_> {
    fn held_against<'b>(&'b self, rules: &'b [Rule]) -> Fit<'b> {
        static NO_PLAN: BTreeMap<String, String> = BTreeMap::new();
        Fit {
            scanned: Some(&self.scanned),
            already_in: &self.already_in,
            plan: self.told.map_or(&NO_PLAN, |told| &told.plan),
            rules,
            all_known: self.all_known,
        }
    }
}

/// A product as the rules of compatibility see it.
fn part(product: &SnapshotProduct) -> Part {
    let SnapshotProduct { facts, category, attributes, .. } = product;
    let reference = facts.reference.as_deref().unwrap_or_default();
    Part { name: format!("{} {reference}", facts.name), category: category.clone(), attributes: attributes.clone() }
}

/// Every identifier that the pack may be known by, each once.
fn devices_of<'a>(label: &'a Label, product: Option<&'a ProductFacts>) -> Vec<&'a DeviceIdentifier> {
    let mut devices: Vec<&DeviceIdentifier> = Vec::new();
    let read = label.udi.iter().chain(&label.candidates).map(|udi| &udi.device);
    for device in read.chain(product.iter().flat_map(|facts| &facts.identifiers)) {
        if !devices.contains(&device) {
            devices.push(device);
        }
    }
    devices
}

/// What was scanned: an identity anywhere makes all of it that; then a pack, as soon as one of the barcodes is a pack's.
fn kind_of(scan: &OfflineScan) -> ScanKind {
    let profile = scan.profile.clone().unwrap_or_default();
    let kinds: Vec<ScanKind> = scan
        .symbols
        .iter()
        .map(|symbol| {
            let aim = symbol.aim.as_deref().unwrap_or_default();
            kind_with(&[aim.as_bytes(), &symbol.bytes].concat(), &profile)
        })
        .collect();
    [ScanKind::Wristband, ScanKind::StaffBadge, ScanKind::DevicePack, ScanKind::Location, ScanKind::Asset]
        .into_iter()
        .find(|kind| kinds.contains(kind))
        .unwrap_or(ScanKind::Other)
}
