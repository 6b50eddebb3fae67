//! Steps to coordinates.

use std::fmt::Write as _;

use super::text::tenth;
use super::{DAYS_PER_YEAR, HEIGHT, LEFT, Limits, RIGHT, TOP, WIDTH};
use crate::analysis::survival::Curve;

/// Steps smaller than this many pixels cannot be seen.
const SUB_PIXEL: f64 = 0.5;

/// The last day at which at least `stop_at` (and anyone) are at risk.
pub(super) fn last_day(curve: &Curve, limits: Limits) -> Option<f64> {
    let enough = |n: &u64| *n >= limits.stop_at.max(1);
    let row = curve.n_risk.iter().rposition(enough)?;
    Some(curve.time[row].min(limits.years * DAYS_PER_YEAR))
}

/// One level of the step function: from `year` on, in percent.
#[derive(Clone, Copy)]
struct Level {
    year: f64,
    percent: f64,
    lower: f64,
    upper: f64,
}

/// The part of a curve that is drawn.
pub(super) struct Steps {
    levels: Vec<Level>,
    /// Where the curve ends, in years.
    end: f64,
    /// From where on it is grey.
    grey_from: f64,
}

impl Steps {
    pub fn of(curve: &Curve, limits: Limits) -> Self {
        let end = last_day(curve, limits).unwrap_or(0.0) / DAYS_PER_YEAR;
        let many = curve.n_risk.iter().rposition(|&n| n >= limits.grey_at).map_or(0.0, |row| curve.time[row]);
        let mut levels = vec![Level { year: 0.0, percent: 0.0, lower: 0.0, upper: 0.0 }];
        if end <= 0.0 {
            levels.clear();
        }
        for row in 0..curve.time.len() {
            let year = curve.time[row] / DAYS_PER_YEAR;
            if year > end || curve.n_event[row] == 0 {
                continue;
            }
            let percent = 100.0 * (1.0 - curve.surv[row]);
            let or_itself = |limit: f64| if limit.is_nan() { percent } else { 100.0 * (1.0 - limit) };
            levels.push(Level {
                year,
                percent,
                lower: or_itself(curve.upper[row]),
                upper: or_itself(curve.lower[row]),
            });
        }
        Self { levels, end, grey_from: (many / DAYS_PER_YEAR).min(end) }
    }

    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    pub fn ends_grey(&self) -> bool {
        self.grey_from < self.end
    }

    /// Where the curve ends on the picture, and its percent there.
    pub fn end(&self, frame: &Frame) -> Option<(f64, f64, f64)> {
        let last = self.levels.last()?;
        Some((frame.x(self.end), frame.y(last.percent), last.percent))
    }

    /// The part with many at risk.
    pub fn sure(&self, frame: &Frame) -> String {
        self.line(frame, 0.0, self.grey_from, |level| level.percent)
    }

    /// The part with few.
    pub fn grey(&self, frame: &Frame) -> String {
        self.line(frame, self.grey_from, self.end, |level| level.percent)
    }

    /// The outline of the interval: along its upper limit and back along its lower.
    pub fn band(&self, frame: &Frame) -> String {
        let there = self.points(frame, 0.0, self.end, |level| level.upper);
        let mut back = self.points(frame, 0.0, self.end, |level| level.lower);
        back.reverse();
        let mut path = draw(&there);
        if !path.is_empty() {
            for (x, y) in back {
                let _ = write!(path, "L{} {}", tenth(x), tenth(y));
            }
            path.push('z');
        }
        path
    }

    fn line(&self, frame: &Frame, from: f64, to: f64, value: impl Fn(&Level) -> f64) -> String {
        if from >= to { String::new() } else { draw(&self.points(frame, from, to, value)) }
    }

    /// The corners of the steps between two times. Steps too small to be seen are drawn with the next.
    fn points(&self, frame: &Frame, from: f64, to: f64, value: impl Fn(&Level) -> f64) -> Vec<(f64, f64)> {
        let inside = self.levels.partition_point(|level| level.year <= from);
        let Some(first) = inside.checked_sub(1).map(|i| self.levels[i]) else { return Vec::new() };
        let mut y = frame.y(value(&first));
        let mut points = vec![(frame.x(from), y)];
        let until = self.levels.partition_point(|level| level.year <= to);
        for (i, level) in self.levels[inside..until].iter().enumerate() {
            let (x, next) = (frame.x(level.year), frame.y(value(level)));
            let last = inside + i + 1 == until;
            let near = x - points[points.len() - 1].0 < SUB_PIXEL || (next - y).abs() < SUB_PIXEL;
            if near && !last {
                continue;
            }
            points.push((x, y));
            points.push((x, next));
            y = next;
        }
        points.push((frame.x(to), y));
        points
    }
}

fn draw(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    let mut at = ("", String::new(), String::new());
    for (x, y) in points.iter().map(|&(x, y)| (tenth(x), tenth(y))) {
        match &at {
            ("", ..) => {
                let _ = write!(path, "M{x} {y}");
            }
            (_, old_x, old_y) if *old_x == x && *old_y == y => continue,
            (_, _, old_y) if *old_y == y => {
                let _ = write!(path, "H{x}");
            }
            (_, old_x, _) if *old_x == x => {
                let _ = write!(path, "V{y}");
            }
            _ => {
                let _ = write!(path, "L{x} {y}");
            }
        }
        at = ("on", x, y);
    }
    path
}

/// Which years and percents the axes show.
pub(super) struct Frame {
    years: f64,
    year_step: f64,
    percent: f64,
    percent_step: f64,
}

impl Frame {
    pub fn around(steps: &[&Steps]) -> Self {
        let end = steps.iter().map(|steps| steps.end).fold(0.0, f64::max);
        let years = if end <= 1.0 { 1.0 } else { end.ceil() };
        let year_step = step_for(years, 10.0, &[0.25, 0.5, 1.0, 2.0, 5.0]);
        let levels = || steps.iter().flat_map(|steps| &steps.levels);
        let highest = levels().map(|level| level.percent).fold(0.0, f64::max);
        let widest = levels().map(|level| level.upper).fold(0.0, f64::max);
        // A band that is wide because few are left must not press the curve to the floor: it is clipped.
        let percent = widest.min(2.5 * highest).max(1.15 * highest).max(1.0);
        let percent_step = step_for(percent, 6.0, &[0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        let whole = |range: f64, step: f64| (range / step - 1e-9).ceil() * step;
        Self {
            years: whole(years, year_step),
            year_step,
            percent: whole(percent, percent_step).min(100.0),
            percent_step,
        }
    }

    pub fn x(&self, year: f64) -> f64 {
        LEFT + year / self.years * (WIDTH - LEFT - RIGHT)
    }

    pub fn y(&self, percent: f64) -> f64 {
        TOP + HEIGHT - percent / self.percent * HEIGHT
    }

    pub fn middle(&self) -> f64 {
        self.x(self.years / 2.0)
    }

    pub fn years(&self) -> Vec<f64> {
        ticks(self.years, self.year_step)
    }

    pub fn percents(&self) -> Vec<f64> {
        ticks(self.percent, self.percent_step)
    }
}

/// The finest step that gives at most so many.
fn step_for(range: f64, most: f64, steps: &[f64]) -> f64 {
    steps.iter().copied().find(|step| range / step <= most + 1e-9).unwrap_or(steps[steps.len() - 1])
}

fn ticks(range: f64, step: f64) -> Vec<f64> {
    (0_u8..=100).map(|i| f64::from(i) * step).take_while(|tick| *tick <= range + 1e-9).collect()
}
