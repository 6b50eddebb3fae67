use proptest::prelude::*;

use super::*;

fn codes(uri: &str, options: LinkOptions) -> Vec<&'static str> {
    Elements::of_link(uri.as_bytes(), options).objections().iter().map(|o| o.code.name()).collect()
}

fn strict(uri: &str) -> Vec<&'static str> {
    codes(uri, LinkOptions::default())
}

fn values(uri: &str, options: LinkOptions) -> Vec<(String, String)> {
    let link = parse(uri, options);
    link.read.elements.iter().map(|e| (e.ai().to_owned(), e.text().into_owned())).collect()
}

#[test]
fn what_is_wrong_with_a_link() {
    for (uri, code) in [
        ("", "URI_CONTAINS_ILLEGAL_SCHEME"),
        ("HtTp://a/00/006141411234567890", "URI_CONTAINS_ILLEGAL_SCHEME"),
        ("http://a", "URI_MISSING_DOMAIN_AND_PATH_INFO"),
        ("https://$a/00/006141411234567890", "DOMAIN_CONTAINS_ILLEGAL_CHARACTERS"),
        ("https://a/b", "NO_GS1_DL_KEYS_FOUND_IN_PATH_INFO"),
        ("https://a/00/006141411234567890/", "NO_GS1_DL_KEYS_FOUND_IN_PATH_INFO"),
        ("https://a/01/12312312312333/10/", "AI_VALUE_PATH_ELEMENT_IS_EMPTY"),
        ("https://a/01/12312312312333/99/ABC", "INVALID_KEY_QUALIFIER_SEQUENCE"),
        ("https://a/01/09520123456788/10/A/22/2A", "INVALID_KEY_QUALIFIER_SEQUENCE"),
        ("https://a/01/09520123456788?10=ABC123", "AI_SHOULD_BE_IN_PATH_INFO"),
        ("https://a/01/09520123456788?21=ABC123", "AI_IS_NOT_VALID_DATA_ATTRIBUTE"),
        ("https://a/01/12312312312333?99=", "AI_VALUE_QUERY_ELEMENT_IN_EMPTY"),
        ("https://a/01/12312312312333?89=A", "UNKNOWN_AI_IN_QUERY_PARAMS"),
        ("https://a/01/12312312312333?99=A&99=A", "DUPLICATE_AI"),
        ("https://a/01/1231231231233%003", "DECODED_AI_FROM_DL_PATH_INFO_CONTAINS_ILLEGAL_NULL"),
        ("https://a/01/2112345678900", "AI_VALUE_IS_TOO_SHORT"),
        ("https://a/01/12312312312333/22/A%2x", "INVALID_PERCENT_SEQUENCE"),
        ("https://a/01/12312312312333?98=XYZ+987", "INVALID_CSET82_CHARACTER"),
        ("https://a/01/12312312312334", "INCORRECT_CHECK_DIGIT"),
    ] {
        assert_eq!(strict(uri), [code], "{uri}");
    }
}

#[test]
fn the_key_is_the_last_that_a_chain_of_pairs_leads_to() {
    let owned = |pairs: &[(&str, &str)]| -> Vec<_> {
        pairs.iter().map(|(ai, value)| ((*ai).to_owned(), (*value).to_owned())).collect()
    };
    for (uri, wanted) in [
        ("https://a/00/faux/00/006141411234567890", &[("00", "006141411234567890")][..]),
        ("https://[2001:db8::1]:8080/01/12312312312333?", &[("01", "12312312312333")]),
        (
            "https://a/x/y/01/12312312312333/22/t%2fs/21/z#f?99=A",
            &[("01", "12312312312333"), ("22", "t/s"), ("21", "z")],
        ),
        (
            "https://a/01/12312312312333?&&u=1&99=ABC&&s&98=X%2bY",
            &[("01", "12312312312333"), ("99", "ABC"), ("98", "X+Y")],
        ),
    ] {
        assert_eq!(values(uri, LinkOptions::default()), owned(wanted), "{uri}");
        assert!(strict(uri).is_empty(), "{uri}");
    }
}

#[test]
fn what_may_be_permitted() {
    let short = LinkOptions { zero_suppressed_gtin: true, ..LinkOptions::default() };
    assert_eq!(values("https://a/01/02345673", short), [("01".into(), "00000002345673".into())]);
    let names = LinkOptions { short_names: true, ..LinkOptions::default() };
    let wanted = [("01".to_owned(), "12312312312333".to_owned()), ("10".to_owned(), "A".to_owned())];
    assert_eq!(values("https://a/gtin/12312312312333/lot/A", names), wanted);
    assert!(!strict("https://a/gtin/12312312312333").is_empty());
    let unknown = LinkOptions { unknown_ais: true, ..LinkOptions::default() };
    let uri = "https://a/01/12312312312333?89=A";
    assert_eq!(codes(uri, unknown), ["AI_IS_NOT_VALID_DATA_ATTRIBUTE"]);
    let both = LinkOptions { unknown_attributes: true, ..unknown };
    assert!(codes(uri, both).is_empty());
    assert_eq!(values(uri, both)[1], ("89".to_owned(), "A".to_owned()));
}

