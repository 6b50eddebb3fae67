//! The questions that the verdict asks, one function each; what they say is in the table of reasons.

use std::collections::HashSet;

use chrono::{Duration, NaiveDate};

use super::fit::{self, Fit};
use super::london::london_date;
use super::reasons::{Found, Ground};
use super::shelf;
use super::{Answer, Question, Side, Verdict};
use crate::finding::{Finding, Severity};
use crate::gs1::date::GsDate;
use crate::label::Outcome;
use crate::ordering;
use crate::plain_words::{count_of, date_in_words};
use crate::practice::is_practice_pack;
use crate::recall_match::{Criterion, Match, Tier, Unit, gravest};
use crate::udi::{DeviceIdentifier, Issuer, Udi};

/// Clocks of a tablet and a server differ by seconds; more than this is a fault.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// Answers the question. See [`TABLE`](super::TABLE) for everything that it looks at.
///
/// Several reasons are all reported, gravest first; the answer is that of the gravest. Where the label is ambiguous,
/// every candidate is looked at: only what holds in all of them stops, what holds in one is looked at.
pub fn judge(question: &Question<'_>) -> Verdict {
    judge_with(question, None)
}

/// [`judge`], and whether the device fits what is in already and the plan.
pub fn judge_with(question: &Question<'_>, fit: Option<&Fit<'_>>) -> Verdict {
    weigh(question, |product, found| {
        practice_pack(question, product, found);
        if let Some(fit) = fit {
            fit::check(fit, found);
        }
    })
}

/// [`judge`] in the practice theatre, where a practice pack is like any other.
pub fn judge_in_practice(question: &Question<'_>) -> Verdict {
    weigh(question, |_, _| ())
}

fn practice_pack(question: &Question<'_>, product: &str, found: &mut Vec<Found>) {
    if readings(question).iter().any(|udi| is_practice_pack(&udi.device)) {
        // No catalogue team will ever add it.
        found.retain(|one| one.ground != Ground::UnknownProduct);
        found.push(Found::new(Ground::PracticePack, &[("product", product)]));
    }
}

fn weigh(question: &Question<'_>, fitting: impl FnOnce(&str, &mut Vec<Found>)) -> Verdict {
    let readings = readings(question);
    let product = product_in_words(question, &readings);
    let mut found = Vec::new();
    recalls(question, &readings, &product, &mut found);
    shelf::check(question, &readings, &product, &mut found);
    serial_elsewhere(question, &readings, &product, &mut found);
    side(question, &product, &mut found);
    expiry(question, &readings, &product, &mut found);
    outcome(question, &readings, &mut found);
    expectations(question, &readings, &product, &mut found);
    trust(question, &mut found);
    findings(question, &readings, &mut found);
    fitting(&product, &mut found);

    // Stable: rows keep the table's order, and equal rows the order in which they were found.
    ordering::by_key(&mut found, |one| one.ground);
    let reasons: Vec<_> = found.into_iter().map(|one| one.reason).collect();
    let answer = reasons.iter().map(|reason| reason.answer).max().unwrap_or(Answer::May);
    Verdict { answer, reasons }
}

/// The possible readings of the pack: none, one, or the candidates of an ambiguous one.
fn readings<'a>(question: &Question<'a>) -> Vec<&'a Udi> {
    let label = question.label;
    if label.outcome == Outcome::Ambiguous && !label.candidates.is_empty() {
        label.candidates.iter().collect()
    } else {
        label.udi.iter().collect()
    }
}

/// The product's name, or what the pack calls itself.
fn product_in_words(question: &Question<'_>, readings: &[&Udi]) -> String {
    match (question.product, readings.first()) {
        (Some(product), _) => product.name.clone(),
        (None, Some(udi)) if udi.device.issuer == Issuer::Gs1 => format!("the device with GTIN {}", udi.device.text),
        (None, Some(udi)) => format!("the device with identifier {}", udi.device.text),
        (None, None) => "this pack".to_owned(),
    }
}

fn recalls(question: &Question<'_>, readings: &[&Udi], product: &str, found: &mut Vec<Found>) {
    for recall in question.recalls {
        let hits: Vec<Option<Match>> = if readings.is_empty() {
            vec![held(question, None, &recall.criteria)]
        } else {
            readings.iter().map(|udi| held(question, Some(udi), &recall.criteria)).collect()
        };
        let definite = |hit: &Option<Match>| hit.as_ref().is_some_and(|found| found.tier == Tier::Definite);
        let certain = hits.iter().all(definite);
        let unit = hits.iter().position(definite).and_then(|place| readings.get(place)).map(|udi| in_words(udi));
        let Some(worst) = hits.into_iter().flatten().max_by_key(|hit| hit.tier) else { continue };
        let ground = match worst.tier {
            Tier::Definite if certain => Ground::Recalled,
            Tier::Definite => Ground::RecalledInOneReading,
            Tier::Possible => Ground::RecalledPossibly,
            Tier::Probable => Ground::RecalledProbably,
            Tier::Excluded => continue,
        };
        found.push(Found::new(
            ground,
            &[
                ("product", product),
                ("unit", unit.as_deref().unwrap_or(product)),
                ("notice", &recall.reference),
                ("title", recall.title.trim_end_matches('.')),
                ("match", &worst.reason),
            ],
        ));
    }
}

