//! An amendment from its second reader's word to the last pack in quarantine.

use super::model::{AmendmentId, Changed};
use super::store as amendments;
use crate::access::User;
use crate::error::Problem;
use crate::recalls::model::RecallId;
use crate::recalls::quarantine::run;
use crate::store::Store;

/// Confirms an amendment and sets the stock apart that the notice names now; answers whom and what it added and took away.
///
/// # Errors
/// Those of [`amendments::confirm`].
pub async fn confirm(store: &Store, user: User, recall: RecallId, id: AmendmentId) -> Result<Changed, Problem> {
    let weighed = store.read(move |connection| amendments::weigh(connection, recall, id)).await?;
    let changed = store.write(move |tx| amendments::confirm(tx, &user, (recall, id), weighed)).await?;
    run::go_on(store, recall).await;
    Ok(changed)
}
