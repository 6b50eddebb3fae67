//! The table of reasons: everything that can turn a verdict from green, what is said, and what to do.
//!
//! Read it from the top: the gravest stands first, and reasons are reported in this order. Words in braces are filled
//! with the values concerned. Written for someone with gloves on and no time.

use super::{Answer, Reason};

/// One row of the table of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Stable name, such as `expired`.
    pub code: &'static str,
    /// What this reason alone answers.
    pub answer: Answer,
    /// What is said, with places for values in braces.
    pub says: &'static str,
    /// What to do.
    pub action: &'static str,
}

macro_rules! reasons {
    ($($ground:ident $code:literal $answer:ident $says:literal => $action:literal)+) => {
        /// The rows by name; the order is that of gravity.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Ground { $($ground),+ }

        impl Ground {
            pub(super) fn row(self) -> &'static Row {
                match self {
                    $(Self::$ground => const { &Row {
                        code: $code, answer: Answer::$answer, says: $says, action: $action,
                    } }),+
                }
            }
        }

        /// Every row, gravest first: what the documentation and the help page print.
        pub const TABLE: &[Row] = &[
            $(Row { code: $code, answer: Answer::$answer, says: $says, action: $action }),+
        ];
    };
}

reasons! {
    Recalled "recalled" Stop
        "{product} is recalled: {notice}, {title}. {match}"
        => "Do not implant. Put it in quarantine, take another, and tell the safety officer."
    SetApart "set-apart" Stop
        "{product}, {unit}, is set apart at this site {why}."
        => "Do not implant. Put it back to the packs that are set apart, take another, and tell whoever keeps the stock."
    PracticePack "practice-pack" Stop
        "{product} is a practice pack: there is no device in it."
        => "Put it back to the practice sheets, and scan the pack that is to be opened."
    SerialElsewhere "serial-in-another-patient" Stop
        "{product}, serial {serial}, is already recorded as implanted in another patient."
        => "Do not implant. Compare the serial with the pack. If it is right, keep the pack and call the safety officer: one of the two records is wrong."
    WrongSide "wrong-side" Stop
        "{product} is made for the {device_side} side. This operation is on the {operated_side} side."
        => "Do not implant. Check the side of the operation, then take the device for the {operated_side} side."
    DoesNotFit "does-not-fit" Stop
        "{product} has {what} {mine}; {other} has {theirs}: they do not fit together. Source: {source}."
        => "Do not implant. Compare both packs and take the one that fits."
    NotAsPlanned "not-as-planned" Stop
        "{product} has {what} {mine}; planned for this operation is {plan}. Source: {source}."
        => "Do not open it. Compare with the biometry or the plan in the notes, and take the one that was planned."
    Expired "expired" Stop
        "{product} expired on {expiry}. Today is {today}."
        => "Do not implant. Set it aside as expired and take another."

    RecalledInOneReading "recalled-in-one-reading" Look
        "One possible reading is {unit}, which is recalled: {notice}, {title}. {match}"
        => "Do not implant until you have chosen the reading that is printed on the pack."
    RecalledProbably "recalled-probably" Look
        "{product} is probably recalled: {notice}, {title}. {match}"
        => "Set it aside and take another, or have the safety officer compare the pack with the notice."
    RecalledPossibly "recalled-possibly" Look
        "{product} may be recalled: {notice}, {title}. {match}"
        => "Compare the lot and serial printed on the pack with the notice before opening it."
    ExpiredInOneReading "expired-in-one-reading" Look
        "One way to read this pack says that it expired on {expiry}. Today is {today}."
        => "Read the expiry date printed on the pack. Do not implant it if that day has passed."
    SetApartInQuestion "set-apart-in-question" Look
        "{product}, {unit}, is set apart at this site {why}."
        => "Take another pack; or have whoever set it apart release it before it is opened."
    MayBeSetApart "may-be-set-apart" Look
        "This pack of {product} is perhaps one of those that are set apart at this site {why}; none that it could be is free to use."
        => "Ask whoever keeps the stock before it is opened, or take another pack."
    NotADevice "not-a-device" Look
        "No code of an implant was read."
        => "Scan another barcode on the pack, or type what is printed after (01), (10), (17) and (21)."
    Incomplete "incomplete" Look
        "Only part of the label was read{parts}; the rest of it is on another barcode."
        => "Scan the other barcode on the pack."
    Ambiguous "ambiguous" Look
        "This scan can be read in more than one way: {readings}."
        => "Compare with the pack and choose the right one, or scan another barcode on it."
    Refused "refused" Look
        "The barcode breaks the rules of its standard, so what was read may be wrong."
        => "Compare every value with the print on the pack, or scan another barcode on it."
    BadCheckDigit "bad-check-digit" Look
        "{finding}"
        => "A digit was misread or misprinted. Compare the number with the pack, or scan it again."
    UnknownProduct "unknown-product" Look
        "{product} is not in the catalogue. It is recorded all the same, but its side, its recalls by catalogue number and what its label should carry could not be checked."
        => "Check type, size, side and expiry on the pack by eye. The catalogue team will add it."
    MayNotFit "may-not-fit" Look
        "{product} has {what} {mine}; {other} has {theirs}. Source: {source}."
        => "Check in the maker's instructions that these two may be combined."
    FitUnchecked "fit-unchecked" Look
        "Whether {product} fits {other} could not be checked: the {what} is {mine} for the one and {theirs} for the other."
        => "Compare the two packs by eye before opening it."
    PartNotKnown "part-not-known" Look
        "Whether {product} fits {other} could not be checked: the catalogue does not say which part {unknown} is."
        => "Compare the two packs by eye before opening it."
    PlanUnchecked "plan-unchecked" Look
        "Whether {product} is the planned one could not be checked: its {what} is {mine}, the plan is {plan}."
        => "Compare the pack with the biometry or the plan in the notes before opening it."
    SideNotKnown "side-not-known" Look
        "{product} is made for the {device_side} side, and this operation has no side recorded."
        => "Record the side of the operation, or check by eye that this is the {device_side} side."
    BothSides "operation-on-both-sides" Look
        "{product} is made for the {device_side} side, and this operation is on both sides."
        => "Make sure that it goes into the {device_side} side."
    NoExpiry "no-expiry" Look
        "The catalogue says that {product} carries an expiry date; none was read."
        => "Read the date on the pack and scan the other barcode, or type the date."
    NoLot "no-lot" Look
        "The catalogue says that {product} carries a lot number; none was read, so a recall of its lot could not be checked."
        => "Scan the other barcode on the pack, or type the lot."
    NoSerial "no-serial" Look
        "The catalogue says that {product} carries a serial number; none was read, so a recall of its serial could not be checked."
        => "Scan the other barcode on the pack, or type the serial."
    ExpiryUnchecked "expiry-unchecked" Look
        "No expiry date was read, and the catalogue does not say whether there should be one."
        => "Look for an expiry date on the pack (an hourglass), and type it if there is one."
    UnitUnchecked "unit-unchecked" Look
        "No lot and no serial was read, so this pack could not be told from others of its kind."
        => "Scan the other barcode on the pack, or type the lot or serial."
    SerialUnchecked "serial-unchecked" Look
        "Whether serial {serial} of {product} is recorded in another patient could not be asked here."
        => "Compare the serial with the pack. The registry checks it as soon as it is reached."
    FitNotAsked "fit-not-asked" Look
        "Whether {product} fits the other parts and the plan could not be checked here."
        => "Compare it with the other packs and the plan before opening it. The registry checks it as soon as it is reached."
    ExpiresSoon "expires-soon" Look
        "{product} expires {when}, on {expiry}."
        => "It may be used until the end of that day. Check that nothing delays the operation beyond it."
    SnapshotOld "snapshot-old" Look
        "The catalogue and recall data are {age} old; the limit is {limit}. A newer recall would not be known here."
        => "Connect to the network to refresh the data, or ask the safety officer about new recalls."
    ClockInDoubt "clock-in-doubt" Look
        "The date is not certain here ({today} is assumed), so expiry could not be checked for sure."
        => "Compare the expiry date with a clock that you trust, and have this device's clock set right."
    ReadingError "reading-error" Look
        "{finding}"
        => "Compare what was read with the print on the pack, or scan another barcode on it."
    ReadingWarning "reading-warning" Look
        "{finding}"
        => "Compare what was read with the print on the pack."
}

