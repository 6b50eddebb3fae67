//! One device use held against recall criteria: definite, probable, possible or excluded, with the reason.
//!
//! Reach for [`hold`] with one criterion and for [`gravest`] with all criteria of a notice. Pure; the registry and the
//! theatre share it. Never by prefix: `19DM28106` and `19DM28106A` are two lots (openFDA Z-2336-2020 names both).
//!
//! | what matches | lot, serial or date the same (or all units) | missing on the pack, or only alike | another |
//! |---|---|---|---|
//! | device identifier | definite | possible | excluded |
//! | maker and catalogue number | probable | possible | excluded |
//! | catalogue number; maker unknown or written differently | possible | possible | excluded |
//! | catalogue number of another maker | possible, unless "all units" | – | – |
//! | nothing of the device can be compared, same maker | possible | – | – |
//! | nothing can be compared | possible, unless "all units" | – | – |
//!
//! *The same* is exact to the character, capitals included: AI 10 and AI 21 draw on GS1 character set 82, in which `a`
//! and `A` are two characters (GS1 General Specifications, sections 3.4.1, 3.5.2 and 7.11), so a difference in capitals
//! may be two lots. It may also be a typing mistake, so it is [`alike`] and possible, as the other slips of the pen are.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::plain_words::date_in_words;
use crate::udi::{DeviceIdentifier, Issuer};

/// What a recall notice covers: one line of it, structured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The device identifier, where the notice gives one.
    pub device: Option<DeviceIdentifier>,
    /// The maker, where the notice identifies the device by maker and catalogue number.
    pub maker: Option<String>,
    /// The maker's catalogue number (REF).
    pub reference: Option<String>,
    /// Which units of the device.
    pub units: Units,
}

/// Which units of a device a criterion covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "value")]
pub enum Units {
    /// Every unit: "all lots", "all codes".
    All,
    /// This lot, exactly.
    Lot(String),
    /// This serial, exactly.
    Serial(String),
    /// Units with this expiry date.
    Expiry(NaiveDate),
    /// Units that expire within this time.
    ExpiryWithin(Span),
    /// Units made within this time.
    MadeWithin(Span),
}

/// From one day to another, both included; an end that is missing is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl Span {
    /// Whether the day is within it.
    ///
    /// # Example
    /// ```
    /// use chrono::NaiveDate;
    /// use tessera_scanner::recall_match::Span;
    ///
    /// let day = |month| NaiveDate::from_ymd_opt(2021, month, 1).unwrap();
    /// let until_may = Span { from: None, to: Some(day(5)) };
    /// assert!(until_may.holds(day(5)) && !until_may.holds(day(6)));
    /// ```
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    fn in_words(self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!("from {} to {}", date_in_words(from), date_in_words(to)),
            (Some(from), None) => format!("on {} or later", date_in_words(from)),
            (None, Some(to)) => format!("on {} or earlier", date_in_words(to)),
            (None, None) => "on any day".to_owned(),
        }
    }
}

/// One unit of a device: on a shelf, in a theatre or in a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit<'a> {
    /// Every device identifier it is known by (as scanned, and the product's other identifiers).
    pub devices: &'a [DeviceIdentifier],
    /// The maker, if known.
    pub maker: Option<&'a str>,
    /// The catalogue number, if known.
    pub reference: Option<&'a str>,
    /// Its lot as scanned.
    pub lot: Option<&'a str>,
    /// Its serial as scanned.
    pub serial: Option<&'a str>,
    /// Its expiry date.
    pub expiry: Option<NaiveDate>,
    /// Its date of manufacture.
    pub manufacture: Option<NaiveDate>,
}

/// How sure it is that a recall concerns a unit; the gravest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The device matches, the unit does not: kept with its reason.
    Excluded,
    /// The unit's lot or serial is missing, or alike only after O/0, I/1, space or hyphen.
    Possible,
    /// Maker, catalogue number and exact lot, but not the device identifier.
    Probable,
    /// Device identifier and exact lot, serial or date, or all units.
    Definite,
}

/// The tier and its reason in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// How sure.
    pub tier: Tier,
    /// Why, with the values concerned.
    pub reason: String,
}

