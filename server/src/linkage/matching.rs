//! Whether a line belongs to one implant or one procedure of a person for certain. Pure; nothing is guessed.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use crate::outcomes::model::{OutcomeKind, RevisionReason, What};
use crate::store::read::implants::Implant;
use crate::theatre::model::{DeviceUseId, OperatedSide, ProcedureId};

/// What the registry knows of a person.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Their implants.
    pub implants: Vec<Implant>,
    /// Their procedures: which, OPCS-4, side, day.
    pub procedures: Vec<KnownProcedure>,
    /// When they died.
    pub died_on: Option<NaiveDate>,
}

/// A procedure of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownProcedure {
    /// Which.
    pub id: ProcedureId,
    /// OPCS-4 without the dot.
    pub opcs4: String,
    /// Side.
    pub side: Option<OperatedSide>,
    /// The day.
    pub on: NaiveDate,
}

/// What a line says.
#[derive(Clone, Debug)]
pub struct Said {
    /// What kind of outcome.
    pub kind: OutcomeKind,
    /// The day.
    pub on: NaiveDate,
    /// OPCS-4 without the dot.
    pub opcs4: Option<String>,
    /// Side.
    pub side: Option<OperatedSide>,
    /// Reason, cause, name or questionnaire.
    pub code: Option<String>,
    /// More in words.
    pub detail: Option<String>,
    /// A score.
    pub score: Option<f64>,
}

/// What is to become of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is this outcome.
    Certain(What),
    /// A person has to decide, for this reason.
    Review(String),
    /// The record says the same already.
    Known(&'static str),
}

/// A complication is reported within so many days of its procedure.
const COMPLICATION_DAYS: u64 = 365;
/// A score is reported within so many days before its procedure and after it.
const SCORE_DAYS: (u64, u64) = (180, 730);

/// Decides.
pub fn judge(said: &Said, known: &Known) -> Verdict {
    match said.kind {
        OutcomeKind::Death => match known.died_on {
            None => Verdict::Certain(What::Death { code: said.code.clone() }),
            Some(on) if on == said.on => Verdict::Known("The record has this death."),
            Some(on) => Verdict::Review(format!("The record says that this patient died on {on}.")),
        },
        OutcomeKind::Revision => revision(said, known),
        OutcomeKind::Complication | OutcomeKind::Prom => about_a_procedure(said, known),
    }
}

/// A revision is one device's for certain where just one fits it.
fn revision(said: &Said, known: &Known) -> Verdict {
    if known.died_on.is_some_and(|died| died < said.on) {
        return Verdict::Review("The record says that this patient had died before.".to_owned());
    }
    let recorded =
        |implant: &Implant| implant.revised_on == Some(said.on) && same_place(said, &implant.opcs4, implant.side);
    if said.opcs4.is_some() && known.implants.iter().any(recorded) {
        return Verdict::Known("The record has this revision.");
    }
    let fitting = fitting_implants(said, known);
    match &fitting[..] {
        [] => Verdict::Review(match known.implants.len() {
            0 => "This patient has no implant in the registry.".to_owned(),
            _ => "No implant of this patient that was in place on that day is of this joint and side.".to_owned(),
        }),
        [one] if said.opcs4.is_none() || said.side != one.side => Verdict::Review(
            "One implant fits, but the line says too little (procedure code and side) to be sure.".to_owned(),
        ),
        [one] => Verdict::Certain(revised(said, vec![one.id])),
        several => Verdict::Review(format!(
            "{} implants of this patient fit: which of them were taken out, the line does not say.",
            several.len()
        )),
    }
}

/// The implants that a revision can have taken out.
pub fn fitting_implants<'a>(said: &Said, known: &'a Known) -> Vec<&'a Implant> {
    let fits = |implant: &&Implant| {
        implant.implanted_on < said.on && implant.revised_on.is_none() && same_place(said, &implant.opcs4, implant.side)
    };
    known.implants.iter().filter(fits).collect()
}

/// The revision that a line tells of, with the devices that it took out.
pub fn revised(said: &Said, removed: Vec<DeviceUseId>) -> What {
    let reason = said.code.as_deref().and_then(|code| code.parse::<RevisionReason>().ok());
    let words = [said.code.as_deref().filter(|_| reason.is_none()), said.detail.as_deref()];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let code = reason.unwrap_or(RevisionReason::Other);
    let detail = match words[..] {
        [] if code == RevisionReason::Other => Some("not told".to_owned()),
        [] => None,
        _ => Some(words.join("; ")),
    };
    What::Revision { procedure: None, code, detail, removed }
}

fn about_a_procedure(said: &Said, known: &Known) -> Verdict {
    let fitting = fitting_procedures(said, known);
    match &fitting[..] {
        [one] => Verdict::Certain(about(said, Some(one.id))),
        [] => Verdict::Review("No procedure of this patient fits it by day, code and side.".to_owned()),
        several => Verdict::Review(format!("{} procedures of this patient fit it.", several.len())),
    }
}

/// The procedures that a complication or a score can be about.
pub fn fitting_procedures<'a>(said: &Said, known: &'a Known) -> Vec<&'a KnownProcedure> {
    let (before, after) = if said.kind == OutcomeKind::Prom { SCORE_DAYS } else { (0, COMPLICATION_DAYS) };
    let fits = |one: &&KnownProcedure| {
        let (first, last) = (one.on.checked_sub_days(Days::new(before)), one.on.checked_add_days(Days::new(after)));
        first.is_some_and(|first| first <= said.on)
            && last.is_some_and(|last| said.on <= last)
            && same_place(said, &one.opcs4, one.side)
    };
    known.procedures.iter().filter(fits).collect()
}

/// The complication or the score that a line tells of.
pub fn about(said: &Said, procedure: Option<ProcedureId>) -> What {
    let code = said.code.clone().unwrap_or_default();
    match said.score {
        Some(score) if said.kind == OutcomeKind::Prom => What::Prom { procedure, instrument: code, score },
        _ => What::Complication { procedure, code, detail: said.detail.clone() },
    }
}

/// Whether a line can be about an operation of this code on this side. What the line or the record does not say speaks against nothing.
fn same_place(said: &Said, opcs4: &str, side: Option<OperatedSide>) -> bool {
    let sides = match (said.side, side) {
        (Some(a), Some(b)) => a == b || a == OperatedSide::Bilateral || b == OperatedSide::Bilateral,
        _ => true,
    };
    let places = said.opcs4.as_deref().is_none_or(|code| {
        code.get(..3) == opcs4.get(..3) || joint(code).is_some_and(|here| joint(opcs4) == Some(here))
    });
    sides && places
}

/// The joint that an OPCS-4 code is about (chapters W and O: prosthetic replacement, resurfacing, attention to it).
fn joint(code: &str) -> Option<&'static str> {
    const HIP: [&str; 9] = ["W37", "W38", "W39", "W46", "W47", "W48", "W93", "W94", "W95"];
    const KNEE: [&str; 4] = ["W40", "W41", "W42", "O18"];
    const SHOULDER: [&str; 9] = ["W49", "W50", "W51", "W96", "W97", "W98", "O06", "O07", "O08"];
    let start = code.get(..3)?;
    let of = [("hip", &HIP[..]), ("knee", &KNEE[..]), ("shoulder", &SHOULDER[..])];
    of.into_iter().find(|(_, codes)| codes.contains(&start)).map(|(joint, _)| joint)
}

/// The identifiers of implants, to be compared.
pub fn ids(implants: &[&Implant]) -> BTreeSet<DeviceUseId> {
    implants.iter().map(|implant| implant.id).collect()
}
