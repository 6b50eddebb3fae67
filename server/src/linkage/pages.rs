//! The page of data quality and linkage: what the record lacks, what became of outcomes that others recorded, and the lines that wait.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use tessera_scanner::verdict::{Side, london_date};

use super::api::{SHOWN, quality};
use super::model::{Decision, LineId};
use super::store::{self as lines, Waiting};
use crate::access::{LinkOutcomes, Permission as _, Permit, ReadCohorts, SignedForm, SignedIn};
use crate::catalogue::{Product, ProductId, store as catalogue};
use crate::cohorts::asking::Asking;
use crate::error::{Code, Problem};
use crate::identity::model::PatientId;
use crate::outcomes::model::OutcomeKind;
use crate::small_numbers::{self, in_cell};
use crate::store::Store;
use crate::theatre::model::DeviceUseId;
use crate::theatre::opcs4;
use crate::web::Page;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::quality::{CandidateRow, LinkageRow, QualityPage, QualityRow, WaitingRow};

/// Lines looked at again with one press.
const LOOKED_AT_AGAIN: i64 = 500;

/// `GET /quality`
#[get("/quality")]
pub async fn show_quality(asking: Asking, permit: Permit<ReadCohorts>) -> Result<HttpResponse, PageProblem> {
    asking.look(&permit, "quality-asked", "registry", String::new()).await?;
    show(&quality_page(&asking, &permit, String::new()).await?)
}

async fn quality_page(asking: &Asking, who: &SignedIn, error: String) -> Result<QualityPage, Problem> {
    let sight = asking.sight(who);
    let found = quality(asking, sight).await?;
    let may_link = LinkOutcomes::ROLES.contains(&who.user().role);
    let waiting = if may_link { waiting_rows(&asking.store).await? } else { Vec::new() };
    Ok(QualityPage {
        page: Page::of(who, &asking.config, "Data quality and linkage", "/quality"),
        record: found
            .record
            .iter()
            .map(|line| QualityRow {
                of: line.of.clone(),
                all: in_cell(line.all),
                lack: line.lack.clone(),
                lacking: in_cell(line.lacking),
                share: share(line.lacking, line.all),
            })
            .collect(),
        linkage: found
            .linkage
            .iter()
            .map(|line| LinkageRow {
                source: line.source.clone(),
                kind: line.kind.clone(),
                matched: in_cell(line.matched),
                review: in_cell(line.review),
                unlinked: in_cell(line.unlinked),
                set_aside: in_cell(line.set_aside),
            })
            .collect(),
        waiting,
        may_link,
        note: small_numbers::note(sight),
        error,
    })
}

fn share(part: Option<u64>, whole: Option<u64>) -> String {
    match (part, whole) {
        (Some(part), Some(whole)) if whole > 0 => {
            let percent = 100.0 * crate::analysis::life_table::float(part) / crate::analysis::life_table::float(whole);
            format!("{percent:.1}%")
        }
        _ => "–".to_owned(),
    }
}

async fn waiting_rows(store: &Store) -> Result<Vec<WaitingRow>, Problem> {
    store
        .read(|connection| {
            let waiting = lines::waiting(connection, SHOWN)?;
            let ids: Vec<ProductId> =
                waiting.iter().flat_map(|one| one.implants.iter().filter_map(|implant| implant.product)).collect();
            let mut products = HashMap::new();
            for some in ids.chunks(400) {
                products.extend(catalogue::products(connection, some)?);
            }
            Ok(waiting.iter().map(|one| waiting_row(one, &products)).collect())
        })
        .await
}

