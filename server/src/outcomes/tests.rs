//! Outcomes on both engines: what ends a device's life, what gives it back, and what is refused.

use std::sync::Arc;

use chrono::Utc;
use diesel::prelude::*;

use super::by_procedure::ProcedureOutcomes;
use super::curve::DeviceCurve;
use super::curve_now::curve_now;
use super::model::{NewOutcome, OutcomeId, RevisionReason, What, Withdrawal};
use super::store as outcome_store;
use super::testing::{DAYS, day, device_use, explant, outcome, registry, revision, supersede, today};
use crate::access::Actor;
use crate::audit::{self, AuditFilter};
use crate::catalogue::ProductId;
use crate::cohorts::snapshot::Snapshot;
use crate::error::Code;
use crate::identity::model::PatientId;
use crate::once::Written;
use crate::store::Store;
use crate::store::read::cohort::{StoredCohort, cohort};
use crate::store::read::implants::{ProcedureFilter, counts};
use crate::store::read::period::Period;
use crate::store::read::procedure_outcomes::follow;
use crate::store::schema::patients;
use crate::store::testing::on_both_engines;
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide};

fn record(store: &Store, new: &NewOutcome) -> Result<Written, Code> {
    let new = new.clone().checked(today()).map_err(|problem| problem.code())?;
    let recorded = store.write_now(move |tx| outcome_store::record(tx, &Actor::System, &new));
    recorded.map(|(_, recorded)| recorded).map_err(|problem| problem.code())
}

fn withdraw(store: &Store, of: OutcomeId, id: OutcomeId) -> Result<Written, Code> {
    let withdrawal = Withdrawal { id, reason: " another patient's ".to_owned() }.checked().unwrap();
    let withdrawn = store.write_now(move |tx| outcome_store::withdraw(tx, &Actor::System, of, &withdrawal));
    withdrawn.map(|(_, recorded)| recorded).map_err(|problem| problem.code())
}

/// From the record of the device, which is the same as from the columns of the whole registry.
fn curve(store: &Store, product: ProductId) -> DeviceCurve {
    let stored = store.read_now(|connection| StoredCohort::of_device(connection, product)).unwrap();
    let curve = DeviceCurve::of(product, &stored, today());
    let registry = store.read_now(cohort).unwrap();
    let of_columns = DeviceCurve::of(product, &registry.only(product), today());
    assert_eq!(serde_json::to_value(&curve).unwrap(), serde_json::to_value(&of_columns).unwrap());
    curve
}

/// Percent revised at five years, implants revised and years of use.
fn figures(store: &Store, product: ProductId) -> (f64, u64, f64) {
    let curve = curve(store, product);
    (curve.at_years[2].percent.unwrap(), curve.revised.unwrap(), curve.years.unwrap())
}

#[test]
fn a_revision_ends_the_life_of_the_device_and_its_withdrawal_gives_it_back() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let before = curve(store, product);
        assert_eq!((before.n, before.revised, before.curve.len()), (Some(4), Some(0), 0));
        assert_eq!((before.first, before.last, before.sites), (Some(day(DAYS[0])), Some(day(DAYS[3])), 1));

        let taken_out = revision(all[0], "2020-01-01", &[all[0].device]);
        assert_eq!(record(store, &taken_out), Ok(Written::Now));
        let after = curve(store, product);
        // Of four, one after two years, when the latest had left observation: one of three at risk.
        let five = after.at_years[2];
        assert_eq!((after.revised, five.at_risk), (Some(1), 2));
        assert!((five.percent.unwrap() - 100.0 / 3.0).abs() < 1e-9, "{five:?}");
        assert!(five.lower.unwrap() > 0.0 && five.upper.unwrap() < 100.0);
        assert_eq!((after.curve.len(), after.curve[0].day, after.curve[0].at_risk), (1, 730.0, 3));
        assert_ne!(after.snapshot, before.snapshot);
        assert!(after.years < before.years && after.rate.unwrap().rate > 0.0);
        let limits = crate::analysis::chart::Limits::default();
        assert_ne!(after.svg("Stem", limits, None), before.svg("Stem", limits, None));
        let listed = store.read_now(|c| counts(c, &[product])).unwrap();
        assert_eq!(listed[&product], (4, 1));

        let id = OutcomeId::new();
        assert_eq!(withdraw(store, taken_out.id, id), Ok(Written::Now));
        assert_eq!(withdraw(store, taken_out.id, id), Ok(Written::Before));
        assert_eq!(withdraw(store, taken_out.id, OutcomeId::new()), Err(Code::WrongState));
        assert_eq!(curve(store, product).snapshot, before.snapshot);
        // In place again, so it can be taken out.
        assert_eq!(record(store, &revision(all[0], "2021-01-01", &[all[0].device])), Ok(Written::Now));
        assert_eq!(figures(store, product).1, 1);
        let mine = store.read_now(|c| outcome_store::of_procedure(c, all[0].procedure)).unwrap();
        assert_eq!(mine.iter().map(|one| one.row.withdrawn).collect::<Vec<_>>(), [true, false]);
    });
}

