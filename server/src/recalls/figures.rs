//! How fast recalls are on a registry: measured on a copy, since notices of thousands of lines are entered for it.
//!
//! Reach for it with `tessera recall-drill --figures` before a registry grows, and after a change of a query. It measures the work
//! itself, inside the program: what HTTP adds is measured by `benches/recall-match.sh`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tessera_scanner::recall_match::{Criterion, Tier, Unit, Units, gravest};
use tessera_scanner::udi::DeviceIdentifier;

use super::criteria::CriterionForm;
use super::drill::two_people;
use super::listing::bring_in::{bring_in, check};
use super::listing::read::Defaults;
use super::meant::{Shown, active_about_unit};
use super::model::{NewRecall, RecallId};
use super::quarantine::run::set_apart;
use super::{export, store as recalls};
use crate::access::User;
use crate::catalogue;
use crate::error::{Code, Problem};
use crate::store::read::affected::{self, Excluded};
use crate::store::read::drill::{DrillDevice, devices_by_use, lots_of, size};
use crate::store::{AnyConnection, Store};

/// Devices that are asked about one after the other.
const DEVICES: usize = 300;
/// Lots of one question.
const LOTS: i64 = 50;
/// Lines of the notice that is run whole.
const NOTICE_LINES: usize = 1_000;
/// Lines that are active while packs are scanned.
const ACTIVE_LINES: usize = 10_000;
/// Patients of the long list: the recall of the ASR hip reached so many.
const PATIENTS: usize = 93_000;
/// Lines of the file of lots.
const FILE_LINES: usize = 1_000_000;
/// Runs of what is measured as a whole.
const RUNS: usize = 5;
/// How often somebody else writes while a file of lots is brought in and confirmed.
const BETWEEN_WRITES: Duration = Duration::from_millis(20);
/// Lines of one notice, as entered.
const OF_ONE_NOTICE: usize = 5_000;

/// One measured thing.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was done.
    pub what: String,
    /// How long each time took, the shortest first.
    pub times: Vec<Duration>,
    /// What came of it.
    pub found: String,
}

impl Figure {
    fn new(what: &str, mut times: Vec<Duration>, found: String) -> Self {
        times.sort();
        Self { what: what.to_owned(), times, found }
    }

    /// The time that `part` of all times do not exceed.
    fn within(&self, part: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list of a few hundred"
        )]
        let place = (self.times.len() as f64 * part).ceil() as usize;
        self.times.get(place.saturating_sub(1).min(last)).copied().unwrap_or_default()
    }
}

/// All figures of a registry.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Device uses, products and stock items.
    pub size: [i64; 3],
    /// What was measured, in its order.
    pub figures: Vec<Figure>,
}

/// Measures on `store`, which has to be a copy; `say` hears what is being done.
///
/// # Errors
/// [`Code::NotFound`] where no device was used, and those of the database.
pub fn measure(store: &Store, mut say: impl FnMut(&str)) -> Result<Figures, Problem> {
    say("looking for devices");
    let (size, devices) = store.read_now(|connection| Ok((size(connection)?, devices_by_use(connection)?)))?;
    if devices.is_empty() {
        return Err(Problem::new(Code::NotFound, "No device was used: there is nothing to measure with."));
    }
    let users = two_people(store)?;
    // From the most used to the least, evenly.
    let step = (devices.len() / DEVICES).max(1);
    let some: Vec<DrillDevice> = devices.iter().step_by(step).take(DEVICES).map(|(device, _)| device.clone()).collect();
    let mut figures = Vec::new();
    say("one device and 50 lots");
    figures.push(store.read_now(|connection| one_device(connection, &some))?);
    say("a notice of 1,000 lines");
    figures.push(store.read_now(|connection| one_notice(connection, &some))?);
    say("scans, before and after 10,000 lines are active");
    figures.extend(scans(store, &users, &some)?);
    say("the long list of patients");
    figures.extend(store.read_now(|connection| long_list(connection, &devices))?);
    say("a file of 1,000,000 lots");
    figures.extend(file_of_lots(store, &users, &some[0])?);
    Ok(Figures { size, figures })
}

fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    let clock = Instant::now();
    let done = work()?;
    times.push(clock.elapsed());
    Ok(done)
}

fn of_device(device: &DrillDevice, units: Units) -> Criterion {
    let named = DeviceIdentifier { issuer: device.issuer.into(), text: device.identifier.clone() };
    Criterion { device: Some(named), maker: None, reference: None, units }
}

/// Lines that name lots of a device; where it has fewer lots, some that nobody has.
fn lots(connection: &mut AnyConnection, device: &DrillDevice, many: i64) -> Result<Vec<Criterion>, Problem> {
    let there = lots_of(connection, device, many)?;
    let nobody = (0..many).map(|nth| format!("NOBODY{nth}"));
    let wanted = usize::try_from(many).unwrap_or_default();
    Ok(there.into_iter().chain(nobody).take(wanted).map(|lot| of_device(device, Units::Lot(lot))).collect())
}

fn one_device(connection: &mut AnyConnection, devices: &[DrillDevice]) -> Result<Figure, Problem> {
    let (mut times, mut packs, mut definite) = (Vec::new(), 0, 0);
    for device in devices {
        // Of a device that never shows a lot every use may be meant: that is the long list, measured apart.
        if lots_of(connection, device, 1)?.is_empty() {
            continue;
        }
        let criteria = lots(connection, device, LOTS)?;
        let (stock, uses) = timed(&mut times, || {
            let stock = affected::stock(connection, &criteria, Excluded::LeftOut)?;
            Ok((stock, affected::uses(connection, &criteria, Excluded::LeftOut)?))
        })?;
        packs += stock.len();
        definite += uses.iter().filter(|one| one.tier == Tier::Definite).count();
    }
    let found = format!("{} devices; {definite} in patients for certain, {packs} stock items", times.len());
    Ok(Figure::new("one device and 50 lots: shelves and patients", times, found))
}

fn one_notice(connection: &mut AnyConnection, devices: &[DrillDevice]) -> Result<Figure, Problem> {
    let mut criteria = Vec::with_capacity(NOTICE_LINES);
    for device in devices {
        if criteria.len() == NOTICE_LINES || lots_of(connection, device, 1)?.is_empty() {
            continue;
        }
        criteria.extend(lots(connection, device, 10)?);
    }
    let (mut times, mut found) = (Vec::new(), String::new());
    for _ in 0..RUNS {
        let (stock, uses) = timed(&mut times, || {
            let stock = affected::stock(connection, &criteria, Excluded::LeftOut)?;
            Ok((stock, affected::uses(connection, &criteria, Excluded::LeftOut)?))
        })?;
        found = format!("{} lines; {} in patients, {} stock items", criteria.len(), uses.len(), stock.len());
    }
    Ok(Figure::new("a notice of 1,000 lines, all tiers", times, found))
}