/// Holds one unit against one criterion; `None` where the criterion is about another device.
///
/// # Example
/// ```
/// use tessera_scanner::recall_match::{Criterion, Tier, Unit, Units, hold};
/// use tessera_scanner::udi::{DeviceIdentifier, Issuer};
///
/// let device = DeviceIdentifier { issuer: Issuer::Gs1, text: "00844505000772".to_owned() };
/// let criterion =
///     Criterion { device: Some(device.clone()), maker: None, reference: None, units: Units::Lot("122927".to_owned()) };
/// let devices = [device];
/// let unit =
///     Unit { devices: &devices, maker: None, reference: None, lot: Some("122927"), serial: None, expiry: None, manufacture: None };
/// assert_eq!(hold(&unit, &criterion).unwrap().tier, Tier::Definite);
/// let other = Unit { lot: Some("1229271"), ..unit };
/// assert_eq!(hold(&other, &criterion).unwrap().tier, Tier::Excluded);
/// ```
pub fn hold(unit: &Unit<'_>, criterion: &Criterion) -> Option<Match> {
    let (bond, whose) = bond(unit, criterion)?;
    let (same, which) = compare(unit, &criterion.units);
    let tier = match (bond, same) {
        (Bond::Device, Same::Exact) => Tier::Definite,
        (Bond::MakerAndReference, Same::Exact) => Tier::Probable,
        (Bond::Device | Bond::MakerAndReference | Bond::Reference, Same::Other) => Tier::Excluded,
        // "All units" says nothing of a device that cannot be compared, unless the maker at least is the same.
        (Bond::ReferenceElsewhere | Bond::Nothing, Same::Exact) if criterion.units == Units::All => return None,
        (Bond::Device | Bond::MakerAndReference | Bond::Reference, _) | (_, Same::Exact) => Tier::Possible,
        (Bond::ReferenceElsewhere | Bond::Maker | Bond::Nothing, _) => return None,
    };
    Some(Match { tier, reason: format!("{whose} {which}") })
}

/// The gravest match of one unit over many criteria, with the criterion that gave it.
///
/// The answer does not depend on the order of the criteria: of two equally grave matches the one whose reason comes
/// first in the alphabet is taken.
pub fn gravest<'c>(
    unit: &Unit<'_>,
    criteria: impl IntoIterator<Item = &'c Criterion>,
) -> Option<(&'c Criterion, Match)> {
    criteria
        .into_iter()
        .filter_map(|criterion| hold(unit, criterion).map(|found| (criterion, found)))
        .max_by(|(_, a), (_, b)| a.tier.cmp(&b.tier).then_with(|| b.reason.cmp(&a.reason)))
}

/// A lot or serial as it is compared when a person may have mistaken a character: upper case, no space or hyphen,
/// O as 0, I as 1.
///
/// # Example
/// ```
/// use tessera_scanner::recall_match::alike;
/// assert_eq!(alike("l0-i 22O"), alike("L01220"));
/// assert_ne!(alike("19DM28106"), alike("19DM28106A"));
/// ```
pub fn alike(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !is_hyphen(*c))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' => '1',
            other => other,
        })
        .collect()
}

/// The hyphens and dashes that word processors put into notices, beside the plain one.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// What ties the unit to the device that the criterion names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bond {
    /// A device identifier.
    Device,
    /// Maker and catalogue number.
    MakerAndReference,
    /// The catalogue number; the maker is unknown on one side, or written differently.
    Reference,
    /// The catalogue number, of what seems to be another maker.
    ReferenceElsewhere,
    /// The maker only: nothing about the device can be compared.
    Maker,
    /// Neither device nor maker can be compared.
    Nothing,
}

fn bond(unit: &Unit<'_>, criterion: &Criterion) -> Option<(Bond, String)> {
    let notice_device = criterion.device.as_ref().filter(|device| !device.text.trim().is_empty());
    if let Some(device) = notice_device
        && unit.devices.iter().any(|known| same_device(known, device))
    {
        return Some((Bond::Device, format!("The notice names this device, {}.", device_in_words(device))));
    }
    let makers = given(criterion.maker.as_deref()).zip(given(unit.maker));
    let kinship = makers.map(|(theirs, ours)| kinship(theirs, ours));
    if let Some((theirs, ours)) = given(criterion.reference.as_deref()).zip(given(unit.reference)) {
        return (theirs == ours).then(|| match (kinship, makers) {
            (Some(Kinship::Same), Some((maker, _))) => (
                Bond::MakerAndReference,
                format!("The notice names {maker}, catalogue number {theirs}, but not this device identifier."),
            ),
            (Some(other), Some((maker, known))) => (
                if other == Kinship::Perhaps { Bond::Reference } else { Bond::ReferenceElsewhere },
                format!("The notice names catalogue number {theirs} of {maker}; this is by {known}."),
            ),
            _ => (
                Bond::Reference,
                format!("The notice names catalogue number {theirs}; the maker could not be compared."),
            ),
        });
    }
    let other_device = notice_device.is_some() && !unit.devices.is_empty();
    match (kinship, makers) {
        _ if other_device => None,
        (Some(Kinship::Other), _) => None,
        (Some(_), Some((maker, _))) => {
            Some((Bond::Maker, format!("The notice names {maker}; which device it means could not be compared.")))
        }
        _ => Some((Bond::Nothing, "Which device the notice means could not be compared.".to_owned())),
    }
}

/// How two spellings of a maker compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kinship {
    Same,
    Perhaps,
    Other,
}

/// Whether two spellings may be of one maker: what a notice that names only maker and lot has to go by.
///
/// # Example
/// ```
/// use tessera_scanner::recall_match::may_be_one_maker;
/// assert!(may_be_one_maker("Harrowmere Orthopaedics", "HARROWMERE LTD."));
/// assert!(!may_be_one_maker("Harrowmere Orthopaedics", "Tarn Medical"));
/// ```
pub fn may_be_one_maker(a: &str, b: &str) -> bool {
    kinship(a, b) != Kinship::Other
}