#[test]
fn the_same_outcome_twice_is_one_and_another_under_its_id_is_refused() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let new = revision(all[0], "2020-01-01", &[all[0].device]);
        assert_eq!(record(store, &new), Ok(Written::Now));
        assert_eq!(record(store, &new), Ok(Written::Before));
        assert_eq!(record(store, &NewOutcome { occurred_on: day("2020-01-02"), ..new.clone() }), Err(Code::IdReused));
        let other_device = NewOutcome { id: new.id, ..revision(all[0], "2020-01-01", &[]) };
        assert_eq!(record(store, &other_device), Err(Code::IdReused));
        assert_eq!(figures(store, product).1, 1);
        let filter = AuditFilter { action: Some("outcome-recorded".to_owned()), limit: 10, ..AuditFilter::default() };
        assert_eq!(store.read_now(|c| audit::latest(c, &filter)).unwrap().len(), 1);
    });
}

#[test]
fn what_cannot_have_been_taken_out_is_refused_and_leaves_nothing() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let one = all[0];
        for (new, code) in [
            (revision(one, "2020-01-01", &[all[1].device]), Code::InvalidInput), // someone else's
            (revision(one, "2017-12-31", &[one.device]), Code::InvalidInput),    // before it was implanted
            (revision(one, "2026-11-24", &[one.device]), Code::InvalidInput),    // in the future
            (revision(one, "2020-01-01", &[DeviceUseId::new()]), Code::NotFound),
            (outcome(PatientId::new(), "2020-01-01", What::Death { code: None }), Code::NotFound),
        ] {
            assert_eq!(record(store, &new), Err(code), "{new:?}");
            assert!(store.read_now(|c| outcome_store::find(c, new.id)).unwrap().is_none());
        }
        assert_eq!(record(store, &revision(one, "2018-01-01", &[one.device])), Ok(Written::Now)); // the same day
        assert_eq!(record(store, &revision(one, "2020-01-01", &[one.device])), Err(Code::WrongState)); // twice
        let wasted = revision(all[1], "2020-01-01", &[all[1].device]);
        supersede(store, all[1], Fate::Wasted, product);
        assert_eq!(record(store, &wasted), Err(Code::WrongState)); // corrected since
        assert_eq!(curve(store, product).n, Some(3));
    });
}

#[test]
fn a_removal_holds_when_the_device_use_is_corrected_afterwards() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        record(store, &revision(all[0], "2020-01-01", &[all[0].device])).unwrap();
        let before = figures(store, product);
        let now = supersede(store, all[0], Fate::Implanted, product);
        assert_eq!(figures(store, product), before);
        assert_eq!(store.read_now(|c| counts(c, &[product])).unwrap()[&product], (4, 1));
        assert_eq!(record(store, &revision(all[0], "2021-01-01", &[now])), Err(Code::WrongState));
    });
}

