//! Reading the audit rows.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AuditEntry, AuditFilter, latest};
use crate::access::{Permit, ReadAudit};
use crate::error::{Problem, ProblemDetails};
use crate::store::Store;

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
pub struct AuditQuery {
    /// Only rows about this record.
    subject: Option<String>,
    /// Only this verb.
    action: Option<String>,
    /// At the most this many (1 to 1,000; 100 unless told).
    limit: Option<i64>,
}

/// Audit rows, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRows {
    entries: Vec<AuditEntry>,
}

/// The latest audit rows
#[utoipa::path(tag = "audit", params(AuditQuery), responses((status = 200, body = AuditRows), (status = 403, body = ProblemDetails)))]
#[get("/audit")]
pub async fn list_audit(
    store: web::Data<Store>,
    _permit: Permit<ReadAudit>,
    query: web::Query<AuditQuery>,
) -> Result<web::Json<AuditRows>, Problem> {
    let AuditQuery { subject, action, limit } = query.into_inner();
    let filter = AuditFilter { subject, action, limit: limit.unwrap_or(100).clamp(1, 1000), ..AuditFilter::default() };
    let entries = store.read(move |connection| latest(connection, &filter)).await?;
    Ok(web::Json(AuditRows { entries }))
}
