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

use super::Sight;
pub use axis::{Axis, Tree};
pub use told::{Counts, Told};

mod axis;
mod told;

/// Corners of the largest table that is judged; of a larger one nothing is told.
const MOST_CORNERS: usize = 2_000_000;

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
