//! Bulk loading into PostgreSQL: COPY, in one transaction.
//!
//! References and indexes are dropped first and made again last, which checks every row at once instead of one by one. All
//! of it is one transaction: either the whole load is there or nothing has changed.

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};

use super::rows::{Batch, TABLES, each_table};
use crate::error::Problem;
use crate::store::{AnyConnection, DatabaseUrl, connect_for_loading};

/// A load under way.
pub(super) struct PostgresLoad {
    connection: PgConnection,
    /// What makes the indexes and references again.
    rebuild: Vec<Rebuild>,
}

#[derive(QueryableByName)]
struct Rebuild {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    take_away: String,
    #[diesel(sql_type = Text)]
    make: String,
}

const REFERENCES: &str = "SELECT conname::text AS name, \
     format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS take_away, \
     format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make \
     FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY ($1::regclass[]) ORDER BY conname";

const INDEXES: &str = "SELECT i.indexrelid::regclass::text AS name, \
     format('DROP INDEX %s', i.indexrelid::regclass) AS take_away, pg_get_indexdef(i.indexrelid) AS make \
     FROM pg_index i WHERE i.indrelid = ANY ($1::regclass[]) \
     AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1";

impl PostgresLoad {
    /// Begins the transaction and drops references and indexes.
    pub fn begin(url: &str) -> Result<Self, Problem> {
        let AnyConnection::Postgres(mut connection) = connect_for_loading(&DatabaseUrl::Postgres(url.to_owned()))?
        else {
            unreachable!("a PostgreSQL URL opens PostgreSQL")
        };
        connection.batch_execute("SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 2;")?;
        AnsiTransactionManager::begin_transaction(&mut connection)?;
        let mut rebuild = Vec::new();
        for question in [REFERENCES, INDEXES] {
            let found: Vec<Rebuild> =
                diesel::sql_query(question).bind::<Array<Text>, _>(TABLES.as_slice()).load(&mut connection)?;
            for one in &found {
                connection.batch_execute(&one.take_away)?;
            }
            // Indexes come back before the references that use them.
            rebuild.splice(0..0, found);
        }
        Ok(Self { connection, rebuild })
    }

    /// Copies the rows of a batch.
    pub fn write(&mut self, batch: &Batch) -> Result<(), Problem> {
        each_table!(batch, |table, rows| {
            diesel::copy_from(table).from_insertable(rows).execute(&mut self.connection)?;
        });
        Ok(())
    }

    /// Makes indexes and references again and commits.
    pub fn finish(mut self, mut say: impl FnMut(&str)) -> Result<(), Problem> {
        for one in &self.rebuild {
            say(&format!("building {}", one.name));
            self.connection.batch_execute(&one.make)?;
        }
        say("committing");
        AnsiTransactionManager::commit_transaction(&mut self.connection)?;
        say("gathering statistics");
        Ok(self.connection.batch_execute(&format!("ANALYZE {}", TABLES.join(", ")))?)
    }
}
