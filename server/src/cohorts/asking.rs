//! Who asks the registry: how often, and what of it they may see. Every question is written to the audit.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::web;
use chrono::Utc;
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use tessera_scanner::verdict::london_date;
use uuid::Uuid;

use super::answer::CohortAnswer;
use super::disclosure::DevicesTold;
use super::filter::{Filter, Term};
use super::model::{NewCohort, SavedCohort};
use super::question::{Question, kinds};
use super::reckoned::reckoned;
use super::snapshot::{Cohorts, Snapshot, store_whole};
use super::store as cohorts_store;
use crate::access::{SignedIn, UserId};
use crate::audit::{self, Act};
use crate::catalogue::{ProductId, store as catalogue};
use crate::config::Config;
use crate::error::{Code, Problem};
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
        let found = self.store.read(move |connection| catalogue::products(connection, &ids)).await?;
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
