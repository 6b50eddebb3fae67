//! Stock worked with on both engines: labels in, places, movements, what is short, what was wasted, who is dear.

use chrono::{Days, NaiveDate, Utc};
use tessera_scanner::verdict::london_date;

use super::labels::{self, Labelled, NewLabel};
use super::model::{NewStock, StockId, StockItem, StockState};
use super::movement::{Movement, MovementId, MovementKind, NewMovement, WasteCause};
use super::place::{NewPlace, PlaceId};
use super::store::{self as stock, movements, pars, places};
use super::terms::{NewTerms, Ownership};
use crate::access::{Actor, User};
use crate::error::{Code, Problem};
use crate::once::Written;
use crate::recalls::testing::*;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::stock::{PacksWanted, Wasted, compared, packs, pars as standing, wasted};
use crate::store::testing::on_both_engines;
use tessera_scanner::udi::{DeviceIdentifier, Issuer};

const SHELF: &str = "5050898000007";

fn shelf(store: &Store) {
    let new = NewPlace {
        id: PlaceId::new(),
        site_code: "RXX01".to_owned(),
        name: "Implant store".to_owned(),
        gln: Some(SHELF.to_owned()),
    };
    let new = new.checked().unwrap();
    let twice = new.clone();
    store.write_now(move |tx| places::add(tx, &Actor::System, &new)).unwrap();
    let (_, written) = store.write_now(move |tx| places::add(tx, &Actor::System, &twice)).unwrap();
    assert_eq!(written, Written::Before);
}

fn from_tarn(pence: i64) -> NewTerms {
    NewTerms { supplier: "Tarn Ltd".to_owned(), unit_price: Some(pence), ..NewTerms::default() }
}

fn label(barcode: &str, quantity: i32, terms: Option<NewTerms>) -> NewLabel {
    NewLabel {
        id: StockId::new(),
        site_code: None,
        place: format!("(414){SHELF}"),
        barcodes: vec![barcode.to_owned()],
        quantity,
        terms,
    }
}

fn scanned(store: &Store, new: &NewLabel) -> Result<(Labelled, Written), Problem> {
    let new = new.clone();
    store.write_now(move |tx| labels::receive(tx, &Actor::System, &new))
}

fn taken(
    store: &Store,
    who: &User,
    of: StockId,
    (kind, quantity): (MovementKind, i32),
    cause: Option<WasteCause>,
) -> Result<(Movement, Written), Problem> {
    let to = (kind == MovementKind::Moved).then(|| "Theatre 2".to_owned());
    let note = if kind == MovementKind::Missing { "Nobody knows".to_owned() } else { String::new() };
    let new = NewMovement { id: MovementId::new(), kind, quantity, cause, note, to_site: None, to_location: to };
    let (who, new) = (who.clone(), new.checked()?);
    store.write_now(move |tx| movements::make(tx, &who, of, &new))
}

fn found(store: &Store, id: StockId) -> StockItem {
    store.read_now(|connection| stock::find(connection, id)).unwrap().unwrap()
}

#[test]
fn a_label_is_read_into_stock_at_the_shelf_whose_label_was_scanned() {
    on_both_engines(|store| {
        ready(store);
        let barcode = format!("01{STEM}17300131102407A");
        let refused = scanned(store, &label(&barcode, 2, None)).unwrap_err();
        assert!(refused.detail().contains(SHELF), "the place is not known yet: {}", refused.detail());
        shelf(store);
        let new = label(&barcode, 2, Some(from_tarn(40_000)));
        let (labelled, written) = scanned(store, &new).unwrap();
        assert_eq!(written, Written::Now);
        let item = &labelled.item;
        assert_eq!((item.site_code.as_str(), item.location.as_str(), item.quantity), ("RXX01", "Implant store", 2));
        assert_eq!((item.lot.as_deref(), item.expiry), (Some("2407A"), NaiveDate::from_ymd_opt(2030, 1, 31)));
        assert_eq!(labelled.device.as_deref(), Some("Harrowmere Orthopaedics Fellgate"));
        assert_eq!(scanned(store, &new).unwrap().1, Written::Before, "sent again");
        let other = NewLabel { quantity: 3, ..new };
        assert_eq!(scanned(store, &other).unwrap_err().code(), Code::IdReused);
        let nothing = NewLabel { id: StockId::new(), barcodes: vec!["hello".to_owned()], ..label("", 1, None) };
        assert_eq!(scanned(store, &nothing).unwrap_err().code(), Code::InvalidInput);
    });
}

