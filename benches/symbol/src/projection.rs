//! From the flat label to the picture: where each pixel looks on the label, and how much ink it sees there.

use crate::dice::Dice;
use crate::label::Canvas;
use crate::scene::{Conditions, Placed};

/// Pixels of a cell that is looked at as a whole first.
const CELL: usize = 16;
/// Between a cell's corners the place on the label is interpolated where that errs by less than this part of a pixel.
const EXACT: f32 = 0.05;
/// Looks a pixel, along each side.
const SUB: usize = 3;

/// How the camera sees the label: tilted, turned, bent around a cylinder, and wrinkled.
pub struct View {
    /// The picture's middle, in pixels, as the hand missed it.
    middle: [f32; 2],
    /// The point of the label that lies there, in modules.
    centre: [f32; 2],
    module_px: f32,
    focal: f32,
    /// Sine and cosine of the turn, of the tilt, and of the direction of the axis of the tilt.
    turn: (f32, f32),
    tilt: (f32, f32),
    axis: (f32, f32),
    /// Middle and size of the first symbol, in modules: what bends is measured by it.
    focus: [f32; 2],
    size: [f32; 2],
    cylinder: Option<Cylinder>,
    wrinkle: f32,
    waves: Vec<Wave>,
}

struct Cylinder {
    radius: f32,
    horizontally: bool,
}

/// One fold of a crumpled foil.
struct Wave {
    frequency: [f32; 2],
    phase: f32,
    sign: f32,
}

impl View {
    pub fn new(first: Option<&Placed>, c: &Conditions, dice: &mut Dice) -> Self {
        let (w, h) = (c.width as f32, c.height as f32);
        let size = first.map_or([60.0, 60.0], |s| [s.modules.width as f32, s.modules.height as f32]);
        let focus = first.map_or([0.0, 0.0], |s| s.middle);
        let far = c.rotation.abs() > 15.0 || c.tilt > 1.0;
        let centre = if far { focus } else { [focus[0] * 0.3, focus[1] * 0.3] };
        let middle = [w / 2.0 + dice.between(-3.0, 3.0), h / 2.0 + dice.between(-3.0, 3.0)];
        let axis: f32 = dice.between(0.0, std::f32::consts::TAU);
        let waves = (0..4)
            .map(|_| {
                let (angle, pitch) = (dice.between(0.0, std::f32::consts::TAU), dice.between(0.5, 1.2));
                let frequency = [angle.cos() / pitch, angle.sin() / pitch];
                Wave { frequency, phase: dice.between(0.0, std::f32::consts::TAU), sign: dice.sign() }
            })
            .collect();
        let horizontally = dice.below(2) == 0 || size[0] > 2.0 * size[1];
        let extent = if horizontally { size[0] } else { size[1] };
        let cylinder = (c.cylinder > 0.0).then(|| Cylinder { radius: extent / c.cylinder.to_radians(), horizontally });
        Self {
            middle,
            centre,
            module_px: c.module_px,
            focal: 1.3 * w,
            turn: c.rotation.to_radians().sin_cos(),
            tilt: c.tilt.to_radians().sin_cos(),
            axis: axis.sin_cos(),
            focus,
            size,
            cylinder,
            wrinkle: c.wrinkle,
            waves,
        }
    }

    /// The point of the label, in modules, that a point of the picture shows; none beyond the horizon or the cylinder's rim.
    pub fn label(&self, x: f32, y: f32) -> Option<[f32; 2]> {
        let (x, y) = (x - self.middle[0], y - self.middle[1]);
        // The tilted plane: turn so that the axis is upright, undo the perspective, turn back.
        let ((axis_sin, axis_cos), (tilt_sin, tilt_cos), (sin, cos)) = (self.axis, self.tilt, self.turn);
        let (a, b) = (x * axis_cos + y * axis_sin, y * axis_cos - x * axis_sin);
        let depth = tilt_cos - a / self.focal * tilt_sin;
        if depth < 0.05 {
            return None;
        }
        let (a, b) = (a / depth, b * (1.0 + a / depth * tilt_sin / self.focal));
        let (x, y) = (a * axis_cos - b * axis_sin, a * axis_sin + b * axis_cos);
        let (x, y) = (x / self.module_px, y / self.module_px);
        let (mut x, mut y) = (x * cos + y * sin + self.centre[0], y * cos - x * sin + self.centre[1]);
        if let Some(Cylinder { radius, horizontally }) = self.cylinder {
            let part = if horizontally { x - self.focus[0] } else { y - self.focus[1] } / radius;
            if part.abs() >= 0.999 {
                return None;
            }
            let shift = radius * part.asin();
            if horizontally { x = self.focus[0] + shift } else { y = self.focus[1] + shift }
        }
        if self.wrinkle > 0.0 {
            let extent = self.size[0].min(self.size[1]).max(20.0);
            let (u, v) = ((x - self.focus[0]) / extent, (y - self.focus[1]) / extent);
            for (i, Wave { frequency, phase, sign }) in self.waves.iter().enumerate() {
                let angle = std::f32::consts::TAU * (frequency[0] * u + frequency[1] * v) + phase;
                let push = sign * self.wrinkle * 0.7 * angle.sin();
                if i % 2 == 0 { x += push } else { y += push }
            }
        }
        Some([x, y])
    }
}

