use super::*;

fn answer(text: &str, kind: Kind) -> Answer {
    explain(&Request::new(text, kind), 2026)
}

fn code(text: &str, kind: Kind) -> String {
    answer(text, kind).findings.first().map(|f| f.code.to_string()).unwrap_or_default()
}

#[test]
fn a_decoders_bytes_say_what_carried_them() {
    for (text, wanted) in [
        ("", "MISSING_SYMBOLOGY_IDENTIFIER"),
        ("ABC", "MISSING_SYMBOLOGY_IDENTIFIER"),
        ("]X", "MISSING_SYMBOLOGY_IDENTIFIER"),
        ("]XX", "UNSUPPORTED_SYMBOLOGY_IDENTIFIER"),
        ("]d2", "AI_DATA_EMPTY"),
        ("]E0123456789012", "PRIMARY_SCAN_DATA_IS_TOO_SHORT"),
        ("]E012345678901234", "PRIMARY_MESSAGE_IS_TOO_LONG"),
        ("]E01234ABC890123", "PRIMARY_MESSAGE_MAY_ONLY_CONTAIN_DIGITS"),
        ("]E02112345678901", "PRIMARY_MESSAGE_CHECK_DIGIT_IS_INCORRECT"),
        ("]Q1https://a/NOPRIMARYAI", "NO_GS1_DL_KEYS_FOUND_IN_PATH_INFO"),
        ("]C101123123123133^10ABC", "SCAN_DATA_CONTAINS_ILLEGAL_CARAT"),
    ] {
        let got = answer(text, Kind::Scan);
        assert_eq!((got.outcome, code(text, Kind::Scan).as_str()), (Outcome::Refused, wanted), "{text:?}");
    }
    for text in [
        "]Q1\\^TESTING",
        "]d1",
        "]J0HELLO",
        "]Q1HtTps://example.com/01/12312312312333",
        "]E02112345678900",
        "]C0A1",
        "]I115012345678907",
    ] {
        let got = answer(text, Kind::Scan);
        assert_eq!((got.outcome, got.plain.as_deref()), (Outcome::Plain, Some(&text[3..])), "{text}");
    }
    for carrier in ["]C1", "]d2", "]Q3", "]J1", "]e0", "]e1", "]e2"] {
        let got = answer(&format!("{carrier}0112312312312333"), Kind::Scan);
        assert_eq!((got.outcome, got.elements.len()), (Outcome::Ok, 1), "{carrier}");
    }
}

#[test]
fn a_composite_component_is_read_beside_its_retail_number() {
    let got = answer("]E0001234000057|]e099COMPOSITE\u{1d}98XYZ", Kind::Scan);
    assert_eq!(code("]E0001234000057|]e099COMPOSITE", Kind::Scan), "PRIMARY_MESSAGE_IS_TOO_LONG");
    assert_eq!(got.outcome, Outcome::Refused);
    let got = answer("]E00001234000057|]e099COMPOSITE\u{1d}98XYZ", Kind::Scan);
    assert_eq!(got.outcome, Outcome::Ok);
    assert_eq!(got.elements.len(), 2);
    let wrong = answer("]E00001234000057|]e0991\u{1d}17261301", Kind::Scan);
    assert_eq!(wrong.findings[0].span, Some((28, 30)));
}

#[test]
fn what_a_scanner_typed_is_repaired_or_left_open() {
    let whole = answer("]d2010084450500077210122927{GS}2107\r\n", Kind::Wedge);
    assert_eq!(whole.outcome, Outcome::Ok);
    assert_eq!(whole.udi.unwrap().lot.unwrap().as_str(), "122927");
    assert!(!whole.findings.is_empty());
    let open = answer("]d20100844505000772101229272107", Kind::Wedge);
    assert_eq!((open.outcome, open.udi), (Outcome::Ambiguous, None));
    assert_eq!(open.elements, [("01".to_owned(), "00844505000772".to_owned())]);
    assert!(open.candidates.iter().any(|c| c.fields.serial.as_deref() == Some("07")));
}

#[test]
fn scans_of_one_pack_are_one_answer() {
    let input = Input::Several(["]C110ABC123", "]C10112312312312333", "]C110ABC123"].map(str::to_owned).to_vec());
    let request = Request { input, kind: Kind::Wedge, opts: Options { requisites: true, ..Options::default() } };
    let got = explain(&request, 2026);
    assert_eq!((got.outcome, got.elements.len()), (Outcome::Ok, 2), "{got:?}");
    let half = Request { input: Input::One("]C110ABC123".to_owned()), ..request };
    assert_eq!(explain(&half, 2026).findings[0].code, "REQUIRED_AIS_NOT_SATISFIED");
    let input = Input::Several(["]C10112312312312333", "]C10212312312312326\u{1d}3712"].map(str::to_owned).to_vec());
    let got = explain(&Request { input, kind: Kind::Scan, opts: Options::default() }, 2026);
    assert_eq!((got.outcome, got.findings[0].code.as_ref()), (Outcome::Refused, "INVALID_AI_PAIRS"));
}

