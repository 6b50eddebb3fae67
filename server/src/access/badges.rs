//! Badges and their PINs in the database.

use chrono::Duration;
use diesel::prelude::*;
use tessera_scanner::gs1::keys::GsrnProvider;

use super::pin::{LOCKED_MINUTES, TRIES};
use super::{Actor, PasswordHash, User, UserId, tablet_keys};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::store::columns::Moment;
use crate::store::schema::{user_badges, users};
use crate::store::{AnyConnection, Transaction};

/// A user with the badge that the organisation gave out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct UserWithBadge {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// GSRN of the badge (AI 8017), if there is one.
    pub badge: Option<String>,
    /// Whether the user has set a PIN.
    pub pin_set: bool,
}

/// Gives a user a badge. Another badge takes the place of the one before; the PIN is then set anew. The same badge again
/// unlocks it.
///
/// # Errors
/// [`Code::NotFound`], [`Code::WrongState`] where the badge is another user's.
pub fn give(tx: &mut Transaction<'_>, actor: &Actor, user: UserId, badge: &GsrnProvider) -> Result<(), Problem> {
    let known: i64 = users::table.find(user).count().get_result(&mut **tx)?;
    if known == 0 {
        return Err(Problem::not_found(format!("user {user}")));
    }
    let owner: Option<UserId> = user_badges::table
        .filter(user_badges::badge.eq(badge.as_str()))
        .select(user_badges::user_id)
        .first(&mut **tx)
        .optional()?;
    match owner {
        Some(owner) if owner != user => {
            return Err(Problem::new(Code::WrongState, format!("The badge {badge} belongs to another user.")));
        }
        Some(_) => {
            diesel::update(user_badges::table.find(user))
                .set((user_badges::tries.eq(0), user_badges::locked_until.eq(None::<Moment>)))
                .execute(&mut **tx)?;
        }
        None => {
            tablet_keys::revoke_all(tx, user)?;
            diesel::delete(user_badges::table.find(user)).execute(&mut **tx)?;
            diesel::insert_into(user_badges::table)
                .values((
                    user_badges::user_id.eq(user),
                    user_badges::badge.eq(badge.as_str()),
                    user_badges::tries.eq(0),
                    user_badges::given_at.eq(Moment::now()),
                ))
                .execute(&mut **tx)?;
        }
    }
    audit::record(
        tx,
        actor,
        &Act { action: "badge-given", subject_kind: "user", subject: user.to_string(), detail: &() },
    )
}

/// Sets the PIN of a user's badge, and unlocks it.
///
/// # Errors
/// [`Code::WrongState`] where the user has no badge.
pub fn set_pin(tx: &mut Transaction<'_>, actor: &Actor, user: UserId, pin: &PasswordHash) -> Result<(), Problem> {
    let changed = diesel::update(user_badges::table.find(user))
        .set((
            user_badges::pin_hash.eq(pin.as_str()),
            user_badges::tries.eq(0),
            user_badges::locked_until.eq(None::<Moment>),
            user_badges::pin_set_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Problem::new(Code::WrongState, "You have no badge yet: ask an administrator for one."));
    }
    tablet_keys::revoke_all(tx, user)?;
    audit::record(tx, actor, &Act { action: "pin-set", subject_kind: "user", subject: user.to_string(), detail: &() })
}

/// Whose badge this is, if anybody's who is not locked out.
///
/// # Errors
/// Those of the database.
pub fn owner(connection: &mut AnyConnection, badge: &str) -> Result<Option<User>, Problem> {
    Ok(user_badges::table
        .inner_join(users::table)
        .filter(user_badges::badge.eq(badge).and(users::disabled_at.is_null()))
        .select(User::as_select())
        .first(connection)
        .optional()?)
}

/// What is known of a badge when somebody tries a PIN for it.
#[derive(Clone, Debug)]
pub enum Try {
    /// Too many wrong ones before; none is compared until then.
    Locked(Moment),
    /// Compare with this; nothing where nobody has this badge, or its owner no PIN.
    Compare(Option<(User, PasswordHash)>),
}

