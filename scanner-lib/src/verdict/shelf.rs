//! Whether a pack stands, on the shelves of its site, only among packs that are set apart.
//!
//! Shelves say what people wrote down, so they only ever add a reason: a pack that no shelf has, or that may be one of the
//! packs that can be used, says nothing. Why which cause stops: `docs/decisions/0044-a-pack-that-is-set-apart-stops.md`.

use serde::{Deserialize, Serialize};

use super::Question;
use super::reasons::{Found, Ground};
use crate::recall_match::alike;
use crate::udi::Udi;

/// Why packs are set apart; the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApartFor {
    /// Nobody wrote it down.
    Untold,
    /// Somebody looks into something.
    InQuestion,
    /// They go back to who delivered them.
    Returned,
    /// The pack or what is in it is damaged.
    Damaged,
    /// A recall names them.
    Recalled,
}

impl ApartFor {
    /// Whether a device that is set apart for it must not be implanted; else somebody may release it.
    pub fn stops(self) -> bool {
        self >= Self::Damaged
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Untold => "(why was not written down)",
            Self::InQuestion => "while something is looked into",
            Self::Returned => "to be sent back",
            Self::Damaged => "as damaged",
            Self::Recalled => "because of a recall",
        }
    }
}

/// Packs of one kind of device that say the same of themselves, on the shelves of one site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShelfPacks {
    /// Lot, where it was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Serial, where it was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Why they are set apart; nothing for packs that may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<ApartFor>,
}

/// How well packs on a shelf and a pack in hand agree; the surest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    /// Nothing that both say differs, and too little is said.
    Possible,
    /// The lot is the same, and the shelf is not counted by serial.
    Lot,
    /// The serial is the same.
    Serial,
}

/// What one reading of a pack has for a place among the packs of the shelf.
#[derive(Clone, Copy, Debug)]
struct Standing {
    agreement: Agreement,
    apart: ApartFor,
}

pub(super) fn check(question: &Question<'_>, readings: &[&Udi], product: &str, found: &mut Vec<Found>) {
    let standings: Vec<Option<Standing>> = readings.iter().map(|udi| standing(udi, question.shelf)).collect();
    let certain = standings.iter().all(|one| one.is_some_and(|one| one.agreement > Agreement::Possible));
    let Some((place, worst)) =
        standings.iter().enumerate().filter_map(|(place, one)| Some((place, (*one)?))).max_by_key(|(_, one)| one.apart)
    else {
        return;
    };
    let told_by_the_recall = found.iter().any(|one| one.ground == Ground::Recalled);
    if worst.apart == ApartFor::Recalled && told_by_the_recall {
        return;
    }
    let ground = match (certain, worst.apart.stops()) {
        (true, true) => Ground::SetApart,
        (true, false) => Ground::SetApartInQuestion,
        (false, _) => Ground::MayBeSetApart,
    };
    let unit = readings.get(place).map(|udi| unit_in_words(udi, worst.agreement)).unwrap_or_default();
    found.push(Found::new(ground, &[("product", product), ("unit", &unit), ("why", worst.apart.in_words())]));
}

fn unit_in_words(udi: &Udi, agreement: Agreement) -> String {
    match (agreement, &udi.lot, &udi.serial) {
        (Agreement::Serial, _, Some(serial)) => format!("serial {serial}"),
        (Agreement::Lot, Some(lot), _) => format!("lot {lot}"),
        _ => String::new(),
    }
}

/// Why a pack is set apart: nothing where no shelf has it, or where it may be one of those that can be used.
fn standing(udi: &Udi, shelf: &[ShelfPacks]) -> Option<Standing> {
    let agreeing: Vec<(Agreement, Option<ApartFor>)> =
        shelf.iter().filter_map(|packs| Some((agreement(udi, packs)?, packs.apart))).collect();
    let agreement = agreeing.iter().map(|(agreement, _)| *agreement).max()?;
    let surest = agreeing.iter().filter(|one| one.0 == agreement).map(|one| one.1);
    // One of them that may be used is enough: then this may be that one.
    let apart = surest.collect::<Option<Vec<ApartFor>>>()?.into_iter().max()?;
    Some(Standing { agreement, apart })
}

