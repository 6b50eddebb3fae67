//! North American coupons, AI 8110 and 8112: fields that say their own length, one after the other.
//!
//! Source: GS1 US, North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols; AI (8112) Coupon Data
//! Specification. The names of the errors are the dictionary's, a misspelt one included.

use super::code::{Code, Objection};
use super::linters;

type Answer<T = ()> = Result<T, Objection>;

/// What is left to read of a coupon.
struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

/// How a field says its own length: the digits allowed for it, what to add, and what to call it when it is wrong.
struct Measured {
    lengths: core::ops::RangeInclusive<u8>,
    add: usize,
    missing: Code,
    wrong: Code,
    cut: Code,
}

impl<'a> Reader<'a> {
    fn of(data: &'a [u8]) -> Answer<Self> {
        linters::digits(data)?;
        Ok(Self { data, at: 0 })
    }

    /// Something is missing where the data ends: all of it is to blame.
    fn missing<T>(&self, code: Code) -> Answer<T> {
        Err(Objection::new(code, 0, self.data.len()))
    }

    /// What is there is too short; where nothing is, all of it is to blame.
    fn cut<T>(&self, code: Code) -> Answer<T> {
        let start = if self.at == self.data.len() { 0 } else { self.at };
        Err(Objection::new(code, start, self.data.len()))
    }

    /// One digit that must be among these.
    fn digit(&mut self, allowed: &[u8], missing: Code, wrong: Code) -> Answer<u8> {
        let Some(digit) = self.data.get(self.at).copied() else { return self.missing(missing) };
        if !allowed.contains(&digit) {
            return Err(Objection::new(wrong, self.at, self.at + 1));
        }
        self.at += 1;
        Ok(digit)
    }

    /// A fixed number of digits.
    fn take(&mut self, count: usize, cut: Code) -> Answer<&'a [u8]> {
        let Some(taken) = self.data.get(self.at..self.at + count) else { return self.cut(cut) };
        self.at += count;
        Ok(taken)
    }

    /// A field that says its own length with its first digit.
    fn measured(&mut self, field: &Measured) -> Answer<&'a [u8]> {
        let Some(digit) = self.data.get(self.at).copied() else { return self.missing(field.missing) };
        let length = digit - b'0';
        if !field.lengths.contains(&length) {
            return Err(Objection::new(field.wrong, self.at, self.at + 1));
        }
        self.at += 1;
        self.take(usize::from(length) + field.add, field.cut)
    }

    /// Whether the optional field with this mark follows; then its mark is read.
    fn follows(&mut self, mark: u8) -> bool {
        let follows = self.data.get(self.at) == Some(&mark);
        self.at += usize::from(follows);
        follows
    }

    fn date(&mut self, cut: Code, wrong: Code) -> Answer<&'a [u8]> {
        let start = self.at;
        let date = self.take(6, cut)?;
        if linters::date(date, 2, false).is_err() {
            return Err(Objection::new(wrong, start, start + 6));
        }
        Ok(date)
    }

    fn end(&self) -> Answer {
        if self.at == self.data.len() { Ok(()) } else { self.cut(Code::CouponExcessData) }
    }
}

const REQUIREMENT_CODES: &[u8] = b"012349";