/// Counts a try of a PIN, before it is compared: so that a hundred tries at once are not a hundred guesses.
///
/// # Errors
/// Those of the database.
pub fn begin_try(tx: &mut Transaction<'_>, badge: &str, now: Moment) -> Result<Try, Problem> {
    let found: Option<(User, Option<String>, i32, Option<Moment>)> = user_badges::table
        .inner_join(users::table)
        .filter(user_badges::badge.eq(badge).and(users::disabled_at.is_null()))
        .select((User::as_select(), user_badges::pin_hash, user_badges::tries, user_badges::locked_until))
        .first(&mut **tx)
        .optional()?;
    let Some((user, hash, tries, locked_until)) = found else { return Ok(Try::Compare(None)) };
    if let Some(until) = locked_until.filter(|until| *until > now) {
        return Ok(Try::Locked(until));
    }
    // A lock that has ended leaves all tries again.
    let tries = if locked_until.is_some() { 1 } else { tries + 1 };
    let lock = (tries >= TRIES).then(|| Moment::from(now.utc() + Duration::minutes(LOCKED_MINUTES)));
    diesel::update(user_badges::table.find(user.id))
        .set((user_badges::tries.eq(tries), user_badges::locked_until.eq(lock)))
        .execute(&mut **tx)?;
    Ok(Try::Compare(hash.map(|hash| (user, PasswordHash::stored(hash)))))
}

/// The PIN was right: the count begins again.
///
/// # Errors
/// Those of the database.
pub fn right(tx: &mut Transaction<'_>, user: UserId) -> Result<(), Problem> {
    diesel::update(user_badges::table.find(user))
        .set((user_badges::tries.eq(0), user_badges::locked_until.eq(None::<Moment>)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The PIN was wrong: that goes into the audit, and where it was the last try the lock as well. Answers until when it is
/// locked, if so.
///
/// # Errors
/// Those of the database.
pub fn wrong(tx: &mut Transaction<'_>, user: Option<UserId>) -> Result<Option<Moment>, Problem> {
    let locked: Option<Moment> = match user {
        Some(user) => user_badges::table.find(user).select(user_badges::locked_until).first(&mut **tx)?,
        None => None,
    };
    let subject = user.map_or_else(|| "unknown".to_owned(), |user| user.to_string());
    let action = if locked.is_some() { "badge-locked" } else { "pin-refused" };
    audit::record(tx, &Actor::System, &Act { action, subject_kind: "user", subject, detail: &() })?;
    Ok(locked)
}

/// Every user with their badge, by name.
///
/// # Errors
/// Those of the database.
pub fn list(connection: &mut AnyConnection) -> Result<Vec<UserWithBadge>, Problem> {
    let rows: Vec<(User, Option<Badge>)> = users::table
        .left_join(user_badges::table)
        .select((User::as_select(), (user_badges::badge, user_badges::pin_hash).nullable()))
        .order(users::display_name)
        .load(connection)?;
    Ok(rows.into_iter().map(with_badge).collect())
}

/// One user with their badge.
///
/// # Errors
/// [`Code::NotFound`].
pub fn of_user(connection: &mut AnyConnection, user: UserId) -> Result<UserWithBadge, Problem> {
    let row: Option<(User, Option<Badge>)> = users::table
        .left_join(user_badges::table)
        .filter(users::id.eq(user))
        .select((User::as_select(), (user_badges::badge, user_badges::pin_hash).nullable()))
        .first(connection)
        .optional()?;
    row.map(with_badge).ok_or_else(|| Problem::not_found(format!("user {user}")))
}

/// A badge's number, and the hash of its PIN.
type Badge = (String, Option<String>);

fn with_badge((user, badge): (User, Option<Badge>)) -> UserWithBadge {
    let pin_set = badge.as_ref().is_some_and(|(_, pin)| pin.is_some());
    UserWithBadge { user, badge: badge.map(|(badge, _)| badge), pin_set }
}
