//! The scenes of the practice theatre. Which answer is right is not written down: it follows from the verdict.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};
use tessera_scanner::handheld::wristband;
use tessera_scanner::label::{Label, Outcome, assemble};
use tessera_scanner::recall_match::{Criterion, Units};
use tessera_scanner::udi::{DeviceIdentifier, Entry, Issuer, RawScan};
use tessera_scanner::verdict::{
    Answer, Limits, ProductFacts, Question, Reason, RecallFacts, Side, Verdict, judge_in_practice, london_date,
};

use super::drawing::{self, Drawing, NotDrawn};

/// One thing to scan and to decide about.
#[derive(Clone, Debug)]
pub struct Scene {
    /// In a few words, shown once it is decided.
    pub title: &'static str,
    /// What the person is told.
    pub told: &'static str,
    /// What the barcodes of the sheet say.
    pub barcodes: Vec<Barcode>,
    /// What is printed beside them.
    pub printed: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Wristband,
    Pack,
}

/// One barcode of the sheet: a GS1 element string.
#[derive(Clone, Debug)]
pub struct Barcode {
    /// Bars (GS1-128) or a square (Data Matrix).
    pub bars: bool,
    /// The message; its separator is GS.
    pub message: String,
}

impl Barcode {
    /// As it is printed.
    ///
    /// # Errors
    /// Where no such barcode holds the message.
    pub fn drawing(&self) -> Result<Drawing, NotDrawn> {
        if self.bars { drawing::gs1_128(&self.message) } else { drawing::data_matrix(&self.message) }
    }
}

/// What came of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing that the scene is about.
    Nothing,
    /// Another pack or wristband of the sheet, or a real one.
    Another,
    /// This is told.
    Told(Verdict),
}

/// The patient of the scenes, and somebody with a like name.
const PATIENT: &str = "9990001006";
const PATIENT_BAND: &str = "801850508989990001006991RX1RA,A901,,\u{1d}93PRACTICE,Amy,23-Dec-1981,";
const OTHER_BAND: &str = "801850508989990001014491RX1RA,A902,,\u{1d}93PRACTICE,Anne,12-Mar-1958,";

const STEM_RIGHT: &str = "09521990000012";
const STEM_LEFT: &str = "09521990000029";
const CUP: &str = "09521990000036";
const RECALLED_LOT: &str = "PRAC-113";

/// The scenes with the dates of this day.
pub fn scenes(today: NaiveDate) -> Vec<Scene> {
    let later = today + Days::new(900);
    vec![
        band(
            "A wristband of somebody else",
            "On the table is Amy Practice, born 23 December 1981. Scan wristband 1.",
            OTHER_BAND,
            "PRACTICE, Anne · born 12 March 1958",
        ),
        band("The patient’s wristband", "Scan wristband 2.", PATIENT_BAND, "PRACTICE, Amy · born 23 December 1981"),
        pack(
            "A pack that may be opened",
            "The right hip is operated on. Scan pack 3, a hip stem for the right side.",
            square(STEM_RIGHT, later, "PRAC-101"),
        ),
        pack(
            "A pack with two barcodes",
            "Scan pack 4, a cup. Its label has two barcodes: scan both.",
            two_bars(CUP, later, "PRAC-102"),
        ),
        pack("A pack that has expired", "Scan pack 5, another cup.", square(CUP, today - Days::new(40), "PRAC-088")),
        pack(
            "A pack for the other side",
            "Scan pack 6, a hip stem. It is still the right hip.",
            square(STEM_LEFT, later, "PRAC-103"),
        ),
        pack("A recalled lot", "Scan pack 7, a hip stem for the right side.", square(STEM_RIGHT, later, RECALLED_LOT)),
        pack("A torn label", "Scan pack 8, a cup. The lower half of its label is torn away.", torn(CUP)),
        pack("A pack that expires soon", "Scan pack 9, a cup.", square(CUP, today + Days::new(12), "PRAC-090")),
    ]
}

impl Scene {
    /// Whether it is about a wristband, else about a pack.
    pub fn is_wristband(&self) -> bool {
        self.kind == Kind::Wristband
    }

