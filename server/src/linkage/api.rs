//! Linkage over HTTP.

use actix_web::{get, post, web};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use tessera_scanner::verdict::london_date;
use utoipa::{IntoParams, ToSchema};

use super::mapping::Mapping;
use super::model::{Decision, LineId, LineState};
use super::reading::{BadLine, read};
use super::store::{self as lines, Imported, Waiting};
use crate::access::{LinkOutcomes, Permit, ReadCohorts};
use crate::cohorts::asking::Asking;
use crate::error::{Problem, ProblemDetails};
use crate::identity::keys::IdentityKeys;
use crate::small_numbers::Sight;
use crate::store::Store;
use crate::store::read::quality::lacking;
use crate::theatre::model::{DeviceUseId, ProcedureId};

/// Lines brought in with one change.
pub const AT_ONCE: usize = 200;
/// Lines shown that wait.
pub const SHOWN: i64 = 50;

/// What a file is.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct ImportQuery {
    /// Whose record it is, such as `HES APC 2025-26`: the same line of the same source again is the same record.
    pub source: String,
    /// `hes-apc`, `ons-deaths` or `proms`.
    pub mapping: String,
}

impl ImportQuery {
    /// The source's name, trimmed.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) without one.
    pub fn source(&self) -> Result<String, Problem> {
        source_name(&self.source)
    }
}

/// A source's name, trimmed.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) without one, or for one that is too long.
pub fn source_name(text: &str) -> Result<String, Problem> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::invalid("Say whose record the file is, in 1 to 100 characters: the source."));
    }
    Ok(name.to_owned())
}

/// What an import did, and every line that could not be used.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// What became of the lines.
    pub imported: Imported,
    /// Lines that the mapping passes over.
    pub passed_over: usize,
    /// Lines that could not be used.
    pub bad: Vec<BadLine>,
}

/// Bring in outcomes that others recorded
///
/// A CSV of at most a megabyte; larger files go through `tessera import outcomes`. What matches for certain is recorded, the rest waits.
/// The same file again changes nothing.
#[utoipa::path(tag = "linkage", params(ImportQuery), request_body(content = String, content_type = "text/csv"), responses(
    (status = 200, body = ImportReport), (status = 422, body = ProblemDetails)))]
#[post("/linkage/imports")]
pub async fn import_outcomes(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<LinkOutcomes>,
    query: web::Query<ImportQuery>,
    body: String,
) -> Result<web::Json<ImportReport>, Problem> {
    let (source, today) = (query.source()?, london_date(Utc::now()));
    let Some((_, text)) = super::mapping::BUILT_IN.iter().find(|(name, _)| *name == query.mapping) else {
        return Err(Problem::invalid(format!(
            "There is no mapping \"{}\": hes-apc, ons-deaths or proms.",
            query.mapping
        )));
    };
    let file = read(body.as_bytes(), &Mapping::read(text)?, today)?;
    let mut imported = Imported::default();
    for some in file.lines.chunks(AT_ONCE) {
        let (some, keys, actor, source) = (some.to_vec(), keys.as_ref().clone(), permit.actor(), source.clone());
        let done = store.write(move |tx| lines::bring_in(tx, &keys, &actor, &source, &some, today)).await?;
        imported = imported.plus(done);
    }
    Ok(web::Json(ImportReport { imported, passed_over: file.passed_over, bad: file.bad }))
}

/// A line that waits for a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingLine {
    /// Identifier.
    pub id: LineId,
    /// Whose record.
    pub source: String,
    /// The patient's pseudonym; null where nobody has the number any more.
    pub patient: Option<String>,
    /// What kind of outcome.
    pub kind: String,
    /// The day.
    pub occurred_on: chrono::NaiveDate,
    /// OPCS-4 without the dot.
    pub opcs4: Option<String>,
    /// Side.
    pub side: Option<String>,
    /// Reason, cause, name or questionnaire.
    pub code: Option<String>,
    /// Why it waits.
    pub why: String,
    /// Device uses that it may have taken out.
    pub devices: Vec<DeviceUseId>,
    /// Procedures that it may be about.
    pub procedures: Vec<ProcedureId>,
}

impl From<Waiting> for WaitingLine {
    fn from(one: Waiting) -> Self {
        Self {
            id: one.row.id,
            source: one.row.source,
            patient: one.patient.map(crate::identity::model::PatientId::pseudonym),
            kind: one.row.kind.word().to_owned(),
            occurred_on: one.row.occurred_on,
            opcs4: one.row.opcs4,
            side: one.row.side.map(|side| side.to_string()),
            code: one.row.code,
            why: one.row.why,
            devices: one.implants.iter().map(|implant| implant.id).collect(),
            procedures: one.procedures.iter().map(|procedure| procedure.id).collect(),
        }
    }
}

