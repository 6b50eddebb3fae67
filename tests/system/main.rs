//! Whole-system tests: a file per route, each test on both databases where the database could matter.

mod backup;
mod badges;
mod examples;
mod health;
mod kill;
mod pages;
mod r_script;
mod recalls;
mod session;
mod small_numbers;
mod story;
