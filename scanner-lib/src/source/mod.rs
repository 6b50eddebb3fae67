//! Where pictures and keystrokes come from: files that hold a photograph, lines that a scanner types, scanners attached
//! to this computer.

#[cfg(target_os = "linux")]
pub mod attached;
mod lines;
mod picture;

pub use lines::{LONGEST_LINE, Lines};
pub use picture::{PictureError, Pixels, RawSize, load};
