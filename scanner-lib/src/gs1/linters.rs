//! The dictionary's checks on content, by its own names: a character set, a check digit, a date, a code list.
//!
//! Each answers with the dictionary's own error name and the offending characters (GS1 Barcode Syntax Tests).

use chrono::NaiveDate;

use super::check;
use super::dictionary::{Charset, ISO3166, ISO3166ALPHA2, ISO4217, Linter, PACKAGETYPE};

/// What a check objects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The dictionary's name of the error.
    pub code: &'static str,
    /// First offending byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

type Answer = Result<(), Objection>;

fn object(code: &'static str, start: usize, end: usize) -> Answer {
    Err(Objection { code, start, end })
}

fn unless(holds: bool, code: &'static str, data: &[u8]) -> Answer {
    if holds { Ok(()) } else { object(code, 0, data.len()) }
}

fn every(data: &[u8], allowed: impl Fn(u8) -> bool, code: &'static str) -> Answer {
    match data.iter().position(|b| !allowed(*b)) {
        None => Ok(()),
        Some(at) => object(code, at, at + 1),
    }
}

fn digits(data: &[u8]) -> Answer {
    every(data, |b| b.is_ascii_digit(), "NON_DIGIT_CHARACTER")
}

/// Checks that `data` stays inside a character set.
///
/// # Errors
/// The dictionary's name of the error and the first character outside.
pub fn charset(set: Charset, data: &[u8]) -> Result<(), Objection> {
    match set {
        Charset::Numeric => digits(data),
        Charset::Cset82 => every(data, check::in_cset_82, "INVALID_CSET82_CHARACTER"),
        Charset::Cset39 => every(data, check::in_cset_39, "INVALID_CSET39_CHARACTER"),
        Charset::Base64Url => base64_url(data),
    }
}

/// Runs one of the dictionary's linters.
///
/// Of the two North American coupon formats only the digits are checked.
///
/// # Errors
/// The dictionary's name of the error and the offending characters.
pub fn lint(linter: Linter, data: &[u8]) -> Result<(), Objection> {
    match linter {
        Linter::Couponcode | Linter::Couponposoffer => digits(data),
        Linter::Csum => check_digit(data),
        Linter::Csumalpha => check_pair(data),
        Linter::Gcppos1 => company_prefix(data, 0),
        Linter::Gcppos2 => company_prefix(data, 1),
        Linter::Hasnondigit => unless(data.iter().any(|b| !b.is_ascii_digit()), "REQUIRES_NON_DIGIT_CHARACTER", data),
        Linter::Hh => clock(data, 24, "HOUR_TOO_SHORT", "HOUR_TOO_LONG", "ILLEGAL_HOUR"),
        Linter::Mi => clock(data, 60, "MINUTE_TOO_SHORT", "MINUTE_TOO_LONG", "ILLEGAL_MINUTE"),
        Linter::Ss => clock(data, 60, "SECOND_TOO_SHORT", "SECOND_TOO_LONG", "ILLEGAL_SECOND"),
        Linter::Hhmi => hour_and_minute(data),
        Linter::Hyphen => unless(!data.is_empty() && data.iter().all(|b| *b == b'-'), "NOT_HYPHEN", data),
        Linter::Iban => iban(data),
        Linter::Importeridx => importer_index(data),
        Linter::Iso3166 => listed(data, ISO3166, "NOT_ISO3166"),
        Linter::Iso3166999 => unless(data == b"999" || listed(data, ISO3166, "").is_ok(), "NOT_ISO3166_OR_999", data),
        Linter::Iso3166alpha2 => listed(data, ISO3166ALPHA2, "NOT_ISO3166_ALPHA2"),
        Linter::Iso4217 => listed(data, ISO4217, "NOT_ISO4217"),
        Linter::Iso5218 => unless(matches!(data, b"0" | b"1" | b"2" | b"9"), "INVALID_BIOLOGICAL_SEX_CODE", data),
        Linter::Latitude => degrees(data, 1_800_000_000, "LATITUDE_INVALID_LENGTH", "INVALID_LATITUDE"),
        Linter::Longitude => degrees(data, 3_600_000_000, "LONGITUDE_INVALID_LENGTH", "INVALID_LONGITUDE"),
        Linter::Mediatype => {
            unless(data.len() == 2 && matches!(number(data), Some(1..=10 | 80..=99)), "INVALID_MEDIA_TYPE", data)
        }
        Linter::Nonzero => {
            digits(data).and_then(|()| unless(data.iter().any(|b| *b != b'0'), "ILLEGAL_ZERO_VALUE", data))
        }
        Linter::Nozeroprefix => digits(data)
            .and_then(|()| if data.first() == Some(&b'0') { object("ILLEGAL_ZERO_PREFIX", 0, 1) } else { Ok(()) }),
        Linter::Packagetype => listed(data, PACKAGETYPE, "INVALID_PACKAGE_TYPE"),
        Linter::Pcenc => percent(data),
        Linter::Pieceoftotal => piece_of_total(data),
        Linter::Posinseqslash => position_in_sequence(data),
        Linter::Winding => unless(matches!(data, b"0" | b"1" | b"9"), "INVALID_WINDING_DIRECTION", data),
        Linter::Yesno => unless(matches!(data, b"0" | b"1"), "NOT_ZERO_OR_ONE", data),
        Linter::Yymmd0 => date(data, 2, true),
        Linter::Yymmdd => date(data, 2, false),
        Linter::Yyyymmdd => date(data, 4, false),
        Linter::Zero => unless(data == b"0", "NOT_ZERO", data),
    }
}

