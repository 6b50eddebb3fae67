//! The catalogue team's queue: what was scanned and is not in the catalogue, and which product it is.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::unknown::{self, Resolution, Resolved};
use crate::access::{ChangeCatalogue, Permit, SignedForm, SignedIn};
use crate::catalogue;
use crate::catalogue::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::store::Store;
use crate::web::page_problem::{PageProblem, show};
use crate::web::unknown::{ProductForm, UnknownListPage, UnknownPage, UnknownRow};
use crate::web::words::{count, moment};
use crate::web::{FieldError, Notice, Page};

/// Products offered for one search.
const OFFERED: i64 = 12;

/// `GET /unknown`
#[get("/unknown")]
pub async fn show_unknown_list(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeCatalogue>,
) -> Result<HttpResponse, PageProblem> {
    list(&store, &config, &permit, None).await
}

async fn list(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    notice: Option<Notice>,
) -> Result<HttpResponse, PageProblem> {
    let rows = store.read(unknown::waiting).await?.into_iter().map(|one| UnknownRow {
        href: format!("/unknown/{}/{}", one.issuer, one.identifier),
        issuer: one.issuer.to_string(),
        identifier: one.identifier,
        devices: count(one.devices, "device", "devices"),
        implanted: count(one.implanted, "in a patient", "in patients"),
        first: moment(one.first),
        lots: one.lots.join(", "),
    });
    let page = Page { notice, ..Page::of(signed_in, config, "Unknown products", "/unknown") };
    show(&UnknownListPage { page, rows: rows.collect() })
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// `GET /unknown/{issuer}/{identifier}`
#[get("/unknown/{issuer}/{identifier}")]
pub async fn show_unknown(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeCatalogue>,
    path: web::Path<(Agency, String)>,
    search: web::Query<Search>,
) -> Result<HttpResponse, PageProblem> {
    let form = ProductForm { lot_expected: true, expiry_expected: true, ..ProductForm::default() };
    one(&store, &config, &permit, path.into_inner(), &search.q, form, Vec::new()).await
}

/// What the page posts: a product of the catalogue, or a new one.
#[derive(Debug, Deserialize)]
pub struct ResolveForm {
    product: Option<ProductId>,
    #[serde(flatten)]
    new: NewForm,
}

#[derive(Debug, Deserialize)]
struct NewForm {
    id: Option<ProductId>,
    #[serde(default)]
    maker: String,
    #[serde(default)]
    brand: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    category: String,
    lot: Option<String>,
    serial: Option<String>,
    expiry: Option<String>,
}

impl NewForm {
    fn product(&self, issuer: Agency, identifier: &str) -> Result<NewProduct, Problem> {
        NewProduct {
            id: self.id.unwrap_or_default(),
            maker: self.maker.clone(),
            brand: self.brand.clone(),
            reference: self.reference.clone(),
            description: self.description.clone(),
            category: self.category.clone(),
            gmdn: None,
            side: None,
            size: None,
            lot_expected: self.lot.is_some(),
            serial_expected: self.serial.is_some(),
            expiry_expected: self.expiry.is_some(),
            identifiers: vec![ProductIdentifier {
                issuer,
                identifier: identifier.to_owned(),
                kind: IdentifierKind::Primary,
                quantity: 1,
            }],
        }
        .checked()
    }

    fn again(self) -> ProductForm {
        ProductForm {
            maker: self.maker,
            brand: self.brand,
            reference: self.reference,
            description: self.description,
            category: self.category,
            lot_expected: self.lot.is_some(),
            serial_expected: self.serial.is_some(),
            expiry_expected: self.expiry.is_some(),
        }
    }
}

/// `POST /unknown/{issuer}/{identifier}`
#[post("/unknown/{issuer}/{identifier}")]
pub async fn post_unknown(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ChangeCatalogue>,
    path: web::Path<(Agency, String)>,
    form: SignedForm<ResolveForm>,
) -> Result<HttpResponse, PageProblem> {
    let (issuer, identifier) = path.into_inner();
    let form = form.0;
    let new = match form.product {
        Some(_) => Ok(None),
        None => form.new.product(issuer, &identifier).map(Some),
    };
    let outcome = match new {
        Ok(new) => {
            let (actor, limits, rules) = (permit.actor(), config.limits, config.compatibility.clone());
            let (chosen, text) = (form.product, identifier.clone());
            store
                .write(move |tx| {
                    if let Some(new) = &new {
                        catalogue::store::add_product(tx, &actor, new)?;
                    }
                    let product = chosen.or(new.as_ref().map(|new| new.id));
                    let product =
                        product.ok_or_else(|| Problem::invalid("Choose a product, or describe a new one."))?;
                    let resolution = Resolution { issuer, identifier: text.clone(), product };
                    unknown::resolve(tx, &actor, limits, &rules, &resolution)
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(resolved) => list(&store, &config, &permit, Some(told(&resolved))).await,
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState | Code::IdReused) => {
            let errors = vec![FieldError { field: "maker".into(), text: problem.detail().to_owned() }];
            one(&store, &config, &permit, (issuer, identifier), "", form.new.again(), errors).await
        }
        Err(problem) => Err(problem.into()),
    }
}

fn told(resolved: &Resolved) -> Notice {
    let linked = count(resolved.linked, "record names", "records name");
    if resolved.stopped.is_empty() {
        return Notice { success: true, text: format!("{linked} the product now.") };
    }
    let stopped = count(resolved.stopped.len(), "device in a patient", "devices in patients");
    let text = format!("{linked} the product now. Tell the safety officer: {stopped} would have been stopped.");
    Notice { success: false, text }
}

async fn one(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    (issuer, identifier): (Agency, String),
    query: &str,
    form: ProductForm,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let (text, words) = (identifier.clone(), query.to_owned());
    let (said, found) = store
        .read(move |connection| {
            let said = unknown::said(connection, issuer, &text)?;
            let found = if words.trim().is_empty() {
                Vec::new()
            } else {
                catalogue::store::search(connection, &words, OFFERED)?
            };
            Ok((said, found))
        })
        .await?;
    let found = found.into_iter().map(|product| {
        let name = format!("{} {}: {}", product.name(), product.reference, product.description);
        (product.id.to_string(), name)
    });
    show(&UnknownPage {
        page: Page::of(signed_in, config, "Which product is it?", "/unknown"),
        issuer: issuer.to_string(),
        identifier,
        said,
        query: query.to_owned(),
        found: found.collect(),
        id: ProductId::new().to_string(),
        form,
        errors,
    })
}
