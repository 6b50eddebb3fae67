//! One pack, several scans: which of them become one device, on both engines.

use chrono::Duration;

use super::device_list;
use super::tests::{open, record, scan, theatre};
use super::*;
use crate::error::{Code, Problem};
use crate::recalls;
use crate::store::Transaction;
use crate::store::read::pack_scans::pack_scans;
use crate::store::read::period::Period;
use crate::store::testing::on_both_engines;
use device_uses::{Correction, DeviceUse};
use model::{DeviceUseId, Fate, NewScan, ProcedureId, ScanAnswer};
use scans::Recorder;
use tessera_scanner::label::Outcome;
use tessera_scanner::udi::Entry;
use tessera_scanner::verdict::Answer;

const DEVICE: &[u8] = b"]C10109521001000123";
const OTHER_DEVICE: &[u8] = b"]C10109521005022015";
const LOT: &[u8] = b"]C11739103110ABC9";
/// A handheld without separators: lot HW24117, or a shorter lot and something else.
const UNCLEAR: &[u8] = b"]d201095210010001231739103110HW24117";
/// The same as a picture shows it.
const CLEAR: &[u8] = b"]d201095210010001231739103110HW24117";

/// A procedure and the scans of one scanner, each following the one before.
struct Table<'a, 'b> {
    tx: &'a mut Transaction<'b>,
    recorder: &'a Recorder,
    procedure: ProcedureId,
    last: Option<NewScan>,
}

impl<'a, 'b> Table<'a, 'b> {
    fn new(tx: &'a mut Transaction<'b>, recorder: &'a Recorder) -> Result<Self, Problem> {
        let procedure = open(tx, recorder, "9434765919")?;
        Ok(Self { tx, recorder, procedure, last: None })
    }

    /// Scans one barcode so many seconds after the one before.
    fn scan(&mut self, bytes: &[u8], seconds: i64) -> ScanAnswer {
        self.send(|new| new, bytes, seconds).unwrap()
    }

    fn send(
        &mut self,
        change: impl FnOnce(NewScan) -> NewScan,
        bytes: &[u8],
        seconds: i64,
    ) -> Result<ScanAnswer, Problem> {
        let mut new = scan(self.procedure, &[bytes]);
        if let Some(last) = &self.last {
            new.follows = Some(last.id);
            new.scanned_at = last.scanned_at + Duration::seconds(seconds);
        }
        let new = change(new);
        self.last = Some(new.clone());
        let answer = record(self.tx, self.recorder, &new)?.answer;
        assert_eq!(record(self.tx, self.recorder, &new)?.answer, answer, "a repeat has the same answer");
        Ok(answer)
    }

    /// A person chooses a reading of the scan before.
    fn choose(&mut self, reading: usize) -> Result<ScanAnswer, Problem> {
        let of = self.last.as_ref().unwrap().id;
        let choice = |new| NewScan {
            supersedes_scan: Some(of),
            reading: Some(reading),
            symbols: Vec::new(),
            entry: Entry::Typed,
            ..new
        };
        self.send(choice, b"", 60)
    }

    fn mark(&mut self, device: DeviceUseId, fate: Fate) {
        let correction = Correction { id: DeviceUseId::new(), of: device, fate, reason: "dropped".into() };
        device_uses::correct(self.tx, &self.recorder.actor, &correction).unwrap();
    }

    /// The rows that stand, oldest first, with their lots.
    fn stands(&mut self) -> Vec<(Fate, Option<String>)> {
        let rows = device_uses::of_procedure(self.tx, self.procedure).unwrap();
        let superseded: Vec<_> = rows.iter().filter_map(|row| row.supersedes).collect();
        let current = rows.into_iter().filter(|row| !superseded.contains(&row.id));
        current.map(|DeviceUse { fate, lot, .. }| (fate, lot)).collect()
    }

    /// What the pages list: fate, name's facts, history.
    fn listed(&mut self) -> Vec<(String, usize)> {
        let shown = device_list::shown(self.tx, self.procedure).unwrap();
        shown.into_iter().map(|device| (device.fate, device.readings.len())).collect()
    }
}

fn at_the_table(test: impl Fn(&mut Table<'_, '_>) + Clone + Send + 'static) {
    on_both_engines(|store| {
        let (recorder, test) = (theatre(store), test.clone());
        store
            .write_now(move |tx| {
                test(&mut Table::new(tx, &recorder)?);
                Ok(())
            })
            .unwrap();
    });
}

fn implanted(lot: &str) -> (Fate, Option<String>) {
    (Fate::Implanted, Some(lot.to_owned()))
}

