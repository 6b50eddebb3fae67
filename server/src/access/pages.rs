//! The pages to sign in and out, and the first page after that.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Timelike as _;
use serde::Deserialize;
use tessera_scanner::verdict::london_date;

use super::api::{Credentials, close_session, forgotten_cookie, open_session, session_cookie};
use super::badge_api::open_session_by_badge;
use super::{
    BadgeAndPin, ChangeCatalogue, ConfirmRecall, JudgeSignals, Password, Permission as _, SignInThrottle, SignedForm,
    SignedIn, cross_site,
};
use crate::config::Config;
use crate::demonstration;
use crate::error::{Code, Problem};
use crate::recalls;
use crate::recalls::model::RecallState;
use crate::recalls::work::site::Standing;
use crate::signals;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::theatre;
use crate::web::home::{Card, HomePage};
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::signin::SignInPage;
use crate::web::words::count;
use crate::web::{FieldError, Page};

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
#[get("/sign-in")]
pub async fn show_sign_in(config: web::Data<Config>, query: web::Query<Next>) -> Result<HttpResponse, PageProblem> {
    show(&page(&config, &query.next))
}

/// What the page posts.
#[derive(Debug, Deserialize)]
pub struct SignInForm {
    username: String,
    password: Password,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`
#[post("/sign-in")]
pub async fn post_sign_in(
    request: HttpRequest,
    store: web::Data<Store>,
    config: web::Data<Config>,
    throttle: web::Data<SignInThrottle>,
    form: web::Form<SignInForm>,
) -> Result<HttpResponse, PageProblem> {
    cross_site::check_origin(&request)?;
    let SignInForm { username, password, next } = form.into_inner();
    let typed = username.clone();
    match open_session(&request, &store, &throttle, Credentials { username, password }).await {
        Ok((_, token)) => Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, path_of_ours(&next)))
            .cookie(session_cookie(&config, &token))
            .finish()),
        Err(problem) if matches!(problem.code(), Code::WrongCredentials | Code::TooManyTries) => {
            let text = format!("{} {}", problem.code().title(), problem.code().action());
            let errors = vec![FieldError { field: "username".into(), text }];
            refused(&SignInPage { username: typed, errors, ..page(&config, &next) }, &problem)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// What the form with the badge posts.
#[derive(Debug, Deserialize)]
pub struct BadgeForm {
    #[serde(flatten)]
    presented: BadgeAndPin,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in/badge`
#[post("/sign-in/badge")]
pub async fn post_badge(
    request: HttpRequest,
    store: web::Data<Store>,
    config: web::Data<Config>,
    throttle: web::Data<SignInThrottle>,
    form: web::Form<BadgeForm>,
) -> Result<HttpResponse, PageProblem> {
    cross_site::check_origin(&request)?;
    let BadgeForm { presented, next } = form.into_inner();
    let badge = presented.number().unwrap_or_default();
    match open_session_by_badge(&request, &store, &throttle, presented).await {
        Ok((_, token)) => Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, path_of_ours(&next)))
            .cookie(session_cookie(&config, &token))
            .finish()),
        Err(problem) if problem.code().status().is_client_error() => {
            let field = if badge.is_empty() { "badge" } else { "pin" };
            let text = format!("{} {}", problem.detail(), problem.code().action());
            let errors = vec![FieldError { field: field.into(), text }];
            refused(&SignInPage { badge, errors, ..page(&config, &next) }, &problem)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The page again, with the status of the problem.
fn refused(page: &SignInPage, problem: &Problem) -> Result<HttpResponse, PageProblem> {
    let mut answer = show(page)?;
    *answer.status_mut() = problem.code().status();
    Ok(answer)
}

fn page(config: &Config, next: &str) -> SignInPage {
    SignInPage {
        page: Page { title: "Sign in".into(), demonstration: config.demonstration, ..Page::default() },
        username: String::new(),
        badge: String::new(),
        errors: Vec::new(),
        next: path_of_ours(next).to_owned(),
        samples: if config.demonstration { demonstration::samples() } else { Vec::new() },
    }
}

/// A path of this site, else the first page: nobody is to be led elsewhere by a link to the sign-in page.
fn path_of_ours(next: &str) -> &str {
    let elsewhere = !next.starts_with('/') || next.starts_with("//") || next.contains(['\\', '\r', '\n', '\t']);
    if elsewhere { "/" } else { next }
}

/// The only field is the form's token.
#[derive(Debug, Deserialize)]
pub struct NoFields {}

/// `POST /sign-out`
#[post("/sign-out")]
pub async fn post_sign_out(
    store: web::Data<Store>,
    signed_in: SignedIn,
    _form: SignedForm<NoFields>,
) -> Result<HttpResponse, PageProblem> {
    close_session(&store, &signed_in).await?;
    let mut answer = see_other("/sign-in");
    answer
        .add_removal_cookie(&forgotten_cookie())
        .map_err(|error| Problem::new(Code::Internal, "The cookie could not be taken back.").because(error))?;
    Ok(answer)
}

/// `GET /`
#[get("/")]
pub async fn show_home(
    store: web::Data<Store>,
    config: web::Data<Config>,
    signed_in: SignedIn,
) -> Result<HttpResponse, PageProblem> {
    let user = signed_in.user();
    let mut cards = Card::of_role(user.role.word());
    if ConfirmRecall::ROLES.contains(&user.role) {
        let id = user.id;
        let notices = store.read(recalls::store::list).await?;
        let waiting = notices.iter().filter(|one| one.awaits(id)).count();
        let silent = store.read(recalls::work::store::silent).await?;
        let alerts = store.read(recalls::alerts::store::count_open).await?;
        let today = london_date(Moment::now().utc());
        let late = silent.iter().filter(|site| matches!(site.standing(today), Standing::Overdue(_))).count();
        let active = notices.iter().filter(|one| one.state == RecallState::Active).count();
        if let Some(card) = cards.iter_mut().find(|card| card.href == "/recalls") {
            card.figure = if alerts > 0 {
                count(alerts, "alert", "alerts")
            } else if late > 0 {
                format!("{} late to answer", count(late, "site", "sites"))
            } else if waiting > 0 {
                format!("{} to confirm", count(waiting, "recall", "recalls"))
            } else {
                format!("{} active", count(active, "recall", "recalls"))
            };
        }
    }
    if JudgeSignals::ROLES.contains(&user.role) {
        let waiting = store.read(signals::store::waiting).await?;
        if let Some(card) = cards.iter_mut().find(|card| card.href == "/signals") {
            card.figure = format!("{waiting} new");
        }
    }
    if ChangeCatalogue::ROLES.contains(&user.role) {
        let waiting = store.read(theatre::unknown::waiting).await?.len();
        if let Some(card) = cards.iter_mut().find(|card| card.href == "/unknown") {
            card.figure = format!("{waiting} to add");
        }
    }
    let hour = Moment::now().utc().with_timezone(&chrono_tz::Europe::London).hour();
    let greeting = match hour {
        5..12 => "Good morning",
        12..18 => "Good afternoon",
        _ => "Good evening",
    };
    let greeting = format!("{greeting}, {}", user.display_name);
    show(&HomePage { page: Page::of(&signed_in, &config, "Start", "/"), greeting, cards })
}

#[cfg(test)]
mod tests {
    use super::path_of_ours;

    #[test]
    fn signing_in_leads_nowhere_else() {
        for next in ["", "https://example.org", "//example.org", "/\\example.org", "/\t/example.org", "recalls"] {
            assert_eq!(path_of_ours(next), "/", "{next}");
        }
        assert_eq!(path_of_ours("/recalls/1?excluded=true"), "/recalls/1?excluded=true");
    }
}
