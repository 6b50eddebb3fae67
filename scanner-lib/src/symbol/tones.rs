//! How often each grey occurs: what is dark, light, and paper among many pixels, without sorting them.

/// Counts of greys.
#[derive(Debug)]
pub(super) struct Tones {
    counts: [usize; 256],
    all: usize,
}

impl Default for Tones {
    fn default() -> Self {
        Self { counts: [0; 256], all: 0 }
    }
}

impl Tones {
    /// More pixels.
    pub(super) fn count(&mut self, greys: &[u8]) {
        for grey in greys {
            self.counts[usize::from(*grey)] += 1;
        }
        self.all += greys.len();
    }

    pub(super) fn of(greys: impl IntoIterator<Item = u8>) -> Self {
        let mut tones = Self::default();
        for grey in greys {
            tones.counts[usize::from(grey)] += 1;
            tones.all += 1;
        }
        tones
    }

    pub(super) fn len(&self) -> usize {
        self.all
    }

    /// The darkest grey such that so many pixels are no lighter; `None` where there are fewer.
    pub(super) fn darkest(&self, count: usize) -> Option<u8> {
        let mut so_far = 0;
        (0..=u8::MAX).find(|grey| {
            so_far += self.counts[usize::from(*grey)];
            so_far >= count
        })
    }

    /// How many pixels are darker than a grey.
    pub(super) fn below(&self, grey: u8) -> usize {
        self.counts[..usize::from(grey)].iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_are_counted_from_the_dark_end() {
        let tones = Tones::of([10, 10, 200, 90]);
        assert_eq!((tones.darkest(1), tones.darkest(3), tones.darkest(4)), (Some(10), Some(90), Some(200)));
        assert_eq!(tones.darkest(5), None);
        assert_eq!((tones.below(10), tones.below(91), tones.len()), (0, 3, 4));
    }
}
