//! Pages of signals: which devices stand out by which rule, and one signal with its evidence and its history.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::model::{
    CheckSeen, Counts, EventRow, EvidenceSeen, RuleWord, SignalChange, SignalId, SignalRow, SignalState,
};
use super::nightly::judge_now;
use super::store as signals;
use crate::access::{JudgeSignals, Permission as _, Permit, ReadCohorts, SignedForm, User, UserId};
use crate::catalogue::{Product, ProductId, store as catalogue};
use crate::cohorts::asking::Asking;
use crate::cohorts::snapshot::Cohorts;
use crate::error::{Code, Problem};
use crate::outcomes::pages::thousands;
use crate::small_numbers::{self, Sight};
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::people::users_of;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::signal::{CheckRow, DeviceSignals, HistoryRow, SignalListPage, SignalPage};
use crate::web::{Choice, Figure, Page};

/// `GET /signals`
#[get("/signals")]
pub async fn show_signals(asking: Asking, permit: Permit<ReadCohorts>) -> Result<HttpResponse, PageProblem> {
    asking.look(&permit, "signals-asked", "signals", String::new()).await?;
    let (rows, products, users) = asking
        .store
        .read(|connection| {
            let rows = signals::list(connection)?;
            let ids: Vec<ProductId> = rows.iter().map(|row| row.product_id).collect();
            let users = users_of(connection, &signals::users_named(&rows, &[]))?;
            Ok((rows, catalogue::products(connection, &ids)?, users))
        })
        .await?;
    let sight = asking.sight(&permit);
    let told = asking.devices_told(&permit).await?;
    let judged = rows.iter().map(|row| row.judged_at).max();
    show(&SignalListPage {
        page: Page::of(&permit, &asking.config, "Signals", "/signals"),
        judged: judged.map_or_else(
            || "No judgement has raised a signal yet.".to_owned(),
            |at| format!("Last judged {}.", in_words(at)),
        ),
        rules: RuleWord::ALL.iter().map(|rule| rule.in_words().to_owned()).collect(),
        devices: by_device(&rows, &products, &users, &|row| {
            row.evidence().seen(sight, told.tells(row.product_id.uuid()))
        }),
        may_judge: JudgeSignals::ROLES.contains(&permit.user().role),
        note: small_numbers::note(sight),
    })
}

fn in_words(at: Moment) -> String {
    at.utc().with_timezone(&chrono_tz::Europe::London).format("%-d %B %Y, %H:%M").to_string()
}

fn name(products: &HashMap<ProductId, Product>, id: ProductId) -> String {
    products.get(&id).map_or_else(|| id.to_string(), |product| format!("{} {}", product.brand, product.reference))
}

/// The rules side by side: a line for each device, in the order of its first signal.
fn by_device(
    rows: &[SignalRow],
    products: &HashMap<ProductId, Product>,
    users: &HashMap<UserId, User>,
    seen: &dyn Fn(&SignalRow) -> EvidenceSeen,
) -> Vec<DeviceSignals> {
    let mut order: Vec<ProductId> = Vec::new();
    for row in rows {
        if !order.contains(&row.product_id) {
            order.push(row.product_id);
        }
    }
    let cell = |product: ProductId, rule: RuleWord| {
        let row = rows.iter().find(|row| row.product_id == product && row.rule == rule);
        row.map_or((String::new(), String::new()), |row| {
            let words = if row.standing {
                row.state.in_words().to_owned()
            } else {
                format!("{}, no longer met", row.state.in_words())
            };
            (format!("/signals/{}", row.id), words)
        })
    };
    order
        .into_iter()
        .map(|product| {
            let mine = || rows.iter().filter(move |row| row.product_id == product);
            let owner = mine().find_map(|row| users.get(&row.owner?)).map(|user| user.display_name.clone());
            let evidence = mine().next().map(seen).unwrap_or_default();
            DeviceSignals {
                href: format!("/devices/{product}"),
                name: name(products, product),
                group: evidence.group,
                revised: evidence.device.map_or_else(
                    || "*".to_owned(),
                    |device| format!("{} of {}", thousands(device.revisions), thousands(device.primaries)),
                ),
                rules: RuleWord::ALL.iter().map(|&rule| cell(product, rule)).collect(),
                owner: owner.unwrap_or_else(|| "nobody".to_owned()),
            }
        })
        .collect()
}

/// `POST /signals/judgement`
#[post("/signals/judgement")]
pub async fn post_judgement(
    store: web::Data<Store>,
    cohorts: web::Data<Cohorts>,
    permit: Permit<JudgeSignals>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    judge_now(&store, &cohorts.into_inner(), permit.actor()).await?;
    Ok(see_other("/signals"))
}

