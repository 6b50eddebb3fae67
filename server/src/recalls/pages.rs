//! The pages of recalls: the list, and the form that enters one.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};

use super::alerts::store as alerts;
use super::api::{Sight, ask};
use super::criteria::{CriterionForm, UnitKind};
use super::draft::agency_of;
use super::model::{NewRecall, Notice, RecallId, RecallState};
use super::store as recalls;
use crate::access::{EnterRecall, Permission, Permit, ReadAffected, ReadRecalls, ReadStock, SignedForm, User};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::store::read::affected::{AffectedStock, AffectedUse, Excluded};
use crate::store::{AnyConnection, Store};
use crate::theatre::override_claims;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall::{CriterionRow, RecallListPage, RecallNewPage, RecallRow, state_tag};
use crate::web::words::{count, day, grouped};
use crate::web::{FieldError, Page};
use tessera_scanner::recall_match::Tier;
use tessera_scanner::verdict::london_date;

/// Recalls of the list for which the affected are counted; older ones tell on their own page.
const COUNTED: usize = 20;

pub(super) fn may<P: Permission>(user: &User) -> bool {
    P::ROLES.contains(&user.role)
}

pub(super) fn sight(user: &User) -> Sight {
    Sight { stock: may::<ReadStock>(user), patients: may::<ReadAffected>(user) }
}

/// The state in words, and its colour.
pub(super) fn state(notice: &Notice) -> (String, &'static str) {
    match notice.state {
        RecallState::Structured => ("Waits for a second person".to_owned(), state_tag("entered")),
        RecallState::Active => ("Active".to_owned(), state_tag("active")),
        RecallState::Closed => ("Closed".to_owned(), state_tag("closed")),
    }
}

/// `GET /recalls`
#[get("/recalls")]
pub async fn show_list(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadRecalls>,
) -> Result<HttpResponse, PageProblem> {
    let sight = sight(permit.user());
    let (rows, open, not_verified) = store
        .read(move |connection| {
            let not_verified = override_claims::waiting(connection)?.len();
            Ok((list_rows(connection, sight)?, alerts::count_open(connection)?, not_verified))
        })
        .await?;
    let told = [
        (open, "alert that nobody has taken", "alerts that nobody has taken"),
        (
            not_verified,
            "second person in theatre who has not confirmed",
            "second persons in theatre who have not confirmed",
        ),
    ];
    let told: Vec<String> =
        told.into_iter().filter(|one| one.0 > 0).map(|(many, one, several)| count(many, one, several)).collect();
    let told = if told.is_empty() { "No alert waits for somebody".to_owned() } else { told.join(", ") };
    show(&RecallListPage {
        page: Page::of(&permit, &config, "Recalls", "/recalls"),
        may_enter: may::<EnterRecall>(permit.user()),
        alerts: may::<ReadAffected>(permit.user()).then_some(told),
        rows,
    })
}

fn list_rows(connection: &mut AnyConnection, sight: Sight) -> Result<Vec<RecallRow>, Problem> {
    let mut rows = Vec::new();
    for (place, notice) in recalls::list(connection)?.into_iter().enumerate() {
        let counts = place < COUNTED && notice.state != RecallState::Closed;
        let affected = if counts { Some(ask(connection, notice.id, sight, Excluded::LeftOut)?.1) } else { None };
        let (stock, uses) = affected.map_or((None, None), |affected| (affected.stock, affected.patients));
        let uncounted = || "–".to_owned();
        let packs = stock.map(|stock| grouped(packs(&stock)));
        let patients = uses.map(|uses| grouped(people(&uses, |_| true)));
        let (state, tag) = state(&notice);
        rows.push(RecallRow {
            href: format!("/recalls/{}", notice.id),
            reference: notice.reference,
            title: notice.title,
            state,
            tag,
            stock: packs.unwrap_or_else(uncounted),
            patients: patients.unwrap_or_else(uncounted),
            entered: day(london_date(notice.entered_at.utc())),
        });
    }
    Ok(rows)
}