/// A row with its values, on its way to becoming a [`Reason`].
#[derive(Debug)]
pub(super) struct Found {
    pub(super) ground: Ground,
    pub(super) reason: Reason,
}

impl Found {
    pub(super) fn new(ground: Ground, values: &[(&str, &str)]) -> Self {
        let row = ground.row();
        let reason = Reason {
            code: row.code.to_owned(),
            answer: row.answer,
            text: capitalised(fill(row.says, values)),
            action: fill(row.action, values),
        };
        Self { ground, reason }
    }
}

/// Puts the values into their places, in one pass: braces within a value stay as they are.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(value);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn capitalised(text: String) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(chars).collect(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn stops_stand_above_looks_and_codes_are_unique() {
        assert!(TABLE.windows(2).all(|pair| pair[0].answer >= pair[1].answer));
        assert!(TABLE.iter().all(|row| row.answer != Answer::May));
        let codes: HashSet<_> = TABLE.iter().map(|row| row.code).collect();
        assert_eq!(codes.len(), TABLE.len());
    }

    #[test]
    fn values_are_filled_once() {
        assert_eq!(fill("a {x} b {y}.", &[("x", "{y}"), ("y", "2")]), "a {y} b 2.");
        assert_eq!(fill("no end {x", &[("x", "1")]), "no end x");
    }
}
