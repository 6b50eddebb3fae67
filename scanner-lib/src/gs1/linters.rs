//! The dictionary's checks on content, by its own names: a character set, a check digit, a date, a code list.
//!
//! Each answers with the dictionary's own error name and the offending characters (GS1 Barcode Syntax Tests). Nothing
//! here allocates or needs more than `core`.

use super::check;
use super::code::{Code, Objection};
use super::coupon;
use super::date::days_in_month;
use super::dictionary::{Charset, ISO3166, ISO3166ALPHA2, ISO4217, Linter, PACKAGETYPE};

type Answer = Result<(), Objection>;

fn object(code: Code, start: usize, end: usize) -> Answer {
    Err(Objection::new(code, start, end))
}

fn unless(holds: bool, code: Code, data: &[u8]) -> Answer {
    if holds { Ok(()) } else { object(code, 0, data.len()) }
}

fn every(data: &[u8], class: u8, code: Code) -> Answer {
    match data.iter().position(|b| !check::belongs(*b, class)) {
        None => Ok(()),
        Some(at) => object(code, at, at + 1),
    }
}

pub(super) fn digits(data: &[u8]) -> Answer {
    every(data, check::DIGIT, Code::NonDigitCharacter)
}

/// Checks that `data` stays inside a character set.
///
/// # Errors
/// The dictionary's name of the error and the first character outside.
pub fn charset(set: Charset, data: &[u8]) -> Result<(), Objection> {
    match set {
        Charset::Numeric => digits(data),
        Charset::Cset82 => every(data, check::CSET_82_CLASS, Code::InvalidCset82Character),
        Charset::Cset39 => every(data, check::CSET_39_CLASS, Code::InvalidCset39Character),
        Charset::Base64Url => base64_url(data),
    }
}

