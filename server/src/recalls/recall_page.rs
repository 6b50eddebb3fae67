//! The page of one recall: what it covers, what and who it concerns; confirming, closing, opening one identity.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::Deserialize;
use tessera_scanner::recall_match::{Criterion, Tier};

use super::api::{Affected, AffectedQuery, Sight, ask};
use super::criteria::{CriterionForm, UnitKind};
use super::export::tier;
use super::model::{Notice, Recall, RecallId, RecallState};
use super::pages::{may, packs, people, sight, state};
use super::quarantine::model::QuarantineRun;
use super::quarantine::{run, store as runs};
use super::store as recalls;
use crate::access::{
    ConfirmRecall, OpenIdentity, Permit, ReadAffected, ReadRecalls, SignedForm, SignedIn, User, UserId,
};
use crate::catalogue::model::Agency;
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity;
use crate::identity::keys::IdentityKeys;
use crate::identity::model::{Identity, PatientId};
use crate::store::columns::Moment;
use crate::store::read::affected::{AffectedStock, AffectedUse, Excluded};
use crate::store::read::people::users_of;
use crate::store::{AnyConnection, Store};
use crate::theatre::organisations::sites;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall::{IdentityPage, PatientRow, RecallPage, StockRow};
use crate::web::recall_work::RecallFrame;
use crate::web::words::{day, grouped, moment};
use crate::web::{Fact, FieldError, Figure, Page};

/// Lines and patients that the page shows at the most: a browser is to stay usable.
const MOST_SHOWN: usize = 1000;

/// `GET /recalls/{id}`
#[get("/recalls/{id}")]
pub async fn show_recall(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadRecalls>,
    id: web::Path<RecallId>,
    query: web::Query<AffectedQuery>,
) -> Result<HttpResponse, PageProblem> {
    let (id, excluded, sight) = (id.into_inner(), query.excluded(), sight(permit.user()));
    let asked = store.read(move |connection| Asked::of(connection, id, sight, excluded)).await?;
    show(&asked.page(&permit, &config))
}

/// `POST /recalls/{id}/confirm`
#[post("/recalls/{id}/confirm")]
pub async fn post_confirm(
    store: web::Data<Store>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    _form: SignedForm<HashMap<String, String>>,
) -> Result<HttpResponse, PageProblem> {
    let id = id.into_inner();
    run::confirm(&store, permit.user().clone(), id).await?;
    Ok(see_other(&format!("/recalls/{id}")))
}

/// Why a recall is closed.
#[derive(Debug, Deserialize)]
pub struct CloseForm {
    #[serde(default)]
    reason: String,
}

