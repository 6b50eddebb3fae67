//! Letters over HTTP: the template, and the letters filled in. The latter open identities: only for those who may, each audited.

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use tessera_scanner::verdict::london_date;
use utoipa::ToSchema;

use super::letter::NewLetter;
use super::merge::{self, AT_ONCE, Filled, Template};
use super::model::{ContactId, ContactMeans, ContactOutcome, NewContact};
use super::picture::Picture;
use super::{letters, store as work};
use crate::access::{Actor, ConfirmRecall, OpenIdentity, Permit, ReadAffected, User};
use crate::error::{Problem, ProblemDetails};
use crate::identity::keys::IdentityKeys;
use crate::recalls::model::RecallId;
use crate::spreadsheet::attached;
use crate::store::Store;

/// The template of a recall.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterShown {
    /// Its subject.
    subject: String,
    /// Its text, with placeholders between braces.
    body: String,
}

/// The letter of a recall, with its placeholders
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = LetterShown), (status = 404, body = ProblemDetails)))]
#[get("/recalls/{id}/letter")]
pub async fn show_letter(
    store: web::Data<Store>,
    _permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
) -> Result<web::Json<LetterShown>, Problem> {
    let id = id.into_inner();
    let letter = store.read(move |connection| letters::latest(connection, id)).await?;
    let (subject, body) = merge::subject_and_body(letter);
    Ok(web::Json(LetterShown { subject, body }))
}

/// Write the letter of a recall
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = NewLetter, responses(
    (status = 201, body = LetterShown), (status = 200, body = LetterShown, description = "Written before"),
    (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/letter")]
pub async fn write_letter(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    new: web::Json<NewLetter>,
) -> Result<HttpResponse, Problem> {
    let user = permit.user().clone();
    let letter = new.checked(id.into_inner(), user.id)?;
    let shown = LetterShown { subject: letter.subject.clone(), body: letter.body.clone() };
    let written = store.write(move |tx| letters::write(tx, &user, &letter)).await?;
    Ok(written.answer().json(shown))
}

/// Why identities are opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeReason {
    /// In a few words.
    reason: String,
}

/// The letters to everybody who waits, as CSV for a mail merge; opens those identities
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), request_body = MergeReason, responses(
    (status = 200, body = String, content_type = "text/csv"), (status = 403, body = ProblemDetails),
    (status = 404, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/recalls/{id}/letters.csv")]
pub async fn merge_letters(
    store: web::Data<Store>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<OpenIdentity>,
    id: web::Path<RecallId>,
    why: web::Json<MergeReason>,
) -> Result<HttpResponse, Problem> {
    let (id, reason) = (id.into_inner(), why.into_inner().reason);
    let (_, letters) = filled(&store, keys, permit.actor(), id, &reason).await?;
    Ok(attached(&format!("recall-letters-{id}.csv"), merge::csv(&letters)?))
}

/// Every letter to somebody who waits, filled in: the identities are opened in transactions of [`AT_ONCE`].
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) without a reason, [`Code::NotFound`](crate::error::Code::NotFound).
pub async fn filled(
    store: &Store,
    keys: web::Data<IdentityKeys>,
    actor: Actor,
    id: RecallId,
    reason: &str,
) -> Result<(Template, Vec<Filled>), Problem> {
    if reason.trim().is_empty() {
        return Err(Problem::invalid("Say why these identities have to be opened."));
    }
    let (picture, letter) =
        store.read(move |connection| Ok((Picture::of(connection, id)?, letters::latest(connection, id)?))).await?;
    let (subject, body) = merge::subject_and_body(letter);
    let notice = &picture.recall.notice;
    let template = Template {
        subject,
        body,
        notice: notice.reference.clone(),
        title: notice.title.clone(),
        today: london_date(Utc::now()),
    };
    let reason = format!("Letter because of {}: {}", notice.reference, reason.trim());
    let keys = keys.into_inner();
    let mut letters = Vec::new();
    for some in merge::recipients(&picture).chunks(AT_ONCE) {
        let (some, template, keys) = (some.to_vec(), template.clone(), keys.clone());
        let (actor, reason) = (actor.clone(), reason.clone());
        letters.extend(store.write(move |tx| merge::fill(tx, &keys, &actor, (&template, &reason), &some)).await?);
    }
    Ok((template, letters))
}

/// How many letters were recorded as sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct LettersSent {
    recorded: usize,
}

/// Record that the letters to everybody who waits were sent
#[utoipa::path(tag = "recalls", params(("id" = RecallId, Path)), responses(
    (status = 200, body = LettersSent), (status = 404, body = ProblemDetails)))]
#[post("/recalls/{id}/letters/sent")]
pub async fn record_sent(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
) -> Result<web::Json<LettersSent>, Problem> {
    Ok(web::Json(LettersSent { recorded: sent(&store, permit.user(), id.into_inner()).await? }))
}

/// Records a letter as sent to everybody who waits and has not been sent one; answers how many.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub async fn sent(store: &Store, user: &User, id: RecallId) -> Result<usize, Problem> {
    let picture = store.read(move |connection| Picture::of(connection, id)).await?;
    let written: std::collections::HashSet<_> = picture
        .contacts
        .iter()
        .filter(|one| one.means == ContactMeans::Letter && one.outcome == ContactOutcome::Sent)
        .map(|one| one.patient_id)
        .collect();
    let waiting: Vec<_> = picture.waiting().into_iter().filter(|person| !written.contains(person)).collect();
    let mut recorded = 0;
    for some in waiting.chunks(AT_ONCE) {
        let contacts = some
            .iter()
            .map(|person| {
                let new = NewContact {
                    id: ContactId::new(),
                    patient: *person,
                    means: ContactMeans::Letter,
                    outcome: ContactOutcome::Sent,
                    next_step: String::new(),
                    next_on: None,
                    note: String::new(),
                };
                new.checked(id, user.id)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let user = user.clone();
        recorded += store
            .write(move |tx| {
                for contact in &contacts {
                    work::record_contact(tx, &user, contact)?;
                }
                Ok(contacts.len())
            })
            .await?;
    }
    Ok(recorded)
}
