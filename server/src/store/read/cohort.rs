//! Every implant with what became of it: the rows that the analysis is built from.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike as _, NaiveDate};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use tessera_scanner::verdict::london_date;

use crate::analysis::cohort::{Builder, Cohort, End, Exit, ImplantRow, Opcs4, Sex, Side, SiteCode};
use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::outcomes::model::{OutcomeId, OutcomeKind};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, outcomes, patients, procedures, revision_removals};
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide};

/// Rows asked for at a time, so that memory does not grow with the registry.
const PAGE: i64 = 100_000;

/// A cohort as it stands in the store.
#[derive(Clone, Debug, Default)]
pub struct StoredCohort {
    /// All implants of known products.
    pub cohort: Cohort,
    /// Implants that columns cannot hold (an outcome dated before the operation, a date outside 1950 to 2129): counted, so
    /// that they can be shown and corrected.
    pub left_out: u64,
}

/// All implants with their ends, by the rule of [`super::implants`]: the current row of a use that is implanted ends with the
/// first revision in force that took it out (under its present row or one that was corrected), or with its person's death.
///
/// Everything is read in one transaction and page by page, so that the cohort is of one moment and the whole registry need not
/// fit in memory as rows. Only the year of birth is open, so that the age is right to within a year.
///
/// # Errors
/// Those of the database.
pub fn cohort(connection: &mut AnyConnection) -> Result<StoredCohort, Problem> {
    connection.transaction(|connection| {
        if let AnyConnection::Postgres(connection) = connection {
            connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        }
        let ends = Ends::read(connection)?;
        let (mut builder, mut left_out, mut after) = (Builder::default(), 0, None);
        loop {
            let page = page(connection, after)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for implant in page.iter().filter(|implant| !ends.successor.contains_key(&implant.id)) {
                let taken = implant.row(&ends).and_then(|row| builder.push(&row).ok());
                left_out += u64::from(taken.is_none());
            }
        }
        Ok(StoredCohort { cohort: builder.finish(), left_out })
    })
}

/// What ended implants, in memory: far fewer than implants, and asked for once each.
struct Ends {
    /// The row that stands for an earlier one.
    successor: HashMap<DeviceUseId, DeviceUseId>,
    removed: HashMap<DeviceUseId, NaiveDate>,
    died: HashMap<PatientId, NaiveDate>,
}

impl Ends {
    fn read(connection: &mut AnyConnection) -> Result<Self, Problem> {
        let successor: HashMap<DeviceUseId, DeviceUseId> = device_uses::table
            .filter(device_uses::supersedes.is_not_null())
            .select((device_uses::supersedes.assume_not_null(), device_uses::id))
            .load(connection)?
            .into_iter()
            .collect();
        let corrected: HashSet<OutcomeId> = outcomes::table
            .filter(outcomes::supersedes.is_not_null())
            .select(outcomes::supersedes.assume_not_null())
            .load(connection)?
            .into_iter()
            .collect();
        let revisions: Vec<(OutcomeId, DeviceUseId, NaiveDate)> = revision_removals::table
            .inner_join(outcomes::table)
            .filter(outcomes::withdrawn.eq(false))
            .select((outcomes::id, revision_removals::device_use_id, outcomes::occurred_on))
            .load(connection)?;
        let present = |mut row: DeviceUseId| {
            while let Some(later) = successor.get(&row) {
                row = *later;
            }
            row
        };
        let removed = earliest(
            revisions.into_iter().filter(|(id, ..)| !corrected.contains(id)).map(|(_, row, on)| (present(row), on)),
        );
        let deaths: Vec<(OutcomeId, PatientId, NaiveDate)> = outcomes::table
            .inner_join(patients::table)
            .filter(outcomes::kind.eq(OutcomeKind::Death).and(outcomes::withdrawn.eq(false)))
            .select((outcomes::id, patients::person_id, outcomes::occurred_on))
            .load(connection)?;
        let died =
            earliest(deaths.into_iter().filter(|(id, ..)| !corrected.contains(id)).map(|(_, person, on)| (person, on)));
        Ok(Self { successor, removed, died })
    }
}

fn earliest<K: Eq + std::hash::Hash>(dated: impl IntoIterator<Item = (K, NaiveDate)>) -> HashMap<K, NaiveDate> {
    let mut out = HashMap::new();
    for (key, on) in dated {
        out.entry(key).and_modify(|first: &mut NaiveDate| *first = on.min(*first)).or_insert(on);
    }
    out
}

/// One implanted device with its operation and its patient.
#[derive(Debug, Queryable)]
struct Implant {
    id: DeviceUseId,
    product: ProductId,
    device_side: Option<OperatedSide>,
    site: String,
    opcs4: String,
    side: Option<OperatedSide>,
    started_at: Moment,
    person: PatientId,
    birth_year: Option<i32>,
    sex: Option<String>,
}

fn page(connection: &mut AnyConnection, after: Option<DeviceUseId>) -> Result<Vec<Implant>, Problem> {
    let query = device_uses::table
        .inner_join(procedures::table.inner_join(patients::table))
        .filter(device_uses::fate.eq(Fate::Implanted).and(device_uses::product_id.is_not_null()))
        .select((
            device_uses::id,
            device_uses::product_id.assume_not_null(),
            device_uses::side,
            procedures::site_code,
            procedures::opcs4,
            procedures::side,
            procedures::started_at,
            patients::person_id,
            patients::birth_year,
            patients::sex,
        ))
        .order(device_uses::id)
        .limit(PAGE);
    Ok(match after {
        None => query.load(connection)?,
        Some(after) => query.filter(device_uses::id.gt(after)).load(connection)?,
    })
}

impl Implant {
    /// None where the site code is none.
    fn row(&self, ends: &Ends) -> Option<ImplantRow> {
        let on = london_date(self.started_at.utc());
        let removed = ends.removed.get(&self.id).map(|&on| Exit { on, why: End::Revised });
        let died = ends.died.get(&self.person).map(|&on| Exit { on, why: End::Died });
        let exit = match (removed, died) {
            (Some(removed), Some(died)) if died.on < removed.on => Some(died),
            (removed, died) => removed.or(died),
        };
        Some(ImplantRow {
            product: self.product.uuid(),
            site: SiteCode::new(&self.site).ok()?,
            procedure: Opcs4::new(&self.opcs4).unwrap_or_default(),
            side: match self.device_side.or(self.side) {
                None => Side::None,
                Some(OperatedSide::Left) => Side::Left,
                Some(OperatedSide::Right) => Side::Right,
                Some(OperatedSide::Bilateral) => Side::Bilateral,
            },
            sex: match self.sex.as_deref() {
                Some("female") => Sex::Female,
                Some("male") => Sex::Male,
                Some(_) => Sex::Other,
                None => Sex::Unknown,
            },
            age: self.birth_year.and_then(|year| u8::try_from(on.year() - year).ok()),
            implanted_on: on,
            exit,
        })
    }
}
