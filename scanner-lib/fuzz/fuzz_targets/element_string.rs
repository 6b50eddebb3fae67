//! Element strings: every span lies in the message, and the quick way reads what the words tell.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_scanner::gs1::element_string;

fuzz_target!(|data: &[u8]| {
    let read = element_string::parse(data);
    for finding in &read.findings {
        assert!(finding.span.is_none_or(|(start, end)| start <= end && end <= data.len()));
    }
    for element in &read.elements {
        assert!(data[element.start..].starts_with(&element.value));
    }
    let _ = element_string::parse_with(data, true);
});
