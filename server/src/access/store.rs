//! Users and sessions in the database.

use diesel::prelude::*;

use super::{Password, PasswordHash, Role, Token, User, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::store::columns::Moment;
use crate::store::schema::{sessions, users};
use crate::store::{AnyConnection, Transaction};

use super::Actor;

/// A user to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Name to sign in with.
    pub username: String,
    /// Name to show.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// Site, if only one.
    pub site_code: Option<String>,
    /// The password's hash.
    pub password: PasswordHash,
}

/// Adds a user.
///
/// # Errors
/// [`Code::WrongState`] where the name is taken.
pub fn add_user(transaction: &mut Transaction<'_>, actor: &Actor, new: &NewUser) -> Result<UserId, Problem> {
    let taken: i64 = users::table.filter(users::username.eq(&new.username)).count().get_result(&mut **transaction)?;
    if taken > 0 {
        return Err(Problem::new(Code::WrongState, format!("There is a user {} already.", new.username)));
    }
    let id = UserId::new();
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::username.eq(&new.username),
            users::display_name.eq(&new.display_name),
            users::password_hash.eq(new.password.as_str()),
            users::role.eq(new.role),
            users::site_code.eq(&new.site_code),
            users::created_at.eq(Moment::now()),
        ))
        .execute(&mut **transaction)?;
    let act = Act { action: "user-added", subject_kind: "user", subject: id.to_string(), detail: &new.role };
    audit::record(transaction, actor, &act)?;
    Ok(id)
}

/// The user of this name with the password's hash, unless locked out.
///
/// # Errors
/// Those of the database.
pub fn user_with_hash(connection: &mut AnyConnection, username: &str) -> Result<Option<(User, PasswordHash)>, Problem> {
    let found: Option<(User, String)> = users::table
        .filter(users::username.eq(username).and(users::disabled_at.is_null()))
        .select((User::as_select(), users::password_hash))
        .first(connection)
        .optional()?;
    Ok(found.map(|(user, hash)| (user, PasswordHash::stored(hash))))
}

/// The user with this name.
///
/// # Errors
/// [`Code::NotFound`].
pub fn user_named(connection: &mut AnyConnection, username: &str) -> Result<User, Problem> {
    users::table
        .filter(users::username.eq(username))
        .select(User::as_select())
        .get_result(connection)
        .optional()?
        .ok_or_else(|| Problem::not_found(format!("user {username}")))
}

/// Who a session belongs to, if it goes on and its user is not locked out.
///
/// # Errors
/// Those of the database.
pub fn user_of_session(
    connection: &mut AnyConnection,
    token_hash: &[u8],
    now: Moment,
) -> Result<Option<User>, Problem> {
    Ok(sessions::table
        .inner_join(users::table)
        .filter(
            sessions::token_hash
                .eq(token_hash)
                .and(sessions::expires_at.gt(now))
                .and(sessions::ended_at.is_null())
                .and(users::disabled_at.is_null()),
        )
        .select(User::as_select())
        .get_result(connection)
        .optional()?)
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A person at a browser: a working day.
    Browser,
    /// A workstation's program: a year, until an administrator ends it.
    Workstation,
}

impl SessionKind {
    fn word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Workstation => "workstation",
        }
    }

    fn lasts(self) -> chrono::Duration {
        match self {
            Self::Browser => chrono::Duration::hours(12),
            Self::Workstation => chrono::Duration::days(365),
        }
    }
}

/// Begins a session.
///
/// # Errors
/// Those of the database.
pub fn begin_session(
    transaction: &mut Transaction<'_>,
    user: &User,
    token: &Token,
    kind: SessionKind,
) -> Result<(), Problem> {
    let now = Moment::now();
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token.hash()),
            sessions::user_id.eq(user.id),
            sessions::kind.eq(kind.word()),
            sessions::label.eq(""),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(Moment::from(now.utc() + kind.lasts())),
        ))
        .execute(&mut **transaction)?;
    let act = Act { action: "signed-in", subject_kind: "user", subject: user.id.to_string(), detail: &kind.word() };
    audit::record(transaction, &Actor::from(user), &act)
}

/// Ends a session.
///
/// # Errors
/// Those of the database.
pub fn end_session(transaction: &mut Transaction<'_>, actor: &Actor, token: &Token) -> Result<(), Problem> {
    diesel::update(sessions::table.filter(sessions::token_hash.eq(token.hash())))
        .set(sessions::ended_at.eq(Moment::now()))
        .execute(&mut **transaction)?;
    let subject = actor.user_id().map(|id| id.to_string()).unwrap_or_default();
    audit::record(transaction, actor, &Act { action: "signed-out", subject_kind: "user", subject, detail: &() })
}

/// Writes that somebody failed to sign in. The name is kept only where it is a user's: people type passwords there.
///
/// # Errors
/// Those of the database.
pub fn record_failed_sign_in(transaction: &mut Transaction<'_>, user: Option<&User>) -> Result<(), Problem> {
    let subject = user.map_or_else(|| "unknown".to_owned(), |user| user.id.to_string());
    let act = Act { action: "sign-in-failed", subject_kind: "user", subject, detail: &() };
    audit::record(transaction, &Actor::System, &act)
}

/// Checks name and password. Takes tens of milliseconds, found or not: not for the event loop.
///
/// # Errors
/// [`Code::WrongCredentials`].
pub fn check_credentials(found: Option<(User, PasswordHash)>, password: &Password) -> Result<User, Problem> {
    let matches = password.is_of(found.as_ref().map(|(_, hash)| hash));
    match found {
        Some((user, _)) if matches => Ok(user),
        _ => Err(Problem::new(Code::WrongCredentials, "Sign-in failed.")),
    }
}
