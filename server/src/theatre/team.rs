//! The team of a procedure, by badge.

use std::collections::HashMap;

use diesel::prelude::*;
use tessera_scanner::handheld::badge::Badge;

use super::model::ProcedureId;
use crate::access::{Actor, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::store::columns::Moment;
use crate::store::schema::{procedure_team, staff};
use crate::store::{AnyConnection, Transaction};

crate::record_id! {
    /// One member of staff.
    StaffId
}

/// A member of staff to be added.
#[derive(Clone, Debug)]
pub struct NewStaff {
    /// `GMC`, `NMC`, `HCPC` or `local`.
    pub register: &'static str,
    /// The number in that register; for `local`, what the badge says.
    pub registration: String,
    /// Name to show.
    pub display_name: String,
    /// The user, if they sign in.
    pub user: Option<UserId>,
}

/// Adds a member of staff.
///
/// # Errors
/// [`Code::WrongState`] where the registration is there already.
pub fn add_staff(tx: &mut Transaction<'_>, actor: &Actor, new: &NewStaff) -> Result<StaffId, Problem> {
    let known: i64 = staff::table
        .filter(staff::register.eq(new.register).and(staff::registration.eq(&new.registration)))
        .count()
        .get_result(&mut **tx)?;
    if known > 0 {
        return Err(Problem::new(Code::WrongState, "This registration belongs to a member of staff already."));
    }
    let id = StaffId::new();
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(id),
            staff::register.eq(new.register),
            staff::registration.eq(&new.registration),
            staff::display_name.eq(&new.display_name),
            staff::user_id.eq(new.user),
            staff::created_at.eq(Moment::now()),
        ))
        .execute(&mut **tx)?;
    let act = Act { action: "staff-added", subject_kind: "staff", subject: id.to_string(), detail: &new.register };
    audit::record(tx, actor, &act)?;
    Ok(id)
}

/// Lets a user's badge be known to the theatre; again changes nothing.
///
/// # Errors
/// Those of [`add_staff`].
pub fn know_badge(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    display_name: &str,
    number: &str,
) -> Result<(), Problem> {
    let known: i64 = staff::table.filter(staff::registration.eq(number)).count().get_result(&mut **tx)?;
    if known == 0 {
        let new = NewStaff {
            register: "local",
            registration: number.to_owned(),
            display_name: display_name.to_owned(),
            user: Some(user),
        };
        add_staff(tx, actor, &new)?;
    }
    Ok(())
}

/// Whose badge this is: a registration of any register, as printed on the badge.
///
/// # Errors
/// Those of the database.
pub fn by_badge(connection: &mut AnyConnection, badge: &Badge) -> Result<Option<(StaffId, String)>, Problem> {
    Ok(staff::table
        .filter(staff::registration.eq(&badge.text))
        .select((staff::id, staff::display_name))
        .first(connection)
        .optional()?)
}

/// Who has this registration, in whatever register.
///
/// # Errors
/// Those of the database.
pub fn by_registration(connection: &mut AnyConnection, number: &str) -> Result<Option<StaffId>, Problem> {
    Ok(staff::table.filter(staff::registration.eq(number)).select(staff::id).first(connection).optional()?)
}

/// The names of members of staff, by their identifiers in words.
///
/// # Errors
/// Those of the database.
pub fn names(connection: &mut AnyConnection, ids: &[StaffId]) -> Result<HashMap<String, String>, Problem> {
    let mut names = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(900) {
        let found: Vec<(StaffId, String)> =
            staff::table.filter(staff::id.eq_any(chunk)).select((staff::id, staff::display_name)).load(connection)?;
        names.extend(found.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    Ok(names)
}

/// Puts a member of staff on the team of a procedure; again changes nothing.
///
/// # Errors
/// Those of the database.
pub fn join(tx: &mut Transaction<'_>, actor: &Actor, procedure: ProcedureId, member: StaffId) -> Result<(), Problem> {
    let there: i64 = procedure_team::table
        .filter(procedure_team::procedure_id.eq(procedure).and(procedure_team::staff_id.eq(member)))
        .count()
        .get_result(&mut **tx)?;
    if there > 0 {
        return Ok(());
    }
    diesel::insert_into(procedure_team::table)
        .values((
            procedure_team::procedure_id.eq(procedure),
            procedure_team::staff_id.eq(member),
            procedure_team::part.eq("present"),
        ))
        .execute(&mut **tx)?;
    let act = Act { action: "joined-team", subject_kind: "procedure", subject: procedure.to_string(), detail: &member };
    audit::record(tx, actor, &act)
}

/// Names of the team.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(connection: &mut AnyConnection, procedure: ProcedureId) -> Result<Vec<String>, Problem> {
    Ok(procedure_team::table
        .inner_join(staff::table)
        .filter(procedure_team::procedure_id.eq(procedure))
        .order(staff::display_name)
        .select(staff::display_name)
        .load(connection)?)
}
