//! Cohorts over HTTP.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use serde::{Deserialize, Serialize};
use tessera_scanner::verdict::london_date;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::CohortAnswer;
use super::comparison::Comparison;
use super::disclosure::DevicesTold;
use super::extract::{self, Format};
use super::filter::{Filter, Term};
use super::league::{By, League};
use super::model::{CohortId, CohortShown, NewCohort, SavedCohort};
use super::question::{Question, kinds};
use super::reckoned::reckoned;
use super::snapshot::{Cohorts, Snapshot, store_whole};
use super::store as cohorts_store;
use crate::access::{ExtractCohorts, Permit, ReadCohorts, SignedIn, UserId};
use crate::audit::{self, Act};
use crate::catalogue::{ProductId, store as catalogue};
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::once::Written;
use crate::small_numbers::Sight;
use crate::store::columns::Moment;
use crate::store::{Store, Transaction};

/// Counts questions, by user.
#[derive(Debug)]
pub struct QuestionQuota(DefaultKeyedRateLimiter<UserId>);

impl QuestionQuota {
    /// Allows this many questions a minute for one user.
    pub fn new(questions_a_minute: u32) -> Self {
        let questions = NonZeroU32::new(questions_a_minute).unwrap_or(NonZeroU32::MIN);
        Self(RateLimiter::keyed(governor::Quota::per_minute(questions)))
    }

    fn count(&self, user: UserId) -> Result<(), Problem> {
        let refused =
            |_| Problem::new(Code::TooManyTries, "There were too many questions to the registry in a minute.");
        self.0.check_key(&user).map_err(refused)
    }
}

/// What every question needs.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The record.
    pub store: web::Data<Store>,
    /// The registry as columns.
    pub cohorts: web::Data<Cohorts>,
    /// How often somebody may ask.
    pub quota: web::Data<QuestionQuota>,
    /// The settings.
    pub config: web::Data<Config>,
}

impl actix_web::FromRequest for Asking {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let missing = || Problem::new(Code::Internal, "The application was built without its cohorts.");
        let asking = || {
            Some(Self {
                store: request.app_data::<web::Data<Store>>()?.clone(),
                cohorts: request.app_data::<web::Data<Cohorts>>()?.clone(),
                quota: request.app_data::<web::Data<QuestionQuota>>()?.clone(),
                config: request.app_data::<web::Data<Config>>()?.clone(),
            })
        };
        std::future::ready(asking().ok_or_else(missing))
    }
}

impl Asking {
    /// The latest snapshot with what a filter means to it; counted against the quota and written to the audit.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] for a filter that cannot be read, [`Code::TooManyTries`], [`Code::Busy`].
    pub async fn ask(
        &self,
        who: &SignedIn,
        filter: &str,
        what: &'static str,
    ) -> Result<(Arc<Snapshot>, Question), Problem> {
        self.quota.count(who.user().id)?;
        let filter: Filter = filter.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
        let snapshot = self.cohorts.clone().into_inner().needed(&self.store).await?;
        let (asked, today) = (Arc::clone(&snapshot), london_date(Utc::now()));
        let question =
            self.store.read(move |connection| Question::of(connection, filter, asked.cohort(), today)).await?;
        self.note(who, what, &question, &snapshot).await?;
        Ok((snapshot, question))
    }

    async fn note(
        &self,
        who: &SignedIn,
        what: &'static str,
        question: &Question,
        snapshot: &Snapshot,
    ) -> Result<(), Problem> {
        let (actor, detail) = (who.actor(), question.filter.to_string());
        let subject = hex::encode(question.content_hash(snapshot));
        self.store
            .write(move |tx| {
                let act =
                    Act { action: what, subject_kind: "cohort-content", subject: subject.clone(), detail: &detail };
                audit::record(tx, &actor, &act)
            })
            .await
    }

    /// What of small numbers somebody may see.
    pub fn sight(&self, who: &SignedIn) -> Sight {
        Sight::of(who.user().role, &self.config)
    }

