//! The axes along which pictures get worse, each from easy to hopeless.

use crate::dice::Dice;
use crate::encode::{Kind, elements, encode};
use crate::scene::{Conditions, Placed};

type Make = Box<dyn Fn(f32, &mut Dice) -> (Vec<Placed>, Conditions, usize)>;

pub struct Axis {
    pub name: String,
    pub levels: Vec<f32>,
    pub make: Make,
}

pub fn all() -> Vec<Axis> {
    let mut out = Vec::new();
    for (prefix, kind) in
        [("dm", Kind::DataMatrix), ("128", Kind::Gs1128), ("qr", Kind::QrCode), ("bar", Kind::DataBar)]
    {
        let mut axis = |name: &str, levels: &[f32], set: fn(f32, &mut Conditions)| {
            out.push(single(format!("{prefix}/{name}"), levels, kind, set));
        };
        axis("defocus", &[1.0, 1.4, 1.8, 2.2, 2.6, 3.0, 3.4], |l, c| c.defocus = l);
        axis("motion", &[3.0, 4.5, 6.0, 7.5, 9.0, 11.0, 13.0], |l, c| c.motion = l);
        axis("tilt", &[20.0, 35.0, 45.0, 55.0, 62.0, 68.0, 74.0], |l, c| c.tilt = l);
        axis("rotation", &[0.0, 8.0, 20.0, 45.0, 70.0, 90.0, 135.0], |l, c| c.rotation = l);
        axis("contrast", &[0.25, 0.15, 0.1, 0.07, 0.05, 0.04, 0.03], |l, c| c.contrast = l);
        axis("noise", &[10.0, 16.0, 24.0, 34.0, 46.0, 60.0, 80.0, 105.0, 140.0], |l, c| c.noise = l);
        axis("px-per-module", &[3.0, 2.4, 2.0, 1.7, 1.5, 1.3, 1.1, 0.9], |l, c| c.module_px = l);
        axis("glare", &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], |l, c| c.glare = l);
        axis("growth", &[0.1, 0.18, 0.26, 0.34, 0.42, 0.44, 0.46, 0.5], |l, c| c.growth = l);
        axis("shrink", &[0.1, 0.18, 0.26, 0.34, 0.42], |l, c| c.growth = -l);
        axis("shadow", &[1.5, 2.0, 3.0, 4.0, 6.0, 9.0], |l, c| c.shadow = l);
        axis("jpeg", &[30.0, 15.0, 8.0, 4.0, 2.0], |l, c| c.jpeg = Some(l as u8));
        axis("cylinder", &[40.0, 70.0, 100.0, 125.0, 150.0], |l, c| c.cylinder = l);
        axis("wrinkle", &[0.15, 0.3, 0.45, 0.6, 0.8, 1.1], |l, c| c.wrinkle = l);
        axis("quiet", &[1.5, 1.0, 0.7, 0.5, 0.35, 0.2, 0.0], |l, c| c.quiet = Some(l));
        axis("frame", &[3.0, 2.0, 1.5, 1.0, 0.7, 0.5, 0.3], |l, c| c.frame = Some(l));
        axis("print", &[3.0, 2.0, 1.5, 1.0, 0.7, 0.5, 0.3], |l, c| c.print = Some(l));
        axis("hidden-edge", &[0.03, 0.06, 0.09, 0.12, 0.16, 0.2, 0.25], |l, c| c.hidden_edge = l);
        axis("hidden-inside", &[0.03, 0.06, 0.1, 0.14, 0.18, 0.24], |l, c| c.hidden_inside = l);
    }
    out.push(single("dm/inverted".into(), &[4.0, 3.0, 2.0], Kind::DataMatrix, |l, c| {
        c.inverted = true;
        c.module_px = l;
    }));
    out.push(single("rect/px-per-module".into(), &[4.0, 3.0, 2.0, 1.5], Kind::DataMatrixRectangular, |l, c| {
        c.module_px = l
    }));
    out.push(single(
        "rect/tilt".into(),
        &[20.0, 35.0, 45.0, 55.0, 62.0, 68.0, 74.0],
        Kind::DataMatrixRectangular,
        |l, c| c.tilt = l,
    ));
    out.push(Axis {
        name: "dm/mirrored".into(),
        levels: vec![4.0, 3.0, 2.0],
        make: Box::new(|level, dice| {
            let (mut symbols, mut conditions, text) = one(Kind::DataMatrix, dice);
            symbols[0].modules = symbols[0].modules.mirrored();
            conditions.module_px = level;
            (symbols, conditions, text)
        }),
    });
    out.push(Axis { name: "pack/two-part".into(), levels: vec![4.0, 3.0, 2.0, 1.5], make: Box::new(two_part) });
    out.push(Axis { name: "pack/matrix-and-bars".into(), levels: vec![4.0, 3.0, 2.0, 1.5], make: Box::new(mixed) });
    out.push(Axis {
        name: "empty/plain".into(),
        levels: vec![0.0, 2.0, 20.0, 60.0],
        make: Box::new(|level, dice| empty(level, 0, dice)),
    });
    out.push(Axis {
        name: "empty/text".into(),
        levels: vec![2.0, 10.0, 30.0],
        make: Box::new(|level, dice| empty(level, 40, dice)),
    });
    out
}