fn waiting_row(one: &Waiting, products: &HashMap<ProductId, Product>) -> WaitingRow {
    let row = &one.row;
    let coded = |code: &str| format!("{} {}", opcs4::dotted(code), opcs4::title(code)).trim().to_owned();
    let side = |side: Option<crate::theatre::model::OperatedSide>| {
        side.map(|side| Side::from(side).in_words().to_owned()).unwrap_or_default()
    };
    let facts = [
        Some(row.occurred_on.format("%-d %B %Y").to_string()),
        row.opcs4.as_deref().map(coded),
        Some(side(row.side)),
        row.code.clone(),
        row.detail.clone(),
        row.score.map(|score| score.to_string()),
    ];
    let device = |implant: &crate::store::read::implants::Implant| {
        let name = implant.product.and_then(|id| products.get(&id));
        let name =
            name.map_or_else(|| "a device that the catalogue does not have".to_owned(), crate::outcomes::pages::name);
        let ended = implant.revised_on.map(|on| format!(", taken out on {on}")).unwrap_or_default();
        CandidateRow {
            name: "device".to_owned(),
            kind: "checkbox".to_owned(),
            value: implant.id.to_string(),
            text: format!(
                "{name}, implanted on {}, {} {}{ended}",
                implant.implanted_on.format("%-d %B %Y"),
                coded(&implant.opcs4),
                side(implant.side)
            ),
        }
    };
    let procedure = |procedure: &super::matching::KnownProcedure| CandidateRow {
        name: "procedure".to_owned(),
        kind: "radio".to_owned(),
        value: procedure.id.to_string(),
        text: format!("{}, {} {}", procedure.on.format("%-d %B %Y"), coded(&procedure.opcs4), side(procedure.side)),
    };
    WaitingRow {
        id: row.id.to_string(),
        heading: format!(
            "{}, {}",
            capital(row.kind),
            one.patient.map_or_else(|| "nobody here".to_owned(), PatientId::pseudonym)
        ),
        facts: facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · "),
        source: row.source.clone(),
        why: row.why.clone(),
        candidates: one.implants.iter().map(device).chain(one.procedures.iter().map(procedure)).collect(),
        may_be_unlinked: row.kind != OutcomeKind::Death,
    }
}

fn capital(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Revision => "Revision",
        OutcomeKind::Death => "Death",
        OutcomeKind::Complication => "Complication",
        OutcomeKind::Prom => "Score",
    }
}

/// `POST /quality/again`
#[post("/quality/again")]
pub async fn post_again(
    store: web::Data<Store>,
    permit: Permit<LinkOutcomes>,
    _form: SignedForm<Vec<(String, String)>>,
) -> Result<HttpResponse, PageProblem> {
    let (actor, today) = (permit.actor(), london_date(Utc::now()));
    store.write(move |tx| lines::look_again(tx, &actor, LOOKED_AT_AGAIN, today)).await?;
    Ok(see_other("/quality"))
}

/// `POST /quality/lines/{id}`
#[post("/quality/lines/{id}")]
pub async fn post_decision(
    asking: Asking,
    permit: Permit<LinkOutcomes>,
    id: web::Path<LineId>,
    form: SignedForm<Vec<(String, String)>>,
) -> Result<HttpResponse, PageProblem> {
    let (actor, id, today) = (permit.actor(), id.into_inner(), london_date(Utc::now()));
    let decided = match decision(&form.0).checked() {
        Ok(decision) => asking.store.write(move |tx| lines::decide(tx, &actor, id, &decision, today)).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    match decided {
        Ok(()) => Ok(see_other("/quality#waiting")),
        Err(problem) if matches!(problem.code(), Code::InvalidInput | Code::WrongState) => {
            show(&quality_page(&asking, &permit, problem.detail().to_owned()).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The form as a decision; what cannot be read decides nothing, and is refused as that.
fn decision(fields: &[(String, String)]) -> Decision {
    let mut decision = Decision::default();
    for (name, value) in fields {
        match name.as_str() {
            "device" => {
                decision.devices.extend(value.parse::<uuid::Uuid>().ok().map(DeviceUseId::from));
            }
            "procedure" => decision.procedure = value.parse::<uuid::Uuid>().ok().map(Into::into),
            "otherwise" => {
                decision.unlinked |= value == "unlinked";
                decision.set_aside |= value == "set-aside";
            }
            "note" => decision.note.clone_from(value),
            _ => {}
        }
    }
    decision
}