    /// Counts a look at outcomes that is no question of a cohort against the quota, and writes it to the audit.
    ///
    /// # Errors
    /// [`Code::TooManyTries`]; those of the database.
    pub async fn look(
        &self,
        who: &SignedIn,
        what: &'static str,
        subject_kind: &'static str,
        subject: String,
    ) -> Result<(), Problem> {
        self.quota.count(who.user().id)?;
        let actor = who.actor();
        let act = move |tx: &mut Transaction<'_>| {
            audit::record(tx, &actor, &Act { action: what, subject_kind, subject: subject.clone(), detail: &() })
        };
        self.store.write(act).await
    }

    /// The registry as columns; none where it is still being read for the first time.
    pub async fn columns(&self) -> Option<Arc<Snapshot>> {
        self.cohorts.clone().into_inner().snapshot(&self.store).await
    }

    /// What somebody may be told of devices, alone and at each site.
    ///
    /// # Errors
    /// [`Code::Busy`] while the registry is read for the first time; those of the database.
    pub async fn devices_told(&self, who: &SignedIn) -> Result<DevicesTold, Problem> {
        let sight = self.sight(who);
        if sight.is_all() {
            return Ok(DevicesTold::default());
        }
        let snapshot = self.cohorts.clone().into_inner().needed(&self.store).await?;
        let today = london_date(Utc::now());
        if let Some(told) = snapshot.devices_told(today, sight) {
            return Ok(told);
        }
        let asked = Arc::clone(&snapshot);
        let kinds = self.store.read(move |connection| kinds(connection, asked.cohort())).await?;
        reckoned(move || snapshot.reckon_devices_told(kinds, today, sight)).await
    }

    /// The names of products.
    pub(super) async fn names(&self, products: &[Uuid]) -> Result<BTreeMap<Uuid, String>, Problem> {
        let ids: Vec<ProductId> = products.iter().copied().map(ProductId::from).collect();
        let found = self
            .store
            .read(move |connection| {
                let mut all = HashMap::new();
                for chunk in ids.chunks(900) {
                    all.extend(catalogue::products(connection, chunk)?);
                }
                Ok(all)
            })
            .await?;
        Ok(found
            .into_iter()
            .map(|(id, product)| (id.uuid(), format!("{} {}", product.brand, product.reference)))
            .collect())
    }

    /// The name of the one device that a filter names; empty where it names none or several.
    pub(super) async fn named(&self, filter: &str) -> Result<String, Problem> {
        let devices = filter.parse::<Filter>().ok().and_then(|mut filter| filter.products.remove(&Term::Device));
        let ids: Vec<Uuid> = devices.into_iter().flatten().filter_map(|id| id.parse().ok()).collect();
        let [_] = ids[..] else { return Ok(String::new()) };
        Ok(self.names(&ids).await?.into_values().next().unwrap_or_default())
    }

    /// Saves a cohort; frozen, with the snapshot that it was asked of.
    pub(super) async fn save(&self, who: &SignedIn, new: NewCohort) -> Result<(SavedCohort, Written), Problem> {
        let (new, _) = new.checked()?;
        let (snapshot, question) = self.ask(who, &new.filter, "cohort-asked").await?;
        if new.frozen {
            store_whole(&self.store, &snapshot, true).await?;
        }
        let frozen = |bytes: Vec<u8>| new.frozen.then_some(bytes);
        let row = SavedCohort {
            id: new.id,
            name: new.name,
            filter: new.filter,
            shared: new.shared,
            snapshot_hash: frozen(snapshot.hash().to_vec()),
            products: frozen(question.product_bytes()),
            until: new.frozen.then_some(question.until),
            content_hash: frozen(question.content_hash(&snapshot).to_vec()),
            created_at: Moment::now(),
            created_by: who.user().id,
        };
        let actor = who.actor();
        self.store.write(move |tx| cohorts_store::save(tx, &actor, &row)).await
    }

    /// The answer of a saved cohort: of its own snapshot where it is frozen, of the latest otherwise.
    pub(super) async fn answer_saved(&self, who: &SignedIn, saved: &SavedCohort) -> Result<CohortAnswer, Problem> {
        let sight = self.sight(who);
        let Some(hash) = saved.snapshot_hash.clone() else {
            let (snapshot, question) = self.ask(who, &saved.filter, "cohort-asked").await?;
            return reckoned(move || CohortAnswer::of(&snapshot, &question, sight)).await;
        };
        self.quota.count(who.user().id)?;
        let frozen = saved.clone();
        let (snapshot, question) = self
            .store
            .read(move |connection| {
                let snapshot = cohorts_store::snapshot(connection, &hash)?;
                let question = Question::frozen(connection, &frozen, snapshot.cohort())?;
                Ok((snapshot, question))
            })
            .await?;
        let content = question.content_hash(&snapshot).to_vec();
        if saved.content_hash.as_ref() != Some(&content) {
            return Err(Problem::new(
                Code::Internal,
                format!("The frozen cohort {} is not what was frozen.", saved.id),
            ));
        }
        self.note(who, "cohort-asked", &question, &snapshot).await?;
        reckoned(move || CohortAnswer::of(&snapshot, &question, sight)).await
    }
}