pub(super) fn packs(stock: &[AffectedStock]) -> usize {
    let hit = stock.iter().filter(|one| one.tier > Tier::Excluded);
    hit.map(|one| usize::try_from(one.quantity).unwrap_or_default()).sum()
}

/// Persons who still have a device that the notice may mean.
pub(super) fn people(uses: &[AffectedUse], which: impl Fn(&AffectedUse) -> bool) -> usize {
    let hit = uses.iter().filter(|one| one.tier > Tier::Excluded && one.in_patient && which(one));
    hit.map(|one| one.person).collect::<std::collections::HashSet<PatientId>>().len()
}

/// `GET /recalls/new`
#[get("/recalls/new")]
pub async fn show_new(config: web::Data<Config>, permit: Permit<EnterRecall>) -> Result<HttpResponse, PageProblem> {
    let mut fields = HashMap::new();
    fields.insert("id".to_owned(), RecallId::new().to_string());
    show(&new_page(&permit, &config, &fields, Vec::new()))
}

/// `POST /recalls`
#[post("/recalls")]
pub async fn post_new(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<EnterRecall>,
    form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let fields = form.0;
    let checked = match new_recall(&fields)?.checked() {
        Ok(checked) => checked,
        Err(problem) => return refuse(&permit, &config, &fields, &problem),
    };
    let (user, id) = (permit.user().clone(), checked.id());
    match store.write(move |tx| recalls::enter(tx, &user, &checked)).await {
        Ok(_) => Ok(see_other(&format!("/recalls/{id}"))),
        Err(problem) if problem.code() == Code::WrongState => refuse(&permit, &config, &fields, &problem),
        Err(problem) => Err(problem.into()),
    }
}

fn refuse(
    permit: &Permit<EnterRecall>,
    config: &Config,
    fields: &HashMap<String, String>,
    problem: &Problem,
) -> Result<HttpResponse, PageProblem> {
    let text = problem.detail();
    let field = if text.starts_with("Line") || text.contains("lines") {
        "criteria"
    } else if text.contains("title") {
        "title"
    } else {
        "reference"
    };
    let error = FieldError { field: field.to_owned(), text: text.to_owned() };
    let mut answer = show(&new_page(permit, config, fields, vec![error]))?;
    *answer.status_mut() = problem.code().status();
    Ok(answer)
}

pub(super) fn new_page(
    permit: &Permit<EnterRecall>,
    config: &Config,
    fields: &HashMap<String, String>,
    errors: Vec<FieldError>,
) -> RecallNewPage {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    RecallNewPage {
        page: Page::of(permit, config, "Enter a recall", "/recalls"),
        id: field("id"),
        reference: field("reference"),
        source: field("source"),
        title: field("title"),
        text: field("text"),
        criteria: CriterionRow::with_spare(CriterionRow::of_form(fields)),
        maker: field("maker"),
        reading: None,
        errors,
    }
}

fn new_recall(fields: &HashMap<String, String>) -> Result<NewRecall, Problem> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let id = field("id").parse().map_err(|_| Problem::invalid("The form came without the recall's identifier."))?;
    let mut criteria = Vec::new();
    for row in CriterionRow::of_form(fields).iter().filter(|row| !row.is_blank()) {
        criteria.extend(lines(row)?);
    }
    Ok(NewRecall {
        id,
        reference: field("reference"),
        source: field("source"),
        title: field("title"),
        action: String::new(),
        notice: field("text"),
        criteria,
    })
}

/// A typed line as one line for each lot, serial or date.
pub(super) fn lines(row: &CriterionRow) -> Result<Vec<CriterionForm>, Problem> {
    let units: UnitKind = if row.units.is_empty() { Ok(UnitKind::Lot) } else { row.units.parse() }
        .map_err(|error| Problem::invalid(format!("Which units: {error}.")))?;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let line = |value: Option<&str>| CriterionForm {
        issuer: Some(agency_of(&row.identifier)),
        identifier: text(&row.identifier),
        maker: text(&row.maker),
        reference: text(&row.reference),
        units,
        value: value.map(str::to_owned),
    };
    let values: Vec<_> = row.values().map(|value| line(Some(value))).collect();
    Ok(if values.is_empty() { vec![line(None)] } else { values })
}
