//! Where pictures and keystrokes come from: files that hold a photograph, lines that a scanner types, scanners attached
//! to this computer, and cameras: one on the computer, one on the network, a folder that something puts pictures into.

#[cfg(target_os = "linux")]
pub mod attached;
pub mod camera;
mod device;
mod lines;
mod picture;

pub use device::{Attached, Device, Heard};
pub use lines::{LONGEST_LINE, Lines};
pub use picture::{PictureError, Pixels, RawSize, load};