fn held(question: &Question<'_>, udi: Option<&Udi>, criteria: &[Criterion]) -> Option<Match> {
    let product = question.product;
    if udi.is_none() && product.is_none() {
        // Nothing is known of the pack: every lot of every notice would be "possible". The outcome says so instead.
        return None;
    }
    let mut devices: Vec<DeviceIdentifier> = product.map(|product| product.identifiers.clone()).unwrap_or_default();
    devices.extend(udi.map(|udi| udi.device.clone()));
    let unit = Unit {
        devices: &devices,
        maker: product.map(|product| product.maker.as_str()),
        reference: product
            .and_then(|p| p.reference.as_deref())
            .or_else(|| udi.and_then(|udi| udi.reference.as_deref())),
        lot: udi.and_then(|udi| udi.lot.as_ref()).map(AsRef::as_ref),
        serial: udi.and_then(|udi| udi.serial.as_ref()).map(AsRef::as_ref),
        expiry: udi.and_then(|udi| udi.expiry).map(|date| date.last_day()),
        manufacture: udi.and_then(|udi| udi.manufacture).map(|date| date.last_day()),
    };
    gravest(&unit, criteria).map(|(_, found)| found)
}

fn serial_elsewhere(question: &Question<'_>, readings: &[&Udi], product: &str, found: &mut Vec<Found>) {
    let serial = readings.iter().find_map(|udi| udi.serial.as_ref()).map(AsRef::as_ref);
    let ground = match (question.serial_in_another_patient, serial) {
        (Some(true), _) => Ground::SerialElsewhere,
        (None, Some(_)) => Ground::SerialUnchecked,
        _ => return,
    };
    found.push(Found::new(ground, &[("product", product), ("serial", serial.unwrap_or_default())]));
}

fn side(question: &Question<'_>, product: &str, found: &mut Vec<Found>) {
    // A product for both sides fits either.
    let Some(made_for) = question.product.and_then(|p| p.side).filter(|side| *side != Side::Bilateral) else { return };
    let ground = match question.procedure_side {
        Some(operated) if operated == made_for => return,
        Some(Side::Bilateral) => Ground::BothSides,
        Some(_) => Ground::WrongSide,
        None => Ground::SideNotKnown,
    };
    let operated = question.procedure_side.map_or("", Side::in_words);
    found.push(Found::new(
        ground,
        &[("product", product), ("device_side", made_for.in_words()), ("operated_side", operated)],
    ));
}

fn expiry(question: &Question<'_>, readings: &[&Udi], product: &str, found: &mut Vec<Found>) {
    let dates: Vec<GsDate> = readings.iter().filter_map(|udi| udi.expiry).collect();
    let Some(first) = dates.iter().min_by_key(|date| date.last_day()) else { return };
    let today = date_in_words(question.today);
    let expiry = expiry_in_words(*first);
    let passed = |date: &GsDate| date.last_day() < question.today;
    let days = (first.last_day() - question.today).num_days();
    if dates.len() == readings.len() && dates.iter().all(passed) {
        let values = [("product", product), ("expiry", &expiry), ("today", &today)];
        found.push(Found::new(Ground::Expired, &values));
    } else if passed(first) {
        found.push(Found::new(Ground::ExpiredInOneReading, &[("expiry", &expiry), ("today", &today)]));
    } else if days <= i64::from(question.limits.expiry_warning_days) {
        let when = match days {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            _ => format!("in {days} days"),
        };
        found.push(Found::new(Ground::ExpiresSoon, &[("product", product), ("when", &when), ("expiry", &expiry)]));
    }
}

fn expiry_in_words(date: GsDate) -> String {
    let day = date_in_words(date.last_day());
    if date.day_given() { day } else { format!("{day} (the pack gives only the month)") }
}

