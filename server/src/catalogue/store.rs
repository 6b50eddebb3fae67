//! The catalogue in the database.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::sql_types::Text;
use tessera_scanner::udi::DeviceIdentifier;

use super::model::{Agency, IdentifierKind, NewProduct, Product, ProductId, ProductIdentifier};
use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::once::{Written, repeated};
use crate::store::columns::Moment;
use crate::store::schema::{product_attributes, product_identifiers, products};
use crate::store::{AnyConnection, Transaction};

diesel::define_sql_function! {
    /// Small letters: both engines have it, and LIKE means the same on both with it.
    fn lower(text: Text) -> Text;
}

/// The product known by this identifier: as unit, pack, or under a number of earlier days.
///
/// # Errors
/// Those of the database.
pub fn by_identifier(connection: &mut AnyConnection, device: &DeviceIdentifier) -> Result<Option<Product>, Problem> {
    Ok(product_identifiers::table
        .inner_join(products::table)
        .filter(product_identifiers::issuer.eq(Agency::from(device.issuer)))
        .filter(product_identifiers::identifier.eq(&device.text))
        .select(Product::as_select())
        .get_result(connection)
        .optional()?)
}

/// Everything that a product is known by, in the form that recalls and verdicts compare.
///
/// # Errors
/// Those of the database.
pub fn identifiers_of(connection: &mut AnyConnection, product: ProductId) -> Result<Vec<DeviceIdentifier>, Problem> {
    let all = list_identifiers(connection, product)?;
    Ok(all.into_iter().map(|one| DeviceIdentifier { issuer: one.issuer.into(), text: one.identifier }).collect())
}

/// The same with what each stands for.
///
/// # Errors
/// Those of the database.
pub fn list_identifiers(connection: &mut AnyConnection, product: ProductId) -> Result<Vec<ProductIdentifier>, Problem> {
    let mut all = product_identifiers::table
        .filter(product_identifiers::product_id.eq(product))
        .select(ProductIdentifier::as_select())
        .load(connection)?;
    all.sort();
    Ok(all)
}

/// Every product with what it is known by: what a theatre keeps to judge by without the registry.
///
/// # Errors
/// Those of the database.
pub fn everything(connection: &mut AnyConnection) -> Result<Vec<(Product, Vec<DeviceIdentifier>)>, Problem> {
    let mut identifiers: HashMap<ProductId, Vec<ProductIdentifier>> = HashMap::new();
    let rows: Vec<(ProductId, ProductIdentifier)> = product_identifiers::table
        .select((product_identifiers::product_id, ProductIdentifier::as_select()))
        .load(connection)?;
    for (product, one) in rows {
        identifiers.entry(product).or_default().push(one);
    }
    let products: Vec<Product> = products::table.order(products::id).select(Product::as_select()).load(connection)?;
    let with_identifiers = products.into_iter().map(|product| {
        let mut known = identifiers.remove(&product.id).unwrap_or_default();
        known.sort();
        let device = |one: ProductIdentifier| DeviceIdentifier { issuer: one.issuer.into(), text: one.identifier };
        (product, known.into_iter().map(device).collect())
    });
    Ok(with_identifiers.collect())
}

/// The product with this id.
///
/// # Errors
/// [`Code::NotFound`].
pub fn product(connection: &mut AnyConnection, id: ProductId) -> Result<Product, Problem> {
    find_product(connection, id)?.ok_or_else(|| Problem::not_found(format!("product {id}")))
}

/// The product with this id, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find_product(connection: &mut AnyConnection, id: ProductId) -> Result<Option<Product>, Problem> {
    Ok(products::table.find(id).select(Product::as_select()).first(connection).optional()?)
}

/// Several products by id.
///
/// # Errors
/// Those of the database.
pub fn products(connection: &mut AnyConnection, ids: &[ProductId]) -> Result<HashMap<ProductId, Product>, Problem> {
    let mut found: HashMap<ProductId, Product> = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let some: Vec<Product> =
            products::table.filter(products::id.eq_any(some)).select(Product::as_select()).load(connection)?;
        found.extend(some.into_iter().map(|product| (product.id, product)));
    }
    Ok(found)
}

/// So many products are asked for at once: a database takes only so many values in one question.
const AT_ONCE: usize = 900;

/// Other products of the same kind: of the same GMDN code, or of the same category where it has none.
///
/// # Errors
/// Those of the database.
pub fn others_of_kind(connection: &mut AnyConnection, product: &Product) -> Result<Vec<ProductId>, Problem> {
    let mut query = products::table.filter(products::id.ne(product.id)).select(products::id).into_boxed();
    query = match &product.gmdn {
        Some(gmdn) => query.filter(products::gmdn.eq(gmdn.clone())),
        None => query.filter(products::category.eq(product.category.clone())),
    };
    Ok(query.load(connection)?)
}

