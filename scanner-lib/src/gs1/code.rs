//! What can be wrong with GS1 data, by the names that the GS1 Syntax Dictionary and GS1's own engine give it.
//!
//! A [`Code`] is one byte; its name and its words for a person are made only when somebody asks.

/// What a check objects to, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objection {
    /// What is wrong.
    pub code: Code,
    /// First offending byte.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl Objection {
    pub(crate) const fn new(code: Code, start: usize, end: usize) -> Self {
        // Messages longer than this are refused before anything is read in them.
        Self { code, start: clamp(start), end: clamp(end) }
    }

    /// The same objection, for data that starts at `by`.
    #[must_use]
    pub(crate) const fn moved(self, by: usize) -> Self {
        Self { code: self.code, start: self.start.saturating_add(clamp(by)), end: self.end.saturating_add(clamp(by)) }
    }

    /// The offending bytes.
    pub const fn span(self) -> (usize, usize) {
        (self.start as usize, self.end as usize)
    }
}

const fn clamp(at: usize) -> u32 {
    if at > u32::MAX as usize {
        u32::MAX
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "it was compared just above")]
        let at = at as u32;
        at
    }
}

macro_rules! codes {
    ($($code:ident = $name:literal,)*) => {
        /// One thing that can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the names are the dictionary's own, and words() says what they mean")]
        #[repr(u8)]
        pub enum Code {
            $($code,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The dictionary's name of it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }
        }
    };
}

codes! {
    AiContainsIllegalCaratCharacter = "AI_CONTAINS_ILLEGAL_CARAT_CHARACTER",
    AiDataEmpty = "AI_DATA_EMPTY",
    AiDataHasIncorrectLength = "AI_DATA_HAS_INCORRECT_LENGTH",
    AiDataIsEmpty = "AI_DATA_IS_EMPTY",
    AiDataIsTooLong = "AI_DATA_IS_TOO_LONG",
    AiIsNotValidDataAttribute = "AI_IS_NOT_VALID_DATA_ATTRIBUTE",
    AiParseFailed = "AI_PARSE_FAILED",
    AiShouldBeInPathInfo = "AI_SHOULD_BE_IN_PATH_INFO",
    AiUnrecognised = "AI_UNRECOGNISED",
    AiValueIsTooLong = "AI_VALUE_IS_TOO_LONG",
    AiValueIsTooShort = "AI_VALUE_IS_TOO_SHORT",
    AiValuePathElementIsEmpty = "AI_VALUE_PATH_ELEMENT_IS_EMPTY",
    AiValueQueryElementInEmpty = "AI_VALUE_QUERY_ELEMENT_IN_EMPTY",
    CannotCreateDlUriWithoutPrimaryKeyAi = "CANNOT_CREATE_DL_URI_WITHOUT_PRIMARY_KEY_AI",
    CouponExcessData = "COUPON_EXCESS_DATA",
    CouponExpirationBeforeStart = "COUPON_EXPIRATION_BEFORE_START",
    CouponInvalid1stPurchaseRequirementCode = "COUPON_INVALID_1ST_PURCHASE_REQUIREMENT_CODE",
    CouponInvalid1stPurchaseRequirementLength = "COUPON_INVALID_1ST_PURCHASE_REQUIREMENT_LENGTH",
    CouponInvalid2ndPurchaseGcpLength = "COUPON_INVALID_2ND_PURCHASE_GCP_LENGTH",
    CouponInvalid2ndPurchaseRequirementCode = "COUPON_INVALID_2ND_PURCHASE_REQUIREMENT_CODE",
    CouponInvalid2ndPurchaseRequirementLength = "COUPON_INVALID_2ND_PURCHASE_REQUIREMENT_LENGTH",
    CouponInvalid3rdPurchaseGcpLength = "COUPON_INVALID_3RD_PURCHASE_GCP_LENGTH",
    CouponInvalid3rdPurchaseRequirementCode = "COUPON_INVALID_3RD_PURCHASE_REQUIREMENT_CODE",
    CouponInvalid3rdPurchaseRequirementLength = "COUPON_INVALID_3RD_PURCHASE_REQUIREMENT_LENGTH",
    CouponInvalidAdditionalPurchaseRulesCode = "COUPON_INVALID_ADDITIONAL_PURCHASE_RULES_CODE",
    CouponInvalidDontMultiplyFlag = "COUPON_INVALID_DONT_MULTIPLY_FLAG",
    CouponInvalidExipirationDate = "COUPON_INVALID_EXIPIRATION_DATE",
    CouponInvalidFormatCode = "COUPON_INVALID_FORMAT_CODE",
    CouponInvalidFunderLength = "COUPON_INVALID_FUNDER_LENGTH",
    CouponInvalidGcpLength = "COUPON_INVALID_GCP_LENGTH",
    CouponInvalidRetailerGcpOrGlnLength = "COUPON_INVALID_RETAILER_GCP_OR_GLN_LENGTH",
    CouponInvalidSaveValueAppliesToItem = "COUPON_INVALID_SAVE_VALUE_APPLIES_TO_ITEM",
    CouponInvalidSaveValueCode = "COUPON_INVALID_SAVE_VALUE_CODE",
    CouponInvalidSaveValueLength = "COUPON_INVALID_SAVE_VALUE_LENGTH",
    CouponInvalidStartDate = "COUPON_INVALID_START_DATE",
    CouponMissing1stPurchaseRequirementCode = "COUPON_MISSING_1ST_PURCHASE_REQUIREMENT_CODE",
    CouponMissing1stPurchaseRequirementVli = "COUPON_MISSING_1ST_PURCHASE_REQUIREMENT_VLI",
    CouponMissing2ndPurchaseGcpVli = "COUPON_MISSING_2ND_PURCHASE_GCP_VLI",
    CouponMissing2ndPurchaseRequirementCode = "COUPON_MISSING_2ND_PURCHASE_REQUIREMENT_CODE",
    CouponMissing2ndPurchaseRequirementVli = "COUPON_MISSING_2ND_PURCHASE_REQUIREMENT_VLI",
    CouponMissing3rdPurchaseGcpVli = "COUPON_MISSING_3RD_PURCHASE_GCP_VLI",
    CouponMissing3rdPurchaseRequirementCode = "COUPON_MISSING_3RD_PURCHASE_REQUIREMENT_CODE",
    CouponMissing3rdPurchaseRequirementVli = "COUPON_MISSING_3RD_PURCHASE_REQUIREMENT_VLI",
    CouponMissingAdditionalPurchaseRulesCode = "COUPON_MISSING_ADDITIONAL_PURCHASE_RULES_CODE",
    CouponMissingDontMultiplyFlag = "COUPON_MISSING_DONT_MULTIPLY_FLAG",
    CouponMissingFormatCode = "COUPON_MISSING_FORMAT_CODE",
    CouponMissingFunderVli = "COUPON_MISSING_FUNDER_VLI",
    CouponMissingGcpVli = "COUPON_MISSING_GCP_VLI",
    CouponMissingRetailerGcpOrGlnVli = "COUPON_MISSING_RETAILER_GCP_OR_GLN_VLI",
    CouponMissingSaveValueAppliesToItem = "COUPON_MISSING_SAVE_VALUE_APPLIES_TO_ITEM",
    CouponMissingSaveValueCode = "COUPON_MISSING_SAVE_VALUE_CODE",
    CouponMissingSaveValueVli = "COUPON_MISSING_SAVE_VALUE_VLI",
    CouponMissingSerialNumberVli = "COUPON_MISSING_SERIAL_NUMBER_VLI",
    CouponMissingStoreCouponFlag = "COUPON_MISSING_STORE_COUPON_FLAG",
    CouponTooShortForExpirationDate = "COUPON_TOO_SHORT_FOR_EXPIRATION_DATE",
    CouponTooShortForStartDate = "COUPON_TOO_SHORT_FOR_START_DATE",
    CouponTruncated1stPurchaseFamilyCode = "COUPON_TRUNCATED_1ST_PURCHASE_FAMILY_CODE",
    CouponTruncated1stPurchaseRequirement = "COUPON_TRUNCATED_1ST_PURCHASE_REQUIREMENT",
    CouponTruncated2ndPurchaseFamilyCode = "COUPON_TRUNCATED_2ND_PURCHASE_FAMILY_CODE",
    CouponTruncated2ndPurchaseGcp = "COUPON_TRUNCATED_2ND_PURCHASE_GCP",
    CouponTruncated2ndPurchaseRequirement = "COUPON_TRUNCATED_2ND_PURCHASE_REQUIREMENT",
    CouponTruncated3rdPurchaseFamilyCode = "COUPON_TRUNCATED_3RD_PURCHASE_FAMILY_CODE",
    CouponTruncated3rdPurchaseGcp = "COUPON_TRUNCATED_3RD_PURCHASE_GCP",
    CouponTruncated3rdPurchaseRequirement = "COUPON_TRUNCATED_3RD_PURCHASE_REQUIREMENT",
    CouponTruncatedFunder = "COUPON_TRUNCATED_FUNDER",
    CouponTruncatedGcp = "COUPON_TRUNCATED_GCP",
    CouponTruncatedOfferCode = "COUPON_TRUNCATED_OFFER_CODE",
    CouponTruncatedRetailerGcpOrGln = "COUPON_TRUNCATED_RETAILER_GCP_OR_GLN",
    CouponTruncatedSaveValue = "COUPON_TRUNCATED_SAVE_VALUE",
    CouponTruncatedSerialNumber = "COUPON_TRUNCATED_SERIAL_NUMBER",
    DateTooLong = "DATE_TOO_LONG",
    DateTooShort = "DATE_TOO_SHORT",
    DecodedAiFromDlPathInfoContainsIllegalNull = "DECODED_AI_FROM_DL_PATH_INFO_CONTAINS_ILLEGAL_NULL",
    DecodedAiValueFromQueryParamsContainsIllegalNull = "DECODED_AI_VALUE_FROM_QUERY_PARAMS_CONTAINS_ILLEGAL_NULL",
    DomainContainsIllegalCharacters = "DOMAIN_CONTAINS_ILLEGAL_CHARACTERS",
    DuplicateAi = "DUPLICATE_AI",
    HourTooLong = "HOUR_TOO_LONG",
    HourTooShort = "HOUR_TOO_SHORT",
    HourWithMinuteTooLong = "HOUR_WITH_MINUTE_TOO_LONG",
    HourWithMinuteTooShort = "HOUR_WITH_MINUTE_TOO_SHORT",
    IbanTooLong = "IBAN_TOO_LONG",
    IbanTooShort = "IBAN_TOO_SHORT",
    IllegalDay = "ILLEGAL_DAY",
    IllegalHour = "ILLEGAL_HOUR",
    IllegalIbanCountryCode = "ILLEGAL_IBAN_COUNTRY_CODE",
    IllegalMinute = "ILLEGAL_MINUTE",
    IllegalMonth = "ILLEGAL_MONTH",
    IllegalSecond = "ILLEGAL_SECOND",
    IllegalZeroPrefix = "ILLEGAL_ZERO_PREFIX",
    IllegalZeroValue = "ILLEGAL_ZERO_VALUE",
    ImporterIdxMustBeOneCharacter = "IMPORTER_IDX_MUST_BE_ONE_CHARACTER",
    IncorrectCheckDigit = "INCORRECT_CHECK_DIGIT",
    IncorrectCheckPair = "INCORRECT_CHECK_PAIR",
    IncorrectIbanChecksum = "INCORRECT_IBAN_CHECKSUM",
    InstancesOfAiHaveDifferentValues = "INSTANCES_OF_AI_HAVE_DIFFERENT_VALUES",
    InvalidAiPairs = "INVALID_AI_PAIRS",
    InvalidBiologicalSexCode = "INVALID_BIOLOGICAL_SEX_CODE",
    InvalidCset39Character = "INVALID_CSET39_CHARACTER",
    InvalidCset64Character = "INVALID_CSET64_CHARACTER",
    InvalidCset64Padding = "INVALID_CSET64_PADDING",
    InvalidCset82Character = "INVALID_CSET82_CHARACTER",
    InvalidGcpPrefix = "INVALID_GCP_PREFIX",
    InvalidIbanCharacter = "INVALID_IBAN_CHARACTER",
    InvalidImportIdxCharacter = "INVALID_IMPORT_IDX_CHARACTER",
    InvalidKeyQualifierSequence = "INVALID_KEY_QUALIFIER_SEQUENCE",
    InvalidLatitude = "INVALID_LATITUDE",
    InvalidLengthForPieceOfTotal = "INVALID_LENGTH_FOR_PIECE_OF_TOTAL",
    InvalidLongitude = "INVALID_LONGITUDE",
    InvalidMediaType = "INVALID_MEDIA_TYPE",
    InvalidPackageType = "INVALID_PACKAGE_TYPE",
    InvalidPercentSequence = "INVALID_PERCENT_SEQUENCE",
    InvalidWindingDirection = "INVALID_WINDING_DIRECTION",
    LatitudeInvalidLength = "LATITUDE_INVALID_LENGTH",
    LongitudeInvalidLength = "LONGITUDE_INVALID_LENGTH",
    MessageTooLong = "MESSAGE_TOO_LONG",
    MinuteTooLong = "MINUTE_TOO_LONG",
    MinuteTooShort = "MINUTE_TOO_SHORT",
    MissingFnc1InFirstPosition = "MISSING_FNC1_IN_FIRST_POSITION",
    MissingSymbologyIdentifier = "MISSING_SYMBOLOGY_IDENTIFIER",
    NonDigitCharacter = "NON_DIGIT_CHARACTER",
    NotHyphen = "NOT_HYPHEN",
    NotIso3166 = "NOT_ISO3166",
    NotIso3166Alpha2 = "NOT_ISO3166_ALPHA2",
    NotIso3166Or999 = "NOT_ISO3166_OR_999",
    NotIso4217 = "NOT_ISO4217",
    NotZero = "NOT_ZERO",
    NotZeroOrOne = "NOT_ZERO_OR_ONE",
    NoAiForPrefix = "NO_AI_FOR_PREFIX",
    NoGs1DlKeysFoundInPathInfo = "NO_GS1_DL_KEYS_FOUND_IN_PATH_INFO",
    PieceNumberExceedsTotal = "PIECE_NUMBER_EXCEEDS_TOTAL",
    PositionExceedsEnd = "POSITION_EXCEEDS_END",
    PositionInSequenceMalformed = "POSITION_IN_SEQUENCE_MALFORMED",
    PrimaryMessageCheckDigitIsIncorrect = "PRIMARY_MESSAGE_CHECK_DIGIT_IS_INCORRECT",
    PrimaryMessageIsTooLong = "PRIMARY_MESSAGE_IS_TOO_LONG",
    PrimaryMessageMayOnlyContainDigits = "PRIMARY_MESSAGE_MAY_ONLY_CONTAIN_DIGITS",
    PrimaryScanDataIsTooShort = "PRIMARY_SCAN_DATA_IS_TOO_SHORT",
    RequiredAisNotSatisfied = "REQUIRED_AIS_NOT_SATISFIED",
    RequiresNonDigitCharacter = "REQUIRES_NON_DIGIT_CHARACTER",
    ScanDataContainsIllegalCarat = "SCAN_DATA_CONTAINS_ILLEGAL_CARAT",
    SecondTooLong = "SECOND_TOO_LONG",
    SecondTooShort = "SECOND_TOO_SHORT",
    SerialNotPresent = "SERIAL_NOT_PRESENT",
    TooLongForCheckPairImplementation = "TOO_LONG_FOR_CHECK_PAIR_IMPLEMENTATION",
    TooManyAis = "TOO_MANY_AIS",
    TooShortForCheckDigit = "TOO_SHORT_FOR_CHECK_DIGIT",
    TooShortForCheckPair = "TOO_SHORT_FOR_CHECK_PAIR",
    TooShortForGcp = "TOO_SHORT_FOR_GCP",
    UnknownAiInQueryParams = "UNKNOWN_AI_IN_QUERY_PARAMS",
    UnsupportedSymbologyIdentifier = "UNSUPPORTED_SYMBOLOGY_IDENTIFIER",
    UriContainsIllegalCharacters = "URI_CONTAINS_ILLEGAL_CHARACTERS",
    UriContainsIllegalScheme = "URI_CONTAINS_ILLEGAL_SCHEME",
    UriMissingDomainAndPathInfo = "URI_MISSING_DOMAIN_AND_PATH_INFO",
    ZeroPieceNumber = "ZERO_PIECE_NUMBER",
    ZeroTotalPieces = "ZERO_TOTAL_PIECES",
}

impl Code {
    /// What it means, in words for whoever holds the pack.
    pub const fn words(self) -> &'static str {
        match self {
            Self::IncorrectCheckDigit | Self::PrimaryMessageCheckDigitIsIncorrect => {
                "the check digit does not fit the other digits: scan again, or compare with the print"
            }
            Self::IncorrectCheckPair => {
                "the two check characters do not fit the rest: scan again, or compare with the print"
            }
            Self::IllegalDay | Self::IllegalMonth => "there is no such date: read the date printed on the pack",
            Self::InvalidCset82Character | Self::InvalidCset39Character | Self::InvalidCset64Character => {
                "a character that GS1 does not allow here: a separator may have been replaced by the scanner"
            }
            Self::InvalidCset64Padding => "the filling characters at its end are not as they should be",
            Self::NonDigitCharacter | Self::PrimaryMessageMayOnlyContainDigits => "only digits are allowed here",
            Self::RequiresNonDigitCharacter => "something other than digits is wanted here",
            Self::NoAiForPrefix => {
                "no GS1 identifier starts like this: the barcode is not GS1, or a separator was lost or doubled"
            }
            Self::AiUnrecognised | Self::UnknownAiInQueryParams => "GS1 knows no such identifier",
            Self::AiParseFailed => "this is not of the form (01)…(10)…",
            Self::AiDataIsEmpty
            | Self::AiDataEmpty
            | Self::AiValuePathElementIsEmpty
            | Self::AiValueQueryElementInEmpty => "the value is missing",
            Self::AiDataIsTooLong | Self::AiValueIsTooLong | Self::PrimaryMessageIsTooLong => {
                "the value is too long: a separator may have been lost"
            }
            Self::AiDataHasIncorrectLength | Self::AiValueIsTooShort | Self::PrimaryScanDataIsTooShort => {
                "the value is too short"
            }
            Self::ScanDataContainsIllegalCarat | Self::AiContainsIllegalCaratCharacter => {
                "a ^ stands in the data: the scanner may send it for the separator"
            }
            Self::MissingFnc1InFirstPosition => "nothing was scanned",
            Self::MissingSymbologyIdentifier => {
                "the barcode does not say what kind it is (an AIM identifier such as ]d2 is missing): set the scanner to \
                 send it"
            }
            Self::UnsupportedSymbologyIdentifier => "there is no kind of barcode with this AIM identifier",
            Self::TooShortForGcp | Self::InvalidGcpPrefix => "it does not start with a GS1 company prefix",
            Self::NotIso3166 | Self::NotIso3166Or999 | Self::NotIso3166Alpha2 | Self::IllegalIbanCountryCode => {
                "there is no country with this code"
            }
            Self::NotIso4217 => "there is no currency with this code",
            Self::IllegalHour | Self::IllegalMinute | Self::IllegalSecond => "there is no such time",
            Self::InvalidAiPairs => "these two must not stand on one pack",
            Self::InstancesOfAiHaveDifferentValues => "it is there twice with different values",
            Self::RequiredAisNotSatisfied => "something that belongs beside it is missing",
            Self::SerialNotPresent => "it needs its serial part beside a digital signature (8030)",
            Self::TooManyAis => "more elements than any barcode holds",
            Self::MessageTooLong => "longer than any barcode",
            Self::UriContainsIllegalScheme => "a web address that starts with http:// or https:// is wanted",
            Self::UriContainsIllegalCharacters => "a character that no web address may hold",
            Self::UriMissingDomainAndPathInfo => "the web address ends before its path",
            Self::DomainContainsIllegalCharacters => "the name of the website holds a character that it may not hold",
            Self::NoGs1DlKeysFoundInPathInfo => "a web address, but not one that names a product in the way of GS1",
            Self::InvalidKeyQualifierSequence => "the parts of the web address are not in the order that GS1 wants",
            Self::AiShouldBeInPathInfo => "it belongs before the question mark of the web address",
            Self::AiIsNotValidDataAttribute => "it may not stand behind the question mark of the web address",
            Self::DuplicateAi => "it is there twice",
            Self::DecodedAiFromDlPathInfoContainsIllegalNull
            | Self::DecodedAiValueFromQueryParamsContainsIllegalNull => "a zero byte is hidden in the web address",
            Self::InvalidPercentSequence => "a % must be followed by two hexadecimal digits",
            Self::CannotCreateDlUriWithoutPrimaryKeyAi => "nothing in it can be the key of a web address",
            _ => "the value breaks a rule of the GS1 dictionary",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_small() {
        let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| !code.words().is_empty()));
        assert_eq!(size_of::<Result<(), Objection>>(), 12);
    }
}
