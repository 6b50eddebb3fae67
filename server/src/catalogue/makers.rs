//! Where makers can be reached: for the patient's implant card (MDR Article 18).

use actix_web::{put, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Actor, ChangeCatalogue, Permit};
use crate::audit::{self, Act};
use crate::error::{Problem, ProblemDetails};
use crate::store::columns::Moment;
use crate::store::schema::makers;
use crate::store::{AnyConnection, Store, Transaction};

/// A maker.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Maker {
    /// As the catalogue's products name it.
    pub name: String,
    /// Postal address, in one line.
    pub address: String,
    /// Website.
    pub website: String,
}

impl Maker {
    /// The same, trimmed.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming what cannot be used.
    pub fn checked(mut self) -> Result<Self, Problem> {
        for (what, text, longest) in
            [("name", &mut self.name, 120), ("address", &mut self.address, 300), ("website", &mut self.website, 200)]
        {
            *text = text.trim().to_owned();
            if text.is_empty() || text.chars().count() > longest {
                return Err(Problem::invalid(format!("The maker's {what} is to have 1 to {longest} characters.")));
            }
        }
        Ok(self)
    }
}

/// Writes down where a maker can be reached, in place of what was known.
///
/// # Errors
/// Those of the database.
pub fn write(tx: &mut Transaction<'_>, actor: &Actor, maker: &Maker) -> Result<(), Problem> {
    diesel::delete(makers::table.find(&maker.name)).execute(&mut **tx)?;
    diesel::insert_into(makers::table)
        .values((
            makers::name.eq(&maker.name),
            makers::address.eq(&maker.address),
            makers::website.eq(&maker.website),
            makers::changed_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    let act = Act { action: "maker-changed", subject_kind: "maker", subject: maker.name.clone(), detail: maker };
    audit::record(tx, actor, &act)
}

/// A maker, if it is known.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, name: &str) -> Result<Option<Maker>, Problem> {
    let found: Option<(String, String, String)> = makers::table
        .find(name)
        .select((makers::name, makers::address, makers::website))
        .first(connection)
        .optional()?;
    Ok(found.map(|(name, address, website)| Maker { name, address, website }))
}

/// Say where a maker can be reached
#[utoipa::path(tag = "catalogue", request_body = Maker, responses((status = 200, body = Maker), (status = 422, body = ProblemDetails)))]
#[put("/makers")]
pub async fn put_maker(
    store: web::Data<Store>,
    permit: Permit<ChangeCatalogue>,
    body: web::Json<Maker>,
) -> Result<web::Json<Maker>, Problem> {
    let (actor, maker) = (permit.actor(), body.into_inner().checked()?);
    let kept = maker.clone();
    store.write(move |tx| write(tx, &actor, &maker)).await?;
    Ok(web::Json(kept))
}
