//! The affected shelves and patients as CSV, for a spreadsheet.

use crate::error::Problem;
use crate::spreadsheet::written;
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
