//! Counts over several axes at once (devices, sites, sexes), and which of them may be told so that no small one follows by adding and
//! subtracting others.
//!
//! The values of each axis stand in a [`Tree`] that joins the two smallest first, so that small ones stand beside small ones. A block is a
//! node of the trees of one or more axes; its corners are the counts of one branch of each of these nodes. A block with a small corner is
//! closed: whatever tells the branches of all its nodes apart is kept back.
//!
//! That is enough: move one person each from the corners of odd parity to those of even parity, and of all that is told nothing changes,
//! for it holds both branches of one of the nodes or neither. So nothing that is told, however it is added up, says how large a corner is.
//! From an empty corner nobody can be moved: a closed block that has one of each parity closes those above it, until one has not.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::Sight;
use crate::analysis::cohort::Tally;

/// Corners of the largest table that is judged; of a larger one nothing is told.
const MOST_CORNERS: usize = 2_000_000;

/// A branch of a node: the node, and which of its two branches.
type Branch = (usize, usize);

/// The values of an axis, joined two by two.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The branches in which each value is.
    paths: Vec<Vec<Branch>>,
    nodes: usize,
}

impl Tree {
    /// Of the totals of the values; those of a group are joined with each other before the groups are.
    pub fn of(groups: &[Vec<u64>]) -> Self {
        Self::nested(&[groups.to_vec()])
    }

    /// Of groups that are grouped themselves.
    pub fn nested(groups: &[Vec<Vec<u64>>]) -> Self {
        let mut tree = Self { paths: vec![Vec::new(); groups.iter().flatten().map(Vec::len).sum()], nodes: 0 };
        let mut values = 0..;
        let mut tops = Vec::new();
        for group in groups {
            let mut inner = Vec::new();
            for totals in group {
                let parts = totals.iter().zip(&mut values).map(|(&total, value)| (total, vec![value]));
                inner.extend(tree.join(parts.collect()));
            }
            tops.extend(tree.join(inner));
        }
        tree.join(tops);
        tree
    }

    /// Joins the two smallest until one is left.
    fn join(&mut self, parts: Vec<(u64, Vec<usize>)>) -> Option<(u64, Vec<usize>)> {
        let mut parts: BinaryHeap<_> = parts.into_iter().map(Reverse).collect();
        while let Some(Reverse((total, mut values))) = parts.pop() {
            let Some(Reverse((more, others))) = parts.pop() else { return Some((total, values)) };
            for (branch, part) in [&values, &others].into_iter().enumerate() {
                for &value in part {
                    self.paths[value].push((self.nodes, branch));
                }
            }
            self.nodes += 1;
            values.extend(others);
            parts.push(Reverse((total + more, values)));
        }
        None
    }
}

/// An axis of a table: values that it does not tell apart are one class.
#[derive(Clone, Debug)]
pub struct Axis {
    class: Vec<usize>,
    branches: Vec<Vec<Branch>>,
    nodes: usize,
    /// The nodes that every question splits, all choosing the same values; none where each chooses one value, or all.
    split: Option<Vec<usize>>,
}

impl Axis {
    /// Each question chooses one value, or all.
    pub fn each(tree: &Tree) -> Self {
        Self { class: (0..tree.paths.len()).collect(), branches: tree.paths.clone(), nodes: tree.nodes, split: None }
    }

    /// Every question chooses the same values.
    pub fn choice(tree: &Tree, chosen: impl Fn(usize) -> bool) -> Self {
        let mut of_node = vec![[false; 2]; tree.nodes];
        for (value, path) in tree.paths.iter().enumerate() {
            for &(node, _) in path {
                of_node[node][usize::from(chosen(value))] = true;
            }
        }
        let split = (0..tree.nodes).filter(|&node| of_node[node] == [true, true]).collect();
        Self { split: Some(split), ..Self::each(tree) }
    }

