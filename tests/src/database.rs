//! A database for one test, and only for it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Which database keeps the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file, embedded.
    Sqlite,
    /// The cluster at `TESSERA_TEST_POSTGRES`, which `./tessera test` starts.
    Postgres,
}

impl Engine {
    /// Whether tests can run on it. In CI, and where `./tessera test` runs, PostgreSQL must be there.
    ///
    /// # Panics
    /// In CI without `TESSERA_TEST_POSTGRES`: a skipped half of the tests must not look green.
    pub fn is_here(self) -> bool {
        if self == Self::Sqlite || cluster().is_some() {
            return true;
        }
        assert!(std::env::var_os("CI").is_none(), "TESSERA_TEST_POSTGRES is not set: run the tests by ./tessera test");
        eprintln!("not run: TESSERA_TEST_POSTGRES is not set (./tessera test sets it)");
        false
    }
}

fn cluster() -> Option<String> {
    std::env::var("TESSERA_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// A new, empty database, removed when dropped.
#[derive(Debug)]
pub struct Database {
    engine: Engine,
    /// Name in the cluster, for PostgreSQL.
    name: String,
    folder: TempDir,
}

impl Database {
    /// A new, empty one.
    pub fn new(engine: Engine) -> Self {
        let folder = TempDir::with_prefix("tessera-test-").expect("the temporary folder can be written to");
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        if engine == Engine::Postgres {
            psql(&format!("CREATE DATABASE {name}"));
        }
        Self { engine, name, folder }
    }

    /// Which engine keeps it.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Its address, as `--database` takes it.
    pub fn url(&self) -> String {
        match self.engine {
            Engine::Sqlite => format!("sqlite:{}", self.folder().join("registry.db").display()),
            Engine::Postgres => {
                let cluster = cluster().expect("Engine::is_here was asked before");
                let (server, _) = cluster.rsplit_once('/').expect("the cluster's address ends with a database's name");
                format!("{server}/{}", self.name)
            }
        }
    }

    /// A folder of this test's own: keys, outboxes, and SQLite's file.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.engine == Engine::Postgres {
            psql(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

fn psql(statement: &str) {
    let cluster = cluster().expect("Engine::is_here was asked before");
    let output = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement, &cluster])
        .stdin(Stdio::null())
        .output()
        .expect("psql comes with PostgreSQL");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
}
