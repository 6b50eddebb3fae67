//! The same id twice: with the same content it is the same record, with another content a conflict.
//!
//! Clients make ids before they send, and send again when no answer came. Reach for [`repeated`] first in every change
//! that records something under a client's id.

use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::error::{Code, Problem};

/// Whether a record is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is recorded now.
    Now,
    /// The same was here already.
    Before,
}

impl Written {
    /// 201 for a new record, 200 for one that was here.
    pub fn answer(self) -> HttpResponseBuilder {
        match self {
            Self::Now => HttpResponse::Created(),
            Self::Before => HttpResponse::Ok(),
        }
    }
}

/// The record that is under this id already, where it is the `same` as the one to be made; none where the id is free.
///
/// # Errors
/// [`Code::IdReused`] where the id stands for another record; `what` names the record, such as `product 0193…`.
pub fn repeated<T>(
    there: Option<T>,
    same: impl FnOnce(&T) -> bool,
    what: impl FnOnce() -> String,
) -> Result<Option<T>, Problem> {
    match there {
        Some(there) if !same(&there) => {
            Err(Problem::new(Code::IdReused, format!("There is another {} already.", what())))
        }
        there => Ok(there),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_is_the_same_record_or_a_conflict() {
        let ask = |there| repeated(there, |content| *content == "a", || "note 7".to_owned());
        assert_eq!(ask(None).unwrap(), None);
        assert_eq!(ask(Some("a")).unwrap(), Some("a"));
        let refused = ask(Some("b")).unwrap_err();
        assert_eq!((refused.code(), refused.detail()), (Code::IdReused, "There is another note 7 already."));
        assert_eq!(Written::Now.answer().finish().status(), 201);
        assert_eq!(Written::Before.answer().finish().status(), 200);
    }
}
