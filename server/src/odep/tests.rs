//! Ratings on both engines, and the benchmark by hand.

use chrono::NaiveDate;
use uuid::Uuid;

use super::benchmark::{Class, MARGIN};
use super::model::{NewRating, RatingId};
use super::store::{enter, in_force, of_product};
use crate::access::store::{NewUser, add_user, user_named};
use crate::access::{Actor, PasswordHash, Role, User};
use crate::analysis::cohort::{
    Builder, Cohort, End, Exit, ImplantRow, Opcs4, Operation, Selection, Sex, Side, SiteCode,
};
use crate::error::Code;
use crate::once::Written;
use crate::outcomes::testing::{day, registry, today};
use crate::small_numbers::Sight;
use crate::store::Store;
use crate::store::testing::on_both_engines;

fn analyst(store: &Store) -> User {
    let password = PasswordHash::stored("nobody signs in here".to_owned());
    let (username, display_name) = ("ada".to_owned(), "Ada".to_owned());
    let new = NewUser { username, display_name, role: Role::Analyst, site_code: None, password };
    store.write_now(move |tx| add_user(tx, &Actor::System, &new)).unwrap();
    store.read_now(|connection| user_named(connection, "ada")).unwrap()
}

fn rating(text: &str, on: &str) -> NewRating {
    NewRating { id: RatingId::new(), rating: text.to_owned(), rated_on: day(on), source: " ODEP website ".to_owned() }
}

#[test]
fn the_latest_rating_is_in_force_and_a_repeat_changes_nothing() {
    on_both_engines(|store| {
        let (product, _) = registry(store, &["2018-01-01"]);
        let user = analyst(store);
        let enter_now = |new: &NewRating| {
            let (new, user) = (new.clone().checked(today()).map_err(|problem| problem.code())?, user.clone());
            store
                .write_now(move |tx| enter(tx, &user, product, &new))
                .map(|done| done.1)
                .map_err(|problem| problem.code())
        };
        let (early, late) = (rating("5a*", "2020-05-01"), rating("10A*", "2025-05-01"));
        assert_eq!(enter_now(&late), Ok(Written::Now));
        assert_eq!(enter_now(&early), Ok(Written::Now));
        assert_eq!(enter_now(&late), Ok(Written::Before));
        assert_eq!(enter_now(&NewRating { rating: "10A".to_owned(), ..late.clone() }), Err(Code::IdReused));
        assert_eq!(enter_now(&rating("4A", "2025-05-01")), Err(Code::InvalidInput));
        assert_eq!(enter_now(&rating("5A", "2126-05-01")), Err(Code::InvalidInput));
        let all = store.read_now(|connection| of_product(connection, product)).unwrap();
        let told: Vec<_> = all.iter().map(|row| (row.rating.as_str(), row.source.as_str())).collect();
        assert_eq!(told, [("10A*", "ODEP website"), ("5A*", "ODEP website")]);
        assert_eq!(store.read_now(in_force).unwrap()[&product].rating, "10A*");
    });
}

const GOOD: Uuid = Uuid::from_u128(1);
const BAD: Uuid = Uuid::from_u128(2);

/// Of one device 2 of 400 revised after four years, of another 40 of 400.
fn cohort() -> Cohort {
    let mut builder = Builder::default();
    for (product, revised) in [(GOOD, 2), (BAD, 40)] {
        for n in 0..400 {
            let on: NaiveDate = day("2010-01-01");
            let exit = (n < revised).then(|| Exit { on: day("2014-01-01"), why: End::Revised });
            let row = ImplantRow {
                product,
                site: SiteCode::new("RXX01").unwrap(),
                procedure: Opcs4::default(),
                side: Side::None,
                sex: Sex::Female,
                age: Some(70),
                implanted_on: on,
                operation: Operation::default(),
                exit,
            };
            builder.push(&row).unwrap();
        }
    }
    builder.finish()
}

#[test]
fn the_upper_limit_is_held_against_the_class_and_two_points() {
    let cohort = cohort();
    let class = Class::of(&cohort, &[GOOD, BAD], Selection::until(day("2020-06-01")));
    let [good, bad] = [GOOD, BAD].map(|product| class.benchmark(&cohort, product, false, Sight::ALL));
    assert_eq!(good.iter().map(|year| year.year).collect::<Vec<_>>(), [3, 5, 7, 10, 13, 15]);
    assert_eq!(
        good.iter().map(|year| year.met).collect::<Vec<_>>(),
        [Some(true), Some(true), Some(true), Some(true), None, None]
    );
    assert_eq!((bad[0].met, bad[1].met), (Some(true), Some(false)), "nobody was revised before the fourth year");
    let five = bad[1];
    assert!((five.percent.unwrap() - 10.0).abs() < 1e-9 && (five.class_percent.unwrap() - 5.25).abs() < 1e-9);
    assert!((five.threshold.unwrap() - (5.25 + MARGIN)).abs() < 1e-9 && five.upper.unwrap() > 13.0);
    assert_eq!(bad[4].at_risk, 0, "nobody is followed for thirteen years");
}

#[test]
fn what_would_tell_two_revisions_is_not_told() {
    let cohort = cohort();
    let class = Class::of(&cohort, &[GOOD, BAD], Selection::until(day("2020-06-01")));
    let five = Sight { least: 5 };
    let good = class.benchmark(&cohort, GOOD, true, five);
    assert!(good.iter().all(|year| year.percent.is_none() && year.met.is_none() && year.at_risk == 0));
    let bad = class.benchmark(&cohort, BAD, false, five);
    assert_eq!((bad[1].met, bad[2].met), (Some(false), Some(false)));
}
