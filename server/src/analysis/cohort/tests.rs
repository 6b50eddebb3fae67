use super::*;
use crate::analysis::survival::{Confidence, kaplan_meier};
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn product(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn implant(number: u128, on: &str) -> ImplantRow {
    ImplantRow {
        product: product(number),
        site: SiteCode::new("RXA01").unwrap(),
        procedure: Opcs4::new("W371").unwrap(),
        side: Side::Left,
        sex: Sex::Female,
        age: Some(70),
        implanted_on: date(on),
        operation: Operation::default(),
        exit: None,
    }
}

fn ended(mut row: ImplantRow, on: &str, why: End) -> ImplantRow {
    row.exit = Some(Exit { on: date(on), why });
    row
}

fn built(rows: &[ImplantRow]) -> Cohort {
    let mut builder = Builder::default();
    for row in rows {
        builder.push(row).unwrap();
    }
    builder.finish()
}

/// A registry in which everything is recorded of every operation: three thousand surgeons, sixty indications.
#[test]
fn an_implant_takes_at_most_sixteen_bytes() {
    let mut builder = Builder::default();
    for i in 0..20_000_u32 {
        let day = date("2005-01-01") + chrono::Days::new(u64::from(i * 7 % 7_300));
        let operation = Operation {
            surgeon: Some(Uuid::from_u128(u128::from(i * 31 % 3_000))),
            indication: Indication::new(&format!("indication {}", i % 60)),
            bmi: u8::try_from(18 + i % 40).ok(),
            asa: u8::try_from(1 + i % 5).ok(),
        };
        let site = SiteCode::new(&format!("RX{:03}", i % 300)).unwrap();
        let procedure = Opcs4::new(&format!("W3{}1", 7 + i % 3)).unwrap();
        let exit = (i % 12 == 0).then(|| Exit { on: day + chrono::Days::new(400), why: End::Died });
        let plain = implant(u128::from(i % 4), "2005-01-01");
        builder.push(&ImplantRow { site, procedure, operation, exit, implanted_on: day, ..plain }).unwrap();
    }
    let cohort = builder.finish();
    assert!(cohort.bytes() <= 16 * cohort.len(), "{} bytes of {} implants", cohort.bytes(), cohort.len());
}

/// Computed from the rows by other means: whatever room columns take, snapshots that were frozen keep their hashes.
#[test]
fn a_frozen_snapshot_keeps_its_hash() {
    let operation = Operation {
        surgeon: Some(Uuid::from_u128(5)),
        indication: Indication::new("fracture"),
        bmi: Some(31),
        asa: Some(2),
    };
    let first = ended(implant(1, "2019-05-06"), "2020-05-06", End::Revised);
    let second = implant(1, "2020-07-01");
    let hash = |rows: &[ImplantRow]| hex::encode(built(rows).hash());
    assert_eq!(
        hash(&[ImplantRow { operation, ..first }, second]),
        "e9f31df592e286812cc490dc58a44290c80c8a0264bc449bbac9b04fc9895084"
    );
    assert_eq!(hash(&[first, second]), "e8ac93531a038089db098a21aef8a48edc93b2f7de0c2a829f66f49eb0303a77");
}

#[test]
fn rows_are_read_back_as_they_were() {
    let rows = [ended(implant(1, "2020-01-01"), "2021-01-01", End::Revised), implant(2, "2020-07-01")];
    let cohort = built(&rows);
    let mut listed = Vec::new();
    cohort.each_implant([product(1), product(2)], &[Selection::until(date("2020-12-31"))], |row| listed.push(row));
    assert_eq!(listed.len(), 2);
    assert_eq!((listed[0].days, listed[0].end, listed[1].days), (365, None, 183), "the revision came later");
    assert_eq!(
        (listed[0].site.text(), listed[0].procedure.to_string(), listed[0].side, listed[0].sex, listed[0].age),
        ("RXA01".to_owned(), "W371".to_owned(), Side::Left, Sex::Female, Some(70))
    );
    assert_eq!(listed[1].implanted_on, date("2020-07-01"));
}

#[test]
fn a_row_that_columns_cannot_hold_is_counted_when_its_device_is_replaced() {
    let mut cohort = built(&[implant(1, "2020-01-01")]);
    let backwards = ended(implant(1, "2020-01-01"), "2019-01-01", End::Revised);
    assert_eq!(cohort.replace(product(1), &[implant(1, "2020-02-01"), backwards]), 1);
    assert_eq!(cohort.implants_of(product(1)), 1);
    assert_eq!(cohort.replace(product(1), &[]), 0);
    assert!(cohort.is_empty() && cohort.sites().is_empty());
}

#[test]
fn the_cut_off_decides_what_is_known() {
    let cohort = built(&[
        ended(implant(1, "2020-01-01"), "2021-01-01", End::Revised),
        ended(implant(1, "2020-01-01"), "2022-01-01", End::Died),
        implant(1, "2020-07-01"),
        implant(1, "2023-01-01"),
    ]);
    let table = cohort.life_table(product(1), &Selection::until(date("2022-12-31")));
    assert_eq!(
        (table.n, table.events.clone(), table.n_censor.clone()),
        (3, vec![vec![1, 0, 0], vec![0, 1, 0]], vec![0, 0, 1])
    );
    assert_eq!(table.time, [366.0, 731.0, 913.0]);
    let earlier = cohort.life_table(product(1), &Selection::until(date("2020-12-31")));
    assert_eq!((earlier.n, earlier.all_events_at(0), earlier.time), (3, 0, vec![183.0, 365.0]));
    assert_eq!(cohort.life_table(product(1), &Selection::until(date("2019-12-31"))).n, 0);
    assert_eq!(cohort.life_table(product(2), &Selection::until(date("2022-12-31"))).n, 0);
}

#[test]
fn a_selection_counts_only_what_it_names() {
    let other = ImplantRow {
        site: SiteCode::new("RXB02").unwrap(),
        procedure: Opcs4::new("W381").unwrap(),
        side: Side::Right,
        sex: Sex::Male,
        age: None,
        ..implant(1, "2020-01-01")
    };
    let cohort = built(&[implant(1, "2020-01-01"), implant(1, "2021-01-01"), other]);
    let all = Selection::until(date("2025-01-01"));
    let n = |selection: Selection| cohort.life_table(product(1), &selection).n;
    assert_eq!(n(all), 3);
    assert_eq!(n(Selection { site: Some(other.site), ..all }), 1);
    assert_eq!(n(Selection { site: SiteCode::new("RXC03").ok(), ..all }), 0);
    assert_eq!(n(Selection { procedure: Opcs4::new("W371").ok(), ..all }), 2);
    assert_eq!(n(Selection { side: Some(Side::Right), ..all }), 1);
    assert_eq!(n(Selection { sex: Some(Sex::Female), ..all }), 2);
    assert_eq!(n(Selection { ages: Some((0, 255)), ..all }), 2, "an unknown age is in no range");
    assert_eq!(n(Selection { ages: Some((71, 90)), ..all }), 0);
    assert_eq!(n(Selection { from: Some(date("2020-06-01")), ..all }), 1);
    let experience = cohort.experience([product(1)], &all);
    assert_eq!((experience.primaries, experience.revisions), (3, 0));
    assert!((experience.years - f64::from(1827 + 1827 + 1461) / DAYS_PER_YEAR).abs() < 1e-9);
}

#[test]
fn rows_that_columns_cannot_hold_are_refused() {
    let mut builder = Builder::default();
    assert_eq!(builder.push(&implant(1, "1949-12-31")), Err(OutOfRange::Date(date("1949-12-31"))));
    let backwards = ended(implant(1, "2020-01-02"), "2020-01-01", End::Revised);
    assert_eq!(builder.push(&backwards), Err(OutOfRange::EndsBeforeStart(date("2020-01-02"), date("2020-01-01"))));
    assert!(SiteCode::new("").is_err() && SiteCode::new("RXA0123456").is_err());
    assert!(["W37", "w371", "W37.1", "WX71", "é71"].iter().all(|code| Opcs4::new(code).is_err()));
    assert!(builder.finish().is_empty());
}

#[test]
fn a_change_to_an_implant_that_is_not_there_changes_nothing() {
    let mut cohort = built(&[implant(1, "2020-01-01")]);
    let before = cohort.hash();
    let was = implant(1, "2020-01-02");
    let missing = ChangeError::NoSuchImplant { product: product(1), implanted_on: date("2020-01-02") };
    assert_eq!(cohort.apply(Change::Replace { was, now: was }), Err(missing));
    let was = implant(1, "2020-01-01");
    let backwards = ended(was, "2019-01-01", End::Revised);
    assert!(cohort.apply(Change::Replace { was, now: backwards }).is_err());
    assert_eq!(cohort.hash(), before);
}

#[test]
fn a_revision_moves_the_curve_and_a_clone_stays_as_it_was() {
    let rows: Vec<_> = (1..=9).map(|day| implant(1, &format!("2020-01-0{day}"))).collect();
    let mut cohort = built(&rows);
    let frozen = cohort.clone();
    cohort.apply(Change::Replace { was: rows[4], now: ended(rows[4], "2021-01-01", End::Revised) }).unwrap();
    let revised = |cohort: &Cohort| {
        let table = cohort.life_table(product(1), &Selection::until(date("2022-01-01")));
        kaplan_meier(&table, REVISED, Confidence::default()).percent_revised(&[DAYS_PER_YEAR])[0].percent
    };
    assert!(revised(&frozen).abs() < 1e-12);
    assert!((revised(&cohort) - 100.0 / 9.0).abs() < 1e-12);
    assert_ne!(frozen.hash(), cohort.hash());
}

prop_compose! {
    fn any_row()(number in 0_u128..4, site in 0..6, start in 0_u64..400, lasted in 0_u64..600, why in 0..4, age in 40_u8..90, surgeon in 0_u128..4, asa in 0_u8..3) -> ImplantRow {
        let mut row = implant(number, "2020-01-01");
        row.site = SiteCode::new(&format!("RX{site}01")).unwrap();
        row.age = Some(age);
        row.operation = Operation {
            surgeon: (surgeon > 0).then(|| Uuid::from_u128(surgeon)),
            indication: Indication::new(["", "fracture", "arthrosis", "arthrosis"][usize::try_from(surgeon).unwrap()]),
            bmi: (asa > 1).then_some(20 + asa),
            asa: (asa > 0).then_some(asa),
        };
        row.implanted_on = row.implanted_on + chrono::Days::new(start);
        let why = [None, Some(End::Revised), Some(End::Died), Some(End::Censored)][usize::try_from(why).unwrap()];
        row.exit = why.map(|why| Exit { on: row.implanted_on + chrono::Days::new(lasted), why });
        row
    }
}

proptest! {
    /// Built in any order, or grown and shrunk change by change, the same content has the same hash.
    #[test]
    fn the_hash_is_of_the_content(rows in proptest::collection::vec(any_row(), 1..40), extra in proptest::collection::vec(any_row(), 0..8)) {
        let cohort = built(&rows);
        let mut reversed = rows.clone();
        reversed.reverse();
        prop_assert_eq!(cohort.hash(), built(&reversed).hash());
        let mut grown = Cohort::default();
        for row in extra.iter().chain(&rows) {
            grown.apply(Change::Add(*row)).unwrap();
        }
        for row in &extra {
            grown.apply(Change::Remove(*row)).unwrap();
        }
        prop_assert_eq!(grown.len(), rows.len());
        prop_assert_eq!(grown.hash(), cohort.hash());
        prop_assert_eq!(grown.sites(), cohort.sites());
    }

    /// Stored and read back it is the same, and a flipped bit is found.
    #[test]
    fn stored_and_read_back(rows in proptest::collection::vec(any_row(), 1..40), flip in 0_usize..400) {
        let cohort = built(&rows);
        let stored = || cohort.pieces().map(|piece| (piece.product, piece.digest(), piece.bytes())).collect::<Vec<_>>();
        let back = Cohort::from_pieces(&cohort.name_bytes(), stored()).unwrap();
        prop_assert_eq!(back.hash(), cohort.hash());
        prop_assert_eq!(back.sites(), cohort.sites());
        let mut pieces = stored();
        let bytes = &mut pieces[0].2;
        let place = flip % bytes.len();
        bytes[place] ^= 1;
        prop_assert!(matches!(Cohort::from_pieces(&cohort.name_bytes(), pieces), Err(Damaged::Device(_))));
    }

    /// Devices replaced one by one lead to what was built at once.
    #[test]
    fn replaced_device_by_device(before in proptest::collection::vec(any_row(), 0..40), after in proptest::collection::vec(any_row(), 0..40)) {
        let mut cohort = built(&before);
        for number in 0..4 {
            let rows: Vec<_> = after.iter().copied().filter(|row| row.product == product(number)).collect();
            prop_assert_eq!(cohort.replace(product(number), &rows), 0);
        }
        let whole = built(&after);
        prop_assert_eq!(cohort.hash(), whole.hash());
        prop_assert_eq!(cohort.sites(), whole.sites());
    }

    /// The columns say what the rows say.
    #[test]
    fn the_life_table_counts_every_row(rows in proptest::collection::vec(any_row(), 1..60), until in 0_u64..900) {
        let until = date("2020-01-01") + chrono::Days::new(until);
        let table = built(&rows).life_table(product(1), &Selection::until(until));
        let mine: Vec<_> = rows.iter().filter(|row| row.product == product(1) && row.implanted_on <= until).collect();
        let ending = |why: End| mine.iter().filter(|row| row.exit.is_some_and(|exit| exit.why == why && exit.on <= until)).count() as u64;
        prop_assert_eq!(table.n, mine.len() as u64);
        prop_assert_eq!(table.events[0].iter().sum::<u64>(), ending(End::Revised));
        prop_assert_eq!(table.events[1].iter().sum::<u64>(), ending(End::Died));
        prop_assert_eq!(table.n_censor.iter().sum::<u64>(), mine.len() as u64 - ending(End::Revised) - ending(End::Died));
    }
}

/// The curves of all devices, from columns that answer at once and from columns that are counted.
fn same_as_the_life_table(cohort: &Cohort, selection: &Selection) {
    use crate::analysis::competing::{Variance, aalen_johansen};
    let near = |got: f64, want: f64| {
        got.is_nan() == want.is_nan() && (got.is_nan() || (got - want).abs() <= 1e-12 * want.abs() + 1e-14)
    };
    // Where it has happened to everyone the error is zero, but for the root of a rounding.
    let certain = |est: f64, se: f64| if est > 1.0 - 1e-9 && se < 1e-7 { 0.0 } else { se };
    let mut seen = 0;
    cohort.each_curve(selection, Confidence::default(), |product, steps| {
        let curve = kaplan_meier(&cohort.life_table(product, selection), REVISED, Confidence::default());
        let rows: Vec<usize> = (0..curve.time.len()).filter(|&row| curve.n_event[row] > 0).collect();
        assert_eq!(steps.len(), rows.len());
        for (step, row) in rows.into_iter().enumerate() {
            assert!(f64::from(steps.day[step]).total_cmp(&curve.time[row]).is_eq());
            assert_eq!(
                (u64::from(steps.n_risk[step]), u64::from(steps.n_event[step])),
                (curve.n_risk[row], curve.n_event[row])
            );
            assert!(near(steps.surv[step], curve.surv[row]) && near(steps.se[step], curve.se[row]));
            assert!(near(steps.lower[step], curve.lower[row]) && near(steps.upper[step], curve.upper[row]));
        }
        seen += 1;
    });
    assert_eq!(seen, cohort.products().count());
    for variance in [Variance::Ij, Variance::Aalen] {
        cohort.each_incidence(selection, variance, Confidence::default(), |product, steps| {
            let want = aalen_johansen(&cohort.life_table(product, selection), REVISED, variance, Confidence::default());
            for step in 0..steps.len() {
                let row = want.time.iter().position(|t| t.total_cmp(&f64::from(steps.day[step])).is_eq()).unwrap();
                let pairs = [
                    (steps.est[step], want.est[row]),
                    (certain(want.est[row], steps.se[step]), certain(want.est[row], want.se[row])),
                    (steps.lower[step], want.lower[row]),
                    (steps.upper[step], want.upper[row]),
                ];
                assert!(
                    pairs.iter().all(|&(got, want)| near(got, want)),
                    "{variance:?} day {}: {pairs:?}",
                    steps.day[step]
                );
            }
        });
    }
}

proptest! {
    /// All devices in one go are each device by itself, whatever is asked for.
    #[test]
    fn all_curves_are_each_curve(
        rows in proptest::collection::vec(any_row(), 1..120),
        until in 300_u64..1_100,
        from in proptest::option::of(0_u64..200),
        to in proptest::option::of(100_u64..400),
        ages in proptest::option::of((40_u8..60, 60_u8..90)),
        sex in proptest::bool::ANY,
    ) {
        let cohort = built(&rows);
        let day = |days: u64| date("2020-01-01") + chrono::Days::new(days);
        let selection = Selection {
            from: from.map(day),
            to: to.map(day),
            ages,
            sex: sex.then_some(Sex::Female),
            ..Selection::until(day(until))
        };
        same_as_the_life_table(&cohort, &selection);
        same_as_the_life_table(&cohort, &Selection::until(day(2_000)));
    }

    /// The model over patterns is the model over rows.
    #[test]
    fn the_model_of_the_cohort_is_that_of_its_rows(rows in proptest::collection::vec(any_row(), 60..160)) {
        use crate::analysis::cox::{Design, Subject, Ties, newton};
        let mut rows = rows;
        for (i, row) in rows.iter_mut().enumerate() {
            row.sex = if i % 3 == 0 { Sex::Male } else { Sex::Female };
        }
        let until = date("2021-06-01");
        let arms = [("one", vec![product(0), product(1)]), ("other", vec![product(2)])]
            .map(|(name, products)| Arm { name: name.to_owned(), products });
        let factors = [Factor::Sex, Factor::Ages(vec![55, 75])];
        let grouped = built(&rows).grouped(&arms, &factors, &Selection::until(until), REVISED);
        prop_assert_eq!(&grouped.names, &["other", "female", "from 55 years", "from 75 years"]);
        let mut subjects = Vec::new();
        let mut x = Vec::new();
        for row in rows.iter().filter(|row| row.product != product(3) && row.implanted_on <= until) {
            let exit = row.exit.filter(|exit| exit.on <= until);
            let end = exit.map_or(until, |exit| exit.on);
            let days = u32::try_from((end - row.implanted_on).num_days()).unwrap();
            subjects.push(Subject::new(f64::from(days), exit.is_some_and(|exit| exit.why == End::Revised)));
            let age = row.age.unwrap();
            x.extend([row.product == product(2), row.sex == Sex::Female, (55..75).contains(&age), age >= 75].map(|yes| f64::from(u8::from(yes))));
        }
        prop_assert_eq!(grouped.len(), subjects.len() as u64);
        let single = newton::maximise(&Design::new(grouped.names.clone(), subjects, x), Ties::Efron);
        let sums = newton::maximise(&grouped, Ties::Efron);
        if single.converged && single.beta.iter().all(|b| b.abs() < 4.0) {
            for k in 0..4 {
                prop_assert!((sums.beta[k] - single.beta[k]).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn what_is_known_of_the_operation_chooses_and_is_read_back() {
    let known = Operation {
        surgeon: Some(Uuid::from_u128(7)),
        indication: Indication::new("M16.1 primary coxarthrosis"),
        bmi: Some(31),
        asa: Some(3),
    };
    let rows = [
        ImplantRow { operation: known, ..implant(1, "2020-01-01") },
        implant(1, "2020-02-01"),
        ImplantRow { operation: Operation { asa: Some(2), ..known }, ..implant(2, "2020-03-01") },
        implant(3, "2020-03-01"),
    ];
    let cohort = built(&rows);
    let all = Selection::until(date("2021-01-01"));
    let n = |selection: Selection| {
        let mut counted = 0;
        cohort.each_curve(&selection, Confidence::default(), |_, _| counted += 1);
        assert!(counted == 0 || counted == 3, "a curve for each device, or none where nobody can be meant");
        cohort.life_table_of([product(1), product(2), product(3)], &selection).n
    };
    assert_eq!(n(all), 4);
    assert_eq!(n(Selection { surgeon: known.surgeon, ..all }), 2);
    assert_eq!(n(Selection { surgeon: Some(Uuid::from_u128(8)), ..all }), 0);
    assert_eq!(n(Selection { indication: known.indication, asa: Some(3), ..all }), 1);
    assert_eq!(n(Selection { indication: Indication::new("fracture"), ..all }), 0);
    assert_eq!(n(Selection { bmi: Some((30, 254)), ..all }), 2);
    assert_eq!(n(Selection { bmi: Some((0, 254)), ..all }), 2, "an unknown one is in no range");
    assert_eq!(n(Selection { bmi: Some((0, 30)), ..all }), 0);
    assert_eq!((cohort.surgeons(), cohort.indications().len()), (&[Uuid::from_u128(7)][..], 1));
    let mut listed = Vec::new();
    cohort.each_implant([product(1)], &[all], |row| listed.push(row.operation));
    assert_eq!(listed, [known, Operation::default()]);
}

#[test]
fn a_cohort_of_which_nothing_more_is_known_is_stored_as_before() {
    let plain = built(&[implant(1, "2020-01-01"), implant(1, "2020-02-01"), implant(1, "2020-03-01")]);
    let pieces: Vec<_> = plain.pieces().map(|piece| (piece.product, piece.digest(), piece.bytes())).collect();
    assert_eq!(pieces[0].2.len(), 30, "ten bytes an implant");
    let back = Cohort::from_pieces(&plain.name_bytes(), pieces).unwrap();
    assert_eq!((back.hash(), back.len()), (plain.hash(), 3));
    let mut grown = plain.clone();
    let known = Operation { asa: Some(2), ..Operation::default() };
    let row = ImplantRow { operation: known, ..implant(1, "2020-04-01") };
    grown.apply(Change::Add(row)).unwrap();
    assert_ne!(grown.hash(), plain.hash());
    let pieces: Vec<_> = grown.pieces().map(|piece| (piece.product, piece.digest(), piece.bytes())).collect();
    assert_eq!(pieces[0].2.len(), 64, "sixteen bytes an implant");
    let back = Cohort::from_pieces(&grown.name_bytes(), pieces).unwrap();
    assert_eq!(back.life_table(product(1), &Selection { asa: Some(2), ..Selection::until(date("2021-01-01")) }).n, 1);
    grown.apply(Change::Remove(row)).unwrap();
    assert_eq!(grown.hash(), plain.hash(), "what is known of nobody leaves no columns");
}
