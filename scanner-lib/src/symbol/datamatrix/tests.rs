//! Symbols that a pack makes hard to find, drawn here and read whole.

use std::sync::LazyLock;

use super::super::{Effort, Frame, ReadOptions, read};
use super::testing::{TEXT, modules};

/// Modules of the tests' symbol on a side.
const SIDE: f32 = 16.0;

static MODULES: LazyLock<Vec<bool>> = LazyLock::new(modules);

/// Pixels across and down of a picture of little but a symbol.
const SMALL: [u16; 2] = [320, 260];

/// What is read in a small picture in which each place, in pixels from the middle, is dark or not.
fn texts(is_dark: impl Fn(f32, f32) -> bool) -> Vec<String> {
    texts_in_light(SMALL, is_dark, |_, _| 1)
}

/// The same in one of so many pixels across and down, where so much of the light falls: all of it, or a half, a third …
fn texts_in_light(
    [width, height]: [u16; 2],
    is_dark: impl Fn(f32, f32) -> bool,
    part: impl Fn(f32, f32) -> u8,
) -> Vec<String> {
    const PARTS: [f32; 3] = [-0.33, 0.0, 0.33];
    let mut luma = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (f32::from(x) - f32::from(width) / 2.0, f32::from(y) - f32::from(height) / 2.0);
            let ink = PARTS.iter().flat_map(|v| PARTS.map(|u| u8::from(is_dark(x + u, y + v)))).sum::<u8>();
            luma.push((210 - 19 * ink) / part(x, y));
        }
    }
    let frame = Frame::new(&luma, width.into(), height.into()).expect("the size fits");
    read(&frame, &ReadOptions::default()).iter().map(super::super::Symbol::text).collect()
}

/// Whether the symbol is dark at a place in modules from its upper left corner; nothing outside.
fn is_ink(x: f32, y: f32) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to lie within")]
    let at = || MODULES[y as usize * 16 + x as usize];
    (0.0..SIDE).contains(&x) && (0.0..SIDE).contains(&y) && at()
}

/// A place in pixels, turned, in modules of so many pixels from the upper left corner of the symbol.
fn turned(x: f32, y: f32, degrees: f32, module: f32) -> (f32, f32) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    ((x * cos + y * sin) / module + SIDE / 2.0, (y * cos - x * sin) / module + SIDE / 2.0)
}

#[test]
fn a_turned_symbol_is_read_within_a_heavy_frame() {
    for (degrees, quiet) in [(0.0, 1.0), (12.0, 1.0), (31.0, 1.0), (12.0, 0.4)] {
        let read = texts(|x, y| {
            let (x, y) = turned(x, y, degrees, 5.0);
            let out = [-x, -y, x - SIDE, y - SIDE].into_iter().fold(f32::NEG_INFINITY, f32::max);
            (quiet..quiet + 2.5).contains(&out) || is_ink(x, y)
        });
        assert_eq!(read, [TEXT], "{degrees}°, {quiet} modules");
    }
}

#[test]
fn a_symbol_is_read_that_goes_far_around_a_cylinder() {
    for upright in [true, false] {
        let arc = 130.0_f32.to_radians();
        let read = texts(|x, y| {
            let (x, y) = turned(x, y, 7.0, 6.0);
            // Around half of the arc on either side of the middle.
            let bent = |at: f32| SIDE / 2.0 + SIDE / arc * ((at - SIDE / 2.0) * arc / SIDE).clamp(-1.0, 1.0).asin();
            if upright { is_ink(bent(x), y) } else { is_ink(x, bent(y)) }
        });
        assert_eq!(read, [TEXT], "upright {upright}");
    }
}

#[test]
fn ink_that_spread_over_its_neighbours_is_read_through() {
    for spread in [0.34, 0.42] {
        let read = texts(|x, y| {
            let (x, y) = turned(x, y, 9.0, 5.0);
            [-spread, 0.0, spread].iter().any(|dx| [-spread, 0.0, spread].iter().any(|dy| is_ink(x + dx, y + dy)))
        });
        assert_eq!(read, [TEXT], "{spread}");
    }
}

#[test]
fn a_symbol_is_read_across_which_a_shadow_falls() {
    let read = texts_in_light(
        SMALL,
        |x, y| {
            let (x, y) = turned(x, y, 9.0, 5.0);
            is_ink(x, y)
        },
        |x, y| if x + 0.4 * y < 4.0 { 1 } else { 4 },
    );
    assert_eq!(read, [TEXT]);
}

