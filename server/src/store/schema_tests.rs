//! The three descriptions of the tables must agree: `schema`, and what the migrations of each engine make.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::testing::on_both_engines;
use super::{AnyConnection, Engine};

/// Table → column → (type in `schema`, may be null).
type Tables = BTreeMap<String, BTreeMap<String, (String, bool)>>;

#[derive(QueryableByName)]
struct Described {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    may_be_null: bool,
}

const SQLITE: &str = "SELECT t.name AS table_name, c.name AS column_name, c.type AS data_type, c.\"notnull\" = 0 AS may_be_null \
     FROM sqlite_master t, pragma_table_info(t.name) c \
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'";
const POSTGRES: &str = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' AS may_be_null \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

#[test]
fn schema_and_migrations_of_both_engines_agree() {
    let written = written();
    assert!(written.len() > 20, "the schema could not be read: {written:?}");
    on_both_engines(|store| {
        let engine = store.engine();
        let made = store.read_now(|connection| Ok(made(connection, engine))).unwrap();
        assert_eq!(made, written, "{engine:?}");
    });
}

fn made(connection: &mut AnyConnection, engine: Engine) -> Tables {
    let query = match engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let columns: Vec<Described> = diesel::sql_query(query).load(connection).unwrap();
    let mut tables = Tables::new();
    for column in columns {
        let kind = diesel_type(&column.data_type).to_owned();
        tables.entry(column.table_name).or_default().insert(column.column_name, (kind, column.may_be_null));
    }
    tables
}

/// The type in `schema` for a type of either engine.
fn diesel_type(engine_type: &str) -> &'static str {
    match engine_type.to_lowercase().as_str() {
        "blob" | "bytea" => "Binary",
        "text" => "Text",
        "timestamp" | "timestamp without time zone" => "Timestamp",
        "date" => "Date",
        "boolean" => "Bool",
        "integer" => "Integer",
        "bigint" => "BigInt",
        "double" | "double precision" => "Double",
        other => panic!("no type in schema for {other}"),
    }
}

/// What the rooms of `schema` say.
fn written() -> Tables {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/schema");
    let mut tables = Tables::new();
    for room in fs::read_dir(folder).unwrap() {
        let mut table = String::new();
        for line in fs::read_to_string(room.unwrap().path()).unwrap().lines().map(str::trim) {
            if let Some(head) = line.strip_suffix(") {") {
                table = head.split(" (").next().unwrap_or_default().to_owned();
            } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
                if line.starts_with("diesel::") {
                    continue;
                }
                let may_be_null = kind.starts_with("Nullable<");
                let kind = kind.trim_start_matches("Nullable<").trim_end_matches('>').to_owned();
                tables.entry(table.clone()).or_default().insert(column.to_owned(), (kind, may_be_null));
            }
        }
    }
    tables
}
