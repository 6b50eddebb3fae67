//! Whole-system tests: a file per route, each test on both databases where the database could matter.

mod backup;
mod badges;
mod health;
mod kill;
mod pages;
mod recalls;
mod session;
mod story;
