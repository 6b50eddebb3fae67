//! The grey of every module, and from it how surely each is light or dark.
//!
//! Thresholds are local: what light and dark modules nearby look like, told by an earlier decision. An equaliser then
//! undoes blur of any shape: it learns from modules whose colour is known or decided how a module's neighbours leak
//! into it.

use super::frame::Picture;
use super::glare::Glare;
use super::grid::{Grid, Map};
use super::plan::{Plan, dim};
use super::solve::solve;

/// Modules on a side of the neighbourhood that the equaliser weighs.
const TAPS: usize = 5;
const REACH: usize = TAPS / 2;

/// Modules to each side that local light and dark are taken from.
const AROUND: usize = 3;

/// Greys of the modules of one symbol, row by row.
#[derive(Clone, Debug)]
pub(super) struct Modules {
    pub(super) plan: Plan,
    pub(super) grey: Vec<f32>,
    /// How much of each is seen: little where a reflection lies on it or beside it.
    pub(super) seen: Vec<f32>,
}

/// Parts on a side whose light is compared, and how much lighter one of them is than another that lies in a shadow.
const PARTS: usize = 4;
const SHADOW: f32 = 1.5;

/// What a nearly closed module shows at least, as part of the contrast: less is noise.
const LEAST_SHOWN: f32 = 0.05;

/// What a module counts for that a reflection hides, and what one beside it.
const HIDDEN: f32 = 0.03;
const BESIDE: f32 = 0.2;

/// How light each module is: −1 dark, 1 light, beyond where it is more than that.
pub(super) type Soft = Vec<f32>;

impl Modules {
    /// Means over the inner part of each module; inverted symbols come out as if they were not.
    pub(super) fn sample(picture: &Picture, grid: &Grid, plan: Plan, inverted: bool, glare: Glare) -> Self {
        let (across, down) = grid.sides();
        let large = (across / dim(plan.columns)).max(down / dim(plan.rows)) > 6.0;
        let offsets: &[f32] = if large { &[-0.3, -0.15, 0.0, 0.15, 0.3] } else { &[-0.24, 0.0, 0.24] };
        let place = on(&grid.map(), plan.rows, plan.columns);
        Self::at(picture, plan, inverted, glare, offsets, place)
    }

    /// The greys in the very middle of each module.
    pub(super) fn middles(picture: &Picture, grid: &Grid, plan: Plan, inverted: bool, glare: Glare) -> Self {
        let place = on(&grid.map(), plan.rows, plan.columns);
        Self::at(picture, plan, inverted, glare, &[0.0], place)
    }

    /// Means of the greys so far across and down from the middle of each module, wherever a row's and a column's lies.
    pub(super) fn at(
        picture: &Picture,
        plan: Plan,
        inverted: bool,
        glare: Glare,
        offsets: &[f32],
        place: impl Fn(usize, usize, f32, f32) -> [f32; 2],
    ) -> Self {
        let mut grey = Vec::with_capacity(plan.known.len());
        for row in 0..plan.rows {
            for column in 0..plan.columns {
                let mut sum = 0.0;
                for dv in offsets {
                    for du in offsets {
                        let [x, y] = place(row, column, *du, *dv);
                        sum += picture.value(x, y);
                    }
                }
                let mean = sum / dim(offsets.len() * offsets.len());
                grey.push(if inverted { 255.0 - mean } else { mean });
            }
        }
        let seen = seen(plan.columns, &grey, glare);
        Self { plan, grey, seen }
    }

    /// What the finder pattern says of a module.
    pub(super) fn known(&self, at: usize) -> Option<bool> {
        self.plan.known[at]
    }

    /// The mean grey of the modules that are wanted, by their place in the plan; 0 where none is.
    pub(super) fn mean(&self, wanted: &dyn Fn(usize) -> bool) -> f32 {
        let greys = || (0..self.grey.len()).filter(|at| wanted(*at)).map(|at| self.grey[at]);
        greys().sum::<f32>() / dim(greys().count().max(1))
    }

    /// Softness by local light and dark, begun with one threshold for all.
    pub(super) fn soft(&self) -> Soft {
        let mut sorted = self.grey.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        let (low, high) = (sorted[sorted.len() / 10], sorted[sorted.len() * 9 / 10]);
        let half = ((high - low) / 2.0).max(0.5);
        let mut soft: Soft = self.grey.iter().map(|grey| (grey - low) / half - 1.0).collect();
        if self.is_in_shadow() {
            self.brighten(&mut soft);
        }
        for _ in 0..3 {
            let next = self.localised(&soft);
            // A round depends on decisions alone: where none changed, neither would the next round.
            let is_settled = next.iter().zip(&soft).all(|(after, before)| (*after > 0.0) == (*before > 0.0));
            soft = next;
            if is_settled {
                break;
            }
        }
        for (soft, seen) in soft.iter_mut().zip(&self.seen) {
            *soft *= seen;
        }
        soft
    }

