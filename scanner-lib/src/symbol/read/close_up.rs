//! What is held so close that a tile of the survey lies within a module, so that no place of texture is seen.

use super::super::datamatrix::Work;
use super::super::frame::Picture;
use super::super::locate::{self, Patch};
use super::super::{Effort, ReadOptions};
use super::{FIRST_WORK, PROMISE_OF_HALF, Reading};

/// How often a picture is halved for it, and places that are looked at.
const MOST_HALVINGS: u8 = 2;
const MOST_CLOSE: usize = 1;

impl Reading {
    /// Takes over what is read of the picture halved, or halved twice; gives by how much its places are to be multiplied.
    pub(super) fn look_closer(&mut self, options: &ReadOptions) -> f32 {
        let (mut picture, mut scale) = (self.picture.halved(), 2.0);
        for _ in 0..MOST_HALVINGS {
            if options.is_over() {
                break;
            }
            let half = picture.halved();
            let closer = Self::close_up(picture, options);
            if !closer.found.is_empty() {
                (self.found, self.partials, self.hint) = (closer.found, closer.partials, None);
                return scale;
            }
            (picture, scale) = (half, 2.0 * scale);
        }
        1.0
    }

    /// What stands out most and is about square.
    fn close_up(picture: Picture, options: &ReadOptions) -> Self {
        let patches = locate::survey(&picture).patches.into_iter().filter(Patch::may_be_close).take(MOST_CLOSE);
        let mut reading = Self::new(picture);
        let (mut unread, mut work) = (Vec::new(), Work::of(FIRST_WORK));
        reading.patches(patches, &mut unread, &mut work, options);
        if options.effort >= Effort::Thorough {
            unread.retain(|(_, promise)| *promise > PROMISE_OF_HALF);
            reading.patches_again(unread, options);
        }
        reading
    }
}
