//! Two patients who turn out to be one person, and the way back.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use super::model::{LinkId, PatientId};
use super::store::person_of;
use crate::access::{Actor, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::store::Transaction;
use crate::store::columns::Moment;
use crate::store::schema::{patient_links, patients};

#[derive(Debug, Serialize)]
struct Detail<'a> {
    patient: PatientId,
    linked_to: PatientId,
    reason: &'a str,
}

/// Says that two patients are one person. The same link twice is one link.
///
/// # Errors
/// [`Code::InvalidInput`] without a reason or for one and the same patient; [`Code::NotFound`].
pub fn link(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    id: LinkId,
    pair: (PatientId, PatientId),
    reason: &str,
) -> Result<LinkId, Problem> {
    let (patient, linked_to) = pair;
    if patient == linked_to || reason.trim().is_empty() {
        return Err(Problem::invalid("A link joins two different patients and has a reason."));
    }
    let known: Option<(PatientId, PatientId)> = patient_links::table
        .find(id)
        .select((patient_links::patient_id, patient_links::linked_to))
        .first(&mut **tx)
        .optional()?;
    if let Some(known) = known {
        let same = known == pair;
        return if same { Ok(id) } else { Err(Problem::new(Code::IdReused, "The link's id is another link's.")) };
    }
    let people = [person_of(tx, patient)?, person_of(tx, linked_to)?];
    diesel::insert_into(patient_links::table)
        .values((
            patient_links::id.eq(id),
            patient_links::patient_id.eq(patient),
            patient_links::linked_to.eq(linked_to),
            patient_links::reason.eq(reason.trim()),
            patient_links::linked_at.eq(Moment::now()),
            patient_links::linked_by.eq(user),
        ))
        .execute(&mut **tx)?;
    regroup(tx, &people)?;
    let detail = Detail { patient, linked_to, reason };
    let act = Act { action: "patients-linked", subject_kind: "patient", subject: patient.to_string(), detail: &detail };
    audit::record(tx, actor, &act)?;
    Ok(id)
}

/// Takes a link back; every patient stands again for whom the other links say.
///
/// # Errors
/// [`Code::NotFound`], or [`Code::WrongState`] where it was taken back before.
pub fn unlink(tx: &mut Transaction<'_>, actor: &Actor, user: UserId, id: LinkId, reason: &str) -> Result<(), Problem> {
    if reason.trim().is_empty() {
        return Err(Problem::invalid("Taking a link back has a reason."));
    }
    let found: Option<(PatientId, PatientId, Option<Moment>)> = patient_links::table
        .find(id)
        .select((patient_links::patient_id, patient_links::linked_to, patient_links::undone_at))
        .first(&mut **tx)
        .optional()?;
    let (patient, linked_to, undone) = found.ok_or_else(|| Problem::not_found(format!("link {id}")))?;
    if undone.is_some() {
        return Err(Problem::new(Code::WrongState, "This link was taken back before."));
    }
    let person = person_of(tx, patient)?;
    diesel::update(patient_links::table.find(id))
        .set((
            patient_links::undone_at.eq(Moment::now()),
            patient_links::undone_by.eq(user),
            patient_links::undone_reason.eq(reason.trim()),
        ))
        .execute(&mut **tx)?;
    regroup(tx, &[person])?;
    let detail = Detail { patient, linked_to, reason };
    let act =
        Act { action: "patients-unlinked", subject_kind: "patient", subject: patient.to_string(), detail: &detail };
    audit::record(tx, actor, &act)
}

/// Works out anew who stands for whom among all patients of these people. The earliest record stands for the others.
fn regroup(tx: &mut Transaction<'_>, people: &[PatientId]) -> Result<(), Problem> {
    let members: Vec<PatientId> =
        patients::table.filter(patients::person_id.eq_any(people.to_vec())).select(patients::id).load(&mut **tx)?;
    let links: Vec<(PatientId, PatientId)> = patient_links::table
        .filter(patient_links::undone_at.is_null().and(patient_links::patient_id.eq_any(members.clone())))
        .select((patient_links::patient_id, patient_links::linked_to))
        .load(&mut **tx)?;
    for (patient, person) in groups(&members, &links) {
        diesel::update(patients::table.find(patient)).set(patients::person_id.eq(person)).execute(&mut **tx)?;
    }
    Ok(())
}

/// Each member with the earliest member that it is linked to, directly or through others.
fn groups(members: &[PatientId], links: &[(PatientId, PatientId)]) -> BTreeMap<PatientId, PatientId> {
    let mut person: BTreeMap<PatientId, PatientId> = members.iter().map(|&member| (member, member)).collect();
    // Groups are a handful of records: going round until nothing changes is quick and plain.
    loop {
        let mut changed = false;
        for (a, b) in links {
            let (Some(&of_a), Some(&of_b)) = (person.get(a), person.get(b)) else { continue };
            if of_a != of_b {
                let earliest = of_a.min(of_b);
                for of in person.values_mut().filter(|of| **of == of_a || **of == of_b) {
                    *of = earliest;
                }
                changed = true;
            }
        }
        if !changed {
            return person;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::store::{NewUser, add_user};
    use crate::access::{Password, Role};
    use crate::identity::keys::IdentityKeys;
    use crate::identity::model::{PatientIdentifier, Presented};
    use crate::identity::store::find_or_add;
    use crate::store::testing::on_both_engines;

    #[test]
    fn linking_is_reversible() {
        let keys = IdentityKeys::new(&[1; 32]);
        let password = Password::new("long enough password").unwrap().hash().unwrap();
        on_both_engines(|store| {
            let (keys, password) = (keys.clone(), password.clone());
            store
                .write_now(move |tx| {
                    let new = NewUser {
                        username: "sam".into(),
                        display_name: "Sam".into(),
                        role: Role::Safety,
                        site_code: None,
                        password: password.clone(),
                    };
                    let user = add_user(tx, &Actor::System, &new)?;
                    let mut add = |text: &str| {
                        let identifiers = vec![PatientIdentifier::Temporary(text.to_owned())];
                        let presented = Presented { identifiers, ..Presented::default() };
                        find_or_add(tx, &keys, &Actor::System, &presented).map(|found| found.patient)
                    };
                    let (a, b, c) = (add("A")?, add("B")?, add("C")?);
                    assert_eq!(add("A")?, a, "the same identifier is the same patient");
                    let ab = link(tx, &Actor::System, user, LinkId::new(), (a, b), "same wristband")?;
                    let bc = link(tx, &Actor::System, user, LinkId::new(), (c, b), "told by the ward")?;
                    assert_eq!([person_of(tx, b)?, person_of(tx, c)?], [a, a]);
                    unlink(tx, &Actor::System, user, ab, "a brother")?;
                    assert_eq!([person_of(tx, a)?, person_of(tx, b)?, person_of(tx, c)?], [a, b, b]);
                    unlink(tx, &Actor::System, user, bc, "no")?;
                    assert_eq!(person_of(tx, c)?, c);
                    assert!(unlink(tx, &Actor::System, user, bc, "again").is_err());
                    Ok(())
                })
                .unwrap();
        });
    }
}