/// A question.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct FilterQuery {
    /// The filter, such as `category:hip sex:female age:60..75`; empty for everything.
    #[serde(default)]
    pub filter: String,
}

/// How a cohort fared
///
/// Counts, rate, and both estimates of revision. The same `content_hash` stands for the same numbers.
#[utoipa::path(tag = "cohorts", params(FilterQuery), responses(
    (status = 200, body = CohortAnswer), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/answer")]
pub async fn answer_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<FilterQuery>,
) -> Result<web::Json<CohortAnswer>, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "cohort-asked").await?;
    let sight = asking.sight(&permit);
    Ok(web::Json(reckoned(move || CohortAnswer::of(&snapshot, &question, sight)).await?))
}

/// What a league table is made of.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct LeagueQuery {
    /// The filter.
    #[serde(default)]
    pub filter: String,
    /// `device`, `site` or `surgeon`.
    #[serde(default)]
    #[param(inline)]
    pub by: By,
}

/// Devices or sites side by side
#[utoipa::path(tag = "cohorts", params(LeagueQuery), responses(
    (status = 200, body = League), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/league")]
pub async fn league_table(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<LeagueQuery>,
) -> Result<HttpResponse, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "league-asked").await?;
    let (by, sight) = (query.by, asking.sight(&permit));
    let league = reckoned(move || snapshot.league(&question, by, sight)).await?;
    Ok(HttpResponse::Ok().json(&*league))
}

/// Which devices are compared.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ComparisonQuery {
    /// Two to six product identifiers, separated by commas; the first is what the others are held against.
    #[serde(default)]
    pub devices: String,
    /// A filter of their implants.
    #[serde(default)]
    pub filter: String,
}

impl ComparisonQuery {
    /// The products named.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] for what is no identifier.
    pub fn products(&self) -> Result<Vec<Uuid>, Problem> {
        let named = self.devices.split(',').map(str::trim).filter(|text| !text.is_empty());
        let id =
            |text: &str| text.parse().map_err(|_| Problem::invalid(format!("\"{text}\" is no product's identifier.")));
        named.map(id).collect()
    }
}

/// Two to six devices compared
#[utoipa::path(tag = "cohorts", params(ComparisonQuery), responses(
    (status = 200, body = Comparison), (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/comparison")]
pub async fn compare_devices(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<ComparisonQuery>,
) -> Result<web::Json<Comparison>, Problem> {
    let products = query.products()?;
    let (snapshot, question) = asking.ask(&permit, &query.filter, "comparison-asked").await?;
    let sight = asking.sight(&permit);
    Ok(web::Json(reckoned(move || Comparison::of(&snapshot, &question, &products, sight)).await??))
}

/// Which rows are taken away, and in which form.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ExtractQuery {
    /// The filter.
    #[serde(default)]
    pub filter: String,
    /// `csv`, `parquet` or `json`; CSV where it is left away.
    #[serde(default)]
    #[param(inline)]
    pub format: Format,
}

