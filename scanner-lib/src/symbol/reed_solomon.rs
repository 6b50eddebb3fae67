//! Reed–Solomon codes over GF(256) as matrix symbols use them (ISO/IEC 16022, annex E; ISO/IEC 18004, 7.5): correcting
//! errors, whose places are unknown, and erasures, whose places are known. An erasure costs half of what an error costs.

/// A field of 256 elements with its powers and logarithms of α = 2, and where the roots of the code begin.
pub(super) struct Field {
    /// They go on for a second round, so that a product needs no modulo.
    powers: [u8; 512],
    logs: [u8; 256],
    /// Exponent of the generator polynomial's first root.
    first: usize,
}

/// x⁸ + x⁵ + x³ + x² + 1, first root α.
pub(super) static DATA_MATRIX: Field = Field::new(0x12D, 1);

/// x⁸ + x⁴ + x³ + x² + 1, first root 1.
pub(super) static QR_CODE: Field = Field::new(0x11D, 0);

impl Field {
    const fn new(polynomial: u16, first: usize) -> Self {
        let (mut powers, mut logs) = ([0; 512], [0; 256]);
        let (mut value, mut i) = (1_u16, 0);
        while i < 255 {
            #[expect(clippy::cast_possible_truncation, reason = "below 256: reduced by the polynomial")]
            let byte = value as u8;
            powers[i] = byte;
            powers[i + 255] = byte;
            #[expect(clippy::cast_possible_truncation, reason = "i < 255")]
            let log = i as u8;
            logs[byte as usize] = log;
            value <<= 1;
            if value & 0x100 != 0 {
                value ^= polynomial;
            }
            i += 1;
        }
        Self { powers, logs, first }
    }

    fn power(&self, exponent: usize) -> u8 {
        self.powers[exponent % 255]
    }

