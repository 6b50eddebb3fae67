//! The synthetic registry, loaded as if it had been recorded: identities sealed, devices of the sample catalogue, outcomes.

use std::sync::mpsc::sync_channel;

use diesel::prelude::*;
use rayon::prelude::*;
use serde::Serialize;
use tessera_registry_fixture::Registry;

use super::postgres::PostgresLoad;
use super::rows::Batch;
use super::sqlite::SqliteLoad;
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::store::schema::patients;
use crate::store::{DatabaseUrl, Store};
use crate::theatre::organisations::{self, Site};
use crate::theatre::team::{NewStaff, StaffId, add_staff, by_registration};
use ids::Ids;
use sizes::Sizes;

mod ids;
mod patient;
mod reported;
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
    /// Outcomes: revisions, deaths, complications and scores.
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
}
