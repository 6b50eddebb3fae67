//! The practice theatre: printed packs and wristbands, scenes to decide, a score. It is judged by the very code that judges in
//! theatre, and nothing of it is kept: no handler here is given the store.
//!
//! `scenes` tells what happens and what is on each pack; `drawing` draws its barcodes;
//! `pages` shows the sheet, the scenes and the result.

pub mod drawing;
pub mod pages;
mod scenes;
