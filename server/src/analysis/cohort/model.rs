//! A Cox model over the whole cohort: categories of implants, summed by pattern and day.

use uuid::Uuid;

use super::row::Selection;
use super::{Cohort, Sex, Side};
use crate::analysis::cox::grouped::{Counts, Grouped};

/// What implants are adjusted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Female against male; whoever is neither leaves the model.
    Sex,
    /// Left and both against right; an implant without a side leaves the model.
    Side,
    /// Bands of age that begin at these years, against those who are younger; an unknown age leaves the model.
    Ages(Vec<u8>),
}

/// Devices that are compared as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// What it is called.
    pub name: String,
    /// Its products.
    pub products: Vec<Uuid>,
}

impl Factor {
    /// The names of its levels but the first, which is what the others are held against.
    fn names(&self) -> Vec<String> {
        match self {
            Self::Sex => vec!["female".to_owned()],
            Self::Side => vec!["left".to_owned(), "bilateral".to_owned()],
            Self::Ages(from) => from.iter().map(|age| format!("from {age} years")).collect(),
        }
    }

    fn levels(&self) -> usize {
        self.names().len() + 1
    }
}

/// Which pattern a row belongs to, by its traits and its age.
#[derive(Debug)]
pub(super) struct Patterns {
    by_traits: [u16; 256],
    by_age: [u16; 256],
}

/// Added to a pattern it lies beyond all of them: the row leaves the model.
const NONE: u16 = 0x4000;

impl Patterns {
    fn of_factors(factors: &[Factor]) -> Self {
        let mut patterns = Self { by_traits: [0; 256], by_age: [0; 256] };
        let mut stride = 1;
        for factor in factors {
            for byte in 0..=u8::MAX {
                let (table, level) = match factor {
                    Factor::Sex => (&mut patterns.by_traits, sex_level(byte)),
                    Factor::Side => (&mut patterns.by_traits, side_level(byte)),
                    Factor::Ages(from) => (&mut patterns.by_age, age_level(byte, from)),
                };
                let cell = &mut table[usize::from(byte)];
                *cell = if *cell >= NONE { NONE } else { level.map_or(NONE, |level| *cell + stride * level) };
            }
            stride *= u16::try_from(factor.levels()).expect("a handful of levels");
        }
        patterns
    }

    /// None for a row that the model leaves out.
    #[inline]
    pub fn of(&self, traits: u8, age: u8) -> Option<usize> {
        let pattern = self.by_traits[usize::from(traits)] + self.by_age[usize::from(age)];
        (pattern < NONE).then_some(usize::from(pattern))
    }
}

fn sex_level(traits: u8) -> Option<u16> {
    match traits >> 4 & 0b11 {
        sex if sex == Sex::Male as u8 => Some(0),
        sex if sex == Sex::Female as u8 => Some(1),
        _ => None,
    }
}

fn side_level(traits: u8) -> Option<u16> {
    match traits >> 2 & 0b11 {
        side if side == Side::Right as u8 => Some(0),
        side if side == Side::Left as u8 => Some(1),
        side if side == Side::Bilateral as u8 => Some(2),
        _ => None,
    }
}

fn age_level(age: u8, from: &[u8]) -> Option<u16> {
    (age != super::row::NO_AGE).then(|| u16::try_from(from.partition_point(|&from| from <= age)).unwrap_or(0))
}

impl Cohort {
    /// Revision (cause [`super::REVISED`]) or death as the event, the arms against the first of them, adjusted for the factors.
    pub fn grouped(&self, arms: &[Arm], factors: &[Factor], selection: &Selection, event: usize) -> Grouped {
        self.grouped_of_any(arms, factors, std::slice::from_ref(selection), event)
    }

    /// The same of whoever is in any of several selections, of which no two share an implant.
    pub fn grouped_of_any(&self, arms: &[Arm], factors: &[Factor], selections: &[Selection], event: usize) -> Grouped {
        let patterns = Patterns::of_factors(factors);
        let per_arm: usize = factors.iter().map(Factor::levels).product();
        let wanted = self.wanted(selections);
        let chosen =
            |arm: &Arm| arm.products.iter().filter_map(|product| self.devices.get(product)).collect::<Vec<_>>();
        let devices: Vec<_> = arms.iter().map(chosen).collect();
        let longest = wanted.iter().flat_map(|wanted| devices.iter().flatten().map(|device| device.longest(wanted)));
        let longest = longest.max().unwrap_or(0);
        let mut counts = Counts::new(per_arm * arms.len(), longest);
        for wanted in &wanted {
            for (arm, devices) in devices.iter().enumerate() {
                for device in devices {
                    let event = u8::try_from(event).unwrap_or(u8::MAX);
                    device.count_patterns(wanted, &patterns, arm * per_arm, event, &mut counts);
                }
            }
        }
        let mut names: Vec<String> = arms.iter().skip(1).map(|arm| arm.name.clone()).collect();
        names.extend(factors.iter().flat_map(Factor::names));
        let rows = (0..arms.len() * per_arm).map(|pattern| indicators(pattern, arms.len(), factors, per_arm)).collect();
        Grouped::new(names, rows, vec![counts])
    }
}

/// The 0/1 covariates of a pattern: those of its arm, then those of each factor.
fn indicators(pattern: usize, arms: usize, factors: &[Factor], per_arm: usize) -> Vec<f64> {
    let of = |level: usize, levels: usize| (1..levels).map(move |one| f64::from(u8::from(one == level)));
    let mut row: Vec<f64> = of(pattern / per_arm, arms).collect();
    let mut rest = pattern % per_arm;
    for factor in factors {
        row.extend(of(rest % factor.levels(), factor.levels()));
        rest /= factor.levels();
    }
    row
}
