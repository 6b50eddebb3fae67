//! How well scanning goes: per supplier, product, scanner and theatre, how often the first scan was enough, how long an item
//! takes, what had to be repaired, and why.
//!
//! An *item* is one pack: the scans that took each other's place are one. Pure functions over what the store tells.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tessera_scanner::label::Outcome;
use tessera_scanner::udi::Entry;
use tessera_scanner::verdict::Answer;
use utoipa::ToSchema;

use super::model::{ProcedureId, ScanAnswer, ScanId};

crate::word_list! {
    /// By what the items are told apart.
    By {
        /// The maker.
        Supplier = "supplier",
        /// The product, by maker's name and catalogue number.
        Product = "product",
        /// The workstation that was named, or how it was read.
        Scanner = "scanner",
        /// The theatre.
        Theatre = "theatre",
    }
}

/// Between two items of a procedure longer than this nobody was scanning.
const LONGEST_SECONDS: i64 = 300;

/// One scan of a pack, as far as quality is concerned.
#[derive(Clone, Debug)]
pub struct PackScan {
    /// The scan.
    pub id: ScanId,
    /// Its procedure.
    pub procedure: ProcedureId,
    /// In which theatre.
    pub theatre: String,
    /// The workstation, where it was named.
    pub workstation: Option<String>,
    /// How it was read.
    pub entry: Entry,
    /// By the client's clock.
    pub scanned_at: DateTime<Utc>,
    /// The scan whose place it took.
    pub supersedes: Option<ScanId>,
    /// What it was answered.
    pub answer: ScanAnswer,
    /// Its device was recorded as implanted against a stop.
    pub overridden: bool,
    /// The product's maker, where the catalogue has it.
    pub maker: Option<String>,
}

/// What is told of one supplier, product, scanner or theatre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quality {
    /// Which one.
    pub name: String,
    /// Packs.
    pub items: usize,
    /// Packs that one scan read without doubt.
    pub first_scan: usize,
    /// Packs that took a second scan, a photo, typing or a person's choice.
    pub repaired: usize,
    /// Packs that are not read yet: half of a label, a device that could not be told, no device.
    pub unread: usize,
    /// Devices recorded as implanted against a stop.
    pub overrides: usize,
    /// Median seconds from one item of a procedure to the next; nothing where there were no two.
    pub seconds: Option<i64>,
    /// Why a verdict was not green, or a scan was not enough, with how often: most frequent first.
    pub reasons: Vec<(String, usize)>,
}

impl Quality {
    /// Of a hundred packs, so many were read by one scan.
    pub fn first_scan_percent(&self) -> usize {
        (self.first_scan * 100).checked_div(self.items).unwrap_or_default()
    }
}

/// Tells the items apart and counts, the most items first.
pub fn told(scans: &[PackScan], by: By) -> Vec<Quality> {
    let replaced: HashMap<ScanId, &PackScan> =
        scans.iter().filter_map(|scan| scan.supersedes.map(|old| (old, scan))).collect();
    let by_id: HashMap<ScanId, &PackScan> = scans.iter().map(|scan| (scan.id, scan)).collect();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut latest: HashMap<ProcedureId, DateTime<Utc>> = HashMap::new();
    let mut firsts: Vec<&PackScan> =
        scans.iter().filter(|scan| scan.supersedes.is_none_or(|old| !by_id.contains_key(&old))).collect();
    firsts.sort_by_key(|scan| (scan.scanned_at, scan.id));
    for first in firsts {
        let mut chain = vec![first];
        // No more than there are: a chain that led back to itself would have no end.
        while let Some(next) =
            chain.last().and_then(|last| replaced.get(&last.id)).filter(|_| chain.len() < scans.len())
        {
            chain.push(next);
        }
        let last = chain.last().copied().unwrap_or(first);
        let group = groups.entry(name(last, by)).or_default();
        group.count(first, last, chain.len());
        if let Some(before) = latest.insert(first.procedure, last.scanned_at) {
            let seconds = (last.scanned_at - before).num_seconds();
            if (0..=LONGEST_SECONDS).contains(&seconds) {
                group.seconds.push(seconds);
            }
        }
    }
    let mut list: Vec<Quality> = groups.into_iter().map(|(name, group)| group.told(name)).collect();
    list.sort_by(|one, other| other.items.cmp(&one.items).then_with(|| one.name.cmp(&other.name)));
    list
}

fn name(scan: &PackScan, by: By) -> String {
    let unknown = || "Unknown product".to_owned();
    match by {
        By::Supplier => scan.maker.clone().unwrap_or_else(unknown),
        By::Product => scan
            .answer
            .product
            .as_ref()
            .map_or_else(unknown, |product| format!("{} {}", product.name, product.reference)),
        By::Scanner => scan.workstation.clone().unwrap_or_else(|| entry_words(scan.entry).to_owned()),
        By::Theatre => scan.theatre.clone(),
    }
}

fn entry_words(entry: Entry) -> &'static str {
    match entry {
        Entry::Handheld => "Handheld, not named",
        Entry::Typed => "Typed",
        Entry::Photo => "Photo",
        Entry::Camera => "Camera",
        Entry::Rfid => "Radio tag",
    }
}

