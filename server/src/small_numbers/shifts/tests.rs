//! Somebody who is told every count that may be told takes them from each other in every way there is.

use proptest::prelude::*;

use super::*;

const LEAST: u64 = 5;

/// Remainders by this prime stand for numbers: what follows from others follows there too.
const PRIME: u64 = 2_147_483_647;

/// What follows from some sums of the same unknowns, by elimination.
#[derive(Default)]
struct Known(Vec<(usize, Vec<u64>)>);

impl Known {
    fn reduced(&self, mut sum: Vec<u64>) -> Vec<u64> {
        for (pivot, row) in &self.0 {
            let times = sum[*pivot];
            if times != 0 {
                sum.iter_mut().zip(row).for_each(|(x, y)| *x = (*x + (PRIME - times) * y) % PRIME);
            }
        }
        sum
    }

    fn learn(&mut self, sum: Vec<u64>) {
        let rest = self.reduced(sum);
        if let Some(pivot) = rest.iter().position(|&x| x != 0) {
            let inverse = power(rest[pivot], PRIME - 2);
            self.0.push((pivot, rest.iter().map(|x| x * inverse % PRIME).collect()));
        }
    }

    fn follows(&self, sum: Vec<u64>) -> bool {
        self.reduced(sum).iter().all(|&x| x == 0)
    }
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut out = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            out = out * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    out
}

/// Every set of levels of an axis, and none for all of them.
fn choices(levels: u32) -> Vec<Option<BTreeSet<u32>>> {
    let set = |bits: u32| (0..levels).filter(|level| bits >> level & 1 == 1).collect();
    std::iter::once(None).chain((1..1_u32 << levels).map(|bits| Some(set(bits)))).collect()
}

/// Every part of a table of three axes.
fn parts(levels: [u32; 3]) -> Vec<[Option<BTreeSet<u32>>; 3]> {
    let [first, second, third] = levels.map(choices);
    let mut out = Vec::new();
    for a in &first {
        for b in &second {
            out.extend(third.iter().map(|c| [a.clone(), b.clone(), c.clone()]));
        }
    }
    out
}

fn places(levels: [u32; 3]) -> Vec<Place> {
    let mut places = Vec::new();
    for a in 0..levels[0] {
        for b in 0..levels[1] {
            places.extend((0..levels[2]).map(|c| [a, b, c, SUM, SUM, SUM, SUM]));
        }
    }
    places
}

fn is_in(part: &[Option<BTreeSet<u32>>; 3], place: &Place) -> bool {
    part.iter().zip(place).all(|(levels, level)| levels.as_ref().is_none_or(|levels| levels.contains(level)))
}

/// How many parts are told, and the small ones that follow from them.
fn attacked(counts: &[u64], levels: [u32; 3]) -> (usize, Vec<String>) {
    let places = places(levels);
    let cells: BTreeMap<Place, u64> = places.iter().copied().zip(counts.iter().copied()).collect();
    let shifts = Shifts::of(&cells, 3, LEAST, &|_, _, _| true);
    let (mut known, mut told) = (Known::default(), 0);
    let sum = |part: &_| places.iter().map(|place| u64::from(is_in(part, place))).collect::<Vec<_>>();
    let count = |part: &_| cells.iter().filter(|(place, _)| is_in(part, place)).map(|(_, n)| n).sum::<u64>();
    for part in parts(levels) {
        let bounds: Vec<Option<&BTreeSet<u32>>> = part.iter().map(Option::as_ref).collect();
        if shifts.leave(&bounds) {
            told += 1;
            known.learn(sum(&part));
        }
    }
    let small = |part: &[Option<BTreeSet<u32>>; 3]| (1..LEAST).contains(&count(part));
    let found = parts(levels).into_iter().filter(small).filter(|part| known.follows(sum(part)));
    (told, found.map(|part| format!("{part:?}")).collect())
}

#[test]
fn a_third_part_does_not_follow_from_two_and_the_whole() {
    let cells: BTreeMap<Place, u64> =
        [(0, 60), (1, 37), (2, 3)].map(|(level, n)| ([level, SUM, SUM, SUM, SUM, SUM, SUM], n)).into();
    let shifts = Shifts::of(&cells, 1, LEAST, &|_, _, _| true);
    let told = |levels: &[u32]| shifts.leave(&[Some(&levels.iter().copied().collect())]);
    assert!(shifts.leave(&[None]) && told(&[0]) && told(&[1, 2]));
    assert!(!told(&[1]) && !told(&[2]) && !told(&[0, 1]) && !told(&[0, 2]));
}

#[test]
fn nor_from_the_parts_of_another_axis() {
    // Men at the other site and all men would tell the men here, and they with the women and the whole here the three others.
    let (told, found) = attacked(&[60, 50, 37, 40, 3, 10], [3, 2, 1]);
    assert_eq!(found, Vec::<String>::new());
    assert!(told > 6, "{told} parts are told");
}

#[test]
fn a_kind_is_told_though_one_of_its_devices_is_not() {
    let counts = [(0, 40), (1, 3), (2, 30), (3, 9), (4, 70)];
    let cells: BTreeMap<Place, u64> = counts.map(|(level, n)| ([level, SUM, SUM, SUM, SUM, SUM, SUM], n)).into();
    let shifts = Shifts::of(&cells, 1, LEAST, &|_, one, other| (one < 3) == (other < 3));
    let told = |levels: &[u32]| shifts.leave(&[Some(&levels.iter().copied().collect())]);
    assert!(told(&[0, 1, 2]) && told(&[3, 4]) && told(&[3]), "9 would be the nearest, but is of another kind");
    assert!(!told(&[1]) && !told(&[2]) && !told(&[0, 2]));
}

#[test]
fn what_cannot_be_protected_is_not_told() {
    let (told, found) = attacked(&[2, 1], [2, 1, 1]);
    assert_eq!((told, found.len()), (0, 0), "three people are too few, however they are cut");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Counts of any size, with and without cells that hold nobody.
    #[test]
    fn no_small_part_follows(counts in proptest::collection::vec(prop_oneof![1 => Just(0_u64), 3 => 1_u64..6, 8 => 5_u64..90], 18)) {
        let (_, found) = attacked(&counts, [3, 3, 2]);
        prop_assert_eq!(found, Vec::<String>::new());
    }
}

#[test]
fn most_of_a_large_table_is_told() {
    let counts: Vec<u64> = (0..18).map(|at| if at == 7 { 2 } else { 30 + at }).collect();
    let (told, found) = attacked(&counts, [3, 3, 2]);
    assert_eq!(found, Vec::<String>::new());
    assert!(told > 80, "{told} of {} parts are told", parts([3, 3, 2]).len());
}