/// What a scan asks of the recalls, for a pack with its lot and for one without; then the same with many lines active.
fn scans(store: &Store, users: &[User; 2], devices: &[DrillDevice]) -> Result<[Figure; 3], Problem> {
    let scan = |what: &str| -> Result<Figure, Problem> {
        let (mut times, mut meant) = (Vec::new(), 0);
        store.read_now(|connection| {
            for device in devices {
                let named = DeviceIdentifier { issuer: device.issuer.into(), text: device.identifier.clone() };
                let product = catalogue::store::by_identifier(connection, &named)?;
                let (maker, reference) = match &product {
                    Some(product) => (Some(product.maker.as_str()), Some(product.reference.as_str())),
                    None => (None, None),
                };
                for lot in [Some("SCANNED1"), None] {
                    let named = [named.clone()];
                    let found = timed(&mut times, || {
                        let shown = Shown::of(lot, Some("1"));
                        let recalls = active_about_unit(connection, &named, (maker, reference), &shown)?;
                        let (serial, expiry, manufacture) = (Some("1"), None, None);
                        let unit = Unit { devices: &named, maker, reference, lot, serial, expiry, manufacture };
                        Ok(recalls.iter().filter_map(|recall| gravest(&unit, &recall.criteria)).count())
                    })?;
                    meant += found;
                }
            }
            Ok(())
        })?;
        let found = format!("{} packs, {meant} times held against a recall", times.len());
        Ok(Figure::new(what, times, found))
    };
    // The first round warms the caches for both.
    scan("")?;
    let before = scan("a scan asks the recalls, as the registry was")?;
    // Half of the lines are about the devices that are scanned, half about one of them.
    let of_all =
        (0..ACTIVE_LINES / 2).map(|nth| of_device(&devices[nth % devices.len()], Units::Lot(format!("A{nth}"))));
    let of_one = (0..ACTIVE_LINES / 2).map(|nth| of_device(&devices[0], Units::Lot(format!("B{nth}"))));
    let lines: Vec<Criterion> = of_all.chain(of_one).collect();
    let mut confirmed = Vec::new();
    for some in lines.chunks(OF_ONE_NOTICE) {
        let id = enter(store, &users[0], some)?;
        let who = users[1].clone();
        timed(&mut confirmed, || confirm(store, who, id))?;
    }
    let after = scan("a scan asks the recalls, with 10,000 more active lines")?;
    let confirmed = Figure::new("confirm a notice of 5,000 lines", confirmed, String::new());
    Ok([before, after, confirmed])
}

fn confirm(store: &Store, user: User, id: RecallId) -> Result<(), Problem> {
    store.write_now(move |tx| recalls::confirm(tx, &user, id).map(|_| ()))?;
    set_apart(store, id)
}

/// Somebody who writes a little from time to time, as a theatre does, while something long goes on.
struct Bystander {
    done: Arc<AtomicBool>,
    writes: JoinHandle<Vec<Duration>>,
}

impl Bystander {
    fn begin(store: &Store) -> Self {
        let (store, done) = (store.clone(), Arc::new(AtomicBool::new(false)));
        let until = done.clone();
        let writes = std::thread::spawn(move || {
            let mut times = Vec::new();
            while !until.load(Ordering::Relaxed) {
                // What fails is no time; the measurement beside it would fail as well.
                let _ = timed(&mut times, || store.write_now(recalls::record_drill));
                std::thread::sleep(BETWEEN_WRITES);
            }
            times
        });
        Self { done, writes }
    }

    fn end(self) -> Vec<Duration> {
        self.done.store(true, Ordering::Relaxed);
        self.writes.join().unwrap_or_default()
    }
}

fn enter(store: &Store, user: &User, lines: &[Criterion]) -> Result<RecallId, Problem> {
    let id = RecallId::new();
    let new = NewRecall {
        id,
        reference: format!("DRILL-{id}"),
        source: "Drill".to_owned(),
        title: "Rehearsal: nothing is wrong with these lots".to_owned(),
        action: String::new(),
        notice: String::new(),
        criteria: lines.iter().map(CriterionForm::from).collect(),
    };
    let (checked, who) = (new.checked()?, user.clone());
    store.write_now(move |tx| recalls::enter(tx, &who, &checked).map(|_| ()))?;
    Ok(id)
}

