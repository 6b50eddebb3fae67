use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::TimeZone as _;

use super::*;
use crate::finding::{Finding, Severity};
use crate::gs1::date::GsDate;
use crate::label::Outcome;
use crate::recall_match::Units;
use crate::udi::{Issuer, Udi};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn gtin(text: &str) -> DeviceIdentifier {
    DeviceIdentifier { issuer: Issuer::Gs1, text: text.to_owned() }
}

fn stem() -> ProductFacts {
    ProductFacts {
        name: "Harrowmere Fellgate hip stem, size 12, right".to_owned(),
        maker: "Harrowmere Orthopaedics".to_owned(),
        reference: Some("FG-110-12R".to_owned()),
        identifiers: vec![gtin("09521001000123")],
        side: Some(Side::Right),
        lot_expected: true,
        serial_expected: false,
        expiry_expected: true,
    }
}

fn udi() -> Udi {
    Udi {
        device: gtin("09521001000123"),
        lot: Some("HM26A114".parse().unwrap()),
        serial: None,
        expiry: Some(GsDate::on(day(2028, 6, 30))),
        manufacture: None,
        reference: None,
        elements: vec![],
        findings: vec![],
    }
}

/// Everything that a question borrows; starts out green.
struct Case {
    label: Label,
    product: Option<ProductFacts>,
    recalls: Vec<RecallFacts>,
    shelf: Vec<ShelfPacks>,
    side: Option<Side>,
    serial_elsewhere: Option<bool>,
    clock_in_doubt: bool,
    today: NaiveDate,
    now: DateTime<Utc>,
    snapshot_taken: DateTime<Utc>,
}

fn green() -> Case {
    let now = Utc.with_ymd_and_hms(2026, 7, 1, 9, 0, 0).unwrap();
    Case {
        label: Label {
            outcome: Outcome::Read,
            udi: Some(udi()),
            candidates: vec![],
            findings: vec![],
            ignored: vec![],
        },
        product: Some(stem()),
        recalls: vec![],
        shelf: vec![],
        side: Some(Side::Right),
        serial_elsewhere: Some(false),
        clock_in_doubt: false,
        today: day(2026, 7, 1),
        now,
        snapshot_taken: now - chrono::Duration::hours(1),
    }
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn udi(&mut self) -> &mut Udi {
        self.label.udi.as_mut().unwrap()
    }

    fn product(&mut self) -> &mut ProductFacts {
        self.product.as_mut().unwrap()
    }

    fn verdict(&self) -> Verdict {
        judge(&self.question())
    }

    /// The codes where the other parts cannot be asked for.
    fn apart(&self) -> Vec<String> {
        judge_apart(&self.question()).reasons.into_iter().map(|reason| reason.code).collect()
    }

    fn question(&self) -> Question<'_> {
        Question {
            label: &self.label,
            product: self.product.as_ref(),
            recalls: &self.recalls,
            procedure_side: self.side,
            serial_in_another_patient: self.serial_elsewhere,
            shelf: &self.shelf,
            today: self.today,
            clock_in_doubt: self.clock_in_doubt,
            snapshot_taken: self.snapshot_taken,
            now: self.now,
            limits: Limits::default(),
        }
    }

    fn codes(&self) -> Vec<String> {
        self.verdict().reasons.into_iter().map(|reason| reason.code).collect()
    }
}

fn recall(device: Option<&str>, maker: Option<&str>, reference: Option<&str>, units: Units) -> RecallFacts {
    RecallFacts {
        reference: "TES-2026-009".to_owned(),
        title: "Coating may flake".to_owned(),
        criteria: vec![Criterion {
            device: device.map(gtin),
            maker: maker.map(str::to_owned),
            reference: reference.map(str::to_owned),
            units,
        }],
    }
}

fn lying(lot: &str, apart: Option<ApartFor>) -> ShelfPacks {
    ShelfPacks { lot: Some(lot.to_owned()), serial: None, apart }
}