fn number(data: &[u8]) -> Option<u64> {
    if data.is_empty() || data.len() > 18 || !data.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(data.iter().fold(0, |sum, b| sum * 10 + u64::from(b - b'0')))
}

fn base64_url(data: &[u8]) -> Answer {
    let body = data.iter().rposition(|b| *b != b'=').map_or(0, |at| at + 1);
    every(&data[..body], |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_', "INVALID_CSET64_CHARACTER")?;
    let padding = data.len() - body;
    if padding > 0 && (padding > 2 || !data.len().is_multiple_of(3)) {
        return object("INVALID_CSET64_PADDING", body, data.len());
    }
    Ok(())
}

fn check_digit(data: &[u8]) -> Answer {
    if data.is_empty() {
        return object("TOO_SHORT_FOR_CHECK_DIGIT", 0, 0);
    }
    digits(data)?;
    if check::digit_holds(data) { Ok(()) } else { object("INCORRECT_CHECK_DIGIT", data.len() - 1, data.len()) }
}

fn check_pair(data: &[u8]) -> Answer {
    if data.len() < 2 {
        return object("TOO_SHORT_FOR_CHECK_PAIR", 0, data.len());
    }
    if data.len() > 99 {
        return object("TOO_LONG_FOR_CHECK_PAIR_IMPLEMENTATION", 0, data.len());
    }
    let (body, pair) = data.split_at(data.len() - 2);
    every(body, check::in_cset_82, "INVALID_CSET82_CHARACTER")?;
    if check::pair(body).is_some_and(|wanted| wanted == pair) {
        Ok(())
    } else {
        object("INCORRECT_CHECK_PAIR", body.len(), data.len())
    }
}

/// The shortest GS1 company prefix has four digits.
const SHORTEST_PREFIX: usize = 4;

fn company_prefix(data: &[u8], at: usize) -> Answer {
    if data.len() < at + SHORTEST_PREFIX {
        return object("TOO_SHORT_FOR_GCP", 0, data.len());
    }
    let prefix = &data[at..at + SHORTEST_PREFIX];
    match prefix.iter().position(|b| !b.is_ascii_digit()) {
        None => Ok(()),
        Some(bad) => object("INVALID_GCP_PREFIX", at + bad, at + bad + 1),
    }
}

fn clock(data: &[u8], limit: u64, short: &'static str, long: &'static str, illegal: &'static str) -> Answer {
    match data.len() {
        0 | 1 => return object(short, 0, data.len()),
        2 => digits(data)?,
        _ => return object(long, 0, data.len()),
    }
    unless(number(data).is_some_and(|value| value < limit), illegal, data)
}

fn hour_and_minute(data: &[u8]) -> Answer {
    match data.len() {
        4 => digits(data)?,
        0..4 => return object("HOUR_WITH_MINUTE_TOO_SHORT", 0, data.len()),
        _ => return object("HOUR_WITH_MINUTE_TOO_LONG", 0, data.len()),
    }
    if number(&data[..2]).is_none_or(|hour| hour > 23) {
        return object("ILLEGAL_HOUR", 0, 2);
    }
    if number(&data[2..]).is_none_or(|minute| minute > 59) {
        return object("ILLEGAL_MINUTE", 2, 4);
    }
    Ok(())
}

fn iban(data: &[u8]) -> Answer {
    if data.len() < 10 {
        return object("IBAN_TOO_SHORT", 0, data.len());
    }
    if data.len() > 34 {
        return object("IBAN_TOO_LONG", 0, data.len());
    }
    every(data, |b| b.is_ascii_digit() || b.is_ascii_uppercase(), "INVALID_IBAN_CHARACTER")?;
    if listed(&data[..2], ISO3166ALPHA2, "").is_err() && &data[..2] != b"XK" {
        return object("ILLEGAL_IBAN_COUNTRY_CODE", 0, 2);
    }
    let remainder = data[4..].iter().chain(&data[..4]).fold(0_u32, |sum, b| {
        if b.is_ascii_digit() {
            (sum * 10 + u32::from(b - b'0')) % 97
        } else {
            (sum * 100 + u32::from(b - b'A') + 10) % 97
        }
    });
    if remainder == 1 { Ok(()) } else { object("INCORRECT_IBAN_CHECKSUM", 2, 4) }
}

fn importer_index(data: &[u8]) -> Answer {
    match data {
        [b'-' | b'_'] => Ok(()),
        [b] if b.is_ascii_alphanumeric() => Ok(()),
        [_] => object("INVALID_IMPORT_IDX_CHARACTER", 0, 1),
        _ => object("IMPORTER_IDX_MUST_BE_ONE_CHARACTER", 0, data.len()),
    }
}

fn listed(data: &[u8], list: &[&str], code: &'static str) -> Answer {
    unless(list.binary_search_by(|known| known.as_bytes().cmp(data)).is_ok(), code, data)
}

fn degrees(data: &[u8], limit: u64, length: &'static str, illegal: &'static str) -> Answer {
    if data.len() != 10 {
        return object(length, 0, data.len());
    }
    digits(data)?;
    unless(number(data).is_some_and(|value| value <= limit), illegal, data)
}

fn percent(data: &[u8]) -> Answer {
    let mut at = 0;
    while at < data.len() {
        if data[at] != b'%' {
            at += 1;
            continue;
        }
        match data.get(at + 1..at + 3) {
            Some(pair) if pair.iter().all(u8::is_ascii_hexdigit) => at += 3,
            _ => return object("INVALID_PERCENT_SEQUENCE", at, data.len().min(at + 3)),
        }
    }
    Ok(())
}

fn piece_of_total(data: &[u8]) -> Answer {
    if data.is_empty() || !data.len().is_multiple_of(2) {
        return object("INVALID_LENGTH_FOR_PIECE_OF_TOTAL", 0, data.len());
    }
    digits(data)?;
    let (piece, total) = data.split_at(data.len() / 2);
    if piece.iter().all(|b| *b == b'0') {
        return object("ZERO_PIECE_NUMBER", 0, piece.len());
    }
    if total.iter().all(|b| *b == b'0') {
        return object("ZERO_TOTAL_PIECES", piece.len(), data.len());
    }
    // Of one length: the order of the digits is the order of the numbers.
    unless(piece <= total, "PIECE_NUMBER_EXCEEDS_TOTAL", data)
}

fn position_in_sequence(data: &[u8]) -> Answer {
    let mut parts = data.split(|b| *b == b'/');
    let (Some(position), Some(end), None) = (parts.next(), parts.next(), parts.next()) else {
        return object("POSITION_IN_SEQUENCE_MALFORMED", 0, data.len());
    };
    let well = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    if !well(position) || !well(end) {
        return object("POSITION_IN_SEQUENCE_MALFORMED", 0, data.len());
    }
    if position[0] == b'0' {
        return object("ILLEGAL_ZERO_PREFIX", 0, position.len());
    }
    if end[0] == b'0' {
        return object("ILLEGAL_ZERO_PREFIX", position.len() + 1, data.len());
    }
    unless((position.len(), position) <= (end.len(), end), "POSITION_EXCEEDS_END", data)
}

fn date(data: &[u8], year_digits: usize, day_may_be_zero: bool) -> Answer {
    let length = year_digits + 4;
    if data.len() < length {
        return object("DATE_TOO_SHORT", 0, data.len());
    }
    if data.len() > length {
        return object("DATE_TOO_LONG", 0, data.len());
    }
    digits(data)?;
    let part = |from: usize, to: usize| number(&data[from..to]).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let (year, month, day) = (part(0, year_digits), part(year_digits, year_digits + 2), part(year_digits + 2, length));
    if !(1..=12).contains(&month) {
        return object("ILLEGAL_MONTH", year_digits, year_digits + 2);
    }
    // Two digits leave the century open; 2000 has the leap years that 1900 and 2100 only lack themselves.
    let year = if year_digits == 2 { 2000 + year } else { year };
    let year = i32::try_from(year).unwrap_or(2000);
    if (day == 0 && day_may_be_zero) || NaiveDate::from_ymd_opt(year, month, day).is_some() {
        Ok(())
    } else {
        object("ILLEGAL_DAY", year_digits + 2, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn objections_name_the_error_and_its_place() {
        for (linter, data, code, span) in [
            (Linter::Csum, "1234567890129", "INCORRECT_CHECK_DIGIT", (12, 13)),
            (Linter::Yymmd0, "260230", "ILLEGAL_DAY", (4, 6)),
            (Linter::Yymmdd, "260200", "ILLEGAL_DAY", (4, 6)),
            (Linter::Yymmd0, "261301", "ILLEGAL_MONTH", (2, 4)),
            (Linter::Csumalpha, "1987654Ad4X4bL5ttr2310cXK", "INCORRECT_CHECK_PAIR", (23, 25)),
            (Linter::Hhmi, "2400", "ILLEGAL_HOUR", (0, 2)),
            (Linter::Posinseqslash, "2/1", "POSITION_EXCEEDS_END", (0, 3)),
            (Linter::Pieceoftotal, "000001", "ZERO_PIECE_NUMBER", (0, 3)),
            (Linter::Iso3166, "999", "NOT_ISO3166", (0, 3)),
        ] {
            let objection = lint(linter, data.as_bytes()).unwrap_err();
            assert_eq!((objection.code, (objection.start, objection.end)), (code, span), "{linter:?} {data}");
        }
        for (linter, data) in [
            (Linter::Yymmd0, "260200"),
            (Linter::Csumalpha, "1987654Ad4X4bL5ttr2310c2K"),
            (Linter::Iso3166999, "999"),
            (Linter::Iban, "FR7630006000011234567890189"),
            (Linter::Packagetype, "1A"),
        ] {
            assert_eq!(lint(linter, data.as_bytes()), Ok(()), "{linter:?} {data}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(data in proptest::collection::vec(any::<u8>(), 0..110)) {
            for entry in super::super::dictionary::all() {
                for part in entry.components {
                    let answers = part.linters.iter().map(|l| lint(*l, &data)).chain([charset(part.set, &data)]);
                    for objection in answers.filter_map(Result::err) {
                        prop_assert!(objection.start <= objection.end && objection.end <= data.len());
                    }
                }
            }
        }
    }
}