#[test]
fn the_two_barcodes_of_a_pack_are_one_device_in_either_order() {
    at_the_table(|table| {
        assert!(table.scan(DEVICE, 0).device_use.is_some());
        let whole = table.scan(LOT, 5);
        assert_eq!(whole.label.unwrap().outcome, Outcome::Read);
        assert_eq!(table.stands(), [implanted("ABC9")]);
        // The pack is complete: what follows is another one's.
        assert_eq!(table.scan(DEVICE, 5).label.unwrap().udi.unwrap().lot, None);
        assert_eq!(table.stands(), [implanted("ABC9"), (Fate::Implanted, None)]);
        table.scan(LOT, 5);
        assert!(table.scan(LOT, 5).pending);
        assert_eq!(table.stands(), [implanted("ABC9"), implanted("ABC9")]);
        table.scan(DEVICE, 5);
        assert_eq!(table.stands(), [implanted("ABC9"), implanted("ABC9"), implanted("ABC9")]);
        assert_eq!(table.listed(), vec![("implanted".to_owned(), 0); 3], "no half is left over");
    });
}

#[test]
fn halves_of_two_packs_are_never_put_together() {
    at_the_table(|table| {
        table.scan(LOT, 0);
        table.scan(DEVICE, 31);
        assert_eq!(table.stands(), [(Fate::Implanted, None)], "too long apart");
        table.scan(OTHER_DEVICE, 1);
        assert!(!table.scan(LOT, 1).pending, "with its neighbour only");
        assert_eq!(table.stands(), [(Fate::Implanted, None), implanted("ABC9")]);
        // A whole pack between them.
        table.scan(DEVICE, 1);
        table.scan(b"]d2010952100500220117391031\x1d10K7", 1);
        assert!(table.scan(LOT, 1).pending);
        // Another scanner's scan is nobody's neighbour.
        table.scan(DEVICE, 1);
        let alone = table.send(|new| NewScan { follows: None, ..new }, LOT, 1).unwrap();
        assert!(alone.pending);
    });
}

#[test]
fn the_agents_whole_label_takes_the_place_of_its_first_half() {
    at_the_table(|table| {
        table.scan(DEVICE, 0);
        let first = table.last.clone().unwrap();
        let both = |new: NewScan| NewScan {
            supersedes_scan: Some(first.id),
            follows: None,
            symbols: [first.symbols.clone(), new.symbols.clone()].concat(),
            ..new
        };
        table.send(both, LOT, 2).unwrap();
        assert_eq!(table.stands(), [implanted("ABC9")]);
    });
}

#[test]
fn what_was_put_aside_half_read_stays_put_aside() {
    at_the_table(|table| {
        let half = table.scan(DEVICE, 0).device_use.unwrap();
        table.mark(half.id, Fate::Wasted);
        let whole = table.scan(LOT, 9);
        assert_eq!(whole.device_use.unwrap().fate, Fate::Wasted);
        assert!(whole.message.unwrap().contains("stays wasted"));
        assert_eq!(table.stands(), [(Fate::Wasted, Some("ABC9".to_owned()))]);
        // Undone, it is no half of anything.
        let mistake = table.scan(DEVICE, 1).device_use.unwrap();
        table.mark(mistake.id, Fate::EnteredInError);
        assert!(table.scan(LOT, 1).pending);
        // Too late to be joined: both stand, and it is said.
        let late = table.scan(OTHER_DEVICE, 60).device_use.unwrap();
        table.mark(late.id, Fate::Returned);
        let again = table.scan(b"]d2010952100502201517391031\x1d10LATE", 60);
        assert!(again.message.unwrap().contains("marked returned"));
    });
}

#[test]
fn a_person_chooses_between_the_readings_and_one_device_is_left() {
    at_the_table(|table| {
        let unclear = table.scan(UNCLEAR, 0);
        let label = unclear.label.unwrap();
        assert_eq!(label.outcome, Outcome::Ambiguous);
        let right = label.candidates.iter().position(|udi| udi.lot.as_ref().unwrap().as_str() == "HW24117").unwrap();
        assert_eq!(table.stands(), [(Fate::Implanted, None)]);
        assert!(table.listed()[0].1 > 1, "the list offers the readings");
        assert_eq!(table.choose(99).unwrap_err().code(), Code::InvalidInput);
        let of = table.last.take().unwrap().supersedes_scan.unwrap();
        table.last = Some(NewScan { id: of, ..scan(table.procedure, &[]) });
        let chosen = table.choose(right).unwrap();
        assert_eq!(chosen.label.unwrap().udi.unwrap().lot.unwrap().as_str(), "HW24117");
        assert!(chosen.device_use.is_some());
        assert_eq!(table.stands(), [implanted("HW24117")]);
        assert_eq!(table.listed(), [("implanted".to_owned(), 0)]);
        table.last = Some(NewScan { id: of, ..scan(table.procedure, &[]) });
        assert_eq!(table.choose(0).unwrap_err().code(), Code::WrongState, "it is chosen once");
    });
}

