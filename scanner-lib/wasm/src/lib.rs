//! The scanner in the browser, for the theatre page: a thin face of `tessera-scanner`.
//!
//! Text goes in and out as JSON, pixels as bytes. Nothing is decided here. A panic ends the instance: it runs in a worker
//! of its own, which the page starts again.

mod camera;
mod theatre;

pub use camera::Camera;
pub use theatre::Theatre;

use wasm_bindgen::JsError;

/// An error for the page: what is wrong, in words.
fn refused(what: &str, error: &dyn std::fmt::Display) -> JsError {
    JsError::new(&format!("{what}: {error}"))
}
