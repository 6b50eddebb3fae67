//! Scan to quarantine: a pack is held in hand and scanned; if the recall means it, it is set apart and counted as found.

use serde::Serialize;
use tessera_scanner::recall_match::{Criterion, Match, Tier, Unit, gravest, hold};
use tessera_scanner::udi::DeviceIdentifier;
use utoipa::ToSchema;

use super::finding::{Finding, FindingOutcome, NewShelfScan, NewUnaccounted, ShelfLine, shelf_lines};
use super::findings;
use super::site::may_speak_for;
use crate::access::User;
use crate::audit::{self, Act};
use crate::catalogue;
use crate::error::{Code, Problem};
use crate::once::repeated;
use crate::recalls::meant::{Shown, active_about_unit};
use crate::recalls::model::{Notice, RecallId, RecallState};
use crate::recalls::quarantine::Recalled;
use crate::recalls::stock::pack::Pack;
use crate::recalls::stock::store as stock;
use crate::recalls::store as recalls;
use crate::store::Transaction;
use crate::store::columns::Moment;
use crate::store::read::affected::{self, Excluded};
use crate::theatre::organisations::site_name;

/// What a scan on a shelf led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "result")]
pub enum ShelfAnswer {
    /// Meant by the recall: set it apart. It is counted.
    SetApart {
        /// As it is kept.
        finding: Finding,
    },
    /// This very pack was counted before: set it apart.
    CountedBefore {
        /// As it was kept.
        finding: Finding,
    },
    /// Not meant by the recall.
    NotMeant {
        /// What was scanned.
        unit: String,
        /// Why not.
        reason: String,
    },
}

/// The line of the list that this pack belongs to: the same device, lot and serial, else packs of that device without a lot.
fn line<'a>(pack: &Pack, lines: &'a [ShelfLine], devices: &[DeviceIdentifier]) -> Option<&'a ShelfLine> {
    let of_device = |line: &&ShelfLine| {
        let expected = &line.expected;
        let device = DeviceIdentifier { issuer: expected.issuer.into(), text: expected.identifier.clone() };
        line.open() > 0 && devices.contains(&device)
    };
    let exact = |line: &&ShelfLine| line.expected.lot == pack.lot && line.expected.serial == pack.serial;
    let vague = |line: &&ShelfLine| {
        let expected = &line.expected;
        let may_be = |ours: &Option<String>, theirs: &Option<String>| theirs.is_none() || ours == theirs;
        may_be(&pack.lot, &expected.lot) && may_be(&pack.serial, &expected.serial)
    };
    let candidates = || lines.iter().filter(of_device);
    candidates().find(exact).or_else(|| candidates().find(vague))
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    site: &'a str,
    unit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<FindingOutcome>,
    reason: &'a str,
}

fn record(
    tx: &mut Transaction<'_>,
    user: &User,
    action: &'static str,
    recall: RecallId,
    told: &Told<'_>,
) -> Result<(), Problem> {
    let act = Act { action, subject_kind: "recall", subject: recall.to_string(), detail: told };
    audit::record(tx, &user.into(), &act)
}

fn active(tx: &mut Transaction<'_>, id: RecallId) -> Result<Notice, Problem> {
    let notice = recalls::notice(tx, id)?;
    if notice.state == RecallState::Active {
        return Ok(notice);
    }
    let detail = format!("{} is {}: shelves are searched for an active recall.", notice.reference, notice.state);
    Err(Problem::new(Code::WrongState, detail))
}

/// Holds a scanned pack against the recall; sets it apart and counts it where it is meant.
///
/// # Errors
/// [`Code::InvalidInput`] where the barcodes give no device, [`Code::WrongState`] where the recall does not act, [`Code::NotPermitted`] for
/// somebody of another site, [`Code::IdReused`].
pub fn scan(tx: &mut Transaction<'_>, user: &User, id: RecallId, new: &NewShelfScan) -> Result<ShelfAnswer, Problem> {
    may_speak_for(user, &new.site)?;
    site_name(tx, &new.site)?;
    let scanned = new.barcodes.join("\n");
    let same = |there: &Finding| there.recall_id == id && there.site_code == new.site && there.scanned == scanned;
    if let Some(finding) = repeated(findings::find(tx, new.id)?, same, || format!("finding {}", new.id))? {
        return Ok(ShelfAnswer::SetApart { finding });
    }
    let notice = active(tx, id)?;
    let pack = Pack::read(&new.barcodes)?;
    let unit = pack.words();
    let (devices, criteria, found) = held(tx, &notice, &pack)?;
    let reason = match found {
        Some(found) if found.tier > Tier::Excluded => found.reason,
        found => {
            let reason = found.map_or_else(|| "The recall does not name this device.".to_owned(), |found| found.reason);
            let told = Told { site: &new.site, unit: &unit, outcome: None, reason: &reason };
            record(tx, user, "recall-pack-not-meant", id, &told)?;
            return Ok(ShelfAnswer::NotMeant { unit, reason });
        }
    };
    let known = findings::of_recall(tx, id)?;
    if pack.serial.is_some()
        && let Some(before) = known.iter().find(|one| one.unit == unit && one.outcome != FindingOutcome::Unaccounted)
    {
        return Ok(ShelfAnswer::CountedBefore { finding: before.clone() });
    }
    let mut expected = affected::stock(tx, &criteria, Excluded::LeftOut)?;
    expected.retain(|one| one.site == new.site);
    let lines = shelf_lines(expected, &known);
    let line = line(&pack, &lines, &devices);
    let finding = Finding {
        id: new.id,
        recall_id: id,
        site_code: new.site.clone(),
        outcome: if line.is_some() { FindingOutcome::Found } else { FindingOutcome::Unexpected },
        stock_id: line.map(|line| line.expected.id),
        unit,
        scanned,
        quantity: 1,
        reason: reason.clone(),
        recorded_at: Moment::now(),
        recorded_by: user.id,
    };
    findings::add(tx, &finding)?;
    if let Some(stock_id) = finding.stock_id {
        let why = Recalled { recall: notice.reference, reason };
        stock::quarantine(tx, &user.into(), &[(stock_id, why)])?;
    }
    let told = Told { site: &new.site, unit: &finding.unit, outcome: Some(finding.outcome), reason: &finding.reason };
    record(tx, user, "recall-pack-found", id, &told)?;
    Ok(ShelfAnswer::SetApart { finding })
}

