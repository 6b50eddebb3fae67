//! The values of an axis, joined two by two into a tree.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

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
    pub(super) class: Vec<usize>,
    pub(super) branches: Vec<Vec<Branch>>,
    pub(super) nodes: usize,
    /// The nodes that every question splits, all choosing the same values; none where each chooses one value, or all.
    pub(super) split: Option<Vec<usize>>,
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
    pub(super) fn narrowed(self) -> Self {
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
    pub(super) fn states(&self) -> usize {
        2 * self.nodes + 1
    }

    /// For each node the one above it.
    pub(super) fn above(&self) -> Vec<Option<usize>> {
        let mut above = vec![None; self.nodes];
        for path in &self.branches {
            path.windows(2).for_each(|pair| above[pair[0].0] = Some(pair[1].0));
        }
        above
    }
}