/// Runs one of the dictionary's linters.
///
/// # Errors
/// The dictionary's name of the error and the offending characters.
pub fn lint(linter: Linter, data: &[u8]) -> Result<(), Objection> {
    match linter {
        Linter::Couponcode => coupon::code(data),
        Linter::Couponposoffer => coupon::positive_offer(data),
        Linter::Csum => check_digit(data),
        Linter::Csumalpha => check_pair(data),
        Linter::Gcppos1 => company_prefix(data, 0),
        Linter::Gcppos2 => company_prefix(data, 1),
        Linter::Hasnondigit => unless(data.iter().any(|b| !b.is_ascii_digit()), Code::RequiresNonDigitCharacter, data),
        Linter::Hh => clock(data, 24, Code::HourTooShort, Code::HourTooLong, Code::IllegalHour),
        Linter::Mi => clock(data, 60, Code::MinuteTooShort, Code::MinuteTooLong, Code::IllegalMinute),
        Linter::Ss => clock(data, 60, Code::SecondTooShort, Code::SecondTooLong, Code::IllegalSecond),
        Linter::Hhmi => hour_and_minute(data),
        Linter::Hyphen => unless(!data.is_empty() && data.iter().all(|b| *b == b'-'), Code::NotHyphen, data),
        Linter::Iban => iban(data),
        Linter::Importeridx => importer_index(data),
        Linter::Iso3166 => listed(data, ISO3166, Code::NotIso3166),
        Linter::Iso3166999 => unless(data == b"999" || is_listed(data, ISO3166), Code::NotIso3166Or999, data),
        Linter::Iso3166alpha2 => listed(data, ISO3166ALPHA2, Code::NotIso3166Alpha2),
        Linter::Iso4217 => listed(data, ISO4217, Code::NotIso4217),
        Linter::Iso5218 => unless(matches!(data, b"0" | b"1" | b"2" | b"9"), Code::InvalidBiologicalSexCode, data),
        Linter::Latitude => degrees(data, 1_800_000_000, Code::LatitudeInvalidLength, Code::InvalidLatitude),
        Linter::Longitude => degrees(data, 3_600_000_000, Code::LongitudeInvalidLength, Code::InvalidLongitude),
        Linter::Mediatype => {
            unless(data.len() == 2 && matches!(number(data), Some(1..=10 | 80..=99)), Code::InvalidMediaType, data)
        }
        Linter::Nonzero => {
            digits(data).and_then(|()| unless(data.iter().any(|b| *b != b'0'), Code::IllegalZeroValue, data))
        }
        Linter::Nozeroprefix => digits(data)
            .and_then(|()| if data.first() == Some(&b'0') { object(Code::IllegalZeroPrefix, 0, 1) } else { Ok(()) }),
        Linter::Packagetype => listed(data, PACKAGETYPE, Code::InvalidPackageType),
        Linter::Pcenc => percent(data),
        Linter::Pieceoftotal => piece_of_total(data),
        Linter::Posinseqslash => position_in_sequence(data),
        Linter::Winding => unless(matches!(data, b"0" | b"1" | b"9"), Code::InvalidWindingDirection, data),
        Linter::Yesno => unless(matches!(data, b"0" | b"1"), Code::NotZeroOrOne, data),
        Linter::Yymmd0 => date(data, 2, true),
        Linter::Yymmdd => date(data, 2, false),
        Linter::Yyyymmdd => date(data, 4, false),
        Linter::Zero => unless(data == b"0", Code::NotZero, data),
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
    every(&data[..body], check::BASE_64_CLASS, Code::InvalidCset64Character)?;
    let padding = data.len() - body;
    if padding > 0 && (padding > 2 || !data.len().is_multiple_of(3)) {
        return object(Code::InvalidCset64Padding, body, data.len());
    }
    Ok(())
}

fn check_digit(data: &[u8]) -> Answer {
    if data.is_empty() {
        return object(Code::TooShortForCheckDigit, 0, 0);
    }
    digits(data)?;
    if check::digit_holds(data) { Ok(()) } else { object(Code::IncorrectCheckDigit, data.len() - 1, data.len()) }
}

fn check_pair(data: &[u8]) -> Answer {
    if data.len() < 2 {
        return object(Code::TooShortForCheckPair, 0, data.len());
    }
    if data.len() > 99 {
        return object(Code::TooLongForCheckPairImplementation, 0, data.len());
    }
    let (body, pair) = data.split_at(data.len() - 2);
    every(body, check::CSET_82_CLASS, Code::InvalidCset82Character)?;
    if check::pair(body).is_some_and(|wanted| wanted == pair) {
        Ok(())
    } else {
        object(Code::IncorrectCheckPair, body.len(), data.len())
    }
}

/// The shortest GS1 company prefix has four digits.
const SHORTEST_PREFIX: usize = 4;

fn company_prefix(data: &[u8], at: usize) -> Answer {
    if data.len() < at + SHORTEST_PREFIX {
        return object(Code::TooShortForGcp, 0, data.len());
    }
    let prefix = &data[at..at + SHORTEST_PREFIX];
    match prefix.iter().position(|b| !b.is_ascii_digit()) {
        None => Ok(()),
        Some(bad) => object(Code::InvalidGcpPrefix, at + bad, at + bad + 1),
    }
}

fn clock(data: &[u8], limit: u64, short: Code, long: Code, illegal: Code) -> Answer {
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
        0..4 => return object(Code::HourWithMinuteTooShort, 0, data.len()),
        _ => return object(Code::HourWithMinuteTooLong, 0, data.len()),
    }
    if number(&data[..2]).is_none_or(|hour| hour > 23) {
        return object(Code::IllegalHour, 0, 2);
    }
    if number(&data[2..]).is_none_or(|minute| minute > 59) {
        return object(Code::IllegalMinute, 2, 4);
    }
    Ok(())
}

fn iban(data: &[u8]) -> Answer {
    if data.len() < 10 {
        return object(Code::IbanTooShort, 0, data.len());
    }
    if data.len() > 34 {
        return object(Code::IbanTooLong, 0, data.len());
    }
    if !is_listed(&data[..2], ISO3166ALPHA2) && &data[..2] != b"XK" {
        return object(Code::IllegalIbanCountryCode, 0, 2);
    }
    every(data, check::IBAN_CLASS, Code::InvalidIbanCharacter)?;
    let remainder = data[4..].iter().chain(&data[..4]).fold(0_u32, |sum, b| {
        if b.is_ascii_digit() {
            (sum * 10 + u32::from(b - b'0')) % 97
        } else {
            (sum * 100 + u32::from(b - b'A') + 10) % 97
        }
    });
    if remainder == 1 { Ok(()) } else { object(Code::IncorrectIbanChecksum, 2, 4) }
}

