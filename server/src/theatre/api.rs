//! The point of care for programs: procedures, scans, corrections.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tessera_scanner::handheld::wristband;
use tessera_scanner::identifiers::{ChiNumber, NhsNumber, OdsCode};
use utoipa::ToSchema;

use super::arrival::{Arrived, body_hash};
use super::device_uses::{self, Correction, DeviceUse, Explant};
use super::model::{
    CorrectionId, DeviceUseId, Fate, NewScan, OperatedSide, ProcedureId, ScanAnswer, ScanId, ScannedSymbol,
};
use super::procedures::{self, CaseMix, NewProcedure, PatientCorrection, Procedure};
use super::scanners;
use super::scans::{self, Recorder};
use super::team;
use crate::access::{LinkPatients, Permit, ReadProcedures, Record, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::{Demographics, PatientId, PatientIdentifier, Presented};
use crate::store::Store;
use crate::store::columns::Moment;

/// Who is operated on: a wristband as scanned, or what is known by other ways.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct PatientBody {
    /// The wristband's barcode as scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wristband: Option<ScannedSymbol>,
    /// NHS number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    nhs_number: Option<NhsNumber>,
    /// CHI number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    chi: Option<ChiNumber>,
    /// An organisation's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local: Option<LocalBody>,
    /// A made-up one, for the unknown emergency and the newborn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temporary: Option<String>,
    /// Names and date of birth, if known.
    #[serde(default)]
    demographics: Demographics,
}

impl std::fmt::Debug for PatientBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientBody(sealed)")
    }
}

/// An organisation's own number for a patient.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct LocalBody {
    /// Who gave it.
    #[schema(value_type = String)]
    organisation: OdsCode,
    /// The number.
    value: String,
}

impl std::fmt::Debug for LocalBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalBody({}, sealed)", self.organisation)
    }
}

impl PatientBody {
    fn presented(&self, config: &Config) -> Result<Presented, Problem> {
        let mut presented = match &self.wristband {
            Some(symbol) => wristband_presented(&symbol.bytes, config)?,
            None => Presented::default(),
        };
        presented.identifiers.extend(self.nhs_number.clone().map(PatientIdentifier::Nhs));
        presented.identifiers.extend(self.chi.clone().map(PatientIdentifier::Chi));
        presented.identifiers.extend(self.local.as_ref().map(|local| PatientIdentifier::Local {
            organisation: local.organisation.clone(),
            value: local.value.clone(),
        }));
        presented.identifiers.extend(self.temporary.clone().map(PatientIdentifier::Temporary));
        if !self.demographics.is_empty() {
            presented.demographics = self.demographics.clone();
        }
        Ok(presented)
    }
}

/// Reads a scanned wristband as the organisation prints them.
///
/// # Errors
/// [`Code::InvalidInput`] where it is none, without repeating what was scanned.
pub fn wristband_presented(bytes: &[u8], config: &Config) -> Result<Presented, Problem> {
    let band = wristband::read(bytes, &config.wristbands)
        .map_err(|error| Problem::invalid(format!("The wristband could not be used: {error}.")))?;
    Ok(Presented::by_wristband(&band, &home(config)?))
}

/// A procedure to be opened.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ProcedureBody {
    /// Made by the client (UUIDv7).
    id: ProcedureId,
    /// Who is operated on.
    patient: PatientBody,
    /// ODS site code.
    site: String,
    /// Theatre.
    theatre: String,
    /// OPCS-4, with or without the dot.
    opcs4: String,
    /// Side, where there is one.
    #[serde(default)]
    side: Option<OperatedSide>,
    /// Why.
    #[serde(default)]
    indication: Option<String>,
    /// The registration (GMC number, badge) of the surgeon who leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    surgeon: Option<String>,
    /// The patient's body mass index, kg/m².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bmi: Option<f64>,
    /// The patient's ASA grade, 1 to 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asa: Option<i32>,
    /// When it began.
    started_at: DateTime<Utc>,
}

/// A procedure that is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureOpened {
    /// The procedure.
    #[serde(flatten)]
    procedure: Procedure,
    /// Other patient records that the same wristband points to: ask a safety officer whether to link them.
    other_records: Vec<PatientId>,
}