    /// The same without the nodes that a choice does not split.
    fn narrowed(self) -> Self {
        let Some(split) = &self.split else { return self };
        let place = |&(node, branch): &Branch| split.binary_search(&node).ok().map(|place| (place, branch));
        let mut classes: BTreeMap<Vec<Branch>, usize> = BTreeMap::new();
        let class = (self.branches.iter())
            .map(|path| {
                let next = classes.len();
                *classes.entry(path.iter().filter_map(place).collect()).or_insert(next)
            })
            .collect();
        let mut branches = vec![Vec::new(); classes.len()];
        for (of_class, class) in classes {
            branches[class] = of_class;
        }
        Self { class, branches, nodes: split.len(), split: Some((0..split.len()).collect()) }
    }

    /// Every question chooses value 0 and not value 1: a range, which no tree of values knows.
    pub fn in_or_out() -> Self {
        Self::choice(&Tree::of(&[vec![0, 0]]), |value| value == 0)
    }

    /// Nowhere, or in one branch of a node.
    fn states(&self) -> usize {
        2 * self.nodes + 1
    }

    /// For each node the one above it.
    fn above(&self) -> Vec<Option<usize>> {
        let mut above = vec![None; self.nodes];
        for path in &self.branches {
            path.windows(2).for_each(|pair| above[pair[0].0] = Some(pair[1].0));
        }
        above
    }
}

/// What is counted of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Implants.
    pub implants: u64,
    /// Those of them that were revised.
    pub revised: u64,
    /// Those that ended with their person's death.
    pub died: u64,
}

impl From<Tally> for Counts {
    fn from(Tally { implants, revised, died, .. }: Tally) -> Self {
        Self { implants, revised, died }
    }
}

impl Counts {
    /// Adds others.
    pub fn add(&mut self, more: Self) {
        self.implants += more.implants;
        self.revised += more.revised;
        self.died += more.died;
    }
}

/// What may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How many implants.
    pub implants: bool,
    /// How many were revised.
    pub revised: bool,
    /// How many ended with death.
    pub died: bool,
}

impl Told {
    /// Everything.
    pub const ALL: Self = Self { implants: true, revised: true, died: true };
    /// Nothing.
    pub const NONE: Self = Self { implants: false, revised: false, died: false };

    /// Of a corner: where there is nobody to be moved.
    fn empty(Counts { implants, revised, died }: Counts) -> Self {
        Self { implants: implants == 0, revised: revised == 0, died: died == 0 }
    }

    /// What either has.
    fn or(self, other: Self) -> Self {
        Self {
            implants: self.implants || other.implants,
            revised: self.revised || other.revised,
            died: self.died || other.died,
        }
    }

    /// Of a corner: neither a count nor what it leaves of another that is told is small.
    fn of(corner: Counts, sight: Sight) -> Self {
        let Counts { implants, revised, died } = corner;
        let not_revised = implants.saturating_sub(revised);
        let leaves = |rest: u64| !sight.tells(implants) || sight.tells(rest);
        Self {
            implants: sight.tells(implants),
            revised: sight.tells(revised) && leaves(not_revised),
            died: sight.tells(died) && leaves(not_revised.saturating_sub(died)),
        }
    }

    /// What both may tell.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            implants: self.implants && other.implants,
            revised: self.revised && other.revised,
            died: self.died && other.died,
        }
    }
}

/// A table as it is counted.
#[derive(Clone, Debug)]
pub struct Crossing {
    axes: Vec<Axis>,
    cells: Vec<Counts>,
}

impl Crossing {
    /// An empty one; none where it would be too large even without what no question splits.
    pub fn of(axes: Vec<Axis>) -> Option<Self> {
        let states = |axes: &[Axis]| axes.iter().map(Axis::states).try_fold(1_usize, usize::checked_mul);
        let fits = |axes: &[Axis]| states(axes).is_some_and(|states| states <= MOST_CORNERS);
        let axes = if fits(&axes) { axes } else { axes.into_iter().map(Axis::narrowed).collect() };
        let cells = axes.iter().map(|axis| axis.branches.len()).product();
        fits(&axes).then(|| Self { cells: vec![Counts::default(); cells], axes })
    }

    /// The class of a value of one of the axes.
    pub fn class(&self, axis: usize, value: usize) -> usize {
        self.axes[axis].class[value]
    }

