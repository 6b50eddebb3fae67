//! Which database: decided by the URL's scheme and by nothing else.
//!
//! diesel's own `establish` for several engines tries one after the other, so that `host=db dbname=registry` with
//! PostgreSQL down would open an empty SQLite file of that name. Here an unknown scheme is an error.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::Engine;

/// A database that the registry knows how to open.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: one file.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`.
    Postgres(String),
}

/// The URL names no engine that we know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{scheme}\" is no database that Tessera knows: write sqlite:PATH or postgres://user@host/name")]
pub struct UnknownDatabase {
    scheme: String,
}

impl DatabaseUrl {
    /// The engine behind it.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = UnknownDatabase;

    fn from_str(text: &str) -> Result<Self, UnknownDatabase> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.trim_start_matches('/').is_empty() => {
                let path = path.strip_prefix("//").unwrap_or(path);
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            // What stands before the colon only: the rest may hold a password.
            _ => Err(UnknownDatabase { scheme: text.split([':', '=']).next().unwrap_or_default().to_owned() }),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides_the_engine() {
        assert_eq!("sqlite:registry.db".parse(), Ok(DatabaseUrl::Sqlite("registry.db".into())));
        assert_eq!("sqlite:///var/lib/registry.db".parse(), Ok(DatabaseUrl::Sqlite("/var/lib/registry.db".into())));
        assert_eq!("postgres://db/registry".parse::<DatabaseUrl>().map(|url| url.engine()), Ok(Engine::Postgres));
    }

    #[test]
    fn anything_else_is_refused_and_keeps_its_secrets() {
        for text in ["host=db dbname=registry password=secret", "registry.db", "", "sqlite:", "mysql://u:secret@h/d"] {
            let error = text.parse::<DatabaseUrl>().expect_err(text).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