/// Every unit of the most used devices, until there are as many uses as patients wanted.
fn long_list(connection: &mut AnyConnection, devices: &[(DrillDevice, i64)]) -> Result<[Figure; 2], Problem> {
    let (mut criteria, mut uses) = (Vec::new(), 0);
    for (device, many) in devices {
        if uses >= PATIENTS * 11 / 10 {
            break;
        }
        criteria.push(of_device(device, Units::All));
        uses += usize::try_from(*many).unwrap_or_default();
    }
    let (mut asked, mut whole, mut found) = (Vec::new(), Vec::new(), String::new());
    for _ in 0..RUNS {
        let clock = Instant::now();
        let uses = timed(&mut asked, || affected::uses(connection, &criteria, Excluded::LeftOut))?;
        let bytes = export::csv(&[], &uses)?.len();
        whole.push(clock.elapsed());
        let patients: std::collections::HashSet<_> = uses.iter().map(|one| one.person).collect();
        found = format!(
            "{} patients, {} devices, {} lines of the notice, {bytes} bytes of CSV",
            patients.len(),
            uses.len(),
            criteria.len()
        );
    }
    Ok([
        Figure::new("the long list of patients: found", asked, found.clone()),
        Figure::new("the long list of patients: found and written as CSV", whole, found),
    ])
}

fn file_of_lots(store: &Store, users: &[User; 2], device: &DrillDevice) -> Result<[Figure; 5], Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(Code::StorageUnavailable, "The file of lots could not be written.").because(error)
    };
    let path = std::env::temp_dir().join(format!("tessera-drill-{}.csv", uuid::Uuid::now_v7()));
    let written = (|| {
        let mut out = std::io::BufWriter::new(std::fs::File::create(&path)?);
        writeln!(out, "identifier,issuer,lot")?;
        for nth in 0..FILE_LINES {
            writeln!(out, "{},{},F{nth:07}", device.identifier, device.issuer)?;
        }
        out.flush()
    })();
    let measured = written.map_err(failed).and_then(|()| {
        let id = enter(store, &users[0], &[of_device(device, Units::Lot("FIRST".to_owned()))])?;
        let (mut checking, mut bringing, mut confirming) = (Vec::new(), Vec::new(), Vec::new());
        let defaults = Defaults::default();
        let checked = timed(&mut checking, || check(&path, &defaults, |_| ()))?;
        let beside = Bystander::begin(store);
        let listing =
            timed(&mut bringing, || bring_in(store, &users[0], id, (path.as_path(), &defaults, &checked), |_| ()))?;
        let beside_bringing = beside.end();
        let who = users[1].clone();
        let beside = Bystander::begin(store);
        timed(&mut confirming, || confirm(store, who, id))?;
        let beside_confirming = beside.end();
        let lines = format!("{} lines, {} added", listing.lines, listing.added);
        Ok([
            Figure::new("a file of 1,000,000 lots: looked through", checking, format!("{} lines", checked.lines)),
            Figure::new("a file of 1,000,000 lots: brought in", bringing, lines),
            Figure::new("a small change beside it, from asked to durable", beside_bringing, String::new()),
            Figure::new("confirm the notice with those lots", confirming, String::new()),
            Figure::new("a small change beside it, from asked to durable", beside_confirming, String::new()),
        ])
    });
    // Whether or not it was measured.
    let _ = std::fs::remove_file(&path);
    measured
}

/// The figures on one page, as Markdown.
pub fn in_a_table(figures: &Figures, at: DateTime<Utc>) -> String {
    let [uses, products, stock] = figures.size;
    let mut page = format!(
        "# How fast recalls are here, {}\n\n{uses} device uses, {products} products, {stock} stock items; {} program.\n\n\
         | what | times | median ms | p99 ms | longest ms | found |\n|---|---:|---:|---:|---:|---|\n",
        at.format("%-d %B %Y, %H:%M UTC"),
        if cfg!(debug_assertions) { "unoptimised" } else { "optimised" },
    );
    for one in &figures.figures {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        // Writing to a String does not fail.
        let _ = writeln!(
            page,
            "| {} | {} | {:.2} | {:.2} | {:.2} | {} |",
            one.what,
            one.times.len(),
            ms(one.within(0.5)),
            ms(one.within(0.99)),
            ms(one.within(1.0)),
            one.found
        );
    }
    page
}
