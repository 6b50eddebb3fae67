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
mod partial;
mod placement;
mod size;
#[cfg(test)]
pub(super) mod testing;

use super::frame::Picture;
use super::segments::segments;
use super::{Format, Quality, Symbol};
use decode::Decoded;
use fit::{Fit, Pattern};
use modules::{Modules, Soft};
pub(super) use partial::Partial;

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
    /// The best grid that could not be decoded.
    pub(super) partial: Option<Partial>,
}

/// Looks for one symbol in a small picture that shows little else.
pub(super) fn look(picture: &Picture, care: Care) -> Look {
    let shortest = 11.0;
    let edges = segments(picture, shortest);
    let mut look = Look::default();
    let most = if care == Care::Plain { 6 } else { 10 };
    for corner in corner::corners(&edges, shortest).iter().take(most) {
        for fit in fit::fits(picture, corner) {
            let agreement = fit.score / least_agreement(&fit);
            let best = agreement > look.promise;
            look.promise = look.promise.max(agreement);
            if agreement < if care == Care::Plain { 1.0 } else { 0.85 } {
                continue;
            }
            match read_fit(picture, fit, care) {
                Ok(symbol) => return Look { symbol: Some(symbol), partial: None, ..look },
                Err(partial) if best => look.partial = Some(partial),
                Err(_) => {}
            }
        }
    }
    look
}

/// Decodes a fitted grid; where that fails, lets the decided modules pull the grid and tries again.
#[expect(clippy::result_large_err, reason = "a partial look is as much an answer as a symbol, and kept where it is")]
fn read_fit(picture: &Picture, fit: Fit, care: Care) -> Result<Symbol, Partial> {
    let mut fit = fit;
    let mut modules = Modules::sample(picture, &fit);
    let (decoded, mut soft) = read_modules(&modules);
    if let Some(decoded) = decoded {
        return Ok(symbol(decoded, fit.grid.corners, modules.quality(&soft, &fit)));
    }
    let partial = Partial::of(&modules, fit);
    for round in 0..if care == Care::Bent { 3 } else { 0 } {
        let mut pattern = Pattern::finder(&fit.size);
        if round > 0 {
            for (at, soft) in soft.iter().enumerate() {
                let (row, column) = (at / fit.size.columns, at % fit.size.columns);
                if fit.size.finder(row, column).is_none() {
                    pattern.add(&fit.size, row, column, soft.clamp(-1.0, 1.0));
                }
            }
        }
        let (grid, score) =
            fit::bent(picture, &fit, &pattern, if round == 0 { &[0.6, 0.3, 0.15] } else { &[0.2, 0.1] });
        fit = Fit { grid, score, ..fit };
        modules = Modules::sample(picture, &fit);
        let decoded;
        (decoded, soft) = read_modules(&modules);
        if let Some(decoded) = decoded {
            return Ok(symbol(decoded, fit.grid.corners, modules.quality(&soft, &fit)));
        }
    }
    Err(partial)
}

fn symbol(decoded: Decoded, corners: [[f32; 2]; 4], quality: Quality) -> Symbol {
    Symbol {
        format: Format::DataMatrix,
        aim: decoded.message.aim(),
        bytes: decoded.message.bytes,
        corners,
        quality: Quality { unused_correction: Some(decoded.unused_correction), ..quality },
    }
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
