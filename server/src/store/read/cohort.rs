//! Every implant with what became of it: the rows that the analysis is built from.
//!
//! [`cohort`] reads the whole registry, [`follow`] only the products of which anything was recorded since a moment.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike as _, NaiveDate};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use tessera_scanner::verdict::london_date;
use uuid::Uuid;

use self::beside::add_unlinked;
pub use self::beside::{AllBeside, Beside};
use super::implants::{Implant as Recorded, ImplantFilter, Removal, first, implants, unlinked_revisions_of};
use crate::analysis::cohort::{
    Builder, Cohort, End, Exit, ImplantRow, Indication, Opcs4, Operation, Sex, Side, SiteCode,
};
use crate::catalogue::model::ProductId;
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::outcomes::model::{OutcomeId, OutcomeKind};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::schema::{
    device_uses, outcomes, patient_links, patients, procedure_corrections, procedures, revision_removals,
};
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide, ProcedureId};
use crate::theatre::team::StaffId;

mod beside;

/// Rows asked for at a time, so that memory does not grow with the registry.
const PAGE: i64 = 100_000;

/// A cohort as it stands in the store.
#[derive(Clone, Debug, Default)]
pub struct StoredCohort {
    /// All implants of known products.
    pub cohort: Cohort,
    /// Implants that columns cannot hold (an outcome dated before the operation, a date outside 1950 to 2129), by product:
    /// counted, so that they can be shown and corrected.
    pub left_out: BTreeMap<Uuid, u64>,
    /// What is told of devices that columns do not hold.
    pub beside: AllBeside,
}

impl StoredCohort {
    /// One device as the record has it now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of_device(connection: &mut AnyConnection, product: ProductId) -> Result<Self, Problem> {
        let filter = ImplantFilter { product: Some(product), ..ImplantFilter::default() };
        let (found, unlinked) = (implants(connection, &filter)?, unlinked_revisions_of(connection, &filter)?);
        let mut stored = Self::default();
        stored.replace(product, &found, unlinked);
        Ok(stored)
    }

    /// The same device alone.
    #[must_use]
    pub fn only(&self, product: ProductId) -> Self {
        let id = product.uuid();
        Self {
            cohort: self.cohort.only(id),
            left_out: self.left_out.get_key_value(&id).map(|(&id, &count)| (id, count)).into_iter().collect(),
            beside: self.beside.get_key_value(&id).map(|(&id, beside)| (id, beside.clone())).into_iter().collect(),
        }
    }

    /// Puts the implants of a device in place of those that it had.
    fn replace(&mut self, product: ProductId, found: &[Recorded], unlinked_revisions: u64) {
        let id = product.uuid();
        let (rows, held): (Vec<ImplantRow>, Vec<&Recorded>) = found
            .iter()
            .filter_map(|implant| Some((implant.row(product)?, implant)))
            .filter(|(row, _)| row.is_held())
            .unzip();
        let unusable = (found.len() - rows.len()) as u64 + self.cohort.replace(id, &rows);
        let beside = Beside::of(held, unlinked_revisions);
        if unusable > 0 {
            self.left_out.insert(id, unusable);
        } else {
            self.left_out.remove(&id);
        }
        if beside.is_empty() {
            self.beside.remove(&id);
        } else {
            self.beside.insert(id, beside);
        }
    }

    /// How many implants were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out.values().sum()
    }
}

/// All implants with their ends, by the rule of [`super::implants`]: the current row of a use that is implanted ends with the
/// first revision in force or explant in theatre that took it out (under its present row or one that was corrected), or with its
/// person's death.
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
        let (mut builder, mut left_out, mut after) = (Builder::default(), BTreeMap::new(), None);
        let mut beside = AllBeside::new();
        loop {
            let page = page(connection, after)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for implant in page.iter().filter(|implant| !ends.successor.contains_key(&implant.id)) {
                let product = implant.product.uuid();
                let Some(row) = implant.row(&ends).filter(|row| builder.push(row).is_ok()) else {
                    *left_out.entry(product).or_default() += 1;
                    continue;
                };
                let revised = row.exit.is_some_and(|exit| exit.why == End::Revised);
                if let Some(reason) =
                    ends.removed.get(&implant.id).and_then(|removal| removal.reason).filter(|_| revised)
                {
                    beside.entry(product).or_default().add(reason);
                }
            }
        }
        add_unlinked(connection, &mut beside)?;
        Ok(StoredCohort { cohort: builder.finish(), left_out, beside })
    })
}

