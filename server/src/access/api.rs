//! Signing in and out.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self as access_store, SessionKind};
use super::{Password, SESSION_COOKIE, SignInThrottle, SignedIn, Token, User};
use crate::config::Config;
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// Name and password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Credentials {
    /// Name to sign in with.
    pub username: String,
    /// Password.
    #[schema(value_type = String, format = Password)]
    pub password: Password,
}

/// A session that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Who signed in.
    user: User,
    /// To be sent back in `X-CSRF-Token` with each change.
    csrf: String,
}

impl Session {
    /// Of this user, under this token.
    pub fn new(user: User, token: &Token) -> Self {
        Self { user, csrf: token.cross_site_token() }
    }
}

/// Sign in
#[utoipa::path(tag = "session", request_body = Credentials, responses(
    (status = 200, body = Session, description = "Signed in; the cookie holds the session"),
    (status = 401, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[post("/session")]
pub async fn sign_in(
    request: HttpRequest,
    store: web::Data<Store>,
    config: web::Data<Config>,
    throttle: web::Data<SignInThrottle>,
    credentials: web::Json<Credentials>,
) -> Result<HttpResponse, Problem> {
    let (user, token) = open_session(&request, &store, &throttle, credentials.into_inner()).await?;
    let cookie = session_cookie(&config, &token);
    Ok(HttpResponse::Ok().cookie(cookie).json(Session::new(user, &token)))
}

/// Who is signed in
#[utoipa::path(tag = "session", responses((status = 200, body = Session), (status = 401, body = ProblemDetails)))]
#[get("/session")]
pub async fn show_session(signed_in: SignedIn) -> web::Json<Session> {
    web::Json(Session { user: signed_in.user().clone(), csrf: signed_in.cross_site_token() })
}

/// Sign out
#[utoipa::path(tag = "session", responses((status = 204, description = "Signed out")))]
#[delete("/session")]
pub async fn sign_out(store: web::Data<Store>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    close_session(&store, &signed_in).await?;
    Ok(HttpResponse::NoContent().cookie(forgotten_cookie()).finish())
}

/// Checks the credentials and begins a browser session; shared with the sign-in page.
///
/// # Errors
/// [`Code::WrongCredentials`](crate::error::Code::WrongCredentials) or
/// [`Code::TooManyTries`](crate::error::Code::TooManyTries).
pub async fn open_session(
    request: &HttpRequest,
    store: &Store,
    throttle: &SignInThrottle,
    credentials: Credentials,
) -> Result<(User, Token), Problem> {
    let Credentials { username, password } = credentials;
    throttle.count(&username, request.peer_addr().map(|address| address.ip()))?;
    let checked = store
        .read(move |connection| {
            let found = access_store::user_with_hash(connection, username.trim())?;
            let named = found.as_ref().map(|(user, _)| user.clone());
            Ok((access_store::check_credentials(found, &password), named))
        })
        .await?;
    let user = match checked {
        (Ok(user), _) => user,
        (Err(refused), named) => {
            store.write(move |tx| access_store::record_failed_sign_in(tx, named.as_ref())).await?;
            return Err(refused);
        }
    };
    let token = Token::new()?;
    let (owner, secret) = (user.clone(), token.clone());
    store.write(move |tx| access_store::begin_session(tx, &owner, &secret, SessionKind::Browser)).await?;
    Ok((user, token))
}

/// Ends the session of this request.
///
/// # Errors
/// Those of the store.
pub async fn close_session(store: &Store, signed_in: &SignedIn) -> Result<(), Problem> {
    let (actor, token) = (signed_in.actor(), signed_in.token().clone());
    store.write(move |tx| access_store::end_session(tx, &actor, &token)).await
}

/// The cookie that carries a session.
pub fn session_cookie(config: &Config, token: &Token) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, token.reveal().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(config.behind_tls())
        .finish()
}

/// The cookie that takes it away again.
pub fn forgotten_cookie() -> Cookie<'static> {
    let mut cookie = Cookie::build(SESSION_COOKIE, "").path("/").http_only(true).same_site(SameSite::Strict).finish();
    cookie.make_removal();
    cookie
}
