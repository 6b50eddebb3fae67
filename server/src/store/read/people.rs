//! Names of users, for pages that tell who did something.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::access::{User, UserId};
use crate::error::Problem;
use crate::store::AnyConnection;
use crate::store::schema::users;

/// Identifiers of one question at the most.
const AT_ONCE: usize = 400;

/// The users with these identifiers, locked out or not.
///
/// # Errors
/// Those of the database.
pub fn users_of(connection: &mut AnyConnection, ids: &[UserId]) -> Result<HashMap<UserId, User>, Problem> {
    let mut found = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let rows = users::table.filter(users::id.eq_any(some.to_vec())).select(User::as_select());
        found.extend(rows.load::<User>(connection)?.into_iter().map(|user| (user.id, user)));
    }
    Ok(found)
}