/// Makers are compared without capitals, blanks and punctuation; those that share only their first word may be one house
/// ("Harrowmere Orthopaedics", "Harrowmere Ltd"): a recall is not to be missed for a legal form.
fn kinship(a: &str, b: &str) -> Kinship {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    if a.concat() == b.concat() {
        Kinship::Same
    } else if a.first() == b.first() {
        Kinship::Perhaps
    } else {
        Kinship::Other
    }
}

/// How the unit's lot, serial or date compares with the criterion's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    Exact,
    Alike,
    Missing,
    Other,
}

fn compare(unit: &Unit<'_>, units: &Units) -> (Same, String) {
    match units {
        Units::All => (Same::Exact, "Every unit of it is recalled.".to_owned()),
        Units::Lot(lot) => compare_text("lot", given(unit.lot), lot.trim()),
        Units::Serial(serial) => compare_text("serial", given(unit.serial), serial.trim()),
        Units::Expiry(date) => compare_date(unit.expiry, *date),
        Units::ExpiryWithin(span) => compare_span(unit.expiry, *span, ["expire", "expires", "expiry date"]),
        Units::MadeWithin(span) => {
            compare_span(unit.manufacture, *span, ["were made", "was made", "date of manufacture"])
        }
    }
}

fn compare_text(what: &str, ours: Option<&str>, theirs: &str) -> (Same, String) {
    if theirs.is_empty() {
        return (Same::Missing, format!("The notice does not say which {what}."));
    }
    match ours {
        None => (Same::Missing, format!("It recalls {what} {theirs}; the pack shows no {what}.")),
        Some(ours) if ours == theirs => (Same::Exact, format!("It recalls {what} {theirs}, which this is.")),
        Some(ours) if alike(ours) == alike(theirs) => {
            (Same::Alike, format!("It recalls {what} {theirs}; the pack shows {ours}, which looks like it."))
        }
        Some(ours) => (Same::Other, format!("It recalls {what} {theirs}; this is {what} {ours}.")),
    }
}

fn compare_date(ours: Option<NaiveDate>, theirs: NaiveDate) -> (Same, String) {
    let said = date_in_words(theirs);
    let Some(ours) = ours else {
        return (Same::Missing, format!("It recalls units that expire on {said}; the pack shows no expiry date."));
    };
    let shown = date_in_words(ours);
    if ours == theirs {
        (Same::Exact, format!("It recalls units that expire on {said}, which this does."))
    } else if (ours.year(), ours.month()) == (theirs.year(), theirs.month())
        && (is_month_end(ours) || is_month_end(theirs))
    {
        // A date without its day is kept as the last of the month, so either side may mean any day of it.
        (Same::Alike, format!("It recalls units that expire on {said}; this one expires on {shown}, the same month."))
    } else {
        (Same::Other, format!("It recalls units that expire on {said}; this one expires on {shown}."))
    }
}

/// `words`: what several units do, what one does, and what the pack would have to show.
fn compare_span(ours: Option<NaiveDate>, span: Span, [many, one, date]: [&str; 3]) -> (Same, String) {
    let said = span.in_words();
    let Some(ours) = ours else {
        return (Same::Missing, format!("It recalls units that {many} {said}; the pack shows no {date}."));
    };
    let shown = date_in_words(ours);
    if span.holds(ours) {
        return (Same::Exact, format!("It recalls units that {many} {said}; this one {one} on {shown}."));
    }
    // A date without its day is kept as the last of the month, and may mean any day of it.
    let month = ours.with_day(1).into_iter().flat_map(|first| first.iter_days().take_while(move |day| *day <= ours));
    if is_month_end(ours) && month.into_iter().any(|day| span.holds(day)) {
        let text = format!("It recalls units that {many} {said}; this one {one} in the month that ends on {shown}.");
        return (Same::Alike, text);
    }
    (Same::Other, format!("It recalls units that {many} {said}; this one {one} on {shown}."))
}

fn is_month_end(date: NaiveDate) -> bool {
    date.succ_opt().is_none_or(|next| next.month() != date.month())
}

/// The text without blanks around it, where any is left: a blank field is one that was not filled in.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The same identifier of the same agency; a GTIN-8, -12 or -13 is the GTIN-14 with leading zeros (GS1 General
/// Specifications, section 3.3.2).
fn same_device(a: &DeviceIdentifier, b: &DeviceIdentifier) -> bool {
    if a.issuer != b.issuer {
        return false;
    }
    let (a, b, gs1) = (a.text.trim(), b.text.trim(), a.issuer == Issuer::Gs1);
    a == b || gs1 && a.trim_start_matches('0') == b.trim_start_matches('0')
}

fn device_in_words(device: &DeviceIdentifier) -> String {
    match device.issuer {
        Issuer::Gs1 => format!("GTIN {}", device.text),
        _ => device.text.clone(),
    }
}

#[cfg(test)]
mod tests;
