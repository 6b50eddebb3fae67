//! Questions about stock that join packs with their terms, the catalogue and what was used or wasted in theatre.

mod compared;
mod packs;
mod pars;
mod unexpected;
mod waste;

pub use compared::{DeviceStanding, SupplierStanding, compared};
pub use packs::{PacksWanted, ShelvedPacks, packs};
pub use pars::{ParStanding, pars};
pub use unexpected::{UsedUnexpected, used_unexpected};
pub use waste::{Wasted, wasted};
