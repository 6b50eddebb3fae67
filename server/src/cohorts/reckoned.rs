//! What takes a large registry long is reckoned beside the requests, so that a scan never waits for an analyst.

use crate::error::{Code, Problem};

/// The result of some work on a thread of its own.
///
/// # Errors
/// [`Code::Internal`] where it was not finished.
pub async fn reckoned<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    actix_web::web::block(work)
        .await
        .map_err(|error| Problem::new(Code::Internal, "The answer could not be reckoned: ask again.").because(error))
}
