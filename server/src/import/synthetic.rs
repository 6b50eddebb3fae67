//! The synthetic registry, loaded as if it had been recorded: identities sealed, devices of the sample catalogue, revisions
//! and deaths as outcomes.

use std::sync::mpsc::sync_channel;

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use diesel::prelude::*;
use rayon::prelude::*;
use serde::Serialize;
use tessera_registry_fixture::{DeviceUse, Patient, Procedure, Registry, Sex, Side};
use tessera_scanner::recall_match::alike;

use super::postgres::PostgresLoad;
use super::rows::{
    Batch, Day, DemographicsRow, DeviceUseRow, IdentifierRow, OutcomeRow, PatientRow, ProcedureRow, RemovalRow,
};
use super::sqlite::SqliteLoad;
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::Demographics;
use crate::store::columns::Moment;
use crate::store::schema::patients;
use crate::store::{DatabaseUrl, Store};
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide, ProcedureId};
use crate::theatre::organisations::{self, Site};
use crate::theatre::team::{NewStaff, StaffId, add_staff, by_registration};
use ids::Ids;
use sizes::{Size, Sizes};

mod ids;
mod shelves;
mod sizes;

/// Patients whose rows are written together.
const BATCH: u64 = 20_000;

/// Patients whose rows are made together.
const PIECE: u64 = 64;

/// What to load.
#[derive(Clone, Copy, Debug)]
pub struct Synthetic {
    /// At least so many device uses.
    pub device_uses: u64,
    /// Which registry: the same seed gives the same patients.
    pub seed: u64,
    /// At least so many products: beyond those of the sample catalogue further sizes of them.
    pub products: u64,
    /// So many stock items.
    pub stock: u64,
}

impl Synthetic {
    /// Patients alone, with the sample catalogue's devices.
    pub fn patients(device_uses: u64, seed: u64) -> Self {
        Self { device_uses, seed, products: 0, stock: 0 }
    }
}

/// What was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Loaded {
    /// Patients.
    pub patients: u64,
    /// Procedures.
    pub procedures: u64,
    /// Device uses.
    pub device_uses: u64,
    /// Outcomes: revisions and deaths.
    pub outcomes: u64,
    /// Stock items.
    pub stock: u64,
}

/// How far a load is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// So many device uses are written.
    Written(u64),
    /// This is being done now.
    Doing(&'a str),
}