/// A pack held against a recall: the pack's identifiers, the lines of the notice that may mean it, and how it stands.
type Held = (Vec<DeviceIdentifier>, Vec<Criterion>, Option<Match>);

/// Holds a pack against the few lines that may mean it: a notice can have a million. Where none does, a line about the same device
/// says why not.
fn held(tx: &mut Transaction<'_>, notice: &Notice, pack: &Pack) -> Result<Held, Problem> {
    let product = catalogue::store::by_identifier(tx, &pack.device)?;
    let mut devices = match &product {
        Some(product) => catalogue::store::identifiers_of(tx, product.id)?,
        None => Vec::new(),
    };
    if !devices.contains(&pack.device) {
        devices.push(pack.device.clone());
    }
    let unit = Unit {
        devices: &devices,
        maker: product.as_ref().map(|product| product.maker.as_str()),
        reference: product.as_ref().map(|product| product.reference.as_str()),
        lot: pack.lot.as_deref(),
        serial: pack.serial.as_deref(),
        expiry: pack.expiry,
        manufacture: pack.manufacture,
    };
    let shown = Shown::of(pack.lot.as_deref(), pack.serial.as_deref());
    let about = active_about_unit(tx, &devices, (unit.maker, unit.reference), &shown)?;
    let mine = about.into_iter().find(|recall| recall.reference == notice.reference);
    let criteria = mine.map(|recall| recall.criteria).unwrap_or_default();
    let mut found = gravest(&unit, &criteria).map(|(_, found)| found);
    if found.is_none() {
        found = recalls::line_about(tx, notice.id, &devices, unit.reference)?.and_then(|line| hold(&unit, &line));
    }
    Ok((devices, criteria, found))
}

/// Records packs that were searched for in vain.
///
/// # Errors
/// [`Code::InvalidInput`] for more packs than are open or without a reason, [`Code::NotFound`] where the recall does not concern such packs,
/// [`Code::NotPermitted`] for somebody of another site, [`Code::IdReused`].
pub fn unaccounted(
    tx: &mut Transaction<'_>,
    user: &User,
    id: RecallId,
    new: &NewUnaccounted,
) -> Result<Finding, Problem> {
    let reason = new.reason.trim();
    if reason.is_empty() || reason.chars().count() > 1000 {
        return Err(Problem::invalid("Say where the packs may have gone, in 1 to 1,000 characters."));
    }
    let same = |there: &Finding| {
        there.recall_id == id
            && there.stock_id == Some(new.stock)
            && there.quantity == new.quantity
            && there.reason == reason
    };
    if let Some(there) = repeated(findings::find(tx, new.id)?, same, || format!("finding {}", new.id))? {
        return Ok(there);
    }
    active(tx, id)?;
    let criteria = recalls::show(tx, id)?.criteria;
    let expected = affected::stock(tx, &criteria, Excluded::LeftOut)?;
    let lines = shelf_lines(expected, &findings::of_recall(tx, id)?);
    let line = lines
        .iter()
        .find(|line| line.expected.id == new.stock)
        .ok_or_else(|| Problem::not_found(format!("stock item {} among those that the recall concerns", new.stock)))?;
    may_speak_for(user, &line.expected.site)?;
    let expected = &line.expected;
    let unit = [Some(&expected.identifier), expected.lot.as_ref(), expected.serial.as_ref()];
    let finding = Finding {
        id: new.id,
        recall_id: id,
        site_code: expected.site.clone(),
        outcome: FindingOutcome::Unaccounted,
        stock_id: Some(new.stock),
        unit: unit.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", "),
        scanned: String::new(),
        quantity: line.take(new.quantity)?,
        reason: reason.to_owned(),
        recorded_at: Moment::now(),
        recorded_by: user.id,
    };
    findings::add(tx, &finding)?;
    let told =
        Told { site: &finding.site_code, unit: &finding.unit, outcome: Some(FindingOutcome::Unaccounted), reason };
    record(tx, user, "recall-pack-unaccounted", id, &told)?;
    Ok(finding)
}
