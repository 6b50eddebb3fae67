use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{Builder, End, Exit, ImplantRow, Listed, Operation};
use super::*;
use crate::analysis::life_table::{LifeTable, Observation};
use crate::analysis::survival::kaplan_meier;

const COLUMNS: [Column; 11] = [
    Column::Product,
    Column::Site,
    Column::Procedure,
    Column::Side,
    Column::Sex,
    Column::Surgeon,
    Column::Indication,
    Column::Asa,
    Column::Age,
    Column::Bmi,
    Column::Day,
];

fn day(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2010, 1, 1).unwrap() + chrono::Days::new(day)
}

/// Few values of each column, some of them not known.
fn implant() -> impl Strategy<Value = ImplantRow> {
    let ends = prop_oneof![Just(None), (0_u64..900, 0_usize..3).prop_map(Some)];
    let operation =
        (proptest::option::of(0_u128..3), proptest::option::of(0_usize..2), proptest::option::of(20_u8..24));
    (
        0_u128..3,
        (0_u8..3, 0_u8..2, 0_usize..4, 0_usize..3),
        proptest::option::of(60_u8..64),
        0_u64..900,
        ends,
        operation,
    )
        .prop_map(|(product, (site, procedure, side, sex), age, start, ends, (surgeon, indication, bmi))| {
            ImplantRow {
                product: Uuid::from_u128(product),
                site: SiteCode::new(&format!("RX{site}")).unwrap(),
                procedure: Opcs4::new(&format!("W37{procedure}")).unwrap(),
                side: [Side::None, Side::Left, Side::Right, Side::Bilateral][side],
                sex: [Sex::Unknown, Sex::Female, Sex::Male][sex],
                age,
                implanted_on: day(start),
                operation: Operation {
                    surgeon: surgeon.map(Uuid::from_u128),
                    indication: indication.and_then(|one| Indication::new(["fracture", "pain"][one])),
                    bmi,
                    asa: bmi.map(|bmi| bmi - 19),
                },
                exit: ends.map(|(after, why)| Exit {
                    on: day(start + after),
                    why: [End::Censored, End::Revised, End::Died][why],
                }),
            }
        })
}

fn of(column: Column, one: &Listed) -> Value {
    match column {
        Column::Product => Value::Product(one.product),
        Column::Site => Value::Site(one.site),
        Column::Procedure => Value::Procedure(one.procedure),
        Column::Side => Value::Side(one.side),
        Column::Sex => Value::Sex(one.sex),
        Column::Surgeon => Value::Surgeon(one.operation.surgeon),
        Column::Indication => Value::Indication(one.operation.indication),
        Column::Asa => Value::Asa(one.operation.asa),
        Column::Age => Value::Age(one.age),
        Column::Bmi => Value::Bmi(one.operation.bmi),
        Column::Day => Value::Day(one.implanted_on),
    }
}

/// Days and ends of several implants.
type Followed = Vec<(u16, Option<End>)>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// In one pass as one by one, whatever is told apart and whoever is asked for.
    #[test]
    fn as_one_by_one(
        rows in proptest::collection::vec(implant(), 1..120),
        one in 0..COLUMNS.len() - 1, other in 0..COLUMNS.len(),
        until in 0_u64..2_000, women in any::<bool>(), surgeon in any::<bool>(),
    ) {
        let mut builder = Builder::default();
        for row in &rows {
            builder.push(row).unwrap();
        }
        let cohort = builder.finish();
        let selections = [Selection {
            sex: women.then_some(Sex::Female),
            surgeon: surgeon.then(|| Uuid::from_u128(1)),
            ..Selection::until(day(until))
        }];
        // Of the second column every third value is in no class, and two of the others share one.
        let (first, second) = (COLUMNS[one], COLUMNS[other]);
        let values: BTreeMap<Value, usize> = cohort.values(second).into_iter().zip(0..).collect();
        let class = |value| Some(values[&value]).filter(|at| at % 3 > 0).map(|at| at / 3 % 2);
        let axes = [cohort.each_value(first), cohort.classes(second, 2, class)];
        let firsts = cohort.values(first);
        let mut cells: BTreeMap<usize, (Tally, Followed)> = BTreeMap::new();
        cohort.each_implant(cohort.products(), &selections, |listed| {
            let Some(class) = class(of(second, &listed)) else { return };
            let place = firsts.iter().position(|&value| value == of(first, &listed)).unwrap();
            let (tally, days) = cells.entry(2 * place + class).or_default();
            tally.implants += 1;
            tally.revised += u64::from(listed.end == Some(End::Revised));
            tally.died += u64::from(listed.end == Some(End::Died));
            tally.days += u64::from(listed.days);
            days.push((listed.days, listed.end));
        });
        let tallies = cohort.tally(&selections, &axes);
        prop_assert_eq!(tallies.len(), 2 * firsts.len());
        for (cell, tally) in tallies.into_iter().enumerate() {
            prop_assert_eq!(tally, cells.get(&cell).map_or_else(Tally::default, |(tally, _)| *tally));
        }
        let level = Confidence::default();
        for (cell, by) in cohort.revised_by(&selections, &axes, 400, level).into_iter().enumerate() {
            let days = cells.get(&cell).map_or(&[][..], |(_, days)| days);
            let observations: Vec<_> = days
                .iter()
                .map(|&(days, end)| Observation::new(f64::from(days), usize::from(end == Some(End::Revised))))
                .collect();
            let curve = kaplan_meier(&LifeTable::from_observations(&observations, 1), 1, level);
            prop_assert_eq!(by.revisions, curve.events_until(&[400.0])[0]);
            let want = curve.percent_revised(&[400.5])[0];
            prop_assert_eq!(by.estimate.at_risk, want.at_risk);
            for (got, want) in [
                (by.estimate.percent, want.percent),
                (by.estimate.lower, want.lower),
                (by.estimate.upper, want.upper),
            ] {
                prop_assert!(got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan()), "{} for {}", got, want);
            }
        }
    }
}

#[test]
fn what_is_shared_among_threads_is_the_same() {
    let mut builder = Builder::default();
    let plain = ImplantRow {
        product: Uuid::nil(),
        site: SiteCode::new("RX1").unwrap(),
        procedure: Opcs4::default(),
        side: Side::None,
        sex: Sex::Unknown,
        age: None,
        implanted_on: day(0),
        operation: Operation::default(),
        exit: None,
    };
    for product in 0..40_u128 {
        for _ in 0..=product {
            builder.push(&ImplantRow { product: Uuid::from_u128(product), ..plain }).unwrap();
        }
    }
    let cohort = builder.finish();
    let devices: Vec<(u32, &Device)> = (0..).zip(cohort.devices.values().map(AsRef::as_ref)).collect();
    let count = |devices: &[(u32, &Device)]| {
        let mut all = vec![0_usize; 40];
        for (first, device) in devices {
            all[*first as usize] += device.len();
        }
        all
    };
    for (most, enough) in [(1, 1), (8, 1), (100, 1), (4, 100), (8, 1_000)] {
        assert_eq!(in_parts(&devices, most, enough, &count), (1..=40).collect::<Vec<_>>());
    }
}
