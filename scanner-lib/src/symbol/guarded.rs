//! A foreign decoder that panics has found nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a foreign decoder so that a panic in it is "nothing found".
///
/// These decoders index into pictures that they measured themselves; pixels made to confuse them can make them panic.
/// Where panics abort (WASM) this cannot catch: there the reader runs in a worker that is started again.
pub(super) fn guarded<T>(decode: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(None)
}
