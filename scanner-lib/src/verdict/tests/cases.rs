//! A question that is answered green, and what can be changed about it: one case for each row of the table.

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};

use crate::finding::{Finding, Severity};
use crate::gs1::date::GsDate;
use crate::label::{Label, Outcome};
use crate::recall_match::{Criterion, Units};
use crate::udi::{DeviceIdentifier, Issuer, Udi};
use crate::verdict::{ApartFor, Limits, ProductFacts, Question, RecallFacts, ShelfPacks, Side, Verdict, judge};

pub(super) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub(super) fn gtin(text: &str) -> DeviceIdentifier {
    DeviceIdentifier { issuer: Issuer::Gs1, text: text.to_owned() }
}

pub(super) fn stem() -> ProductFacts {
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

pub(super) fn udi() -> Udi {
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
pub(super) struct Case {
    pub(super) label: Label,
    pub(super) product: Option<ProductFacts>,
    pub(super) recalls: Vec<RecallFacts>,
    pub(super) shelf: Vec<ShelfPacks>,
    pub(super) side: Option<Side>,
    pub(super) serial_elsewhere: Option<bool>,
    pub(super) clock_in_doubt: bool,
    pub(super) today: NaiveDate,
    pub(super) now: DateTime<Utc>,
    pub(super) snapshot_taken: DateTime<Utc>,
}

pub(super) fn green() -> Case {
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
    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn udi(&mut self) -> &mut Udi {
        self.label.udi.as_mut().unwrap()
    }

    pub(super) fn product(&mut self) -> &mut ProductFacts {
        self.product.as_mut().unwrap()
    }

    pub(super) fn verdict(&self) -> Verdict {
        judge(&self.question())
    }

    pub(super) fn question(&self) -> Question<'_> {
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

    pub(super) fn codes(&self) -> Vec<String> {
        self.verdict().reasons.into_iter().map(|reason| reason.code).collect()
    }
}

pub(super) fn recall(device: Option<&str>, maker: Option<&str>, reference: Option<&str>, units: Units) -> RecallFacts {
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

pub(super) fn lying(lot: &str, apart: Option<ApartFor>) -> ShelfPacks {
    ShelfPacks { lot: Some(lot.to_owned()), serial: None, apart }
}

/// One case for each row of the table, and some that take two.
#[expect(clippy::too_many_lines, reason = "a list of cases, to be read from top to bottom")]
pub(super) fn cases() -> Vec<(&'static str, Case)> {
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
        (
            "what looks like its lot is set apart",
            green().with(|c| c.shelf.push(lying("HM26AII4", Some(ApartFor::Recalled)))),
        ),
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
