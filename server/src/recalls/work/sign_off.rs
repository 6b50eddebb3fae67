//! The signature at the end of a recall: refused while anything is open, with all that is.

use chrono::Utc;
use serde::Serialize;
use tessera_scanner::verdict::london_date;

use super::opening::open;
use super::picture::Picture;
use super::stage::Stage;
use super::store as work;
use crate::access::User;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::notifications::{EventKind, Happening, tell};
use crate::recalls::alerts::store as alerts;
use crate::store::Transaction;

#[derive(Debug, Serialize)]
struct Signed<'a> {
    reference: &'a str,
    statement: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_hash: Option<&'a str>,
}

/// Signs a recall off, as its picture was just seen: gathering that takes long where many patients are concerned, and is not done in
/// the change itself. It keeps stopping its devices in theatre: only closing it ends that.
///
/// # Errors
/// [`Code::WrongState`] while something is open, naming each thing; [`Code::SecondPerson`] for the one who confirmed the notice;
/// [`Code::InvalidInput`] without a statement.
pub fn sign_off(tx: &mut Transaction<'_>, user: &User, picture: &Picture, statement: &str) -> Result<(), Problem> {
    let statement = statement.trim();
    if statement.is_empty() || statement.chars().count() > 2000 {
        return Err(Problem::invalid("Say what you sign for, in 1 to 2,000 characters."));
    }
    let notice = &picture.recall.notice;
    let recall = notice.id;
    // What a scan or a receipt changed since then has raised an alert.
    let stage = work::stage(tx, recall, notice.state)?;
    if stage != picture.stage || alerts::open(tx, Some(recall))? != picture.alerts {
        return Err(Problem::new(Code::WrongState, format!("{} was just changed: look again.", notice.reference)));
    }
    if picture.stage == Stage::SignedOff {
        let last = picture.stages.last();
        if last.is_some_and(|last| last.entered_by == Some(user.id) && last.note == statement) {
            return Ok(());
        }
    }
    picture.stage.become_one(Stage::SignedOff)?;
    if notice.confirmed_by == Some(user.id) {
        let detail = format!("You confirmed {} yourself: somebody else signs it off.", notice.reference);
        return Err(Problem::new(Code::SecondPerson, detail));
    }
    let open = open(picture, london_date(Utc::now()));
    if !open.is_empty() {
        let open: Vec<_> = open.into_iter().map(|one| one.text).collect();
        return Err(Problem::new(Code::WrongState, format!("{} is not done: {}", notice.reference, open.join(" "))));
    }
    work::advance(tx, &user.into(), (recall, notice.state), Stage::SignedOff, statement)?;
    let list_hash = picture.frozen.as_ref().map(|list| list.hash.as_str());
    let detail = Signed { reference: &notice.reference, statement, list_hash };
    let act = Act { action: "recall-signed-off", subject_kind: "recall", subject: recall.to_string(), detail: &detail };
    audit::record(tx, &user.into(), &act)?;
    tell(tx, &Happening::of(EventKind::SignedOff, notice, "A recall was signed off. Theatres still stop on it."))?;
    Ok(())
}
