//! Places in the database.

use diesel::prelude::*;

use crate::access::Actor;
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::once::{Written, repeated};
use crate::recalls::stock::place::{Place, gln};
use crate::store::schema::stock_places;
use crate::store::{AnyConnection, Transaction};
use crate::theatre::organisations::site_name;

/// Adds a place.
///
/// # Errors
/// [`Code::IdReused`] where the id stands for another, [`Code::WrongState`] where the name or the GLN does,
/// [`Code::InvalidInput`] for a site that is not known.
pub fn add(tx: &mut Transaction<'_>, actor: &Actor, new: &Place) -> Result<(Place, Written), Problem> {
    let known = stock_places::table.find(new.id).select(Place::as_select()).first(&mut **tx).optional()?;
    let same = |there: &Place| Place { created_at: there.created_at, ..new.clone() } == *there;
    if let Some(there) = repeated(known, same, || format!("place {}", new.id))? {
        return Ok((there, Written::Before));
    }
    site_name(tx, &new.site_code)?;
    let named = stock_places::site_code.eq(&new.site_code).and(stock_places::name.eq(&new.name));
    let taken: i64 = stock_places::table.filter(named).count().get_result(&mut **tx)?;
    if taken > 0 {
        return Err(Problem::new(Code::WrongState, format!("{} has a place \"{}\" already.", new.site_code, new.name)));
    }
    if let Some(number) = &new.gln
        && let Some(there) = by_gln(tx, number)?
    {
        let detail = format!("The GLN {number} stands for \"{}\" at {} already.", there.name, there.site_code);
        return Err(Problem::new(Code::WrongState, detail));
    }
    diesel::insert_into(stock_places::table).values(new).execute(&mut **tx)?;
    let act = Act {
        action: "stock-place-added",
        subject_kind: "stock-place",
        subject: new.id.to_string(),
        detail: &new.name,
    };
    audit::record(tx, actor, &act)?;
    Ok((new.clone(), Written::Now))
}

/// The place that a GLN stands for.
///
/// # Errors
/// Those of the database.
pub fn by_gln(connection: &mut AnyConnection, number: &str) -> Result<Option<Place>, Problem> {
    let named = stock_places::table.filter(stock_places::gln.eq(number)).select(Place::as_select());
    Ok(named.first(connection).optional()?)
}

/// Every place, by site and name.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection) -> Result<Vec<Place>, Problem> {
    let all = stock_places::table.select(Place::as_select());
    Ok(all.order((stock_places::site_code, stock_places::name)).load(connection)?)
}

/// What a place at a site is called: the text, or the name of the place whose GLN it is.
///
/// # Errors
/// [`Code::InvalidInput`] for a GLN that stands for no place, or for one of another site.
pub fn named(connection: &mut AnyConnection, site: &str, text: &str) -> Result<String, Problem> {
    let Some(number) = gln(text) else { return Ok(text.to_owned()) };
    match by_gln(connection, &number)? {
        None => Err(Problem::invalid(format!("No place has the GLN {number}: enter the place first."))),
        Some(place) if place.site_code != site => {
            let detail = format!("The GLN {number} is \"{}\" at {}, not at {site}.", place.name, place.site_code);
            Err(Problem::invalid(detail))
        }
        Some(place) => Ok(place.name),
    }
}
