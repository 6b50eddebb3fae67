//! The GS1 DataMatrix of DCB1077, with or without the separators that should stand behind 8019, 91, 92 and 93.

use chrono::{NaiveDate, NaiveTime};

use super::{BabyDetails, LocalIdentifier, Wristband, some, take_birth_date, take_nhs_number, warn};
use crate::gs1::element_string::GS;
use crate::gs1::keys::GsrnRecipient;

/// What scanners type for separators and no wristband holds.
const TYPED: [&str; 5] = ["{GS}", "{FNC1}", "^]", "\\x1d", "]C1"];

/// Reads a message without identifier; `None` where it is no wristband of this kind.
pub(super) fn read(message: &str) -> Option<Wristband> {
    let gs = char::from(GS);
    let message = TYPED.iter().fold(message.to_owned(), |text, typed| text.replace(typed, &gs.to_string()));
    let mut band = Wristband::default();
    let rest = match after(&message, "8018") {
        Some(rest) => take_gsrn(&mut band, rest)?,
        // No NHS number yet: the organisation's own number alone.
        None if after(&message, "91").is_some_and(|rest| rest.matches(',').count() >= 2) => &message,
        None => return None,
    };
    let (before, person) = split_person(rest);
    match person {
        Some(fields) => take_person(&mut band, fields),
        None => warn(&mut band, "NO_NAME", "the wristband carries no name and date of birth: ask the patient"),
    }
    take_rest(&mut band, before);
    (band.gsrn.is_some() || band.local.is_some() || !band.findings.is_empty()).then_some(band)
}

/// What follows an identifier, printed with brackets or not.
fn after<'a>(text: &'a str, ai: &str) -> Option<&'a str> {
    let text = text.trim_start_matches(char::from(GS));
    text.strip_prefix(ai).or_else(|| text.strip_prefix('(')?.strip_prefix(ai)?.strip_prefix(')'))
}

fn take_gsrn<'a>(band: &mut Wristband, rest: &'a str) -> Option<&'a str> {
    let (gsrn, rest) = rest.split_at_checked(18).filter(|(gsrn, _)| gsrn.bytes().all(|b| b.is_ascii_digit()))?;
    if let Ok(gsrn) = gsrn.parse::<GsrnRecipient>() {
        match gsrn.nhs_digits() {
            Some(digits) => take_nhs_number(band, digits),
            None => warn(band, "GSRN_WITHOUT_NHS_NUMBER", "the wristband's GSRN was not made from an NHS number"),
        }
        band.gsrn = Some(gsrn);
    } else {
        // The NHS number inside is not taken: one of the two check digits may hold by chance.
        warn(band, "INCORRECT_CHECK_DIGIT", "the wristband's GSRN fails its check digit: scan it again");
    }
    Some(rest)
}

/// Family, given, date of birth and, where there is one, time.
type Person<'a> = [&'a str; 4];

/// Cuts the person's part, `93family,given,dd-Mmm-yyyy,…`, off what stands before it.
fn split_person(rest: &str) -> (&str, Option<Person<'_>>) {
    let fields = |from: usize| {
        let value = rest[from..].split(char::from(GS)).next().unwrap_or("");
        let mut fields = value.split(',').map(str::trim);
        let person = [fields.next()?, fields.next()?, fields.next()?, fields.next().unwrap_or("")];
        Some([person[0].trim_start_matches(')'), person[1], person[2], person[3]])
    };
    let dated = |text: &str| NaiveDate::parse_from_str(text, "%d-%b-%Y").is_ok();
    let places: Vec<usize> = rest.match_indices("93").map(|(at, _)| at).collect();
    let opens = |at: usize| at == 0 || rest[..at].ends_with([',', char::from(GS), ')', '(']);
    // A time or the mother's name may stand right before it where its separator was lost.
    let person = |at: &usize| fields(at + 2).is_some_and(|f| dated(f[2]) && !f[0].is_empty());
    let best = places.iter().copied().find(|at| opens(*at) && person(at));
    let best =
        best.or_else(|| places.iter().copied().find(|at| opens(*at) && fields(at + 2).is_some_and(|f| dated(f[2]))));
    let best = best.or_else(|| places.iter().copied().rev().find(person));
    let best = best.or_else(|| places.into_iter().find(|at| opens(*at) && fields(at + 2).is_some()));
    match best {
        Some(at) => (rest[..at].trim_end_matches('('), fields(at + 2)),
        None => (rest, None),
    }
}

fn take_person(band: &mut Wristband, [family, given, born, time]: Person<'_>) {
    band.family = some(family);
    band.given = some(given);
    take_birth_date(band, born, "%d-%b-%Y");
    band.birth_time = NaiveTime::parse_from_str(time, "%H:%M").ok();
    if band.birth_time.is_none() && !time.is_empty() {
        warn(band, "BIRTH_TIME", "the time of birth on the wristband cannot be read");
    }
}

/// `8019` instance, `91ODS,local number,[GLN],` and `92` baby details, in this order.
///
/// ODS codes of trusts start with a letter, so that the digits of an instance without separator end before one.
fn take_rest(band: &mut Wristband, before: &str) {
    let mut rest = before;
    if let Some(instance) = after(rest, "8019") {
        let end = instance.find(|c: char| !c.is_ascii_digit()).unwrap_or(instance.len());
        let (digits, behind) = instance.split_at(end);
        let lost = behind.starts_with(|c: char| c.is_ascii_alphabetic());
        let digits = digits.strip_suffix("91").filter(|digits| lost && !digits.is_empty()).unwrap_or(digits);
        band.instance = some(digits);
        rest = &instance[digits.len()..];
    }
    if let Some(local) = after(rest, "91") {
        // Three fields, each ended by its comma; a separator may end it sooner.
        let value = local.split(char::from(GS)).next().unwrap_or("");
        let end = value.match_indices(',').nth(2).map_or(value.len(), |(at, _)| at + 1);
        let mut fields = value[..end].split(',').map(str::trim);
        let organisation = fields.next().and_then(|code| code.parse().ok());
        band.local = fields.next().and_then(some).map(|value| LocalIdentifier { value, organisation });
        if let Some(gln) = fields.next().filter(|gln| !gln.is_empty()) {
            band.gln = gln.parse().ok();
            if band.gln.is_none() {
                warn(band, "LOCATION_NUMBER", "the hospital's location number on the wristband fails its check");
            }
        }
        rest = &local[end..];
    }
    if let Some(baby) = after(rest, "92") {
        band.baby = some(baby.trim_end_matches(char::from(GS))).map(baby_details);
    }
}

/// `place/number,mother's family,mother's given` where it has that form.
fn baby_details(text: String) -> BabyDetails {
    let mut fields = text.split(',');
    let place = fields.next().and_then(|field| field.trim().split_once('/'));
    let place = place.and_then(|(place, of)| Some((place.parse().ok()?, of.parse().ok()?)));
    let mut name = || place.and_then(|_| fields.next()).and_then(some);
    let (mother_family, mother_given) = (name(), name());
    BabyDetails { text, place, mother_family, mother_given }
}
