use std::fmt::Write as _;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::recall_match::{Criterion, Units};

const NOTICES: &str = include_str!("../../../fixtures/recalls/notices.jsonl");
const REAL: &str = include_str!("../../../fixtures/recalls/real.jsonl");
const SYNTHETIC: &str = include_str!("../../../fixtures/recalls/synthetic.jsonl");

/// What a line of `notices.jsonl` expects, without the words and the confidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    di: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    lot: Option<String>,
    serial: Option<String>,
    range: Option<Ends>,
    expiry: Option<NaiveDate>,
    all: bool,
}

impl From<&NoticeCriterion> for Wanted {
    fn from(line: &NoticeCriterion) -> Self {
        let NoticeCriterion { di, reference, lot, serial, range, expiry, all, .. } = line.clone();
        Self { di, reference, lot, serial, range, expiry, all }
    }
}

#[derive(Deserialize)]
struct Notice {
    shape: String,
    text: String,
    criteria: Vec<Wanted>,
    unread: Vec<String>,
}

/// Every notice of the fixture: nothing missed, nothing invented, and what no criterion holds is told.
#[test]
fn notices_are_read_whole() {
    let mut misses = String::new();
    let mut many = 0;
    for line in NOTICES.lines() {
        let notice: Notice = serde_json::from_str(line).unwrap();
        let reading = read(&notice.text, 2026);
        let got: Vec<Wanted> = reading.criteria.iter().map(Wanted::from).collect();
        many += 1;
        for wanted in notice.criteria.iter().filter(|w| !got.contains(w)) {
            writeln!(misses, "{}: missed {wanted:?} in {:?}", notice.shape, notice.text).unwrap();
        }
        for invented in got.iter().filter(|g| !notice.criteria.contains(g)) {
            writeln!(misses, "{}: invented {invented:?} in {:?}", notice.shape, notice.text).unwrap();
        }
        for words in notice.unread.iter().filter(|w| !reading.unread.iter().any(|u| u.contains(*w))) {
            writeln!(misses, "{}: {words:?} is not among {:?}", notice.shape, reading.unread).unwrap();
        }
    }
    assert!(many >= 200, "{many} notices");
    assert!(misses.is_empty(), "\n{misses}");
}

#[derive(Deserialize)]
struct Structured {
    text: String,
    criteria: Vec<Criterion>,
}

/// The wording of real notices, as a person structured it: every device, catalogue number, lot, serial and date.
#[test]
fn real_notices_are_read_as_a_person_reads_them() {
    for line in REAL.lines() {
        let notice: Structured = serde_json::from_str(line).unwrap();
        let reading = read(&notice.text, 2026);
        let got: Vec<_> =
            reading.criteria.iter().map(|line| (line.di.clone(), line.reference.clone(), units(line))).collect();
        let wanted: Vec<_> =
            notice.criteria.into_iter().map(|c| (c.device.map(|d| d.text), c.reference, c.units)).collect();
        assert_eq!(got, wanted, "{}", notice.text);
    }
}

fn units(line: &NoticeCriterion) -> Units {
    match line {
        NoticeCriterion { lot: Some(lot), .. } => Units::Lot(lot.clone()),
        NoticeCriterion { serial: Some(serial), .. } => Units::Serial(serial.clone()),
        NoticeCriterion { all: true, .. } => Units::All,
        NoticeCriterion { expiry: Some(date), .. } => Units::Expiry(*date),
        _ => panic!("no units in {line:?}"),
    }
}

/// In free prose every lot, serial and date is found too; catalogue numbers without a label may stay with the person.
#[test]
fn notices_in_sentences_name_their_lots() {
    for line in SYNTHETIC.lines() {
        let notice: Structured = serde_json::from_str(line).unwrap();
        let got: Vec<_> = read(&notice.text, 2026).criteria.iter().map(units).collect();
        for wanted in &notice.criteria {
            assert!(got.contains(&wanted.units), "{:?} in {}", wanted.units, notice.text);
        }
    }
}