/// One case for each row of the table, and some that take two.
#[expect(clippy::too_many_lines, reason = "a list of cases, to be read from top to bottom")]
fn cases() -> Vec<(&'static str, Case)> {
    let lot = |text: &str| Units::Lot(text.to_owned());
    let this = Some("09521001000123");
    vec![
        ("everything checked", green()),
        ("recalled lot", green().with(|c| c.recalls.push(recall(this, None, None, lot("HM26A114"))))),
        (
            "recalled by maker and catalogue number",
            green().with(|c| {
                c.recalls.push(recall(None, Some("Harrowmere Orthopaedics"), Some("FG-110-12R"), lot("HM26A114")));
            }),
        ),
        ("recalled lot looks alike", green().with(|c| c.recalls.push(recall(this, None, None, lot("HM26A1I4"))))),
        ("another lot is recalled", green().with(|c| c.recalls.push(recall(this, None, None, lot("HM26A1145"))))),
        (
            "nobody can be asked about the serial",
            green().with(|c| {
                c.serial_elsewhere = None;
                c.udi().serial = Some("S-4417".parse().unwrap());
            }),
        ),
        ("a practice pack in an operation", green().with(|c| c.udi().device = gtin("09521990000012"))),
        (
            "serial is in another patient",
            green().with(|c| {
                c.serial_elsewhere = Some(true);
                c.udi().serial = Some("S-4417".parse().unwrap());
            }),
        ),
        ("its lot is set apart as damaged", green().with(|c| c.shelf.push(lying("HM26A114", Some(ApartFor::Damaged))))),
        ("its lot is in question", green().with(|c| c.shelf.push(lying("HM26A114", Some(ApartFor::InQuestion))))),
        ("what looks like its lot is set apart", green().with(|c| c.shelf.push(lying("HM26AII4", Some(ApartFor::Recalled))))),
        ("wrong side", green().with(|c| c.side = Some(Side::Left))),
        ("expired yesterday", green().with(|c| c.udi().expiry = Some(GsDate::on(day(2026, 6, 30))))),
        ("expired last month, day 00", green().with(|c| c.udi().expiry = GsDate::month(2026, 6))),
        ("expires today", green().with(|c| c.udi().expiry = Some(GsDate::on(day(2026, 7, 1))))),
        ("expires within the warning time", green().with(|c| c.udi().expiry = GsDate::month(2026, 7))),
        (
            "ambiguous, expired in one reading",
            green().with(|c| {
                c.label.outcome = Outcome::Ambiguous;
                let mut other = udi();
                other.lot = Some("HM26A11417260630".parse().unwrap());
                other.expiry = Some(GsDate::on(day(2026, 6, 30)));
                c.label.candidates = vec![udi(), other];
            }),
        ),
        (
            "ambiguous, recalled in one reading",
            green().with(|c| {
                c.label.outcome = Outcome::Ambiguous;
                let mut other = udi();
                other.lot = Some("HM26A114172806".parse().unwrap());
                c.label.candidates = vec![other, udi()];
                c.recalls.push(recall(this, None, None, lot("HM26A114")));
            }),
        ),
        (
            "ambiguous, recalled in every reading",
            green().with(|c| {
                c.label.outcome = Outcome::Ambiguous;
                let mut other = udi();
                other.lot = Some("HM26A114172806".parse().unwrap());
                c.label.candidates = vec![other, udi()];
                c.recalls.push(recall(this, None, None, Units::All));
            }),
        ),
        (
            "a wristband",
            green().with(|c| {
                c.label = Label {
                    outcome: Outcome::NotADevice,
                    udi: None,
                    candidates: vec![],
                    findings: vec![],
                    ignored: vec![],
                };
                c.product = None;
            }),
        ),
        (
            "half of a two-part label",
            green().with(|c| {
                c.label = Label {
                    outcome: Outcome::Incomplete,
                    udi: None,
                    candidates: vec![],
                    findings: vec![],
                    ignored: vec![],
                };
                c.product = None;
            }),
        ),
        (
            "refused for its check digit",
            green().with(|c| {
                c.label.outcome = Outcome::Refused;
                let text = "The number 09521001000124 fails its check digit; 3 would be right.";
                let finding = Finding::new("IncorrectCheckDigit", Severity::Error, text);
                c.label.findings.push(finding.clone());
                c.udi().findings.push(finding);
            }),
        ),
        ("unknown product", green().with(|c| c.product = None)),
        (
            "unknown product, bare label",
            green().with(|c| {
                c.product = None;
                c.udi().lot = None;
                c.udi().expiry = None;
            }),
        ),
        ("operation without a side", green().with(|c| c.side = None)),
        ("operation on both sides", green().with(|c| c.side = Some(Side::Bilateral))),
        (
            "label without what the catalogue promises",
            green().with(|c| {
                c.product().serial_expected = true;
                c.udi().lot = None;
                c.udi().expiry = None;
            }),
        ),
        ("old data", green().with(|c| c.snapshot_taken = c.now - chrono::Duration::hours(75))),
        ("doubtful clock", green().with(|c| c.clock_in_doubt = true)),
        (
            "other findings",
            green().with(|c| {
                c.label.findings = vec![
                    Finding::new("InvalidAIRequisite", Severity::Error, "A lot stands without its device."),
                    Finding::new(
                        "ContradictingLots",
                        Severity::Warning,
                        "Two barcodes of the pack give different lots.",
                    ),
                    Finding::new("IgnoredCode", Severity::Note, "An EAN code was ignored."),
                ];
            }),
        ),
    ]
}

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
    seen.extend(green().apart());
    let table: BTreeSet<String> = TABLE.iter().map(|row| row.code.to_owned()).collect();
    assert_eq!(seen, table);
}

#[test]
fn a_part_that_cannot_be_held_against_the_others_is_looked_at() {
    assert_eq!(green().apart(), ["fit-not-asked"]);
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
