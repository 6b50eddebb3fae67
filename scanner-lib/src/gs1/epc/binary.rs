//! The schemes of before Tag Data Standard 2, of 96 bits or, for alphanumeric serials, 198.

use gs1::epc::{EPCValue, decode_binary};

use super::{Bits, EpcError, Tag, checked, escaped};

/// How a scheme divides company prefix and reference (Tag Data Standard, tables 14-17 to 14-25): bits of the reference
/// by partition; the bits of the company prefix are the same for all.
struct Divided {
    name: &'static str,
    urn: &'static str,
    reference: [usize; 7],
    /// Digits of company prefix and reference together.
    digits: usize,
    /// Bits of the serial or extension.
    serial: usize,
}

const COMPANY_BITS: [usize; 7] = [40, 37, 34, 30, 27, 24, 20];
const KEY_OF_17: [usize; 7] = [18, 21, 24, 28, 31, 34, 38];

const SSCC: Divided = Divided { name: "SSCC-96", urn: "sscc", reference: KEY_OF_17, digits: 17, serial: 0 };
const GSRN: Divided = Divided { name: "GSRN-96", urn: "gsrn", reference: KEY_OF_17, digits: 17, serial: 0 };
const GSRNP: Divided = Divided { name: "GSRNP-96", urn: "gsrnp", reference: KEY_OF_17, digits: 17, serial: 0 };
const GRAI: Divided =
    Divided { name: "GRAI-96", urn: "grai", reference: [4, 7, 10, 14, 17, 20, 24], digits: 12, serial: 38 };
const SGLN: Divided =
    Divided { name: "SGLN-96", urn: "sgln", reference: [1, 4, 7, 11, 14, 17, 21], digits: 12, serial: 41 };

/// Decodes a tag by its header.
pub(super) fn decode(header: u8, tag: &[u8]) -> Result<Tag, EpcError> {
    let length = if header == 0x36 { 25 } else { 12 };
    let divided = match header {
        0x30 | 0x36 | 0x35 => None,
        0x31 => Some(SSCC),
        0x32 => Some(SGLN),
        0x33 => Some(GRAI),
        0x2D => Some(GSRN),
        0x2E => Some(GSRNP),
        other => return Err(EpcError::OtherScheme(other)),
    };
    let bytes = tag.get(..length).ok_or(EpcError::TooShort(tag.len()))?;
    match divided {
        Some(scheme) => key(&scheme, bytes),
        None if header == 0x35 => general(bytes),
        None => item(bytes),
    }
}

/// SGTIN-96 and SGTIN-198, through the crate `gs1`.
fn item(bytes: &[u8]) -> Result<Tag, EpcError> {
    let mut bits = Bits { bytes, at: 8 };
    let (filter, partition) = (bits.small(3)?, bits.small(3)?);
    let long = bytes.len() > 12;
    let scheme = if long { "SGTIN-198" } else { "SGTIN-96" };
    if long {
        whole_text(Bits { bytes, at: 58 })?;
    }
    // The crate is not asked about a partition that is none, and cannot read a company prefix of twelve digits, which
    // leaves the item its indicator alone.
    let (company, indicator, item, serial) = match partition {
        7.. => return Err(EpcError::Nonsense),
        0 => {
            let (company, indicator) = (bits.take(40)?, bits.small(4)?);
            let serial = if long { text(&mut bits)? } else { bits.take(38)?.to_string() };
            (format!("{company:012}"), indicator, String::new(), serial)
        }
        _ => {
            let decoded = decode_binary(bytes).map_err(|_| EpcError::Nonsense)?;
            let (number, serial) = match decoded.get_value() {
                EPCValue::SGTIN96(item) => (&item.gtin, item.serial.to_string()),
                EPCValue::SGTIN198(item) => (&item.gtin, item.serial.clone()),
                _ => return Err(EpcError::Nonsense),
            };
            let item_digits = 12_usize.checked_sub(number.company_digits).ok_or(EpcError::Nonsense)?;
            let company = format!("{:0width$}", number.company, width = number.company_digits);
            (company, number.indicator, format!("{:0item_digits$}", number.item), serial)
        }
    };
    let body = format!("{indicator}{company}{item}");
    // A company prefix of more digits than its partition allows cannot be one.
    if body.len() != 13 || serial.is_empty() || !serial.bytes().all(crate::gs1::check::in_cset_82) {
        return Err(EpcError::Nonsense);
    }
    let uri = format!("urn:epc:id:sgtin:{company}.{indicator}{item}.{}", escaped(&serial));
    Ok(Tag::new(scheme, Some(filter), uri).with("01", checked(&body)?).with("21", serial))
}

/// Twenty characters of seven bits, ended by zeros.
fn text(bits: &mut Bits<'_>) -> Result<String, EpcError> {
    let mut text = String::new();
    let mut ended = false;
    for _ in 0..20 {
        match bits.small(7)? {
            0 => ended = true,
            _ if ended => return Err(EpcError::Nonsense),
            code => text.push(char::from(code)),
        }
    }
    Ok(text)
}

/// Whether the serial has no hole: the crate would close it silently.
fn whole_text(mut bits: Bits<'_>) -> Result<(), EpcError> {
    text(&mut bits).map(|_| ())
}

/// A key of company prefix and reference, some with a serial.
fn key(scheme: &Divided, bytes: &[u8]) -> Result<Tag, EpcError> {
    let mut bits = Bits { bytes, at: 8 };
    let filter = bits.small(3)?;
    let partition = usize::from(bits.small(3)?);
    let (company_bits, reference_bits) =
        COMPANY_BITS.get(partition).zip(scheme.reference.get(partition)).ok_or(EpcError::Nonsense)?;
    let (company_digits, company) = (12 - partition, bits.take(*company_bits)?);
    let (reference_digits, reference) = (scheme.digits - company_digits, bits.take(*reference_bits)?);
    let company = format!("{company:0company_digits$}");
    let reference =
        if reference_digits == 0 && reference == 0 { String::new() } else { format!("{reference:0reference_digits$}") };
    if company.len() != company_digits || reference.len() != reference_digits {
        return Err(EpcError::Nonsense);
    }
    let serial = if scheme.serial == 0 { None } else { Some(bits.take(scheme.serial)?) };
    let dotted = serial.map(|serial| format!(".{serial}")).unwrap_or_default();
    let tag = Tag::new(scheme.name, Some(filter), format!("urn:epc:id:{}:{company}.{reference}{dotted}", scheme.urn));
    let serial = serial.unwrap_or(0);
    Ok(match scheme.urn {
        // The extension digit leads the key.
        "sscc" => tag.with("00", checked(&format!("{}{company}{}", &reference[..1], &reference[1..]))?),
        "gsrn" => tag.with("8018", checked(&format!("{company}{reference}"))?),
        "gsrnp" => tag.with("8017", checked(&format!("{company}{reference}"))?),
        "grai" => tag.with("8003", format!("0{}{serial}", checked(&format!("{company}{reference}"))?)),
        _ => {
            let tag = tag.with("414", checked(&format!("{company}{reference}"))?);
            if serial == 0 { tag } else { tag.with("254", serial.to_string()) }
        }
    })
}

/// GID-96: not a GS1 key.
fn general(bytes: &[u8]) -> Result<Tag, EpcError> {
    let mut bits = Bits { bytes, at: 8 };
    let (manager, class, serial) = (bits.take(28)?, bits.take(24)?, bits.take(36)?);
    Ok(Tag::new("GID-96", None, format!("urn:epc:id:gid:{manager}.{class}.{serial}")))
}