#[test]
fn confidence_tells_what_to_look_at() {
    let sure = |text: &str| read(text, 2026).criteria[0].confidence;
    assert!(sure("UDI-DI: 00844505000772, Lot 122927") > 0.9);
    assert!(sure("UDI-DI: 00844505000773, Lot 122927") <= 0.5, "the check digit fails");
    assert!(sure("UDI-DI: 00844505000772") < 0.7, "no unit is named, so all are only meant");
    assert!(sure("B15354, B15356, B15357") < 0.5, "nothing says what these are");
    assert!(sure("REF 1-2345, all lots except 123 and 124") <= 0.4);
}

#[test]
fn places_show_the_words() {
    let text = "Voie fémorale: UDI-DI 00844505000772, lots 122927 and 122928";
    let reading = read(text, 2026);
    let line = &reading.criteria[1];
    let shown: Vec<String> = line.places.iter().map(|(a, b)| text.chars().skip(*a).take(b - a).collect()).collect();
    assert_eq!(shown, ["00844505000772", "122928"]);
    assert!(text.contains(&line.words));
    assert_eq!(reading.unread, ["Voie fémorale"]);
}

/// The text as values are compared with it: no blanks and hyphens, hyphens of word processors as plain ones.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Everything answered stands in the text.
fn nothing_is_invented(text: &str) {
    let reading = read(text, 2026);
    let whole = squeezed(text);
    for line in &reading.criteria {
        let mut values = vec![&line.di, &line.reference, &line.lot, &line.serial];
        if let Some(Ends { of: Of::Lot | Of::Serial, from, to }) = &line.range {
            values.extend([from, to]);
        }
        for value in values.into_iter().flatten() {
            assert!(whole.contains(&squeezed(value)), "{value:?} is not in {text:?}");
        }
        assert!(text.contains(&line.words), "{:?} is not in {text:?}", line.words);
        assert!((0.0..=1.0).contains(&line.confidence));
        let many = text.chars().count();
        assert!(line.places.iter().all(|(a, b)| a <= b && *b <= many), "{:?}", line.places);
    }
    for words in &reading.unread {
        assert!(text.contains(words), "{words:?} is not in {text:?}");
    }
}

proptest! {
    #[test]
    fn nothing_is_invented_in_any_text(text in ".{0,200}") {
        nothing_is_invented(&text);
    }

    /// Pieces that notices are made of, in any order.
    #[test]
    fn nothing_is_invented_in_shuffled_notices(pieces in prop::collection::vec(prop::sample::select(vec![
        "UDI-DI", "UDI:", "Lot Numbers:", "Lot", "Serial", "S/N", "REF", "Catalog #", "Exp.", "(exp.", ")", "(", ",", ";", "\n", "\t", "|", " ", " and ", " through ", " - ",
        "all lots", "All", "00844505000772", "(01)00844505000772", "(10)", "(17)310301", "(21)A1", "+H123ABC", "010084450500077210", "122927", "19DM28106A", "05/04/2024",
        "2024-05", "JUN 2027", "30", "1)", "2)", "a.", "except", "xxxxx", "12.5", "mm", "PX1/PX2", "é", "\u{1D}", "<GS>", "not affected", "[", "]", "\u{2013}", "up to", "and lower",
    ]), 0..30)) {
        nothing_is_invented(&pieces.concat());
        nothing_is_invented(&pieces.join(" "));
    }

    /// A list under its label: every lot, in its order, and nothing else.
    #[test]
    fn every_lot_of_a_list_is_found(lots in prop::collection::vec("[A-Z]{1,2}[0-9]{4,8}[A-Z]?", 1..40), divider in prop::sample::select(vec![", ", "; ", "\n", " ", ","])) {
        let text = format!("UDI-DI: 00844505000772 Lot Numbers: {}", lots.join(divider));
        let mut seen = std::collections::HashSet::new();
        let wanted: Vec<String> = lots.into_iter().filter(|l| seen.insert(l.clone())).collect();
        let got: Vec<String> = read(&text, 2026).criteria.into_iter().filter_map(|c| c.lot).collect();
        prop_assert_eq!(got, wanted);
    }
}