    /// Adds what has these values, one for each axis.
    pub fn add(&mut self, values: &[usize], counts: Counts) {
        let place = self
            .axes
            .iter()
            .zip(values)
            .fold(0, |place, (axis, &value)| place * axis.branches.len() + axis.class[value]);
        self.cells[place].add(counts);
    }

    /// Which blocks are closed.
    pub fn judged(self, sight: Sight) -> Judged {
        let Self { axes, cells } = self;
        let mut corners = vec![Counts::default(); axes.iter().map(Axis::states).product()];
        for (place, &counts) in cells.iter().enumerate().filter(|(_, counts)| **counts != Counts::default()) {
            let mut rest = place;
            let mut classes = vec![0; axes.len()];
            for (class, axis) in classes.iter_mut().zip(&axes).rev() {
                (*class, rest) = (rest % axis.branches.len(), rest / axis.branches.len());
            }
            let states = axes.iter().zip(&classes).map(|(axis, &class)| {
                let branches = axis.branches[class].iter().map(|&(node, branch)| 1 + 2 * node + branch);
                (axis.states(), std::iter::once(0).chain(branches).collect())
            });
            for place in places(states) {
                corners[place].add(counts);
            }
        }
        let mut blocks = vec![Block::default(); axes.iter().map(|axis| axis.nodes + 1).product()];
        for (place, &corner) in corners.iter().enumerate() {
            let (mut rest, mut block, mut stride, mut parity) = (place, 0, 1, 0);
            for axis in axes.iter().rev() {
                let state = rest % axis.states();
                block += stride * state.div_ceil(2);
                parity ^= usize::from(state > 0 && state.is_multiple_of(2));
                (rest, stride) = (rest / axis.states(), stride * (axis.nodes + 1));
            }
            let Block { told, empty } = &mut blocks[block];
            *told = told.and(Told::of(corner, sight));
            empty[parity] = empty[parity].or(Told::empty(corner));
        }
        let blocks = closed_upwards(blocks, &axes);
        Judged { axes, blocks }
    }
}

/// A block as it is judged.
#[derive(Clone, Copy, Debug)]
struct Block {
    told: Told,
    /// Of which counts a corner of even parity is empty, and of which one of odd parity.
    empty: [Told; 2],
}

impl Default for Block {
    fn default() -> Self {
        Self { told: Told::ALL, empty: [Told::NONE; 2] }
    }
}

impl Block {
    /// What it leaves to be told by the blocks above it.
    fn leaves(self) -> Told {
        let of = |count: fn(Told) -> bool| count(self.told) || !self.empty.into_iter().all(count);
        Told { implants: of(|told| told.implants), revised: of(|told| told.revised), died: of(|told| told.died) }
    }
}

/// What may be told of blocks once they have closed those above them.
fn closed_upwards(mut blocks: Vec<Block>, axes: &[Axis]) -> Vec<Told> {
    let above: Vec<Vec<Option<usize>>> = axes.iter().map(Axis::above).collect();
    let mut next: Vec<usize> = (0..blocks.len()).collect();
    while let Some(block) = next.pop() {
        let leaves = blocks[block].leaves();
        if leaves == Told::ALL {
            continue;
        }
        let (mut rest, mut stride) = (block, 1);
        for (axis, above) in axes.iter().zip(&above).rev() {
            let node = (rest % (axis.nodes + 1)).checked_sub(1);
            if let Some((node, above)) = node.and_then(|node| Some((node, above[node]?))) {
                let upper = block + stride * above - stride * node;
                let before = blocks[upper].told;
                blocks[upper].told = before.and(leaves);
                if blocks[upper].told != before {
                    next.push(upper);
                }
            }
            (rest, stride) = (rest / (axis.nodes + 1), stride * (axis.nodes + 1));
        }
    }
    blocks.into_iter().map(|block| block.told).collect()
}

/// The places in a table of several axes where each axis has any of some numbers: for each axis how many there are, and which.
fn places(axes: impl Iterator<Item = (usize, Vec<usize>)>) -> Vec<usize> {
    axes.fold(vec![0], |places, (many, some)| {
        places.iter().flat_map(|place| some.iter().map(move |one| place * many + one)).collect()
    })
}

