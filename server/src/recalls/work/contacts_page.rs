//! The page of contacts and letters: who was reached, who waits, what the letter says, the letters themselves.

use std::collections::{HashMap, HashSet};

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::letter::{Letter, LetterId, NewLetter, PLACEHOLDERS};
use super::letters_api::{filled, sent};
use super::model::{Contact, ContactId, ContactMeans, ContactOutcome, NewContact};
use super::picture::Picture;
use super::progress_page::frame;
use super::{letters, merge, store as work};
use crate::access::{ConfirmRecall, OpenIdentity, Permit, ReadAffected, SignedForm, SignedIn, User, UserId};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::identity::model::PatientId;
use crate::recalls::model::RecallId;
use crate::recalls::pages::may;
use crate::spreadsheet::attached;
use crate::store::Store;
use crate::store::read::people::users_of;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall_work::{ContactsPage, LettersPage, PersonRow};
use crate::web::words::{day, grouped, moment};
use crate::web::{Choice, Fact, Figure, Page};

/// People that the page shows at the most.
const MOST_SHOWN: usize = 500;

/// Whom the form is about.
#[derive(Debug, Default, Deserialize)]
pub struct Chosen {
    #[serde(default)]
    patient: String,
}

/// `GET /recalls/{id}/contacts`
#[get("/recalls/{id}/contacts")]
pub async fn show_contacts(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
    query: web::Query<Chosen>,
) -> Result<HttpResponse, PageProblem> {
    let chosen = query.into_inner().patient;
    show(&contacts_page(&store, &config, &permit, (id.into_inner(), chosen), String::new()).await?)
}

async fn contacts_page(
    store: &Store,
    config: &Config,
    who: &SignedIn,
    (id, chosen): (RecallId, String),
    error: String,
) -> Result<ContactsPage, Problem> {
    let (picture, letter, users) = store
        .read(move |connection| {
            let picture = Picture::of(connection, id)?;
            let ids: HashSet<UserId> = picture.contacts.iter().map(|one| one.made_by).collect();
            let users = users_of(connection, &ids.into_iter().collect::<Vec<_>>())?;
            Ok((picture, letters::latest(connection, id)?, users))
        })
        .await?;
    let (people, waiting) = (people_in_order(&picture), picture.waiting());
    let reached = people.len() - waiting.len();
    let (subject, body) = merge::subject_and_body(letter);
    let waiting: HashSet<PatientId> = waiting.into_iter().collect();
    Ok(ContactsPage {
        page: Page::of(who, config, "Contacts and letters", "/recalls"),
        frame: frame(&picture, "contacts", error),
        figures: vec![
            Figure::new(grouped(people.len()), if people.len() == 1 { "patient" } else { "patients" }),
            Figure::new(grouped(reached), "reached or settled"),
            Figure::new(grouped(waiting.len()), "waiting"),
        ],
        more: people.len().saturating_sub(MOST_SHOWN),
        people: people
            .iter()
            .take(MOST_SHOWN)
            .map(|person| person_row(&picture, *person, waiting.contains(person), &users))
            .collect(),
        next_id: ContactId::new().to_string(),
        chosen,
        means: Choice::list(ContactMeans::ALL.iter().map(|one| (one.word(), one.in_words())), "telephone"),
        outcomes: Choice::list(ContactOutcome::ALL.iter().map(|one| (one.word(), one.in_words())), "reached"),
        may_record: may::<ConfirmRecall>(who.user()),
        may_open: may::<OpenIdentity>(who.user()),
        subject,
        body,
        letter_id: LetterId::new().to_string(),
        placeholders: PLACEHOLDERS.iter().map(|(name, what)| Fact::new(format!("{{{name}}}"), *what)).collect(),
    })
}

/// Those who wait come first.
fn people_in_order(picture: &Picture) -> Vec<PatientId> {
    let mut people = picture.waiting();
    let waiting: HashSet<_> = people.iter().copied().collect();
    people.extend(picture.people().into_iter().filter(|person| !waiting.contains(person)));
    people
}

fn person_row(picture: &Picture, person: PatientId, waits: bool, users: &HashMap<UserId, User>) -> PersonRow {
    let mine: Vec<&Contact> = picture.contacts.iter().filter(|one| one.patient_id == person).collect();
    let (standing, tag) = match (mine.first(), waits) {
        (None, _) => ("Waits".to_owned(), "nhsuk-tag--red"),
        (Some(last), true) => (last.outcome.in_words().to_owned(), "nhsuk-tag--yellow"),
        (Some(last), false) => (last.outcome.in_words().to_owned(), "nhsuk-tag--green"),
    };
    let line = |one: &Contact| {
        let by = users.get(&one.made_by).map_or("somebody", |user| user.display_name.as_str());
        let note = if one.note.is_empty() { String::new() } else { format!(" {}", one.note) };
        format!("{}: {}, {}, by {by}.{note}", moment(one.made_at), one.means.in_words(), one.outcome.in_words())
    };
    let next = mine.first().map(|last| {
        let on = last.next_on.map(|on| format!(", by {}", day(on))).unwrap_or_default();
        if last.next_step.is_empty() && on.is_empty() { String::new() } else { format!("{}{on}", last.next_step) }
    });
    PersonRow {
        id: person.to_string(),
        pseudonym: person.pseudonym(),
        standing,
        tag,
        log: mine.into_iter().map(line).collect(),
        next: next.unwrap_or_default(),
    }
}

