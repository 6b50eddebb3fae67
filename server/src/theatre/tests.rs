//! The point of care, from scan to record, on both engines.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tessera_scanner::handheld::wristband;
use tessera_scanner::udi::Entry;
use tessera_scanner::verdict::{Answer, Limits};

use super::arrival::Arrived;
use super::device_uses::{self, Correction, Explant};
use super::model::{
    CorrectionId, DeviceUseId, Fate, NewScan, OperatedSide, ProcedureId, ScanId, ScannedKind, ScannedSymbol,
};
use super::organisations::{Site, add_site};
use super::procedures::{self, NewProcedure, PatientCorrection};
use super::scans::{self, Recorded, Recorder};
use crate::access::store::{NewUser, add_user};
use crate::access::{Actor, Password, Role};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::{PatientIdentifier, Presented};
use crate::store::columns::Moment;
use crate::store::schema::scan_events;
use crate::store::testing::on_both_engines;
use crate::store::{Store, Transaction};

const WRISTBAND: &[u8] = b"]d2801850508989434765919291RX1RA,A123,,\x1d93SAMPLE,Ann,05-Mar-1950,";

/// A registry with one site and one nurse.
pub(super) fn theatre(store: &Store) -> Recorder {
    let password = Password::new("long enough password").unwrap().hash().unwrap();
    let user = store
        .write_now(move |tx| {
            let site = Site {
                ods_code: "RXX01".parse().unwrap(),
                name: "Northgate".into(),
                organisation: "RXX".parse().unwrap(),
                organisation_name: None,
            };
            add_site(tx, &Actor::System, &site)?;
            let nurse = NewUser {
                username: "nina".into(),
                display_name: "Nina".into(),
                role: Role::Nurse,
                site_code: None,
                password: password.clone(),
            };
            add_user(tx, &Actor::System, &nurse)
        })
        .unwrap();
    Recorder {
        actor: Actor::User { id: user, name: "nina".into() },
        user,
        keys: Arc::new(IdentityKeys::new(&[3; 32])),
        home: "RXX".parse().unwrap(),
        limits: Limits::default(),
        rules: crate::config::Config::default().compatibility,
        wristbands: wristband::PROFILES.to_vec(),
    }
}

pub(super) fn record(tx: &mut Transaction<'_>, recorder: &Recorder, scan: &NewScan) -> Result<Recorded, Problem> {
    scans::record(tx, recorder, &Arrived::new(&recorder.keys, scan.clone(), None)?)
}

pub(super) fn open(tx: &mut Transaction<'_>, recorder: &Recorder, nhs_number: &str) -> Result<ProcedureId, Problem> {
    let new = NewProcedure {
        id: ProcedureId::new(),
        patient: Presented {
            identifiers: vec![PatientIdentifier::Nhs(nhs_number.parse().unwrap())],
            ..Presented::default()
        },
        site: "RXX01".into(),
        theatre: "Theatre 4".into(),
        code: "W38.1".parse().unwrap(),
        side: Some(OperatedSide::Right),
        indication: None,
        started_at: Moment::now(),
        body_hash: vec![1],
    };
    let opened = procedures::open(tx, &recorder.keys, &recorder.actor, &new)?;
    assert!(procedures::open(tx, &recorder.keys, &recorder.actor, &new)?.repeated);
    let other = NewProcedure { body_hash: vec![2], ..new };
    assert_eq!(procedures::open(tx, &recorder.keys, &recorder.actor, &other).unwrap_err().code(), Code::IdReused);
    Ok(opened.procedure.id)
}

pub(super) fn scan(procedure: ProcedureId, texts: &[&[u8]]) -> NewScan {
    let symbol = |bytes: &&[u8]| ScannedSymbol { bytes: bytes.to_vec(), aim: None };
    NewScan {
        id: ScanId::new(),
        procedure,
        scanned_at: Utc::now(),
        entry: Entry::Handheld,
        symbols: texts.iter().map(symbol).collect(),
        supersedes_scan: None,
        follows: None,
        reading: None,
        again_of: None,
        profile: None,
        workstation: None,
    }
}

fn far_future(serial: &str) -> Vec<u8> {
    format!("]d20109521005022015173910312{}{serial}", 1).into_bytes()
}

#[test]
fn a_practice_wristband_opens_no_procedure() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        let refused = store.write_now(move |tx| open(tx, &recorder, "9990001006")).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidInput);
        assert!(refused.to_string().contains("practice"), "{refused}");
    });
}