    /// Softness where ink has nearly closed over light modules that stand alone (or dark ones are nearly lost): what shows
    /// any light in its middle is light. The alternating borders tell how much light a gap lets through that is closed from
    /// two sides; from four sides it lets through about the square.
    pub(super) fn closed(&self, has_spread: bool) -> Soft {
        let (rows, columns) = (self.plan.rows, self.plan.columns);
        // As if ink had spread, where it was lost.
        let greys: Vec<f32> = self.grey.iter().map(|grey| if has_spread { *grey } else { 255.0 - grey }).collect();
        let mut sorted = greys.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        let contrast = (sorted[sorted.len() * 19 / 20] - sorted[sorted.len() / 20]).max(1.0);
        let mut around = Vec::with_capacity((2 * AROUND + 1).pow(2));
        let mut shown = Vec::with_capacity(greys.len());
        for row in 0..rows {
            for column in 0..columns {
                sort_around(&greys, columns, [row, column], &mut around);
                shown.push((greys[row * columns + column] - around[around.len() / 8]) / contrast);
            }
        }
        let borders = (0..columns).chain((0..rows).map(|row| row * columns + columns - 1));
        let gaps: Vec<f32> = borders.filter(|at| self.known(*at) == Some(!has_spread)).map(|at| shown[at]).collect();
        let gap = gaps.iter().sum::<f32>() / dim(gaps.len().max(1));
        let least = (gap * gap / 2.0).clamp(LEAST_SHOWN, 0.5);
        let soft = shown.iter().map(|shown| (shown / least - 1.0).clamp(-1.0, 1.0));
        soft.zip(&self.seen).map(|(soft, seen)| if has_spread { soft * seen } else { -soft * seen }).collect()
    }

    /// Whether the lightest modules of some parts are darker by far than those of others.
    fn is_in_shadow(&self) -> bool {
        let (rows, columns) = (self.plan.rows, self.plan.columns);
        let mut lightest = [0.0_f32; PARTS * PARTS];
        for row in 0..rows {
            for (column, grey) in self.grey[row * columns..][..columns].iter().enumerate() {
                let part = &mut lightest[row * PARTS / rows * PARTS + column * PARTS / columns];
                *part = part.max(*grey);
            }
        }
        let least = lightest.iter().copied().fold(f32::INFINITY, f32::min);
        lightest.iter().any(|part| *part > SHADOW * least)
    }

    /// Begins with the proportion of each module to what is light and dark around it, which a shadow's edge leaves as it is
    /// on either side.
    fn brighten(&self, soft: &mut Soft) {
        let (rows, columns) = (self.plan.rows, self.plan.columns);
        let mut around = Vec::with_capacity((2 * AROUND + 1).pow(2));
        for row in 0..rows {
            for column in 0..columns {
                sort_around(&self.grey, columns, [row, column], &mut around);
                let (low, high) = (around[around.len() / 8].max(2.0), around[around.len() - 1 - around.len() / 8]);
                // Where all is alike, one colour fills the place.
                if high > 1.8 * low {
                    let grey = self.grey[row * columns + column].max(1.0);
                    soft[row * columns + column] = 2.0 * (grey / low).ln() / (high / low).ln() - 1.0;
                }
            }
        }
    }

    /// One round: local means of what is light and what is dark so far.
    fn localised(&self, soft: &Soft) -> Soft {
        let (rows, columns) = (self.plan.rows, self.plan.columns);
        let label = |at: usize| match self.known(at) {
            Some(dark) => !dark,
            None => soft[at] > 0.0,
        };
        let labels: Vec<bool> = (0..soft.len()).map(label).collect();
        let (mut all_light, mut all_dark) = ((0.0, 0.0), (0.0, 0.0));
        for ((grey, light), seen) in self.grey.iter().zip(&labels).zip(&self.seen) {
            let class = if *light { &mut all_light } else { &mut all_dark };
            *class = (class.0 + seen * grey, class.1 + seen);
        }
        let (light_mean, dark_mean) =
            (all_light.0 / f32::max(all_light.1, 1.0), all_dark.0 / f32::max(all_dark.1, 1.0));
        let mut out = Vec::with_capacity(soft.len());
        for row in 0..rows {
            for column in 0..columns {
                // One module of the general mean steadies a neighbourhood of one colour.
                let (mut light, mut dark) = ((light_mean, 1.0), (dark_mean, 1.0));
                for r in row.saturating_sub(AROUND)..(row + AROUND + 1).min(rows) {
                    for c in column.saturating_sub(AROUND)..(column + AROUND + 1).min(columns) {
                        let at = r * columns + c;
                        let weight =
                            self.seen[at] / (1.0 + dim(r.abs_diff(row).pow(2) + c.abs_diff(column).pow(2)) / 4.0);
                        let class = if labels[at] { &mut light } else { &mut dark };
                        *class = (class.0 + weight * self.grey[at], class.1 + weight);
                    }
                }
                let (light, dark) = (light.0 / light.1, dark.0 / dark.1);
                let half = ((light - dark) / 2.0).max(0.2 * (light_mean - dark_mean)).max(0.5);
                out.push((self.grey[row * columns + column] - f32::midpoint(light, dark)) / half);
            }
        }
        out
    }

