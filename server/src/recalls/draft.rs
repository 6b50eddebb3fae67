//! A notice's prose as lines that can be entered, once a person has looked at each. Reach for [`draft`].
//!
//! Nothing here acts: the lines go into the form, a person changes and enters them, and a second one confirms.

use serde::Serialize;
use tessera_scanner::recall_notice::{Ends, NoticeCriterion, NoticeReading, Of, may_be_ends};
use utoipa::ToSchema;

use super::criteria::{CriterionForm, UnitKind};
use crate::catalogue::model::Agency;

/// A range of more lots than this is not spelled out.
const MOST_OF_A_RANGE: u64 = 1000;

/// What was made of a notice.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Draft {
    /// Lines that can be entered as they are, and those that a person has to settle.
    pub lines: Vec<DraftLine>,
    /// Stretches of the text that were not understood, word for word.
    pub unread: Vec<String>,
}

/// One line with the words that it came from.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DraftLine {
    /// As it would be entered.
    #[serde(flatten)]
    pub form: CriterionForm,
    /// The words of the notice.
    pub words: String,
    /// How sure the reading is, from 0 to 1.
    pub confidence: f64,
    /// Why it cannot be entered as it is; nothing where it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

/// The lines of a reading; those without a device are of this maker.
pub fn draft(reading: &NoticeReading, maker: Option<&str>) -> Draft {
    let lines = reading.criteria.iter().flat_map(|criterion| lines(criterion, maker)).collect();
    Draft { lines, unread: reading.unread.clone() }
}

fn lines(criterion: &NoticeCriterion, maker: Option<&str>) -> Vec<DraftLine> {
    let line = |units: UnitKind, value: Option<&str>, doubt: Option<String>| {
        let form = CriterionForm {
            issuer: criterion.di.as_deref().map(agency_of),
            identifier: criterion.di.clone(),
            maker: maker.map(str::to_owned),
            reference: criterion.reference.clone(),
            units,
            value: value.map(str::to_owned),
        };
        let doubt = doubt.or_else(|| form.checked().err().map(|problem| problem.detail().to_owned()));
        DraftLine { form, words: criterion.words.clone(), confidence: criterion.confidence, doubt }
    };
    let mut lines = Vec::new();
    // "Lot/Serial": either may be what the pack shows. A lot beside another serial: the serial names the unit.
    if let Some(lot) = criterion.lot.as_deref().filter(|lot| criterion.serial.as_deref().is_none_or(|s| s == *lot)) {
        lines.push(line(UnitKind::Lot, Some(lot), None));
    }
    if let Some(serial) = &criterion.serial {
        lines.push(line(UnitKind::Serial, Some(serial), None));
    }
    if !lines.is_empty() {
        return lines;
    }
    if let Some(Ends { of: of @ (Of::Expiry | Of::Manufacture), from, to }) = &criterion.range {
        let units = if *of == Of::Expiry { UnitKind::Expiry } else { UnitKind::Manufacture };
        let end = |day: &Option<String>| day.clone().unwrap_or_else(|| "..".to_owned());
        let value = if from == to { end(from) } else { format!("{}/{}", end(from), end(to)) };
        return vec![line(units, Some(&value), None)];
    }
    if let Some(range) = &criterion.range {
        let units = if range.of == Of::Serial { UnitKind::Serial } else { UnitKind::Lot };
        return match members(range) {
            Ok(members) => members.iter().map(|member| line(units, Some(member), None)).collect(),
            Err(why) => vec![line(units, None, Some(why))],
        };
    }
    if criterion.all {
        return vec![line(UnitKind::All, None, None)];
    }
    if let Some(date) = criterion.expiry {
        return vec![line(UnitKind::Expiry, Some(&date.to_string()), None)];
    }
    vec![line(UnitKind::Lot, None, Some("Which units are meant was not understood: name them.".to_owned()))]
}

/// GTINs are digits; of the others a HIBC labeler code begins with a letter.
pub(super) fn agency_of(identifier: &str) -> Agency {
    if identifier.starts_with(|c: char| c.is_ascii_alphabetic()) { Agency::Hibcc } else { Agency::Gs1 }
}

