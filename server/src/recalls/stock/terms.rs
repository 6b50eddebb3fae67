//! On which terms packs came: whose they are, what they cost, until when a loan may stay.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{StockId, StockItem};
use crate::access::UserId;
use crate::error::Problem;
use crate::store::schema::stock_terms;

crate::word_list! {
    /// Whose packs they are.
    Ownership {
        /// The hospital's.
        Owned = "owned",
        /// The supplier's until they are used.
        Consignment = "consignment",
        /// Lent for an operation or a time.
        Loan = "loan",
    }
}

/// The most that one pack may cost, in pence: beyond it somebody has mistyped.
const DEAREST: i64 = 100_000_000;

/// Who delivered packs and on which terms, as somebody enters it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewTerms {
    /// Who delivered them; may be empty.
    pub supplier: String,
    /// Whose they are; the hospital's unless told.
    pub ownership: Option<Ownership>,
    /// What one pack costs, in pence; none where it is not known.
    pub unit_price: Option<i64>,
    /// Until when a loan or consignment may stay.
    pub return_by: Option<NaiveDate>,
    /// Number of the delivery note; may be empty.
    pub delivery: String,
}

/// The terms as they are kept, with where and how many the packs were when they came.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = stock_terms)]
pub struct Terms {
    /// Of which packs.
    pub stock_id: StockId,
    /// At which site they came (ODS code).
    pub site_code: String,
    /// Where they were put.
    pub location: String,
    /// How many.
    pub quantity: i32,
    /// Who delivered them; empty where unknown.
    pub supplier: String,
    /// Whose they are.
    pub ownership: Ownership,
    /// What one pack cost, in pence.
    pub unit_price: Option<i64>,
    /// Until when they may stay.
    pub return_by: Option<NaiveDate>,
    /// Number of the delivery note; empty where unknown.
    pub delivery: String,
    /// Who received them.
    pub received_by: Option<UserId>,
}

impl NewTerms {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming the field.
    pub fn checked(self) -> Result<Self, Problem> {
        let text = |name: &str, text: &str| {
            let text = text.trim();
            if text.chars().count() > 120 {
                return Err(Problem::invalid(format!("The {name} has up to 120 characters.")));
            }
            Ok(text.to_owned())
        };
        let (supplier, delivery) = (text("supplier", &self.supplier)?, text("delivery note", &self.delivery)?);
        if let Some(price) = self.unit_price.filter(|price| !(0..=DEAREST).contains(price)) {
            return Err(Problem::invalid(format!("A pack costs 0 to {DEAREST} pence, not {price}.")));
        }
        let ownership = self.ownership.unwrap_or(Ownership::Owned);
        if ownership == Ownership::Owned && self.return_by.is_some() {
            return Err(Problem::invalid("Only a loan or consignment goes back by a day: say which it is."));
        }
        if ownership != Ownership::Owned && supplier.is_empty() {
            return Err(Problem::invalid("Say whose loan or consignment it is: the supplier."));
        }
        Ok(Self { supplier, delivery, ownership: Some(ownership), ..self })
    }

    pub(super) fn as_they_came(&self, item: &StockItem, received_by: Option<UserId>) -> Terms {
        Terms {
            stock_id: item.id,
            site_code: item.site_code.clone(),
            location: item.location.clone(),
            quantity: item.quantity,
            supplier: self.supplier.clone(),
            ownership: self.ownership.unwrap_or(Ownership::Owned),
            unit_price: self.unit_price,
            return_by: self.return_by,
            delivery: self.delivery.clone(),
            received_by,
        }
    }

    pub(super) fn is(&self, terms: &Terms) -> bool {
        (self.supplier.as_str(), self.ownership.unwrap_or(Ownership::Owned), self.unit_price)
            == (terms.supplier.as_str(), terms.ownership, terms.unit_price)
            && (self.return_by, self.delivery.as_str()) == (terms.return_by, terms.delivery.as_str())
    }
}

/// Pence as people write them, such as `£1,204.50`.
pub fn pounds(pence: i64) -> String {
    let whole = crate::web::words::grouped(usize::try_from(pence.unsigned_abs() / 100).unwrap_or(usize::MAX));
    format!("{}£{whole}.{:02}", if pence < 0 { "-" } else { "" }, pence.unsigned_abs() % 100)
}

/// Pounds as somebody types them, such as `1204.50` or `£12`, in pence.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for what is no sum of money.
pub fn pence(typed: &str) -> Result<Option<i64>, Problem> {
    let text = typed.trim().trim_start_matches('£').replace(',', "");
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::invalid(format!("\"{}\" is no price: write pounds, such as 1204.50.", typed.trim()));
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 2 {
        return Err(wrong());
    }
    let pounds: i64 = whole.parse().map_err(|_| wrong())?;
    let pence: i64 = format!("{part:0<2}").parse().map_err(|_| wrong())?;
    pounds.checked_mul(100).and_then(|sum| sum.checked_add(pence)).map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_and_written() {
        assert_eq!([0, 5, 120_450, 100_000_000].map(pounds), ["£0.00", "£0.05", "£1,204.50", "£1,000,000.00"]);
        for (typed, told) in [("", None), ("£12", Some(1200)), ("1,204.5", Some(120_450)), ("0.05", Some(5))] {
            assert_eq!(pence(typed).unwrap(), told, "{typed}");
        }
        for wrong in ["-1", "1.234", "twelve", ".", "1e3", "99999999999999999999"] {
            assert!(pence(wrong).unwrap_err().detail().contains("no price"), "{wrong}");
        }
    }

    #[test]
    fn terms_that_contradict_themselves_are_refused() {
        let refused = |terms: NewTerms| terms.checked().unwrap_err().detail().to_owned();
        let day = NaiveDate::from_ymd_opt(2026, 12, 1);
        assert!(refused(NewTerms { return_by: day, ..NewTerms::default() }).contains("loan"));
        let loan = NewTerms { ownership: Some(Ownership::Loan), ..NewTerms::default() };
        assert!(refused(loan).contains("supplier"));
        assert!(refused(NewTerms { unit_price: Some(-1), ..NewTerms::default() }).contains("pence"));
    }
}