#[test]
fn an_explant_in_theatre_ends_the_life_too() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let one = all[0];
        // Of nothing that the registry knows.
        let of_nothing = (DeviceUseId::new(), Fate::Explanted);
        store.write_now(move |tx| device_use(tx, one, of_nothing, None, product)).unwrap();
        explant(store, one, "2020-01-01");
        let curve = curve(store, product);
        assert_eq!((curve.n, curve.revised, curve.curve[0].day), (Some(4), Some(1), 730.0));
        assert_eq!(store.read_now(|c| counts(c, &[product])).unwrap()[&product], (4, 1));
        // The revision that it was is recorded beside it and counts once.
        assert_eq!(record(store, &revision(one, "2020-01-01", &[one.device])), Ok(Written::Now));
        assert_eq!(figures(store, product).1, 1);
        assert_eq!(store.read_now(|c| counts(c, &[product])).unwrap()[&product], (4, 1));
    });
}

#[test]
fn a_correction_takes_the_place_of_what_it_corrects() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let wrong = revision(all[0], "2020-01-01", &[all[0].device]);
        record(store, &wrong).unwrap();
        let right = NewOutcome {
            supersedes: Some(wrong.id),
            reason: Some("the year was misread".to_owned()),
            ..revision(all[0], "2021-01-01", &[all[0].device])
        };
        assert_eq!(record(store, &NewOutcome { reason: None, ..right.clone() }), Err(Code::InvalidInput));
        let another = NewOutcome { id: OutcomeId::new(), patient: all[1].patient, ..right.clone() };
        assert_eq!(record(store, &another), Err(Code::InvalidInput));
        assert_eq!(record(store, &right), Ok(Written::Now));
        assert_eq!(record(store, &NewOutcome { id: OutcomeId::new(), ..right.clone() }), Err(Code::WrongState));
        let curve = curve(store, product);
        assert_eq!((curve.revised, curve.curve[0].day), (Some(1), 1096.0));
        let patients = store.read_now(|c| outcome_store::of_patient(c, all[0].patient)).unwrap();
        assert_eq!(patients.iter().map(|one| one.row.id).collect::<Vec<_>>(), [right.id]);
    });
}

#[test]
fn a_death_ends_observation_for_everyone_linked_and_happens_once() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let (first, second) = (all[0].patient, all[1].patient);
        store
            .write_now(move |tx| {
                diesel::update(patients::table.find(second)).set(patients::person_id.eq(first)).execute(&mut **tx)?;
                Ok(())
            })
            .unwrap();
        let death = outcome(second, "2020-01-01", What::Death { code: None });
        assert_eq!(record(store, &death), Ok(Written::Now));
        let again = outcome(first, "2020-01-02", What::Death { code: None });
        assert_eq!(record(store, &again), Err(Code::WrongState));
        let curve = curve(store, product);
        assert_eq!((curve.n, curve.revised, curve.died), (Some(4), Some(0), Some(2)));
    });
}

