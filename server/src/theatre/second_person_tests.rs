//! Stop means stop, and a look is on record, on both engines.

use tessera_scanner::verdict::Answer;

use super::acknowledgements::{self, Acknowledgement, AcknowledgementId};
use super::device_uses::{self, Correction, DeviceUse};
use super::model::{DeviceUseId, Fate, ProcedureId, ScanId};
use super::override_claims;
use super::override_follow_ups;
use super::overrides::{self, SecondPerson, StopOverride};
use super::procedures;
use super::scans::Recorder;
use super::tests::{open, record, scan, theatre};
use crate::access::store::{NewUser, add_user, user_named};
use crate::access::{Actor, Password, Role, User, badges};
use crate::error::{Code, Problem};
use crate::once::Written;
use crate::store::Transaction;
use crate::store::testing::on_both_engines;

fn colleague(tx: &mut Transaction<'_>, name: &str, role: Role) -> User {
    let new = NewUser {
        username: name.to_owned(),
        display_name: name.to_owned(),
        role,
        site_code: None,
        password: Password::new("long enough password").unwrap().hash().unwrap(),
    };
    add_user(tx, &Actor::System, &new).unwrap();
    user_named(tx, name).unwrap()
}

/// An expired pack in a procedure: answered with a stop, and not recorded.
fn stopped(tx: &mut Transaction<'_>, recorder: &Recorder) -> Result<(ProcedureId, ScanId), Problem> {
    let procedure = open(tx, recorder, "9434765919")?;
    let expired = scan(procedure, &[b"]d2010952100100012317200131\x1d10OLD77"]);
    let answer = record(tx, recorder, &expired)?.answer;
    let verdict = answer.verdict.unwrap();
    assert_eq!((verdict.answer, verdict.reasons[0].code.as_str()), (Answer::Stop, "expired"));
    assert!(answer.device_use.is_none());
    assert!(device_uses::of_procedure(tx, procedure)?.is_empty());
    Ok((procedure, expired.id))
}

fn decide(scan: ScanId, fate: Fate, witness: Option<User>) -> StopOverride {
    let reason = "in the patient already when it was scanned".to_owned();
    StopOverride { id: DeviceUseId::new(), scan, fate, reason, witness: witness.map(SecondPerson::Verified) }
}

