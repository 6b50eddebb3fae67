//! Stock: which packs lie where and on which terms, which of them are quarantined, what became of them.

pub mod api;
pub mod compare;
pub mod item_page;
pub mod labels;
pub mod model;
pub mod movement;
pub mod pack;
pub mod pages;
pub mod place;
pub mod setup_pages;
pub mod store;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod theatre;
#[cfg(test)]
mod theatre_tests;
pub mod value_pages;
pub mod work_api;
