//! The harness: the real programs, real databases, actors that ask.
//!
//! Reach for [`Server::start`] with an [`Engine`], then [`Server::anonymous`] or [`Server::signed_in`] for an [`Actor`];
//! [`Browser`] runs a script in a real Chromium. Each server has a database of its own; nothing is shared between
//! tests. [`on_each_engine!`] makes two tests of one.

mod actor;
mod agent;
mod browser;
mod database;
mod program;
mod server;

pub use actor::{Actor, Answer};
pub use agent::{Agent, Typed, Workstation};
pub use browser::Browser;
pub use database::{Database, Engine};
pub use program::{artefacts, program, workspace};
pub use server::Server;

/// Makes a test per database engine of a function that takes an [`Engine`].
///
/// ```ignore
/// on_each_engine!(a_patient_is_found);
/// fn a_patient_is_found(engine: Engine) { … }
/// ```
#[macro_export]
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name($crate::Engine::Sqlite);
            }
            #[test]
            fn postgres() {
                if $crate::Engine::Postgres.is_here() {
                    super::$name($crate::Engine::Postgres);
                }
            }
        }
    )+};
}