fn single(name: String, levels: &[f32], kind: Kind, set: fn(f32, &mut Conditions)) -> Axis {
    let make = move |level: f32, dice: &mut Dice| {
        let (symbols, mut conditions, text) = one(kind, dice);
        set(level, &mut conditions);
        (symbols, conditions, text)
    };
    Axis { name, levels: levels.to_vec(), make: Box::new(make) }
}

fn one(kind: Kind, dice: &mut Dice) -> (Vec<Placed>, Conditions, usize) {
    let long = !matches!(kind, Kind::Gs1128 | Kind::DataBar);
    let modules = encode(kind, &elements(dice, long));
    let middle = [dice.between(-40.0, 40.0), dice.between(-30.0, 30.0)];
    let turn = if kind == Kind::Gs1128 || kind == Kind::DataBar { 3.0 } else { 15.0 };
    let conditions = Conditions { rotation: dice.between(-turn, turn), ..Conditions::nominal() };
    (vec![Placed { modules, middle }], conditions, 10)
}

fn two_part(level: f32, dice: &mut Dice) -> (Vec<Placed>, Conditions, usize) {
    let all = elements(dice, true);
    let first = encode(Kind::Gs1128, &all[..1]);
    let second = encode(Kind::Gs1128, &all[1..]);
    let x = dice.between(-20.0, 20.0);
    let symbols =
        vec![Placed { modules: first, middle: [x, -25.0] }, Placed { modules: second, middle: [x + 10.0, 15.0] }];
    (symbols, Conditions { module_px: level, rotation: dice.between(-4.0, 4.0), ..Conditions::nominal() }, 8)
}

fn mixed(level: f32, dice: &mut Dice) -> (Vec<Placed>, Conditions, usize) {
    let all = elements(dice, true);
    let bars = encode(Kind::Gs1128, &all[..1]);
    let matrix = encode(Kind::DataMatrix, &all);
    let symbols =
        vec![Placed { modules: matrix, middle: [60.0, -30.0] }, Placed { modules: bars, middle: [-20.0, 30.0] }];
    (symbols, Conditions { module_px: level, rotation: dice.between(-4.0, 4.0), ..Conditions::nominal() }, 8)
}

fn empty(noise: f32, text: usize, _dice: &mut Dice) -> (Vec<Placed>, Conditions, usize) {
    (Vec::new(), Conditions { width: 1920, height: 1080, noise, module_px: 6.0, ..Conditions::nominal() }, text)
}