/// AI 8110.
pub(super) fn code(data: &[u8]) -> Answer {
    let mut read = Reader::of(data)?;
    read.measured(&Measured {
        lengths: 0..=6,
        add: 6,
        missing: Code::CouponMissingGcpVli,
        wrong: Code::CouponInvalidGcpLength,
        cut: Code::CouponTruncatedGcp,
    })?;
    read.take(6, Code::CouponTruncatedOfferCode)?;
    read.measured(&Measured {
        lengths: 1..=5,
        add: 0,
        missing: Code::CouponMissingSaveValueVli,
        wrong: Code::CouponInvalidSaveValueLength,
        cut: Code::CouponTruncatedSaveValue,
    })?;
    read.measured(&Measured {
        lengths: 1..=5,
        add: 0,
        missing: Code::CouponMissing1stPurchaseRequirementVli,
        wrong: Code::CouponInvalid1stPurchaseRequirementLength,
        cut: Code::CouponTruncated1stPurchaseRequirement,
    })?;
    read.digit(
        REQUIREMENT_CODES,
        Code::CouponMissing1stPurchaseRequirementCode,
        Code::CouponInvalid1stPurchaseRequirementCode,
    )?;
    read.take(3, Code::CouponTruncated1stPurchaseFamilyCode)?;
    if read.follows(b'1') {
        second_purchase(&mut read)?;
    }
    if read.follows(b'2') {
        third_purchase(&mut read)?;
    }
    dates(&mut read)?;
    if read.follows(b'5') {
        read.measured(&SERIAL)?;
    }
    if read.follows(b'6') {
        read.measured(&Measured {
            lengths: 1..=7,
            add: 6,
            missing: Code::CouponMissingRetailerGcpOrGlnVli,
            wrong: Code::CouponInvalidRetailerGcpOrGlnLength,
            cut: Code::CouponTruncatedRetailerGcpOrGln,
        })?;
    }
    if read.follows(b'9') {
        miscellaneous(&mut read)?;
    }
    read.end()
}

const SERIAL: Measured = Measured {
    lengths: 0..=9,
    add: 6,
    missing: Code::CouponMissingSerialNumberVli,
    wrong: Code::CouponMissingSerialNumberVli,
    cut: Code::CouponTruncatedSerialNumber,
};

/// Optional field 1.
fn second_purchase(read: &mut Reader<'_>) -> Answer {
    read.digit(
        b"0123",
        Code::CouponMissingAdditionalPurchaseRulesCode,
        Code::CouponInvalidAdditionalPurchaseRulesCode,
    )?;
    read.measured(&Measured {
        lengths: 1..=5,
        add: 0,
        missing: Code::CouponMissing2ndPurchaseRequirementVli,
        wrong: Code::CouponInvalid2ndPurchaseRequirementLength,
        cut: Code::CouponTruncated2ndPurchaseRequirement,
    })?;
    read.digit(
        REQUIREMENT_CODES,
        Code::CouponMissing2ndPurchaseRequirementCode,
        Code::CouponInvalid2ndPurchaseRequirementCode,
    )?;
    read.take(3, Code::CouponTruncated2ndPurchaseFamilyCode)?;
    company(
        read,
        &Measured {
            lengths: 0..=6,
            add: 6,
            missing: Code::CouponMissing2ndPurchaseGcpVli,
            wrong: Code::CouponInvalid2ndPurchaseGcpLength,
            cut: Code::CouponTruncated2ndPurchaseGcp,
        },
    )
}

/// Optional field 2.
fn third_purchase(read: &mut Reader<'_>) -> Answer {
    read.measured(&Measured {
        lengths: 1..=5,
        add: 0,
        missing: Code::CouponMissing3rdPurchaseRequirementVli,
        wrong: Code::CouponInvalid3rdPurchaseRequirementLength,
        cut: Code::CouponTruncated3rdPurchaseRequirement,
    })?;
    read.digit(
        REQUIREMENT_CODES,
        Code::CouponMissing3rdPurchaseRequirementCode,
        Code::CouponInvalid3rdPurchaseRequirementCode,
    )?;
    read.take(3, Code::CouponTruncated3rdPurchaseFamilyCode)?;
    company(
        read,
        &Measured {
            lengths: 0..=6,
            add: 6,
            missing: Code::CouponMissing3rdPurchaseGcpVli,
            wrong: Code::CouponInvalid3rdPurchaseGcpLength,
            cut: Code::CouponTruncated3rdPurchaseGcp,
        },
    )
}

/// The company prefix of a further purchase; 9 for its length says that it is that of the first.
fn company(read: &mut Reader<'_>, field: &Measured) -> Answer {
    if !read.follows(b'9') {
        read.measured(field)?;
    }
    Ok(())
}

