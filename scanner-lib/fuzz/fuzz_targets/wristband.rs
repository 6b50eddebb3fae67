//! Wristbands and badges.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_scanner::handheld::{badge, wristband};

fuzz_target!(|data: &[u8]| {
    let _ = wristband::read(data, &wristband::PROFILES);
    let _ = badge::read(data);
});