/// Open a procedure
#[utoipa::path(tag = "theatre", request_body = ProcedureBody, responses(
    (status = 201, body = ProcedureOpened), (status = 200, body = ProcedureOpened, description = "It was open already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/procedures")]
pub async fn open_procedure(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    body: web::Json<ProcedureBody>,
) -> Result<HttpResponse, Problem> {
    let text = serde_json::to_vec(&*body)
        .map_err(|error| Problem::new(Code::Internal, "The procedure could not be written.").because(error))?;
    let body = body.into_inner();
    let new = NewProcedure {
        id: body.id,
        patient: body.patient.presented(&config)?,
        site: body.site,
        theatre: body.theatre,
        code: body.opcs4.parse().map_err(Problem::invalid)?,
        side: body.side,
        indication: body.indication,
        case_mix: CaseMix { surgeon: body.surgeon, bmi: body.bmi, asa: body.asa },
        started_at: Moment::from(body.started_at),
        body_hash: body_hash(&keys, &text),
    };
    let (keys, actor) = (keys.into_inner(), permit.actor());
    let opened = store.write(move |tx| procedures::open(tx, &keys, &actor, &new)).await?;
    let mut response = if opened.repeated { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.json(ProcedureOpened { procedure: opened.procedure, other_records: opened.disagree }))
}

/// The organisation whose registry this is.
///
/// # Errors
/// [`Code::InvalidInput`] where the setting is no ODS code.
pub fn home(config: &Config) -> Result<OdsCode, Problem> {
    config.organisation.parse().map_err(|error| Problem::invalid(format!("The setting organisation: {error}.")))
}

/// What recording a scan needs, for the user of this request.
///
/// # Errors
/// [`Code::InvalidInput`] where a setting cannot be used.
pub fn recorder(signed_in: &SignedIn, keys: web::Data<IdentityKeys>, config: &Config) -> Result<Recorder, Problem> {
    Ok(Recorder {
        actor: signed_in.actor(),
        user: signed_in.user().id,
        keys: keys.into_inner(),
        home: home(config)?,
        limits: config.limits,
        rules: config.compatibility.clone(),
        wristbands: config.wristbands.clone(),
    })
}

/// A procedure with its team and every row of its devices.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureWhole {
    /// The procedure.
    #[serde(flatten)]
    procedure: Procedure,
    /// Names of the team.
    team: Vec<String>,
    /// Device uses, oldest first; a row that another supersedes is history.
    device_uses: Vec<DeviceUse>,
}

/// One procedure
#[utoipa::path(tag = "theatre", responses((status = 200, body = ProcedureWhole), (status = 404, body = ProblemDetails)))]
#[get("/procedures/{id}")]
pub async fn show_procedure(
    store: web::Data<Store>,
    _permit: Permit<ReadProcedures>,
    id: web::Path<ProcedureId>,
) -> Result<web::Json<ProcedureWhole>, Problem> {
    let id = id.into_inner();
    let whole = store
        .read(move |connection| {
            Ok(ProcedureWhole {
                procedure: procedures::find(connection, id)?,
                team: team::of_procedure(connection, id)?,
                device_uses: device_uses::of_procedure(connection, id)?,
            })
        })
        .await?;
    Ok(web::Json(whole))
}

/// Finish a procedure
#[utoipa::path(tag = "theatre", responses((status = 200, body = Procedure), (status = 404, body = ProblemDetails)))]
#[post("/procedures/{id}/finish")]
pub async fn finish_procedure(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<ProcedureId>,
) -> Result<web::Json<Procedure>, Problem> {
    let (actor, id) = (permit.actor(), id.into_inner());
    store.write(move |tx| procedures::finish(tx, &actor, id)).await.map(web::Json)
}

/// The patient whose the procedure really is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PatientCorrectionBody {
    /// Made by the client.
    id: CorrectionId,
    /// The right patient.
    patient: PatientId,
    /// Why.
    reason: String,
}

/// Correct a procedure recorded under the wrong patient
#[utoipa::path(tag = "theatre", request_body = PatientCorrectionBody, responses(
    (status = 200, body = Procedure), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/procedures/{id}/patient")]
