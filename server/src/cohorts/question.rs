//! A filter with what it means now: its products, its selections, its hash.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::filter::{Filter, Term};
use super::model::SavedCohort;
use super::snapshot::Snapshot;
use crate::analysis::cohort::{Cohort, Selection};
use crate::catalogue::ProductId;
use crate::catalogue::store::{self as catalogue, ProductTerms};
use crate::error::{Code, Problem};
use crate::store::AnyConnection;

/// Devices of one kind that anybody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Their category.
    pub category: String,
    /// Their products.
    pub products: Vec<Uuid>,
}

/// A question to a snapshot.
#[derive(Clone, Debug)]
pub struct Question {
    /// As it was asked, in its one form.
    pub filter: Filter,
    /// The products it is about, in order.
    pub products: Vec<Uuid>,
    /// The implants it is about, of which no two share one.
    pub selections: Vec<Selection>,
    /// The cut-off.
    pub until: NaiveDate,
    /// All devices that anybody has, by kind.
    pub kinds: Vec<Kind>,
}

impl Question {
    /// What a filter means today: the catalogue says which products.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(
        connection: &mut AnyConnection,
        filter: Filter,
        cohort: &Cohort,
        today: NaiveDate,
    ) -> Result<Self, Problem> {
        let products = products_of(connection, &filter, cohort)?;
        Ok(Self::about(filter, products, kinds(connection, cohort)?, today))
    }

    /// The same where products and kinds are known.
    pub(super) fn about(filter: Filter, products: Vec<Uuid>, kinds: Vec<Kind>, today: NaiveDate) -> Self {
        let until = filter.until.unwrap_or(today).min(today);
        Self { selections: filter.selections(today), filter, products, until, kinds }
    }

    /// All devices of each kind of which it is about any.
    pub fn kinds_touched(&self) -> impl Iterator<Item = &Vec<Uuid>> {
        let asked = |product: &Uuid| self.products.binary_search(product).is_ok();
        self.kinds.iter().map(|kind| &kind.products).filter(move |kind| kind.iter().any(asked))
    }

    /// What a frozen cohort meant when it was frozen.
    ///
    /// # Errors
    /// [`Code::Internal`] where the record cannot be read; those of the database.
    pub fn frozen(connection: &mut AnyConnection, saved: &SavedCohort, cohort: &Cohort) -> Result<Self, Problem> {
        let unreadable = || Problem::new(Code::Internal, format!("The frozen cohort {} cannot be read.", saved.id));
        let filter: Filter = saved.filter.parse().map_err(|error| unreadable().because(error))?;
        let (Some(products), Some(until)) = (&saved.products, saved.until) else { return Err(unreadable()) };
        let ids: Result<Vec<Uuid>, _> = products.chunks(16).map(Uuid::from_slice).collect();
        let products = ids.map_err(|error| unreadable().because(error))?;
        Ok(Self::about(filter, products, kinds(connection, cohort)?, until))
    }

    /// The products as they are stored.
    pub fn product_bytes(&self) -> Vec<u8> {
        self.products.iter().flat_map(|product| *product.as_bytes()).collect()
    }

    /// SHA-256 of filter, products, cut-off and snapshot: the same hash, the same numbers.
    pub fn content_hash(&self, snapshot: &Snapshot) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"tessera cohort question, version 1\n");
        hash.update(self.filter.to_string());
        hash.update(format!("\n{}\n", self.until));
        hash.update(snapshot.hash());
        hash.update(self.product_bytes());
        hash.finalize().into()
    }
}

/// The devices that anybody has, by kind; kinds of one category stand together.
///
/// # Errors
/// Those of the database.
pub fn kinds(connection: &mut AnyConnection, cohort: &Cohort) -> Result<Vec<Kind>, Problem> {
    let in_use = |products: Vec<ProductId>| {
        products.into_iter().map(ProductId::uuid).filter(|&product| cohort.implants_of(product) > 0).collect()
    };
    let kinds = catalogue::kinds_by_category(connection)?.into_iter();
    let kinds = kinds.map(|((category, _), products)| Kind { category, products: in_use(products) });
    Ok(kinds.filter(|kind| !kind.products.is_empty()).collect())
}

/// The products of a filter that anybody has, in order.
fn products_of(connection: &mut AnyConnection, filter: &Filter, cohort: &Cohort) -> Result<Vec<Uuid>, Problem> {
    let Some(terms) = terms(filter) else { return Ok(cohort.products().collect()) };
    let mut found: Vec<Uuid> = catalogue::matching(connection, &terms)?.iter().map(|id| id.uuid()).collect();
    found.retain(|product| cohort.implants_of(*product) > 0);
    found.sort_unstable();
    Ok(found)
}

/// What the filter asks of the catalogue; none where it asks nothing.
fn terms(filter: &Filter) -> Option<ProductTerms> {
    if !filter.is_about_products() {
        return None;
    }
    let of = |term: Term| -> Vec<String> {
        filter.products.get(&term).map(|values| values.iter().cloned().collect()).unwrap_or_default()
    };
    Some(ProductTerms {
        ids: of(Term::Device).iter().filter_map(|id| id.parse().ok()).collect(),
        categories: of(Term::Category),
        gmdn: of(Term::Gmdn),
        makers: of(Term::Maker),
        brands: of(Term::Brand),
        references: of(Term::Reference),
        sizes: of(Term::Size),
        attributes: filter
            .attributes
            .iter()
            .map(|(name, values)| (name.clone(), values.iter().cloned().collect()))
            .collect(),
    })
}
