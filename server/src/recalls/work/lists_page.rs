//! The page of frozen patient lists, and how the live list differs from one.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;

use super::live::live_difference;
use super::model::{Difference, FrozenLine, FrozenList, FrozenListId};
use super::picture::Picture;
use super::progress_page::frame;
use super::store as work;
use crate::access::{Permit, ReadAffected, SignedForm, UserId};
use crate::config::Config;
use crate::error::Problem;
use crate::recalls::export::tier;
use crate::recalls::model::RecallId;
use crate::store::Store;
use crate::store::read::people::users_of;
use crate::web::Page;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::recall_work::{DifferenceShown, ListRow, ListsPage};
use crate::web::words::{count, moment};

/// Lines of a difference that the page shows at the most; the API has them all.
const MOST_SHOWN: usize = 1000;

/// Which list to hold the live one against.
#[derive(Debug, Deserialize)]
pub struct Compared {
    with: Option<FrozenListId>,
}

/// `GET /recalls/{id}/lists`
#[get("/recalls/{id}/lists")]
pub async fn show_lists(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
    query: web::Query<Compared>,
) -> Result<HttpResponse, PageProblem> {
    let (id, with) = (id.into_inner(), query.with);
    let (picture, lists, users, difference) = store
        .read(move |connection| {
            let lists = work::frozen(connection, id)?;
            let ids: Vec<UserId> = lists.iter().map(|list| list.frozen_by).collect();
            let users = users_of(connection, &ids)?;
            let difference = with.map(|list| live_difference(connection, id, list)).transpose()?;
            Ok((Picture::of(connection, id)?, lists, users, difference))
        })
        .await?;
    let frozen = |list: &FrozenList| {
        let by = users.get(&list.frozen_by).map_or("somebody", |user| user.display_name.as_str());
        format!("{}, by {by}", moment(list.frozen_at))
    };
    let of = lists.iter().find(|list| Some(list.id) == with).map(|list| moment(list.frozen_at)).unwrap_or_default();
    let rows = lists.iter().map(|list| list_row(list, frozen(list))).collect::<Result<_, Problem>>()?;
    show(&ListsPage {
        page: Page::of(&permit, &config, "Patient lists", "/recalls"),
        frame: frame(&picture, "lists", String::new()),
        next_id: FrozenListId::new().to_string(),
        lists: rows,
        difference: difference.map(|difference| shown(&difference, of)),
    })
}

fn list_row(list: &FrozenList, frozen: String) -> Result<ListRow, Problem> {
    let lines = list.lines()?;
    let patients: std::collections::HashSet<_> = lines.iter().map(|line| line.patient).collect();
    Ok(ListRow {
        id: list.id.to_string(),
        frozen,
        size: format!(
            "{} in {}",
            count(lines.len(), "device", "devices"),
            count(patients.len(), "patient", "patients")
        ),
        hash: list.hash.clone(),
    })
}

fn shown(difference: &Difference, of: String) -> DifferenceShown {
    let Difference { added, removed, changed } = difference;
    let named = |what: &'static str, lines: &[FrozenLine]| -> Vec<_> {
        lines.iter().map(|line| (what, line.pseudonym.clone(), how(line))).collect()
    };
    let mut rows = named("Added", added);
    rows.extend(named("No longer on it", removed));
    rows.extend(named("Changed", changed));
    rows.truncate(MOST_SHOWN);
    DifferenceShown { of, rows }
}

fn how(line: &FrozenLine) -> String {
    let place = if line.in_patient { "in the patient" } else { "taken out" };
    format!("{}, {place}", tier(line.tier))
}

/// The id under which the list is frozen.
#[derive(Debug, Deserialize)]
pub struct FreezeForm {
    id: FrozenListId,
}

/// `POST /recalls/{id}/lists`
#[post("/recalls/{id}/lists")]
pub async fn post_list(
    store: web::Data<Store>,
    permit: Permit<ReadAffected>,
    id: web::Path<RecallId>,
    form: SignedForm<FreezeForm>,
) -> Result<HttpResponse, PageProblem> {
    let (user, recall, list) = (permit.user().clone(), id.into_inner(), form.0.id);
    let taken = store.read(move |connection| work::taken(connection, recall)).await?;
    store.write(move |tx| work::freeze(tx, &user, (list, recall), &taken)).await?;
    Ok(see_other(&format!("/recalls/{recall}/lists?with={list}")))
}
