//! Badges and PINs, on both engines.

use chrono::Duration;

use super::badges::{self, Try};
use super::pin::{LOCKED_MINUTES, Pin, TRIES};
use super::store::{NewUser, add_user};
use super::{Actor, Password, Role, UserId};
use crate::error::Code;
use crate::store::columns::Moment;
use crate::store::testing::on_both_engines;
use crate::store::{Store, Transaction};

const BADGE: &str = "505089897373832492";
const OTHER: &str = "952114112345678906";

fn user(tx: &mut Transaction<'_>, name: &str) -> UserId {
    let new = NewUser {
        username: name.to_owned(),
        display_name: name.to_owned(),
        role: Role::Nurse,
        site_code: None,
        password: Password::new("long enough password").unwrap().hash().unwrap(),
    };
    add_user(tx, &Actor::System, &new).unwrap()
}

/// Tries a PIN; whether it was right, or nothing where the badge is locked.
fn try_pin(store: &Store, pin: &str, now: Moment) -> Option<bool> {
    let (found, pin) = match store.write_now(move |tx| badges::begin_try(tx, BADGE, now)).unwrap() {
        Try::Locked(_) => return None,
        Try::Compare(found) => (found, Pin::new(pin).unwrap()),
    };
    let right = pin.is_of(found.as_ref().map(|(_, hash)| hash));
    let id = found.map(|(user, _)| user.id);
    store
        .write_now(move |tx| match id {
            Some(id) if right => badges::right(tx, id),
            id => badges::wrong(tx, id).map(|_| ()),
        })
        .unwrap();
    Some(right)
}

#[test]
fn a_badge_is_locked_after_a_few_wrong_pins_and_opens_again() {
    on_both_engines(|store| {
        let owner = store
            .write_now(|tx| {
                let owner = user(tx, "nina");
                badges::give(tx, &Actor::System, owner, &BADGE.parse().unwrap())?;
                badges::set_pin(tx, &Actor::System, owner, &Pin::new("482716").unwrap().hash()?)?;
                Ok(owner)
            })
            .unwrap();
        let now = Moment::now();
        // A right one begins the count again.
        for _ in 1..TRIES {
            assert_eq!(try_pin(store, "482717", now), Some(false));
        }
        assert_eq!(try_pin(store, "482716", now), Some(true));
        for _ in 0..TRIES {
            assert_eq!(try_pin(store, "482717", now), Some(false));
        }
        assert_eq!(try_pin(store, "482716", now), None, "the right PIN of a locked badge opens nothing");
        let later = Moment::from(now.utc() + Duration::minutes(LOCKED_MINUTES + 1));
        assert_eq!(try_pin(store, "482717", later), Some(false), "one try is gone, the others are there again");
        assert_eq!(try_pin(store, "482716", later), Some(true));
        // An administrator opens it at once.
        for _ in 0..TRIES {
            try_pin(store, "482717", now);
        }
        store.write_now(move |tx| badges::give(tx, &Actor::System, owner, &BADGE.parse().unwrap())).unwrap();
        assert_eq!(try_pin(store, "482716", now), Some(true));
    });
}

#[test]
fn tries_are_counted_before_they_are_compared() {
    on_both_engines(|store| {
        store
            .write_now(|tx| {
                let owner = user(tx, "nina");
                badges::give(tx, &Actor::System, owner, &BADGE.parse().unwrap())?;
                badges::set_pin(tx, &Actor::System, owner, &Pin::new("482716").unwrap().hash()?)
            })
            .unwrap();
        let now = Moment::now();
        let begun = (0..20).map(|_| store.write_now(move |tx| badges::begin_try(tx, BADGE, now)).unwrap());
        let compared = begun.filter(|one| matches!(one, Try::Compare(Some(_)))).count();
        assert_eq!(i32::try_from(compared), Ok(TRIES));
    });
}

#[test]
fn one_badge_is_one_persons_and_a_new_one_needs_a_new_pin() {
    on_both_engines(|store| {
        store
            .write_now(|tx| {
                let (nina, omar) = (user(tx, "nina"), user(tx, "omar"));
                let (badge, other) = (BADGE.parse().unwrap(), OTHER.parse().unwrap());
                let pin = Pin::new("482716").unwrap().hash()?;
                let none = badges::set_pin(tx, &Actor::System, nina, &pin).unwrap_err();
                assert_eq!(none.code(), Code::WrongState);
                badges::give(tx, &Actor::System, nina, &badge)?;
                badges::set_pin(tx, &Actor::System, nina, &pin)?;
                let taken = badges::give(tx, &Actor::System, omar, &badge).unwrap_err();
                assert_eq!(taken.code(), Code::WrongState);
                assert!(badges::of_user(tx, nina)?.pin_set);
                badges::give(tx, &Actor::System, nina, &other)?;
                let now = badges::of_user(tx, nina)?;
                assert_eq!((now.badge.as_deref(), now.pin_set), (Some(OTHER), false));
                badges::give(tx, &Actor::System, omar, &badge)?;
                assert_eq!(badges::list(tx)?.len(), 2);
                Ok(())
            })
            .unwrap();
    });
}