#[test]
fn what_is_taken_is_gone_and_what_is_moved_lies_elsewhere() {
    on_both_engines(|store| {
        ready(store);
        shelf(store);
        let pat = person(store, "pat");
        let new = label(&format!("01{STEM}17300131102407A"), 5, Some(from_tarn(40_000)));
        let id = scanned(store, &new).unwrap().0.item.id;
        taken(store, &pat, id, (MovementKind::Used, 1), None).unwrap();
        let moved = taken(store, &pat, id, (MovementKind::Moved, 2), None).unwrap().0;
        let there = found(store, moved.to_stock.unwrap());
        assert_eq!((there.location.as_str(), there.quantity, there.lot.as_deref()), ("Theatre 2", 2, Some("2407A")));
        assert_eq!(found(store, id).quantity, 2);
        let too_many = taken(store, &pat, id, (MovementKind::Returned, 3), None).unwrap_err();
        assert!(too_many.detail().contains("there are 2"), "{}", too_many.detail());
        taken(store, &pat, id, (MovementKind::Wasted, 2), Some(WasteCause::Dropped)).unwrap();
        assert_eq!(found(store, id).state, StockState::Used);
        assert!(taken(store, &pat, id, (MovementKind::Used, 1), None).is_err(), "all are gone");
        assert_eq!(scanned(store, &new).unwrap().1, Written::Before, "what happened since does not make it another");

        let wanted = |gone| PacksWanted { unit: Some("24O7a".to_owned()), gone, ..PacksWanted::default() };
        let lots = |gone| store.read_now(|connection| packs(connection, &wanted(gone))).unwrap();
        assert_eq!(lots(false).len(), 1, "where is this lot: only what lies somewhere");
        assert_eq!(lots(true).len(), 2);
    });
}

#[test]
fn quarantined_packs_stay_so_wherever_they_go() {
    on_both_engines(|store| {
        ready(store);
        shelf(store);
        let new = notice(vec![line(STEM, crate::recalls::criteria::UnitKind::Lot, Some("2407A"))]);
        enter(store, &person(store, "pat"), &new).unwrap();
        confirm(store, &person(store, "sam"), new.id).unwrap();
        let item = scanned(store, &label(&format!("01{STEM}17300131102407A"), 3, None)).unwrap().0.item;
        assert_eq!(item.state, StockState::Quarantined);
        let pat = person(store, "pat");
        let used = taken(store, &pat, item.id, (MovementKind::Used, 1), None).unwrap_err();
        assert_eq!(used.code(), Code::WrongState);
        let moved = taken(store, &pat, item.id, (MovementKind::Moved, 1), None).unwrap().0;
        assert_eq!(found(store, moved.to_stock.unwrap()).state, StockState::Quarantined);
    });
}

#[test]
fn a_carton_counts_what_it_holds() {
    on_both_engines(|store| {
        ready(store);
        shelf(store);
        let barcode = format!("01{CARTON}10L7");
        let (labelled, _) = scanned(store, &label(&barcode, 2, None)).unwrap();
        assert_eq!((labelled.units_of_label, labelled.item.quantity), (CARTON_HOLDS, 2 * CARTON_HOLDS));
    });
}

#[test]
fn what_runs_short_expires_and_goes_back_is_found() {
    on_both_engines(|store| {
        ready(store);
        shelf(store);
        let today = london_date(Utc::now());
        let soon = (today + Days::new(20)).format("%y%m%d");
        scanned(store, &label(&format!("01{STEM}17{soon}10SOON"), 1, None)).unwrap();
        let loan = NewTerms {
            supplier: "Tarn Ltd".to_owned(),
            ownership: Some(Ownership::Loan),
            return_by: Some(today + Days::new(3)),
            ..NewTerms::default()
        };
        scanned(store, &label(&format!("01{STEM}1735123110LENT"), 1, Some(loan))).unwrap();
        let lots = |wanted: PacksWanted| -> Vec<Option<String>> {
            let found = store.read_now(|connection| packs(connection, &wanted)).unwrap();
            found.into_iter().map(|one| one.lot).collect()
        };
        let until = Some(today + Days::new(30));
        assert_eq!(lots(PacksWanted { expiring: until, ..PacksWanted::default() }), [Some("SOON".to_owned())]);
        assert_eq!(lots(PacksWanted { going_back: until, ..PacksWanted::default() }), [Some("LENT".to_owned())]);

        let stem = DeviceIdentifier { issuer: Issuer::Gs1, text: STEM.to_owned() };
        let product = store.read_now(|c| crate::catalogue::store::by_identifier(c, &stem)).unwrap().unwrap().id;
        let pat = person(store, "pat");
        let set = |least| {
            let (pat, par) = (pat.clone(), pars::Par { site_code: "RXX01".to_owned(), product_id: product, least });
            store.write_now(move |tx| pars::set(tx, &pat, &par))
        };
        assert_eq!(set(-1).unwrap_err().code(), Code::InvalidInput);
        set(3).unwrap();
        set(5).unwrap();
        let told = store.read_now(|connection| standing(connection, Some("RXX01"))).unwrap();
        assert_eq!(told.iter().map(|one| (one.there, one.least)).collect::<Vec<_>>(), [(2, 5)]);
        set(0).unwrap();
        assert!(store.read_now(|connection| standing(connection, None)).unwrap().is_empty());
    });
}

