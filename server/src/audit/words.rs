//! The verbs of audit rows, as people say them. A verb that is missing here shows as it is recorded.

/// Verb and words, in the order of the list to choose from.
pub const ACTS: [(&str, &str); 33] = [
    ("identity-opened", "Identity opened"),
    ("recall-entered", "Recall entered"),
    ("recall-confirmed", "Recall confirmed"),
    ("recall-closed", "Recall closed"),
    ("recall-exported", "Recall exported"),
    ("stock-received", "Stock received"),
    ("stock-quarantined", "Stock quarantined"),
    ("stock-moved", "Stock moved"),
    ("procedure-opened", "Procedure opened"),
    ("procedure-finished", "Procedure finished"),
    ("joined-team", "Joined the team"),
    ("scanned", "Scanned"),
    ("device-recorded", "Device recorded"),
    ("stop-overridden", "Device recorded against a stop"),
    ("override-witnessed", "Stood by an override"),
    ("verdict-acknowledged", "Looked at a verdict"),
    ("device-use-corrected", "Device record corrected"),
    ("device-explanted", "Device explanted"),
    ("wrong-patient-corrected", "Wrong patient corrected"),
    ("outcome-recorded", "Outcome recorded"),
    ("outcome-withdrawn", "Outcome withdrawn"),
    ("patient-added", "Patient added"),
    ("patients-linked", "Patients linked"),
    ("patients-unlinked", "Patients unlinked"),
    ("product-added", "Product added"),
    ("site-added", "Site added"),
    ("staff-added", "Staff added"),
    ("user-added", "User added"),
    ("badge-given", "Badge given"),
    ("pin-set", "PIN set"),
    ("badge-locked", "Badge locked after wrong PINs"),
    ("signed-in", "Signed in"),
    ("sign-in-failed", "Sign-in failed"),
];

/// The words of a verb.
pub fn of(verb: &str) -> String {
    let known = ACTS.iter().find(|(code, _)| *code == verb);
    known.map_or_else(|| verb.replace('-', " "), |(_, words)| (*words).to_owned())
}
