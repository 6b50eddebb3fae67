//! Data Matrix ECC 200 (ISO/IEC 16022), our own reader.
//!
//! Straight edges that meet are taken for the L of a finder pattern (`corner`); the far sides and the size follow from
//! the pixels, and the grid is moved until all that is known agrees (`fit`); soft modules are equalised and
//! decoded with erasures (`decode`). What was decided so far bends the grid further, for packs that are not flat.

mod arms;
mod borders;
mod corner;
mod decode;
mod encodation;
mod fit;
mod hidden;
mod measure;
mod outlined;
mod partial;
mod placement;
mod rays;
mod size;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod wrinkle;

use super::frame::Picture;
use super::grid::Grid;
use super::modules::{Modules, Soft};
use super::pattern::{self, Pattern};
use super::plan::dim;
use super::ranking::heaviest_first;
use super::segments::segments;
use super::{Format, Quality, Symbol};
use corner::Corner;
use decode::Decoded;
use fit::Fit;
pub(super) use partial::Partial;
use size::Size;

/// Agreement of the finder pattern below which nothing is decoded: the fewer modules it has, the more easily text
/// agrees with it by chance.
fn least_agreement(size: &Size) -> f32 {
    (3.5 / dim(size.rows + size.columns).sqrt()).clamp(0.42, 0.8)
}

/// How hard to try one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Only what shows the signs of a symbol beyond doubt: quick to refuse text.
    Glance,
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
    /// Where two solid arms meet, as those of an L do and hardly ever in print, how many pixels lie from one change of grey to
    /// the next between them: two modules or somewhat more.
    pub(super) pitch: Option<f32>,
    /// Where a dark frame lies.
    pub(super) frame: Option<[[f32; 2]; 4]>,
    /// The best grids that could not be decoded, each of another size.
    pub(super) partials: Vec<Partial>,
}

/// How much may still be spent, in pixels looked at (about 4 ns each): a bound that needs no clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work(usize);

impl Work {
    pub(super) fn of(pixels: usize) -> Self {
        Self(pixels)
    }

    /// A part of it for one place.
    pub(super) fn share(&mut self, pixels: usize) -> Self {
        let part = Self(self.0.min(pixels));
        self.spend(part.0);
        part
    }

    /// What a place did not need.
    pub(super) fn take_back(&mut self, left: Self) {
        self.0 += left.0;
    }

    fn spend(&mut self, pixels: usize) {
        self.0 = self.0.saturating_sub(pixels);
    }

    pub(super) fn is_over(self) -> bool {
        self.0 == 0
    }
}

/// Pixels of the shorter arm of an L: ten modules at the least, foreshortened or small.
const SHORTEST: f32 = 11.0;
/// The same at a glance: of what a glance reads, hardly any is below forty.
const SHORTEST_AT_A_GLANCE: f32 = 18.0;

/// Corners with solid arms that are looked at, likeliest first: of what was read, hardly any was not the first, and none beyond
/// the fourth.
const MOST_SOLID: usize = 5;