#[test]
fn waste_is_told_by_reason_with_what_it_cost() {
    on_both_engines(|store| {
        ready(store);
        shelf(store);
        let pat = person(store, "pat");
        let barcode = format!("01{STEM}17300131102407A");
        let dear = scanned(store, &label(&barcode, 4, Some(from_tarn(40_000)))).unwrap().0.item.id;
        let unpriced = scanned(store, &label(&barcode, 4, None)).unwrap().0.item.id;
        taken(store, &pat, dear, (MovementKind::Wasted, 2), Some(WasteCause::Dropped)).unwrap();
        taken(store, &pat, unpriced, (MovementKind::Wasted, 1), Some(WasteCause::Dropped)).unwrap();
        taken(store, &pat, unpriced, (MovementKind::Wasted, 1), Some(WasteCause::Expired)).unwrap();
        taken(store, &pat, dear, (MovementKind::Returned, 1), None).unwrap();
        // Moved packs were not delivered a second time.
        taken(store, &pat, dear, (MovementKind::Moved, 1), None).unwrap();
        let (_, procedure) = patient(store);
        implant(store, procedure, Implant { lot: Some("2407A"), fate: "wasted", ..STEM_IN });

        let ever = (chrono::DateTime::UNIX_EPOCH.into(), Moment::from(Utc::now() + chrono::TimeDelta::days(400)));
        let told = store.read_now(|connection| wasted(connection, ever, Some("RXX01"))).unwrap();
        let of = |place: &str, reason: &str| -> Option<Wasted> {
            told.iter().find(|one| one.place == place && one.reason == reason).cloned()
        };
        let dropped = of("shelf", "Dropped").unwrap();
        assert_eq!((dropped.packs, dropped.pence, dropped.unpriced), (3, 80_000, 1));
        assert_eq!(of("shelf", "Expired").unwrap().unpriced, 1);
        assert_eq!(of("theatre", "Opened, not implanted").unwrap().packs, 1);
        assert!(store.read_now(|connection| wasted(connection, ever, Some("RXX09"))).unwrap().is_empty());

        let (suppliers, devices) = store.read_now(compared).unwrap();
        let tarn = suppliers.iter().find(|one| one.supplier == "Tarn Ltd").unwrap();
        assert_eq!((tarn.packs, tarn.pence, tarn.wasted, tarn.returned), (4, 160_000, 2, 1));
        let stem = devices.values().next().unwrap();
        assert_eq!((stem.packs, stem.prices, stem.wasted), (8, Some((40_000, 40_000)), 4));
    });
}

#[test]
fn a_place_is_one_place() {
    on_both_engines(|store| {
        ready(store);
        shelf(store);
        let add = |name: &str, gln: Option<&str>| {
            let (id, site_code) = (PlaceId::new(), "RXX01".to_owned());
            let new = NewPlace { id, site_code, name: name.to_owned(), gln: gln.map(str::to_owned) };
            let new = new.checked()?;
            store.write_now(move |tx| places::add(tx, &Actor::System, &new)).map(|_| ())
        };
        assert_eq!(add("Implant store", None).unwrap_err().code(), Code::WrongState);
        assert_eq!(add("Other", Some(SHELF)).unwrap_err().code(), Code::WrongState);
        assert_eq!(add("Other", Some("5050898000005")).unwrap_err().code(), Code::InvalidInput);
        add("Other", None).unwrap();
        // The GLN in the place of a name means the place.
        let new = NewStock {
            id: StockId::new(),
            site_code: "RXX01".to_owned(),
            location: SHELF.to_owned(),
            issuer: None,
            identifier: STEM.to_owned(),
            lot: None,
            serial: None,
            expiry: None,
            quantity: 1,
            terms: None,
        };
        let new = new.checked().unwrap();
        let item = store.write_now(move |tx| stock::receive(tx, &Actor::System, &new)).unwrap().0;
        assert_eq!(item.location, "Implant store");
    });
}
