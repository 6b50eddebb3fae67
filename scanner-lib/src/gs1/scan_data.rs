//! What a decoder gives for the content of a symbol: reach for [`scan_data`] to simulate a scanner or to test one.
//!
//! Source: GS1 General Specifications, section 5.10.3 and 7.8.6: AIM identifiers and the separator; ISO/IEC 24723 for
//! composite symbols.

use alloc::format;
use alloc::string::String;
use core::str::FromStr;

use super::check;
use super::element_string;
use super::elements::Elements;

/// A kind of symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the symbologies")]
pub enum Symbology {
    Qr,
    DataMatrix,
    DotCode,
    Gs1_128,
    DataBarExpanded,
    /// Omnidirectional, truncated and both stacked forms.
    DataBar,
    DataBarLimited,
    UpcA,
    UpcE,
    Ean13,
    Ean8,
}

/// Why a symbol cannot hold something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanDataError {
    /// No such kind of symbol.
    #[error("{0:?} is no kind of symbol that is known here")]
    Symbology(String),
    /// A symbol for GS1 data alone was given something else.
    #[error("this symbol holds GS1 data only: it starts with ^")]
    NotGs1,
    /// A retail symbol or a small GS1 `DataBar` holds a GTIN.
    #[error("{0} digits with a correct check digit are wanted, or one digit less")]
    NotANumber(usize),
    /// Of the fourteen digits the first may only be 0 or 1.
    #[error("GS1 DataBar Limited holds numbers that start with 0 or 1 only")]
    TooLarge,
    /// The part above a composite symbol is not GS1 data.
    #[error("the upper part of a composite symbol holds GS1 data: it starts with ^")]
    Composite,
}

impl FromStr for Symbology {
    type Err = ScanDataError;

    fn from_str(name: &str) -> Result<Self, ScanDataError> {
        Ok(match name {
            "QR" => Self::Qr,
            "DM" => Self::DataMatrix,
            "DotCode" => Self::DotCode,
            "GS1_128_CCA" | "GS1_128_CCC" => Self::Gs1_128,
            "DataBarExpanded" => Self::DataBarExpanded,
            "DataBarOmni" | "DataBarTruncated" | "DataBarStacked" | "DataBarStackedOmni" => Self::DataBar,
            "DataBarLimited" => Self::DataBarLimited,
            "UPCA" => Self::UpcA,
            "UPCE" => Self::UpcE,
            "EAN13" => Self::Ean13,
            "EAN8" => Self::Ean8,
            _ => return Err(ScanDataError::Symbology(name.to_owned())),
        })
    }
}

/// What a decoder gives for a symbol that holds `data`: in it `^` at the start says GS1 data and inside it stands for the
/// separator, `\^` at the start is a `^` of other data, and `|` divides a linear symbol from the part above it.
///
/// # Errors
/// [`ScanDataError`] where the symbol cannot hold it.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::scan_data::{Symbology, scan_data};
///
/// let data = "^010084450500077210ABC^2107";
/// assert_eq!(scan_data(Symbology::DataMatrix, data)?, "]d2010084450500077210ABC\u{1d}2107");
/// # Ok::<(), tessera_scanner::gs1::scan_data::ScanDataError>(())
/// ```
pub fn scan_data(symbology: Symbology, data: &str) -> Result<String, ScanDataError> {
    let gs1 = data.starts_with('^');
    let (plain, with_gs1) = match symbology {
        Symbology::Qr => ("]Q1", "]Q3"),
        Symbology::DataMatrix => ("]d1", "]d2"),
        Symbology::DotCode => ("]J0", "]J1"),
        Symbology::Gs1_128 | Symbology::DataBarExpanded => return gs1_alone(symbology, data),
        Symbology::DataBar | Symbology::DataBarLimited => return gtin_14(symbology, data),
        Symbology::UpcA | Symbology::UpcE => return retail(12, "]E00", data),
        Symbology::Ean13 => return retail(13, "]E0", data),
        Symbology::Ean8 => return retail(8, "]E4", data),
    };
    Ok(if gs1 { format!("{with_gs1}{}", separated(data)) } else { format!("{plain}{}", unescaped(data)) })
}

/// GS1 data without its leading FNC1, with GS for those inside.
fn separated(data: &str) -> String {
    data.strip_prefix('^').unwrap_or(data).replace('^', "\u{1d}")
}

