//! Badges and PINs for programs: give one, set the PIN, sign in.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use tessera_scanner::gs1::keys::GsrnProvider;
use utoipa::ToSchema;

use super::api::{Session, session_cookie};
use super::badges::{self, UserWithBadge};
use super::pin::Pin;
use super::store::{self as access_store, SessionKind};
use super::{
    Actor, BadgeAndPin, ManageUsers, Password, Permit, SignInThrottle, SignedIn, Token, User, UserId, badge_check,
};
use crate::config::Config;
use crate::error::{Code, Problem, ProblemDetails};
use crate::store::{Store, Transaction};
use crate::theatre::team;

/// Sign in with badge and PIN
#[utoipa::path(tag = "session", request_body = BadgeAndPin, responses(
    (status = 200, body = Session, description = "Signed in; the cookie holds the session"),
    (status = 422, body = ProblemDetails), (status = 429, body = ProblemDetails)))]
#[post("/session/badge")]
pub async fn sign_in_with_badge(
    request: HttpRequest,
    store: web::Data<Store>,
    config: web::Data<Config>,
    throttle: web::Data<SignInThrottle>,
    presented: web::Json<BadgeAndPin>,
) -> Result<HttpResponse, Problem> {
    let (user, token) = open_session_by_badge(&request, &store, &throttle, presented.into_inner()).await?;
    let cookie = session_cookie(&config, &token);
    Ok(HttpResponse::Ok().cookie(cookie).json(Session::new(user, &token)))
}

/// Checks badge and PIN and begins a browser session; shared with the sign-in page.
///
/// # Errors
/// Those of [`badge_check::check`].
pub async fn open_session_by_badge(
    request: &HttpRequest,
    store: &Store,
    throttle: &SignInThrottle,
    presented: BadgeAndPin,
) -> Result<(User, Token), Problem> {
    let address = request.peer_addr().map(|address| address.ip());
    let user = badge_check::check(store, throttle, address, presented).await?;
    let token = Token::new()?;
    let (owner, secret) = (user.clone(), token.clone());
    store.write(move |tx| access_store::begin_session(tx, &owner, &secret, SessionKind::Browser)).await?;
    Ok((user, token))
}

/// A new PIN, with the password to say that it is you.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPin {
    /// Your password.
    #[schema(value_type = String, format = Password)]
    pub password: Password,
    /// Six to twelve digits.
    #[schema(value_type = String, format = Password)]
    pub pin: String,
}

/// Set the PIN of your badge
#[utoipa::path(tag = "session", request_body = NewPin, responses(
    (status = 204, description = "Set; a locked badge is unlocked"), (status = 401, body = ProblemDetails),
    (status = 409, body = ProblemDetails), (status = 422, body = ProblemDetails)))]
#[put("/session/pin")]
pub async fn set_pin(
    store: web::Data<Store>,
    throttle: web::Data<SignInThrottle>,
    signed_in: SignedIn,
    body: web::Json<NewPin>,
) -> Result<HttpResponse, Problem> {
    change_pin(&store, &throttle, &signed_in, body.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Checks the password and sets the PIN; shared with the account page.
///
/// # Errors
/// [`Code::WrongCredentials`], [`Code::InvalidInput`] for a PIN that is no good, [`Code::WrongState`] without a badge.
pub async fn change_pin(
    store: &Store,
    throttle: &SignInThrottle,
    signed_in: &SignedIn,
    new: NewPin,
) -> Result<(), Problem> {
    let username = signed_in.user().username.clone();
    throttle.count(&username, None)?;
    let hash = store
        .read(move |connection| {
            let found = access_store::user_with_hash(connection, &username)?;
            access_store::check_credentials(found, &new.password)?;
            Pin::new(new.pin.trim())?.hash()
        })
        .await?;
    let (actor, user) = (signed_in.actor(), signed_in.user().id);
    store.write(move |tx| badges::set_pin(tx, &actor, user, &hash)).await
}

/// Every user, with badge numbers
#[utoipa::path(tag = "users", responses((status = 200, body = Vec<UserWithBadge>), (status = 403, body = ProblemDetails)))]
#[get("/users")]
pub async fn list_users(
    store: web::Data<Store>,
    _permit: Permit<ManageUsers>,
) -> Result<web::Json<Vec<UserWithBadge>>, Problem> {
    store.read(badges::list).await.map(web::Json)
}

/// The badge that a user is given.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct GivenBadge {
    /// GSRN of a provider (AI 8017): 18 digits.
    pub badge: String,
}

/// Give a user a badge, or unlock it
#[utoipa::path(tag = "users", request_body = GivenBadge, responses(
    (status = 200, body = UserWithBadge), (status = 404, body = ProblemDetails), (status = 409, body = ProblemDetails),
    (status = 422, body = ProblemDetails)))]
#[put("/users/{id}/badge")]
pub async fn give_badge(
    store: web::Data<Store>,
    permit: Permit<ManageUsers>,
    id: web::Path<UserId>,
    body: web::Json<GivenBadge>,
) -> Result<web::Json<UserWithBadge>, Problem> {
    let (actor, id, badge) = (permit.actor(), id.into_inner(), number(&body.badge)?);
    store.write(move |tx| give_to(tx, &actor, id, &badge)).await.map(web::Json)
}

/// Gives a badge; the theatre team knows its owner by it from then on.
///
/// # Errors
/// Those of [`badges::give`].
pub fn give_to(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    badge: &GsrnProvider,
) -> Result<UserWithBadge, Problem> {
    badges::give(tx, actor, user, badge)?;
    let owner = badges::of_user(tx, user)?;
    team::know_badge(tx, actor, user, &owner.user.display_name, badge.as_str())?;
    Ok(owner)
}

/// The number of a badge as an administrator types or scans it.
///
/// # Errors
/// [`Code::InvalidInput`], saying what is wrong with it.
pub fn number(text: &str) -> Result<GsrnProvider, Problem> {
    let read = BadgeAndPin::read(text)?;
    read.parse().map_err(|error| {
        Problem::new(Code::InvalidInput, format!("A badge number is a GSRN (AI 8017) of 18 digits: {error}."))
    })
}
