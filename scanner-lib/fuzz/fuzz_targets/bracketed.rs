//! Bracketed text; what is read prints and reads again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_scanner::gs1::element_string;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = element_string::parse_bracketed(text);
    for finding in &read.findings {
        assert!(finding.span.is_none_or(|(start, end)| start <= end && end <= data.len()));
    }
    if !read.refused() {
        let printed = element_string::human_readable(&read.elements);
        let again = element_string::parse_bracketed(&printed);
        assert!(!again.refused(), "{printed}");
        assert!(read.elements.iter().map(|e| &e.value).eq(again.elements.iter().map(|e| &e.value)), "{printed}");
    }
});