#[test]
fn a_scan_is_recorded_once_however_often_it_arrives() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                let first = scan(procedure, &[b"]d2010952100100012317391031\x1d1012345"]);
                let recorded = record(tx, &recorder, &first)?;
                assert!(!recorded.repeated);
                let again = record(tx, &recorder, &first)?;
                assert!(again.repeated);
                assert_eq!(again.answer, recorded.answer);
                let changed = NewScan { scanned_at: DateTime::UNIX_EPOCH, ..first };
                assert_eq!(record(tx, &recorder, &changed).unwrap_err().code(), Code::IdReused);
                assert_eq!(device_uses::of_procedure(tx, procedure)?.len(), 1);
                // Four identical screws are four; one serial twice is one.
                for _ in 0..3 {
                    record(tx, &recorder, &scan(procedure, &[b"]d2010952100100012317391031\x1d1012345"]))?;
                }
                assert_eq!(device_uses::of_procedure(tx, procedure)?.len(), 4);
                let serial = far_future("SN77");
                record(tx, &recorder, &scan(procedure, &[&serial]))?;
                record(tx, &recorder, &scan(procedure, &[&serial]))?;
                assert_eq!(device_uses::of_procedure(tx, procedure)?.len(), 5);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_serial_that_is_in_somebody_else_stops() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let one = open(tx, &recorder, "9434765919")?;
                let other = open(tx, &recorder, "9737383249")?;
                let serial = far_future("SN1");
                let first = record(tx, &recorder, &scan(one, &[&serial]))?.answer;
                assert_ne!(first.verdict.unwrap().answer, Answer::Stop);
                let second = record(tx, &recorder, &scan(other, &[&serial]))?.answer.verdict.unwrap();
                assert_eq!(second.answer, Answer::Stop, "{second:?}");
                // Returned unopened from the first procedure, it may go into another patient.
                let correction = Correction {
                    id: DeviceUseId::new(),
                    of: first.device_use.unwrap().id,
                    fate: Fate::Returned,
                    reason: "not opened".into(),
                };
                device_uses::correct(tx, &recorder.actor, &correction)?;
                let third = record(tx, &recorder, &scan(other, &[&serial]))?.answer.verdict.unwrap();
                assert_ne!(third.answer, Answer::Stop, "{third:?}");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn corrections_supersede_with_a_reason_and_explants_end_a_use() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                let answer = record(tx, &recorder, &scan(procedure, &[&far_future("SN5")]))?.answer;
                let used = answer.device_use.unwrap().id;
                let explant = |of| Explant { id: DeviceUseId::new(), procedure, of, reason: "retained".into() };
                let out = explant(used);
                assert_eq!(device_uses::explant(tx, &recorder.actor, &out)?.fate, Fate::Explanted);
                assert_eq!(device_uses::explant(tx, &recorder.actor, &out)?.id, out.id, "a repeat is the same record");
                assert_eq!(
                    device_uses::explant(tx, &recorder.actor, &explant(used)).unwrap_err().code(),
                    Code::WrongState
                );
                let wasted =
                    |of| Correction { id: DeviceUseId::new(), of, fate: Fate::Wasted, reason: "dropped".into() };
                let first = wasted(used);
                device_uses::correct(tx, &recorder.actor, &first)?;
                assert_eq!(device_uses::correct(tx, &recorder.actor, &first)?.id, first.id);
                assert_eq!(
                    device_uses::correct(tx, &recorder.actor, &wasted(used)).unwrap_err().code(),
                    Code::WrongState
                );
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_wristband_is_checked_and_sealed() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        let scan_id = store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                let band = scan(procedure, &[WRISTBAND]);
                let answer = record(tx, &recorder, &band)?.answer;
                assert_eq!(answer.kind, ScannedKind::Wristband);
                assert_eq!(answer.wristband.unwrap().matches, Some(true));
                let other = open(tx, &recorder, "9737383249")?;
                let answer = record(tx, &recorder, &scan(other, &[WRISTBAND]))?.answer;
                assert_eq!(answer.wristband.unwrap().matches, Some(false));
                Ok(band.id)
            })
            .unwrap();
        let (payload, answer): (Vec<u8>, String) = store
            .read_now(|connection| {
                Ok(scan_events::table
                    .find(scan_id)
                    .select((scan_events::payload, scan_events::answer))
                    .first(connection)?)
            })
            .unwrap();
        let kept = String::from_utf8_lossy(&payload);
        for secret in ["9434765919", "SAMPLE", "OTQzNDc2NTkxOQ"] {
            assert!(!kept.contains(secret) && !answer.contains(secret), "{secret}");
        }
    });
}

#[test]
fn a_wrong_patient_is_corrected_and_corrected_back() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                let wrong = procedures::find(tx, procedure)?.patient_id;
                let other = open(tx, &recorder, "9737383249")?;
                let right = procedures::find(tx, other)?.patient_id;
                let correct = |patient| PatientCorrection {
                    id: CorrectionId::new(),
                    procedure,
                    patient,
                    reason: "wristbands were swapped".into(),
                };
                let to = |tx: &mut Transaction<'_>, patient| {
                    procedures::correct_patient(tx, &recorder.actor, recorder.user, &correct(patient))
                };
                assert_eq!(to(tx, right)?.patient_id, right);
                assert!(to(tx, right).is_err(), "nothing to correct");
                assert_eq!(to(tx, wrong)?.patient_id, wrong);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_picture_without_a_barcode_is_kept_and_says_what_to_do() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                let answer = record(tx, &recorder, &scan(procedure, &[]))?.answer;
                assert!(answer.device_use.is_none() && answer.message.is_some());
                Ok(())
            })
            .unwrap();
    });
}
