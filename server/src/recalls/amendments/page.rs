//! The page that amends a recall: what it covers, to be changed; and the amendment that waits for a second person.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use tessera_scanner::recall_match::Criterion;

use super::model::{AmendmentId, AmendmentState, NewAmendment};
use super::{confirming, store as amendments};
use crate::access::{ConfirmRecall, EnterRecall, Permit, SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::recalls::criteria::CriterionForm;
use crate::recalls::model::{RecallId, RecallState};
use crate::recalls::pages::{lines, may};
use crate::recalls::recall_page::criterion_fact;
use crate::recalls::store as recalls;
use crate::store::Store;
use crate::web::Page;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall::CriterionRow;
use crate::web::recall_work::{AmendPage, RecallFrame, WaitingAmendment};

/// `GET /recalls/{id}/amend`
#[get("/recalls/{id}/amend")]
pub async fn show_amend(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<EnterRecall>,
    id: web::Path<RecallId>,
) -> Result<HttpResponse, PageProblem> {
    show(&amend_page(&store, &config, &permit, id.into_inner(), String::new()).await?)
}

async fn amend_page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    id: RecallId,
    error: String,
) -> Result<AmendPage, Problem> {
    let (recall, all) = store
        .read(move |connection| Ok((recalls::show(connection, id)?, amendments::of_recall(connection, id)?)))
        .await?;
    let waiting = all.into_iter().find(|one| one.state == AmendmentState::Waiting);
    let waiting = match waiting {
        None => None,
        Some(one) => {
            let now = one.lines()?;
            let fact = |criterion: &Criterion| {
                let fact = criterion_fact(criterion);
                format!("{}: {}", fact.name, fact.value)
            };
            Some(WaitingAmendment {
                id: one.id.to_string(),
                reason: one.reason,
                added: now.iter().filter(|line| !recall.criteria.contains(line)).map(fact).collect(),
                removed: recall.criteria.iter().filter(|line| !now.contains(line)).map(fact).collect(),
                may_confirm: one.entered_by != who.user().id && may::<ConfirmRecall>(who.user()),
            })
        }
    };
    Ok(AmendPage {
        page: Page::of(who, config, "Amend the notice", "/recalls"),
        frame: RecallFrame {
            id: id.to_string(),
            reference: recall.notice.reference.clone(),
            title: recall.notice.title.clone(),
            here: "amend",
            error,
        },
        active: recall.notice.state == RecallState::Active,
        waiting,
        next_id: AmendmentId::new().to_string(),
        reason: String::new(),
        text: recall.notice.notice.clone(),
        criteria: CriterionRow::with_spare(rows(&recall.criteria)),
    })
}

/// Lines as rows of the form: those of one device and kind of units share a row.
fn rows(criteria: &[Criterion]) -> Vec<CriterionRow> {
    let mut rows: Vec<CriterionRow> = Vec::new();
    for form in criteria.iter().map(CriterionForm::from) {
        let row = CriterionRow {
            identifier: form.identifier.unwrap_or_default(),
            maker: form.maker.unwrap_or_default(),
            reference: form.reference.unwrap_or_default(),
            units: form.units.word().to_owned(),
            values: form.value.unwrap_or_default(),
        };
        let same = |there: &&mut CriterionRow| {
            (&there.identifier, &there.maker, &there.reference, &there.units)
                == (&row.identifier, &row.maker, &row.reference, &row.units)
        };
        match rows.iter_mut().find(same) {
            Some(there) if !row.values.is_empty() => {
                there.values.push_str(", ");
                there.values.push_str(&row.values);
            }
            Some(_) => {}
            None => rows.push(row),
        }
    }
    rows
}

fn amendment(fields: &HashMap<String, String>) -> Result<NewAmendment, Problem> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let id = field("id").parse().map_err(|_| Problem::invalid("The form came without the amendment's identifier."))?;
    let mut criteria = Vec::new();
    for row in CriterionRow::of_form(fields).iter().filter(|row| !row.is_blank()) {
        criteria.extend(lines(row)?);
    }
    Ok(NewAmendment { id, reason: field("reason"), notice: field("text").replace("\r\n", "\n"), criteria })
}

/// `POST /recalls/{id}/amend`
#[post("/recalls/{id}/amend")]
pub async fn post_amend(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<EnterRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id, fields) = (permit.user().clone(), id.into_inner(), form.0);
    let done = match amendment(&fields).and_then(|new| new.checked()) {
        Ok(new) => store.write(move |tx| amendments::enter(tx, &user, id, &new)).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/recalls/{id}/amend"))),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState) => {
            let page = amend_page(&store, &config, &permit, id, problem.detail().to_owned()).await?;
            let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
            let criteria = CriterionRow::with_spare(CriterionRow::of_form(&fields));
            let mut answer = show(&AmendPage { reason: field("reason"), text: field("text"), criteria, ..page })?;
            *answer.status_mut() = problem.code().status();
            Ok(answer)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// `POST /recalls/{id}/amendments/{amendment}/confirm`
#[post("/recalls/{id}/amendments/{amendment}/confirm")]
pub async fn post_confirmed(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    path: web::Path<(RecallId, AmendmentId)>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (recall, id) = path.into_inner();
    confirming::confirm(&store, permit.user().clone(), recall, id).await?;
    Ok(see_other(&format!("/recalls/{recall}/progress")))
}

/// `POST /recalls/{id}/amendments/{amendment}/withdraw`
#[post("/recalls/{id}/amendments/{amendment}/withdraw")]
pub async fn post_withdrawn(
    store: web::Data<Store>,
    permit: Permit<EnterRecall>,
    path: web::Path<(RecallId, AmendmentId)>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let (user, (recall, id)) = (permit.user().clone(), path.into_inner());
    store.write(move |tx| amendments::withdraw(tx, &user, recall, id)).await?;
    Ok(see_other(&format!("/recalls/{recall}/amend")))
}