    fn times(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            0
        } else {
            self.powers[usize::from(self.logs[usize::from(a)]) + usize::from(self.logs[usize::from(b)])]
        }
    }

    /// `a / b` for `b ≠ 0`.
    fn over(&self, a: u8, b: u8) -> u8 {
        if a == 0 {
            0
        } else {
            self.powers[usize::from(self.logs[usize::from(a)]) + 255 - usize::from(self.logs[usize::from(b)])]
        }
    }

    /// The value of a polynomial (lowest coefficient first) at `x`.
    fn value(&self, polynomial: &[u8], x: u8) -> u8 {
        polynomial.iter().rev().fold(0, |sum, coefficient| self.times(sum, x) ^ coefficient)
    }

    fn power_of(&self, x: u8, exponent: usize) -> u8 {
        if exponent == 0 { 1 } else { self.power(usize::from(self.logs[usize::from(x)]) * exponent) }
    }

    /// The values of a block (highest coefficient first) at the roots of the code: all zero for a codeword.
    fn syndromes(&self, block: &[u8], checks: usize) -> Vec<u8> {
        let roots = (self.first..self.first + checks).map(|i| self.power(i));
        roots.map(|root| block.iter().fold(0, |sum, byte| self.times(sum, root) ^ byte)).collect()
    }

    /// Corrects `block`, whose last `checks` bytes are check words, with the bytes at `erased` taken as unknown.
    ///
    /// Returns how many bytes at places *not* named were wrong, or `None` where the block cannot be corrected: more than
    /// (checks − erasures) / 2 errors.
    pub(super) fn correct(&self, block: &mut [u8], checks: usize, erased: &[usize]) -> Option<usize> {
        let length = block.len();
        if checks >= length || length > 255 || erased.len() > checks || erased.iter().any(|place| *place >= length) {
            return None;
        }
        let syndromes = self.syndromes(block, checks);
        if syndromes.iter().all(|syndrome| *syndrome == 0) {
            return Some(0);
        }
        let locator = self.locator(&syndromes, length, erased)?;
        let degree = locator.len() - 1;
        // The evaluator: syndromes × locator, cut at the number of check words.
        let evaluator: Vec<u8> = (0..checks)
            .map(|i| (0..=i.min(degree)).fold(0, |sum, j| sum ^ self.times(locator[j], syndromes[i - j])))
            .collect();
        let mut fixes = Vec::with_capacity(degree);
        for place in 0..length {
            let exponent = (length - 1 - place) % 255;
            let inverse = self.power(255 - exponent);
            if self.value(&locator, inverse) != 0 {
                continue;
            }
            // Forney: the derivative of the locator has its odd coefficients only.
            let odd = (1..=degree).step_by(2);
            let derivative = odd.fold(0, |sum, i| sum ^ self.times(locator[i], self.power_of(inverse, i - 1)));
            if derivative == 0 {
                return None;
            }
            let change = self.over(self.value(&evaluator, inverse), derivative);
            // Roots that begin at αᵇ leave a factor of the place's own X¹⁻ᵇ.
            fixes.push((place, if self.first == 0 { self.times(change, self.power(exponent)) } else { change }));
        }
        if fixes.len() != degree {
            return None;
        }
        for (place, change) in &fixes {
            block[*place] ^= change;
        }
        let whole = self.syndromes(block, checks).iter().all(|syndrome| *syndrome == 0);
        whole.then(|| fixes.iter().filter(|(place, change)| *change != 0 && !erased.contains(place)).count())
    }

    /// The polynomial whose roots tell the wrong places: Berlekamp–Massey, begun with the erasures.
    fn locator(&self, syndromes: &[u8], length: usize, erased: &[usize]) -> Option<Vec<u8>> {
        let checks = syndromes.len();
        let mut locator = vec![0; checks + 2];
        locator[0] = 1;
        for (done, place) in erased.iter().enumerate() {
            let root = self.power(length - 1 - place);
            for i in (1..=done + 1).rev() {
                locator[i] ^= self.times(locator[i - 1], root);
            }
        }
        let mut previous = locator.clone();
        let mut errors = erased.len();
        for step in erased.len()..checks {
            previous.rotate_right(1);
            previous[0] = 0;
            let discrepancy = (0..=step).fold(0, |sum, i| sum ^ self.times(locator[i], syndromes[step - i]));
            if discrepancy == 0 {
                continue;
            }
            let before = locator.clone();
            for (to, from) in locator.iter_mut().zip(&previous) {
                *to ^= self.times(discrepancy, *from);
            }
            if 2 * errors <= step + erased.len() {
                errors = step + 1 + erased.len() - errors;
                previous = before.iter().map(|coefficient| self.over(*coefficient, discrepancy)).collect();
            }
        }
        let degree = locator.iter().rposition(|coefficient| *coefficient != 0)?;
        locator.truncate(degree + 1);
        // More wrong places than the check words can tell apart.
        (degree == errors && 2 * degree <= checks + erased.len()).then_some(locator)
    }

    /// The check words of data: the encoder, for tests.
    #[cfg(test)]
    pub(super) fn check_words(&self, data: &[u8], checks: usize) -> Vec<u8> {
        let mut generator = vec![1_u8];
        for i in self.first..self.first + checks {
            let root = self.power(i);
            generator.push(0);
            for j in (1..generator.len()).rev() {
                generator[j] ^= self.times(generator[j - 1], root);
            }
        }
        let mut rest = vec![0_u8; checks];
        for byte in data {
            let factor = byte ^ rest[0];
            rest.rotate_left(1);
            rest[checks - 1] = 0;
            for (to, coefficient) in rest.iter_mut().zip(&generator[1..]) {
                *to ^= self.times(*coefficient, factor);
            }
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    use super::*;

    impl std::fmt::Debug for Field {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "roots from {}", self.first)
        }
    }

    #[test]
    fn the_standards_own_examples_have_their_check_words() {
        // ISO/IEC 16022, annex O: "123456" is 142 164 186, followed by 114 25 5 88 102.
        assert_eq!(DATA_MATRIX.check_words(&[142, 164, 186], 5), [114, 25, 5, 88, 102]);
        // ISO/IEC 18004, annex I: "01234567" in version 1-M.
        let data = [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11];
        let checks = [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55];
        assert_eq!(QR_CODE.check_words(&data, 10), checks);
    }

    proptest! {
        #[test]
        fn errors_and_erasures_within_reach_are_corrected(
            data in prop::collection::vec(any::<u8>(), 3..120),
            checks in 5_usize..60,
            field in prop_oneof![Just(&DATA_MATRIX), Just(&QR_CODE)],
            share in 0.0..=1.0_f64,
            order in Just((0..400_usize).collect::<Vec<_>>()).prop_shuffle(),
            noise in prop::collection::vec(1..=255_u8, 60),
        ) {
            let mut block = data.clone();
            block.extend(field.check_words(&data, checks));
            let whole = block.clone();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
            let erasures = (checks as f64 * share) as usize;
            let errors = (checks - erasures) / 2;
            let places: Vec<usize> =
                order.into_iter().filter(|place| *place < block.len()).take(erasures + errors).collect();
            for (place, change) in places.iter().zip(&noise) {
                block[*place] ^= change;
            }
            let wrong = field.correct(&mut block, checks, &places[..erasures.min(places.len())]);
            prop_assert_eq!(wrong, Some(places.len().saturating_sub(erasures)));
            prop_assert_eq!(block, whole);
        }

        #[test]
        fn what_is_corrected_is_a_codeword_not_far_away(
            mut block in prop::collection::vec(any::<u8>(), 8..60),
            erased in subsequence((0..8_usize).collect::<Vec<_>>(), 0..5),
            field in prop_oneof![Just(&DATA_MATRIX), Just(&QR_CODE)],
        ) {
            let before = block.clone();
            let checks = 5;
            if let Some(errors) = field.correct(&mut block, checks, &erased) {
                let length = block.len();
                prop_assert_eq!(&field.check_words(&block[..length - checks], checks), &block[length - checks..]);
                let changed = (0..length).filter(|i| block[*i] != before[*i] && !erased.contains(i)).count();
                prop_assert_eq!(changed, errors);
                prop_assert!(2 * errors + erased.len() <= checks);
            }
        }
    }
}
