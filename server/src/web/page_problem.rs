//! A problem as a person sees it: the error page, or the way to sign in.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError, web};
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
        draw(&self.0, Page::default())
    }
}

fn draw(problem: &Problem, page: Page) -> HttpResponse {
    let page = ErrorPage {
        page: Page { title: problem.code().title().to_owned(), ..page },
        title: problem.code().title().to_owned(),
        detail: problem.detail().to_owned(),
        action: problem.code().action().to_owned(),
        request: String::new(),
    };
    let body = page.render().unwrap_or_else(|_| problem.to_string());
    HttpResponse::build(problem.code().status()).content_type("text/html; charset=utf-8").body(body)
}

/// Around all requests: what a person's browser gets is a page, also where an extractor refused before the handler began
/// (nobody signed in, the role may not) or no route matched. Programs get the problem as it is.
///
/// # Errors
/// Those of the inner service.
pub async fn problems_as_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let for_person = request.method() == Method::GET || is_form(&request);
    let for_person = for_person && !request.path().starts_with("/api/") && wants_page(&request);
    let response = next.call(request).await?;
    if !for_person {
        return Ok(response.map_into_left_body());
    }
    let (request, inner) = (response.request().clone(), response.response());
    let problem = inner.error().and_then(|error| match error.as_error::<PageProblem>() {
        Some(PageProblem(problem)) => Some(problem),
        None => error.as_error::<Problem>(),
    });
    let Some(problem) = problem else { return Ok(response.map_into_left_body()) };
    let page = if problem.code() == Code::NotSignedIn {
        see_other(&way_to_sign_in(&request))
    } else {
        let signed_in = request.extensions().get::<SignedIn>().cloned();
        let config = request.app_data::<web::Data<Config>>();
        draw(problem, signed_in.zip(config).map_or_else(Page::default, |(who, config)| Page::of(&who, config, "", "")))
    };
    Ok(ServiceResponse::new(request, page.map_into_right_body()))
}

fn is_form(request: &ServiceRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn wants_page(request: &ServiceRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// The page to sign in, and from there back to where the person wanted to go.
fn way_to_sign_in(request: &HttpRequest) -> String {
    let path = request.path();
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._".contains(&byte));
    if request.method() != Method::GET || path == "/" || !plain {
        return "/sign-in".to_owned();
    }
    format!("/sign-in?next={path}")
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