/// `POST /recalls/{id}/close`
#[post("/recalls/{id}/close")]
pub async fn post_close(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ConfirmRecall>,
    id: web::Path<RecallId>,
    form: SignedForm<CloseForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id, reason) = (permit.user().clone(), id.into_inner(), form.0.reason);
    match store.write(move |tx| recalls::close(tx, &user, id, &reason)).await {
        Ok(_) => Ok(see_other(&format!("/recalls/{id}"))),
        Err(problem) if problem.code() == Code::InvalidInput => {
            let sight = sight(permit.user());
            let asked = store.read(move |connection| Asked::of(connection, id, sight, Excluded::LeftOut)).await?;
            let error = FieldError { field: "closing-reason".into(), text: problem.detail().to_owned() };
            let mut answer = show(&RecallPage { errors: vec![error], ..asked.page(&permit, &config) })?;
            *answer.status_mut() = problem.code().status();
            Ok(answer)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Why an identity is opened.
#[derive(Debug, Deserialize)]
pub struct OpenForm {
    reason: String,
}

/// `POST /recalls/{id}/patients/{patient}/identity`
#[post("/recalls/{id}/patients/{patient}/identity")]
pub async fn post_identity(
    store: web::Data<Store>,
    config: web::Data<Config>,
    keys: web::Data<IdentityKeys>,
    permit: Permit<OpenIdentity>,
    path: web::Path<(RecallId, PatientId)>,
    form: SignedForm<OpenForm>,
) -> Result<HttpResponse, PageProblem> {
    let (recall, patient) = path.into_inner();
    let (actor, keys, reason) = (permit.actor(), keys.into_inner(), form.0.reason);
    let given = reason.clone();
    let (identity, person) = store
        .write(move |tx| {
            let identity = identity::store::open_identity(tx, &keys, &actor, patient, &given)?;
            Ok((identity, identity::store::person_of(tx, patient)?))
        })
        .await?;
    show(&IdentityPage {
        page: Page::of(&permit, &config, "Identity", "/recalls"),
        back: format!("/recalls/{recall}"),
        pseudonym: person.pseudonym(),
        facts: facts(&identity),
        opened: format!("{}, by {}", moment(Moment::now()), permit.user().display_name),
        reason,
    })
}

fn facts(identity: &Identity) -> Vec<Fact> {
    let known = &identity.demographics;
    let nhs = identity.nhs_number.as_deref().map(|number| match number.split_at_checked(6) {
        Some((first, last)) => format!("{} {} {last}", &first[..3], &first[3..]),
        None => number.to_owned(),
    });
    let named = [
        ("Name", known.name()),
        ("NHS number", nhs),
        ("CHI number", identity.chi.clone()),
        ("Date of birth", known.birth_date.map(day)),
    ];
    let named = named.into_iter().filter_map(|(name, value)| Some(Fact::new(name, value?)));
    named.chain(identity.local.iter().map(|number| Fact::new("Local number", number))).collect()
}

/// All that one recall's page tells.
struct Asked {
    recall: Recall,
    affected: Affected,
    users: HashMap<UserId, User>,
    sites: HashMap<String, String>,
    run: Option<QuarantineRun>,
}

impl Asked {
    fn of(connection: &mut AnyConnection, id: RecallId, sight: Sight, excluded: Excluded) -> Result<Self, Problem> {
        let (recall, affected) = ask(connection, id, sight, excluded)?;
        let notice = &recall.notice;
        let ids: Vec<_> =
            [Some(notice.entered_by), notice.confirmed_by, notice.closed_by].into_iter().flatten().collect();
        let users = users_of(connection, &ids)?;
        let run = runs::of_recall(connection, id)?;
        Ok(Self { users, sites: sites(connection)?.into_iter().collect(), recall, affected, run })
    }

    fn page(self, signed_in: &SignedIn, config: &Config) -> RecallPage {
        let user = signed_in.user();
        let notice = &self.recall.notice;
        let may_confirm = may::<ConfirmRecall>(user) && notice.awaits(user.id);
        let (state, tag) = state(notice);
        RecallPage {
            page: Page::of(signed_in, config, format!("Recall {}", notice.reference), "/recalls"),
            id: notice.id.to_string(),
            reference: notice.reference.clone(),
            source: notice.source.clone(),
            title: notice.title.clone(),
            text: notice.notice.clone(),
            state,
            tag,
            entered_by: self.name(notice.entered_by),
            entered_at: moment(notice.entered_at),
            confirmed: self.confirmed(),
            under_way: self.run.as_ref().and_then(QuarantineRun::under_way).unwrap_or_default(),
            may_confirm,
            may_close: may::<ConfirmRecall>(user) && notice.state != RecallState::Closed,
            work: may::<ReadAffected>(user).then(|| RecallFrame {
                id: notice.id.to_string(),
                reference: notice.reference.clone(),
                title: notice.title.clone(),
                here: "",
                error: String::new(),
            }),
            errors: Vec::new(),
            why_not_confirm: why_not_confirm(notice, user),
            figures: self.figures(),
            criteria: self.recall.criteria.iter().take(MOST_SHOWN).map(criterion_fact).collect(),
            more_criteria: self.recall.criteria.len().saturating_sub(MOST_SHOWN),
            patients: self.affected.patients.iter().flatten().take(MOST_SHOWN).map(|one| self.patient(one)).collect(),
            more_patients: self.affected.patients.as_ref().map_or(0, Vec::len).saturating_sub(MOST_SHOWN),
            may_open: may::<OpenIdentity>(user),
            stock: self.affected.stock.iter().flatten().map(|one| self.shelf(one)).collect(),
        }
    }

    fn name(&self, user: UserId) -> String {
        self.users.get(&user).map_or_else(|| "somebody".to_owned(), |user| user.display_name.clone())
    }

    fn confirmed(&self) -> String {
        let notice = &self.recall.notice;
        let done = |verb: &str, by: Option<UserId>, at: Option<Moment>| {
            Some(format!("{verb} by {}, {}.", self.name(by?), moment(at?)))
        };
        let confirmed = done("Confirmed", notice.confirmed_by, notice.confirmed_at);
        let closed = done("Closed", notice.closed_by, notice.closed_at);
        [confirmed, closed].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn figures(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        if let Some(uses) = &self.affected.patients {
            let certain = people(uses, |one| one.tier == Tier::Definite);
            let all = people(uses, |_| true);
            figures.push(Figure::new(
                grouped(certain),
                if certain == 1 { "patient for certain" } else { "patients for certain" },
            ));
            figures.push(Figure::new(grouped(all - certain), "perhaps"));
        }
        if let Some(stock) = &self.affected.stock {
            figures.push(Figure::new(grouped(packs(stock)), "packs in stock"));
        }
        figures
    }

    fn site(&self, code: &str) -> String {
        self.sites.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }

    fn patient(&self, one: &AffectedUse) -> PatientRow {
        let removed = one.removed_on.map(|on| format!(", taken out {}", day(on))).unwrap_or_default();
        PatientRow {
            id: one.patient.to_string(),
            pseudonym: one.pseudonym.clone(),
            tier: tier(one.tier),
            reason: one.reason.clone(),
            device: device(one.device.as_ref(), one.identifier.as_ref()),
            unit: unit(one.lot.as_ref(), one.serial.as_ref(), one.expiry),
            implanted: format!("{}{removed}", day(one.implanted_on)),
            site: self.site(&one.site),
        }
    }

    fn shelf(&self, one: &AffectedStock) -> StockRow {
        StockRow {
            place: format!("{}, {} ({})", self.site(&one.site), one.location, one.state),
            device: device(one.device.as_ref(), Some(&one.identifier)),
            unit: unit(one.lot.as_ref(), one.serial.as_ref(), one.expiry),
            quantity: one.quantity.to_string(),
            tier: tier(one.tier),
            reason: one.reason.clone(),
        }
    }
}

fn why_not_confirm(notice: &Notice, user: &User) -> String {
    let waits = notice.state == RecallState::Structured;
    match (waits, notice.entered_by == user.id) {
        (false, _) => String::new(),
        (true, true) => "You entered this recall: a second person, a safety officer, has to confirm it.".to_owned(),
        (true, false) if may::<ConfirmRecall>(user) => String::new(),
        (true, false) => "A safety officer has to confirm this recall before it takes effect.".to_owned(),
    }
}

/// A day as it is, a time with its ends in words.
fn time_in_words(value: &str) -> String {
    match value.split_once('/') {
        None => value.to_owned(),
        Some(("..", to)) => format!("{to} or earlier"),
        Some((from, "..")) => format!("{from} or later"),
        Some((from, to)) => format!("{from} to {to}"),
    }
}

pub(super) fn criterion_fact(criterion: &Criterion) -> Fact {
    let form = CriterionForm::from(criterion);
    let named = form.identifier.map(|text| format!("{} {text}", form.issuer.unwrap_or(Agency::Gs1)));
    let number = match (form.reference, form.maker) {
        (Some(number), Some(maker)) => Some(format!("{maker}, REF {number}")),
        (Some(number), None) => Some(format!("REF {number}")),
        (None, Some(maker)) if named.is_none() => Some(format!("any device by {maker} (to be looked at one by one)")),
        (None, _) => None,
    };
    let device: Vec<_> = named.into_iter().chain(number).collect();
    let value = form.value.unwrap_or_default();
    let units = match form.units {
        UnitKind::All => "all of them".to_owned(),
        UnitKind::Lot => format!("lot {value}"),
        UnitKind::Serial => format!("serial {value}"),
        UnitKind::Expiry => format!("expires {}", time_in_words(&value)),
        UnitKind::Manufacture => format!("made {}", time_in_words(&value)),
    };
    Fact::new(device.join("; "), units)
}

fn device(name: Option<&String>, identifier: Option<&String>) -> String {
    name.or(identifier).cloned().unwrap_or_else(|| "Unknown device".to_owned())
}

/// Which unit, in words.
pub fn unit(lot: Option<&String>, serial: Option<&String>, expiry: Option<NaiveDate>) -> String {
    let lot = lot.map_or_else(|| "no lot".to_owned(), |lot| format!("lot {lot}"));
    let serial = serial.map(|serial| format!("serial {serial}"));
    let expiry = expiry.map(|date| format!("expires {}", day(date)));
    [Some(lot), serial, expiry].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
