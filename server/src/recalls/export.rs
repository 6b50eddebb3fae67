//! The affected shelves and patients as CSV, for a spreadsheet.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};

use crate::error::{Code, Problem};
use crate::store::read::affected::{AffectedStock, AffectedUse};

const HEADER: [&str; 15] = [
    "kind",
    "tier",
    "reason",
    "pseudonym",
    "patient",
    "site",
    "location",
    "procedure",
    "implanted_on",
    "removed_on",
    "device",
    "identifier",
    "lot",
    "serial",
    "expiry",
];

/// One line for each stock item and each device in a patient; the last columns are quantity and state of stock.
///
/// # Errors
/// [`Code::Internal`] where it cannot be written.
pub fn csv(stock: &[AffectedStock], uses: &[AffectedUse]) -> Result<String, Problem> {
    let head: Vec<&str> = HEADER.iter().copied().chain(["quantity", "state"]).collect();
    written(&head, stock.iter().map(stock_row).chain(uses.iter().map(use_row)))
}

/// Rows as CSV under a heading, each cell guarded against a spreadsheet that would run it. Rows may be of different lengths.
///
/// # Errors
/// [`Code::Internal`] where it cannot be written.
pub fn written<R: AsRef<[String]>>(head: &[&str], rows: impl IntoIterator<Item = R>) -> Result<String, Problem> {
    let failed = |error: csv::Error| Problem::new(Code::Internal, "The export could not be written.").because(error);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(head).map_err(failed)?;
    for row in rows {
        writer.write_record(row.as_ref().iter().map(|cell| no_formula(cell).into_owned())).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Problem::new(Code::Internal, "The export could not be written.").because(error.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|error| Problem::new(Code::Internal, "The export could not be written.").because(error))
}

/// A file for a spreadsheet, to be saved under this name.
pub fn attached(name: &str, csv: String) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name.to_owned())],
    };
    HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(disposition).body(csv)
}

fn stock_row(one: &AffectedStock) -> [String; 17] {
    [
        "stock".to_owned(),
        tier(one.tier).to_owned(),
        one.reason.clone(),
        String::new(),
        String::new(),
        one.site.clone(),
        one.location.clone(),
        String::new(),
        String::new(),
        String::new(),
        or_empty(one.device.as_ref()),
        one.identifier.clone(),
        or_empty(one.lot.as_ref()),
        or_empty(one.serial.as_ref()),
        or_empty(one.expiry.as_ref()),
        one.quantity.to_string(),
        one.state.to_string(),
    ]
}

fn use_row(one: &AffectedUse) -> [String; 17] {
    [
        "patient".to_owned(),
        tier(one.tier).to_owned(),
        one.reason.clone(),
        one.pseudonym.clone(),
        one.person.to_string(),
        one.site.clone(),
        String::new(),
        one.procedure.to_string(),
        one.implanted_on.to_string(),
        or_empty(one.removed_on.as_ref()),
        or_empty(one.device.as_ref()),
        or_empty(one.identifier.as_ref()),
        or_empty(one.lot.as_ref()),
        or_empty(one.serial.as_ref()),
        or_empty(one.expiry.as_ref()),
        "1".to_owned(),
        if one.in_patient { "in the patient" } else { "taken out" }.to_owned(),
    ]
}

fn or_empty(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// The word of a tier.
pub fn tier(tier: tessera_scanner::recall_match::Tier) -> &'static str {
    use tessera_scanner::recall_match::Tier;
    match tier {
        Tier::Excluded => "excluded",
        Tier::Possible => "possible",
        Tier::Probable => "probable",
        Tier::Definite => "definite",
    }
}

/// A cell that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV Injection): lots come from
/// barcodes that anybody can print.
fn no_formula(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { Cow::Owned(format!("'{cell}")) } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_never_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(no_formula(cell), format!("'{cell}"));
        }
        assert_eq!(no_formula("19DM28106A"), "19DM28106A");
    }
}
