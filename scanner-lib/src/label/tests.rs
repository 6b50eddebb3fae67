use proptest::prelude::*;

use super::*;
use crate::udi::{Entry, Issuer};

fn scan(text: &str) -> RawScan {
    RawScan { bytes: text.into(), aim: None, entry: Entry::Handheld }
}

fn read(texts: &[&str]) -> Label {
    assemble(&texts.iter().map(|t| scan(t)).collect::<Vec<_>>(), 2026)
}

fn codes(label: &Label) -> Vec<&str> {
    label.findings.iter().map(|f| f.code.as_ref()).collect()
}

#[test]
fn two_parts_in_either_order_and_repeats() {
    let (primary, secondary) = ("]C10100844505000772", "]C11731030110LOT-7");
    for texts in [&[primary, secondary][..], &[secondary, primary], &[primary, secondary, primary, secondary]] {
        let label = read(texts);
        assert_eq!(label.outcome, Outcome::Read, "{texts:?} {:?}", label.findings);
        let udi = label.udi.unwrap();
        assert_eq!((udi.device.text.as_str(), udi.lot.unwrap().as_str()), ("00844505000772", "LOT-7"));
        assert_eq!(udi.expiry.unwrap().to_string(), "2031-03-01");
    }
    assert_eq!(read(&[secondary]).outcome, Outcome::Incomplete);
}

#[test]
fn hibc_in_two_parts_is_linked() {
    // The primary ends with its check character, 7; the secondary carries it before its own.
    let primary = "+A123BJC5D6E71G1";
    let check = crate::hibc::check_character(primary.as_bytes()).unwrap();
    let secondary = format!("+$$73C001{check}");
    let whole = |text: &str| format!("{text}{}", crate::hibc::check_character(text.as_bytes()).unwrap());
    let label = read(&[&whole(&secondary), &whole(primary)]);
    assert_eq!(label.outcome, Outcome::Read, "{:?}", label.findings);
    let udi = label.udi.unwrap();
    assert_eq!((udi.device.issuer, udi.device.text.as_str()), (Issuer::Hibcc, "A123BJC5D6E71G1"));
    assert_eq!(udi.lot.unwrap().as_str(), "3C001");
    assert!(codes(&read(&[&whole("+$$73C001Z"), &whole(primary)])).contains(&"LINK_CHARACTER"));
}

#[test]
fn contradictions_are_never_settled_silently() {
    let label = read(&["]d20100844505000772", "]d2010405059800058210LOT"]);
    assert_eq!((label.outcome, label.candidates.len(), label.udi.is_none()), (Outcome::Ambiguous, 2, true));
    assert!(codes(&label).contains(&"TWO_DEVICES"));
    let label = read(&["]d2010084450500077210AAA", "]C110BBB"]);
    assert_eq!((label.outcome, label.candidates.len()), (Outcome::Ambiguous, 2));
    assert!(codes(&label).contains(&"TWO_LOTS"));
}

#[test]
fn lost_separators_give_candidates() {
    let label = read(&["]d201008445050007721012292717310301\r\n"]);
    assert_eq!((label.outcome, label.udi.is_none()), (Outcome::Ambiguous, true));
    assert_eq!(label.candidates[0].lot.as_ref().unwrap().as_str(), "122927");
    assert!(label.candidates.iter().any(|c| c.lot.as_ref().unwrap().as_str() == "12292717310301"));
}

#[test]
fn a_second_scan_chooses_between_the_readings_of_the_first() {
    let lost = scan("]d201008445050007721012292717310301");
    let bytes = b"010084450500077210122927\x1d17310301".to_vec();
    let seen = RawScan { bytes, aim: Some("]d2".into()), entry: Entry::Camera };
    for scans in [[lost.clone(), seen.clone()], [seen, lost.clone()]] {
        let label = assemble(&scans, 2026);
        assert_eq!(label.outcome, Outcome::Read, "{:?}", label.findings);
        assert_eq!(label.udi.unwrap().lot.unwrap().as_str(), "122927");
    }
    // The other barcode repeats the lot: all other readings contradict it.
    let repeats = RawScan { bytes: b"10122927".to_vec(), aim: Some("]C1".into()), entry: Entry::Camera };
    let label = assemble(&[lost.clone(), repeats], 2026);
    assert_eq!((label.outcome, codes(&label).contains(&"SETTLED_BY_ANOTHER_SCAN")), (Outcome::Read, true), "{label:?}");
    // Another pack's lot settles nothing.
    let label = assemble(&[lost, scan("]C11099999")], 2026);
    assert_eq!(label.outcome, Outcome::Ambiguous);
}

#[test]
fn a_scanner_that_keeps_one_separator_kept_them_all() {
    let numeric = "]C10100844505000772";
    let label = read(&[numeric, "]C11731030110122927"]);
    assert_eq!(label.outcome, Outcome::Ambiguous, "lot 122927, or lot 1 and variant 927");
    assert_eq!(label.candidates[0].lot.as_ref().unwrap().as_str(), "122927");
    let label = read(&[numeric, "]C11731030110122927", "]C1240K6870\u{1d}"]);
    assert_eq!((label.outcome, label.udi.unwrap().lot.unwrap().as_str()), (Outcome::Read, "122927"));
    let label = read(&["]C1010084450500077210122927", "]C1240K6870{GS}2107"]);
    assert_eq!((label.outcome, label.udi.unwrap().lot.unwrap().as_str()), (Outcome::Read, "122927"));
    // What a calibrated scanner keeps needs no other scan.
    let kept = ScannerProfile { separator: crate::handheld::Separator::Kept, layout: None };
    assert_eq!(assemble_with(&[scan("]C1010084450500077210122927")], &kept, 2026).outcome, Outcome::Read);
}