/// `GET /signals/{id}`
#[get("/signals/{id}")]
pub async fn show_signal(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    id: web::Path<SignalId>,
) -> Result<HttpResponse, PageProblem> {
    asking.look(&permit, "signal-asked", "signal", id.to_string()).await?;
    show(&signal_page(&asking, &permit, id.into_inner(), String::new()).await?)
}

async fn signal_page(
    asking: &Asking,
    who: &crate::access::SignedIn,
    id: SignalId,
    error: String,
) -> Result<SignalPage, Problem> {
    let (row, events, users, products) = asking
        .store
        .read(move |connection| {
            let (row, events) = (signals::find(connection, id)?, signals::history(connection, id)?);
            let users = users_of(connection, &signals::users_named(std::slice::from_ref(&row), &events))?;
            let products = catalogue::products(connection, &[row.product_id])?;
            Ok((row, events, users, products))
        })
        .await?;
    let (sight, config) = (asking.sight(who), &asking.config);
    let told = asking.devices_told(who).await?;
    let evidence = row.evidence().seen(sight, told.tells(row.product_id.uuid()));
    let device = name(&products, row.product_id);
    Ok(SignalPage {
        page: Page::of(who, config, format!("Signal: {device}"), "/signals"),
        id: row.id.to_string(),
        rule: row.rule.in_words().to_owned(),
        device_href: format!("/devices/{}", row.product_id),
        state: row.state.in_words().to_owned(),
        standing: if row.standing { "The rule is met.".to_owned() } else { "The rule is no longer met.".to_owned() },
        owner: row
            .owner
            .and_then(|id| users.get(&id))
            .map_or_else(|| "nobody".to_owned(), |user| user.display_name.clone()),
        figures: figures(&evidence, sight),
        checks: evidence.checks.iter().map(check_row).collect(),
        snapshot: hex::encode(&row.snapshot_hash),
        history: events.iter().map(|event| history_row(event, &users)).collect(),
        states: Choice::list(SignalState::ALL.iter().map(|state| (state.word(), state.in_words())), row.state.word()),
        may_judge: JudgeSignals::ROLES.contains(&who.user().role),
        device,
        error,
    })
}

fn figures(evidence: &EvidenceSeen, sight: Sight) -> Vec<Figure> {
    let (Some(device), Some(group)) = (evidence.device, evidence.of_group) else {
        return vec![Figure::new(small_numbers::in_words(None, sight), "primaries or revised: not told to your role")];
    };
    let per_hundred = |counts: Counts| {
        let rate = crate::analysis::rates::Rate::per_hundred(counts.revisions, counts.years, 0.95);
        (format!("{:.2}", rate.rate), format!("revisions per 100 years ({:.2} to {:.2})", rate.lower, rate.upper))
    };
    let (own, of_group) = (per_hundred(device), per_hundred(group));
    vec![
        Figure::new(thousands(device.primaries), "primaries"),
        Figure::new(thousands(device.revisions), "revised"),
        Figure::new(own.0, own.1),
        Figure::new(of_group.0, format!("{} in its group, {}", of_group.1, evidence.group)),
    ]
}

fn check_row(check: &CheckSeen) -> CheckRow {
    let number = |value: Option<f64>| match value {
        None => "–".to_owned(),
        Some(value) if value != 0.0 && value.abs() < 0.001 => format!("{value:.1e}"),
        Some(value) if value.fract() == 0.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.3}"),
    };
    CheckRow {
        what: check.what.clone(),
        value: number(check.value),
        threshold: number(check.threshold),
        met: if check.met { "yes".to_owned() } else { "no".to_owned() },
    }
}

fn history_row(event: &EventRow, users: &HashMap<UserId, User>) -> HistoryRow {
    HistoryRow {
        at: in_words(event.recorded_at),
        who: event
            .recorded_by
            .and_then(|id| users.get(&id))
            .map_or_else(|| "Tessera".to_owned(), |user| user.display_name.clone()),
        what: event.detail.clone(),
    }
}

/// What a person decides.
#[derive(Debug, Deserialize)]
pub struct ChangeForm {
    #[serde(default)]
    state: String,
    #[serde(default)]
    take: String,
    #[serde(default)]
    note: String,
}

/// `POST /signals/{id}`
#[post("/signals/{id}")]
pub async fn post_signal(
    asking: Asking,
    permit: Permit<JudgeSignals>,
    id: web::Path<SignalId>,
    form: SignedForm<ChangeForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id) = (permit.user().clone(), id.into_inner());
    let ChangeForm { state, take, note } = form.0;
    let change = SignalChange { state: state.parse().ok(), take: take == "yes", note };
    let changed = match change.checked() {
        Ok(change) => asking.store.write(move |tx| signals::change(tx, &user, id, &change)).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(()) => Ok(see_other(&format!("/signals/{id}"))),
        Err(problem) if problem.code() == Code::InvalidInput => {
            let error = problem.detail().to_owned();
            show(&signal_page(&asking, &permit, id, error).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}
