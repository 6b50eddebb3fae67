//! Where pictures and keystrokes come from: files that hold a photograph, lines that a scanner types.

mod lines;
mod picture;

pub use lines::{LONGEST_LINE, Lines};
pub use picture::{PictureError, Pixels, RawSize, load};
