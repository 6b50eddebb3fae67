mod cases;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::TimeZone as _;

use self::cases::{cases, day, green, lying, recall, stem, udi};
use super::*;
use crate::gs1::date::GsDate;
use crate::label::Outcome;
use crate::recall_match::Units;

#[test]
fn what_a_nurse_reads() {
    let mut said = String::new();
    for (name, case) in cases() {
        let verdict = case.verdict();
        writeln!(said, "== {name}\n{}", verdict.headline()).unwrap();
        for reason in &verdict.reasons {
            writeln!(said, "  [{}] {}\n    → {}", reason.code, reason.text, reason.action).unwrap();
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn every_row_of_the_table_has_a_case() {
    let mut seen: BTreeSet<String> = cases().iter().flat_map(|(_, case)| case.codes()).collect();
    seen.extend(fit::tests::codes_of_all_cases());
    let table: BTreeSet<String> = TABLE.iter().map(|row| row.code.to_owned()).collect();
    assert_eq!(seen, table);
}

#[test]
fn reasons_come_gravest_first_and_leave_no_gap() {
    let order = |code: &str| TABLE.iter().position(|row| row.code == code).unwrap();
    for (name, case) in cases() {
        let verdict = case.verdict();
        assert!(verdict.reasons.windows(2).all(|pair| order(&pair[0].code) <= order(&pair[1].code)), "{name}");
        for reason in &verdict.reasons {
            assert!(!reason.text.contains(['{', '}']) && !reason.text.contains("  "), "{name}: {}", reason.text);
            assert!(!reason.action.contains(['{', '}']), "{name}: {}", reason.action);
        }
    }
}

#[test]
fn a_device_is_good_until_the_end_of_its_last_day_in_london() {
    // 23:30 UTC on 30 June is 00:30 on 1 July in London.
    let at = |hour, minute| {
        let now = Utc.with_ymd_and_hms(2026, 6, 30, hour, minute, 0).unwrap();
        green().with(|c| {
            c.now = now;
            c.today = london_date(now);
            c.snapshot_taken = now;
            c.udi().expiry = GsDate::month(2026, 6);
        })
    };
    assert_eq!(at(22, 59).codes(), ["expires-soon"]);
    assert_eq!(at(23, 0).codes(), ["expired"]);
}

#[test]
fn warning_time_is_counted_in_whole_days() {
    let expiring = |date| green().with(|c| c.udi().expiry = Some(GsDate::on(date)));
    assert_eq!(expiring(day(2026, 7, 31)).codes(), ["expires-soon"]);
    assert!(expiring(day(2026, 8, 1)).codes().is_empty());
}

#[test]
fn the_snapshot_is_good_up_to_its_limit_and_not_from_the_future() {
    let taken = |minutes| green().with(|c| c.snapshot_taken = c.now - chrono::Duration::minutes(minutes));
    assert!(taken(24 * 60).codes().is_empty());
    assert_eq!(taken(24 * 60 + 1).codes(), ["snapshot-old"]);
    assert!(taken(-4).codes().is_empty());
    assert_eq!(taken(-6).codes(), ["clock-in-doubt"]);
}

#[test]
fn a_date_that_is_not_today_is_a_doubtful_clock() {
    assert_eq!(green().with(|c| c.today = day(2026, 7, 2)).codes(), ["clock-in-doubt"]);
    assert_eq!(green().with(|c| c.today = day(2026, 6, 30)).codes(), ["clock-in-doubt"]);
}

#[test]
fn an_ambiguous_label_stops_only_for_what_holds_in_every_reading() {
    let expired = GsDate::on(day(2025, 1, 31));
    let two = |first: Option<GsDate>, second: Option<GsDate>| {
        green().with(|c| {
            c.label.outcome = Outcome::Ambiguous;
            c.label.candidates = vec![udi(), udi()];
            c.label.candidates[0].expiry = first;
            c.label.candidates[1].expiry = second;
            c.label.candidates[1].lot = Some("HM26A114B".parse().unwrap());
            c.recalls.push(recall(Some("09521001000123"), None, None, Units::Lot("HM26A114".to_owned())));
        })
    };
    assert_eq!(two(Some(expired), Some(expired)).codes(), ["expired", "recalled-in-one-reading", "ambiguous"]);
    assert_eq!(
        two(Some(expired), None).codes(),
        ["recalled-in-one-reading", "expired-in-one-reading", "ambiguous", "no-expiry"]
    );
}

#[test]
fn what_may_be_a_recalled_lot_is_named_first_and_stops_once_it_is_chosen() {
    let unclear = green().with(|c| {
        c.label.outcome = Outcome::Ambiguous;
        let mut other = udi();
        other.lot = Some("HM26A114172806".parse().unwrap());
        other.expiry = Some(GsDate::on(day(2025, 1, 31)));
        c.label.candidates = vec![other, udi()];
        c.recalls.push(recall(Some("09521001000123"), None, None, Units::Lot("HM26A114".to_owned())));
    });
    let verdict = unclear.verdict();
    assert_eq!((verdict.answer, verdict.reasons[0].code.as_str()), (Answer::Look, "recalled-in-one-reading"));
    assert!(verdict.reasons[0].text.contains("lot HM26A114 and expiry 30 June 2028"), "{}", verdict.reasons[0].text);
    let chosen = |nth: usize| {
        let mut candidates = unclear.label.candidates.clone();
        let udi = candidates.swap_remove(nth);
        let recalls = unclear.recalls.clone();
        green().with(|c| {
            c.label.udi = Some(udi);
            c.recalls = recalls;
        })
    };
    assert_eq!(chosen(1).codes(), ["recalled"]);
    assert_eq!(chosen(0).codes(), ["expired"]);
}

#[test]
fn a_pack_set_apart_for_its_recall_is_told_of_once() {
    let recalled = |lot: &str| {
        green().with(|c| {
            c.shelf.push(lying("HM26A114", Some(ApartFor::Recalled)));
            c.recalls.push(recall(Some("09521001000123"), None, None, Units::Lot(lot.to_owned())));
        })
    };
    assert_eq!(recalled("HM26A114").codes(), ["recalled"]);
    // The notice names another lot now: somebody has yet to release these packs.
    assert_eq!(recalled("HM26A115").codes(), ["set-apart"]);
}

#[test]
fn what_is_set_apart_in_one_reading_is_looked_at() {
    let case = green().with(|c| {
        c.label.outcome = Outcome::Ambiguous;
        let mut other = udi();
        other.lot = Some("HM26A114172806".parse().unwrap());
        c.label.candidates = vec![other, udi()];
        c.shelf.push(lying("HM26A114", Some(ApartFor::Damaged)));
    });
    assert_eq!(case.codes(), ["may-be-set-apart", "ambiguous"]);
}

#[test]
fn nothing_unread_is_green() {
    for outcome in [Outcome::Ambiguous, Outcome::Refused, Outcome::Incomplete, Outcome::NotADevice, Outcome::Read] {
        for product in [None, Some(stem())] {
            let case = green().with(|c| {
                c.label.outcome = outcome;
                c.label.udi = None;
                c.product = product.clone();
            });
            assert_eq!(case.verdict().answer, Answer::Look, "{outcome:?} {product:?}");
        }
    }
}

#[test]
fn a_device_without_sides_needs_none() {
    for side in [None, Some(Side::Bilateral)] {
        let case = green().with(|c| {
            c.side = None;
            c.product().side = side;
        });
        assert_eq!(case.verdict().answer, Answer::May);
    }
}

#[test]
fn the_catalogue_excuses_what_a_pack_does_not_carry() {
    let screw = green().with(|c| {
        c.product().expiry_expected = false;
        c.udi().expiry = None;
    });
    assert_eq!(screw.verdict().answer, Answer::May);
}
