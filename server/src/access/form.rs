//! A form from one of our own pages.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::SignedIn;
use crate::error::{Code, Problem};

/// A urlencoded form whose field `csrf` is the session's cross-site token.
#[derive(Clone, Debug)]
pub struct SignedForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for SignedForm<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, &mut Payload::None);
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let signed_in = signed_in.await?;
            let body = body.await.map_err(|error| {
                Problem::new(Code::Unreadable, "The form did not arrive whole.").because(error.to_string())
            })?;
            let fields: web::Query<Vec<(String, String)>> = decode(&body)?;
            let sent = fields.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.as_str());
            if !sent.is_some_and(|sent| signed_in.token().is_cross_site_token(sent)) {
                return Err(Problem::new(Code::CrossSite, "The form carries no valid token."));
            }
            decode(&body).map(|form: web::Query<T>| Self(form.into_inner()))
        })
    }
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<web::Query<T>, Problem> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Problem::new(Code::Unreadable, "The form is not UTF-8.").because(error))?;
    // A query string and a urlencoded form are written alike.
    web::Query::from_query(text).map_err(|error| Problem::invalid(format!("The form cannot be used: {error}.")))
}
