//! What scanners type: no candidate breaks the rules of its standard without a word.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_scanner::handheld::ScannerProfile;

fuzz_target!(|data: &[u8]| {
    let _ = tessera_scanner::handheld::receive_all(data, &ScannerProfile::default());
});
