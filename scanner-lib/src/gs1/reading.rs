//! GS1 elements in the terms of a UDI.

use crate::finding::Severity;
use crate::gs1::date::GsDate;
use crate::udi::{Element, Issuer, Reading};

use super::element_string::ElementString;

/// What an element string tells of a device.
///
/// `current_year` decides the century of two-digit years.
///
/// # Example
/// ```
/// use tessera_scanner::gs1::{element_string, reading};
///
/// let read = reading::of(&element_string::parse(b"010084450500077217310301\x1d10122927"), 2026);
/// assert_eq!(read.device.as_deref(), Some("00844505000772"));
/// assert_eq!(read.expiry.unwrap().to_string(), "2031-03-01");
/// ```
pub fn of(read: &ElementString<'_>, current_year: i32) -> Reading {
    let mut reading = Reading::new(Issuer::Gs1);
    reading.findings.clone_from(&read.findings);
    for element in &read.elements {
        let text = element.text().into_owned();
        reading.elements.push(Element { tag: element.ai().to_owned(), value: text.clone() });
        match element.ai() {
            "01" | "03" => reading.device = reading.device.or(Some(text)),
            "8006" => reading.device = reading.device.or_else(|| text.get(..14).map(str::to_owned)),
            "02" => reading.content = reading.content.or(Some(text)),
            "10" => reading.lot = reading.lot.or(Some(text)),
            "21" => reading.serial = reading.serial.or(Some(text)),
            "240" => reading.reference = Some(text),
            "241" => reading.reference = reading.reference.or(Some(text)),
            "30" | "37" => reading.quantity = text.parse().ok(),
            "17" => reading.expiry = GsDate::from_yymmdd(&text, current_year).ok().or(reading.expiry),
            "7003" if reading.expiry.is_none() => {
                reading.expiry = GsDate::from_yymmddhhmm(&text, current_year).ok();
            }
            "11" => reading.manufacture = GsDate::from_yymmdd(&text, current_year).ok().or(reading.manufacture),
            _ => {}
        }
    }
    if reading.device.is_none() && reading.content.is_some() {
        let text = "this is the label of a carton: it names what the carton holds. Scan the barcode of the pack inside";
        reading.note("CARTON_LABEL", Severity::Warning, text);
    }
    reading
}
