//! Pages of one operation beside the scanning, one room each; a form that was sent twice records once, for each carries ids
//! that were made with it.

pub mod checks;
pub mod device;
pub mod explant;
pub mod tray;

use std::collections::HashMap;

use crate::error::{Code, Problem};
use crate::web::FieldError;
use crate::web::page_problem::PageProblem;

/// Fields of a form whose names depend on the data.
type Fields = HashMap<String, String>;

/// What a form could not do, to be shown beside its field; other problems are pages of their own.
fn beside(field: &str, problem: Problem) -> Result<Vec<FieldError>, PageProblem> {
    match problem.code() {
        Code::InvalidInput | Code::WrongState | Code::IdReused => {
            Ok(vec![FieldError { field: field.to_owned(), text: problem.detail().to_owned() }])
        }
        _ => Err(problem.into()),
    }
}

fn word<T: std::str::FromStr<Err = String>>(fields: &Fields, name: &str, ask: &str) -> Result<T, Problem> {
    let text = fields.get(name).ok_or_else(|| Problem::invalid(ask))?;
    text.parse().map_err(|_| Problem::invalid(ask))
}

fn id<T: serde::de::DeserializeOwned>(fields: &Fields, name: &str) -> Result<T, Problem> {
    let text = fields.get(name).cloned().unwrap_or_default();
    serde_json::from_value(text.into()).map_err(|_| Problem::invalid(format!("The form's {name} is no identifier.")))
}
