//! A rehearsal: one lot of the registry is recalled, from the words of a notice to the list, and every step is timed.
//!
//! It writes into the registry that it is given, so it is given a copy.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike, Utc};
use tessera_scanner::recall_match::Tier;
use tessera_scanner::recall_notice::read;

use super::api::{Sight, ask};
use super::draft::draft;
use super::export;
use super::model::{NewRecall, RecallId};
use super::quarantine::run::set_apart;
use super::store as recalls;
use crate::access::store::{NewUser, add_user, user_named};
use crate::access::{Actor, PasswordHash, Role, User};
use crate::error::{Code, Problem};
use crate::store::Store;
use crate::store::read::affected::Excluded;
use crate::store::read::drill::{DrillLot, busiest_lot};

/// What came of a rehearsal.
#[derive(Clone, Debug)]
pub struct Drill {
    /// What was recalled.
    pub lot: DrillLot,
    /// Each step in its order, and how long it took.
    pub steps: Vec<(&'static str, Duration)>,
    /// Patients for certain, by their devices.
    pub definite: usize,
    /// Devices in patients that may be meant.
    pub other: usize,
    /// Packs in stock.
    pub packs: usize,
    /// Lines of the list for the spreadsheet.
    pub lines: usize,
}

/// Recalls a lot in `store`, which has to be a copy: the one given, or the one that was implanted most often of late.
///
/// # Errors
/// [`Code::NotFound`] where no device has a lot, and those of entering and confirming a recall.
pub fn rehearse(store: &Store, lot: Option<DrillLot>) -> Result<Drill, Problem> {
    let lot = match lot {
        Some(lot) => lot,
        None => store.read_now(busiest_lot)?.ok_or_else(|| {
            Problem::new(Code::NotFound, "No implanted device has a lot: there is nothing to rehearse.")
        })?,
    };
    let [enters, confirms] = two_people(store)?;

    let mut steps = Vec::new();
    let mut clock = Instant::now();
    let mut step = |name: &'static str| {
        steps.push((name, clock.elapsed()));
        clock = Instant::now();
    };
    let notice = format!("UDI-DI: {}, Lot Number: {}", lot.identifier, lot.lot);
    let lines = draft(&read(&notice, Utc::now().year()), None).lines;
    step("read the notice");
    let id = RecallId::new();
    let new = NewRecall {
        id,
        reference: format!("DRILL-{id}"),
        source: "Drill".to_owned(),
        title: "Rehearsal: nothing is wrong with this lot".to_owned(),
        action: String::new(),
        notice,
        criteria: lines.into_iter().map(|line| line.form).collect(),
    };
    let checked = new.checked()?;
    store.write_now(move |tx| recalls::enter(tx, &enters, &checked).map(|_| ()))?;
    step("enter it");
    store.write_now(move |tx| recalls::confirm(tx, &confirms, id).map(|_| ()))?;
    set_apart(store, id)?;
    step("confirm it, and quarantine the stock");
    let sight = Sight { stock: true, patients: true };
    let (_, affected) = store.read_now(|connection| ask(connection, id, sight, Excluded::LeftOut))?;
    step("find shelves and patients");
    let (stock, uses) = (affected.stock.unwrap_or_default(), affected.patients.unwrap_or_default());
    export::csv(&stock, &uses)?;
    step("write the list");
    let definite = uses.iter().filter(|one| one.tier == Tier::Definite && one.in_patient);
    Ok(Drill {
        definite: definite.map(|one| one.person).collect::<std::collections::HashSet<_>>().len(),
        other: uses.iter().filter(|one| one.tier < Tier::Definite).count(),
        packs: stock.iter().filter_map(|one| usize::try_from(one.quantity).ok()).sum(),
        lines: stock.len() + uses.len(),
        steps,
        lot,
    })
}

/// Two people who enter and confirm what is rehearsed, and who cannot sign in.
pub(super) fn two_people(store: &Store) -> Result<[User; 2], Problem> {
    let names = ["enters", "confirms"].map(|part| format!("drill-{part}-{}", RecallId::new()));
    let users = names.clone();
    store.write_now(move |tx| {
        for username in &users {
            let password = PasswordHash::stored("nobody signs in here".to_owned());
            let (display_name, role) = ("Recall drill".to_owned(), Role::Safety);
            let new = NewUser { username: username.clone(), display_name, role, site_code: None, password };
            add_user(tx, &Actor::System, &new)?;
        }
        Ok(())
    })?;
    let [enters, confirms] = names;
    store.read_now(|connection| Ok([user_named(connection, &enters)?, user_named(connection, &confirms)?]))
}

/// The rehearsal on one page, as Markdown.
pub fn report(drill: &Drill, at: DateTime<Utc>) -> String {
    let mut page = format!("# Recall drill, {}\n\n", at.format("%-d %B %Y, %H:%M UTC"));
    let DrillLot { identifier, lot, .. } = &drill.lot;
    let total: Duration = drill.steps.iter().map(|(_, took)| *took).sum();
    // Writing to a String does not fail.
    let _ = writeln!(
        page,
        "Recalled in a copy of the registry: lot **{lot}** of **{identifier}**. Nothing is wrong with it.\n"
    );
    let _ = writeln!(page, "| step | milliseconds |\n|---|---:|");
    for (name, took) in &drill.steps {
        let _ = writeln!(page, "| {name} | {:.1} |", took.as_secs_f64() * 1000.0);
    }
    let _ = writeln!(page, "| **from notice to list** | **{:.1}** |\n", total.as_secs_f64() * 1000.0);
    let _ = writeln!(page, "- {} patients have a device of this lot for certain.", drill.definite);
    let _ = writeln!(page, "- {} further devices in patients may be meant; a person looks at each.", drill.other);
    let _ = writeln!(page, "- {} packs are on shelves.", drill.packs);
    let _ = writeln!(page, "- The list has {} lines.\n", drill.lines);
    page.push_str(
        "The program's own time is measured here. Not measured: how long the two people take who read the notice, and the \
         way from the list to the shelf and to the patient. Let somebody walk to the shelf and write the minutes here:\n\n\
         | site | who | notice read at | list in hand at | stock found at |\n|---|---|---|---|---|\n| | | | | |\n",
    );
    page
}