/// Nothing where they cannot be the same packs.
fn agreement(udi: &Udi, packs: &ShelfPacks) -> Option<Agreement> {
    let same_lot = same(udi.lot.as_ref().map(AsRef::as_ref), packs.lot.as_deref())?;
    let same_serial = same(udi.serial.as_ref().map(AsRef::as_ref), packs.serial.as_deref())?;
    Some(match (same_lot, same_serial) {
        (_, true) => Agreement::Serial,
        (true, false) if packs.serial.is_none() => Agreement::Lot,
        _ => Agreement::Possible,
    })
}

/// Whether both say the same; nothing where they say what cannot be the same. What only looks alike may be a slip of the pen.
fn same(one: Option<&str>, other: Option<&str>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Some(true),
        (Some(one), Some(other)) => (alike(one) == alike(other)).then_some(false),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::udi::{DeviceIdentifier, Issuer};

    fn pack(lot: Option<&str>, serial: Option<&str>) -> Udi {
        Udi {
            device: DeviceIdentifier { issuer: Issuer::Gs1, text: "09521001000123".to_owned() },
            lot: lot.map(|lot| lot.parse().unwrap()),
            serial: serial.map(|serial| serial.parse().unwrap()),
            expiry: None,
            manufacture: None,
            reference: None,
            elements: vec![],
            findings: vec![],
        }
    }

    fn lying(lot: Option<&str>, serial: Option<&str>, apart: Option<ApartFor>) -> ShelfPacks {
        ShelfPacks { lot: lot.map(str::to_owned), serial: serial.map(str::to_owned), apart }
    }

    fn told(udi: &Udi, shelf: &[ShelfPacks]) -> Option<(Agreement, ApartFor)> {
        standing(udi, shelf).map(|one| (one.agreement, one.apart))
    }

    #[test]
    fn a_lot_that_stands_only_among_packs_set_apart_is_told() {
        let (damaged, usable) = (Some(ApartFor::Damaged), None);
        let of_lot = pack(Some("L1"), None);
        let shelf = [lying(Some("L1"), None, damaged), lying(Some("L2"), None, usable), lying(None, None, usable)];
        assert_eq!(told(&of_lot, &shelf), Some((Agreement::Lot, ApartFor::Damaged)));
        let both = [lying(Some("L1"), None, damaged), lying(Some("L1"), None, usable)];
        assert_eq!(told(&of_lot, &both), None, "it may be one of those that can be used");
        assert_eq!(told(&pack(Some("L9"), None), &shelf[..2]), None, "no shelf has it");
        assert_eq!(told(&of_lot, &[]), None);
    }

    #[test]
    fn a_serial_counts_before_the_lot() {
        let apart = Some(ApartFor::InQuestion);
        let shelf = [lying(Some("L1"), Some("S1"), apart), lying(Some("L1"), Some("S2"), None)];
        assert_eq!(told(&pack(Some("L1"), Some("S1")), &shelf), Some((Agreement::Serial, ApartFor::InQuestion)));
        assert_eq!(told(&pack(Some("L1"), Some("S2")), &shelf), None);
        assert_eq!(told(&pack(Some("L1"), Some("S3")), &shelf), None, "it is neither of them");
        assert_eq!(told(&pack(Some("L1"), None), &shelf), None, "it may be the other one");
        assert_eq!(told(&pack(Some("L1"), None), &shelf[..1]), Some((Agreement::Possible, ApartFor::InQuestion)));
    }

    #[test]
    fn what_only_looks_alike_or_is_not_told_is_possible() {
        let shelf = [lying(Some("L0"), None, Some(ApartFor::Recalled))];
        assert_eq!(told(&pack(Some("LO"), None), &shelf), Some((Agreement::Possible, ApartFor::Recalled)));
        assert_eq!(told(&pack(None, None), &shelf), Some((Agreement::Possible, ApartFor::Recalled)));
        let many = [lying(None, None, Some(ApartFor::Returned)), lying(None, None, Some(ApartFor::Damaged))];
        assert_eq!(told(&pack(Some("L1"), None), &many), Some((Agreement::Possible, ApartFor::Damaged)));
    }
}
