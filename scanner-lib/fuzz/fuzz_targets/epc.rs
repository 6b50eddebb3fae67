//! Radio tags: what is read follows the rules of its elements.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(tag) = tessera_scanner::gs1::epc::decode(data) {
        let _ = tag.reading(2026);
    }
    let _ = tessera_scanner::gs1::epc::read(data);
});
