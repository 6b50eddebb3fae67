//! The tables, as diesel sees them: the same for both engines. A test holds this against a freshly migrated database of each.
//!
//! A room for each concept; the tables of all may be asked for together.

mod analysis;
mod audit;
mod catalogue;
mod device_use;
mod identity;
mod notification;
mod organisation;
mod outcome;
mod patient;
mod procedure;
mod recall;
mod stock;

pub use analysis::*;
pub use audit::*;
pub use catalogue::*;
pub use device_use::*;
pub use identity::*;
pub use notification::*;
pub use organisation::*;
pub use outcome::*;
pub use patient::*;
pub use procedure::*;
pub use recall::*;
pub use stock::*;

diesel::allow_tables_to_appear_in_same_query!(
    procedure_checks,
    device_use_marks,
    trays,
    tray_products,
    makers,
    product_attributes,
    procedure_plans,
    user_badges,
    override_witnesses,
    tablet_keys,
    override_claims,
    override_follow_ups,
    acknowledgements,
    organisations,
    sites,
    users,
    sessions,
    staff,
    audit_entries,
    audit_seals,
    patients,
    patient_identifiers,
    patient_demographics,
    patient_links,
    products,
    product_identifiers,
    procedures,
    procedure_team,
    procedure_corrections,
    scan_events,
    device_uses,
    outcomes,
    revision_removals,
    recalls,
    recall_criteria,
    recall_frozen_lists,
    recall_contacts,
    recall_stages,
    recall_sites,
    recall_findings,
    recall_letters,
    recall_alerts,
    recall_amendments,
    recall_listings,
    recall_quarantines,
    stock_items,
    scanners,
    cohort_columns,
    cohort_snapshots,
    saved_cohorts,
    odep_ratings,
    signals,
    signal_events,
    linked_lines,
    stock_places,
    stock_terms,
    stock_movements,
    stock_pars,
    stock_uses,
    webhooks,
    notification_events,
    notification_deliveries,
);
