//! Reads one text many times or not at all, so that `instructions.sh` can count what one reading costs.
//!
//! `once udi 0` and `once udi 1000` differ by a thousand readings and nothing else.

use std::hint::black_box;

use tessera_scanner::gs1::digital_link::LinkOptions;
use tessera_scanner::gs1::elements::Elements;
use tessera_udi_bench::{LINK, SIX, UDI};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let times: u32 = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(0);
    let mut place = Elements::of_scan(b"");
    for _ in 0..times {
        match what.as_str() {
            "udi" => place.scan_again(black_box(UDI)),
            "six" => place.scan_again(black_box(SIX)),
            "udi-new" => place = Elements::of_scan(black_box(UDI)),
            "link" => place.link_again(black_box(LINK), LinkOptions::default()),
            "link-new" => place = Elements::of_link(black_box(LINK), LinkOptions::default()),
            other => panic!("{other:?} is none of udi, six, udi-new, link, link-new"),
        }
        black_box(&place);
    }
}