#[test]
fn a_stopped_device_goes_in_only_with_a_reason_and_a_second_person() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let (procedure, scan) = stopped(tx, &recorder)?;
                let nina = user_named(tx, "nina")?;
                let analyst = colleague(tx, "anders", Role::Analyst);
                let omar = colleague(tx, "omar", Role::Nurse);
                let mut refused = |witness: Option<User>| -> Code {
                    overrides::override_by(tx, &recorder.actor, &decide(scan, Fate::Implanted, witness))
                        .unwrap_err()
                        .code()
                };
                assert_eq!(refused(None), Code::SecondPerson);
                assert_eq!(refused(Some(nina)), Code::SecondPerson, "the one who records is no second person");
                assert_eq!(refused(Some(analyst)), Code::SecondPerson, "not everybody may stand by");
                let told = decide(scan, Fate::Implanted, Some(omar));
                let silent = StopOverride { reason: " ".into(), ..told.clone() };
                assert_eq!(
                    overrides::override_by(tx, &recorder.actor, &silent).unwrap_err().code(),
                    Code::InvalidInput
                );
                assert!(device_uses::of_procedure(tx, procedure)?.is_empty());

                let recorded = overrides::override_by(tx, &recorder.actor, &told)?;
                assert_eq!(recorded.lot.as_deref(), Some("OLD77"));
                assert_eq!(overrides::override_by(tx, &recorder.actor, &told)?.id, recorded.id, "sent twice");
                assert_eq!(overrides::witnesses_of(tx, procedure)?, [(recorded.id, "omar".to_owned())]);
                let again = decide(scan, Fate::Implanted, None);
                assert_eq!(overrides::override_by(tx, &recorder.actor, &again).unwrap_err().code(), Code::WrongState);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_correction_is_no_way_round_the_second_person() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let (_, scan) = stopped(tx, &recorder)?;
                let omar = colleague(tx, "omar", Role::Nurse);
                // Thrown away: nobody else is needed to say so.
                let wasted = overrides::override_by(tx, &recorder.actor, &decide(scan, Fate::Wasted, None))?;
                let correct = |tx: &mut Transaction<'_>, of: &DeviceUse, fate| {
                    let correction =
                        Correction { id: DeviceUseId::new(), of: of.id, fate, reason: "it went in".into() };
                    device_uses::correct(tx, &recorder.actor, &correction)
                };
                assert_eq!(correct(tx, &wasted, Fate::Implanted).unwrap_err().code(), Code::SecondPerson);
                let told = decide(scan, Fate::Implanted, Some(omar));
                let implanted = overrides::override_by(tx, &recorder.actor, &told)?;
                assert_eq!(implanted.supersedes, Some(wasted.id));
                // Undone and done again: the second person is on record already.
                let undone = correct(tx, &implanted, Fate::EnteredInError)?;
                assert_eq!(correct(tx, &undone, Fate::Implanted)?.fate, Fate::Implanted);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_second_person_who_was_only_named_stays_open_until_they_confirm() {
    const BADGE: &str = "505089897373832492";
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let (procedure, scan) = stopped(tx, &recorder)?;
                let (omar, zoe) = (colleague(tx, "omar", Role::Nurse), colleague(tx, "zoe", Role::Nurse));
                badges::give(tx, &Actor::System, omar.id, &BADGE.parse().unwrap())?;
                let named = StopOverride {
                    witness: Some(SecondPerson::Claimed(BADGE.into())),
                    ..decide(scan, Fate::Implanted, None)
                };
                let recorded = overrides::override_by(tx, &recorder.actor, &named)?;
                assert_eq!(overrides::override_by(tx, &recorder.actor, &named)?.id, recorded.id, "sent twice");
                assert_eq!(override_claims::open_in(tx, procedure)?, [(recorded.id, "2492".to_owned())]);
                assert_eq!(override_claims::open(tx)?, [procedure]);
                assert!(overrides::overridden_scans(tx)?.contains(&scan));
                assert!(!overrides::was_witnessed(tx, scan)?);
                let other = override_claims::confirm(tx, recorded.id, "952114112345678906", &zoe).unwrap_err();
                assert_eq!(other.code(), Code::SecondPerson);
                override_claims::confirm(tx, recorded.id, BADGE, &omar)?;
                override_claims::confirm(tx, recorded.id, BADGE, &omar)?;
                assert!(override_claims::open(tx)?.is_empty());
                assert_eq!(overrides::witnesses_of(tx, procedure)?, [(recorded.id, "omar".to_owned())]);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn safety_staff_see_who_has_not_confirmed_and_close_it_with_what_they_found_out() {
    const BADGE: &str = "505089897373832492";
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let (procedure, scan) = stopped(tx, &recorder)?;
                let safety = colleague(tx, "sam", Role::Safety);
                let named = StopOverride {
                    witness: Some(SecondPerson::Claimed(BADGE.into())),
                    ..decide(scan, Fate::Implanted, None)
                };
                let recorded = overrides::override_by(tx, &recorder.actor, &named)?;
                let seen = override_follow_ups::open(tx)?;
                assert_eq!(seen.len(), 1);
                assert_eq!((seen[0].device_use, seen[0].procedure), (recorded.id, procedure));
                assert_eq!((seen[0].badge_end.as_str(), seen[0].recorded_by.as_str()), ("2492", "Nina"));
                assert!(seen[0].device.contains("lot OLD77") && seen[0].reason.contains("in the patient"));
                let mut close =
                    |note: &str| override_follow_ups::close(tx, &safety, recorded.id, note).map_err(|e| e.code());
                assert_eq!(close(" "), Err(Code::InvalidInput));
                assert_eq!(close("asked Omar, who was not there"), Ok(()));
                assert_eq!(close("said again"), Ok(()));
                assert!(override_follow_ups::open(tx)?.is_empty() && override_claims::open(tx)?.is_empty());
                assert_eq!(override_claims::open_in(tx, procedure)?.len(), 1, "it is not verified for all that");
                let nobody = override_follow_ups::close(tx, &safety, DeviceUseId::new(), "nothing").unwrap_err();
                assert_eq!(nobody.code(), Code::NotFound);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn nobody_is_their_own_second_person_without_a_network_either() {
    const BADGE: &str = "505089897373832492";
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let (_, scan) = stopped(tx, &recorder)?;
                badges::give(tx, &Actor::System, recorder.user, &BADGE.parse().unwrap())?;
                let named = StopOverride {
                    witness: Some(SecondPerson::Claimed(BADGE.into())),
                    ..decide(scan, Fate::Implanted, None)
                };
                let refused = overrides::override_by(tx, &recorder.actor, &named).unwrap_err();
                assert_eq!(refused.code(), Code::SecondPerson);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_procedure_is_finished_when_every_look_is_on_record() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                // A product that no catalogue knows asks to be looked at.
                let unknown = scan(procedure, &[b"]d2010952100500001417391031\x1d1012345"]);
                let answer = record(tx, &recorder, &unknown)?.answer;
                assert_eq!(answer.verdict.unwrap().answer, Answer::Look);
                assert_eq!(procedures::finish(tx, &recorder.actor, procedure).unwrap_err().code(), Code::WrongState);
                let looked = Acknowledgement { id: AcknowledgementId::new(), scan: unknown.id };
                let acknowledge = |tx: &mut Transaction<'_>, what: &Acknowledgement| {
                    acknowledgements::acknowledge(tx, &recorder.actor, recorder.user, what)
                };
                assert_eq!(acknowledge(tx, &looked)?, Written::Now);
                assert_eq!(acknowledge(tx, &looked)?, Written::Before);
                let nowhere = Acknowledgement { id: AcknowledgementId::new(), scan: ScanId::new() };
                assert_eq!(acknowledge(tx, &nowhere).unwrap_err().code(), Code::NotFound);
                assert_eq!(acknowledgements::of_procedure(tx, procedure)?.len(), 1);
                assert!(procedures::finish(tx, &recorder.actor, procedure)?.ended_at.is_some());
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn what_was_put_aside_needs_no_look() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                let unknown = scan(procedure, &[b"]d2010952100500001417391031\x1d1012345"]);
                let used = record(tx, &recorder, &unknown)?.answer.device_use.unwrap();
                assert_eq!(acknowledgements::missing(tx, procedure)?, [unknown.id]);
                let undo = Correction {
                    id: DeviceUseId::new(),
                    of: used.id,
                    fate: Fate::Returned,
                    reason: "not opened".into(),
                };
                device_uses::correct(tx, &recorder.actor, &undo)?;
                assert!(acknowledgements::missing(tx, procedure)?.is_empty());
                assert!(procedures::finish(tx, &recorder.actor, procedure)?.ended_at.is_some());
                Ok(())
            })
            .unwrap();
    });
}
