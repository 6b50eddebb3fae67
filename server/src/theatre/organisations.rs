//! Organisations and their sites (ODS codes).

use actix_web::{HttpResponse, get, post, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::identifiers::OdsCode;
use utoipa::ToSchema;

use crate::access::{Actor, ManageUsers, Permit, SignedIn};
use crate::audit::{self, Act};
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::columns::Moment;
use crate::store::schema::{organisations, sites};
use crate::store::{AnyConnection, Store, Transaction};

/// A site of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Site {
    /// The site's ODS code.
    #[schema(value_type = String)]
    pub ods_code: OdsCode,
    /// The site's name.
    pub name: String,
    /// The organisation's ODS code.
    #[schema(value_type = String)]
    pub organisation: OdsCode,
    /// The organisation's name; needed where the registry does not have it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_name: Option<String>,
}

/// Adds a site, and its organisation where that is new. The same site twice is one site.
///
/// # Errors
/// [`Code::IdReused`] where the code belongs to a site of another name or organisation.
pub fn add_site(tx: &mut Transaction<'_>, actor: &Actor, site: &Site) -> Result<(), Problem> {
    let known: Option<(String, String)> = sites::table
        .find(site.ods_code.as_str())
        .select((sites::organisation_code, sites::name))
        .first(&mut **tx)
        .optional()?;
    if let Some((organisation, name)) = known {
        if organisation == site.organisation.as_str() && name == site.name {
            return Ok(());
        }
        return Err(Problem::new(Code::IdReused, format!("{} is the code of another site.", site.ods_code)));
    }
    let organisation: i64 = organisations::table
        .filter(organisations::ods_code.eq(site.organisation.as_str()))
        .count()
        .get_result(&mut **tx)?;
    if organisation == 0 {
        diesel::insert_into(organisations::table)
            .values((
                organisations::ods_code.eq(site.organisation.as_str()),
                organisations::name.eq(site.organisation_name.as_deref().unwrap_or(site.organisation.as_str())),
                organisations::created_at.eq(Moment::now()),
            ))
            .execute(&mut **tx)?;
    }
    diesel::insert_into(sites::table)
        .values((
            sites::ods_code.eq(site.ods_code.as_str()),
            sites::organisation_code.eq(site.organisation.as_str()),
            sites::name.eq(&site.name),
            sites::created_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    let act = Act { action: "site-added", subject_kind: "site", subject: site.ods_code.to_string(), detail: &() };
    audit::record(tx, actor, &act)
}

/// Every site with its name, by code.
///
/// # Errors
/// Those of the database.
pub fn sites(connection: &mut AnyConnection) -> Result<Vec<(String, String)>, Problem> {
    Ok(sites::table.select((sites::ods_code, sites::name)).order(sites::ods_code).load(connection)?)
}

/// A site's name.
///
/// # Errors
/// [`Code::InvalidInput`] where there is no such site.
pub fn site_name(connection: &mut AnyConnection, code: &str) -> Result<String, Problem> {
    sites::table
        .find(code)
        .select(sites::name)
        .first(connection)
        .optional()?
        .ok_or_else(|| Problem::invalid(format!("There is no site {code}: choose one of the list.")))
}

/// Add a site
#[utoipa::path(tag = "organisations", request_body = Site, responses(
    (status = 200, body = Site), (status = 403, body = ProblemDetails), (status = 409, body = ProblemDetails)))]
#[post("/sites")]
pub async fn create_site(
    store: web::Data<Store>,
    permit: Permit<ManageUsers>,
    site: web::Json<Site>,
) -> Result<HttpResponse, Problem> {
    let (actor, site) = (permit.actor(), site.into_inner());
    let added = site.clone();
    store.write(move |tx| add_site(tx, &actor, &added)).await?;
    Ok(HttpResponse::Ok().json(site))
}

/// A site in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteListed {
    /// ODS code.
    ods_code: String,
    /// Name.
    name: String,
}

/// Every site
#[utoipa::path(tag = "organisations", responses((status = 200, body = Vec<SiteListed>)))]
#[get("/sites")]
pub async fn list_sites(store: web::Data<Store>, _user: SignedIn) -> Result<web::Json<Vec<SiteListed>>, Problem> {
    let rows = store.read(sites).await?;
    Ok(web::Json(rows.into_iter().map(|(ods_code, name)| SiteListed { ods_code, name }).collect()))
}