    /// The verdict's headline: a wristband is nothing that is implanted.
    pub fn headline(&self, verdict: &Verdict) -> &'static str {
        match (self.kind, verdict.answer) {
            (Kind::Pack, _) => verdict.headline(),
            (Kind::Wristband, Answer::May) => "This is the patient",
            (Kind::Wristband, Answer::Look) => "Look at this",
            (Kind::Wristband, Answer::Stop) => "Stop: another patient",
        }
    }

    /// What is told of these scans, as if in theatre now.
    pub fn seen(&self, scans: &[Vec<u8>], now: DateTime<Utc>) -> Seen {
        match self.kind {
            Kind::Wristband => self.band_seen(scans),
            Kind::Pack => self.pack_seen(scans, now),
        }
    }

    /// What is right to do: what the verdict on everything that the sheet shows comes to.
    pub fn right(&self, now: DateTime<Utc>) -> Answer {
        let all: Vec<Vec<u8>> = self.barcodes.iter().map(Barcode::typed).collect();
        match self.seen(&all, now) {
            Seen::Told(verdict) => verdict.answer,
            Seen::Nothing | Seen::Another => Answer::Stop,
        }
    }

    fn band_seen(&self, scans: &[Vec<u8>]) -> Seen {
        let Some(band) = scans.last().and_then(|scan| wristband::read(scan, &wristband::PROFILES).ok()) else {
            return Seen::Nothing;
        };
        let expected = self.barcodes.first().and_then(|one| wristband::read(&one.typed(), &wristband::PROFILES).ok());
        if expected.and_then(|expected| expected.nhs_number) != band.nhs_number {
            return Seen::Another;
        }
        if band.nhs_number.as_ref().is_some_and(|number| number.digits() == PATIENT) {
            return Seen::Told(Verdict { answer: Answer::May, reasons: Vec::new() });
        }
        let reason = Reason {
            code: "another-patient".to_owned(),
            answer: Answer::Stop,
            text: "This wristband is Anne Practice’s, born 12 March 1958. On the table is Amy Practice, born 23 December 1981."
                .to_owned(),
            action: "Do not go on. Ask the patient or the notes who this is, and look at the wristband itself.".to_owned(),
        };
        Seen::Told(Verdict { answer: Answer::Stop, reasons: vec![reason] })
    }

    fn pack_seen(&self, scans: &[Vec<u8>], now: DateTime<Utc>) -> Seen {
        let today = london_date(now);
        let label = label_of(scans, today);
        let whole = label_of(&self.barcodes.iter().map(Barcode::typed).collect::<Vec<_>>(), today);
        if label.outcome == Outcome::NotADevice {
            return Seen::Nothing;
        }
        if !may_be_of(&label, &whole) {
            return Seen::Another;
        }
        let device = label.udi.as_ref().or_else(|| label.candidates.first()).map(|udi| udi.device.clone());
        let product = device.and_then(|device| product(&device));
        let recalls = [recall()];
        Seen::Told(judge_in_practice(&Question {
            label: &label,
            product: product.as_ref(),
            recalls: &recalls,
            procedure_side: Some(Side::Right),
            serial_in_another_patient: Some(false),
            shelf: &[],
            today,
            clock_in_doubt: false,
            snapshot_taken: now,
            now,
            limits: Limits::default(),
        }))
    }
}

impl Barcode {
    /// As a handheld that keeps everything types it.
    fn typed(&self) -> Vec<u8> {
        let aim = if self.bars { "]C1" } else { "]d2" };
        format!("{aim}{}", self.message).into_bytes()
    }
}

fn label_of(scans: &[Vec<u8>], today: NaiveDate) -> Label {
    let raw = |bytes: &Vec<u8>| RawScan { bytes: bytes.clone(), aim: None, entry: Entry::Handheld };
    assemble(&scans.iter().map(raw).collect::<Vec<_>>(), today.year())
}

/// Whether what was read may be this pack: nothing of it says otherwise.
fn may_be_of(label: &Label, whole: &Label) -> bool {
    let Some(whole) = &whole.udi else { return false };
    let readings: Vec<_> = label.udi.iter().chain(&label.candidates).collect();
    readings.is_empty()
        || readings.iter().any(|udi| {
            udi.device == whole.device
                && (udi.lot.is_none() || udi.lot == whole.lot)
                && (udi.expiry.is_none() || udi.expiry == whole.expiry)
        })
}

fn product(device: &DeviceIdentifier) -> Option<ProductFacts> {
    let (name, reference, side) = match device.text.as_str() {
        STEM_RIGHT => ("Practice hip stem, size 4, right", "PR-4R", Some(Side::Right)),
        STEM_LEFT => ("Practice hip stem, size 4, left", "PR-4L", Some(Side::Left)),
        CUP => ("Practice cup, 54 mm", "PR-54", None),
        _ => return None,
    };
    Some(ProductFacts {
        name: name.to_owned(),
        maker: "Practice Makers".to_owned(),
        reference: Some(reference.to_owned()),
        identifiers: vec![device.clone()],
        side,
        lot_expected: true,
        serial_expected: false,
        expiry_expected: true,
    })
}

fn recall() -> RecallFacts {
    RecallFacts {
        reference: "PRACTICE-1".to_owned(),
        title: "Coating may flake".to_owned(),
        criteria: vec![Criterion {
            device: Some(DeviceIdentifier { issuer: Issuer::Gs1, text: STEM_RIGHT.to_owned() }),
            maker: None,
            reference: None,
            units: Units::Lot(RECALLED_LOT.to_owned()),
        }],
    }
}

/// What is on a pack: its barcodes, and the same for eyes.
type OnThePack = (Vec<Barcode>, Vec<String>);

fn square(gtin: &str, expiry: NaiveDate, lot: &str) -> OnThePack {
    let message = format!("01{gtin}17{}10{lot}", expiry.format("%y%m%d"));
    (vec![Barcode { bars: false, message }], printed(gtin, Some((expiry, lot))))
}

