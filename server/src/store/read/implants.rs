//! Implants and what became of them: reach for it to count, to draw a curve, or to fill a cohort.
//!
//! An implant is the current row of a device use whose fate is `implanted`. It ends with the first revision in force that took
//! it out (under its present row or one that was corrected) or with its explant in theatre, or with the death of its person.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use tessera_scanner::verdict::london_date;

use super::cohort::{Circumstances, circumstances, operation_of, sex_of, side_of};
use super::period::Period;
use crate::analysis::cohort::{End, Exit, ImplantRow, Opcs4, Operation, SiteCode};
use crate::catalogue::ProductId;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::outcomes::model::{OutcomeKind, RevisionReason};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{device_uses, outcomes, patients, procedures, revision_removals};
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide, ProcedureId};

diesel::alias!(
    device_uses as later_use: LaterUse,
    outcomes as later_outcome: LaterOutcome,
    device_uses as explant: Explant,
    device_uses as later_explant: LaterExplant,
    procedures as explanted_in: ExplantedIn,
    patients as linked: Linked,
);

/// Device uses looked up with one question, where a list of them is asked for.
const CHUNK: usize = 900;

/// Which implants.
#[derive(Clone, Debug, Default)]
pub struct ImplantFilter {
    /// Of this product.
    pub product: Option<ProductId>,
    /// In these procedures.
    pub procedures: ProcedureFilter,
}

/// Which procedures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcedureFilter {
    /// This OPCS-4 code, without its dot.
    pub opcs4: Option<String>,
    /// On this side.
    pub side: Option<OperatedSide>,
    /// At this site.
    pub site: Option<String>,
    /// For this reason, as recorded.
    pub indication: Option<String>,
    /// On these days.
    pub period: Period,
    /// Of these patients; none for everybody.
    pub patients: Option<Vec<PatientId>>,
}

/// One implant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implant {
    /// Its device use.
    pub id: DeviceUseId,
    /// Its product, where the catalogue has it.
    pub product: Option<ProductId>,
    /// Its procedure.
    pub procedure: ProcedureId,
    /// Where (ODS site code).
    pub site: String,
    /// OPCS-4 without the dot.
    pub opcs4: String,
    /// The side.
    pub side: Option<OperatedSide>,
    /// Sex as recorded.
    pub sex: Option<String>,
    /// Age in that year.
    pub age: Option<i32>,
    /// What is known of the operation beyond its code.
    pub operation: Operation,
    /// The day.
    pub implanted_on: NaiveDate,
    /// The day on which it was taken out: by a revision, or by an explant in theatre.
    pub revised_on: Option<NaiveDate>,
    /// Why, where a revision says so.
    pub reason: Option<RevisionReason>,
    /// The day on which its person died.
    pub died_on: Option<NaiveDate>,
}

impl Implant {
    /// The day of whatever came first.
    pub fn ended_on(&self) -> Option<NaiveDate> {
        match (self.revised_on, self.died_on) {
            (Some(revised), Some(died)) => Some(revised.min(died)),
            (revised, died) => revised.or(died),
        }
    }

    /// As a row of columns; None where its site code is none.
    pub fn row(&self, product: ProductId) -> Option<ImplantRow> {
        let why = if self.is_revised() { End::Revised } else { End::Died };
        Some(ImplantRow {
            product: product.uuid(),
            site: SiteCode::new(&self.site).ok()?,
            procedure: Opcs4::new(&self.opcs4).unwrap_or_default(),
            side: side_of(self.side),
            sex: sex_of(self.sex.as_deref()),
            age: self.age.and_then(|age| u8::try_from(age).ok()),
            implanted_on: self.implanted_on,
            operation: self.operation,
            exit: self.ended_on().map(|on| Exit { on, why }),
        })
    }

    /// Whether a revision ended it, and not a death before.
    pub fn is_revised(&self) -> bool {
        self.revised_on.is_some_and(|revised| self.died_on.is_none_or(|died| revised <= died))
    }
}

