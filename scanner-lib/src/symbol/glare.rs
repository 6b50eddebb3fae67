//! Reflections: where a pixel is as light as it can be, it says nothing about what lies beneath.

/// Grey from which on a camera's pixel is saturated.
const SATURATED: f32 = 250.0;

/// Paper below this is told from what is saturated.
const LIGHTEST_PAPER: f32 = 238.0;

/// The greys that a reflection gives, where they can be told from paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Glare(f32);

impl Glare {
    /// As light as a pixel can be.
    pub(super) const WHITE: f32 = 255.0;

    /// No grey is a reflection.
    pub(super) const NONE: Self = Self(f32::INFINITY);

    /// What is saturated.
    pub(super) const SURE: Self = Self(SATURATED);

    /// What is saturated, if paper is not.
    pub(super) fn over(paper: f32) -> Self {
        if paper < LIGHTEST_PAPER { Self(SATURATED) } else { Self::NONE }
    }

    /// Whether a pixel of that grey says nothing.
    pub(super) fn hides(self, grey: f32) -> bool {
        grey >= self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_beside_darker_paper_is_white_a_reflection() {
        assert!(Glare::over(220.0).hides(255.0) && !Glare::over(220.0).hides(222.0));
        assert!(!Glare::over(252.0).hides(255.0) && !Glare::NONE.hides(255.0));
    }
}
