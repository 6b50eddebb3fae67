//! Nanoseconds of one reading, beside other crates in the same run; no reading of ours may allocate.

use std::hint::black_box;

use divan::Bencher;
use tessera_scanner::gs1::digital_link::LinkOptions;
use tessera_scanner::gs1::element_string;
use tessera_scanner::gs1::elements::Elements;
use tessera_udi_bench::{LINK, SIX, UDI};

fn main() {
    for (name, read) in [
        ("udi", (|| Elements::of_scan(black_box(UDI)).count()) as fn() -> usize),
        ("six", || Elements::of_scan(black_box(SIX)).count()),
        ("link", || Elements::of_link(black_box(LINK), LinkOptions::default()).count()),
    ] {
        let counted = allocation_counter::measure(|| {
            black_box(read());
        });
        assert_eq!(counted.count_total, 0, "{name} allocates");
        println!("{name}: no allocation");
    }
    divan::main();
}

#[divan::bench]
fn udi(bencher: Bencher<'_, '_>) {
    bencher.bench(|| Elements::of_scan(black_box(UDI)));
}

#[divan::bench]
fn udi_in_place(bencher: Bencher<'_, '_>) {
    let mut place = Elements::of_scan(b"");
    bencher.bench_local(|| {
        place.scan_again(black_box(UDI));
        place.refused()
    });
}

#[divan::bench]
fn six_elements_in_place(bencher: Bencher<'_, '_>) {
    let mut place = Elements::of_scan(b"");
    bencher.bench_local(|| {
        place.scan_again(black_box(SIX));
        place.refused()
    });
}

#[divan::bench]
fn six_elements(bencher: Bencher<'_, '_>) {
    bencher.bench(|| Elements::of_scan(black_box(SIX)));
}

#[divan::bench]
fn link_in_place(bencher: Bencher<'_, '_>) {
    let mut place = Elements::of_scan(b"");
    bencher.bench_local(|| {
        place.link_again(black_box(LINK), LinkOptions::default());
        place.refused()
    });
}

#[divan::bench]
fn link(bencher: Bencher<'_, '_>) {
    bencher.bench(|| Elements::of_link(black_box(LINK), LinkOptions::default()));
}

#[divan::bench]
fn udi_with_findings_in_words(bencher: Bencher<'_, '_>) {
    bencher.bench(|| element_string::parse(black_box(UDI)));
}

/// Splits the elements; makes fewer checks (no dates, no associations, a tenth of the identifiers).
#[divan::bench]
fn udi_qrcode_parse(bencher: Bencher<'_, '_>) {
    bencher.bench(|| qrcode_parse::gs1::Gs1Result::parse(black_box(UDI)));
}

/// Judges the GTIN alone.
#[divan::bench]
fn gtin_alone_barkod(bencher: Bencher<'_, '_>) {
    bencher.bench(|| barkod::parse(black_box("00844505000772")).is_gtin());
}
