//! A registry of ten million implants and a thousand devices: what every curve costs, in milliseconds of CPU.
//!
//! `cargo bench --manifest-path benches/analysis/Cargo.toml [-- [IMPLANTS] [CSV]]`: with CSV the same implants are written there for
//! `peers.py` and `peers.R`, which give them to lifelines, polars, DuckDB and R. Without IMPLANTS all sizes are measured, from 10⁴ to 10⁷,
//! and their chart is written to `docs/analysis-cost.svg`.

use std::io::Write as _;

use chrono::{Days, NaiveDate};
use tessera_analysis::analysis::cohort::{
    Arm, Builder, Cohort, Column, End, Exit, Factor, ImplantRow, Indication, Opcs4, Operation, REVISED, Selection, Sex, Side, SiteCode, Value,
};
use tessera_analysis::analysis::competing::Variance;
use tessera_analysis::analysis::cox::{Ties, newton};
use tessera_analysis::analysis::survival::Confidence;
use uuid::Uuid;

const DEVICES: u64 = 1_000;
const DAYS: u64 = 7_305;

struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.uniform() * n as f64) as u64
    }

    fn days_until(&mut self, yearly: f64) -> u64 {
        (-self.uniform().ln() / yearly * 365.25).min(60_000.0) as u64
    }
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2005, 1, 1).expect("a valid date")
}

fn last_day() -> NaiveDate {
    first_day() + Days::new(DAYS)
}

