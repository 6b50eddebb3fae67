use super::grouped::{Counts, Grouped};
use super::*;
use proptest::prelude::*;

fn one_covariate(rows: &[(f64, bool, f64)]) -> Design {
    let subjects = rows.iter().map(|&(time, event, _)| Subject::new(time, event)).collect();
    Design::new(vec!["x".to_owned()], subjects, rows.iter().map(|row| row.2).collect())
}

#[test]
fn by_hand() {
    // Events at 1 (x = 1), 2 (x = 0), 3 (x = 1) with one more (x = 0) at risk to the end. With h = e^β the likelihood is
    // h⁄(2h + 2) · 1⁄(h + 2) · h⁄(h + 1), whose largest value a bisection finds.
    let design = one_covariate(&[(1.0, true, 1.0), (2.0, true, 0.0), (3.0, true, 1.0), (4.0, false, 0.0)]);
    let slope = |h: f64| 2.0 / h - 2.0 / (2.0 * h + 2.0) - 1.0 / (h + 2.0) - 1.0 / (h + 1.0);
    let (mut low, mut high) = (0.01, 100.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    for ties in [Ties::Efron, Ties::Breslow, Ties::Exact] {
        let fit = fit(&design, ties);
        assert!((fit.hr[0] - low).abs() < 1e-10 * low, "{}", fit.hr[0]);
        assert!((fit.loglik[0] + (4.0 * 3.0 * 2.0_f64).ln()).abs() < 1e-12);
        assert!(fit.converged);
    }
}

#[test]
fn two_tied_events_by_hand() {
    // Both events at once, one at risk beside them; x is 1, 0, 0: h over Breslow (h + 2)², Efron (h + 2)(h⁄2 + 1.5), exact 2h + 1.
    let design = one_covariate(&[(1.0, true, 1.0), (1.0, true, 0.0), (2.0, false, 0.0)]);
    let at_zero = |ties| fit(&design, ties).loglik[0];
    assert!((at_zero(Ties::Breslow) + 9.0_f64.ln()).abs() < 1e-14);
    assert!((at_zero(Ties::Efron) + 6.0_f64.ln()).abs() < 1e-14);
    assert!((at_zero(Ties::Exact) + 3.0_f64.ln()).abs() < 1e-14);
}

#[test]
fn a_covariate_that_repeats_another_has_no_coefficient() {
    let rows: Vec<_> = (0..20_u32).map(|i| (f64::from(i * 7 % 19 + 1), i % 3 > 0, f64::from(i % 4))).collect();
    let subjects: Vec<_> = rows.iter().map(|&(time, event, _)| Subject::new(time, event)).collect();
    let x = rows.iter().flat_map(|row| [row.2, 2.0 * row.2 + 1.0]).collect();
    let both = fit(&Design::new(vec!["x".to_owned(), "again".to_owned()], subjects, x), Ties::Efron);
    let alone = fit(&one_covariate(&rows), Ties::Efron);
    assert!(both.coef[1].is_nan() && both.se[1].is_nan());
    assert!((both.coef[0] - alone.coef[0]).abs() < 1e-12);
    assert_eq!(both.lrt.df, 1);
}

#[test]
fn a_covariate_that_tells_all_is_said_not_to_settle() {
    let fit =
        fit(&one_covariate(&[(1.0, true, 1.0), (2.0, true, 1.0), (3.0, false, 0.0), (4.0, false, 0.0)]), Ties::Efron);
    assert!(!fit.converged && fit.coef[0] > 10.0);
}

#[test]
fn the_score_test_of_one_factor_without_ties_is_the_log_rank_test() {
    use crate::analysis::life_table::Observation;
    let rows: Vec<_> = (0..40_u32).map(|i| (f64::from(i * 17 % 41), i % 3 > 0, f64::from(i % 2))).collect();
    let mut groups = vec![Vec::new(), Vec::new()];
    for &(time, event, x) in &rows {
        groups[usize::from(x > 0.5)].push(Observation::new(time, usize::from(event)));
    }
    let test = crate::analysis::logrank::log_rank(&groups);
    assert!((fit(&one_covariate(&rows), Ties::Efron).score.chisq - test.chisq).abs() < 1e-12);
}

#[test]
fn cutting_a_row_in_two_changes_nothing() {
    let rows: Vec<_> = (0..50_u32).map(|i| (f64::from(i * 17 % 23 + 2), i % 3 > 0, f64::from(i % 5))).collect();
    let whole = fit(&one_covariate(&rows), Ties::Efron);
    let mut subjects = Vec::new();
    let mut x = Vec::new();
    for &(time, event, value) in &rows {
        let middle = (time / 2.0).floor();
        subjects.push(Subject::new(middle, false));
        subjects.push(Subject { entry: middle, ..Subject::new(time, event) });
        x.extend([value, value]);
    }
    let cut = fit(&Design::new(vec!["x".to_owned()], subjects, x), Ties::Efron);
    assert!((whole.coef[0] - cut.coef[0]).abs() < 1e-12 && (whole.se[0] - cut.se[0]).abs() < 1e-12);
    assert!((whole.loglik[1] - cut.loglik[1]).abs() < 1e-10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Summed by pattern and day, or row by row: the same model.
    #[test]
    fn grouped_is_row_by_row(
        rows in proptest::collection::vec((0_u16..40, 0_usize..6, proptest::bool::weighted(0.6), 0_usize..2), 60..300),
        breslow in proptest::bool::ANY,
    ) {
        let ties = if breslow { Ties::Breslow } else { Ties::Efron };
        // Six patterns: sex, and an age band of three.
        let pattern = |p: usize| vec![f64::from(u8::from(p % 2 == 1)), f64::from(u8::from(p / 2 == 1)), f64::from(u8::from(p / 2 == 2))];
        let names: Vec<String> = ["sex", "65 to 74", "75 and over"].map(str::to_owned).to_vec();
        let mut strata = vec![Counts::new(6, 40), Counts::new(6, 40)];
        let mut subjects = Vec::new();
        let mut x = Vec::new();
        for &(day, p, event, stratum) in &rows {
            strata[stratum].add(p, day, event);
            subjects.push(Subject { stratum, ..Subject::new(f64::from(day), event) });
            x.extend(pattern(p));
        }
        let grouped = Grouped::new(names.clone(), (0..6).map(pattern).collect(), strata);
        let sums = newton::maximise(&grouped, ties);
        let single = newton::maximise(&Design::new(names, subjects, x), ties);
        prop_assert_eq!(grouped.len(), rows.len() as u64);
        prop_assert_eq!(grouped.events(), rows.iter().filter(|row| row.2).count() as u64);
        if single.converged && single.beta.iter().all(|b| b.abs() < 5.0) {
            for k in 0..3 {
                prop_assert!((sums.beta[k] - single.beta[k]).abs() < 1e-9, "{} {}", sums.beta[k], single.beta[k]);
                prop_assert!((sums.var.get(k, k) - single.var.get(k, k)).abs() < 1e-9 * single.var.get(k, k));
            }
            prop_assert!((sums.loglik[1] - single.loglik[1]).abs() < 1e-9 * single.loglik[1].abs());
        }
    }
}