async fn again(
    problem: Problem,
    store: &Store,
    config: &Config,
    who: &SignedIn,
    place: (RecallId, String),
) -> Result<HttpResponse, PageProblem> {
    if problem.code() != Code::InvalidInput {
        return Err(problem.into());
    }
    let mut answer = show(&contacts_page(store, config, who, place, problem.detail().to_owned()).await?)?;
    *answer.status_mut() = problem.code().status();
    Ok(answer)
}

/// An attempt to reach somebody.
#[derive(Debug, Deserialize)]
pub struct ContactForm {
    id: ContactId,
    patient: PatientId,
    means: ContactMeans,
    outcome: ContactOutcome,
    #[serde(default)]
    next_step: String,
    #[serde(default)]
    next_on: String,
    #[serde(default)]
    note: String,
}

impl ContactForm {
    fn contact(self, recall: RecallId, by: UserId) -> Result<Contact, Problem> {
        let next_on = match self.next_on.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| Problem::invalid(format!("\"{text}\" is no day.")))?),
        };
        let Self { id, patient, means, outcome, next_step, note, .. } = self;
        NewContact { id, patient, means, outcome, next_step, next_on, note }.checked(recall, by)
    }
}

/// `POST /recalls/{id}/contacts`
#[post("/recalls/{id}/contacts")]
pub async fn post_contact(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<ContactForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id, chosen) = (permit.user().clone(), id.into_inner(), form.0.patient.to_string());
    let done = match form.0.contact(id, user.id) {
        Ok(contact) => store.write(move |tx| work::record_contact(tx, &user, &contact)).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/recalls/{id}/contacts"))),
        Err(problem) => again(problem, &store, &config, &permit, (id, chosen)).await,
    }
}

/// The letter.
#[derive(Debug, Deserialize)]
pub struct LetterForm {
    id: LetterId,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

/// `POST /recalls/{id}/letter`
#[post("/recalls/{id}/letter")]
pub async fn post_letter(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<LetterForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id, form) = (permit.user().clone(), id.into_inner(), form.0);
    // A browser sends lines with carriage returns.
    let new = NewLetter { id: form.id, subject: form.subject, body: form.body.replace("\r\n", "\n") };
    let (subject, body) = (new.subject.clone(), new.body.clone());
    let letter: Result<Letter, Problem> = new.checked(id, user.id);
    match letter {
        Ok(letter) => {
            store.write(move |tx| letters::write(tx, &user, &letter)).await?;
            Ok(see_other(&format!("/recalls/{id}/contacts#letter-heading")))
        }
        Err(problem) => {
            let error = problem.detail().to_owned();
            let page = contacts_page(&store, &config, &permit, (id, String::new()), error).await?;
            let mut answer = show(&ContactsPage { subject, body, ..page })?;
            *answer.status_mut() = problem.code().status();
            Ok(answer)
        }
    }
}

/// Why identities are opened, and in which form the letters come.
#[derive(Debug, Deserialize)]
pub struct MergeForm {
    #[serde(default)]
    reason: String,
    #[serde(default, rename = "as")]
    form: String,
}

/// `POST /recalls/{id}/letters`
#[post("/recalls/{id}/letters")]
pub async fn post_letters(
    store: web::Data<Store>,
    config: web::Data<Config>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<OpenIdentity>,
    id: web::Path<RecallId>,
    form: SignedForm<MergeForm>,
) -> Result<HttpResponse, PageProblem> {
    let (id, form) = (id.into_inner(), form.0);
    let letters = match filled(&store, keys, permit.actor(), id, &form.reason).await {
        Ok((_, letters)) => letters,
        Err(problem) => return again(problem, &store, &config, &permit, (id, String::new())).await,
    };
    if form.form == "csv" {
        return Ok(attached(&format!("recall-letters-{id}.csv"), merge::csv(&letters)?));
    }
    let picture = store.read(move |connection| Picture::of(connection, id)).await?;
    let paragraphs = |text: &str| -> Vec<Vec<String>> {
        let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
        paragraphs.map(|paragraph| paragraph.lines().map(str::to_owned).collect()).collect()
    };
    show(&LettersPage {
        page: Page::of(&permit, &config, "Letters", "/recalls"),
        frame: frame(&picture, "contacts", String::new()),
        letters: letters.into_iter().map(|letter| (letter.subject, paragraphs(&letter.text))).collect(),
    })
}

/// `POST /recalls/{id}/letters/sent`
#[post("/recalls/{id}/letters/sent")]
pub async fn post_sent(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let id = id.into_inner();
    sent(&store, permit.user(), id).await?;
    Ok(see_other(&format!("/recalls/{id}/contacts")))
}
