use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const CASES: &str = include_str!("../../../fixtures/recalls/cases.jsonl");
const REAL: &str = include_str!("../../../fixtures/recalls/real.jsonl");
const SYNTHETIC: &str = include_str!("../../../fixtures/recalls/synthetic.jsonl");

/// As the table of cases writes it: `GS1 00844505000772`.
fn device(text: &str) -> DeviceIdentifier {
    let (agency, text) = text.split_once(' ').unwrap();
    let issuer = serde_json::from_value(agency.into()).unwrap();
    DeviceIdentifier { issuer, text: text.to_owned() }
}

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "case")]
    name: String,
    tier: Option<Tier>,
    unit: CaseUnit,
    criterion: CaseCriterion,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseUnit {
    #[serde(default)]
    devices: Vec<String>,
    maker: Option<String>,
    reference: Option<String>,
    lot: Option<String>,
    serial: Option<String>,
    expiry: Option<NaiveDate>,
    manufacture: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseCriterion {
    device: Option<String>,
    maker: Option<String>,
    reference: Option<String>,
    units: Units,
}

#[derive(Deserialize)]
struct Notice {
    reference: String,
    text: String,
    criteria: Vec<Criterion>,
}

fn notices(lines: &str) -> Vec<Notice> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_case_gets_its_tier() {
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let Case { name, tier, unit, criterion } = serde_json::from_str(line).unwrap();
        let devices: Vec<_> = unit.devices.iter().map(|text| device(text)).collect();
        let held = hold(
            &Unit {
                devices: &devices,
                maker: unit.maker.as_deref(),
                reference: unit.reference.as_deref(),
                lot: unit.lot.as_deref(),
                serial: unit.serial.as_deref(),
                expiry: unit.expiry,
                manufacture: unit.manufacture,
            },
            &Criterion {
                device: criterion.device.as_deref().map(device),
                maker: criterion.maker,
                reference: criterion.reference,
                units: criterion.units,
            },
        );
        if held.as_ref().map(|found| found.tier) != tier {
            wrong.push(format!("{name}: expected {tier:?}, got {held:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(CASES.lines().count() >= 50);
}

#[test]
fn structured_values_stand_in_the_text_of_their_notice() {
    for notice in notices(REAL).iter().chain(&notices(SYNTHETIC)) {
        for criterion in &notice.criteria {
            let device = criterion.device.as_ref().map(|device| device.text.as_str());
            let units = match &criterion.units {
                Units::Lot(value) | Units::Serial(value) => Some(value.clone()),
                Units::Expiry(date) => Some(date_in_words(*date)),
                Units::All | Units::ExpiryWithin(_) | Units::MadeWithin(_) => None,
            };
            for value in [device, criterion.reference.as_deref(), units.as_deref()].into_iter().flatten() {
                assert!(notice.text.contains(value), "{}: {value} is not in the text", notice.reference);
            }
        }
    }
}

#[test]
fn the_gravest_of_a_notice_is_found_and_lots_stay_apart() {
    let cup = notices(SYNTHETIC).into_iter().find(|notice| notice.reference == "TES-2026-001").unwrap();
    let devices = [device("GS1 09521001000543")];
    let mut unit = Unit {
        devices: &devices,
        maker: None,
        reference: None,
        lot: Some("HM26A114B"),
        serial: None,
        expiry: None,
        manufacture: None,
    };
    let (criterion, found) = gravest(&unit, &cup.criteria).unwrap();
    assert_eq!((found.tier, &criterion.units), (Tier::Definite, &Units::Lot("HM26A114B".to_owned())));
    unit.lot = Some("HM26A11");
    assert_eq!(gravest(&unit, &cup.criteria).unwrap().1.tier, Tier::Excluded);
    unit.lot = Some("HM26AII7");
    assert_eq!(gravest(&unit, &cup.criteria).unwrap().1.tier, Tier::Possible);
}

#[test]
fn reasons_read_as_sentences() {
    let devices = [device("GS1 09521001000543")];
    let criterion = |units| Criterion { device: Some(devices[0].clone()), maker: None, reference: None, units };
    let unit = Unit {
        devices: &devices,
        maker: None,
        reference: None,
        lot: Some("HM26A1I4"),
        serial: None,
        expiry: NaiveDate::from_ymd_opt(2027, 6, 30),
        manufacture: NaiveDate::from_ymd_opt(2026, 6, 30),
    };
    let mut said = String::new();
    for units in [
        Units::All,
        Units::Lot("HM26A114".to_owned()),
        Units::Lot("HM26A117".to_owned()),
        Units::Serial("4417".to_owned()),
        Units::Expiry(NaiveDate::from_ymd_opt(2027, 6, 15).unwrap()),
        Units::ExpiryWithin(Span {
            from: NaiveDate::from_ymd_opt(2027, 1, 1),
            to: NaiveDate::from_ymd_opt(2027, 6, 15),
        }),
        Units::MadeWithin(Span { from: None, to: NaiveDate::from_ymd_opt(2026, 6, 30) }),
        Units::MadeWithin(Span { from: NaiveDate::from_ymd_opt(2026, 7, 1), to: None }),
    ] {
        let found = hold(&unit, &criterion(units)).unwrap();
        writeln!(said, "{:?}: {}", found.tier, found.reason).unwrap();
    }
    insta::assert_snapshot!(said);
}

fn text() -> impl Strategy<Value = String> {
    // Few letters, so that equal, alike and longer ones all happen.
    "[0OoI1iA -]{0,4}"
}

fn span(year: i32) -> impl Strategy<Value = Span> {
    let day = move || proptest::option::of(1_u32..=30).prop_map(move |day| NaiveDate::from_ymd_opt(year, 6, day?));
    (day(), day()).prop_map(|(from, to)| Span { from, to })
}

fn units() -> impl Strategy<Value = Units> {
    prop_oneof![
        Just(Units::All),
        text().prop_map(Units::Lot),
        text().prop_map(Units::Serial),
        (1_u32..=30).prop_map(|day| Units::Expiry(NaiveDate::from_ymd_opt(2027, 6, day).unwrap())),
        span(2027).prop_map(Units::ExpiryWithin),
        span(2026).prop_map(Units::MadeWithin),
    ]
}

fn criterion() -> impl Strategy<Value = Criterion> {
    let name = || proptest::option::of("[ab ]{0,2}");
    (proptest::option::of("[01]{1,2}"), name(), name(), units()).prop_map(|(device, maker, reference, units)| {
        Criterion { device: device.map(|text| DeviceIdentifier { issuer: Issuer::Gs1, text }), maker, reference, units }
    })
}

prop_compose! {
    fn owned_unit()(
        devices in proptest::collection::vec("[01]{1,2}", 0..3),
        names in (proptest::option::of("[ab ]{0,2}"), proptest::option::of("[ab ]{0,2}")),
        lot in proptest::option::of(text()),
        serial in proptest::option::of(text()),
        day in proptest::option::of(1_u32..=30),
    ) -> OwnedUnit {
        let devices = devices.into_iter().map(|text| DeviceIdentifier { issuer: Issuer::Gs1, text }).collect();
        (devices, [names.0, names.1, lot, serial], day.and_then(|day| NaiveDate::from_ymd_opt(2027, 6, day)))
    }
}

type OwnedUnit = (Vec<DeviceIdentifier>, [Option<String>; 4], Option<NaiveDate>);

fn unit((devices, texts, expiry): &OwnedUnit) -> Unit<'_> {
    let [maker, reference, lot, serial] = texts.each_ref().map(Option::as_deref);
    Unit {
        devices,
        maker,
        reference,
        lot,
        serial,
        expiry: *expiry,
        manufacture: expiry.and_then(|day| day.with_year(2026)),
    }
}

proptest! {
    #[test]
    fn alike_is_idempotent(text in "\\PC{0,20}") {
        prop_assert_eq!(alike(&alike(&text)), alike(&text));
    }

    #[test]
    fn a_longer_or_shorter_lot_is_never_recalled(lot in "[A-Z0-9]{1,10}", more in "[A-Z0-9]{1,5}", swap in any::<bool>()) {
        let longer = format!("{lot}{more}");
        let (ours, theirs) = if swap { (&longer, &lot) } else { (&lot, &longer) };
        let devices = [device("GS1 09521001000543")];
        let unit = Unit { devices: &devices, maker: None, reference: None, lot: Some(ours), serial: None, expiry: None, manufacture: None };
        let criterion = Criterion {
            device: Some(devices[0].clone()), maker: None, reference: None, units: Units::Lot(theirs.clone()),
        };
        prop_assert_eq!(hold(&unit, &criterion).unwrap().tier, Tier::Excluded);
    }

    #[test]
    fn definite_needs_the_device_and_the_exact_unit(owned in owned_unit(), criterion in criterion()) {
        let unit = unit(&owned);
        if hold(&unit, &criterion).is_some_and(|found| found.tier == Tier::Definite) {
            let named = criterion.device.as_ref().unwrap();
            prop_assert!(unit.devices.iter().any(|known| known.text.trim_start_matches('0') == named.text.trim_start_matches('0')));
            let exact = match &criterion.units {
                Units::All => true,
                Units::Lot(lot) => unit.lot.is_some_and(|ours| ours.trim() == lot.trim()),
                Units::Serial(serial) => unit.serial.is_some_and(|ours| ours.trim() == serial.trim()),
                Units::Expiry(date) => unit.expiry == Some(*date),
                Units::ExpiryWithin(span) => unit.expiry.is_some_and(|date| span.holds(date)),
                Units::MadeWithin(span) => unit.manufacture.is_some_and(|date| span.holds(date)),
            };
            prop_assert!(exact);
        }
    }

    #[test]
    fn the_order_of_identifiers_and_criteria_does_not_matter(
        owned in owned_unit(),
        criteria in proptest::collection::vec(criterion(), 0..6),
    ) {
        let mut turned = owned.clone();
        turned.0.reverse();
        for criterion in &criteria {
            prop_assert_eq!(hold(&unit(&owned), criterion), hold(&unit(&turned), criterion));
        }
        let there = gravest(&unit(&owned), &criteria).map(|(_, found)| found);
        let back = gravest(&unit(&turned), criteria.iter().rev()).map(|(_, found)| found);
        prop_assert_eq!(there, back);
    }

    #[test]
    fn no_text_panics(ours in "\\PC{0,24}", theirs in "\\PC{0,24}") {
        let unit = Unit { devices: &[], maker: Some(&ours), reference: Some(&theirs), lot: Some(&ours), serial: None, expiry: None, manufacture: None };
        let criterion = Criterion { device: None, maker: Some(theirs.clone()), reference: Some(ours.clone()), units: Units::Lot(theirs.clone()) };
        hold(&unit, &criterion);
    }
}