/// What ended implants, in memory: far fewer than implants, and asked for once each.
struct Ends {
    /// The row that stands for an earlier one.
    successor: HashMap<DeviceUseId, DeviceUseId>,
    removed: HashMap<DeviceUseId, Removal>,
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
        let revisions: Vec<(OutcomeId, DeviceUseId, NaiveDate, Option<String>)> = revision_removals::table
            .inner_join(outcomes::table)
            .filter(outcomes::withdrawn.eq(false))
            .select((outcomes::id, revision_removals::device_use_id, outcomes::occurred_on, outcomes::code))
            .load(connection)?;
        let present = |mut row: DeviceUseId| {
            while let Some(later) = successor.get(&row) {
                row = *later;
            }
            row
        };
        let explants: Vec<(DeviceUseId, DeviceUseId, Moment)> = device_uses::table
            .inner_join(procedures::table)
            .filter(device_uses::fate.eq(Fate::Explanted).and(device_uses::explant_of.is_not_null()))
            .select((device_uses::id, device_uses::explant_of.assume_not_null(), procedures::started_at))
            .load(connection)?;
        let explanted = explants
            .into_iter()
            .filter(|(id, ..)| !successor.contains_key(id))
            .map(|(_, row, at)| (row, Removal { on: london_date(at.utc()), reason: None }));
        let revised = revisions
            .into_iter()
            .filter(|(id, ..)| !corrected.contains(id))
            .map(|(_, row, on, code)| (row, Removal::by_revision(on, code.as_deref())));
        let mut removed = HashMap::new();
        for (row, removal) in revised.chain(explanted) {
            first(&mut removed, present(row), removal);
        }
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
    circumstances: Circumstances,
}

/// Surgeon, indication, body mass index and ASA grade, as a procedure has them.
pub(crate) type Circumstances = (Option<StaffId>, Option<String>, Option<f64>, Option<i32>);

/// The columns of [`Circumstances`].
macro_rules! circumstances {
    () => {
        (procedures::surgeon_id, procedures::indication, procedures::bmi, procedures::asa)
    };
}
pub(crate) use circumstances;

/// What is known of an operation as the columns have it.
pub(crate) fn operation_of((surgeon, indication, bmi, asa): &Circumstances) -> Operation {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down and within 0 to 254")]
    let whole = |bmi: f64| bmi.floor().clamp(0.0, 254.0) as u8;
    Operation {
        surgeon: surgeon.map(StaffId::uuid),
        indication: indication.as_deref().and_then(Indication::new),
        bmi: bmi.filter(|bmi| bmi.is_finite()).map(whole),
        asa: asa.and_then(|asa| u8::try_from(asa).ok()),
    }
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
            circumstances!(),
        ))
        .order(device_uses::id)
        .limit(PAGE);
    Ok(match after {
        None => query.load(connection)?,
        Some(after) => query.filter(device_uses::id.gt(after)).load(connection)?,
    })
}

/// The side as the columns have it.
pub(crate) fn side_of(side: Option<OperatedSide>) -> Side {
    match side {
        None => Side::None,
        Some(OperatedSide::Left) => Side::Left,
        Some(OperatedSide::Right) => Side::Right,
        Some(OperatedSide::Bilateral) => Side::Bilateral,
    }
}

/// The sex as the columns have it.
pub(crate) fn sex_of(sex: Option<&str>) -> Sex {
    match sex {
        Some("female") => Sex::Female,
        Some("male") => Sex::Male,
        Some(_) => Sex::Other,
        None => Sex::Unknown,
    }
}

impl Implant {
    /// None where the site code is none.
    fn row(&self, ends: &Ends) -> Option<ImplantRow> {
        let on = london_date(self.started_at.utc());
        let removed = ends.removed.get(&self.id).map(|removal| Exit { on: removal.on, why: End::Revised });
        let died = ends.died.get(&self.person).map(|&on| Exit { on, why: End::Died });
        let exit = match (removed, died) {
            (Some(removed), Some(died)) if died.on < removed.on => Some(died),
            (removed, died) => removed.or(died),
        };
        Some(ImplantRow {
            product: self.product.uuid(),
            site: SiteCode::new(&self.site).ok()?,
            procedure: Opcs4::new(&self.opcs4).unwrap_or_default(),
            side: side_of(self.device_side.or(self.side)),
            sex: sex_of(self.sex.as_deref()),
            age: self.birth_year.and_then(|year| u8::try_from(on.year() - year).ok()),
            implanted_on: on,
            operation: operation_of(&self.circumstances),
            exit,
        })
    }
}

