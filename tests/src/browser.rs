//! A script in a real, headless Chromium.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{artefacts, workspace};

/// Runs scripts of `tests/browser` (see `lib.mjs` there) with Node.js and playwright-core.
#[derive(Debug)]
pub struct Browser {
    script: PathBuf,
    pictures: PathBuf,
}

impl Browser {
    /// The script `tests/browser/NAME.mjs`; its pictures go to `test-artefacts/NAME`.
    pub fn script(name: &str) -> Self {
        let script = workspace().join("tests/browser").join(format!("{name}.mjs"));
        Self { script, pictures: artefacts(name) }
    }

    /// Runs it against a server; `facts` is what it may need to know. Returns the JSON of its last line.
    ///
    /// # Panics
    /// If it fails; the message holds what it printed.
    pub fn run(&self, base: &str, facts: &Value) -> Value {
        let output = Command::new("node")
            .arg(&self.script)
            .env("TESSERA_BASE", base)
            .env("TESSERA_FACTS", facts.to_string())
            .env("TESSERA_PICTURES", &self.pictures)
            .stdin(Stdio::null())
            .output()
            .expect("./tessera test installs Node.js");
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{} failed:\n{said}\n{complained}", self.script.display());
        said.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or(Value::Null)
    }
}