/// Loads a synthetic registry into one that has no patients. Products and sites that it needs are added where they are missing.
///
/// # Errors
/// [`Code::WrongState`] where there are patients already or, on SQLite, a server has the registry open.
pub fn import(
    url: &DatabaseUrl,
    keys: &IdentityKeys,
    wanted: Synthetic,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Loaded, Problem> {
    let registry = Registry::new(wanted.seed);
    progress(Progress::Doing("adding products and sites"));
    let (sizes, surgeons) = {
        let store = Store::open(url)?;
        (prepare(&store, &registry, wanted.products, &mut progress)?, add_surgeons(&store, &registry)?)
    };
    let source = Source { registry: &registry, keys, sizes, surgeons, ids: Ids::from_now() };
    let loaded = match url {
        DatabaseUrl::Sqlite(file) => {
            let mut load = retry_while_closing(|| SqliteLoad::begin(file))?;
            let loaded = source.pour(wanted, &mut progress, |batch| load.write(batch))?;
            load.finish(|doing| progress(Progress::Doing(doing)))?;
            loaded
        }
        DatabaseUrl::Postgres(url) => {
            let mut load = PostgresLoad::begin(url)?;
            let loaded = source.pour(wanted, &mut progress, |batch| load.write(&batch))?;
            load.finish(|doing| progress(Progress::Doing(doing)))?;
            loaded
        }
    };
    let seed = wanted.seed;
    Store::open(url)?.write_now(move |tx| {
        let act = Act {
            action: "registry-imported",
            subject_kind: "registry",
            subject: format!("synthetic {seed}"),
            detail: &loaded,
        };
        audit::record(tx, &Actor::System, &act)
    })?;
    Ok(loaded)
}

/// Our own store closes its connections on threads of its own; give them a moment to be gone.
fn retry_while_closing<T>(mut begin: impl FnMut() -> Result<T, Problem>) -> Result<T, Problem> {
    for _ in 0..20 {
        match begin() {
            Err(problem) if problem.code() == Code::WrongState => {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            outcome => return outcome,
        }
    }
    begin()
}

/// Sees to it that there are no patients, and that there are products and sites. The answer has the sizes of each device of the registry.
fn prepare(
    store: &Store,
    registry: &Registry,
    products: u64,
    progress: &mut impl FnMut(Progress<'_>),
) -> Result<Sizes, Problem> {
    let there: i64 = store.read_now(|connection| Ok(patients::table.count().get_result(connection)?))?;
    if there > 0 {
        let detail = format!("The registry has {there} patients: a synthetic registry is loaded into an empty one.");
        return Err(Problem::new(Code::WrongState, detail));
    }
    let code = |text: &str| text.parse().map_err(|error| Problem::invalid(format!("{error}.")));
    let sites = registry
        .sites()
        .iter()
        .map(|site| {
            Ok(Site {
                ods_code: code(&site.code)?,
                name: site.name.clone(),
                organisation: code(&site.organisation)?,
                organisation_name: Some(site.organisation_name.clone()),
            })
        })
        .collect::<Result<Vec<Site>, Problem>>()?;
    store.write_now(move |tx| sites.iter().try_for_each(|site| organisations::add_site(tx, &Actor::System, site)))?;
    Sizes::bring_in(store, registry, products, |done| progress(Progress::Doing(&format!("{done} products"))))
}

/// Adds the surgeons of each site who are not there yet.
fn add_surgeons(store: &Store, registry: &Registry) -> Result<Vec<Vec<StaffId>>, Problem> {
    let codes: Vec<String> = registry.sites().iter().map(|site| site.code.clone()).collect();
    store.write_now(move |tx| {
        let mut add = |code: &String, nth: u8| {
            let registration = surgeon_registration(code, nth);
            if let Some(known) = by_registration(tx, &registration)? {
                return Ok(known);
            }
            let display_name = format!("Surgeon {} of {code}", nth + 1);
            add_staff(tx, &Actor::System, &NewStaff { register: "local", registration, display_name, user: None })
        };
        codes.iter().map(|code| (0..Registry::SURGEONS).map(|nth| add(code, nth)).collect()).collect()
    })
}

/// What the badge of a site's surgeon says.
pub(super) fn surgeon_registration(site: &str, nth: u8) -> String {
    format!("{site}-S{}", nth + 1)
}

/// Where the rows come from.
struct Source<'a> {
    registry: &'a Registry,
    keys: &'a IdentityKeys,
    sizes: Sizes,
    /// Of each site.
    surgeons: Vec<Vec<StaffId>>,
    ids: Ids,
}

impl Source<'_> {
    /// Makes batches on all processors and hands them to `write`, in order; the next is made while one is written.
    fn pour(
        &self,
        wanted: Synthetic,
        progress: &mut impl FnMut(Progress<'_>),
        mut write: impl FnMut(Batch) -> Result<(), Problem>,
    ) -> Result<Loaded, Problem> {
        let mut loaded = Loaded::default();
        std::thread::scope(|scope| {
            let (to_writer, batches) = sync_channel::<Result<Batch, Problem>>(2);
            scope.spawn(move || self.make(wanted.device_uses, |batch| to_writer.send(batch).is_ok()));
            for batch in batches {
                let batch = batch?;
                loaded.patients += batch.patients.len() as u64;
                loaded.procedures += batch.procedures.len() as u64;
                loaded.device_uses += batch.device_uses.len() as u64;
                loaded.outcomes += batch.outcomes.len() as u64;
                write(batch)?;
                progress(Progress::Written(loaded.device_uses));
            }
            for batch in shelves::batches(self.registry, &self.sizes, self.ids, wanted.stock) {
                let batch = batch?;
                loaded.stock += batch.stock.len() as u64;
                write(batch)?;
                progress(Progress::Doing(&format!("{} stock items", loaded.stock)));
            }
            Ok(loaded)
        })
    }

    /// Batches until there are enough device uses, or nobody takes them any more.
    fn make(&self, device_uses: u64, mut send: impl FnMut(Result<Batch, Problem>) -> bool) {
        let (mut first, mut made) = (0, 0);
        while made < device_uses && first < Registry::MOST_PATIENTS {
            // A patient has three device uses on average; a small registry does not need a whole batch.
            let size = BATCH.min((device_uses - made).div_ceil(3).max(8));
            let last = (first + size).min(Registry::MOST_PATIENTS);
            // The last batches are cut to the patient.
            let piece = if size == BATCH { PIECE } else { 1 };
            let pieces = (last - first).div_ceil(piece);
            let rows: Result<Vec<Batch>, Problem> = (0..pieces)
                .into_par_iter()
                .map(|nth| {
                    let mut rows = Batch::default();
                    for number in (first + nth * piece..last).take(usize::try_from(piece).unwrap_or(usize::MAX)) {
                        self.add_rows(&self.registry.patient(number), &mut rows)?;
                    }
                    Ok(rows)
                })
                .collect();
            let batch = rows.map(|rows| {
                let mut batch = Batch::default();
                for piece in rows {
                    if made < device_uses {
                        made += piece.device_uses.len() as u64;
                        batch.append(piece);
                    }
                }
                batch
            });
            let failed = batch.is_err();
            if !send(batch) || failed {
                return;
            }
            first = last;
        }
    }

    /// Adds all rows of one patient.
    fn add_rows(&self, patient: &Patient, batch: &mut Batch) -> Result<(), Problem> {
        let mut ids = self.ids.of_patient(patient.number)?;
        let id = ids.next().into();
        let known_from = moment(patient.procedures.first().map_or(patient.born, |procedure| procedure.on), 0);
        batch.patients.push(PatientRow {
            id,
            person_id: id,
            birth_year: Some(patient.born.year()),
            sex: Some(if patient.sex == Sex::Female { "female" } else { "male" }.to_owned()),
            created_at: known_from,
        });
        let row = ids.next();
        batch.identifiers.push(IdentifierRow {
            id: row.into(),
            patient_id: id,
            kind: "nhs",
            assigner: "",
            pseudonym: self.keys.pseudonym("nhs", "", &patient.nhs_number).as_bytes().to_vec(),
            sealed: self.keys.seal(patient.nhs_number.as_bytes(), row.as_bytes())?,
            created_at: known_from,
        });
        let row = ids.next();
        let demographics = Demographics {
            family: Some(patient.family.to_owned()),
            given: Some(patient.given.to_owned()),
            birth_date: Some(patient.born),
        };
        let plain = serde_json::to_vec(&demographics)
            .map_err(|error| Problem::new(Code::Internal, "Demographics could not be written.").because(error))?;
        batch.demographics.push(DemographicsRow {
            id: row.into(),
            patient_id: id,
            sealed: self.keys.seal(&plain, row.as_bytes())?,
            recorded_at: known_from,
        });
        let mut uses: Vec<Vec<DeviceUseId>> = Vec::new();
        let mut units = 0;
        for procedure in &patient.procedures {
            let (procedure_id, started) = (ids.next().into(), moment(procedure.on, procedure.minute));
            batch.procedures.push(ProcedureRow {
                id: procedure_id,
                patient_id: id,
                site_code: self.registry.sites()[procedure.site].code.clone(),
                theatre: format!("Theatre {}", procedure.theatre),
                opcs4: procedure.opcs4,
                side: procedure.side.map(side),
                indication: Some(procedure.indication.to_owned()),
                started_at: started,
                ended_at: Some(moment(procedure.on, procedure.minute + procedure.duration)),
                surgeon_id: self
                    .surgeons
                    .get(procedure.site)
                    .and_then(|all| all.get(usize::from(procedure.surgeon)))
                    .copied(),
                bmi: Some(f64::from(procedure.bmi_tenths) / 10.0),
                asa: Some(i32::from(procedure.asa)),
            });
            uses.push(Vec::with_capacity(procedure.uses.len()));
            for device_use in &procedure.uses {
                units += 1;
                let size = self.sizes.of_unit(device_use.device, patient.number, units);
                let row = device_use_row(ids.next().into(), procedure_id, procedure, (device_use, size), started);
                uses.last_mut().into_iter().for_each(|of_procedure| of_procedure.push(row.id));
                batch.device_uses.push(row);
            }
            if !procedure.removes.is_empty() {
                let outcome_id = ids.next().into();
                batch.outcomes.push(OutcomeRow {
                    id: outcome_id,
                    patient_id: id,
                    kind: "revision",
                    occurred_on: procedure.on,
                    procedure_id: Some(procedure_id),
                    withdrawn: false,
                    recorded_at: started,
                });
                batch.removals.extend(
                    procedure
                        .removes
                        .iter()
                        .map(|unit| RemovalRow { outcome_id, device_use_id: uses[unit.procedure][unit.device_use] }),
                );
            }
        }
        batch.outcomes.extend(patient.died_on.map(|on| OutcomeRow {
            id: ids.next().into(),
            patient_id: id,
            kind: "death",
            occurred_on: on,
            procedure_id: None,
            withdrawn: false,
            recorded_at: moment(on, 0),
        }));
        Ok(())
    }
}

fn device_use_row(
    id: DeviceUseId,
    procedure_id: ProcedureId,
    procedure: &Procedure,
    (device_use, size): (&DeviceUse, &Size),
    started: Moment,
) -> DeviceUseRow {
    DeviceUseRow {
        id,
        procedure_id,
        product_id: Some(size.product),
        issuer: Some(size.issuer),
        identifier: Some(size.identifier.clone()),
        lot_alike: device_use.lot.as_deref().map(alike),
        lot: device_use.lot.clone(),
        serial_alike: device_use.serial.as_deref().map(alike),
        serial: device_use.serial.clone(),
        expiry: device_use.expiry.map(Day),
        manufacture: Some(Day(device_use.manufacture)),
        fate: if device_use.wasted { Fate::Wasted } else { Fate::Implanted },
        side: procedure.side.map(side),
        recorded_at: started,
    }
}

fn side(side: Side) -> OperatedSide {
    match side {
        Side::Left => OperatedSide::Left,
        Side::Right => OperatedSide::Right,
    }
}

fn moment(day: NaiveDate, minute: u16) -> Moment {
    (day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::minutes(i64::from(minute))).into()
}
