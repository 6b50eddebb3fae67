//! What was seen in a part of a picture that was scaled, back in the picture's own pixels.

use super::super::frame::Area;
use super::super::{Symbol, datamatrix};

/// All that a look gave.
#[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
pub(super) fn placed_look(look: datamatrix::Look, area: Area, factor: f32) -> datamatrix::Look {
    let in_picture = |[x, y]: [f32; 2]| [x * factor + area.left as f32, y * factor + area.top as f32];
    datamatrix::Look {
        frame: look.frame.map(|corners| corners.map(in_picture)),
        symbol: look.symbol.map(|symbol| placed(symbol, area, factor)),
        partials: look
            .partials
            .into_iter()
            .map(|partial| partial.placed(factor, [area.left as f32, area.top as f32]))
            .collect(),
        ..look
    }
}

/// A symbol read in a part of the picture that was scaled, back in the picture's own pixels.
#[expect(clippy::cast_precision_loss, reason = "pixel positions are far below 2^23")]
pub(super) fn placed(mut symbol: Symbol, area: Area, factor: f32) -> Symbol {
    for corner in &mut symbol.corners {
        *corner = [corner[0] * factor + area.left as f32, corner[1] * factor + area.top as f32];
    }
    symbol.quality.module_pixels = symbol.quality.module_pixels.map(|pixels| pixels * factor);
    symbol
}
