//! Lists of lots and serials from a file, up to millions of lines, added to a notice that waits for its second person.
//!
//! The file is read twice: first every line is checked, and each bad one named; then the lines are written in small transactions.
//! Memory does not grow with the file but by sixteen bytes a line, for telling repeated ones. An import that was broken off goes on
//! where it stopped when the same file is sent again; until it is finished nobody can confirm the notice.

pub mod api;
pub mod bring_in;
pub mod model;
pub mod read;
pub mod store;
#[cfg(test)]
mod tests;
