//! Harrell's C: how often the model ranks two implants as their failures came, with an error by the infinitesimal jackknife.
//!
//! Harrell et al. 1982 (JAMA 247:2543); the error as in R's `concordance`. A pair counts where one had the event while the other was
//! still at risk; equal predictions count half; two events at one time do not count. One pass with a tree of sums, n·log n.

use std::collections::BTreeMap;

use super::Design;

/// C with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Concordance {
    /// The share of pairs in the right order.
    pub c: f64,
    /// Its standard error.
    pub se: f64,
}

/// Of a linear predictor: the higher, the sooner the event is expected.
pub fn concordance(design: &Design, beta: &[f64]) -> Concordance {
    let eta = design.eta(beta);
    let mut levels = eta.clone();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let level: Vec<usize> = eta.iter().map(|eta| levels.partition_point(|l| l < eta)).collect();
    let mut tally = Tally::new(levels.len(), eta.len());
    let subjects = design.subjects();
    let mut entries: Vec<usize> = (0..eta.len()).filter(|&row| subjects[row].entry > f64::NEG_INFINITY).collect();
    entries.sort_by(|&a, &b| {
        let (a, b) = (&subjects[a], &subjects[b]);
        a.stratum.cmp(&b.stratum).then(b.entry.total_cmp(&a.entry))
    });
    let mut entries = entries.into_iter().peekable();
    let mut stratum = None;
    for rows in design.times() {
        let first = subjects[rows[0]];
        if stratum != Some(first.stratum) {
            stratum = Some(first.stratum);
            tally.all_leave();
            while entries.next_if(|&row| subjects[row].stratum < first.stratum).is_some() {}
        }
        let (events, others): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&row| subjects[row].event);
        for row in others {
            tally.enter(row, level[row]);
        }
        let not_yet = |row: usize| subjects[row].stratum == first.stratum && subjects[row].entry >= first.time;
        while let Some(row) = entries.next_if(|&row| not_yet(row)) {
            tally.leave(row, level[row]);
        }
        tally.events(&events, &level);
        // Those with an event were at risk for the events before.
        for row in events {
            tally.enter(row, level[row]);
        }
    }
    tally.all_leave();
    tally.result(design)
}

/// Who is at risk by level of the predictor, and what every pair so far adds to each row.
struct Tally {
    /// Rows at risk below and at each level.
    at_risk: Tree,
    /// Events so far by level: a row's pairs with events are those that came while it was at risk.
    events: Tree,
    inside: Vec<Option<(usize, [f64; 2])>>,
    /// Right and wrong order, per row.
    pairs: Vec<[f64; 2]>,
    total: [f64; 2],
}

impl Tally {
    fn new(levels: usize, rows: usize) -> Self {
        Self {
            at_risk: Tree::new(levels),
            events: Tree::new(levels),
            inside: vec![None; rows],
            pairs: vec![[0.0; 2]; rows],
            total: [0.0; 2],
        }
    }

    /// Half of the ties are right, half are wrong.
    fn split(below: f64, same: f64, above: f64) -> [f64; 2] {
        [above + same / 2.0, below + same / 2.0]
    }

    fn enter(&mut self, row: usize, level: usize) {
        self.at_risk.add(level, 1.0);
        let (below, same, above) = self.events.around(level);
        self.inside[row] = Some((level, Self::split(below, same, above)));
    }

    fn leave(&mut self, row: usize, level: usize) {
        if self.inside[row].take().is_some_and(|(_, before)| {
            let (below, same, above) = self.events.around(level);
            let now = Self::split(below, same, above);
            self.pairs[row][0] += now[0] - before[0];
            self.pairs[row][1] += now[1] - before[1];
            true
        }) {
            self.at_risk.add(level, -1.0);
        }
    }

    fn all_leave(&mut self) {
        for row in 0..self.inside.len() {
            if let Some((level, _)) = self.inside[row] {
                self.leave(row, level);
            }
        }
        self.events.clear();
    }

    fn events(&mut self, rows: &[usize], level: &[usize]) {
        for &row in rows {
            // The event is right above those who go on without one.
            let (below, same, above) = self.at_risk.around(level[row]);
            let [wrong, right] = Self::split(below, same, above);
            self.pairs[row][0] += right;
            self.pairs[row][1] += wrong;
            self.total[0] += right;
            self.total[1] += wrong;
        }
        for &row in rows {
            self.events.add(level[row], 1.0);
        }
    }

    /// Rows of one cluster move together.
    fn result(&self, design: &Design) -> Concordance {
        let all = self.total[0] + self.total[1];
        let c = self.total[0] / all;
        let mut influence: BTreeMap<(bool, usize), f64> = BTreeMap::new();
        for ((row, [right, wrong]), subject) in self.pairs.iter().enumerate().zip(design.subjects()) {
            let key = subject.cluster.map_or((false, row), |cluster| (true, cluster));
            *influence.entry(key).or_default() += (right - c * (right + wrong)) / all;
        }
        Concordance { c, se: influence.values().map(|d| d * d).sum::<f64>().sqrt() }
    }
}

/// Sums below any level in logarithmic time (Fenwick 1994).
struct Tree {
    sums: Vec<f64>,
    all: f64,
}

impl Tree {
    fn new(levels: usize) -> Self {
        Self { sums: vec![0.0; levels + 1], all: 0.0 }
    }

    fn clear(&mut self) {
        self.sums.fill(0.0);
        self.all = 0.0;
    }

    fn add(&mut self, level: usize, value: f64) {
        self.all += value;
        let mut at = level + 1;
        while at < self.sums.len() {
            self.sums[at] += value;
            at += at & at.wrapping_neg();
        }
    }

    /// The sum of the first `levels` levels.
    fn first(&self, levels: usize) -> f64 {
        let (mut at, mut sum) = (levels, 0.0);
        while at > 0 {
            sum += self.sums[at];
            at &= at - 1;
        }
        sum
    }

    /// Below, at and above a level.
    fn around(&self, level: usize) -> (f64, f64, f64) {
        let (below, with) = (self.first(level), self.first(level + 1));
        (below, with - below, self.all - with)
    }
}