/// Looks for one symbol in a small picture that shows little else.
pub(super) fn look(picture: &Picture, care: Care, work: &mut Work) -> Look {
    let shortest = if care == Care::Glance { SHORTEST_AT_A_GLANCE } else { SHORTEST };
    work.spend(8 * picture.luma().len());
    let edges = segments(picture, shortest, if care == Care::Glance { 12 } else { 18 });
    let mut look = Look::default();
    let (most, least) = match care {
        Care::Glance => (3, 1.0),
        Care::Plain => (6, 1.0),
        Care::Bent => (10, 0.85),
    };
    // What is clear comes out at once; what is not waits until every corner was looked at.
    let mut unclear: Vec<(f32, Fit, Modules)> = Vec::new();
    let (mut fitted, mut solid) = (0, 0);
    let corners = corner::corners(&edges, shortest);
    look.frame = corners.iter().find(|corner| corner.is_closed && !corner.inverted).map(Corner::closed);
    for corner in &corners {
        if work.is_over() || fitted == most || solid == MOST_SOLID {
            break;
        }
        let Some((fits, pitch)) = fit::fits(picture, corner, care, work) else { continue };
        look.pitch = Some(look.pitch.map_or(pitch, |other| other.min(pitch)));
        solid += 1;
        fitted += usize::from(!fits.is_empty());
        for mut fit in fits {
            if fit.is_clear() {
                if let Some(symbol) = clearly(picture, &fit, work) {
                    look.symbol = Some(symbol);
                    return look;
                }
                fit.settle(picture, &[0.25, 0.12, 0.06], work);
            }
            let agreement = fit.score / least_agreement(&fit.size);
            // Text agrees with a whole pattern more easily than with the alternating half of it.
            look.promise = look.promise.max(agreement.min(fit.alternation / CLEAR_ALTERNATION));
            if agreement < least {
                continue;
            }
            let modules = Modules::sample(picture, &fit.grid, fit.size.plan(), fit.inverted, fit.glare);
            work.spend(20 * modules.grey.len());
            let soft = modules.soft();
            if let Some(decoded) = decode::decode(&fit.size, &soft) {
                look.symbol =
                    Some(symbol(decoded, fit.grid.corners, measure::quality_on(picture, &modules, &soft, &fit)));
                return look;
            }
            unclear.push((agreement, fit, modules));
        }
    }
    heaviest_first(&mut unclear, |one| one.0);
    for (_, fit, modules) in unclear.into_iter().take(most / 2) {
        if work.is_over() {
            break;
        }
        match read_fit(picture, fit, modules, care, work) {
            Ok(symbol) => {
                look.symbol = Some(symbol);
                return look;
            }
            Err(partial) => {
                if !look.partials.iter().any(|other| other.is_like(&partial)) {
                    look.partials.push(partial);
                }
            }
        }
    }
    look
}

/// Looks for one symbol with a side that is hidden.
pub(super) fn look_hidden(picture: &Picture, work: &mut Work) -> Option<Symbol> {
    work.spend(2 * picture.luma().len());
    hidden::read(picture, &outlined::Ink::of(picture, outlined::COARSE_CELLS), work)
}

/// Corners of a crumpled symbol that are tried.
const MOST_CRUMPLED: usize = 3;

/// Looks for one symbol whose pack is crumpled, so that none of its sides are straight: the outline of its ink, and where it
/// `is_likely`, pieces of its sides that are straight.
pub(super) fn look_crumpled(picture: &Picture, is_likely: bool, work: &mut Work) -> Option<Symbol> {
    work.spend(2 * picture.luma().len());
    let ink = outlined::Ink::of(picture, outlined::CELLS);
    if let Some(corners) = outlined::corners(picture, &ink) {
        let read = wrinkle::read(picture, &[Fit::of_outline(Grid::flat(corners))], None, work);
        if read.is_some() {
            return read;
        }
    }
    if !is_likely {
        return None;
    }
    let edges = segments(picture, SHORTEST_AT_A_GLANCE, 18);
    let corners = corner::corners(&edges, SHORTEST_AT_A_GLANCE);
    let mut tried = 0;
    for corner in corners.iter().flat_map(|corner| corner.squared().into_iter().chain([*corner])) {
        if work.is_over() || tried == MOST_CRUMPLED {
            break;
        }
        let Some((fits, pitch)) = fit::closings(picture, &corner, Care::Bent, work) else { continue };
        tried += usize::from(!fits.is_empty());
        let read = wrinkle::read(picture, &fits, Some(pitch), work);
        if read.is_some() {
            return read;
        }
    }
    None
}

/// Unused error correction from which a grid lies well enough as it is.
const HARDLY_CORRECTED: f32 = 0.6;

/// Decodes a clear grid before it lies exactly, if hardly anything must be corrected.
fn clearly(picture: &Picture, fit: &Fit, work: &mut Work) -> Option<Symbol> {
    let modules = Modules::sample(picture, &fit.grid, fit.size.plan(), fit.inverted, fit.glare);
    work.spend(20 * modules.grey.len());
    let soft = modules.soft();
    let decoded = decode::decode(&fit.size, &soft).filter(|decoded| decoded.unused_correction > HARDLY_CORRECTED)?;
    Some(symbol(decoded, fit.grid.corners, measure::quality_on(picture, &modules, &soft, fit)))
}

