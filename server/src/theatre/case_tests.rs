//! Checks, marks, the same again, trays: on both engines.

use uuid::Uuid;

use super::again::{record_again, record_so_many};
use super::checks::{self, CheckId, CheckStep, Identifier, NewCheck};
use super::device_uses::{self, Correction, Explant};
use super::marks::{self, Mark, MarkId, NewMark};
use super::model::{DeviceUseId, Fate, ProcedureId, ScanId};
use super::procedures;
use super::scans::Recorder;
use super::tests::{open, record, scan, theatre};
use super::trays::{self, Tray, TrayId};
use crate::access::Actor;
use crate::catalogue::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier};
use crate::catalogue::store::add_product;
use crate::error::{Code, Problem};
use crate::once::Written;
use crate::store::Transaction;
use crate::store::testing::on_both_engines;

const SCREW: &str = "09521010350240";

fn screw(tx: &mut Transaction<'_>) -> Result<ProductId, Problem> {
    let id = ProductId::new();
    let new = NewProduct {
        id,
        maker: "Kestrel".to_owned(),
        brand: "Corten".to_owned(),
        reference: "CT-35-024".to_owned(),
        description: "Screw".to_owned(),
        category: "trauma".to_owned(),
        gmdn: None,
        side: None,
        size: Some("3.5 × 24 mm".to_owned()),
        lot_expected: true,
        serial_expected: false,
        expiry_expected: false,
        identifiers: vec![ProductIdentifier {
            issuer: Agency::Gs1,
            identifier: SCREW.to_owned(),
            kind: IdentifierKind::Primary,
            quantity: 1,
        }],
    };
    add_product(tx, &Actor::System, &new.checked()?)?;
    Ok(id)
}

fn implanted(tx: &mut Transaction<'_>, recorder: &Recorder, text: &str) -> Result<(ProcedureId, DeviceUseId), Problem> {
    let procedure = open(tx, recorder, "9434765919")?;
    let answer = record(tx, recorder, &scan(procedure, &[text.as_bytes()]))?.answer;
    Ok((procedure, answer.device_use.unwrap().id))
}

