//! The pages where a user sets a PIN, and where an administrator gives out badges.

use std::fmt;

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::badge_api::{NewPin, change_pin, give_to, number};
use super::badges::{self, UserWithBadge};
use super::{ManageUsers, Password, Permit, SignInThrottle, SignedForm, SignedIn, UserId};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::store::Store;
use crate::web::account::{AccountPage, UserRow, UsersPage};
use crate::web::page_problem::{PageProblem, show};
use crate::web::{FieldError, Notice, Page};

/// `GET /account`
#[get("/account")]
pub async fn show_account(
    store: web::Data<Store>,
    config: web::Data<Config>,
    signed_in: SignedIn,
) -> Result<HttpResponse, PageProblem> {
    account(&store, &config, &signed_in, Ok(None)).await
}

/// What the account page posts.
#[derive(Deserialize)]
pub struct PinForm {
    password: Password,
    pin: String,
    again: String,
}

impl fmt::Debug for PinForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinForm(sealed)")
    }
}

/// `POST /account`
#[post("/account")]
pub async fn post_pin(
    store: web::Data<Store>,
    config: web::Data<Config>,
    throttle: web::Data<SignInThrottle>,
    signed_in: SignedIn,
    form: SignedForm<PinForm>,
) -> Result<HttpResponse, PageProblem> {
    let PinForm { password, pin, again } = form.0;
    if pin != again {
        return account(&store, &config, &signed_in, Err(error("again", "The two PINs are not the same."))).await;
    }
    let outcome = match change_pin(&store, &throttle, &signed_in, NewPin { password, pin }).await {
        Ok(()) => Ok(Some("Your PIN is set. Sign in by scanning your badge and typing it.")),
        Err(problem) => Err(match problem.code() {
            Code::WrongCredentials => error("password", "This is not your password."),
            Code::InvalidInput | Code::WrongState | Code::TooManyTries => error("pin", problem.detail()),
            _ => return Err(problem.into()),
        }),
    };
    account(&store, &config, &signed_in, outcome).await
}

async fn account(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    outcome: Result<Option<&str>, FieldError>,
) -> Result<HttpResponse, PageProblem> {
    let id = signed_in.user().id;
    let user = store.read(move |connection| badges::of_user(connection, id)).await?;
    let (notice, errors) = match outcome {
        Ok(said) => (said.map(done), Vec::new()),
        Err(error) => (None, vec![error]),
    };
    let page = Page { notice, ..Page::of(signed_in, config, "Your badge and PIN", "/account") };
    show(&AccountPage { page, badge: user.badge.unwrap_or_default(), pin_set: user.pin_set, errors })
}

/// `GET /users`
#[get("/users")]
pub async fn show_users(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ManageUsers>,
) -> Result<HttpResponse, PageProblem> {
    users(&store, &config, &permit, Ok(None)).await
}

/// What each row of the users' page posts.
#[derive(Debug, Deserialize)]
pub struct BadgeForm {
    user: UserId,
    badge: String,
}

/// `POST /users`
#[post("/users")]
pub async fn post_badge(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ManageUsers>,
    form: SignedForm<BadgeForm>,
) -> Result<HttpResponse, PageProblem> {
    let BadgeForm { user, badge } = form.0;
    let field = format!("badge-{user}");
    let outcome = match number(&badge) {
        Ok(badge) => {
            let actor = permit.actor();
            store.write(move |tx| give_to(tx, &actor, user, &badge)).await
        }
        Err(problem) => Err(problem),
    };
    let outcome = match outcome {
        Ok(given) => Ok(Some(given)),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState) => Err((field, problem)),
        Err(problem) => return Err(problem.into()),
    };
    users(&store, &config, &permit, outcome).await
}

async fn users(
    store: &Store,
    config: &Config,
    signed_in: &SignedIn,
    outcome: Result<Option<UserWithBadge>, (String, Problem)>,
) -> Result<HttpResponse, PageProblem> {
    let rows = store.read(badges::list).await?.into_iter().map(row).collect();
    let (notice, errors) = match outcome {
        Ok(given) => (given.map(|user| done(&format!("{} has the badge.", user.user.display_name))), Vec::new()),
        Err((field, problem)) => (None, vec![error(&field, problem.detail())]),
    };
    let page = Page { notice, ..Page::of(signed_in, config, "Users and badges", "/users") };
    show(&UsersPage { page, users: rows, errors })
}

fn row(user: UserWithBadge) -> UserRow {
    let badge = match (&user.badge, user.pin_set) {
        (None, _) => "no badge",
        (Some(_), false) => "no PIN yet",
        (Some(_), true) => "badge and PIN",
    };
    UserRow {
        id: user.user.id.to_string(),
        name: user.user.display_name,
        username: user.user.username,
        role: user.user.role.to_string(),
        state: if user.user.disabled_at.is_some() { "locked out" } else { badge }.to_owned(),
        badge: user.badge.unwrap_or_default(),
    }
}

fn done(text: &str) -> Notice {
    Notice { success: true, text: text.to_owned() }
}

fn error(field: &str, text: &str) -> FieldError {
    FieldError { field: field.to_owned(), text: text.to_owned() }
}