/// The identifiers of the unit of several products.
///
/// # Errors
/// Those of the database.
pub fn primary_identifiers(
    connection: &mut AnyConnection,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, String>, Problem> {
    let found: Vec<(ProductId, String)> = product_identifiers::table
        .filter(product_identifiers::product_id.eq_any(ids))
        .filter(product_identifiers::kind.eq(IdentifierKind::Primary))
        .select((product_identifiers::product_id, product_identifiers::identifier))
        .load(connection)?;
    Ok(found.into_iter().collect())
}

/// Products in which every word of `text` occurs: in maker, brand, reference, description, category or an identifier.
///
/// # Errors
/// Those of the database.
pub fn search(connection: &mut AnyConnection, text: &str, limit: i64) -> Result<Vec<Product>, Problem> {
    search_from(connection, text, 0, limit)
}

/// The same, for a later page of the list.
///
/// # Errors
/// Those of the database.
pub fn search_from(connection: &mut AnyConnection, text: &str, skip: i64, limit: i64) -> Result<Vec<Product>, Problem> {
    let mut query = products::table.select(Product::as_select()).into_boxed();
    for word in text.split_whitespace().take(8) {
        let anywhere = format!("%{}%", escape(&word.to_lowercase()));
        let known_by = product_identifiers::table
            .filter(lower(product_identifiers::identifier).like(anywhere.clone()).escape('\\'))
            .select(product_identifiers::product_id);
        query = query.filter(
            lower(products::maker)
                .like(anywhere.clone())
                .escape('\\')
                .or(lower(products::brand).like(anywhere.clone()).escape('\\'))
                .or(lower(products::reference).like(anywhere.clone()).escape('\\'))
                .or(lower(products::description).like(anywhere.clone()).escape('\\'))
                .or(lower(products::category).like(anywhere).escape('\\'))
                .or(products::id.eq_any(known_by)),
        );
    }
    let order = (products::maker, products::brand, products::reference, products::id);
    Ok(query.order(order).offset(skip).limit(limit).load(connection)?)
}

/// All products by kind: by GMDN code, or by category where a product has none.
///
/// # Errors
/// Those of the database.
pub fn kinds(connection: &mut AnyConnection) -> Result<BTreeMap<String, Vec<ProductId>>, Problem> {
    let all: Vec<(ProductId, Option<String>, String)> = products::table
        .select((products::id, products::gmdn, products::category))
        .order(products::id)
        .load(connection)?;
    let mut kinds: BTreeMap<String, Vec<ProductId>> = BTreeMap::new();
    for (id, gmdn, category) in all {
        let kind = gmdn.map_or(category, |code| format!("GMDN {code}"));
        kinds.entry(kind).or_default().push(id);
    }
    Ok(kinds)
}

/// The products of each kind, by category and kind: a kind is a GMDN code, or a category where products have none.
///
/// # Errors
/// Those of the database.
pub fn kinds_by_category(
    connection: &mut AnyConnection,
) -> Result<BTreeMap<(String, String), Vec<ProductId>>, Problem> {
    let all: Vec<(ProductId, String, Option<String>)> = products::table
        .select((products::id, products::category, products::gmdn))
        .order(products::id)
        .load(connection)?;
    let mut kinds: BTreeMap<(String, String), Vec<ProductId>> = BTreeMap::new();
    for (id, category, gmdn) in all {
        kinds.entry((category, gmdn.unwrap_or_default())).or_default().push(id);
    }
    Ok(kinds)
}

/// The kinds of implant in the catalogue.
///
/// # Errors
/// Those of the database.
pub fn categories(connection: &mut AnyConnection) -> Result<Vec<String>, Problem> {
    Ok(products::table.select(products::category).distinct().order(products::category).load(connection)?)
}

/// What products are chosen by: any of the values of each list; an empty list does not choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductTerms {
    /// By id.
    pub ids: Vec<ProductId>,
    /// By category.
    pub categories: Vec<String>,
    /// By GMDN code.
    pub gmdn: Vec<String>,
    /// By maker.
    pub makers: Vec<String>,
    /// By brand.
    pub brands: Vec<String>,
    /// By catalogue number.
    pub references: Vec<String>,
    /// By size.
    pub sizes: Vec<String>,
    /// By attributes: each name with any of its values, in small letters.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// The products of some terms, whatever the case of their letters.
///
/// # Errors
/// Those of the database.
pub fn matching(connection: &mut AnyConnection, terms: &ProductTerms) -> Result<Vec<ProductId>, Problem> {
    let small = |values: &[String]| values.iter().map(|value| value.to_lowercase()).collect::<Vec<_>>();
    let mut query = products::table.select(products::id).into_boxed();
    if !terms.ids.is_empty() {
        query = query.filter(products::id.eq_any(terms.ids.clone()));
    }
    if !terms.categories.is_empty() {
        query = query.filter(lower(products::category).eq_any(small(&terms.categories)));
    }
    if !terms.gmdn.is_empty() {
        query = query.filter(products::gmdn.eq_any(terms.gmdn.clone()));
    }
    if !terms.makers.is_empty() {
        query = query.filter(lower(products::maker).eq_any(small(&terms.makers)));
    }
    if !terms.brands.is_empty() {
        query = query.filter(lower(products::brand).eq_any(small(&terms.brands)));
    }
    if !terms.references.is_empty() {
        query = query.filter(lower(products::reference).eq_any(small(&terms.references)));
    }
    if !terms.sizes.is_empty() {
        query = query.filter(products::size.eq_any(terms.sizes.clone()));
    }
    for (name, values) in &terms.attributes {
        let having = product_attributes::table
            .filter(product_attributes::name.eq(name.clone()))
            .filter(lower(product_attributes::value).eq_any(values.clone()))
            .select(product_attributes::product_id);
        query = query.filter(products::id.eq_any(having));
    }
    Ok(query.load(connection)?)
}

/// `%` and `_` in what somebody typed stand for themselves.
fn escape(word: &str) -> String {
    word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Adds a product that [`NewProduct::checked`] passed. The same product again is the same record.
///
/// # Errors
/// [`Code::IdReused`] where the id stands for another product, [`Code::WrongState`] where an identifier does.
pub fn add_product(tx: &mut Transaction<'_>, actor: &Actor, new: &NewProduct) -> Result<(Product, Written), Problem> {
    let identifiers = list_identifiers(tx, new.id)?;
    let same = |there: &Product| *there == new.product(there.created_at) && identifiers == new.identifiers;
    if let Some(there) = repeated(find_product(tx, new.id)?, same, || format!("product {}", new.id))? {
        return Ok((there, Written::Before));
    }
    for one in &new.identifiers {
        let device = DeviceIdentifier { issuer: one.issuer.into(), text: one.identifier.clone() };
        if let Some(other) = by_identifier(tx, &device)? {
            let detail = format!("{} is {} {} already.", one.identifier, other.name(), other.reference);
            return Err(Problem::new(Code::WrongState, detail));
        }
    }
    let product = new.product(Moment::now());
    diesel::insert_into(products::table).values(&product).execute(&mut **tx)?;
    insert_identifiers(tx, new.id, &new.identifiers)?;
    let primary = new.primary().map(|one| one.identifier.as_str());
    let act = Act { action: "product-added", subject_kind: "product", subject: new.id.to_string(), detail: &primary };
    audit::record(tx, actor, &act)?;
    Ok((product, Written::Now))
}

/// Lets a product be known by a further identifier.
///
/// # Errors
/// Those of the database.
pub fn add_identifier(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    product: ProductId,
    device: &DeviceIdentifier,
) -> Result<(), Problem> {
    let issuer = Agency::from(device.issuer);
    let one =
        ProductIdentifier { issuer, identifier: device.text.clone(), kind: IdentifierKind::Secondary, quantity: 1 };
    insert_identifiers(tx, product, std::slice::from_ref(&one))?;
    let act = Act {
        action: "identifier-added",
        subject_kind: "product",
        subject: product.to_string(),
        detail: &(issuer, &device.text),
    };
    audit::record(tx, actor, &act)
}

/// Gives identifiers to a product.
fn insert_identifiers(tx: &mut Transaction<'_>, product: ProductId, new: &[ProductIdentifier]) -> Result<(), Problem> {
    for one in new {
        diesel::insert_into(product_identifiers::table)
            .values((
                product_identifiers::issuer.eq(one.issuer),
                product_identifiers::identifier.eq(&one.identifier),
                product_identifiers::product_id.eq(product),
                product_identifiers::kind.eq(one.kind),
                product_identifiers::quantity.eq(one.quantity),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Adds a product of a maker's list, whose id is made up on reading: the primary identifier says whether it is known.
///
/// # Errors
/// [`Code::WrongState`] where an identifier stands for another product, or for the same one otherwise described.
pub fn import_product(tx: &mut Transaction<'_>, actor: &Actor, new: &NewProduct) -> Result<Written, Problem> {
    let Some(primary) = new.primary() else {
        return Err(Problem::invalid("Exactly one identifier is to be primary."));
    };
    let device = DeviceIdentifier { issuer: primary.issuer.into(), text: primary.identifier.clone() };
    let Some(there) = by_identifier(tx, &device)? else {
        return add_product(tx, actor, new).map(|(_, added)| added);
    };
    let same = NewProduct { id: there.id, ..new.clone() };
    add_product(tx, actor, &same).map(|(_, added)| added).map_err(|problem| {
        let detail = format!("{} is in the catalogue with other particulars.", primary.identifier);
        if problem.code() == Code::IdReused { Problem::new(Code::WrongState, detail) } else { problem }
    })
}
