//! The sample data keeps the rules that its README files promise.

use std::collections::HashSet;

use tessera_scanner::gs1::keys::{GsrnRecipient, Gtin};

const CATALOGUE: &str = include_str!("../../fixtures/catalogue/devices.csv");
const WRISTBANDS: &str = include_str!("../../fixtures/wristbands/wristbands.jsonl");

#[test]
fn the_catalogue_holds_valid_identifiers_once_each() {
    let mut seen = HashSet::new();
    let mut rows = csv::Reader::from_reader(CATALOGUE.as_bytes());
    let mut hibc = 0;
    let mut devices = 0;
    for row in rows.deserialize::<std::collections::HashMap<String, String>>() {
        let row = row.unwrap();
        devices += 1;
        hibc += u32::from(row["issuer"] == "HIBCC");
        let packages = row["package_identifiers"].split(';').filter(|text| !text.is_empty()).map(|text| {
            let (identifier, quantity) = text.split_once('*').unwrap();
            assert!(quantity.parse::<u32>().unwrap() > 1, "{text}");
            identifier
        });
        let previous = row["previous_identifiers"].split(';').filter(|text| !text.is_empty());
        for identifier in std::iter::once(row["identifier"].as_str()).chain(packages).chain(previous) {
            assert!(seen.insert(identifier.to_owned()), "{identifier} stands twice");
            if row["issuer"] == "GS1" {
                assert_eq!(identifier.parse::<Gtin>().unwrap().as_gtin14(), identifier);
                assert_eq!(&identifier[1..4], "952", "{identifier} could be a real product's");
            } else {
                assert!(identifier.starts_with("A123") || identifier.starts_with("A999"), "{identifier}");
            }
        }
        assert!(["", "left", "right"].contains(&row["side"].as_str()));
        for flag in ["lot_expected", "serial_expected", "expiry_expected"] {
            assert!(row[flag].parse::<bool>().is_ok());
        }
        assert!(row["lot_expected"] == "true" || row["serial_expected"] == "true", "{row:?} could not be traced");
        assert!(row["gmdn"].len() == 5 && row["gmdn"].bytes().all(|b| b.is_ascii_digit()));
    }
    assert!(devices >= 240, "{devices} devices");
    assert!((devices / 12..=devices / 8).contains(&hibc), "{hibc} of {devices} are HIBC");
}

#[test]
fn the_devices_of_the_demonstration_keep_their_numbers() {
    for (gtin, reference) in [
        ("09521001000123", "FG-110-12R"),
        ("09521001000130", "FG-110-12L"),
        ("09521001000543", "TC-200-54"),
        ("09521002003048", "KS-300-4L"),
        ("09521005022015", "PO-2201"),
        ("09521006002153", "CM-60A-215"),
        ("09521010350240", "CT-35-024"),
    ] {
        assert!(CATALOGUE.lines().any(|line| line.contains(gtin) && line.contains(reference)), "{gtin} {reference}");
    }
}

#[test]
fn wristbands_hold_synthetic_numbers_that_agree_with_their_gsrn() {
    let cases: Vec<serde_json::Value> = WRISTBANDS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 20);
    for case in &cases {
        let expect = &case["expect"];
        let (Some(nhs), gsrn) = (expect["nhs_number"].as_str(), expect["gsrn"].as_str()) else { continue };
        assert!(nhs.starts_with('9') && nhs.len() == 10, "{case}");
        if let Some(gsrn) = gsrn {
            assert_eq!(gsrn.parse::<GsrnRecipient>().unwrap().nhs_digits(), Some(nhs), "{case}");
        }
    }
}
