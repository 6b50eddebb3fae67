//! Rows as the bulk loader writes them: columns that are always empty in an import are left out.

use chrono::NaiveDate;
use diesel::Insertable;
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Date;
use diesel::sqlite::Sqlite;

use crate::catalogue::model::{Agency, ProductId};
use crate::identity::model::PatientId;
use crate::identity::store::PatientRowId;
use crate::outcomes::model::{OutcomeId, OutcomeKind};
use crate::recalls::stock::model::{StockId, StockState};
use crate::store::columns::Moment;
use crate::store::schema::{
    device_uses, outcomes, patient_demographics, patient_identifiers, patients, procedures, revision_removals,
    stock_items,
};
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide, ProcedureId};
use crate::theatre::team::StaffId;

/// Rows of many patients, table by table.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub patients: Vec<PatientRow>,
    pub identifiers: Vec<IdentifierRow>,
    pub demographics: Vec<DemographicsRow>,
    pub procedures: Vec<ProcedureRow>,
    pub device_uses: Vec<DeviceUseRow>,
    pub outcomes: Vec<OutcomeRow>,
    pub removals: Vec<RemovalRow>,
    pub stock: Vec<StockRow>,
}

impl Batch {
    /// Adds the rows of another, after these.
    pub fn append(&mut self, mut other: Self) {
        self.patients.append(&mut other.patients);
        self.identifiers.append(&mut other.identifiers);
        self.demographics.append(&mut other.demographics);
        self.procedures.append(&mut other.procedures);
        self.device_uses.append(&mut other.device_uses);
        self.outcomes.append(&mut other.outcomes);
        self.removals.append(&mut other.removals);
        self.stock.append(&mut other.stock);
    }
}

/// Calls `$body` with each table of the batch and its rows, in an order in which references point backwards.
macro_rules! each_table {
    ($batch:expr, |$table:ident, $rows:ident| $body:expr) => {{
        use $crate::store::schema;
        each_table!(@one $batch, patients, patients, $table, $rows, $body);
        each_table!(@one $batch, patient_identifiers, identifiers, $table, $rows, $body);
        each_table!(@one $batch, patient_demographics, demographics, $table, $rows, $body);
        each_table!(@one $batch, procedures, procedures, $table, $rows, $body);
        each_table!(@one $batch, device_uses, device_uses, $table, $rows, $body);
        each_table!(@one $batch, outcomes, outcomes, $table, $rows, $body);
        each_table!(@one $batch, revision_removals, removals, $table, $rows, $body);
        each_table!(@one $batch, stock_items, stock, $table, $rows, $body);
    }};
    (@one $batch:expr, $name:ident, $field:ident, $table:ident, $rows:ident, $body:expr) => {{
        let ($table, $rows) = (schema::$name::table, &$batch.$field);
        $body
    }};
}
pub(super) use each_table;

/// The tables that a batch fills.
pub(super) const TABLES: [&str; 8] = [
    "patients",
    "patient_identifiers",
    "patient_demographics",
    "procedures",
    "device_uses",
    "outcomes",
    "revision_removals",
    "stock_items",
];

/// A day, written without diesel's walk through a format, which took a tenth of the time of a row.
#[derive(Clone, Copy, Debug, AsExpression)]
#[diesel(sql_type = Date)]
pub(super) struct Day(pub NaiveDate);

impl ToSql<Date, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        // ISO 8601, as `NaiveDate` displays itself.
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl ToSql<Date, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Date, Pg>::to_sql(&self.0, out)
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = patients, treat_none_as_default_value = false)]
pub(super) struct PatientRow {
    pub id: PatientId,
    pub person_id: PatientId,
    pub birth_year: Option<i32>,
    pub sex: Option<String>,
    pub created_at: Moment,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = patient_identifiers, treat_none_as_default_value = false)]
pub(super) struct IdentifierRow {
    pub id: PatientRowId,
    pub patient_id: PatientId,
    pub kind: &'static str,
    pub assigner: &'static str,
    pub pseudonym: Vec<u8>,
    pub sealed: Vec<u8>,
    pub created_at: Moment,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = patient_demographics, treat_none_as_default_value = false)]
pub(super) struct DemographicsRow {
    pub id: PatientRowId,
    pub patient_id: PatientId,
    pub sealed: Vec<u8>,
    pub recorded_at: Moment,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = procedures, treat_none_as_default_value = false)]
pub(super) struct ProcedureRow {
    pub id: ProcedureId,
    pub patient_id: PatientId,
    pub site_code: String,
    pub theatre: String,
    pub opcs4: &'static str,
    pub side: Option<OperatedSide>,
    pub indication: Option<String>,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    pub surgeon_id: Option<StaffId>,
    pub bmi: Option<f64>,
    pub asa: Option<i32>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = device_uses, treat_none_as_default_value = false)]
pub(super) struct DeviceUseRow {
    pub id: DeviceUseId,
    pub procedure_id: ProcedureId,
    pub product_id: Option<ProductId>,
    pub issuer: Option<Agency>,
    pub identifier: Option<String>,
    pub lot: Option<String>,
    pub lot_alike: Option<String>,
    pub serial: Option<String>,
    pub serial_alike: Option<String>,
    pub expiry: Option<Day>,
    pub manufacture: Option<Day>,
    pub fate: Fate,
    pub side: Option<OperatedSide>,
    pub recorded_at: Moment,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = outcomes, treat_none_as_default_value = false)]
pub(super) struct OutcomeRow {
    pub id: OutcomeId,
    pub patient_id: PatientId,
    pub kind: OutcomeKind,
    pub occurred_on: NaiveDate,
    pub procedure_id: Option<ProcedureId>,
    pub code: Option<String>,
    pub score: Option<f64>,
    pub withdrawn: bool,
    pub recorded_at: Moment,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = revision_removals, treat_none_as_default_value = false)]
pub(super) struct RemovalRow {
    pub outcome_id: OutcomeId,
    pub device_use_id: DeviceUseId,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = stock_items, treat_none_as_default_value = false)]
pub(super) struct StockRow {
    pub id: StockId,
    pub site_code: String,
    pub location: String,
    pub product_id: Option<ProductId>,
    pub issuer: Agency,
    pub identifier: String,
    pub lot: Option<String>,
    pub lot_alike: Option<String>,
    pub serial: Option<String>,
    pub serial_alike: Option<String>,
    pub expiry: Option<Day>,
    pub quantity: i32,
    pub state: StockState,
    pub received_at: Moment,
}