    /// One round of the equaliser: learns from `soft` (and what is known), gives new softness.
    ///
    /// Ridge regression of decisions on the softness of a neighbourhood; `None` where the equations cannot be solved.
    pub(super) fn equalised(&self, input: &Soft, decided: &Soft) -> Option<Soft> {
        const N: usize = TAPS * TAPS + 1;
        let (rows, columns) = (self.plan.rows, self.plan.columns);
        let features = |row: usize, column: usize| -> [f32; N] {
            let mut out = [1.0; N];
            let mut next = 0;
            for r in 0..TAPS {
                for c in 0..TAPS {
                    let (r, c) = ((row + r).checked_sub(REACH), (column + c).checked_sub(REACH));
                    // Beyond the border lies the quiet zone.
                    out[next] = match (r, c) {
                        (Some(r), Some(c)) if r < rows && c < columns => input[r * columns + c].clamp(-2.0, 2.0),
                        _ => 1.0,
                    };
                    next += 1;
                }
            }
            out
        };
        let mut normal = [[0.0_f32; N]; N];
        let mut right = [0.0_f32; N];
        for row in 0..rows {
            for column in 0..columns {
                let at = row * columns + column;
                let (target, weight) = match self.known(at) {
                    Some(dark) => (if dark { -1.0 } else { 1.0 }, self.seen[at]),
                    None => (decided[at].signum(), decided[at].abs().min(1.0)),
                };
                if weight < 0.15 {
                    continue;
                }
                let f = features(row, column);
                for i in 0..N {
                    let wf = weight * f[i];
                    right[i] += wf * target;
                    for j in 0..=i {
                        normal[i][j] += wf * f[j];
                    }
                }
            }
        }
        let ridge = 0.02 * dim(rows * columns);
        for (i, row) in normal.iter_mut().enumerate() {
            row[i] += ridge;
        }
        // Towards taking each module as it is.
        right[N / 2 - 1 + N % 2] += ridge;
        let taps = solve(normal, right)?;
        let mut out = Vec::with_capacity(input.len());
        for row in 0..rows {
            for column in 0..columns {
                out.push(features(row, column).iter().zip(&taps).map(|(f, tap)| f * tap).sum());
            }
        }
        Some(out)
    }
}

/// The greys of a module and of those around it, the darkest first.
fn sort_around(greys: &[f32], columns: usize, [row, column]: [usize; 2], out: &mut Vec<f32>) {
    let near = |at: usize, count: usize| at.saturating_sub(AROUND)..(at + AROUND + 1).min(count);
    out.clear();
    for row in near(row, greys.len() / columns) {
        out.extend_from_slice(&greys[row * columns..][near(column, columns)]);
    }
    out.sort_unstable_by(f32::total_cmp);
}

/// Where modules lie on a grid.
fn on(map: &Map, rows: usize, columns: usize) -> impl Fn(usize, usize, f32, f32) -> [f32; 2] + use<> {
    let map = *map;
    let (rows, columns) = (dim(rows), dim(columns));
    move |row, column, du, dv| map.point((dim(column) + 0.5 + du) / columns, (dim(row) + 0.5 + dv) / rows)
}

/// How much of each module is seen. A reflection fades: beside what it hides, dark modules are lightened.
fn seen(columns: usize, grey: &[f32], glare: Glare) -> Vec<f32> {
    let hidden: Vec<bool> = grey.iter().map(|grey| glare.hides(*grey)).collect();
    if !hidden.contains(&true) {
        return vec![1.0; grey.len()];
    }
    let rows = grey.len() / columns.max(1);
    let near = |at: usize, count: usize| at.saturating_sub(1)..(at + 2).min(count);
    let beside = |at: usize| {
        let (row, column) = (at / columns, at % columns);
        near(row, rows).any(|r| near(column, columns).any(|c| hidden[r * columns + c]))
    };
    (0..grey.len())
        .map(|at| {
            if hidden[at] {
                HIDDEN
            } else if beside(at) {
                BESIDE
            } else {
                1.0
            }
        })
        .collect()
}

/// How much each module is to be trusted: its softness, less where one colour fills the surroundings (glare, a sticker,
/// a pen) or where it is lighter or darker than any module should be.
pub(super) fn trust(columns: usize, soft: &Soft) -> Vec<f32> {
    let rows = soft.len() / columns.max(1);
    let mut out = Vec::with_capacity(soft.len());
    for row in 0..rows {
        for column in 0..columns {
            let own = soft[row * columns + column];
            let (mut same, mut other) = (0_usize, 0_usize);
            for r in row.saturating_sub(2)..(row + 3).min(rows) {
                for c in column.saturating_sub(2)..(column + 3).min(columns) {
                    if (soft[r * columns + c] > 0.0) == (own > 0.0) {
                        same += 1;
                    } else {
                        other += 1;
                    }
                }
            }
            let mixed = (dim(other) / dim(same + other) / 0.2).min(1.0);
            let excess = (own.abs() - 1.5).clamp(0.0, 0.5);
            out.push((own.abs().min(1.0) - excess) * (0.1 + 0.9 * mixed));
        }
    }
    out
}
