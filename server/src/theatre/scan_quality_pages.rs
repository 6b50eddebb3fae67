//! The page, the list for programs and the file about scan quality.

use actix_web::{HttpResponse, get, web};
use chrono::{Days, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::scan_quality::{By, Quality, told};
use crate::access::{Permit, ReadScanQuality};
use crate::config::Config;
use crate::error::{Problem, ProblemDetails};
use crate::spreadsheet::{attached, written};
use crate::store::Store;
use crate::store::read::pack_scans::pack_scans;
use crate::store::read::period::Period;
use crate::web::page_problem::{PageProblem, show};
use crate::web::scan_quality::{ScanQualityPage, ScanQualityRow};
use crate::web::words::grouped;
use crate::web::{Choice, Page};

/// Days that are told unless others are asked for.
const DAYS: u64 = 30;

/// What is asked.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
pub struct ScanQualityQuery {
    /// `supplier`, `product`, `scanner` or `theatre`; `supplier` unless told.
    #[param(value_type = Option<String>)]
    by: Option<By>,
    /// First day (London); thirty days ago unless told.
    #[serde(default, deserialize_with = "day_or_nothing")]
    from: Option<NaiveDate>,
    /// Last day (London).
    #[serde(default, deserialize_with = "day_or_nothing")]
    to: Option<NaiveDate>,
}

/// A form sends an empty field as an empty text.
fn day_or_nothing<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}

impl ScanQualityQuery {
    fn by(self) -> By {
        self.by.unwrap_or(By::Supplier)
    }

    fn from(self) -> Option<NaiveDate> {
        self.from.or_else(|| Utc::now().date_naive().checked_sub_days(Days::new(DAYS)))
    }

    fn period(self) -> Period {
        Period { from: self.from(), to: self.to }
    }
}

async fn ask(store: &Store, query: ScanQualityQuery) -> Result<Vec<Quality>, Problem> {
    let scans = store.read(move |connection| pack_scans(connection, query.period())).await?;
    Ok(told(&scans, query.by()))
}

/// How well scanning goes
#[utoipa::path(tag = "theatre", params(ScanQualityQuery), responses((status = 200, body = Vec<Quality>), (status = 403, body = ProblemDetails)))]
#[get("/scan-quality")]
pub async fn list_scan_quality(
    store: web::Data<Store>,
    _permit: Permit<ReadScanQuality>,
    query: web::Query<ScanQualityQuery>,
) -> Result<web::Json<Vec<Quality>>, Problem> {
    ask(&store, query.into_inner()).await.map(web::Json)
}

/// `GET /scan-quality/export`
#[get("/scan-quality/export")]
pub async fn export_scan_quality(
    store: web::Data<Store>,
    _permit: Permit<ReadScanQuality>,
    query: web::Query<ScanQualityQuery>,
) -> Result<HttpResponse, PageProblem> {
    let list = ask(&store, query.into_inner()).await?;
    Ok(attached("scan-quality.csv", csv_of(&list)?))
}

fn csv_of(list: &[Quality]) -> Result<String, Problem> {
    let head = ["name", "items", "first_scan", "repaired", "unread", "overrides", "median_seconds", "reasons"];
    written(
        &head,
        list.iter().map(|one| {
            let reasons: Vec<String> = one.reasons.iter().map(|(code, count)| format!("{code}:{count}")).collect();
            let [items, first, repaired, unread, overrides] =
                [one.items, one.first_scan, one.repaired, one.unread, one.overrides].map(|count| count.to_string());
            let seconds = one.seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
            [one.name.clone(), items, first, repaired, unread, overrides, seconds, reasons.join(" ")]
        }),
    )
}

/// `GET /scan-quality`
#[get("/scan-quality")]
pub async fn show_scan_quality(
    store: web::Data<Store>,
    config: web::Data<Config>,
    permit: Permit<ReadScanQuality>,
    query: web::Query<ScanQualityQuery>,
) -> Result<HttpResponse, PageProblem> {
    let query = query.into_inner();
    let rows = ask(&store, query).await?.into_iter().map(|one| ScanQualityRow {
        first_scan: format!("{} %", one.first_scan_percent()),
        items: grouped(one.items),
        repaired: grouped(one.repaired),
        unread: grouped(one.unread),
        overrides: grouped(one.overrides),
        seconds: one.seconds.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds} s")),
        reasons: one
            .reasons
            .iter()
            .take(3)
            .map(|(code, count)| format!("{} ({count})", code.replace('-', " ")))
            .collect(),
        name: one.name,
    });
    let by = query.by();
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let (from, to) = (day(query.from()), day(query.to));
    let words = [("supplier", "Supplier"), ("product", "Product"), ("scanner", "Scanner"), ("theatre", "Theatre")];
    let to_part = if to.is_empty() { String::new() } else { format!("&to={to}") };
    show(&ScanQualityPage {
        page: Page::of(&permit, &config, "Scan quality", "/scan-quality"),
        export: format!("/scan-quality/export?by={by}&from={from}{to_part}"),
        choices: Choice::list(words, by.word()),
        from,
        to,
        rows: rows.collect(),
    })
}
