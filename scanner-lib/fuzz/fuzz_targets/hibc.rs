//! HIBC.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = tessera_scanner::hibc::parse(data, 2026);
});
