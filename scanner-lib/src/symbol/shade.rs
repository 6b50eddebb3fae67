//! Light that falls unevenly: a shadow is taken away, so that what lies in it is as light and as dark as what lies beside it.

use super::frame::Picture;
use super::tones::Tones;

/// Pixels on a side of the blocks whose lightest pixel is compared.
const BLOCK: usize = 4;

/// How much lighter the paper is in the light than in a shadow that is worth taking away.
const SHADOW: u32 = 2;

/// The grey that paper gets.
const PAPER: u32 = 220;

/// The darkest that paper is taken to be: below it there is only noise.
const DARKEST: u8 = 8;

/// The picture with paper everywhere as light; none where it is lit evenly as it is.
pub(super) fn levelled(picture: &Picture) -> Option<Picture> {
    let (width, height) = (picture.width().div_ceil(BLOCK), picture.height().div_ceil(BLOCK));
    let mut paper = vec![0; width * height];
    for y in 0..picture.height() {
        for (paper, greys) in paper[y / BLOCK * width..].iter_mut().zip(picture.row(y).chunks(BLOCK)) {
            *paper = greys.iter().fold(*paper, |lightest: u8, grey| lightest.max(*grey));
        }
    }
    // What is dark and narrower than a few modules is ink: the lightest around it, drawn back to where the light ends.
    let reach = (picture.width().max(picture.height()) / 60).clamp(2, 8);
    let lightest = around(&paper, width, reach, u8::max);
    let paper = around(&lightest, width, reach, u8::min);
    let tones = Tones::of(paper.iter().copied());
    let tenth = paper.len() / 10;
    let (dark, light) = (tones.darkest(tenth + 1)?, tones.darkest(paper.len() - tenth)?);
    if u32::from(light) < SHADOW * u32::from(dark) {
        return None;
    }
    let mut luma = Vec::with_capacity(picture.luma().len());
    for y in 0..picture.height() {
        let (above, below, down) = between(y, height);
        for (x, grey) in picture.row(y).iter().enumerate() {
            let (before, behind, across) = between(x, width);
            let at = |row: usize, column: usize| u32::from(paper[row * width + column].max(DARKEST));
            let mixed = |row: usize| at(row, before) * (SCALE - across) + at(row, behind) * across;
            let light = mixed(above) * (SCALE - down) + mixed(below) * down;
            let level = u32::from(*grey) * PAPER * SCALE * SCALE / light;
            luma.push(u8::try_from(level).unwrap_or(u8::MAX));
        }
    }
    Some(picture.redrawn(luma))
}

/// Parts of a block that are told apart.
#[expect(clippy::cast_possible_truncation, reason = "a small constant")]
const SCALE: u32 = 2 * BLOCK as u32;

/// The blocks between whose middles a pixel lies, and how far from the first, in parts of a block.
fn between(pixel: usize, blocks: usize) -> (usize, usize, u32) {
    let from_first = (2 * pixel + 1).saturating_sub(BLOCK);
    let first = (from_first / (2 * BLOCK)).min(blocks - 1);
    let part = u32::try_from(from_first % (2 * BLOCK)).unwrap_or(0);
    (first, (first + 1).min(blocks - 1), part)
}

/// The best of the blocks around each, along both axes.
fn around(blocks: &[u8], width: usize, reach: usize, better: fn(u8, u8) -> u8) -> Vec<u8> {
    let height = blocks.len() / width;
    let range = |at: usize, count: usize| at.saturating_sub(reach)..(at + reach + 1).min(count);
    let best = |greys: &mut dyn Iterator<Item = u8>| greys.reduce(better).unwrap_or(0);
    let mut rows = Vec::with_capacity(blocks.len());
    for row in blocks.chunks_exact(width) {
        rows.extend((0..width).map(|x| best(&mut row[range(x, width)].iter().copied())));
    }
    let column = |y: usize, x: usize| best(&mut range(y, height).map(|y| rows[y * width + x]));
    (0..blocks.len()).map(|at| column(at / width, at % width)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Frame;
    use super::super::datamatrix::testing;
    use super::*;

    #[test]
    fn what_lies_in_a_shadow_comes_out_as_what_lies_beside_it() {
        let (luma, width, height) = testing::picture(4);
        let even = Frame::new(&luma, width, height).expect("a frame").to_picture();
        assert!(levelled(&even).is_none());
        let shaded: Vec<u8> =
            (0_u32..).zip(&luma).map(|(at, grey)| if at % width < 112 { *grey } else { grey / 5 }).collect();
        let level = levelled(&Frame::new(&shaded, width, height).expect("a frame").to_picture()).expect("a shadow");
        for y in 0..even.height() {
            // But where the shadow's edge runs.
            for x in (0..104).chain(120..even.width()) {
                assert_eq!(even.pixel(x, y) < 128, level.pixel(x, y) < 128, "{x} {y}");
            }
        }
    }
}