#[test]
fn a_symbol_on_a_crumpled_pack_is_read() {
    for height in [0.18, 0.3] {
        let fold = |along: f32, across: f32, phase: f32| height * (5.0 * along + 6.5 * across + phase).sin();
        let read = texts(|x, y| {
            let (x, y) = turned(x, y, 9.0, 6.0);
            let (u, v) = (x / SIDE, y / SIDE);
            is_ink(x + fold(u, v, 0.3) + fold(-v, u, 1.0), y + fold(v, -u, 2.0) + fold(u, v, 4.0))
        });
        assert_eq!(read, [TEXT], "{height}");
    }
}

#[test]
fn a_symbol_is_read_that_is_held_close() {
    for module in [18.0, 24.0, 34.0] {
        let (width, height) = (1280_u16, 720_u16);
        let luma: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).map(move |x| (f32::from(x) - 640.0, f32::from(y) - 360.0)))
            .map(|(x, y)| {
                let (u, v) = turned(x, y, 5.0, module);
                if is_ink(u, v) { 30 } else { 210 }
            })
            .collect();
        let frame = Frame::new(&luma, width.into(), height.into()).expect("the size fits");
        for effort in [Effort::Glance, Effort::Thorough] {
            let read = read(&frame, &ReadOptions { effort, ..ReadOptions::default() });
            assert_eq!(
                read.iter().map(super::super::Symbol::text).collect::<Vec<_>>(),
                [TEXT],
                "{module} pixels, {effort:?}"
            );
            let pixels = read[0].quality.module_pixels.expect("measured");
            assert!((pixels / module - 1.0).abs() < 0.1, "{pixels} for {module}");
            let [x, y] = read[0].corners[3];
            let (u, v) = turned(x - 640.0, y - 360.0, 5.0, module);
            assert!(u.abs() < 0.5 && (v - SIDE).abs() < 0.5, "{u} {v}");
        }
    }
}

/// Whether a page of print is dark at a place in pixels: lines of letters of two to three strokes, fifteen pixels high.
fn is_print(x: f32, y: f32) -> bool {
    const LETTERS: [u8; 7] = [0b101, 0b011, 0b110, 0b1001, 0b1101, 0b1010, 0b0111];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred, and not negative")]
    let cell = |at: f32, size: f32| ((at + 2000.0) / size) as usize;
    let (across, down) = ((x + 2000.0) % 10.0, (y + 2000.0) % 20.0);
    let (column, row) = (cell(x, 10.0), cell(y, 20.0));
    if down > 15.0 || across > 8.0 || (column + 3 * row) % 8 == 0 {
        return false;
    }
    let letter = LETTERS[(column * 5 + row * 3 + column / 7) % LETTERS.len()];
    (letter & 1 != 0 && across < 1.6)
        || (letter & 2 != 0 && (6.4..8.0).contains(&across))
        || (letter & 4 != 0 && down < 1.6)
        || (letter & 8 != 0 && (6.6..8.2).contains(&down))
}

#[test]
fn a_symbol_is_read_with_print_close_all_about_it() {
    for degrees in [0.0, 14.0] {
        let read = texts_in_light(
            [760, 420],
            |x, y| {
                let (u, v) = turned(x, y, degrees, 5.0);
                let quiet = -1.2..SIDE + 1.2;
                if quiet.contains(&u) && quiet.contains(&v) { is_ink(u, v) } else { is_print(5.0 * u, 5.0 * v) }
            },
            |_, _| 1,
        );
        assert_eq!(read, [TEXT], "{degrees}°");
    }
}

#[test]
fn a_symbol_is_read_in_a_thin_frame_with_print_beside_it() {
    for (quiet, module) in [(1.5, 3.0), (0.5, 3.0), (0.25, 4.0), (1.0, 5.0)] {
        let read = texts(|x, y| {
            let (u, v) = turned(x, y, 4.0, module);
            let out = [-u, -v, u - SIDE, v - SIDE].into_iter().fold(f32::NEG_INFINITY, f32::max);
            let beside = out > quiet + 2.5 && (-2.0..SIDE + 2.0).contains(&v);
            (quiet..quiet + 0.7).contains(&out) || is_ink(u, v) || beside && is_print(module * u, module * v)
        });
        assert_eq!(read, [TEXT], "{quiet} modules of {module} pixels");
    }
}
