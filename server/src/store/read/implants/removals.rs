//! What took implants out: revisions in force, and explants in theatre.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use tessera_scanner::verdict::london_date;

use super::{CHUNK, ImplantFilter, Row, explant, explanted_in, later_explant, later_outcome, later_use, linked};
use crate::error::Problem;
use crate::outcomes::model::{OutcomeId, OutcomeKind, RevisionReason};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::read::period::Period;
use crate::store::schema::{device_uses, outcomes, patients, procedures, revision_removals};
use crate::theatre::model::{DeviceUseId, Fate};

/// What took an implant out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::read) struct Removal {
    pub on: NaiveDate,
    /// None where an explant in theatre is all that is known of it.
    pub reason: Option<RevisionReason>,
}

impl Removal {
    /// A code that is none of the list's (another registry's) is another reason.
    pub fn by_revision(on: NaiveDate, code: Option<&str>) -> Self {
        Self { on, reason: code.map(|code| code.parse().unwrap_or(RevisionReason::Other)) }
    }
}

/// Keeps the earliest, and of one day's that which says why.
pub(in crate::store::read) fn first(map: &mut HashMap<DeviceUseId, Removal>, device: DeviceUseId, removal: Removal) {
    let known = map.entry(device).or_insert(removal);
    if (removal.on, removal.reason.is_none()) < (known.on, known.reason.is_none()) {
        *known = removal;
    }
}

/// When revisions took implants out, by their present rows.
pub(super) fn removals(
    connection: &mut AnyConnection,
    filter: &ImplantFilter,
    rows: &[Row],
) -> Result<HashMap<DeviceUseId, Removal>, Problem> {
    let source = device_uses::table
        .inner_join(procedures::table)
        .inner_join(revision_removals::table.inner_join(outcomes::table))
        .filter(in_force!());
    let direct: Vec<(DeviceUseId, NaiveDate, Option<String>)> =
        current_implants!(source, filter, (device_uses::id, outcomes::occurred_on, outcomes::code)).load(connection)?;
    let mut removed = HashMap::with_capacity(direct.len());
    for (device, on, code) in direct {
        first(&mut removed, device, Removal::by_revision(on, code.as_deref()));
    }
    let source = device_uses::table
        .inner_join(procedures::table)
        .inner_join(explant.on(explant.field(device_uses::explant_of).eq(device_uses::id.nullable())))
        .inner_join(explanted_in.on(explanted_in.field(procedures::id).eq(explant.field(device_uses::procedure_id))))
        .filter(explant.field(device_uses::fate).eq(Fate::Explanted))
        .filter(not(exists(
            later_explant
                .filter(later_explant.field(device_uses::supersedes).eq(explant.field(device_uses::id).nullable())),
        )));
    let columns = (device_uses::id, explanted_in.field(procedures::started_at));
    let explanted: Vec<(DeviceUseId, Moment)> = current_implants!(source, filter, columns).load(connection)?;
    for (device, at) in explanted {
        first(&mut removed, device, Removal { on: london_date(at.utc()), reason: None });
    }
    let corrected = rows.iter().filter_map(|row| Some((row.id, row.supersedes?))).collect();
    for (device, removal) in removals_before_correction(connection, corrected)? {
        first(&mut removed, device, removal);
    }
    Ok(removed)
}

/// Few rows were corrected: what took them out may name any row before. Each pair is a present row and an earlier one.
pub(super) fn removals_before_correction(
    connection: &mut AnyConnection,
    mut pairs: Vec<(DeviceUseId, DeviceUseId)>,
) -> Result<HashMap<DeviceUseId, Removal>, Problem> {
    let mut removed = HashMap::new();
    while !pairs.is_empty() {
        let mut next = Vec::new();
        for chunk in pairs.chunks(CHUNK) {
            let named: Vec<DeviceUseId> = chunk.iter().map(|(_, earlier)| *earlier).collect();
            let present: HashMap<DeviceUseId, DeviceUseId> =
                chunk.iter().map(|&(now, earlier)| (earlier, now)).collect();
            let found: Vec<(DeviceUseId, NaiveDate, Option<String>)> = revision_removals::table
                .inner_join(outcomes::table)
                .filter(in_force!())
                .filter(revision_removals::device_use_id.eq_any(&named))
                .select((revision_removals::device_use_id, outcomes::occurred_on, outcomes::code))
                .load(connection)?;
            for (device, on, code) in found {
                first(&mut removed, present[&device], Removal::by_revision(on, code.as_deref()));
            }
            let earlier: Vec<(DeviceUseId, Option<DeviceUseId>)> = device_uses::table
                .filter(device_uses::id.eq_any(&named))
                .select((device_uses::id, device_uses::supersedes))
                .load(connection)?;
            next.extend(earlier.into_iter().filter_map(|(device, earlier)| Some((present[&device], earlier?))));
        }
        pairs = next;
    }
    Ok(removed)
}

/// Revisions of a period whose device the registry does not know: kept, and counted here.
///
/// # Errors
/// Those of the database.
pub fn unlinked_revisions(connection: &mut AnyConnection, period: Period) -> Result<i64, Problem> {
    let mut query = outcomes::table
        .filter(outcomes::kind.eq(OutcomeKind::Revision))
        .filter(in_force!())
        .filter(not(exists(revision_removals::table.filter(revision_removals::outcome_id.eq(outcomes::id)))))
        .count()
        .into_boxed();
    if let Some(from) = period.from {
        query = query.filter(outcomes::occurred_on.ge(from));
    }
    if let Some(to) = period.to {
        query = query.filter(outcomes::occurred_on.le(to));
    }
    Ok(query.get_result(connection)?)
}

/// Revisions of persons who have an implant of a filter, on or after its day, that name no device: any of them may be one of these.
///
/// # Errors
/// Those of the database.
pub fn unlinked_revisions_of(connection: &mut AnyConnection, filter: &ImplantFilter) -> Result<u64, Problem> {
    let same_person = linked.field(patients::person_id).eq(patients::person_id);
    let source = device_uses::table
        .inner_join(procedures::table.inner_join(patients::table))
        .inner_join(linked.on(same_person))
        .inner_join(outcomes::table.on(outcomes::patient_id.eq(linked.field(patients::id))))
        .filter(outcomes::kind.eq(OutcomeKind::Revision))
        .filter(in_force!())
        .filter(not(exists(revision_removals::table.filter(revision_removals::outcome_id.eq(outcomes::id)))));
    let columns = (outcomes::id, outcomes::occurred_on, procedures::started_at);
    let found: Vec<(OutcomeId, NaiveDate, Moment)> = current_implants!(source, filter, columns).load(connection)?;
    let later = found.into_iter().filter(|(_, on, at)| *on >= london_date(at.utc()));
    Ok(later.map(|(id, ..)| id).collect::<BTreeSet<_>>().len() as u64)
}