#[test]
fn two_identifiers_are_read_back_and_a_check_is_recorded_once() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                let add = |tx: &mut Transaction<'_>, new: &NewCheck| {
                    checks::add(tx, &recorder.actor, recorder.user, procedure, new)
                };
                let identity = |identifiers: &[Identifier]| NewCheck {
                    id: CheckId::new(),
                    step: CheckStep::Identity,
                    identifiers: identifiers.to_vec(),
                };
                let twice_the_same = identity(&[Identifier::Name, Identifier::Name]);
                assert_eq!(add(tx, &twice_the_same).unwrap_err().code(), Code::InvalidInput);
                let read_back = identity(&[Identifier::NhsNumber, Identifier::Name]);
                assert_eq!(add(tx, &read_back)?, Written::Now);
                assert_eq!(add(tx, &read_back)?, Written::Before);
                let other = NewCheck { step: CheckStep::Team, identifiers: vec![], ..read_back };
                assert_eq!(add(tx, &other).unwrap_err().code(), Code::IdReused);
                let done = checks::of_procedure(tx, procedure)?;
                assert_eq!(done.len(), 1);
                assert_eq!((done[0].detail.as_str(), done[0].done_by.as_str()), ("name nhs-number", "Nina"));
                procedures::finish(tx, &recorder.actor, procedure)?;
                let late = NewCheck { id: CheckId::new(), step: CheckStep::ReadBack, identifiers: vec![] };
                assert_eq!(add(tx, &late).unwrap_err().code(), Code::WrongState);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn the_same_again_is_so_many_devices_and_sent_twice_no_more() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                screw(tx)?;
                let text = format!("]d201{SCREW}10SCRW77");
                let (procedure, device) = implanted(tx, &recorder, &text)?;
                let ids: Vec<ScanId> = (0..3).map(|_| ScanId::new()).collect();
                record_again(tx, &recorder, device, &ids)?;
                record_again(tx, &recorder, device, &ids)?;
                let rows = device_uses::of_procedure(tx, procedure)?;
                assert_eq!(rows.len(), 4);
                // A form of the page: the same form is the same units, another number is said anew.
                let form = Uuid::now_v7();
                record_so_many(tx, &recorder, device, form, 2)?;
                record_so_many(tx, &recorder, device, form, 2)?;
                assert_eq!(device_uses::of_procedure(tx, procedure)?.len(), 6);
                record_so_many(tx, &recorder, device, form, 1)?;
                let rows = device_uses::of_procedure(tx, procedure)?;
                assert_eq!(rows.len(), 7);
                assert!(rows.iter().all(|row| row.lot.as_deref() == Some("SCRW77") && row.fate == Fate::Implanted));
                assert_eq!(record_again(tx, &recorder, device, &[]).unwrap_err().code(), Code::InvalidInput);
                // What has a serial is one of its kind.
                let serial = format!("]d201{SCREW}21S1");
                let one = record(tx, &recorder, &scan(procedure, &[serial.as_bytes()]))?.answer.device_use.unwrap();
                let refused = record_again(tx, &recorder, one.id, &[ScanId::new()]).unwrap_err();
                assert_eq!(refused.code(), Code::WrongState);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn what_was_opened_does_not_go_back_on_the_shelf() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                screw(tx)?;
                let (procedure, device) = implanted(tx, &recorder, &format!("]d201{SCREW}10SCRW77"))?;
                let mark = |tx: &mut Transaction<'_>, of, mark, note: &str| {
                    let new = NewMark { id: MarkId::new(), mark, note: note.into() };
                    marks::make(tx, &recorder.actor, recorder.user, of, &new)
                };
                let correct = |tx: &mut Transaction<'_>, of, fate| {
                    let correction = Correction { id: DeviceUseId::new(), of, fate, reason: "changed our mind".into() };
                    device_uses::correct(tx, &recorder.actor, &correction)
                };
                assert_eq!(mark(tx, device, Mark::Loan, " ").unwrap_err().code(), Code::InvalidInput);
                mark(tx, device, Mark::Loan, "Kestrel, set 12")?;
                assert_eq!(mark(tx, device, Mark::DisposedOf, "").unwrap_err().code(), Code::WrongState);
                mark(tx, device, Mark::Opened, "")?;
                assert_eq!(correct(tx, device, Fate::Returned).unwrap_err().code(), Code::WrongState);
                let wasted = correct(tx, device, Fate::Wasted)?;
                assert_eq!(correct(tx, wasted.id, Fate::Returned).unwrap_err().code(), Code::WrongState);
                let back = correct(tx, wasted.id, Fate::Implanted)?;
                // Taken out: what happens to it is said of the record that took it out.
                let out = Explant { id: DeviceUseId::new(), procedure, of: back.id, reason: "infection".into() };
                device_uses::explant(tx, &recorder.actor, &out)?;
                assert_eq!(mark(tx, out.id, Mark::Opened, "").unwrap_err().code(), Code::WrongState);
                mark(tx, out.id, Mark::SentForAnalysis, "laboratory 7")?;
                assert_eq!(marks::of_procedure(tx, procedure)?.len(), 3);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn parts_of_a_tray_are_picked_by_count_and_never_green() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let product = screw(tx)?;
                let tray = Tray { id: TrayId::new(), name: "Small fragment set".into(), products: vec![product] };
                trays::keep(tx, &Actor::System, &tray)?;
                trays::keep(tx, &Actor::System, &tray)?;
                assert_eq!(trays::list(tx)?, std::slice::from_ref(&tray));
                let taken = Tray { id: TrayId::new(), ..tray };
                assert_eq!(trays::keep(tx, &Actor::System, &taken).unwrap_err().code(), Code::WrongState);
                let procedure = open(tx, &recorder, "9434765919")?;
                let pick = Uuid::now_v7();
                trays::pick(tx, &recorder, procedure, pick, &[(product, 4)])?;
                trays::pick(tx, &recorder, procedure, pick, &[(product, 4)])?;
                let rows = device_uses::of_procedure(tx, procedure)?;
                assert_eq!(rows.len(), 4, "a pick that is sent twice is one pick");
                assert!(
                    rows.iter().all(|row| row.answer.as_deref() == Some("look") && row.product_id == Some(product))
                );
                let none = trays::pick(tx, &recorder, procedure, Uuid::now_v7(), &[(product, 0)]);
                assert_eq!(none.unwrap_err().code(), Code::InvalidInput);
                let slip = trays::pick(tx, &recorder, procedure, Uuid::now_v7(), &[(product, 444)]);
                assert_eq!(slip.unwrap_err().code(), Code::InvalidInput);
                Ok(())
            })
            .unwrap();
    });
}
