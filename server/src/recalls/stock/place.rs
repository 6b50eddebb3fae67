//! Places where packs lie, and the GLN on the shelf's label that stands for one.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::gs1::keys::Gln;
use utoipa::ToSchema;

use super::model::parsed;
use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::stock_places;

crate::record_id! {
    /// One place.
    PlaceId
}

/// A place as somebody enters it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlace {
    /// Identifier (UUIDv7), made by the client.
    pub id: PlaceId,
    /// The site (ODS code).
    pub site_code: String,
    /// What it is called.
    pub name: String,
    /// Its Global Location Number, where it has one (13 digits).
    #[serde(default)]
    pub gln: Option<String>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = stock_places)]
pub struct Place {
    /// Identifier.
    pub id: PlaceId,
    /// The site (ODS code).
    pub site_code: String,
    /// What it is called.
    pub name: String,
    /// Its Global Location Number.
    pub gln: Option<String>,
    /// When it was entered.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Moment,
}

impl NewPlace {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming the field.
    pub fn checked(&self) -> Result<Place, Problem> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 120 {
            return Err(Problem::invalid("The place's name has to have 1 to 120 characters."));
        }
        let gln: Option<Gln> = parsed(self.gln.as_deref())?;
        Ok(Place {
            id: self.id,
            site_code: self.site_code.trim().to_owned(),
            name: name.to_owned(),
            gln: gln.map(|gln| gln.to_string()),
            created_at: Moment::now(),
        })
    }
}

/// The GLN that a text is, or that the barcode of a shelf says: thirteen digits, or AI 414 before them (GS1 General
/// Specifications 3.7.5).
pub fn gln(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.strip_prefix("(414)").or_else(|| text.strip_prefix("]C1414")).unwrap_or(text);
    let bare = if bare.len() == 16 { bare.strip_prefix("414").unwrap_or(bare) } else { bare };
    bare.parse::<Gln>().ok().map(|gln| gln.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_label_is_read_and_nothing_else() {
        for text in ["5050898000007", " (414)5050898000007", "4145050898000007", "]C14145050898000007"] {
            assert_eq!(gln(text).as_deref(), Some("5050898000007"), "{text}");
        }
        for text in ["5050898000005", "Theatre store", "", "414"] {
            assert_eq!(gln(text), None, "{text}");
        }
    }
}