/// Other data: backslashes before a leading `^` are one more than are meant.
fn unescaped(data: &str) -> &str {
    let bare = data.trim_start_matches('\\');
    if bare.len() < data.len() && bare.starts_with('^') { &data[1..] } else { data }
}

fn composite_of(data: &str) -> Result<(&str, Option<&str>), ScanDataError> {
    let (linear, composite) = data.split_once('|').map_or((data, None), |(linear, above)| (linear, Some(above)));
    if composite.is_some_and(|above| !above.starts_with('^')) {
        return Err(ScanDataError::Composite);
    }
    Ok((linear, composite))
}

fn gs1_alone(symbology: Symbology, data: &str) -> Result<String, ScanDataError> {
    let (linear, composite) = composite_of(data)?;
    if !linear.starts_with('^') {
        return Err(ScanDataError::NotGs1);
    }
    let linear = separated(linear);
    let Some(above) = composite else {
        let aim = if symbology == Symbology::Gs1_128 { "]C1" } else { "]e0" };
        return Ok(format!("{aim}{linear}"));
    };
    // The last element below needs a separator only where its length does not tell its end.
    let open = Elements::of_scan(linear.as_bytes()).iter().last().is_some_and(|last| !last.entry.predefined_length);
    let between = if open && !linear.ends_with(char::from(element_string::GS)) { "\u{1d}" } else { "" };
    Ok(format!("]e0{linear}{between}{}", separated(above)))
}

fn gtin_14(symbology: Symbology, data: &str) -> Result<String, ScanDataError> {
    let (linear, composite) = composite_of(data)?;
    let number = number(linear.strip_prefix("^01").unwrap_or(linear), 14)?;
    if symbology == Symbology::DataBarLimited && !matches!(number.as_bytes()[0], b'0' | b'1') {
        return Err(ScanDataError::TooLarge);
    }
    Ok(format!("]e001{number}{}", composite.map(separated).unwrap_or_default()))
}

fn retail(length: usize, aim: &str, data: &str) -> Result<String, ScanDataError> {
    let (linear, composite) = composite_of(data)?;
    let zeros = "0".repeat(14 - length);
    let bare = linear.strip_prefix("^01").and_then(|gtin| gtin.strip_prefix(zeros.as_str())).unwrap_or(linear);
    let number = number(bare, length)?;
    let above = composite.map(|above| format!("|]e0{}", separated(above))).unwrap_or_default();
    Ok(format!("{aim}{number}{above}"))
}

/// The digits with their check digit, which is added where it is missing.
fn number(digits: &str, length: usize) -> Result<String, ScanDataError> {
    let wrong = ScanDataError::NotANumber(length);
    let whole = match digits.len() {
        given if given == length => digits.to_owned(),
        given if given + 1 == length => {
            let digit = check::digit(digits.as_bytes()).ok_or_else(|| wrong.clone())?;
            format!("{digits}{}", char::from(digit))
        }
        _ => return Err(wrong),
    };
    if check::digit_holds(whole.as_bytes()) { Ok(whole) } else { Err(wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_says_what_it_holds() {
        for (symbology, data, wanted) in [
            ("QR", r"\\^TESTING", r"]Q1\^TESTING"),
            ("QR", "TESTING|^99XYZ", "]Q1TESTING|^99XYZ"),
            ("DotCode", "^0112312312312333^99T^", "]J10112312312312333\u{1d}99T\u{1d}"),
            ("DataBarExpanded", "^10ABC123|^98C^97XYZ", "]e010ABC123\u{1d}98C\u{1d}97XYZ"),
            ("GS1_128_CCC", "^11991225|^98C", "]e01199122598C"),
            ("DataBarOmni", "24012345678905|^99C", "]e0012401234567890599C"),
            ("UPCA", "^0100416000336108|^99C", "]E00416000336108|]e099C"),
            ("EAN8", "02345673", "]E402345673"),
            ("EAN13", "211234567890", "]E02112345678900"),
        ] {
            let got = scan_data(symbology.parse().unwrap(), data);
            assert_eq!(got.as_deref(), Ok(wanted), "{symbology} {data}");
        }
        for (symbology, data) in [
            ("GS1_128_CCA", "PLAIN"),
            ("EAN13", "2112345678"),
            ("EAN13", "2112345678901"),
            ("DataBarLimited", "20000000000004"),
        ] {
            assert!(scan_data(symbology.parse().unwrap(), data).is_err(), "{symbology} {data}");
        }
        assert!("Maxi".parse::<Symbology>().is_err());
    }
}
