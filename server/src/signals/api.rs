//! Signals over HTTP.

use actix_web::{get, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{EventRow, EvidenceSeen, Happening, RuleWord, SignalChange, SignalId, SignalRow, SignalState};
use super::nightly::judge_now;
use super::store::{self as signals, Judged};
use crate::access::{JudgeSignals, Permit, ReadCohorts, UserId};
use crate::catalogue::ProductId;
use crate::cohorts::asking::Asking;
use crate::cohorts::disclosure::Disclosure;
use crate::cohorts::snapshot::Cohorts;
use crate::error::{Problem, ProblemDetails};
use crate::small_numbers::Sight;
use crate::store::{AnyConnection, Store};

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
    pub evidence: EvidenceSeen,
    /// Hash of the snapshot of that evidence.
    pub snapshot: String,
    /// When it was first raised.
    pub raised_at: chrono::DateTime<chrono::Utc>,
    /// When it was last judged.
    pub judged_at: chrono::DateTime<chrono::Utc>,
}

impl SignalShown {
    fn of(row: &SignalRow, sight: Sight, told: &Disclosure) -> Self {
        Self {
            id: row.id,
            product: row.product_id,
            rule: row.rule,
            state: row.state,
            owner: row.owner,
            standing: row.standing,
            evidence: row.evidence().seen(sight, told.tells(row.product_id.uuid())),
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
pub async fn list_signals(asking: Asking, permit: Permit<ReadCohorts>) -> Result<web::Json<Signals>, Problem> {
    asking.look(&permit, "signals-asked", "signals", String::new()).await?;
    let all = asking.store.read(signals::list).await?;
    let sight = asking.sight(&permit);
    let told = asking.devices_told(&permit).await?;
    Ok(web::Json(Signals { signals: all.iter().map(|row| SignalShown::of(row, sight, &told)).collect() }))
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
    asking: Asking,
    permit: Permit<ReadCohorts>,
    id: web::Path<SignalId>,
) -> Result<web::Json<SignalWithHistory>, Problem> {
    let id = id.into_inner();
    asking.look(&permit, "signal-asked", "signal", id.to_string()).await?;
    let read =
        move |connection: &mut AnyConnection| Ok((signals::find(connection, id)?, signals::history(connection, id)?));
    let (row, events) = asking.store.read(read).await?;
    let shown = |event: &EventRow| EventShown {
        what: event.what,
        detail: event.detail.clone(),
        at: event.recorded_at.utc(),
        by: event.recorded_by,
    };
    let told = asking.devices_told(&permit).await?;
    let signal = SignalShown::of(&row, asking.sight(&permit), &told);
    Ok(web::Json(SignalWithHistory { signal, history: events.iter().map(shown).collect() }))
}

/// Take a signal, write about it, or change its state
#[utoipa::path(tag = "signals", params(("id" = SignalId, Path)), request_body = SignalChange, responses(
    (status = 200, body = SignalShown), (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/signals/{id}/changes")]
pub async fn change_signal(
    asking: Asking,
    permit: Permit<JudgeSignals>,
    id: web::Path<SignalId>,
    change: web::Json<SignalChange>,
) -> Result<web::Json<SignalShown>, Problem> {
    let (user, id, change) = (permit.user().clone(), id.into_inner(), change.into_inner().checked()?);
    let row = asking.store.write(move |tx| signals::change(tx, &user, id, &change)).await?;
    let told = asking.devices_told(&permit).await?;
    Ok(web::Json(SignalShown::of(&row, asking.sight(&permit), &told)))
}
