//! The packs and people of the practice theatre, told by numbers that no maker and no patient has.
//!
//! A practice pack that strays into an operation is stopped by the verdict; a practice wristband opens no procedure.

use crate::identifiers::NhsNumber;
use crate::udi::{DeviceIdentifier, Issuer};

/// What the GTINs of practice packs begin with. GS1 prefix 952 is set aside for demonstrations and examples of the GS1
/// system, so no maker has it; `199` after it is ours.
const PRACTICE_GTINS: &str = "0952199";

/// What the NHS numbers of practice people begin with; numbers that begin with 999 are given to nobody.
const PRACTICE_NHS_NUMBERS: &str = "9990001";

/// Whether the pack is one of a practice sheet.
///
/// # Example
/// ```
/// use tessera_scanner::practice::is_practice_pack;
/// use tessera_scanner::udi::{DeviceIdentifier, Issuer};
///
/// let device = |text: &str| DeviceIdentifier { issuer: Issuer::Gs1, text: text.to_owned() };
/// assert!(is_practice_pack(&device("09521990000012")));
/// assert!(!is_practice_pack(&device("00844505000772")));
/// ```
pub fn is_practice_pack(device: &DeviceIdentifier) -> bool {
    device.issuer == Issuer::Gs1 && device.text.starts_with(PRACTICE_GTINS)
}

/// Whether the number is one of a practice wristband.
///
/// # Example
/// ```
/// use tessera_scanner::practice::is_practice_patient;
///
/// assert!(is_practice_patient(&"9990001006".parse()?));
/// assert!(!is_practice_patient(&"9434765919".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn is_practice_patient(number: &NhsNumber) -> bool {
    number.digits().starts_with(PRACTICE_NHS_NUMBERS)
}