/// Optional fields 3 and 4.
fn dates(read: &mut Reader<'_>) -> Answer {
    let mut expiry = None;
    let field = read.at;
    if read.follows(b'3') {
        let date = read.date(Code::CouponTooShortForExpirationDate, Code::CouponInvalidExipirationDate)?;
        expiry = Some(date);
    }
    if read.follows(b'4') {
        let start = read.date(Code::CouponTooShortForStartDate, Code::CouponInvalidStartDate)?;
        if expiry.is_some_and(|expiry| start > expiry) {
            return Err(Objection::new(Code::CouponExpirationBeforeStart, field, read.at));
        }
    }
    Ok(())
}

/// Optional field 9.
fn miscellaneous(read: &mut Reader<'_>) -> Answer {
    read.digit(b"01256", Code::CouponMissingSaveValueCode, Code::CouponInvalidSaveValueCode)?;
    read.digit(b"012", Code::CouponMissingSaveValueAppliesToItem, Code::CouponInvalidSaveValueAppliesToItem)?;
    read.digit(b"0123456789", Code::CouponMissingStoreCouponFlag, Code::CouponMissingStoreCouponFlag)?;
    read.digit(b"01", Code::CouponMissingDontMultiplyFlag, Code::CouponInvalidDontMultiplyFlag)?;
    Ok(())
}

/// AI 8112.
pub(super) fn positive_offer(data: &[u8]) -> Answer {
    let mut read = Reader::of(data)?;
    read.digit(b"01", Code::CouponMissingFormatCode, Code::CouponInvalidFormatCode)?;
    read.measured(&Measured {
        lengths: 0..=6,
        add: 6,
        missing: Code::CouponMissingFunderVli,
        wrong: Code::CouponInvalidFunderLength,
        cut: Code::CouponTruncatedFunder,
    })?;
    read.take(6, Code::CouponTruncatedOfferCode)?;
    read.measured(&SERIAL)?;
    read.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(check: fn(&[u8]) -> Answer, data: &str) -> (&'static str, (usize, usize)) {
        check(data.as_bytes()).map_or_else(|o| (o.code.name(), o.span()), |()| ("", (0, 0)))
    }

    #[test]
    fn coupons_are_read_to_their_end() {
        for whole in [
            "1061414165432131501101201211014092110256100126663101231",
            "106141410222223100110222111101231023456721104561045678991201",
        ] {
            assert_eq!(answer(code, whole).0, "", "{whole}");
        }
        for (cut, name, span) in [
            ("", "COUPON_MISSING_GCP_VLI", (0, 0)),
            ("0123", "COUPON_TRUNCATED_GCP", (1, 4)),
            ("71234567890123", "COUPON_INVALID_GCP_LENGTH", (0, 1)),
            ("0123456123456", "COUPON_MISSING_SAVE_VALUE_VLI", (0, 13)),
            ("012345612345611110123101101239", "", (0, 0)),
            ("0123456123456111101231011012391", "COUPON_EXCESS_DATA", (30, 31)),
            ("01234561234561111012335006064500607", "COUPON_EXPIRATION_BEFORE_START", (21, 35)),
            ("0123456123456111101239000", "COUPON_MISSING_DONT_MULTIPLY_FLAG", (0, 25)),
        ] {
            assert_eq!(answer(code, cut), (name, span), "{cut}");
        }
    }

    #[test]
    fn positive_offers_are_read_to_their_end() {
        for (data, name, span) in [
            ("001234561234560123456", "", (0, 0)),
            ("301234561234560123456", "COUPON_INVALID_FORMAT_CODE", (0, 1)),
            ("001234561234562123456", "COUPON_TRUNCATED_SERIAL_NUMBER", (15, 21)),
            ("0012345612345601234567", "COUPON_EXCESS_DATA", (21, 22)),
        ] {
            assert_eq!(answer(positive_offer, data), (name, span), "{data}");
        }
    }
}