#[test]
fn what_was_pasted_is_told_by_its_looks() {
    for (text, elements) in [
        (" (01)00844505000772 (10)A", 2),
        ("https://id.gs1.org/01/00844505000772/10/A?lang=en", 2),
        ("]d2010084450500077210A", 2),
        ("+A99912345/$10X3/16D20111231/14D20200131/Q500Z", 5),
    ] {
        let got = answer(text, Kind::Auto);
        assert_eq!((got.outcome, got.elements.len()), (Outcome::Ok, elements), "{text}: {got:?}");
    }
    assert_eq!(answer("hello", Kind::Auto).outcome, Outcome::Plain);
    assert_eq!(answer("", Kind::Auto).outcome, Outcome::Refused);
}

#[test]
fn an_answer_survives_json() {
    let got = answer("]d2010084450500077210122927\u{1d}2107", Kind::Scan);
    let text = serde_json::to_string(&got).unwrap();
    assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), got);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["outcome"], "ok");
    assert_eq!(value["agency"], "GS1");
    assert_eq!(value["elements"][1], serde_json::json!(["10", "122927"]));
    assert_eq!(value["fields"]["di"], "00844505000772");
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}", kind in 0_usize..6) {
        let kinds = [Kind::Auto, Kind::Scan, Kind::Wedge, Kind::Bracketed, Kind::DlUri, Kind::EpcHex];
        let got = answer(&text, kinds[kind]);
        proptest::prop_assert!(got.outcome != Outcome::Refused || !got.findings.is_empty());
        let _ = words::lines(&got, 2026);
    }
}

#[test]
fn a_second_scan_settles_a_dropped_separator() {
    let texts = ["]d201008445050007721012292717310301", "]C1240K6870{GS}10122927"];
    let input = Input::Several(texts.map(str::to_owned).to_vec());
    let asked = Request { input, ..Request::new("", Kind::Wedge) };
    // The second shows that the scanner types {GS}: the first lost nothing, and its lot contradicts the second's.
    assert_eq!(explain(&asked, 2026).outcome, Outcome::Refused);
    let texts = ["]d2010084450500077210LOT7A17310301", "]C110LOT7A"];
    let asked = Request { input: Input::Several(texts.map(str::to_owned).to_vec()), ..Request::new("", Kind::Wedge) };
    let got = explain(&asked, 2026);
    assert_eq!(got.outcome, Outcome::Ok, "{got:?}");
    assert_eq!((got.fields.lot.as_deref(), got.fields.expiry.as_deref()), (Some("LOT7A"), Some("2031-03-01")));
    assert!(got.findings.iter().any(|f| f.code == "SETTLED_BY_ANOTHER_SCAN"));
    // Lot 122927, or lot 1 with variant 927: both barcodes may say either, and no reading contradicts itself.
    let texts = ["]d201008445050007721012292717310301", "]C11731030110122927"];
    let asked = Request { input: Input::Several(texts.map(str::to_owned).to_vec()), ..Request::new("", Kind::Wedge) };
    let got = explain(&asked, 2026);
    assert_eq!(got.outcome, Outcome::Ambiguous);
    let lots = |candidate: &Candidate| candidate.elements.iter().filter(|(tag, _)| tag == "10").count();
    assert!(got.candidates.iter().all(|candidate| lots(candidate) == 1), "{:?}", got.candidates);
}

#[test]
fn what_an_element_needs_may_stand_on_another_barcode() {
    let ask = |texts: &[&str]| {
        let input = Input::Several(texts.iter().map(|text| (*text).to_owned()).collect());
        let opts = Options { requisites: true, ..Options::default() };
        explain(&Request { input, kind: Kind::Scan, opts }, 2026)
    };
    let pack = ask(&["]C110LOT7", "]C1010084450500077217310301"]);
    assert_eq!((pack.outcome, pack.elements.len()), (Outcome::Ok, 3), "{:?}", pack.findings);
    let udi = pack.udi.unwrap();
    assert_eq!((udi.device.text.as_str(), udi.lot.unwrap().as_str()), ("00844505000772", "LOT7"));
    let half = ask(&["]C110LOT7", "]C117310301"]);
    assert_eq!((half.outcome, half.findings[0].code.as_ref()), (Outcome::Refused, "REQUIRED_AIS_NOT_SATISFIED"));
}