#[test]
fn what_is_known_of_the_device_ranks_and_never_chooses() {
    let lost = scan("]d201008445050007721012292717310301");
    let longest = |udi: &Udi| udi.lot.as_ref().map_or(0, |lot| i32::try_from(lot.as_str().len()).unwrap());
    let label = assemble_knowing(&[lost], &ScannerProfile::default(), 2026, &longest);
    assert_eq!(label.outcome, Outcome::Ambiguous);
    assert_eq!(label.candidates[0].lot.as_ref().unwrap().as_str(), "12292717310301");
}

#[test]
fn a_wrong_check_digit_is_kept_and_refused() {
    let label = read(&["]d2010084450500077310122927"]);
    assert_eq!(label.outcome, Outcome::Refused);
    assert_eq!(label.udi.unwrap().device.text, "00844505000773");
    assert!(label.findings.iter().any(|f| f.code == "INCORRECT_CHECK_DIGIT"));
}

#[test]
fn packages_are_told_apart_from_the_unit() {
    let carton = "10844505000779";
    assert!(crate::gs1::check::digit_holds(carton.as_bytes()));
    let label = read(&[&format!("]C101{carton}"), "]d2010084450500077210LOT"]);
    assert_eq!((label.outcome, codes(&label)), (Outcome::Read, vec!["PACKAGE_IGNORED"]));
    assert_eq!(label.udi.unwrap().device.text, "00844505000772");
    assert!(codes(&read(&[&format!("]C101{carton}")])).contains(&"PACKAGE_LEVEL"));
    assert!(codes(&read(&["]C1020084450500077237", "]C1020084450500077210LOT"])).contains(&"CARTON_LABEL"));
}

#[test]
fn other_codes_are_kept_and_not_used() {
    let label = read(&["]E04026575328109", "REF 409-375", "]d2010084450500077210LOT"]);
    assert_eq!((label.outcome, label.ignored.len()), (Outcome::Read, 2));
    assert!(codes(&label).contains(&"EAN_IGNORED"));
    for text in
        ["", "REF 409-375", "801850508989434765919293A,B,05-Mar-1950,", "4026575328109", "https://example.com/01/1"]
    {
        assert_eq!(read(&[text]).outcome, Outcome::NotADevice, "{text:?}");
    }
}

#[test]
fn a_camera_is_trusted_with_separators() {
    let bytes = b"01008445050007721012292717310301".to_vec();
    let label = assemble(&[RawScan { bytes, aim: Some("]d2".into()), entry: Entry::Camera }], 2026);
    assert_eq!(label.outcome, Outcome::Read);
    assert_eq!(label.udi.unwrap().lot.unwrap().as_str(), "12292717310301");
}

#[test]
fn the_json_of_a_udi_is_plain() {
    let label = read(&["]d2010084450500077217310300\u{1d}10122927\u{1d}2107"]);
    let udi = label.udi.unwrap();
    let json = serde_json::to_value(&udi).unwrap();
    assert_eq!(json["expiry"], "2031-03");
    assert_eq!((json["lot"].as_str(), json["serial"].as_str()), (Some("122927"), Some("07")));
    assert_eq!(serde_json::from_value::<Udi>(json).unwrap(), udi);
}

#[test]
fn more_barcodes_than_a_pack_has_are_kept_and_not_used() {
    let texts: Vec<String> = (0..200).map(|n| format!("]C191A{n:03}\u{1d}10ABC{n:03}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let began = std::time::Instant::now();
    let label = read(&texts);
    assert!(codes(&label).contains(&"TOO_MANY_BARCODES") && label.ignored.len() > 100);
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn kinds() {
    for (text, wanted) in [
        ("+A99912349/$10X3/16D20111231/14D20200131/Q500Z", ScanKind::DevicePack),
        ("(01)00844505000772(10)122927", ScanKind::DevicePack),
        ("]C110122927", ScanKind::DevicePack),
        ("]d28018505089894347659192\u{1d}91RX1RA,1,,", ScanKind::Wristband),
        ("9434765919", ScanKind::Wristband),
        ("8017505089897373832492", ScanKind::StaffBadge),
        ("]C14145050898000004", ScanKind::Location),
        ("]C1800309521141123454TRAY7", ScanKind::Asset),
        ("(8004)952114132a/b", ScanKind::Asset),
        ("4026575328109", ScanKind::Other),
        ("NURSE-0042", ScanKind::Other),
        ("(left knee)", ScanKind::Other),
        ("", ScanKind::Other),
    ] {
        assert_eq!(kind(text.as_bytes()), wanted, "{text}");
    }
}

proptest! {
    #[test]
    fn any_scans_make_a_label(scans in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..4), camera in any::<bool>()) {
        let entry = if camera { Entry::Camera } else { Entry::Handheld };
        let scans: Vec<RawScan> = scans.into_iter().map(|bytes| RawScan { bytes, aim: None, entry }).collect();
        for scan in &scans {
            let _ = kind(&scan.bytes);
        }
        let _ = assemble(&scans, 2026);
    }

    #[test]
    fn near_misses_make_a_label(texts in proptest::collection::vec("(\\]d2|\\]C1|\\+[A-Z]|=|\\[\\)>|\\()?(01[0-9]{14})?(10|21|17|11|02)?[0-9A-Z+/$\x1d=)|_]{0,30}", 0..4)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let label = read(&texts);
        prop_assert_eq!(label.udi.is_none() , matches!(label.outcome, Outcome::Ambiguous | Outcome::NotADevice | Outcome::Incomplete) || (label.outcome == Outcome::Refused && label.udi.is_none()));
    }
}