fn outcome(question: &Question<'_>, readings: &[&Udi], found: &mut Vec<Found>) {
    match question.label.outcome {
        Outcome::Read if readings.is_empty() => found.push(Found::new(Ground::NotADevice, &[])),
        Outcome::Read => {}
        Outcome::NotADevice => found.push(Found::new(Ground::NotADevice, &[])),
        Outcome::Refused => found.push(Found::new(Ground::Refused, &[])),
        Outcome::Incomplete => {
            let parts = readings.first().map(|udi| in_words(udi)).unwrap_or_default();
            let parts = if parts.is_empty() { parts } else { format!(" ({parts})") };
            found.push(Found::new(Ground::Incomplete, &[("parts", &parts)]));
        }
        Outcome::Ambiguous => {
            let all: Vec<String> = readings.iter().map(|udi| in_words(udi)).collect();
            found.push(Found::new(Ground::Ambiguous, &[("readings", &all.join(", or "))]));
        }
    }
}

/// The production identifiers of one reading.
fn in_words(udi: &Udi) -> String {
    let mut parts = Vec::new();
    if let Some(lot) = &udi.lot {
        parts.push(format!("lot {lot}"));
    }
    if let Some(serial) = &udi.serial {
        parts.push(format!("serial {serial}"));
    }
    if let Some(expiry) = &udi.expiry {
        parts.push(format!("expiry {}", date_in_words(expiry.last_day())));
    }
    parts.join(" and ")
}

/// What the catalogue says that a pack of this product carries; without a catalogue, what every pack should tell.
fn expectations(question: &Question<'_>, readings: &[&Udi], product: &str, found: &mut Vec<Found>) {
    let missing = |has: fn(&Udi) -> bool| readings.iter().any(|udi| !has(udi));
    let (no_lot, no_serial, no_expiry) = if readings.is_empty() {
        (true, true, true)
    } else {
        (missing(|udi| udi.lot.is_some()), missing(|udi| udi.serial.is_some()), missing(|udi| udi.expiry.is_some()))
    };
    let mut add = |missing: bool, ground| {
        if missing {
            found.push(Found::new(ground, &[("product", product)]));
        }
    };
    if let Some(facts) = question.product {
        add(facts.lot_expected && no_lot, Ground::NoLot);
        add(facts.serial_expected && no_serial, Ground::NoSerial);
        add(facts.expiry_expected && no_expiry, Ground::NoExpiry);
    } else if !readings.is_empty() {
        add(true, Ground::UnknownProduct);
        add(no_lot && no_serial, Ground::UnitUnchecked);
        add(no_expiry, Ground::ExpiryUnchecked);
    }
}

/// Whether the data and the clock can carry a green answer.
fn trust(question: &Question<'_>, found: &mut Vec<Found>) {
    let age = question.now.signed_duration_since(question.snapshot_taken);
    let limit = i64::from(question.limits.snapshot_hours);
    if age > Duration::hours(limit) {
        let hours = age.num_hours();
        let said = if hours < 48 { count_of(hours, "hour", "hours") } else { count_of(hours / 24, "day", "days") };
        let limit = count_of(limit, "hour", "hours");
        found.push(Found::new(Ground::SnapshotOld, &[("age", &said), ("limit", &limit)]));
    }
    // Data from the future, or a date that is not London's at this moment: one of the clocks is wrong.
    let from_the_future = age < -CLOCK_TOLERANCE;
    if question.clock_in_doubt || from_the_future || !is_today(question) {
        found.push(Found::new(Ground::ClockInDoubt, &[("today", &date_in_words(question.today))]));
    }
}

fn is_today(question: &Question<'_>) -> bool {
    let near = |shift: Duration| -> Option<NaiveDate> { question.now.checked_add_signed(shift).map(london_date) };
    [Duration::zero(), CLOCK_TOLERANCE, -CLOCK_TOLERANCE].into_iter().any(|shift| near(shift) == Some(question.today))
}

/// Each warning and error once, though the label and its UDI may both carry it.
fn findings(question: &Question<'_>, readings: &[&Udi], found: &mut Vec<Found>) {
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    let of_readings = readings.iter().flat_map(|udi| &udi.findings);
    for finding in question.label.findings.iter().chain(of_readings) {
        let ground = match finding.severity {
            Severity::Note => continue,
            // The row that names the readings says so already.
            _ if finding.code == "SEPARATOR_IN_DOUBT" && question.label.outcome == Outcome::Ambiguous => continue,
            _ if is_about_a_check(finding) => Ground::BadCheckDigit,
            Severity::Error => Ground::ReadingError,
            Severity::Warning => Ground::ReadingWarning,
        };
        if told.insert((&finding.code, &finding.text)) {
            found.push(Found::new(ground, &[("finding", &finding.text)]));
        }
    }
}

/// The GS1 Syntax Dictionary's linters `csum` and `csumalpha` and the check characters of the other agencies.
fn is_about_a_check(finding: &Finding) -> bool {
    let letters: String =
        finding.code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    ["checkdigit", "checkpair", "checkcharacter", "checksum"].iter().any(|name| letters.contains(name))
}
