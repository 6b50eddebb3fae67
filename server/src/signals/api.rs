//! Signals over HTTP.

use actix_web::{get, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{EventRow, Evidence, Happening, RuleWord, SignalChange, SignalId, SignalRow, SignalState};
use super::nightly::judge_now;
use super::store::{self as signals, Judged};
use crate::access::{JudgeSignals, Permit, ReadCohorts, UserId};
use crate::catalogue::ProductId;
use crate::cohorts::snapshot::Cohorts;
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// A signal as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignalShown {
    /// Identifier.
    pub id: SignalId,
    /// The device.
    pub product: ProductId,
    /// The rule.
    pub rule: RuleWord,
    /// Where it stands.
    pub state: SignalState,
    /// Who looks after it.
    pub owner: Option<UserId>,
    /// Whether the rule is met by the latest judgement.
    pub standing: bool,
    /// The latest evidence in which the rule was met.
    pub evidence: Evidence,
    /// Hash of the snapshot of that evidence.
    pub snapshot: String,
    /// When it was first raised.
    pub raised_at: chrono::DateTime<chrono::Utc>,
    /// When it was last judged.
    pub judged_at: chrono::DateTime<chrono::Utc>,
}

impl From<&SignalRow> for SignalShown {
    fn from(row: &SignalRow) -> Self {
        Self {
            id: row.id,
            product: row.product_id,
            rule: row.rule,
            state: row.state,
            owner: row.owner,
            standing: row.standing,
            evidence: row.evidence(),
            snapshot: hex::encode(&row.snapshot_hash),
            raised_at: row.raised_at.utc(),
            judged_at: row.judged_at.utc(),
        }
    }
}

/// Something that happened to a signal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventShown {
    /// What.
    pub what: Happening,
    /// In words.
    pub detail: String,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// By whom; null for the nightly judgement.
    pub by: Option<UserId>,
}

/// All signals.
#[derive(Debug, Serialize, ToSchema)]
pub struct Signals {
    signals: Vec<SignalShown>,
}

/// A signal with its history.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignalWithHistory {
    signal: SignalShown,
    history: Vec<EventShown>,
}

/// Signals, those that stand first
#[utoipa::path(tag = "signals", responses((status = 200, body = Signals)))]
#[get("/signals")]
pub async fn list_signals(
    store: web::Data<Store>,
    _permit: Permit<ReadCohorts>,
) -> Result<web::Json<Signals>, Problem> {
    let all = store.read(signals::list).await?;
    Ok(web::Json(Signals { signals: all.iter().map(SignalShown::from).collect() }))
}

/// Judge every device now
#[utoipa::path(tag = "signals", responses((status = 200, body = Judged), (status = 503, body = ProblemDetails)))]
#[post("/signals/judgement")]
pub async fn judge_signals(
    store: web::Data<Store>,
    cohorts: web::Data<Cohorts>,
    permit: Permit<JudgeSignals>,
) -> Result<web::Json<Judged>, Problem> {
    Ok(web::Json(judge_now(&store, &cohorts.into_inner(), permit.actor()).await?))
}

/// A signal with its history
#[utoipa::path(tag = "signals", params(("id" = SignalId, Path)), responses(
    (status = 200, body = SignalWithHistory), (status = 404, body = ProblemDetails)))]
#[get("/signals/{id}")]
pub async fn show_signal(
    store: web::Data<Store>,
    _permit: Permit<ReadCohorts>,
    id: web::Path<SignalId>,
) -> Result<web::Json<SignalWithHistory>, Problem> {
    let id = id.into_inner();
    let (row, events) =
        store.read(move |connection| Ok((signals::find(connection, id)?, signals::history(connection, id)?))).await?;
    let shown = |event: &EventRow| EventShown {
        what: event.what,
        detail: event.detail.clone(),
        at: event.recorded_at.utc(),
        by: event.recorded_by,
    };
    Ok(web::Json(SignalWithHistory { signal: (&row).into(), history: events.iter().map(shown).collect() }))
}

/// Take a signal, write about it, or change its state
#[utoipa::path(tag = "signals", params(("id" = SignalId, Path)), request_body = SignalChange, responses(
    (status = 200, body = SignalShown), (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/signals/{id}/changes")]
pub async fn change_signal(
    store: web::Data<Store>,
    permit: Permit<JudgeSignals>,
    id: web::Path<SignalId>,
    change: web::Json<SignalChange>,
) -> Result<web::Json<SignalShown>, Problem> {
    let (user, id, change) = (permit.user().clone(), id.into_inner(), change.into_inner().checked()?);
    let row = store.write(move |tx| signals::change(tx, &user, id, &change)).await?;
    Ok(web::Json((&row).into()))
}
