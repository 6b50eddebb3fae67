//! Digital Link URIs; what is read and can be written reads again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_scanner::gs1::digital_link::{self, LinkOptions};

fuzz_target!(|data: &[u8]| {
    let Ok(uri) = std::str::from_utf8(data) else { return };
    for all in [false, true] {
        let options =
            LinkOptions { zero_suppressed_gtin: all, short_names: all, unknown_ais: all, unknown_attributes: all };
        let link = digital_link::parse(uri, options);
        for finding in &link.read.findings {
            assert!(finding.span.is_none_or(|(start, end)| start <= end && end <= data.len()));
        }
        if !all && !link.read.refused() {
            let written = digital_link::uri(&link.read.elements, Some(link.stem)).expect("it was a link before");
            let again = digital_link::parse(&written, options);
            assert!(!again.read.refused(), "{written}");
            assert_eq!(link.read.elements.len(), again.read.elements.len(), "{written}");
        }
    }
});
