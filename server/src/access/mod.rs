//! Who may do what: users, roles, sessions, sign-in.
//!
//! A permission is a type in a handler's signature: [`Permit<ConfirmRecall>`](Permit) can only be had by a signed-in user
//! whose role grants it, so a handler cannot forget to ask.

pub mod account_pages;
pub mod acted;
pub mod api;
pub mod badge_api;
pub mod badge_check;
pub mod badges;
mod cross_site;
mod form;
mod model;
pub mod pages;
mod password;
mod permission;
mod permit;
pub mod pin;
pub mod store;
pub mod tablet_api;
pub mod tablet_keys;
mod throttle;
mod token;

#[cfg(test)]
mod badge_tests;
#[cfg(test)]
mod tablet_tests;

pub use badge_check::BadgeAndPin;
pub use form::SignedForm;
pub use model::{Actor, Role, User, UserId};
pub use password::{Password, PasswordHash};
pub use permission::*;
pub use permit::{Permit, SignedIn};
pub use tablet_keys::TabletProof;
pub use throttle::SignInThrottle;
pub use token::{SESSION_COOKIE, Token};