/// The lots or serials of a range one by one: only where both ends have one length and letter template, and differ in
/// one run of digits.
///
/// # Errors
/// A sentence that says why they cannot be listed.
pub fn members(range: &Ends) -> Result<Vec<String>, String> {
    let said = |end: &Option<String>| end.clone().unwrap_or_else(|| "an open end".to_owned());
    let told = format!("The notice names a range from {} to {}", said(&range.from), said(&range.to));
    let (Of::Lot | Of::Serial, Some(from), Some(to)) = (range.of, &range.from, &range.to) else {
        return Err(format!("{told}: find out which lots or serials these are, and list them."));
    };
    if !may_be_ends(from, to) {
        return Err(format!("{told}, whose ends are not of one form: list what is meant."));
    }
    let start = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
    let run = |text: &str| {
        let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
        (text[start..start + digits].to_owned(), text[start + digits..].to_owned())
    };
    let ((first, tail), (last, other)) = (run(from), run(to));
    let (Ok(low), Ok(high)) = (first.parse::<u64>(), last.parse::<u64>()) else {
        return Err(format!("{told} with letters that count: list what is meant."));
    };
    if tail != other {
        return Err(format!("{told} that differ in several places: list what is meant."));
    }
    if high - low >= MOST_OF_A_RANGE {
        return Err(format!("{told}: more than {MOST_OF_A_RANGE}. Enter them from a list."));
    }
    let width = first.len();
    Ok((low..=high).map(|n| format!("{}{n:0width$}{tail}", &from[..start])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tessera_scanner::recall_notice::read;

    fn range(from: &str, to: &str) -> Ends {
        Ends { of: Of::Lot, from: Some(from.to_owned()), to: Some(to.to_owned()) }
    }

    fn forms(text: &str) -> Vec<(String, UnitKind, Option<String>, bool)> {
        let draft = draft(&read(text, 2026), Some("Harrowmere"));
        let told = |line: DraftLine| {
            let device = line.form.identifier.or(line.form.reference).unwrap_or_default();
            (device, line.form.units, line.form.value, line.doubt.is_some())
        };
        draft.lines.into_iter().map(told).collect()
    }

    #[test]
    fn a_range_is_listed_where_both_ends_have_one_form() {
        assert_eq!(members(&range("HM25C098", "HM25C101")).unwrap(), ["HM25C098", "HM25C099", "HM25C100", "HM25C101"]);
        assert_eq!(members(&range("31423X1", "31425X1")).unwrap(), ["31423X1", "31424X1", "31425X1"]);
        assert_eq!(members(&range("0009", "0010")).unwrap(), ["0009", "0010"]);
        for (from, to) in [("998", "1204"), ("A100", "B100"), ("24C999", "25C001"), ("100000", "200000")] {
            assert!(members(&range(from, to)).is_err(), "{from} to {to}");
        }
        assert!(members(&Ends { from: None, ..range("1", "2") }).is_err());
    }

    #[test]
    fn lines_can_be_entered_or_say_why_not() {
        let stem = "09521001000123";
        let lot = |value: &str| (stem.to_owned(), UnitKind::Lot, Some(value.to_owned()), false);
        assert_eq!(forms(&format!("UDI-DI {stem}, lots A12 to A13, B7")), [lot("A12"), lot("A13"), lot("B7")]);
        assert_eq!(forms(&format!("UDI-DI {stem}, all lots")), [(stem.to_owned(), UnitKind::All, None, false)]);
        assert_eq!(
            forms("REF TC-1, Lot/Serial: 4711"),
            [
                ("TC-1".to_owned(), UnitKind::Lot, Some("4711".to_owned()), false),
                ("TC-1".to_owned(), UnitKind::Serial, Some("4711".to_owned()), false),
            ]
        );
        let doubted = |text: &str| forms(text).iter().all(|line| line.3);
        assert!(doubted("UDI-DI: 09521001000124, Lot 4711"), "the check digit fails");
        assert!(doubted("UDI-DI: 09521001000123, serial numbers up to 11608268"));
        assert!(doubted("UDI-DI: 09521001000123, Lot Numbers: xxxxx"));
        let dated = |text: &str| {
            let [(_, units, value, doubted)] = &forms(text)[..] else { panic!("one line of {text}") };
            (*units, value.clone().unwrap_or_default(), *doubted)
        };
        assert_eq!(
            dated("UDI-DI: 09521001000123, all lots manufactured between 1 May 2021 and 30 June 2021"),
            (UnitKind::Manufacture, "2021-05-01/2021-06-30".to_owned(), false)
        );
        let (units, value, doubted) = dated("UDI-DI: 09521001000123, all lots manufactured before May 2021");
        assert!(units == UnitKind::Manufacture && value.starts_with("../2021-0") && !doubted, "{value}");
    }
}