/// Decodes a fitted grid with an equaliser; where that fails, lets the decided modules pull the grid and tries again.
#[expect(clippy::result_large_err, reason = "a partial look is as much an answer as a symbol, and kept where it is")]
fn read_fit(picture: &Picture, fit: Fit, modules: Modules, care: Care, work: &mut Work) -> Result<Symbol, Partial> {
    let (mut fit, mut modules) = (fit, modules);
    let (decoded, mut soft) = read_modules(&fit.size, &modules);
    work.spend(EQUALISING * modules.grey.len());
    if let Some(decoded) = decoded {
        return Ok(symbol(decoded, fit.grid.corners, measure::quality_on(picture, &modules, &soft, &fit)));
    }
    let partial = Partial::of(&modules, fit);
    if let Some(has_spread) = measure::growth(&modules)
        && let Some(symbol) = redrawn(picture, fit, has_spread, work)
    {
        return Ok(symbol);
    }
    for round in 0..if care == Care::Bent { 3 } else { 0 } {
        if work.is_over() {
            break;
        }
        let mut pattern = Pattern::finder(&fit.size.plan()).beside(fit.glare);
        if round > 0 {
            for (at, soft) in soft.iter().enumerate() {
                let (row, column) = (at / fit.size.columns, at % fit.size.columns);
                if fit.size.finder(row, column).is_none() {
                    pattern.add(row, column, soft.clamp(-1.0, 1.0));
                }
            }
        }
        let sign = if fit.inverted { -1.0 } else { 1.0 };
        let steps: &[f32] = if round == 0 { &[0.6, 0.3, 0.15] } else { &[0.2, 0.1] };
        let (grid, score) = pattern::bent(picture, fit.grid, &pattern, sign, steps);
        work.spend(400 * pattern.len());
        fit = Fit { grid, score, ..fit };
        modules = Modules::sample(picture, &fit.grid, fit.size.plan(), fit.inverted, fit.glare);
        let decoded;
        (decoded, soft) = read_modules(&fit.size, &modules);
        work.spend(EQUALISING * modules.grey.len());
        if let Some(decoded) = decoded {
            return Ok(symbol(decoded, fit.grid.corners, measure::quality_on(picture, &modules, &soft, &fit)));
        }
    }
    Err(partial)
}

/// Decodes what ink has spread over, or was lost from: modules as they are after it is drawn back, then the few pixels in the
/// middle of each.
fn redrawn(picture: &Picture, mut fit: Fit, has_spread: bool, work: &mut Work) -> Option<Symbol> {
    let redrawn = picture.spread(has_spread != fit.inverted);
    fit.settle(&redrawn, &[0.25, 0.12, 0.06], work);
    let modules = Modules::sample(&redrawn, &fit.grid, fit.size.plan(), fit.inverted, fit.glare);
    work.spend(3 * redrawn.luma().len() + EQUALISING * modules.grey.len());
    let told =
        |decoded, soft: &Soft| symbol(decoded, fit.grid.corners, measure::quality_on(picture, &modules, soft, &fit));
    let (decoded, soft) = read_modules(&fit.size, &modules);
    if let Some(decoded) = decoded {
        return Some(told(decoded, &soft));
    }
    let soft = Modules::middles(&redrawn, &fit.grid, fit.size.plan(), fit.inverted, fit.glare).closed(has_spread);
    decode::decode(&fit.size, &soft).map(|decoded| told(decoded, &soft))
}

/// Agreement of the alternating borders, less what chance gives, that text hardly ever reaches.
const CLEAR_ALTERNATION: f32 = 0.8;

/// What equalising costs for each module, in pixels looked at.
const EQUALISING: usize = 600;

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
fn read_modules(size: &Size, modules: &Modules) -> (Option<Decoded>, Soft) {
    let plain = modules.soft();
    if let Some(decoded) = decode::decode(size, &plain) {
        return (Some(decoded), plain);
    }
    let mut soft = plain.clone();
    for _ in 0..4 {
        let Some(next) = modules.equalised(&plain, &soft) else { break };
        soft = next;
        if let Some(decoded) = decode::decode(size, &soft) {
            return (Some(decoded), soft);
        }
    }
    if let Some(mirrored) = measure::mirrored(modules) {
        let soft = mirrored.soft();
        if let Some(decoded) = decode::decode(size, &soft) {
            return (Some(decoded), soft);
        }
    }
    (None, soft)
}
