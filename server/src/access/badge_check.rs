//! Badge and PIN together say who somebody is: to sign in, and to stand by a colleague's override.

use std::net::IpAddr;

use chrono_tz::Europe::London;
use serde::Deserialize;
use tessera_scanner::handheld::badge;
use utoipa::ToSchema;

use super::badges::{self, Try};
use super::pin::Pin;
use super::{SignInThrottle, User};
use crate::error::{Code, Problem};
use crate::store::Store;
use crate::store::columns::Moment;

/// A badge as scanned, and its owner's PIN.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct BadgeAndPin {
    /// What the scanner gave for the badge (GSRN, AI 8017), or its 18 digits typed.
    pub badge: String,
    /// The PIN.
    #[schema(value_type = String, format = Password)]
    pub pin: Pin,
}

impl BadgeAndPin {
    /// The badge's number.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] where it is no badge, in words for the person who scanned it.
    pub fn number(&self) -> Result<String, Problem> {
        Self::read(&self.badge)
    }

    /// The number of a badge as scanned, or typed without its AI.
    ///
    /// # Errors
    /// Those of [`Self::number`].
    pub fn read(text: &str) -> Result<String, Problem> {
        badge::read(text.as_bytes())
            .map(|badge| badge.text)
            .map_err(|error| Problem::invalid(format!("The badge could not be used: {error}.")))
    }
}

/// Who has this badge and PIN. Each try is counted before the PIN is compared.
///
/// # Errors
/// [`Code::WrongCredentials`], [`Code::TooManyTries`] where the badge is locked, with the time until when.
pub async fn check(
    store: &Store,
    throttle: &SignInThrottle,
    address: Option<IpAddr>,
    presented: BadgeAndPin,
) -> Result<User, Problem> {
    let number = presented.number()?;
    throttle.count(&number, address)?;
    let found = match store.write(move |tx| badges::begin_try(tx, &number, Moment::now())).await? {
        Try::Locked(until) => return Err(locked(until)),
        Try::Compare(found) => found,
    };
    let pin = presented.pin;
    // Argon2 takes tens of milliseconds: off the event loop, and outside the writer.
    let (found, right) = store
        .read(move |_| {
            let right = pin.is_of(found.as_ref().map(|(_, hash)| hash));
            Ok((found, right))
        })
        .await?;
    let owner = found.map(|(user, _)| user);
    match owner {
        Some(user) if right => {
            let id = user.id;
            store.write(move |tx| badges::right(tx, id)).await?;
            Ok(user)
        }
        owner => {
            let id = owner.map(|user| user.id);
            let until = store.write(move |tx| badges::wrong(tx, id)).await?;
            Err(until.map_or_else(|| Problem::new(Code::WrongBadge, "This badge and PIN were not accepted."), locked))
        }
    }
}

fn locked(until: Moment) -> Problem {
    let time = until.utc().with_timezone(&London).format("%H:%M");
    Problem::new(
        Code::BadgeLocked,
        format!("There were too many wrong PINs for this badge. It is locked until {time}."),
    )
}
