//! The corpus that fuzzing left, replayed: bytes that once led somewhere new lead to no panic, and what is said of them
//! holds together. `fuzz/run` makes more of it.

use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod parsers;

#[test]
fn the_kept_corpus_breaks_no_parser() {
    for (target, ask) in parsers::PARSERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let files = std::fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
        let mut replayed = 0;
        for file in files {
            let path = file.expect("the folder can be read").path();
            let bytes = std::fs::read(&path).expect("a file of the corpus can be read");
            // The name of the file is told where it breaks something.
            let broke = std::panic::catch_unwind(|| ask(&bytes)).is_err();
            assert!(!broke, "{target} breaks on {}", path.display());
            replayed += 1;
        }
        assert!(replayed > 10, "{target} has a corpus of {replayed} files");
    }
}
