//! Anything that somebody pastes, as any kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_scanner::explain::{Kind, Outcome, Request, explain, words};

fuzz_target!(|data: &[u8]| {
    let [kind, rest @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let kinds = [Kind::Auto, Kind::Scan, Kind::Wedge, Kind::Bracketed, Kind::DlUri, Kind::EpcHex];
    let answer = explain(&Request::new(text, kinds[usize::from(*kind) % kinds.len()]), 2026);
    assert!(answer.outcome != Outcome::Refused || !answer.findings.is_empty());
    let _ = words::lines(&answer, 2026);
});
