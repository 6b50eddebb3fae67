//! ISBT 128.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = tessera_scanner::isbt128::parse(data);
});
