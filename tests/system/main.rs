//! Whole-system tests: a file per route, each test on both databases where the database could matter.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by stopping")]

mod health;
mod kill;
mod pages;
mod recalls;
mod session;
mod story;
