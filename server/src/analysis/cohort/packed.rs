//! Columns that take no more room than their values need. What they are in a hash and in the store does not depend on it.

/// Numbers of sixteen bits in as few bits as the largest of them takes; the one that stands for what is not known counts as the smallest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packed {
    bits: u32,
    length: usize,
    bytes: Vec<u8>,
}

impl Packed {
    /// Read at once; so many bytes follow the last number.
    const WINDOW: usize = 4;

    pub fn of(values: impl ExactSizeIterator<Item = u16> + Clone) -> Self {
        let length = values.len();
        let most = values.clone().map(|value| value.wrapping_add(1)).max().unwrap_or(0);
        let bits = u16::BITS - most.leading_zeros();
        let mut bytes = vec![0; (length * bits as usize).div_ceil(8) + Self::WINDOW];
        for (row, value) in values.enumerate() {
            let at = row * bits as usize;
            let window = &mut bytes[at >> 3..(at >> 3) + Self::WINDOW];
            let shifted = u32::from(value.wrapping_add(1)) << (at & 7);
            window.iter_mut().zip(shifted.to_le_bytes()).for_each(|(byte, more)| *byte |= more);
        }
        Self { bits, length, bytes }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask leaves sixteen bits at the most")]
    pub fn get(&self, row: usize) -> u16 {
        let at = row * self.bits as usize;
        let window: [u8; Self::WINDOW] = self.bytes[at >> 3..(at >> 3) + Self::WINDOW].try_into().unwrap_or_default();
        let mask = (1_u32 << self.bits) - 1;
        (u32::from_le_bytes(window) >> (at & 7) & mask).wrapping_sub(1) as u16
    }

    pub fn len(&self) -> usize {
        self.length
    }

    pub fn values(&self) -> impl ExactSizeIterator<Item = u16> + Clone + '_ {
        (0..self.length).map(|row| self.get(row))
    }

    /// The same with other values: all are packed anew, for they may need other room.
    pub fn change(&mut self, how: impl FnOnce(&mut Vec<u16>)) {
        let mut values: Vec<u16> = self.values().collect();
        how(&mut values);
        *self = Self::of(values.into_iter());
    }

    /// What it takes up in memory.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Numbers of which there are few different ones: each in one byte, two where there are more than 256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Codes {
    Few {
        /// The different ones, in order.
        values: Vec<u16>,
        /// Their places there.
        places: Vec<u8>,
    },
    Many(Vec<u16>),
}

impl Default for Codes {
    fn default() -> Self {
        Self::Few { values: Vec::new(), places: Vec::new() }
    }
}

impl Codes {
    pub fn of(all: Vec<u16>) -> Self {
        let mut values = all.clone();
        values.sort_unstable();
        values.dedup();
        if values.len() > usize::from(u8::MAX) + 1 {
            return Self::Many(all);
        }
        values.shrink_to_fit();
        let place = |value: &u16| values.binary_search(value).ok().and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
        Self::Few { places: all.iter().map(place).collect(), values }
    }

    #[inline]
    pub fn get(&self, row: usize) -> u16 {
        match self {
            Self::Few { values, places } => values[usize::from(places[row])],
            Self::Many(all) => all[row],
        }
    }

    pub fn values(&self) -> Vec<u16> {
        match self {
            Self::Few { values, places } => places.iter().map(|&at| values[usize::from(at)]).collect(),
            Self::Many(all) => all.clone(),
        }
    }

    /// Clears those that are not `value`.
    pub fn choose(&self, rows: std::ops::Range<usize>, value: u16, keep: &mut [u8]) {
        match self {
            Self::Few { values, places } => {
                match values.binary_search(&value).ok().and_then(|at| u8::try_from(at).ok()) {
                    Some(wanted) => {
                        for (keep, &place) in keep.iter_mut().zip(&places[rows]) {
                            *keep &= u8::from(place == wanted);
                        }
                    }
                    None => keep.fill(0),
                }
            }
            Self::Many(all) => {
                for (keep, &cell) in keep.iter_mut().zip(&all[rows]) {
                    *keep &= u8::from(cell == value);
                }
            }
        }
    }

    pub fn change(&mut self, how: impl FnOnce(&mut Vec<u16>)) {
        let mut values = self.values();
        how(&mut values);
        *self = Self::of(values);
    }

    /// What it takes up in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Few { values, places } => 2 * values.len() + places.len(),
            Self::Many(all) => 2 * all.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_bits_where_numbers_are_small() {
        let packed = Packed::of([u16::MAX, 0, 6, 2].into_iter());
        assert_eq!((packed.bits, packed.bytes()), (3, 2 + Packed::WINDOW), "seven and what is not known: three bits");
        assert_eq!(Packed::of([u16::MAX; 9].into_iter()).bits, 0, "nothing is known of any");
        assert_eq!(Packed::of([u16::MAX - 1].into_iter()).bits, 16);
        assert_eq!(Codes::of(vec![371, 371, 401]).bytes(), 7);
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(values in proptest::collection::vec(prop_oneof![Just(u16::MAX), 0_u16..4, any::<u16>()], 0..600)) {
            let packed = Packed::of(values.iter().copied());
            prop_assert_eq!(packed.values().collect::<Vec<_>>(), values.clone());
            let codes = Codes::of(values.clone());
            prop_assert_eq!(codes.values(), values.clone());
            for value in values.iter().copied().chain([9]).take(5) {
                let mut keep = vec![1; values.len()];
                codes.choose(0..values.len(), value, &mut keep);
                prop_assert!(keep.iter().zip(&values).all(|(&keep, &one)| (keep == 1) == (one == value)));
            }
        }
    }
}
