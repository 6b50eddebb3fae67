//! Symbols that a pack makes hard to find, drawn here and read whole.

use std::sync::LazyLock;

use super::super::{Frame, ReadOptions, read};
use super::testing::{TEXT, modules};

/// Modules of the tests' symbol on a side.
const SIDE: f32 = 16.0;

static MODULES: LazyLock<Vec<bool>> = LazyLock::new(modules);

/// What is read in a picture of 320 × 260 pixels in which each place, in pixels from the middle, is dark or not.
fn texts(is_dark: impl Fn(f32, f32) -> bool) -> Vec<String> {
    texts_in_light(is_dark, |_, _| 1)
}

/// The same where so much of the light falls: all of it, or a half, a third …
fn texts_in_light(is_dark: impl Fn(f32, f32) -> bool, part: impl Fn(f32, f32) -> u8) -> Vec<String> {
    const PARTS: [f32; 3] = [-0.33, 0.0, 0.33];
    let (width, height) = (320_u16, 260_u16);
    let mut luma = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (f32::from(x) - 160.0, f32::from(y) - 130.0);
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
