//! A problem as a person sees it: the error page, or the way to sign in.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use askama::Template as _;

use super::{ErrorPage, Page};
use crate::access::SignedIn;
use crate::config::Config;
use crate::error::{Code, Problem};

/// What page handlers answer when they cannot show their page.
#[derive(Debug)]
pub struct PageProblem(Problem);

impl From<Problem> for PageProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl std::fmt::Display for PageProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for PageProblem {
    fn status_code(&self) -> StatusCode {
        if self.0.code() == Code::NotSignedIn { StatusCode::SEE_OTHER } else { self.0.code().status() }
    }

    fn error_response(&self) -> HttpResponse {
        if self.0.code() == Code::NotSignedIn {
            return see_other("/sign-in");
        }
        self.0.log();
        let page = ErrorPage {
            page: Page { title: self.0.code().title().to_owned(), ..Page::default() },
            title: self.0.code().title().to_owned(),
            detail: self.0.detail().to_owned(),
            action: self.0.code().action().to_owned(),
            request: String::new(),
        };
        let body = page.render().unwrap_or_else(|_| self.0.to_string());
        HttpResponse::build(self.status_code()).content_type("text/html; charset=utf-8").body(body)
    }
}

/// A page, rendered.
///
/// # Errors
/// [`Code::Internal`] where the template fails.
pub fn show(page: &impl askama::Template) -> Result<HttpResponse, PageProblem> {
    let body =
        page.render().map_err(|error| Problem::new(Code::Internal, "The page could not be drawn.").because(error))?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body))
}

/// Sends the browser to another page after a form.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

impl Page {
    /// The frame of a page for who is signed in. `here` is the menu's entry that it belongs to.
    pub fn of(signed_in: &SignedIn, config: &Config, title: impl Into<String>, here: &'static str) -> Self {
        let user = signed_in.user();
        Self {
            title: title.into(),
            here,
            user: Some(super::SignedIn { name: user.display_name.clone(), role: user.role.to_string() }),
            csrf: signed_in.cross_site_token(),
            notice: None,
            demonstration: config.demonstration,
        }
    }
}
