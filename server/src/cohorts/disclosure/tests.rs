//! Whoever asks everything that can be asked of a made-up registry, and solves what was told for what was not, learns of no small count.

use chrono::{Days, NaiveDate, Utc};

use super::*;
use crate::analysis::cohort::{Builder, End, Exit, ImplantRow, Opcs4, Operation, Sex, Side};
use crate::cohorts::answer::CohortAnswer;
use crate::cohorts::filter::Filter;
use crate::cohorts::league::League;
use crate::cohorts::snapshot::Snapshot;
use crate::store::read::cohort::StoredCohort;

const FIVE: Sight = Sight { least: 5 };
/// How many products each kind has.
const KINDS: [u8; 3] = [3, 2, 1];
const SITES: [&str; 4] = ["RAA01", "RBB01", "RCC01", "RDD01"];
const SEXES: [(&str, Sex); 2] = [("female", Sex::Female), ("male", Sex::Male)];

fn until() -> NaiveDate {
    "2026-06-30".parse().unwrap()
}

/// What tells implants apart here: product, site, sex, and whether the patient was 70 or older.
type Atom = (usize, usize, usize, usize);

struct Registry {
    kinds: Vec<Kind>,
    snapshot: Snapshot,
    /// Implants and revisions.
    atoms: BTreeMap<Atom, [u64; 2]>,
}

/// Whole numbers that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// Small numbers more often than large ones.
    fn skewed(&mut self, n: usize) -> usize {
        let n = n as u64;
        usize::try_from(self.below(n).min(self.below(n))).unwrap()
    }
}

impl Registry {
    fn of(implants: usize, seed: u64) -> Self {
        let mut ids = (1_u128..).map(Uuid::from_u128);
        let kind = |(n, category): (&u8, &str)| Kind {
            category: category.to_owned(),
            products: ids.by_ref().take(usize::from(*n)).collect(),
        };
        let kinds: Vec<Kind> = KINDS.iter().zip(["hip", "knee", "knee"]).map(kind).collect();
        let products: Vec<Uuid> = kinds.iter().flat_map(|kind| &kind.products).copied().collect();
        let (mut chance, mut builder, mut atoms) = (Chance(seed), Builder::default(), BTreeMap::new());
        for _ in 0..implants {
            let (product, site) = (chance.skewed(products.len()), chance.skewed(SITES.len()));
            let (sex, old, revised) = (chance.skewed(2), chance.skewed(2), chance.below(5) == 0);
            let implanted_on = until() - Days::new(400);
            let exit = Exit { on: until() - Days::new(100), why: End::Revised };
            let row = ImplantRow {
                product: products[product],
                site: SiteCode::new(SITES[site]).unwrap(),
                procedure: Opcs4::default(),
                side: Side::None,
                sex: SEXES[sex].1,
                age: Some([60, 80][old]),
                implanted_on,
                operation: Operation::default(),
                exit: revised.then_some(exit),
            };
            builder.push(&row).unwrap();
            let counts: &mut [u64; 2] = atoms.entry((product, site, sex, old)).or_default();
            *counts = [counts[0] + 1, counts[1] + u64::from(revised)];
        }
        let stored = StoredCohort { cohort: builder.finish(), ..StoredCohort::default() };
        Self { kinds, snapshot: Snapshot::new(stored, Utc::now()), atoms }
    }
}

/// Something that may be asked: which products, sites, sexes and ages; none of them for all.
#[derive(Clone, Debug)]
struct Asked {
    products: Option<Vec<usize>>,
    sites: Vec<usize>,
    sex: Option<usize>,
    old: bool,
}

impl Asked {
    fn holds(&self, (product, site, sex, old): Atom) -> bool {
        self.products.as_ref().is_none_or(|some| some.contains(&product))
            && (self.sites.is_empty() || self.sites.contains(&site))
            && self.sex.is_none_or(|one| one == sex)
            && (!self.old || old == 1)
    }

    fn question(&self, registry: &Registry) -> Question {
        let all: Vec<Uuid> = registry.kinds.iter().flat_map(|kind| &kind.products).copied().collect();
        let products: Vec<Uuid> =
            self.products.as_ref().map_or(all.clone(), |some| some.iter().map(|&at| all[at]).collect());
        let mut terms = Vec::new();
        if self.products.is_some() {
            let ids: Vec<String> = products.iter().map(Uuid::to_string).collect();
            terms.push(format!("device:{}", ids.join(",")));
        }
        if !self.sites.is_empty() {
            terms.push(format!("site:{}", self.sites.iter().map(|&at| SITES[at]).collect::<Vec<_>>().join(",")));
        }
        terms.extend(self.sex.map(|sex| format!("sex:{}", SEXES[sex].0)));
        terms.extend(self.old.then(|| "age:70..".to_owned()));
        let filter: Filter = terms.join(" ").parse().unwrap();
        Question::about(filter, products, registry.kinds.clone(), until())
    }
}

