//! Changes must come from our own pages.
//!
//! Every browser that we support says where a request comes from (`Sec-Fetch-Site`, else `Origin`); the cookie is
//! `SameSite=Strict`; and each change carries the session's token, in the header `X-CSRF-Token` or, for a form, in its
//! field `csrf` ([`super::SignedForm`]). A workstation with a bearer token has no cookie to misuse.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::Token;
use crate::error::{Code, Problem};

/// Refuses a change that did not come from our own pages.
pub fn check(request: &HttpRequest, token: &Token) -> Result<(), Problem> {
    if request.method().is_safe() {
        return Ok(());
    }
    check_origin(request)?;
    let refused = |detail: &str| Err(Problem::new(Code::CrossSite, detail));
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        // A form's token is in its body: SignedForm checks it.
        return Ok(());
    }
    match text("x-csrf-token") {
        Some(sent) if token.is_cross_site_token(sent) => Ok(()),
        Some(_) => refused("Its X-CSRF-Token is not this session's."),
        None => refused("It has no X-CSRF-Token."),
    }
}

/// Refuses a request of which the browser says that another site sent it. All that a sign-in can be asked: it has no session
/// yet, and so no token.
pub fn check_origin(request: &HttpRequest) -> Result<(), Problem> {
    let refused = |detail: &str| Err(Problem::new(Code::CrossSite, detail));
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => Ok(()),
        Some(_) => refused("The browser says that another site sent it."),
        None => {
            let host = request.connection_info().host().to_owned();
            if text("origin").is_some_and(|origin| origin.split("://").nth(1) != Some(host.as_str())) {
                return refused("Its Origin is another site.");
            }
            Ok(())
        }
    }
}
