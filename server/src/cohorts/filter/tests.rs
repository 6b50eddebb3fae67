use super::*;
use proptest::prelude::*;

fn filter(text: &str) -> Filter {
    text.parse().unwrap()
}

#[test]
fn one_cohort_has_one_text() {
    let text = "sex:male,Female  until:2026-06-30 maker:\"Halden Orthopaedics\",Fellgate age:60..75 site:rxx02,RXX01 \
                implanted:2015..2020-03 procedure:W37.1";
    let canonical = "maker:Fellgate,\"Halden Orthopaedics\" procedure:W371 site:RXX01,RXX02 sex:female,male age:60..75 \
                     implanted:2015-01-01..2020-03-31 until:2026-06-30";
    assert_eq!(filter(text).to_string(), canonical);
    assert_eq!(filter(canonical), filter(text));
    assert_eq!(filter("").to_string(), "");
    assert_eq!(filter("age:..64").to_string(), "age:..64");
    assert_eq!(filter("age:70").ages, Some((70, 70)));
    assert_eq!(filter("implanted:2024-02..").from, "2024-02-01".parse().ok());
    assert_eq!(filter("until:2024-02").until, "2024-02-29".parse().ok());
}

#[test]
fn selections_are_every_combination_and_share_nobody() {
    let today = "2026-11-23".parse().unwrap();
    let all = filter("site:RXX01,RXX02 sex:female,male side:left").selections(today);
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|one| one.side == Some(Side::Left) && one.until == today));
    let distinct: std::collections::HashSet<_> = all.iter().map(|one| (one.site, one.sex)).collect();
    assert_eq!(distinct.len(), 4);
    assert_eq!(filter("until:2030-01-01").selections(today)[0].until, today, "the future is not known");
}

#[test]
fn mistakes_are_told_in_plain_words() {
    for (text, words) in [
        ("hip", "\"hip\" is no term: write a name, a colon and a value, such as sex:female"),
        ("colour:red", "there is no term \"colour\"; the terms are device, category,"),
        ("attribute.:36", "there is no term \"attribute.\""),
        ("bearing:", "\"bearing:\" has no value"),
        ("bearing:a bearing:b", "\"bearing:\" stands twice"),
        ("bmi:heavy", "write whole numbers, such as 25..29"),
        ("bmi:40..30", "the first is not to be above the second"),
        ("asa:0", "write a grade from 1 to 6"),
        ("surgeon:Smith", "write the surgeon's identifier in the registry"),
        ("sex:female sex:male", "\"sex:\" stands twice: separate its values by commas, as in sex:a,b"),
        ("sex:", "\"sex:\" has no value"),
        ("sex:f", "\"f\" cannot stand after sex: write female, male, other or unknown"),
        ("age:75..60", "the first age is not to be above the second"),
        ("age:old", "write years, such as 60..74"),
        ("age:60,70", "write years, such as 60..74"),
        ("implanted:2020..2015", "the first day is not to be after the second"),
        ("implanted:2015-13", "write years, months or days"),
        ("until:tomorrow", "write a day, such as 2026-06-30"),
        ("procedure:hip", "write an OPCS-4 code, such as W37.1"),
        ("site:0123456789", "write an ODS site code"),
        ("device:stem", "write the product's identifier"),
        ("maker:\"Halden", "a quotation mark is not closed after \"maker:\""),
    ] {
        let error = text.parse::<Filter>().unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    let many: Vec<String> = (0..300).map(|n| format!("R{n:03}")).collect();
    assert_eq!(format!("site:{}", many.join(",")).parse::<Filter>(), Err(FilterError::TooMany(300)));
    assert_eq!("x".repeat(LONGEST + 1).parse::<Filter>(), Err(FilterError::TooLong));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        if let Ok(read) = text.parse::<Filter>() {
            prop_assert_eq!(read.to_string().parse::<Filter>(), Ok(read));
        }
    }

    #[test]
    fn terms_at_random(text in "((sex|age|bmi|asa|indication|site|maker|implanted|until|side):[a-z0-9\"., -]{0,12} ?){0,4}") {
        if let Ok(read) = text.parse::<Filter>() {
            prop_assert_eq!(read.to_string().parse::<Filter>(), Ok(read));
        }
    }
}

#[test]
fn who_operated_why_and_on_whom() {
    let surgeon = "01930000-0000-7000-8000-000000000007";
    let text = format!("asa:3,2 indication:\"M16.1 Primary coxarthrosis\",fracture bmi:30.. surgeon:{surgeon}");
    let canonical = format!("surgeon:{surgeon} indication:fracture,\"m16.1 primary coxarthrosis\" bmi:30.. asa:2,3");
    assert_eq!(filter(&text).to_string(), canonical);
    let all = filter(&text).selections("2026-11-23".parse().unwrap());
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|one| one.bmi == Some((30, 254)) && one.surgeon == surgeon.parse().ok()));
    let distinct: std::collections::HashSet<_> = all.iter().map(|one| (one.indication, one.asa)).collect();
    assert_eq!(distinct.len(), 4);
}

#[test]
fn attributes_of_the_product() {
    let text = "sex:male fixation:Cemented,hybrid attribute.head-diameter:36 bearing:\"Ceramic on polyethylene\"";
    let read = filter(text);
    let written = read.to_string();
    assert_eq!(
        written,
        "bearing:\"ceramic on polyethylene\" fixation:cemented,hybrid attribute.head-diameter:36 sex:male"
    );
    assert_eq!(filter(&written), read);
    assert!(read.is_about_products() && read.products.is_empty());
}