fn two_bars(gtin: &str, expiry: NaiveDate, lot: &str) -> OnThePack {
    let messages = [format!("01{gtin}"), format!("17{}10{lot}", expiry.format("%y%m%d"))];
    (messages.map(|message| Barcode { bars: true, message }).into(), printed(gtin, Some((expiry, lot))))
}

fn torn(gtin: &str) -> OnThePack {
    (vec![Barcode { bars: true, message: format!("01{gtin}") }], printed(gtin, None))
}

fn printed(gtin: &str, unit: Option<(NaiveDate, &str)>) -> Vec<String> {
    let mut lines = vec![format!("(01) {gtin}")];
    if let Some((expiry, lot)) = unit {
        lines.push(format!("(17) {}", expiry.format("%y%m%d")));
        lines.push(format!("(10) {lot}"));
    } else {
        lines.push("- - - the label is torn off here - - -".to_owned());
    }
    lines
}

fn pack(title: &'static str, told: &'static str, (barcodes, printed): OnThePack) -> Scene {
    Scene { title, told, barcodes, printed, kind: Kind::Pack }
}

fn band(title: &'static str, told: &'static str, message: &str, printed: &str) -> Scene {
    let barcodes = vec![Barcode { bars: false, message: message.to_owned() }];
    Scene { title, told, barcodes, printed: vec![printed.to_owned()], kind: Kind::Wristband }
}

#[cfg(test)]
mod tests {
    use tessera_scanner::practice::{is_practice_pack, is_practice_patient};
    use tessera_scanner::symbol::{Frame, ReadOptions, read};

    use super::super::drawing::tests::picture;
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-07-01T09:00:00Z".parse().unwrap()
    }

    fn all() -> Vec<Scene> {
        scenes(london_date(now()))
    }

    #[test]
    fn each_scene_comes_to_the_answer_that_it_is_for() {
        let answers: Vec<_> = all().iter().map(|scene| (scene.title, scene.right(now()))).collect();
        assert_eq!(
            answers,
            [
                ("A wristband of somebody else", Answer::Stop),
                ("The patient’s wristband", Answer::May),
                ("A pack that may be opened", Answer::May),
                ("A pack with two barcodes", Answer::May),
                ("A pack that has expired", Answer::Stop),
                ("A pack for the other side", Answer::Stop),
                ("A recalled lot", Answer::Stop),
                ("A torn label", Answer::Look),
                ("A pack that expires soon", Answer::Look),
            ]
        );
    }

    #[test]
    fn half_of_two_barcodes_asks_for_the_other() {
        let scene = &all()[3];
        for half in &scene.barcodes {
            let Seen::Told(verdict) = scene.seen(&[half.typed()], now()) else { panic!("{half:?}") };
            assert_eq!(verdict.answer, Answer::Look, "{half:?}");
        }
    }

    #[test]
    fn another_pack_of_the_sheet_is_told_apart() {
        let scenes = all();
        let scan = |at: usize| vec![scenes[at].barcodes[0].typed()];
        assert_eq!(scenes[2].seen(&scan(5), now()), Seen::Another, "another device");
        assert_eq!(scenes[2].seen(&scan(6), now()), Seen::Another, "another lot");
        assert_eq!(scenes[1].seen(&scan(0), now()), Seen::Another, "another wristband");
        assert_eq!(scenes[2].seen(&scan(1), now()), Seen::Nothing, "a wristband is no pack");
        assert_eq!(scenes[1].seen(&scan(2), now()), Seen::Nothing, "a pack is no wristband");
        assert_eq!(scenes[2].seen(&[b"hello".to_vec()], now()), Seen::Nothing);
    }

    #[test]
    fn nothing_on_the_sheet_can_be_taken_for_something_real() {
        for scene in all() {
            for barcode in &scene.barcodes {
                match scene.kind {
                    Kind::Wristband => {
                        let band = wristband::read(&barcode.typed(), &wristband::PROFILES).unwrap();
                        assert!(band.findings.is_empty(), "{}: {:?}", scene.title, band.findings);
                        assert!(is_practice_patient(&band.nhs_number.unwrap()), "{}", scene.title);
                    }
                    Kind::Pack => {
                        let label = label_of(
                            &scene.barcodes.iter().map(Barcode::typed).collect::<Vec<_>>(),
                            london_date(now()),
                        );
                        assert!(is_practice_pack(&label.udi.unwrap().device), "{}", scene.title);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_printed_is_read_by_the_camera() {
        for scene in all() {
            for barcode in scene.barcodes.iter().filter(|barcode| !barcode.bars) {
                let drawing = barcode.drawing().unwrap();
                let (luma, wide, high) = picture(&drawing, 4, 1);
                let symbols = read(&Frame::new(&luma, wide, high).unwrap(), &ReadOptions::default());
                assert_eq!(symbols.len(), 1, "{}", scene.title);
                assert_eq!(symbols[0].bytes, barcode.message.as_bytes(), "{}", scene.title);
                assert_eq!(symbols[0].aim, "]d2");
            }
        }
    }
}
