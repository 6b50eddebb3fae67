//! Which devices are not in the patient any more: explanted, or taken out by a revision.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use tessera_scanner::verdict::london_date;

use crate::error::Problem;
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, outcomes, procedures, revision_removals};
use crate::theatre::model::DeviceUseId;

/// Devices of one question: a long list asks hundreds of times otherwise.
const AT_ONCE: usize = 5_000;

diesel::alias!(device_uses as later_uses: LaterUses, outcomes as later_outcomes: LaterOutcomes);

/// The day on which each was taken out, for those that were. `chains` is each current record with the one it supersedes:
/// a removal may have been recorded before the record was corrected, so that it names an earlier one of the chain.
pub(super) fn of(
    connection: &mut AnyConnection,
    chains: &[(DeviceUseId, Option<DeviceUseId>)],
) -> Result<HashMap<DeviceUseId, NaiveDate>, Problem> {
    let current_of = with_earlier_records(connection, chains)?;
    let ids: Vec<DeviceUseId> = current_of.keys().copied().collect();
    let mut removed = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        for (id, day) in explanted(connection, some)?.into_iter().chain(revised(connection, some)?) {
            let earliest = removed.entry(current_of[&id]).or_insert(day);
            *earliest = day.min(*earliest);
        }
    }
    Ok(removed)
}

/// Every record of each chain, with the current one.
fn with_earlier_records(
    connection: &mut AnyConnection,
    chains: &[(DeviceUseId, Option<DeviceUseId>)],
) -> Result<HashMap<DeviceUseId, DeviceUseId>, Problem> {
    let mut current_of: HashMap<_, _> = chains.iter().map(|(id, _)| (*id, *id)).collect();
    let mut open: Vec<_> = chains.iter().filter_map(|(id, earlier)| Some(((*earlier)?, *id))).collect();
    while !open.is_empty() {
        let mut next = Vec::new();
        for some in open.chunks(AT_ONCE) {
            current_of.extend(some.iter().copied());
            let ids: Vec<_> = some.iter().map(|(id, _)| *id).collect();
            let rows: Vec<(DeviceUseId, Option<DeviceUseId>)> = device_uses::table
                .filter(device_uses::id.eq_any(ids))
                .filter(device_uses::supersedes.is_not_null())
                .select((device_uses::id, device_uses::supersedes))
                .load(connection)?;
            next.extend(rows.into_iter().filter_map(|(id, earlier)| Some((earlier?, current_of[&id]))));
        }
        open = next;
    }
    Ok(current_of)
}

fn explanted(connection: &mut AnyConnection, of: &[DeviceUseId]) -> Result<Vec<(DeviceUseId, NaiveDate)>, Problem> {
    let later = later_uses.filter(later_uses.field(device_uses::supersedes).eq(device_uses::id.nullable()));
    let rows: Vec<(Option<DeviceUseId>, Moment)> = device_uses::table
        .inner_join(procedures::table)
        .filter(device_uses::explant_of.eq_any(of.to_vec()))
        .filter(device_uses::fate.eq("explanted"))
        .filter(not(exists(later)))
        .select((device_uses::explant_of, procedures::started_at))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id?, london_date(at.utc())))).collect())
}

fn revised(connection: &mut AnyConnection, of: &[DeviceUseId]) -> Result<Vec<(DeviceUseId, NaiveDate)>, Problem> {
    let later = later_outcomes.filter(later_outcomes.field(outcomes::supersedes).eq(outcomes::id.nullable()));
    Ok(revision_removals::table
        .inner_join(outcomes::table)
        .filter(revision_removals::device_use_id.eq_any(of.to_vec()))
        .filter(outcomes::withdrawn.eq(false))
        .filter(not(exists(later)))
        .select((revision_removals::device_use_id, outcomes::occurred_on))
        .load(connection)?)
}