/// The implants of a cohort as CSV, Parquet or JSON
///
/// One row an implant, without patient or date, to be analysed elsewhere. Every extract is in the audit. Analysts get bands of age, and of
/// rows that few others are like only what they share; of a cohort whose counts they are not told they get nothing (403).
#[utoipa::path(tag = "cohorts", params(ExtractQuery), responses(
    (status = 200, description = "CSV, or what was asked for", content_type = "text/csv", body = String), (status = 403, body = ProblemDetails),
    (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[get("/cohorts/extract")]
pub async fn extract_cohort(
    asking: Asking,
    permit: Permit<ExtractCohorts>,
    query: web::Query<ExtractQuery>,
) -> Result<HttpResponse, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "cohort-extracted").await?;
    let names = asking.names(&question.products).await?;
    let body = extract::taken(&snapshot, &question, &names, asking.sight(&permit), query.format)?;
    let (kind, ending) = query.format.kind();
    let file = ("Content-Disposition", format!("attachment; filename=\"cohort.{ending}\""));
    Ok(HttpResponse::Ok().content_type(kind).insert_header(file).body(body))
}

/// The R script that reproduces a cohort's figures from its extract
#[utoipa::path(tag = "cohorts", params(FilterQuery), responses(
    (status = 200, description = "R", content_type = "text/plain", body = String), (status = 422, body = ProblemDetails)))]
#[get("/cohorts/script")]
pub async fn script_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<FilterQuery>,
) -> Result<HttpResponse, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.filter, "cohort-asked").await?;
    let file = ("Content-Disposition", "attachment; filename=\"cohort.R\"");
    let script = extract::r_script(&snapshot, &question);
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header(file).body(script))
}

/// Saved cohorts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedCohorts {
    cohorts: Vec<CohortShown>,
}

/// Save a cohort
///
/// Frozen, it keeps its snapshot: asked again years later it gives the same numbers.
#[utoipa::path(tag = "cohorts", request_body = NewCohort, responses(
    (status = 201, body = CohortShown, description = "Saved"),
    (status = 200, body = CohortShown, description = "The same cohort was there already"),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[post("/cohorts")]
pub async fn save_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    new: web::Json<NewCohort>,
) -> Result<HttpResponse, Problem> {
    let (saved, written) = asking.save(&permit, new.into_inner()).await?;
    Ok(written.answer().json(saved.shown()))
}

/// Saved cohorts, one's own and shared ones
#[utoipa::path(tag = "cohorts", responses((status = 200, body = SavedCohorts)))]
#[get("/cohorts")]
pub async fn list_cohorts(
    store: web::Data<Store>,
    permit: Permit<ReadCohorts>,
) -> Result<web::Json<SavedCohorts>, Problem> {
    let user = permit.user().id;
    let all = store.read(move |connection| cohorts_store::list(connection, user)).await?;
    Ok(web::Json(SavedCohorts { cohorts: all.iter().map(SavedCohort::shown).collect() }))
}

/// Ask a saved cohort again
#[utoipa::path(tag = "cohorts", params(("id" = CohortId, Path)), responses(
    (status = 200, body = CohortAnswer), (status = 404, body = ProblemDetails)))]
#[get("/cohorts/{id}/answer")]
pub async fn answer_saved(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    id: web::Path<CohortId>,
) -> Result<web::Json<CohortAnswer>, Problem> {
    let (user, id) = (permit.user().id, id.into_inner());
    let saved = asking.store.read(move |connection| cohorts_store::seen_by(connection, user, id)).await?;
    Ok(web::Json(asking.answer_saved(&permit, &saved).await?))
}