/// Builds a question about the procedures of a filter: the same conditions whatever is joined and selected.
#[macro_export]
macro_rules! in_procedures {
    ($query:expr, $filter:expr) => {{
        use $crate::store::schema::procedures;
        let filter: &$crate::store::read::implants::ProcedureFilter = $filter;
        let mut query = $query;
        if let Some(code) = &filter.opcs4 {
            query = query.filter(procedures::opcs4.eq(code.clone()));
        }
        if let Some(side) = filter.side {
            query = query.filter(procedures::side.eq(side));
        }
        if let Some(site) = &filter.site {
            query = query.filter(procedures::site_code.eq(site.clone()));
        }
        if let Some(indication) = &filter.indication {
            query = query.filter(procedures::indication.eq(indication.clone()));
        }
        if let Some(patients) = &filter.patients {
            query = query.filter(procedures::patient_id.eq_any(patients.clone()));
        }
        if let Some(start) = filter.period.start() {
            query = query.filter(procedures::started_at.ge(start));
        }
        if let Some(end) = filter.period.end() {
            query = query.filter(procedures::started_at.lt(end));
        }
        query
    }};
}

/// Keeps of a source, which joins device uses to procedures, the current implants of a filter.
///
/// A source and not a sub-select: diesel boxes a query for one engine only, so it can be no part of another.
macro_rules! current_implants {
    ($source:expr, $filter:expr, $select:expr) => {{
        let filter: &ImplantFilter = $filter;
        let query = $source
            .filter(device_uses::fate.eq(Fate::Implanted))
            .filter(not(exists(
                later_use.filter(later_use.field(device_uses::supersedes).eq(device_uses::id.nullable())),
            )))
            .select($select)
            .into_boxed();
        let mut query = in_procedures!(query, &filter.procedures);
        if let Some(product) = filter.product {
            query = query.filter(device_uses::product_id.eq(product));
        }
        query
    }};
}

/// Nothing in force supersedes it, and it was not withdrawn.
macro_rules! in_force {
    () => {
        outcomes::withdrawn.eq(false).and(not(exists(
            later_outcome.filter(later_outcome.field(outcomes::supersedes).eq(outcomes::id.nullable())),
        )))
    };
}

#[derive(Queryable)]
struct Row {
    id: DeviceUseId,
    supersedes: Option<DeviceUseId>,
    product: Option<ProductId>,
    procedure: ProcedureId,
    site: String,
    opcs4: String,
    own_side: Option<OperatedSide>,
    operated_side: Option<OperatedSide>,
    started_at: Moment,
    person: PatientId,
    sex: Option<String>,
    birth_year: Option<i32>,
    circumstances: Circumstances,
}

// Below the macros that it uses.
mod removals;

pub(super) use removals::{Removal, first};
use removals::{removals, removals_before_correction};
pub use removals::{unlinked_revisions, unlinked_revisions_of};

/// Every implant of a filter, with its end.
///
/// # Errors
/// Those of the database.
pub fn implants(connection: &mut AnyConnection, filter: &ImplantFilter) -> Result<Vec<Implant>, Problem> {
    let columns = (
        device_uses::id,
        device_uses::supersedes,
        device_uses::product_id,
        procedures::id,
        procedures::site_code,
        procedures::opcs4,
        device_uses::side,
        procedures::side,
        procedures::started_at,
        patients::person_id,
        patients::sex,
        patients::birth_year,
        circumstances!(),
    );
    let source = device_uses::table.inner_join(procedures::table.inner_join(patients::table));
    let rows: Vec<Row> = current_implants!(source, filter, columns).load(connection)?;
    let removed = removals(connection, filter, &rows)?;
    let died = deaths(connection, filter)?;
    let implant = |row: Row| {
        let implanted_on = london_date(row.started_at.utc());
        Implant {
            id: row.id,
            product: row.product,
            procedure: row.procedure,
            site: row.site,
            opcs4: row.opcs4,
            side: row.own_side.or(row.operated_side),
            sex: row.sex,
            age: row.birth_year.map(|year| implanted_on.year() - year),
            operation: operation_of(&row.circumstances),
            implanted_on,
            revised_on: removed.get(&row.id).map(|removal| removal.on),
            reason: removed.get(&row.id).and_then(|removal| removal.reason),
            died_on: died.get(&row.person).copied(),
        }
    };
    Ok(rows.into_iter().map(implant).collect())
}