pub async fn correct_patient(
    store: web::Data<Store>,
    permit: Permit<LinkPatients>,
    id: web::Path<ProcedureId>,
    body: web::Json<PatientCorrectionBody>,
) -> Result<web::Json<Procedure>, Problem> {
    let (actor, user, body) = (permit.actor(), permit.user().id, body.into_inner());
    let correction =
        PatientCorrection { id: body.id, procedure: id.into_inner(), patient: body.patient, reason: body.reason };
    store.write(move |tx| procedures::correct_patient(tx, &actor, user, &correction)).await.map(web::Json)
}

/// Record a scan
#[utoipa::path(tag = "theatre", request_body = NewScan, responses(
    (status = 201, body = ScanAnswer), (status = 200, body = ScanAnswer, description = "It was here already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/scans")]
pub async fn record_scan(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    config: web::Data<Config>,
    permit: Permit<Record>,
    scan: web::Json<NewScan>,
) -> Result<HttpResponse, Problem> {
    let recorder = recorder(&permit, keys, &config)?;
    answer_scan(&store, recorder, scan.into_inner()).await
}

/// Records a scan and answers it; shared with photos.
///
/// # Errors
/// Those of [`scans::record`].
pub async fn answer_scan(store: &Store, recorder: Recorder, scan: NewScan) -> Result<HttpResponse, Problem> {
    let known = match (&scan.profile, scan.workstation.clone()) {
        (None, Some(workstation)) => {
            let home = recorder.home.clone();
            store.read(move |connection| scanners::profile_of(connection, &home, &workstation)).await?
        }
        _ => None,
    };
    let arrived = Arrived::new(&recorder.keys, scan, known)?;
    let recorded = store.write(move |tx| scans::record(tx, &recorder, &arrived)).await?;
    let mut response = if recorded.repeated { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.json(recorded.answer))
}

/// The answer that was given to a scan
#[utoipa::path(tag = "theatre", responses((status = 200, body = ScanAnswer), (status = 404, body = ProblemDetails)))]
#[get("/scans/{id}")]
pub async fn show_scan(
    store: web::Data<Store>,
    _permit: Permit<ReadProcedures>,
    id: web::Path<ScanId>,
) -> Result<web::Json<ScanAnswer>, Problem> {
    let id = id.into_inner();
    store.read(move |connection| scans::answer_to(connection, id)).await.map(web::Json)
}

/// What really became of a device.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CorrectionBody {
    /// Made by the client.
    id: DeviceUseId,
    /// `implanted`, `wasted`, `returned` or `entered-in-error`.
    fate: Fate,
    /// Why.
    reason: String,
}

/// Correct a device use
#[utoipa::path(tag = "theatre", request_body = CorrectionBody, responses(
    (status = 200, body = DeviceUse), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/device-uses/{id}/corrections")]
pub async fn correct_device_use(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<DeviceUseId>,
    body: web::Json<CorrectionBody>,
) -> Result<web::Json<DeviceUse>, Problem> {
    let (actor, body) = (permit.actor(), body.into_inner());
    let correction = Correction { id: body.id, of: id.into_inner(), fate: body.fate, reason: body.reason };
    store.write(move |tx| device_uses::correct(tx, &actor, &correction)).await.map(web::Json)
}

/// A device taken out.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ExplantBody {
    /// Made by the client.
    id: DeviceUseId,
    /// The procedure that took it out.
    procedure: ProcedureId,
    /// What happens to it: retained, returned to the maker, analysed, disposed of.
    reason: String,
}

/// Record that a device was taken out
#[utoipa::path(tag = "theatre", request_body = ExplantBody, responses(
    (status = 200, body = DeviceUse), (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/device-uses/{id}/explant")]
pub async fn explant_device(
    store: web::Data<Store>,
    permit: Permit<Record>,
    id: web::Path<DeviceUseId>,
    body: web::Json<ExplantBody>,
) -> Result<web::Json<DeviceUse>, Problem> {
    let (actor, body) = (permit.actor(), body.into_inner());
    let explant = Explant { id: body.id, procedure: body.procedure, of: id.into_inner(), reason: body.reason };
    store.write(move |tx| device_uses::explant(tx, &actor, &explant)).await.map(web::Json)
}
