//! The scans of packs with what is known of their procedures, products and overrides: for the insight into scan quality.

use diesel::prelude::*;

use crate::catalogue;
use crate::error::{Code, Problem};
use crate::store::AnyConnection;
use crate::store::columns::Moment;
use crate::store::read::period::Period;
use crate::store::schema::{procedures, scan_events};
use crate::theatre::model::{NewScan, ProcedureId, ScanAnswer, ScanId, ScannedKind};
use crate::theatre::overrides;
use crate::theatre::scan_quality::PackScan;

/// Most scans that are counted, the latest first: a large hospital's month.
const MOST: i64 = 50_000;

/// The scans of packs that were received in a period, the latest at most.
///
/// # Errors
/// Those of the database.
pub fn pack_scans(connection: &mut AnyConnection, period: Period) -> Result<Vec<PackScan>, Problem> {
    type Row = (ScanId, ProcedureId, String, Vec<u8>, Moment, Option<ScanId>, String);
    let mut query = scan_events::table
        .inner_join(procedures::table)
        .filter(scan_events::kind.eq_any([ScannedKind::Pack, ScannedKind::Other]))
        .filter(scan_events::sealed.eq(false))
        .select((
            scan_events::id,
            procedures::id,
            procedures::theatre,
            scan_events::payload,
            scan_events::scanned_at,
            scan_events::supersedes,
            scan_events::answer,
        ))
        .into_boxed();
    if let Some(start) = period.start() {
        query = query.filter(scan_events::received_at.ge(start));
    }
    if let Some(end) = period.end() {
        query = query.filter(scan_events::received_at.lt(end));
    }
    let rows: Vec<Row> = query.order(scan_events::received_at.desc()).limit(MOST).load(connection)?;
    let overridden = overrides::overridden_scans(connection)?;
    let unreadable = |error| Problem::new(Code::Internal, "A scan could not be read.").because(error);
    let mut scans = Vec::with_capacity(rows.len());
    for (id, procedure, theatre, payload, scanned_at, supersedes, answer) in rows {
        let sent: NewScan = serde_json::from_slice(&payload).map_err(unreadable)?;
        // A further unit of a pack that was scanned before says nothing of scanning.
        if sent.again_of.is_some() {
            continue;
        }
        let answer: ScanAnswer = serde_json::from_str(&answer).map_err(unreadable)?;
        scans.push(PackScan {
            id,
            procedure,
            theatre,
            workstation: sent.workstation.map(|workstation| workstation.to_string()),
            entry: sent.entry,
            scanned_at: scanned_at.utc(),
            supersedes,
            answer,
            overridden: overridden.contains(&id),
            maker: None,
        });
    }
    let mut products: Vec<_> = scans.iter().filter_map(|scan| scan.answer.product.as_ref().map(|one| one.id)).collect();
    products.sort_unstable();
    products.dedup();
    let known = catalogue::store::products(connection, &products)?;
    for scan in &mut scans {
        let product = scan.answer.product.as_ref().and_then(|product| known.get(&product.id));
        scan.maker = product.map(|product| product.maker.clone());
    }
    Ok(scans)
}