#[derive(Default)]
struct Group {
    items: usize,
    first_scan: usize,
    repaired: usize,
    unread: usize,
    overrides: usize,
    seconds: Vec<i64>,
    reasons: BTreeMap<String, usize>,
}

impl Group {
    fn count(&mut self, first: &PackScan, last: &PackScan, scans: usize) {
        self.items += 1;
        let outcome = last.answer.label.as_ref().map(|label| label.outcome);
        let whole = matches!(outcome, Some(Outcome::Read));
        let by_hand = matches!(first.entry, Entry::Typed | Entry::Photo);
        self.first_scan += usize::from(whole && scans == 1 && !by_hand);
        self.repaired += usize::from(whole && (scans > 1 || by_hand));
        self.unread += usize::from(!whole);
        self.overrides += usize::from(last.overridden);
        let mut why: Vec<String> = match &last.answer.verdict {
            Some(verdict) if verdict.answer != Answer::May => {
                verdict.reasons.iter().map(|reason| reason.code.clone()).collect()
            }
            Some(_) => Vec::new(),
            None if last.answer.pending => vec!["half-of-a-label".to_owned()],
            None => vec!["nothing-read".to_owned()],
        };
        if scans > 1 {
            why.push("took-more-than-one-scan".to_owned());
        }
        why.sort_unstable();
        why.dedup();
        for code in why {
            *self.reasons.entry(code).or_default() += 1;
        }
    }

    fn told(mut self, name: String) -> Quality {
        self.seconds.sort_unstable();
        let middle = self.seconds.len() / 2;
        let mut reasons: Vec<(String, usize)> = self.reasons.into_iter().collect();
        reasons.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        Quality {
            name,
            items: self.items,
            first_scan: self.first_scan,
            repaired: self.repaired,
            unread: self.unread,
            overrides: self.overrides,
            seconds: self.seconds.get(middle).copied(),
            reasons,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _};
    use tessera_scanner::label::Label;

    use super::super::model::{ScanReference, ScannedKind, VerdictShown};
    use super::*;

    fn scan(procedure: ProcedureId, seconds: i64, entry: Entry, outcome: Outcome) -> PackScan {
        let id = ScanId::new();
        let label = Label { outcome, udi: None, candidates: vec![], findings: vec![], ignored: vec![] };
        let pending = outcome == Outcome::Incomplete;
        let verdict = VerdictShown { answer: Answer::May, headline: String::new(), reasons: vec![] };
        let answer = ScanAnswer {
            scan: ScanReference { id },
            kind: ScannedKind::Pack,
            message: None,
            pending,
            label: Some(label),
            product: None,
            verdict: (!pending).then_some(verdict),
            device_use: None,
            wristband: None,
        };
        let began = Utc.with_ymd_and_hms(2026, 7, 1, 9, 0, 0).unwrap();
        PackScan {
            id,
            procedure,
            theatre: "Theatre 4".into(),
            workstation: None,
            entry,
            scanned_at: began + TimeDelta::seconds(seconds),
            supersedes: None,
            answer,
            overridden: false,
            maker: None,
        }
    }

    #[test]
    fn a_pack_is_one_item_however_often_it_was_scanned() {
        let procedure = ProcedureId::new();
        let whole = scan(procedure, 0, Entry::Handheld, Outcome::Read);
        let half = scan(procedure, 10, Entry::Handheld, Outcome::Incomplete);
        let other_half = PackScan { supersedes: Some(half.id), ..scan(procedure, 14, Entry::Handheld, Outcome::Read) };
        let lonely = scan(procedure, 24, Entry::Handheld, Outcome::Incomplete);
        let typed = scan(procedure, 1000, Entry::Typed, Outcome::Read);
        let list = told(&[typed, lonely, other_half, half, whole], By::Theatre);
        assert_eq!(list.len(), 1);
        let one = &list[0];
        assert_eq!((one.items, one.first_scan, one.repaired, one.unread), (4, 1, 2, 1));
        assert_eq!(one.first_scan + one.repaired + one.unread, one.items);
        // 14 and 10 seconds; the pause before the typed one is none.
        assert_eq!(one.seconds, Some(14));
        assert!(one.reasons.contains(&("half-of-a-label".to_owned(), 1)), "{one:?}");
        assert!(one.reasons.contains(&("took-more-than-one-scan".to_owned(), 1)), "{one:?}");
    }

    #[test]
    fn nothing_scanned_is_nothing_told() {
        assert!(told(&[], By::Supplier).is_empty());
    }

    #[test]
    fn procedures_are_timed_apart() {
        let (one, other) = (ProcedureId::new(), ProcedureId::new());
        let scans = [scan(one, 0, Entry::Handheld, Outcome::Read), scan(other, 5, Entry::Camera, Outcome::Read)];
        let list = told(&scans, By::Scanner);
        assert_eq!(list.len(), 2);
        assert!(list.iter().all(|group| group.seconds.is_none() && group.first_scan == 1));
    }
}