/// When the persons of a filter's implants died.
fn deaths(connection: &mut AnyConnection, filter: &ImplantFilter) -> Result<HashMap<PatientId, NaiveDate>, Problem> {
    let same_person = linked.field(patients::person_id).eq(patients::person_id);
    let source = device_uses::table
        .inner_join(procedures::table.inner_join(patients::table))
        .inner_join(linked.on(same_person))
        .inner_join(outcomes::table.on(outcomes::patient_id.eq(linked.field(patients::id))))
        .filter(outcomes::kind.eq(OutcomeKind::Death))
        .filter(in_force!());
    let found: Vec<(PatientId, NaiveDate)> =
        current_implants!(source, filter, (patients::person_id, outcomes::occurred_on)).load(connection)?;
    let mut died = HashMap::with_capacity(found.len());
    for (person, on) in found {
        earliest(&mut died, person, on);
    }
    Ok(died)
}

fn earliest<K: std::hash::Hash + Eq>(map: &mut HashMap<K, NaiveDate>, key: K, on: NaiveDate) {
    map.entry(key).and_modify(|known| *known = on.min(*known)).or_insert(on);
}

/// How many of each of these products are implanted, and how many of those were revised.
///
/// # Errors
/// Those of the database.
pub fn counts(
    connection: &mut AnyConnection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, (i64, i64)>, Problem> {
    let current = || {
        device_uses::table
            .filter(device_uses::product_id.eq_any(products))
            .filter(device_uses::fate.eq(Fate::Implanted))
            .filter(not(exists(
                later_use.filter(later_use.field(device_uses::supersedes).eq(device_uses::id.nullable())),
            )))
    };
    let implanted: Vec<(Option<ProductId>, i64)> = current()
        .group_by(device_uses::product_id)
        .select((device_uses::product_id, diesel::dsl::count_star()))
        .load(connection)?;
    let revised: Vec<(Option<ProductId>, i64)> = current()
        .filter(
            exists(
                revision_removals::table
                    .inner_join(outcomes::table)
                    .filter(revision_removals::device_use_id.eq(device_uses::id))
                    .filter(in_force!()),
            )
            .or(exists(
                explant
                    .filter(explant.field(device_uses::explant_of).eq(device_uses::id.nullable()))
                    .filter(explant.field(device_uses::fate).eq(Fate::Explanted))
                    .filter(not(exists(later_explant.filter(
                        later_explant.field(device_uses::supersedes).eq(explant.field(device_uses::id).nullable()),
                    )))),
            )),
        )
        .group_by(device_uses::product_id)
        .select((device_uses::product_id, diesel::dsl::count_star()))
        .load(connection)?;
    let mut all: HashMap<ProductId, (i64, i64)> =
        implanted.into_iter().filter_map(|(product, count)| Some((product?, (count, 0)))).collect();
    let corrected: Vec<(DeviceUseId, Option<DeviceUseId>, Option<ProductId>)> = current()
        .filter(device_uses::supersedes.is_not_null())
        .select((device_uses::id, device_uses::supersedes, device_uses::product_id))
        .load(connection)?;
    let pairs = corrected.iter().filter_map(|&(now, earlier, _)| Some((now, earlier?))).collect();
    let removed = removals_before_correction(connection, pairs)?;
    let revised_before = corrected.iter().filter(|(now, ..)| removed.contains_key(now)).map(|row| (row.2, 1));
    for (product, count) in revised.into_iter().chain(revised_before) {
        if let Some(known) = product.and_then(|product| all.get_mut(&product)) {
            known.1 += count;
        }
    }
    Ok(all)
}
