//! Exact Poisson and binomial intervals and funnel limits.

use super::*;
use crate::analysis::rates::{Rate, binomial_interval, funnel_proportion, funnel_ratio};

#[test]
fn exact_rates_are_those_of_r() {
    let all = fixture("rates_funnel.json");
    let mut tally = Tally::of("rates_funnel.json");
    let poisson = &all["poisson_per100"];
    for (i, events) in counts(&poisson["x"]).into_iter().enumerate() {
        let time = poisson["T"][i].as_f64().unwrap();
        for (level, lower, upper) in [(0.95, "lower950", "upper950"), (0.998, "lower998", "upper998")] {
            let rate = Rate::per_hundred(events, time, level);
            tally.near(&format!("{events} in {time}, {lower}"), &[rate.lower], &poisson[lower][i], ITERATED);
            tally.near(&format!("{events} in {time}, {upper}"), &[rate.upper], &poisson[upper][i], ITERATED);
            tally.near("rate", &[rate.rate], &poisson["rate100"][i], CLOSED_FORM);
        }
    }
    let binomial = &all["clopper_pearson"];
    for (i, events) in counts(&binomial["x"]).into_iter().enumerate() {
        let n = binomial["n"][i].as_u64().unwrap();
        let (lower, upper) = binomial_interval(events, n, 0.95);
        tally.near(&format!("{events} of {n}, lower"), &[lower], &binomial["cp_lower"][i], ITERATED);
        tally.near(&format!("{events} of {n}, upper"), &[upper], &binomial["cp_upper"][i], ITERATED);
    }
    for (name, p) in [("p0.001", 0.001), ("p0.025", 0.025), ("p0.975", 0.975), ("p0.999", 0.999)] {
        let funnel = &all["funnel_poisson"];
        for (i, expected) in numbers(&funnel["E"]).into_iter().enumerate() {
            let what = format!("ratio, E {expected}, {name}");
            tally.near(&what, &[funnel_ratio(expected, p)], &funnel[name][i], ITERATED);
        }
        let funnel = &all["funnel_binomial"];
        for (i, theta) in numbers(&funnel["theta"]).into_iter().enumerate() {
            let n = funnel["n"][i].as_u64().unwrap();
            let what = format!("proportion, {theta} of {n}, {name}");
            tally.near(&what, &[funnel_proportion(n, theta, p)], &funnel[name][i], ITERATED);
        }
    }
    tally.finish(470);
}
