//! Databases for tests: each test gets one of its own, on both engines.
//!
//! SQLite always; PostgreSQL where `TESSERA_TEST_POSTGRES` names a cluster in which databases may be created, as
//! `./tessera test` always does.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use super::{DatabaseUrl, Engine, Store};

/// Runs a test on a fresh database of each engine.
pub fn on_both_engines(test: impl Fn(&Store)) {
    on_both_urls(|url| test(&Store::open(url).unwrap()));
}

/// The same for a test that opens and closes the database itself.
pub fn on_both_urls(test: impl Fn(&DatabaseUrl)) {
    let folder = tempfile::tempdir().unwrap();
    test(&DatabaseUrl::Sqlite(folder.path().join("registry.db")));

    let Ok(cluster) = std::env::var("TESSERA_TEST_POSTGRES") else {
        eprintln!("TESSERA_TEST_POSTGRES is not set: this test ran on {:?} only", Engine::Sqlite);
        return;
    };
    let name = format!("unit_{}", uuid::Uuid::now_v7().simple());
    let mut server = PgConnection::establish(&cluster).unwrap();
    server.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let (before, after) = cluster.split_once('?').map_or((cluster.as_str(), None), |(a, b)| (a, Some(b)));
    let base = before.rsplit_once('/').map_or(before, |(base, _)| base);
    let url = after.map_or_else(|| format!("{base}/{name}"), |options| format!("{base}/{name}?{options}"));
    test(&DatabaseUrl::Postgres(url));
    server.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
}

#[cfg(test)]
mod tests {
    use super::super::columns::Moment;
    use super::*;
    use crate::access::Actor;
    use crate::audit::chain::{Verified, verify};
    use crate::audit::{Act, record};
    use crate::error::Problem;

    fn note(store: &Store, subject: &str) {
        let subject = subject.to_owned();
        store
            .write_now(move |tx| {
                let act = Act { action: "tested", subject_kind: "test", subject: subject.clone(), detail: &"no more" };
                record(tx, &Actor::System, &act)
            })
            .unwrap();
    }

    #[test]
    fn a_failed_change_leaves_nothing_and_the_next_one_works() {
        on_both_engines(|store| {
            let refused = store.write_now(|tx| {
                let act = Act { action: "tested", subject_kind: "test", subject: "a".to_owned(), detail: &() };
                record(tx, &Actor::System, &act)?;
                Err::<(), _>(Problem::invalid("no"))
            });
            assert!(refused.is_err());
            note(store, "b");
            assert_eq!(store.read_now(verify).unwrap(), Verified::Whole { sealed: 0, waiting: 1 });
        });
    }

    #[test]
    fn a_change_that_panics_takes_nothing_with_it() {
        on_both_engines(|store| {
            if store.engine() == Engine::Sqlite {
                let stopped = store.write_now(|_| -> Result<(), Problem> { panic!("on purpose") });
                assert!(stopped.is_err());
            }
            note(store, "after");
            assert_eq!(store.read_now(verify).unwrap(), Verified::Whole { sealed: 0, waiting: 1 });
        });
    }

    #[test]
    fn one_failure_among_many_at_once_takes_nothing_with_it() {
        on_both_engines(|store| {
            std::thread::scope(|scope| {
                for number in 0..24_u32 {
                    scope.spawn(move || {
                        let outcome = store.write_now(move |tx| {
                            let subject = number.to_string();
                            record(
                                tx,
                                &Actor::System,
                                &Act { action: "tested", subject_kind: "test", subject, detail: &() },
                            )?;
                            if number % 4 == 3 { Err(Problem::invalid("no")) } else { Ok(number) }
                        });
                        assert_eq!(outcome.ok(), (number % 4 != 3).then_some(number));
                    });
                }
            });
            assert_eq!(store.read_now(verify).unwrap(), Verified::Whole { sealed: 0, waiting: 18 });
        });
    }

    #[test]
    fn readers_cannot_write() {
        on_both_engines(|store| {
            let refused = store.read_now(|connection| {
                Ok(connection
                    .batch_execute("INSERT INTO organisations VALUES ('RXX', 'Test', '2026-01-01 00:00:00')")?)
            });
            assert!(refused.is_err());
        });
    }

    #[test]
    fn moments_come_back_to_the_microsecond() {
        use crate::store::schema::organisations;
        on_both_engines(|store| {
            let now = Moment::now();
            store
                .write_now(move |tx| {
                    diesel::insert_into(organisations::table)
                        .values((
                            organisations::ods_code.eq("RXX"),
                            organisations::name.eq("Test"),
                            organisations::created_at.eq(now),
                        ))
                        .execute(&mut **tx)?;
                    Ok(())
                })
                .unwrap();
            let back: Moment = store
                .read_now(|connection| Ok(organisations::table.select(organisations::created_at).first(connection)?))
                .unwrap();
            assert_eq!(back, now);
        });
    }
}