#[test]
fn an_objection_points_into_the_uri() {
    let uri = "https://a/01/12312312312333/10/A%2FB%7EC";
    let read = Elements::of_link(uri.as_bytes(), LinkOptions::default());
    let (start, end) = read.objections()[0].span();
    assert_eq!(&uri[start..end], "%7E");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(uri in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = Elements::of_link(&uri, LinkOptions::default());
    }

    #[test]
    fn near_misses_do_not_panic(rest in "/(01|00|8003|253|gtin)/[0-9A%a+/?&=#^]{0,40}", all in any::<bool>()) {
        let options = LinkOptions {
            zero_suppressed_gtin: all, short_names: all, unknown_ais: all, unknown_attributes: all,
        };
        let uri = format!("https://a{rest}");
        let link = parse(&uri, options);
        for finding in &link.read.findings {
            // Of more objections than are told, only that there are more is said.
            let told = finding.span.is_some_and(|(a, b)| a <= b && b <= uri.len());
            prop_assert!(told || finding.code == "MORE_OBJECTIONS");
        }
    }

    /// The common form and whatever is near it: read in one pass or with care, the answer is the same.
    #[test]
    fn one_pass_and_care_say_the_same(
        key in "(01/00844505000772|00/006141411234567890|8003/0952114112345432aB|414/9521141123454|01/00844505000773|255/9521141123454)",
        path in "(/(10|21|22|235|254|01|17|240)/[0-9A-Z.~%_-]{0,12}){0,3}",
        query in "([?&](17|11|10|21|22|3103|240|7003|01|30|99|lang|0|255|37)=[0-9]{0,8}[A-Z+/#%]{0,1}){0,3}",
    ) {
        let uri = format!("https://id.gs1.org/{key}{path}{query}");
        let mut careful = Elements::none(uri.as_bytes());
        careful.with_care(LinkOptions::default());
        let mut quick = Elements::none(uri.as_bytes());
        if quick.quick_link() {
            prop_assert!(!careful.refused(), "{} {:?}", uri, careful.objections());
            let shown = |read: &Elements<'_>| {
                read.iter().map(|e| (e.ai.to_owned(), e.bytes().collect::<Vec<u8>>(), e.start())).collect::<Vec<_>>()
            };
            prop_assert_eq!(shown(&quick), shown(&careful), "{}", uri);
        }
    }

    #[test]
    fn what_is_written_is_read(lot in "[!-\"%-?A-Z_a-z]{1,20}", serial in "[!-\"%-?A-Z_a-z]{1,20}") {
        let message = format!("010084450500077210{lot}\u{1d}21{serial}\u{1d}99{serial}");
        let elements = crate::gs1::element_string::parse(message.as_bytes()).elements;
        let uri = uri(&elements, None).unwrap();
        let link = parse(&uri, LinkOptions::default());
        prop_assert!(!link.read.refused(), "{}: {:?}", uri, link.read.findings);
        prop_assert_eq!(link.read.value("10").unwrap(), lot);
        prop_assert_eq!(link.read.value("21").unwrap(), serial.clone());
        prop_assert_eq!(link.read.value("99").unwrap(), serial);
    }
}

#[test]
fn the_common_form_is_read_in_one_pass() {
    for (uri, quickly) in [
        ("https://id.gs1.org/01/00844505000772/10/LOT12345/21/SN12345678?17=310301", true),
        ("http://example.org/00/006141411234567890", true),
        ("https://id.gs1.org/01/00844505000772/21/SN/10/LOT", false),
        ("https://id.gs1.org/01/00844505000772?10=LOT", false),
        ("https://id.gs1.org/01/00844505000772/10/A%2F1", false),
        ("https://id.gs1.org/p/01/00844505000772", false),
        ("https://id.gs1.org/01/00844505000772/10/LOT?lang=en", false),
        ("https://id.gs1.org/01/00844505000772?17=310301&17=310301", false),
        ("https:///01/00844505000772", false),
        ("https://id.gs1.org/", false),
    ] {
        assert_eq!(Elements::none(uri.as_bytes()).quick_link(), quickly, "{uri}");
    }
}