#[test]
fn halves_that_together_read_in_several_ways_are_one_device_and_a_choice() {
    at_the_table(|table| {
        table.scan(DEVICE, 0);
        let whole = table.scan(b"]C11739103110122927", 3);
        let label = whole.label.unwrap();
        assert_eq!(label.outcome, Outcome::Ambiguous);
        assert_eq!(table.listed().len(), 1);
        // The next pack is the next pack, though the one before is not settled.
        let settled = table.last.clone();
        table.scan(DEVICE, 1);
        assert_eq!(table.listed().len(), 2);
        table.last = settled;
        let right = label.candidates.iter().position(|udi| udi.lot.as_ref().unwrap().as_str() == "122927").unwrap();
        assert!(table.choose(right).unwrap().device_use.is_some());
        let mut stands = table.stands();
        stands.sort();
        assert_eq!(stands, [(Fate::Implanted, None), implanted("122927")]);
    });
}

#[test]
fn a_photo_of_the_same_pack_settles_an_unclear_scan() {
    at_the_table(|table| {
        table.scan(UNCLEAR, 0);
        let photo = table.send(|new| NewScan { entry: Entry::Photo, ..new }, CLEAR, 20).unwrap();
        assert_eq!(photo.label.unwrap().outcome, Outcome::Read);
        assert_eq!(table.stands(), [implanted("HW24117")]);
        // Said to be the same pack, it may take its time, and need not be a reading that was thought of.
        table.scan(UNCLEAR, 1);
        let unclear = table.last.clone().unwrap().id;
        let same = |bytes: &'static [u8]| {
            (move |new| NewScan { entry: Entry::Photo, supersedes_scan: Some(unclear), ..new }, bytes)
        };
        let (other, bytes) = same(b"]d2010952100502201517391031\x1d10K7");
        table.send(other, bytes, 300).unwrap();
        assert_eq!(table.stands().len(), 3, "another device is no picture of this pack");
        let (again, bytes) = same(b"]d2010952100100012317391031\x1d10HW24118");
        table.send(again, bytes, 300).unwrap();
        let mut stands = table.stands();
        stands.sort();
        assert_eq!(stands, [implanted("HW24117"), implanted("HW24118"), implanted("K7")]);
    });
}

#[test]
fn a_recalled_reading_is_named_and_stops_once_it_is_chosen() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        recalls::testing::active_recall_of_lot(store, "09521001000123", "HW24117");
        store
            .write_now(move |tx| {
                let table = &mut Table::new(tx, &recorder)?;
                let unclear = table.scan(UNCLEAR, 0);
                let verdict = unclear.verdict.unwrap();
                assert_eq!(
                    (verdict.answer, verdict.reasons[0].code.as_str()),
                    (Answer::Look, "recalled-in-one-reading")
                );
                let label = unclear.label.unwrap();
                let lot = |udi: &tessera_scanner::udi::Udi| udi.lot.as_ref().unwrap().as_str() == "HW24117";
                let chosen = table.choose(label.candidates.iter().position(lot).unwrap())?;
                let verdict = chosen.verdict.unwrap();
                assert_eq!((verdict.answer, verdict.reasons[0].code.as_str()), (Answer::Stop, "recalled"));
                assert!(chosen.device_use.is_none());
                assert_eq!(table.stands(), [(Fate::EnteredInError, None)]);
                assert!(table.listed().is_empty(), "what a stop took the place of is no undone device");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn scan_quality_counts_packs_and_not_scans() {
    at_the_table(|table| {
        table.scan(DEVICE, 0);
        table.scan(LOT, 4);
        table.scan(b"]d201095210050220151739103110K7", 9);
        table.scan(LOT, 40);
        let scans = pack_scans(table.tx, Period { from: None, to: None }).unwrap();
        let list = scan_quality::told(&scans, scan_quality::By::Scanner);
        assert_eq!(list.len(), 1, "{list:?}");
        let told = &list[0];
        assert_eq!((told.items, told.first_scan, told.repaired, told.unread), (3, 1, 1, 1), "{told:?}");
        assert_eq!(told.seconds, Some(40), "9 and 40 seconds after the item before");
        let tomorrow = chrono::Utc::now().date_naive() + chrono::Days::new(2);
        assert!(pack_scans(table.tx, Period { from: Some(tomorrow), to: None }).unwrap().is_empty());
    });
}