/// How far before a moment changes are looked for again: a transaction that began before it may have ended after.
const OVERLAP: chrono::Duration = chrono::Duration::minutes(5);

/// Brings a cohort that was read at `since` up to date: reads again the products of which anything was recorded after it.
/// Answers how many products that were.
///
/// # Errors
/// Those of the database.
pub fn follow(connection: &mut AnyConnection, stored: &mut StoredCohort, since: Moment) -> Result<usize, Problem> {
    let changed = changed_since(connection, Moment::from(since.utc() - OVERLAP))?;
    for &product in &changed {
        let filter = ImplantFilter { product: Some(product), ..ImplantFilter::default() };
        let found = implants(connection, &filter)?;
        let unlinked = unlinked_revisions_of(connection, &filter)?;
        stored.replace(product, &found, unlinked);
    }
    Ok(changed.len())
}

/// Whether anything of a product was recorded since a moment.
///
/// # Errors
/// Those of the database.
pub fn was_changed_since(connection: &mut AnyConnection, product: ProductId, since: Moment) -> Result<bool, Problem> {
    Ok(changed_since(connection, since)?.contains(&product))
}

/// The products of which a use, an outcome, a link of patients or a correction of a procedure was recorded.
fn changed_since(connection: &mut AnyConnection, since: Moment) -> Result<BTreeSet<ProductId>, Problem> {
    let mut products = BTreeSet::new();
    let uses: Vec<(Option<ProductId>, Option<DeviceUseId>, Option<DeviceUseId>)> = device_uses::table
        .filter(device_uses::recorded_at.ge(since))
        .select((device_uses::product_id, device_uses::supersedes, device_uses::explant_of))
        .load(connection)?;
    let mut named: BTreeSet<DeviceUseId> = uses.iter().flat_map(|row| [row.1, row.2]).flatten().collect();
    products.extend(uses.iter().filter_map(|row| row.0));
    let changed: Vec<(OutcomeId, Option<OutcomeId>, PatientId)> = outcomes::table
        .filter(outcomes::recorded_at.ge(since))
        .select((outcomes::id, outcomes::supersedes, outcomes::patient_id))
        .load(connection)?;
    let removing: Vec<OutcomeId> = changed.iter().flat_map(|row| [Some(row.0), row.1]).flatten().collect();
    for chunk in removing.chunks(CHUNK) {
        let removed = revision_removals::table.filter(revision_removals::outcome_id.eq_any(chunk));
        named.extend(removed.select(revision_removals::device_use_id).load::<DeviceUseId>(connection)?);
    }
    let linked: Vec<(PatientId, PatientId)> = patient_links::table
        .filter(patient_links::linked_at.ge(since).or(patient_links::undone_at.ge(since)))
        .select((patient_links::patient_id, patient_links::linked_to))
        .load(connection)?;
    let patients: BTreeSet<PatientId> =
        changed.iter().map(|row| row.2).chain(linked.into_iter().flat_map(|(one, other)| [one, other])).collect();
    products.extend(products_in_people(connection, &patients.into_iter().collect::<Vec<_>>())?);
    let corrected: Vec<ProcedureId> = procedure_corrections::table
        .filter(procedure_corrections::corrected_at.ge(since))
        .select(procedure_corrections::procedure_id)
        .load(connection)?;
    for chunk in corrected.chunks(CHUNK) {
        let used = device_uses::table.filter(device_uses::procedure_id.eq_any(chunk));
        named.extend(used.select(device_uses::id).load::<DeviceUseId>(connection)?);
    }
    for chunk in named.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let used = device_uses::table.filter(device_uses::id.eq_any(chunk));
        let of: Vec<Option<ProductId>> = used.select(device_uses::product_id).load(connection)?;
        products.extend(of.into_iter().flatten());
    }
    Ok(products)
}

/// Ids looked up with one question.
const CHUNK: usize = 900;

/// The products that patients, or whoever is linked to them, have.
fn products_in_people(connection: &mut AnyConnection, patients: &[PatientId]) -> Result<BTreeSet<ProductId>, Problem> {
    let mut products = BTreeSet::new();
    for chunk in patients.chunks(CHUNK) {
        let people: Vec<PatientId> =
            patients::table.filter(patients::id.eq_any(chunk)).select(patients::person_id).load(connection)?;
        let of: Vec<Option<ProductId>> = device_uses::table
            .inner_join(procedures::table.inner_join(patients::table))
            .filter(patients::person_id.eq_any(&people))
            .select(device_uses::product_id)
            .distinct()
            .load(connection)?;
        products.extend(of.into_iter().flatten());
    }
    Ok(products)
}