/// A table of which it is known what may be told.
#[derive(Clone, Debug)]
pub struct Judged {
    axes: Vec<Axis>,
    blocks: Vec<Told>,
}

impl Judged {
    /// What may be told of one value of each axis that has each, or of all of them.
    pub fn tells(&self, values: &[Option<usize>]) -> Told {
        let nodes = self.axes.iter().zip(values).map(|(axis, value)| {
            let split: Vec<usize> = match (&axis.split, value) {
                (Some(split), _) => split.iter().map(|node| node + 1).collect(),
                (None, Some(value)) => axis.branches[axis.class[*value]].iter().map(|(node, _)| node + 1).collect(),
                (None, None) => Vec::new(),
            };
            (axis.nodes + 1, std::iter::once(0).chain(split).collect())
        });
        places(nodes).into_iter().fold(Told::ALL, |told, block| told.and(self.blocks[block]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Sight = Sight { least: 5 };

    fn implants(implants: u64) -> Counts {
        Counts { implants, ..Counts::default() }
    }

    /// Which single values of one axis are told.
    fn row(counts: &[u64]) -> Vec<bool> {
        let mut crossing = Crossing::of(vec![Axis::each(&Tree::of(&[counts.to_vec()]))]).unwrap();
        counts.iter().enumerate().for_each(|(value, &count)| crossing.add(&[value], implants(count)));
        let judged = crossing.judged(FIVE);
        (0..counts.len()).map(|value| judged.tells(&[Some(value)]).implants).collect()
    }

    #[test]
    fn along_one_axis_the_smallest_keep_each_other_back() {
        assert_eq!(row(&[100, 40, 0, 12]), [true; 4], "nothing is small");
        assert_eq!(row(&[100, 3, 40, 12]), [true, false, true, false], "3 would follow from the sum");
        assert_eq!(row(&[100, 1, 2, 30]), [true, false, false, false], "the two alone would be 3");
        assert_eq!(row(&[3, 100]), [false, false]);
        assert_eq!(row(&[3]), [false]);
    }

    #[test]
    fn what_is_kept_back_in_a_row_does_not_follow_from_the_columns() {
        let table = [[3, 40, 60], [30, 50, 70], [40, 70, 90]];
        let sites = Tree::of(&[table.iter().map(|row| row.iter().sum()).collect()]);
        let devices = Tree::of(&[(0..3).map(|at| table.iter().map(|row| row[at]).sum()).collect()]);
        let mut crossing = Crossing::of(vec![Axis::each(&sites), Axis::each(&devices)]).unwrap();
        for (site, row) in table.iter().enumerate() {
            row.iter().enumerate().for_each(|(device, &count)| crossing.add(&[site, device], implants(count)));
        }
        let judged = crossing.judged(FIVE);
        let told = |site, device| judged.tells(&[site, device]).implants;
        for at in 0..3 {
            assert!(told(Some(at), None) && told(None, Some(at)), "the margins are large");
            assert!(told(Some(2), Some(at)) && told(Some(at), Some(2)), "the largest stand apart");
        }
        assert!([(0, 0), (0, 1), (1, 0), (1, 1)].iter().all(|&(site, device)| !told(Some(site), Some(device))));
    }

    #[test]
    fn a_choice_closes_what_it_splits() {
        let tree = Tree::of(&[vec![3, 20], vec![50, 60]]);
        let told = |chosen: &[usize]| {
            let mut crossing = Crossing::of(vec![Axis::choice(&tree, |value| chosen.contains(&value))]).unwrap();
            [3, 20, 50, 60].into_iter().enumerate().for_each(|(value, count)| crossing.add(&[value], implants(count)));
            crossing.judged(FIVE).tells(&[None]).implants
        };
        assert!(told(&[0, 1]) && told(&[2]) && told(&[0, 1, 2]));
        assert!(!told(&[0]) && !told(&[1]) && !told(&[1, 2, 3]), "three would be left");
        let mut range = Crossing::of(vec![Axis::in_or_out()]).unwrap();
        range.add(&[0], implants(97));
        range.add(&[1], implants(3));
        assert!(!range.judged(FIVE).tells(&[None]).implants);
    }
}
