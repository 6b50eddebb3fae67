#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tessera_scanner_fuzz::picture(data));