#[test]
fn procedures_are_summed_by_code_side_and_site_and_nothing_is_dropped() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let complication =
            What::Complication { procedure: Some(all[0].procedure), code: "thrombosis".to_owned(), detail: None };
        let prom = |score| What::Prom { procedure: Some(all[2].procedure), instrument: "oxford-hip".to_owned(), score };
        for new in [
            revision(all[0], "2020-01-01", &[all[0].device]),
            revision(all[3], "2026-05-01", &[]), // its device is in no registry
            outcome(all[1].patient, "2018-07-01", What::Death { code: None }), // on day 30
            outcome(all[0].patient, "2018-02-01", complication),
            outcome(all[2].patient, "2018-01-01", prom(20.0)),
            outcome(all[2].patient, "2019-06-01", prom(40.0)),
            outcome(all[2].patient, "2019-12-01", prom(44.0)),
        ] {
            assert_eq!(record(store, &new), Ok(Written::Now), "{new:?}");
        }
        let summary = |filter: &ProcedureFilter| {
            ProcedureOutcomes::of(&store.read_now(|connection| follow(connection, filter)).unwrap(), today())
        };
        let all_of_them = summary(&ProcedureFilter::default());
        assert_eq!(all_of_them.unlinked_revisions, Some(1));
        assert_eq!(
            all_of_them
                .devices
                .iter()
                .map(|d| (d.product, d.implanted.unwrap(), d.revised.unwrap()))
                .collect::<Vec<_>>(),
            [(Some(product), 4, 1)]
        );
        let [group] = &all_of_them.groups[..] else { panic!("{all_of_them:?}") };
        assert_eq!((group.procedures, group.implanted, group.revised_procedures), (Some(4), Some(4), Some(1)));
        let counts = [group.deaths_30, group.deaths_90, group.deaths_365, group.complications];
        assert_eq!(counts, [Some(1); 4]);
        let scores = &group.proms[0];
        assert_eq!((scores.n, scores.mean, scores.change.map(|change| change.change)), (1, 44.0, Some(24.0)));
        assert_eq!(group.revision_rate.unwrap().events, 1);
        let day = |text| Some(day(text));
        let early = ProcedureFilter {
            opcs4: Some("W371".to_owned()),
            side: Some(OperatedSide::Right),
            site: Some("RXX01".to_owned()),
            indication: None,
            period: Period { from: day("2018-06-01"), to: day("2019-01-01") },
            patients: None,
        };
        let some = summary(&early);
        assert_eq!(
            (some.groups[0].procedures, some.groups[0].deaths_30, some.unlinked_revisions),
            (Some(2), Some(1), Some(0))
        );
        let why = ProcedureFilter { indication: Some("fracture".to_owned()), ..early.clone() };
        assert!(summary(&why).groups.is_empty(), "nobody recorded an indication");
        let left = ProcedureFilter { side: Some(OperatedSide::Left), ..early };
        assert!(summary(&left).groups.is_empty());
    });
}

#[test]
fn a_device_page_says_why_and_what_names_no_device() {
    on_both_engines(|store| {
        let (product, all) = registry(store, &DAYS);
        let reasons = |store: &Store| -> Vec<(Option<RevisionReason>, Option<u64>)> {
            curve(store, product).reasons.iter().map(|row| (row.reason, row.revised)).collect()
        };
        explant(store, all[0], "2020-01-01");
        assert_eq!(reasons(store), [(None, Some(1))], "an explant in theatre alone says no reason");
        record(store, &revision(all[0], "2020-01-01", &[all[0].device])).unwrap();
        assert_eq!(reasons(store), [(Some(RevisionReason::Infection), Some(1))], "the revision of that day says it");

        assert_eq!(curve(store, product).unlinked_revisions, Some(0));
        let unlinked = revision(all[1], "2020-05-01", &[]);
        record(store, &unlinked).unwrap();
        record(store, &revision(all[3], "2020-05-01", &[])).unwrap(); // before its device was there
        let seen = curve(store, product);
        assert_eq!((seen.unlinked_revisions, seen.revised), (Some(1), Some(1)));
        assert_eq!(withdraw(store, unlinked.id, OutcomeId::new()), Ok(Written::Now));
        assert_eq!(curve(store, product).unlinked_revisions, Some(0));
        let in_bands: u64 = seen.by_years.iter().filter_map(|row| row.revised).sum();
        assert_eq!((in_bands, seen.at_sites.len()), (1, 1));
        assert_eq!((seen.at_sites[0].implanted, seen.at_sites[0].revised), (Some(4), Some(1)));
    });
}

#[test]
fn a_curve_comes_from_the_columns_until_something_of_its_device_is_recorded() {
    on_both_engines(|store| {
        let (product, _) = registry(store, &DAYS);
        let now = |columns: &Arc<Snapshot>| {
            let columns = Arc::clone(columns);
            store.read_now(move |connection| curve_now(connection, product, Some(&columns))).unwrap().n
        };
        // Columns of nothing show which of the two was asked.
        let nothing = |minutes: i64| {
            let taken = Utc::now() + chrono::Duration::minutes(minutes);
            Arc::new(Snapshot::new(StoredCohort::default(), taken))
        };
        assert_eq!(now(&nothing(5)), Some(0), "nothing was recorded since");
        assert_eq!(now(&nothing(-5)), Some(4), "what was recorded since is there");
        assert_eq!(now(&nothing(0)), Some(4), "nor is it missed where it began before");
    });
}
