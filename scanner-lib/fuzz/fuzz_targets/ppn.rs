//! IFA PPN.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = tessera_scanner::ppn::parse(data, 2026);
});