/// How much of each pixel is ink, row by row.
pub fn project(canvas: &Canvas, view: &View, width: usize, height: usize) -> Vec<f32> {
    let mut picture = Picture { cover: vec![0.0; width * height], width, height };
    for y in (0..height).step_by(CELL) {
        for x in (0..width).step_by(CELL) {
            picture.cell(canvas, view, x, y, CELL);
        }
    }
    picture.cover
}

struct Picture {
    cover: Vec<f32>,
    width: usize,
    height: usize,
}

impl Picture {
    /// A square of pixels: left white where the label is, interpolated where that is near enough, and otherwise in quarters.
    fn cell(&mut self, canvas: &Canvas, view: &View, x: usize, y: usize, size: usize) {
        if x >= self.width || y >= self.height {
            return;
        }
        if size == 1 {
            self.pixel(canvas, view, x, y);
            return;
        }
        let (left, top, side) = (x as f32, y as f32, size as f32);
        let look = |u: f32, v: f32| view.label(left + u * side, top + v * side);
        let around = [look(0.0, 0.0), look(1.0, 0.0), look(0.0, 1.0), look(1.0, 1.0)];
        let between = [look(0.5, 0.5), look(0.5, 0.0), look(0.0, 0.5)];
        if around.iter().chain(&between).all(Option::is_none) {
            return;
        }
        if let ([Some(a), Some(b), Some(c), Some(d)], [Some(middle), Some(upper), Some(before)]) = (around, between) {
            let corners = [a, b, c, d];
            let low = [0, 1].map(|k| corners.iter().chain([&middle]).map(|p| p[k]).fold(f32::INFINITY, f32::min));
            let high = [0, 1].map(|k| corners.iter().chain([&middle]).map(|p| p[k]).fold(f32::NEG_INFINITY, f32::max));
            // What lies between bulges beyond the corners, but not by half of the cell.
            let bulge = 0.25 * (high[0] - low[0]).max(high[1] - low[1]);
            if !canvas.any_ink([low[0] - bulge, low[1] - bulge], [high[0] + bulge, high[1] + bulge]) {
                return;
            }
            let pixel = distance(a, b).min(distance(a, c)).min(distance(b, d)).min(distance(c, d)) / side;
            let off = distance(middle, mean(mean(a, b), mean(c, d)))
                .max(distance(upper, mean(a, b)))
                .max(distance(before, mean(a, c)));
            if off < EXACT * pixel {
                self.interpolated(canvas, corners, x, y, size);
                return;
            }
        }
        let half = size / 2;
        for (dx, dy) in [(0, 0), (half, 0), (0, half), (half, half)] {
            self.cell(canvas, view, x + dx, y + dy, half);
        }
    }

    fn interpolated(&mut self, canvas: &Canvas, [a, b, c, d]: [[f32; 2]; 4], x: usize, y: usize, size: usize) {
        let (columns, rows) = (size.min(self.width - x), size.min(self.height - y));
        let step = 1.0 / (size * SUB) as f32;
        for row in 0..rows * SUB {
            let v = (row as f32 + 0.5) * step;
            let (from, to) = (blend(a, c, v), blend(b, d, v));
            let at = (y + row / SUB) * self.width + x;
            let stride = [(to[0] - from[0]) * step, (to[1] - from[1]) * step];
            for (column, cover) in self.cover[at..at + columns].iter_mut().enumerate() {
                let mut covered = 0;
                for sub in 0..SUB {
                    let u = (column * SUB + sub) as f32 + 0.5;
                    covered += canvas.at(from[0] + stride[0] * u, from[1] + stride[1] * u);
                }
                *cover += f32::from(covered) / (SUB * SUB) as f32;
            }
        }
    }

    fn pixel(&mut self, canvas: &Canvas, view: &View, x: usize, y: usize) {
        let mut covered = 0;
        for s in 0..SUB * SUB {
            let u = x as f32 + ((s % SUB) as f32 + 0.5) / SUB as f32;
            let v = y as f32 + ((s / SUB) as f32 + 0.5) / SUB as f32;
            covered += view.label(u, v).map_or(0, |[u, v]| canvas.at(u, v));
        }
        self.cover[y * self.width + x] = f32::from(covered) / (SUB * SUB) as f32;
    }
}

fn blend(a: [f32; 2], b: [f32; 2], part: f32) -> [f32; 2] {
    [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
}

fn mean(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    blend(a, b, 0.5)
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