/// Lines that wait for a person, the oldest outcome first; fifty at a time
#[utoipa::path(tag = "linkage", responses((status = 200, body = Vec<WaitingLine>)))]
#[get("/linkage/waiting")]
pub async fn list_waiting(
    store: web::Data<Store>,
    _permit: Permit<LinkOutcomes>,
) -> Result<web::Json<Vec<WaitingLine>>, Problem> {
    let waiting = store.read(|connection| lines::waiting(connection, SHOWN)).await?;
    Ok(web::Json(waiting.into_iter().map(WaitingLine::from).collect()))
}

/// What became of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineDecided {
    id: LineId,
    state: LineState,
}

/// Decide about a line that waits
#[utoipa::path(tag = "linkage", params(("id" = LineId, Path)), request_body = Decision, responses(
    (status = 200, body = LineDecided), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 422, body = ProblemDetails)))]
#[post("/linkage/{id}/decision")]
pub async fn decide_line(
    store: web::Data<Store>,
    permit: Permit<LinkOutcomes>,
    id: web::Path<LineId>,
    decision: web::Json<Decision>,
) -> Result<web::Json<LineDecided>, Problem> {
    let (actor, id, decision) = (permit.actor(), id.into_inner(), decision.into_inner().checked()?);
    let today = london_date(Utc::now());
    let row = store.write(move |tx| lines::decide(tx, &actor, id, &decision, today)).await?;
    Ok(web::Json(LineDecided { id: row.id, state: row.state }))
}

/// One thing that the record may lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QualityLine {
    /// What is counted.
    pub of: String,
    /// How many there are; null where they are too few to be told.
    pub all: Option<u64>,
    /// What they lack.
    pub lack: String,
    /// How many lack it; null where they are too few to be told.
    pub lacking: Option<u64>,
}

/// Lines of one source and kind; a count is null where it is too small to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkageLine {
    /// Whose record.
    pub source: String,
    /// What kind of outcome.
    pub kind: String,
    /// Lines that are outcomes.
    pub matched: Option<u64>,
    /// Lines that wait for a person.
    pub review: Option<u64>,
    /// Lines whose patient or device the registry does not have.
    pub unlinked: Option<u64>,
    /// Lines that a person set aside.
    pub set_aside: Option<u64>,
}

/// How far the record's figures may be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quality {
    /// What the record lacks.
    pub record: Vec<QualityLine>,
    /// What became of lines that others recorded.
    pub linkage: Vec<LinkageLine>,
}

/// What the record lacks, and what became of outcomes that others recorded
#[utoipa::path(tag = "linkage", responses((status = 200, body = Quality)))]
#[get("/quality")]
pub async fn show_quality(asking: Asking, permit: Permit<ReadCohorts>) -> Result<web::Json<Quality>, Problem> {
    asking.look(&permit, "quality-asked", "registry", String::new()).await?;
    Ok(web::Json(quality(&asking, asking.sight(&permit)).await?))
}

/// Counts what the record lacks, as a role may see it.
///
/// # Errors
/// Those of the database.
pub async fn quality(asking: &Asking, sight: Sight) -> Result<Quality, Problem> {
    let snapshot = asking.cohorts.clone().into_inner().snapshot(&asking.store).await;
    let (lacks, counts) =
        asking.store.read(|connection| Ok((lacking(connection)?, lines::counts(connection)?))).await?;
    let mut record: Vec<(&str, i64, &str, i64)> = vec![
        (
            "Patients",
            lacks.patients,
            "no NHS number: outcomes recorded elsewhere cannot find them",
            lacks.without_nhs_number,
        ),
        ("Patients", lacks.patients, "no year of birth", lacks.without_birth_year),
        ("Patients", lacks.patients, "no sex", lacks.without_sex),
        ("Procedures", lacks.procedures, "no side", lacks.without_side),
        ("Procedures", lacks.procedures, "no indication", lacks.without_indication),
        ("Devices recorded as implanted", lacks.implanted, "not in the catalogue: in no curve", lacks.without_product),
        ("Devices recorded as implanted", lacks.implanted, "neither lot nor serial", lacks.without_lot_or_serial),
        ("Revisions", lacks.revisions, "name no device of the registry: in no curve", lacks.unlinked_revisions),
    ];
    if let Some(snapshot) = &snapshot {
        let all = i64::try_from(snapshot.cohort().len()).unwrap_or(i64::MAX);
        let left_out = i64::try_from(snapshot.stored().left_out()).unwrap_or(i64::MAX);
        record.push(("Implants of known products", all, "dates that contradict each other: in no figure", left_out));
    }
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let record = record
        .into_iter()
        .map(|(of, all, lack, lacking)| QualityLine {
            of: of.to_owned(),
            all: sight.told(number(all)),
            lack: lack.to_owned(),
            lacking: sight.parts(number(all), &[number(lacking)])[0],
        })
        .collect();
    let linkage = counts
        .into_iter()
        .map(|one| {
            let told = [one.matched, one.review, one.unlinked, one.set_aside].map(|count| sight.told(count));
            let [matched, review, unlinked, set_aside] = told;
            LinkageLine { source: one.source, kind: one.kind, matched, review, unlinked, set_aside }
        })
        .collect();
    Ok(Quality { record, linkage })
}
