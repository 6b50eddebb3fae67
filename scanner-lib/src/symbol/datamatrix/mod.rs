//! Data Matrix ECC 200 (ISO/IEC 16022), our own reader.
//!
//! Straight edges that meet are taken for the L of a finder pattern (`corner`); the far sides and the size follow from
//! the pixels, and the grid is moved until all that is known agrees (`fit`); soft modules are equalised (`modules`) and
//! decoded with erasures (`decode`). What was decided so far bends the grid further, for packs that are not flat.

mod corner;
mod decode;
mod encodation;
mod fit;
mod modules;
mod placement;
mod size;

use super::frame::Picture;
use super::segments::segments;
use super::{Format, Symbol};
use decode::Decoded;
use fit::{Fit, Pattern};
use modules::{Modules, Soft};

/// Agreement of the finder pattern below which nothing is decoded: the fewer modules it has, the more easily text
/// agrees with it by chance.
fn least_agreement(fit: &Fit) -> f32 {
    (3.5 / fit::dim(fit.size.rows + fit.size.columns).sqrt()).clamp(0.42, 0.8)
}

/// How hard to try one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// As it lies.
    Plain,
    /// Bending grids too.
    Bent,
}

/// What a look at a small picture gave.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) symbol: Option<Symbol>,
    /// How well the best finder pattern agreed, 1 being enough to decode: whether another look is worth its while.
    pub(super) promise: f32,
}

/// Looks for one symbol in a small picture that shows little else.
pub(super) fn look(picture: &Picture, care: Care) -> Look {
    let shortest = 11.0;
    let edges = segments(picture, shortest);
    let mut promise = 0.0_f32;
    let most = if care == Care::Plain { 6 } else { 10 };
    for corner in corner::corners(&edges, shortest).iter().take(most) {
        for fit in fit::fits(picture, corner) {
            let agreement = fit.score / least_agreement(&fit);
            promise = promise.max(agreement);
            if agreement < if care == Care::Plain { 1.0 } else { 0.85 } {
                continue;
            }
            if let Some((decoded, fit)) = read_fit(picture, fit, care) {
                return Look { symbol: Some(symbol(decoded, &fit)), promise };
            }
        }
    }
    Look { symbol: None, promise }
}

fn symbol(decoded: Decoded, fit: &Fit) -> Symbol {
    Symbol {
        format: Format::DataMatrix,
        aim: decoded.message.aim(),
        bytes: decoded.message.bytes,
        corners: fit.grid.corners,
    }
}

/// Decodes a fitted grid; where that fails, lets the decided modules pull the grid and tries again.
fn read_fit(picture: &Picture, fit: Fit, care: Care) -> Option<(Decoded, Fit)> {
    let mut fit = fit;
    let rounds = if care == Care::Bent { 4 } else { 1 };
    for round in 0..rounds {
        let modules = Modules::sample(picture, &fit);
        let (decoded, soft) = read_modules(&modules);
        if let Some(decoded) = decoded {
            return Some((decoded, fit));
        }
        if round + 1 == rounds {
            break;
        }
        let mut pattern = Pattern::finder(&fit.size);
        if round > 0 {
            for (at, soft) in soft.iter().enumerate() {
                let (row, column) = (at / fit.size.columns, at % fit.size.columns);
                if fit.size.finder(row, column).is_none() {
                    pattern.add(&fit.size, row, column, soft.clamp(-1.0, 1.0));
                }
            }
        }
        let (grid, score) = fit::bent(picture, &fit, &pattern, if round == 0 { &[0.6, 0.3, 0.15] } else { &[0.2, 0.1] });
        fit = Fit { grid, score, ..fit };
    }
    None
}

/// Decodes sampled modules, as they are and equalised, also mirrored. Gives the last softness where that fails.
fn read_modules(modules: &Modules) -> (Option<Decoded>, Soft) {
    let plain = modules.soft();
    if let Some(decoded) = decode::decode(&modules.size, &plain) {
        return (Some(decoded), plain);
    }
    let mut soft = plain.clone();
    for _ in 0..4 {
        let Some(next) = modules.equalised(&plain, &soft) else { break };
        soft = next;
        if let Some(decoded) = decode::decode(&modules.size, &soft) {
            return (Some(decoded), soft);
        }
    }
    if let Some(mirrored) = modules.mirrored() {
        let soft = mirrored.soft();
        if let Some(decoded) = decode::decode(&modules.size, &soft) {
            return (Some(decoded), soft);
        }
    }
    (None, soft)
}