/// What is measured of one size, for the chart.
#[derive(Default)]
struct Measured {
    implants: u64,
    /// What was measured, and its median in milliseconds.
    medians: Vec<(&'static str, f64)>,
}

/// Everything recorded of every operation: surgeon, indication, body mass index, ASA grade.
fn operation(random: &mut Random) -> Operation {
    Operation {
        surgeon: Some(Uuid::from_u128(u128::from(random.below(3_000)))),
        indication: Indication::new(&format!("indication {}", random.below(60))),
        bmi: u8::try_from(18 + random.below(15) + random.below(15)).ok(),
        asa: u8::try_from(1 + random.below(2) + random.below(3)).ok(),
    }
}

/// About 0.5 % revised and 3 % died a year, more of both with age; devices differ in size and in rate.
fn implant(random: &mut Random, sites: &[SiteCode], procedures: &[Opcs4], recorded: bool) -> ImplantRow {
    // A third of the devices have two thirds of the implants.
    let device = random.below(DEVICES).min(random.below(DEVICES) * 2) % DEVICES;
    let age = 45 + random.below(25) + random.below(25);
    let sex = if random.uniform() < 0.57 { Sex::Female } else { Sex::Male };
    let side = [Side::Right, Side::Left, Side::Bilateral][usize::from(random.uniform() < 0.46) + usize::from(random.uniform() < 0.02)];
    let start = random.below(DAYS);
    let rate = 0.003 + 0.004 * (device % 10) as f64 / 10.0 + if sex == Sex::Male { 0.001 } else { 0.0 };
    let revised = random.days_until(rate);
    let died = random.days_until(0.004 * 1.09_f64.powf(age as f64 - 55.0));
    let lost = random.days_until(0.002);
    let first = revised.min(died).min(lost);
    let exit = (start + first <= DAYS).then(|| Exit {
        on: first_day() + Days::new(start + first),
        why: if first == revised { End::Revised } else if first == died { End::Died } else { End::Censored },
    });
    ImplantRow {
        product: Uuid::from_u128(u128::from(device)),
        site: sites[random.below(sites.len() as u64) as usize],
        procedure: procedures[random.below(procedures.len() as u64) as usize],
        side,
        sex,
        age: u8::try_from(age).ok(),
        implanted_on: first_day() + Days::new(start),
        operation: if recorded { operation(random) } else { Operation::default() },
        exit,
    }
}

fn cohort(implants: u64, csv: Option<&str>, recorded: bool) -> Cohort {
    let sites: Vec<_> = (0..300).map(|i| SiteCode::new(&format!("RX{i:03}")).expect("five characters")).collect();
    let procedures: Vec<_> =
        ["W371", "W381", "W391", "W401", "W411"].iter().map(|code| Opcs4::new(code).expect("a code")).collect();
    let mut random = Random(2026);
    let mut builder = Builder::default();
    let mut out = csv.map(|path| std::io::BufWriter::new(std::fs::File::create(path).expect("a file for the peers")));
    if let Some(out) = &mut out {
        writeln!(out, "device,days,event").expect("room for the file");
    }
    for _ in 0..implants {
        let row = implant(&mut random, &sites, &procedures, recorded);
        builder.push(&row).expect("dates within the columns");
        if let Some(out) = &mut out {
            let end = row.exit.map_or(last_day(), |exit| exit.on);
            let event = u8::from(row.exit.is_some_and(|exit| exit.why == End::Revised));
            writeln!(out, "{},{},{event}", row.product.as_u128(), (end - row.implanted_on).num_days()).expect("room");
        }
    }
    builder.finish()
}

/// Milliseconds of CPU that this process has used.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Least and median of several runs; the machine is noisy, and the least is what the work itself costs.
fn timed(what: &str, target: f64, mut work: impl FnMut() -> f64) -> f64 {
    let mut sum = work();
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let before = cpu();
            sum += std::hint::black_box(work());
            cpu() - before
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let said = if target > 0.0 { format!("  (asked: {target:.0} ms)") } else { String::new() };
    println!("{what:<58} {:>8.2} ms least, {:>8.2} ms median{said}", times[0], times[4]);
    assert!(sum.is_finite());
    times[4]
}

fn measure(implants: u64, csv: Option<&str>, targets: bool) -> Measured {
    let before = cpu();
    let cohort = cohort(implants, csv, false);
    let mut medians = Vec::new();
    let target = |ms: f64| if targets { ms } else { 0.0 };
    println!("\n{} implants, {} devices, {:.2} bytes per implant (built in {:.0} ms of CPU)",
        cohort.len(), cohort.products().count(), cohort.bytes() as f64 / cohort.len() as f64, cpu() - before);
    let all = Selection::until(last_day());
    let filters = [
        ("women", Selection { sex: Some(Sex::Female), ..all }),
        ("aged 60 to 74, on the right", Selection { ages: Some((60, 74)), side: Some(Side::Right), ..all }),
        ("as of five years ago", Selection::until(last_day() - Days::new(1_826))),
        ("one procedure at one site", Selection { site: cohort.sites().get(7).copied(), procedure: Opcs4::new("W371").ok(), ..all }),
    ];
    let curves = |selection: &Selection| {
        let (mut sum, mut steps) = (0.0, 0);
        cohort.each_curve(selection, Confidence::default(), |_, curve| {
            steps += curve.len();
            sum += curve.surv.last().copied().unwrap_or(1.0) + curve.lower.first().map_or(0.0, |low| low.max(0.0));
        });
        (sum, steps)
    };
    println!("{} steps in all curves", curves(&all).1);
    let median = timed("every Kaplan-Meier curve, intervals, numbers at risk", target(15.0), || curves(&all).0);
    medians.push(("Every Kaplan–Meier curve", median));
    let slowest = filters.iter().map(|(name, filter)| timed(&format!("the same, {name}"), target(50.0), || curves(filter).0));
    medians.push(("Kaplan–Meier, slowest filter", slowest.fold(0.0, f64::max)));
    for (name, variance) in [("jackknife", Variance::Ij), ("Aalen", Variance::Aalen)] {
        let median = timed(&format!("every Aalen-Johansen curve with errors, {name}"), target(60.0), || {
            let mut sum = 0.0;
            cohort.each_incidence(&all, variance, Confidence::default(), |_, steps| {
                sum += steps.est.last().copied().unwrap_or(0.0) + steps.se.last().copied().unwrap_or(0.0);
            });
            sum
        });
        if name == "jackknife" {
            medians.push(("Every Aalen–Johansen curve", median));
        }
    }
    let (one, other): (Vec<Uuid>, Vec<Uuid>) = cohort.products().partition(|product| product.as_u128() % 10 < 5);
    let arms = [("A", one), ("B", other)].map(|(name, products)| Arm { name: name.to_owned(), products });
    let factors = [Factor::Sex, Factor::Side, Factor::Ages(vec![65, 75])];
    let median = timed("Cox, six categorical parameters", target(120.0), || {
        let grouped = cohort.grouped(&arms, &factors, &all, REVISED);
        let maximum = newton::maximise(&grouped, Ties::Efron);
        assert!(maximum.converged && maximum.beta.len() == 6);
        maximum.beta[0]
    });
    medians.push(("Cox, six parameters", median));
    side_by_side(&cohort, &all);
    Measured { implants, medians }
}

/// What a league table of devices or of sites, and what a table of what may be told, counts in one pass.
fn side_by_side(cohort: &Cohort, all: &Selection) {
    let ages = cohort.classes(Column::Age, 6, |value| match value {
        Value::Age(Some(age)) => Some([54, 64, 74, 84].iter().filter(|&&until| age > until).count()),
        _ => Some(5),
    });
    for (name, column) in [("device", Column::Product), ("site", Column::Site)] {
        let units = [cohort.each_value(column)];
        timed(&format!("percent revised at five years of each {name}"), 0.0, || {
            cohort.revised_by(std::slice::from_ref(all), &units, 1_826, Confidence::default()).iter().map(|by| by.estimate.percent).sum()
        });
        let groups = [units[0].clone(), cohort.each_value(Column::Sex), ages.clone()];
        timed(&format!("revisions and years of each {name} by sex and band of age"), 0.0, || {
            cohort.tally(std::slice::from_ref(all), &groups).iter().map(|tally| tally.days as f64).sum()
        });
    }
    let crossed = [cohort.each_value(Column::Product), cohort.each_value(Column::Site)];
    timed("implants, revisions and deaths of each device at each site", 0.0, || {
        cohort.tally(std::slice::from_ref(all), &crossed).iter().map(|tally| tally.implants as f64).sum()
    });
}

/// A registry in which everything is recorded of every operation: what it takes up, and filters on what is packed.
fn measure_recorded(implants: u64) {
    let cohort = cohort(implants, None, true);
    println!("\n{} implants with surgeon, indication, BMI and ASA grade: {:.2} bytes per implant",
        cohort.len(), cohort.bytes() as f64 / cohort.len() as f64);
    let all = Selection::until(last_day());
    for (name, filter) in [
        ("one surgeon", Selection { surgeon: cohort.surgeons().get(7).copied(), ..all }),
        ("BMI 30 to 39, ASA grade 3", Selection { bmi: Some((30, 39)), asa: Some(3), ..all }),
    ] {
        timed(&format!("every Kaplan-Meier curve, {name}"), 50.0, || {
            let mut sum = 0.0;
            cohort.each_curve(&filter, Confidence::default(), |_, curve| sum += curve.surv.last().copied().unwrap_or(1.0));
            sum
        });
    }
}

/// Cost against size, both in powers of ten.
fn chart(sizes: &[Measured]) -> String {
    const COLOURS: [&str; 4] = ["#005eb8", "#007f3b", "#a2231d", "#7c2855"];
    let x = |implants: f64| 90.0 + (implants.log10() - 4.0) / 3.0 * 400.0;
    let y = |ms: f64| 300.0 - (ms.log10() + 2.0) / 5.0 * 250.0;
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 360\" role=\"img\" font-family=\"Arial, sans-serif\" \
        font-size=\"13\"><title>Cost of analyses against the size of the registry</title><rect width=\"760\" height=\"360\" fill=\"#fff\"/>\
        <text x=\"16\" y=\"28\" font-size=\"18\" font-weight=\"600\">Milliseconds of processor time for all 1,000 devices</text>");
    for power in -2..=3 {
        let at = y(10_f64.powi(power));
        svg += &format!("<path d=\"M90 {at:.1}H490\" stroke=\"#d8dde0\"/><text x=\"82\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            at + 4.0, 10_f64.powi(power));
    }
    for (power, name) in [(4, "10 thousand"), (5, "100 thousand"), (6, "1 million"), (7, "10 million")] {
        svg += &format!("<text x=\"{:.1}\" y=\"324\" text-anchor=\"middle\">{name}</text>", x(10_f64.powi(power)));
    }
    svg += "<text x=\"290\" y=\"348\" text-anchor=\"middle\">implants in the registry</text>";
    let names: Vec<&str> = sizes[0].medians.iter().map(|(name, _)| *name).collect();
    let mut labels: Vec<(f64, usize)> = Vec::new();
    for (line, _) in names.iter().enumerate() {
        let points = sizes.iter().map(|size| (x(size.implants as f64), y(size.medians[line].1.max(0.01))));
        let path: Vec<String> = points.clone().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        svg += &format!("<path d=\"M{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>", path.join("L"), COLOURS[line]);
        for (x, y) in points.clone() {
            svg += &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{}\"/>", COLOURS[line]);
        }
        labels.push((points.last().map_or(0.0, |(_, y)| y), line));
    }
    // Names beside the ends of their lines, each a line of text apart from the one above.
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut above = 0.0_f64;
    for (at, line) in labels {
        above = (above + 17.0).max(at + 4.0);
        let last = sizes.last().map_or(0.0, |size| size.medians[line].1);
        svg += &format!("<text x=\"502\" y=\"{above:.1}\" fill=\"{}\">{}: {last:.0} ms</text>", COLOURS[line], names[line]);
    }
    svg + "</svg>\n"
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let csv = args.get(1).map(String::as_str);
    match args.first().and_then(|n| n.parse().ok()) {
        Some(implants) => drop(measure(implants, csv, false)),
        None => {
            let mut sizes: Vec<Measured> =
                [10_000, 100_000, 1_000_000].into_iter().map(|implants| measure(implants, None, false)).collect();
            sizes.push(measure(10_000_000, csv, true));
            measure_recorded(10_000_000);
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/analysis-cost.svg");
            std::fs::write(path, chart(&sizes)).expect("room for the chart");
        }
    }
}
