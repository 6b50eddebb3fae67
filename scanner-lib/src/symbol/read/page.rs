//! Pages of print, and texture that fills a frame.

use super::super::locate::Patch;
use super::{LARGE, Reading};

/// Pixels of a camera's frame; more is a photograph, which is worth more work.
const LARGEST_FRAME: usize = 1920 * 1088;

impl Reading {
    pub(super) fn is_frame(&self) -> bool {
        self.picture.luma().len() <= LARGEST_FRAME
    }

    /// Whether a place is so long or large that, being print, it is more than a symbol that looks like print; or so large, in a
    /// camera's frame, that a symbol of it would have more modules than any pack's. What may be a symbol in it stands out, and is a
    /// place of its own.
    pub(super) fn is_page(&self, patch: &Patch) -> bool {
        let (longest, narrowest) = (patch.area.width.max(patch.area.height), patch.area.width.min(patch.area.height));
        patch.is_print() && (longest > 2 * narrowest || narrowest > LARGE) || self.is_frame() && narrowest > 2 * LARGE
    }
}
