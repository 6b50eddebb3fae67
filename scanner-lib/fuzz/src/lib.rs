//! What is asked of each parser, whatever the bytes: it does not panic, and what it says holds together.
//!
//! libFuzzer calls these with bytes of its own making; an ordinary test calls them with the corpus that is kept.

use tessera_scanner::explain::{Kind, Outcome, Request, explain, words};
use tessera_scanner::gs1::digital_link::LinkOptions;
use tessera_scanner::gs1::{digital_link, element_string};
use tessera_scanner::handheld::{ScannerProfile, badge, receive_all, wristband};
use tessera_scanner::label;
use tessera_scanner::symbol::{Frame, ReadOptions, Tracker, read};
use tessera_scanner::udi::{Entry, RawScan};

/// What is asked of one parser.
pub type Ask = fn(&[u8]);

/// The parsers by the names of their targets, which are the folders of the corpus.
pub const PARSERS: [(&str, Ask); 12] = [
    ("bracketed", bracketed),
    ("digital_link", link),
    ("element_string", elements),
    ("epc", tag),
    ("explain", explained),
    ("handheld", keystrokes),
    ("hibc", hibc),
    ("isbt128", isbt128),
    ("label", pack),
    ("ppn", ppn),
    ("symbol", picture),
    ("wristband", wristbands),
];

/// Bracketed text: what is read prints and reads again as the same.
pub fn bracketed(data: &[u8]) {
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
}

/// Digital Link URIs: what is read and can be written reads again as the same.
pub fn link(data: &[u8]) {
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
}

/// Element strings: every span lies in the message, every value stands where it is said to.
pub fn elements(data: &[u8]) {
    let read = element_string::parse(data);
    for finding in &read.findings {
        assert!(finding.span.is_none_or(|(start, end)| start <= end && end <= data.len()));
    }
    for element in &read.elements {
        assert!(data[element.start..].starts_with(&element.value));
    }
    let _ = element_string::parse_with(data, true);
}

/// Radio tags: what is read follows the rules of its elements.
pub fn tag(data: &[u8]) {
    #[cfg(feature = "rfid")]
    {
        if let Ok(tag) = tessera_scanner::gs1::epc::decode(data) {
            let _ = tag.reading(2026);
        }
        let _ = tessera_scanner::gs1::epc::read(data);
    }
    #[cfg(not(feature = "rfid"))]
    let _ = data;
}

/// Anything that somebody pastes, as any kind: what is refused says why.
pub fn explained(data: &[u8]) {
    let [kind, rest @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let kinds = [Kind::Auto, Kind::Scan, Kind::Wedge, Kind::Bracketed, Kind::DlUri, Kind::EpcHex];
    let answer = explain(&Request::new(text, kinds[usize::from(*kind) % kinds.len()]), 2026);
    assert!(answer.outcome != Outcome::Refused || !answer.findings.is_empty());
    let _ = words::lines(&answer, 2026);
}

/// What scanners type.
pub fn keystrokes(data: &[u8]) {
    let _ = receive_all(data, &ScannerProfile::default());
}

/// HIBC.
pub fn hibc(data: &[u8]) {
    let _ = tessera_scanner::hibc::parse(data, 2026);
}

/// ISBT 128.
pub fn isbt128(data: &[u8]) {
    let _ = tessera_scanner::isbt128::parse(data);
}

/// The barcodes of one pack, one a line: what is ambiguous has candidates.
pub fn pack(data: &[u8]) {
    let scan = |line: &[u8]| RawScan { bytes: line.to_vec(), aim: None, entry: Entry::Handheld };
    let scans: Vec<RawScan> = data.split(|b| *b == b'\n').take(6).map(scan).collect();
    let label = label::assemble(&scans, 2026);
    assert!(label.outcome != label::Outcome::Ambiguous || !label.candidates.is_empty());
}

/// IFA PPN.
pub fn ppn(data: &[u8]) {
    let _ = tessera_scanner::ppn::parse(data, 2026);
}

/// Wristbands and badges.
pub fn wristbands(data: &[u8]) {
    let _ = wristband::read(data, &wristband::PROFILES);
    let _ = badge::read(data);
}

/// Any bytes as pixels: two bytes for the size in blocks, one for how many pixels a block has, the rest blocks, again and
/// again until the picture is full. What is read says something, lies somewhere, and is read again.
pub fn picture(data: &[u8]) {
    let [width, height, side, blocks @ ..] = data else { return };
    if blocks.is_empty() {
        return;
    }
    let (side, columns, rows) = (1 + usize::from(side % 9), 1 + usize::from(width % 64), 1 + usize::from(height % 64));
    let (width, height) = (side * columns, side * rows);
    let luma: Vec<u8> = (0..width * height)
        .map(|at| blocks[(at / width / side * columns + at % width / side) % blocks.len()])
        .collect();
    let size = |pixels: usize| u32::try_from(pixels).expect("at most 576");
    let frame = Frame::new(&luma, size(width), size(height)).expect("as many bytes as pixels");
    let symbols = read(&frame, &ReadOptions::default());
    assert!(symbols.len() <= 48, "{} symbols", symbols.len());
    for symbol in &symbols {
        assert!(!symbol.bytes.is_empty() && symbol.aim.starts_with(']'), "{symbol:?}");
        assert!(symbol.corners.iter().flatten().all(|value| value.is_finite()), "{symbol:?}");
    }
    assert_eq!(read(&frame, &ReadOptions::default()), symbols, "the same pixels, the same answer");
    let mut tracker = Tracker::default();
    for _ in 0..2 {
        tracker.look(&frame, &ReadOptions::default());
    }
}