/// Single products, kinds and all; single sites, two together and all; each sex, and the old.
fn everything() -> Vec<Asked> {
    let mut products: Vec<Option<Vec<usize>>> = vec![None];
    let mut first = 0;
    for n in KINDS.map(usize::from) {
        products.push(Some((first..first + n).collect()));
        products.extend((first..first + n).filter(|_| n > 1).map(|product| Some(vec![product])));
        first += n;
    }
    let mut sites: Vec<Vec<usize>> = vec![Vec::new()];
    sites.extend((0..SITES.len()).map(|site| vec![site]));
    sites.extend((1..SITES.len()).map(|site| vec![site - 1, site]));
    let mut out = Vec::new();
    for products in &products {
        for sites in &sites {
            for sex in [None, Some(0), Some(1)] {
                out.extend([false, true].map(|old| Asked {
                    products: products.clone(),
                    sites: sites.clone(),
                    sex,
                    old,
                }));
            }
        }
    }
    out
}

/// What is known of sums of atoms, as the rows of a matrix in echelon form over a prime field.
#[derive(Default)]
struct Known {
    rows: BTreeMap<usize, Vec<u64>>,
}

impl Known {
    const PRIME: u64 = 2_147_483_647;

    /// What of a sum does not follow.
    fn rest(&self, mut sum: Vec<u64>) -> Vec<u64> {
        for (&lead, row) in &self.rows {
            let times = Self::PRIME - sum[lead];
            if sum[lead] != 0 {
                sum.iter_mut().zip(row).for_each(|(cell, known)| *cell = (*cell + times * known) % Self::PRIME);
            }
        }
        sum
    }

    fn follows(&self, sum: Vec<u64>) -> bool {
        self.rest(sum).iter().all(|&cell| cell == 0)
    }

    fn learn(&mut self, sum: Vec<u64>) {
        let mut rest = self.rest(sum);
        let Some(lead) = rest.iter().position(|&cell| cell != 0) else { return };
        let inverse = power(rest[lead], Self::PRIME - 2, Self::PRIME);
        for cell in &mut rest {
            *cell = *cell * inverse % Self::PRIME;
        }
        self.rows.insert(lead, rest);
    }
}

fn power(mut base: u64, mut exponent: u64, prime: u64) -> u64 {
    let mut out = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            out = out * base % prime;
        }
        (base, exponent) = (base * base % prime, exponent / 2);
    }
    out
}

/// Which questions with a small count follow from all that is told, and how many of the others are told.
fn leaks(registry: &Registry, which: usize) -> (Vec<Asked>, f64) {
    let products = registry.kinds.iter().flat_map(|kind| &kind.products).count();
    let atoms: Vec<Atom> = (0..products * SITES.len() * 4)
        .map(|at| (at / (4 * SITES.len()), at / 4 % SITES.len(), at / 2 % 2, at % 2))
        .collect();
    let sum = |asked: &Asked| atoms.iter().map(|&atom| u64::from(asked.holds(atom))).collect::<Vec<_>>();
    let count = |asked: &Asked| -> u64 {
        registry.atoms.iter().filter(|(atom, _)| asked.holds(**atom)).map(|(_, counts)| counts[which]).sum()
    };
    let mut known = Known::default();
    let mut learn = |asked: &Asked, told: Option<u64>| {
        let Some(told) = told else { return };
        assert_eq!(told, count(asked), "{asked:?}");
        if told > 0 {
            known.learn(sum(asked));
            return;
        }
        // Where there are none there are none of each.
        for at in (0..atoms.len()).filter(|&at| asked.holds(atoms[at])) {
            known.learn((0..atoms.len()).map(|other| u64::from(other == at)).collect());
        }
    };
    let all: Vec<Uuid> = registry.kinds.iter().flat_map(|kind| &kind.products).copied().collect();
    let (mut large, mut told_of_large) = (0.0, 0.0);
    for asked in everything() {
        let question = asked.question(registry);
        let answer = CohortAnswer::of(&registry.snapshot, &question, FIVE);
        let told = [answer.n, answer.revised][which];
        if count(&asked) >= FIVE.least {
            large += 1.0;
            told_of_large += f64::from(u8::from(told.is_some()));
        }
        learn(&asked, told);
        // Leagues of the old and of one sex are as those of all.
        for by in [By::Device, By::Site].into_iter().filter(|_| !asked.old && asked.sex.is_none()) {
            for row in League::of(&registry.snapshot, &question, by, FIVE).rows {
                let one = match by {
                    By::Device => {
                        let product = all.iter().position(|id| id.to_string() == row.key);
                        Asked { products: product.map(|product| vec![product]), ..asked.clone() }
                    }
                    _ => Asked {
                        sites: SITES.iter().position(|site| *site == row.key).into_iter().collect(),
                        ..asked.clone()
                    },
                };
                learn(&one, [row.n, row.revised][which]);
            }
        }
    }
    let small = everything().into_iter().filter(|asked| !FIVE.tells(count(asked)));
    (small.filter(|asked| known.follows(sum(asked))).collect(), told_of_large / large)
}

#[test]
fn nothing_small_follows_from_everything_that_is_told() {
    let registry = Registry::of(700, 2);
    for which in [0, 1] {
        let (leaks, told) = leaks(&registry, which);
        println!("count {which}: {} leaks, {:.0} % of large counts are told", leaks.len(), 100.0 * told);
        assert!(leaks.is_empty(), "count {which}: {leaks:?}");
        assert!(told > 0.1, "count {which}: {told}");
    }
}
