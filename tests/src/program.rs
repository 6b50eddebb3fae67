//! Where the built programs and the workspace are.

use std::path::{Path, PathBuf};

/// A program that `cargo build --workspace --bins` made, of the same profile as this test.
pub fn program(name: &str) -> PathBuf {
    // target/<profile>/deps/<this test>
    let this = std::env::current_exe().expect("a running test has a path");
    let found = this.ancestors().nth(2).expect("tests are built in target/<profile>/deps").join(name);
    assert!(found.is_file(), "{} is missing: run `cargo build --workspace --bins` first", found.display());
    found
}

/// The workspace's root.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is a folder of the workspace")
}

/// A folder for what a person may want to look at after a test: pictures, pages, logs.
pub fn artefacts(name: &str) -> PathBuf {
    let folder = workspace().join("test-artefacts").join(name);
    std::fs::create_dir_all(&folder).expect("the workspace can be written to");
    folder
}