fn importer_index(data: &[u8]) -> Answer {
    match data {
        [b'-' | b'_'] => Ok(()),
        [b] if b.is_ascii_alphanumeric() => Ok(()),
        [_] => object(Code::InvalidImportIdxCharacter, 0, 1),
        // One character outside ASCII is one character.
        _ if core::str::from_utf8(data).is_ok_and(|text| text.chars().count() == 1) => {
            object(Code::InvalidImportIdxCharacter, 0, data.len())
        }
        _ => object(Code::ImporterIdxMustBeOneCharacter, 0, data.len()),
    }
}

fn is_listed(data: &[u8], list: &[&str]) -> bool {
    list.binary_search_by(|known| known.as_bytes().cmp(data)).is_ok()
}

fn listed(data: &[u8], list: &[&str], code: Code) -> Answer {
    unless(is_listed(data, list), code, data)
}

fn degrees(data: &[u8], limit: u64, length: Code, illegal: Code) -> Answer {
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
            _ => return object(Code::InvalidPercentSequence, at, data.len().min(at + 3)),
        }
    }
    Ok(())
}

fn piece_of_total(data: &[u8]) -> Answer {
    if data.is_empty() || !data.len().is_multiple_of(2) {
        return object(Code::InvalidLengthForPieceOfTotal, 0, data.len());
    }
    digits(data)?;
    let (piece, total) = data.split_at(data.len() / 2);
    if piece.iter().all(|b| *b == b'0') {
        return object(Code::ZeroPieceNumber, 0, piece.len());
    }
    if total.iter().all(|b| *b == b'0') {
        return object(Code::ZeroTotalPieces, piece.len(), data.len());
    }
    // Of one length: the order of the digits is the order of the numbers.
    unless(piece <= total, Code::PieceNumberExceedsTotal, data)
}

fn position_in_sequence(data: &[u8]) -> Answer {
    let mut parts = data.split(|b| *b == b'/');
    let (Some(position), Some(end), None) = (parts.next(), parts.next(), parts.next()) else {
        return object(Code::PositionInSequenceMalformed, 0, data.len());
    };
    let well = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    if !well(position) || !well(end) {
        return object(Code::PositionInSequenceMalformed, 0, data.len());
    }
    if position[0] == b'0' {
        return object(Code::IllegalZeroPrefix, 0, position.len());
    }
    if end[0] == b'0' {
        return object(Code::IllegalZeroPrefix, position.len() + 1, data.len());
    }
    unless((position.len(), position) <= (end.len(), end), Code::PositionExceedsEnd, data)
}

/// A date of which the day may be 00, with the year in two or four digits.
pub(super) fn date(data: &[u8], year_digits: usize, day_may_be_zero: bool) -> Answer {
    let length = year_digits + 4;
    if data.len() < length {
        return object(Code::DateTooShort, 0, data.len());
    }
    if data.len() > length {
        return object(Code::DateTooLong, 0, data.len());
    }
    digits(data)?;
    let pair = |at: usize| u32::from(data[at] - b'0') * 10 + u32::from(data[at + 1] - b'0');
    let (month, day) = (pair(year_digits), pair(year_digits + 2));
    if !(1..=12).contains(&month) {
        return object(Code::IllegalMonth, year_digits, year_digits + 2);
    }
    // Two digits leave the century open; 2000 has the leap years that 1900 and 2100 only lack themselves.
    let year = if year_digits == 2 { 2000 + pair(0) } else { pair(0) * 100 + pair(2) };
    if (day == 0 && day_may_be_zero) || (1..=days_in_month(year, month)).contains(&day) {
        Ok(())
    } else {
        object(Code::IllegalDay, year_digits + 2, length)
    }
}

/// The check with this name, of the dictionary's linters and character sets.
pub fn named(name: &str, data: &[u8]) -> Option<Result<(), Objection>> {
    let set = match name {
        "csetnumeric" => Charset::Numeric,
        "cset82" => Charset::Cset82,
        "cset39" => Charset::Cset39,
        "cset64" => Charset::Base64Url,
        // No identifier of this dictionary uses it, others that GS1 published do.
        "yyyymmd0" => return Some(date(data, 4, true)),
        _ => return Linter::named(name).map(|linter| lint(linter, data)),
    };
    Some(charset(set, data))
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
            assert_eq!((objection.code.name(), objection.span()), (code, span), "{linter:?} {data}");
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
                        let (start, end) = objection.span();
                        prop_assert!(start <= end && end <= data.len());
                    }
                }
            }
        }
    }
}
