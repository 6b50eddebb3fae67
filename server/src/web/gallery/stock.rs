//! Pages of stock.

use super::samples::page;
use crate::web::stock::{
    ComparedRow, PackRow, ParRow, ParsPage, PlacesPage, ReceiveForm, StockComparisonPage, StockItemPage, StockPage,
    WastePage,
};
use crate::web::{Choice, Fact, Figure};

pub fn shelves() -> StockPage {
    let row = |device: &str, unit: &str, quantity: &str, state: (&str, &'static str), terms: &str, age: &str| PackRow {
        href: "/stock/01930000-0000-7000-8000-000000000009".into(),
        place: "Northgate Hospital, Theatre store".into(),
        device: device.into(),
        unit: unit.into(),
        quantity: quantity.into(),
        state: state.0.into(),
        tag: state.1,
        terms: terms.into(),
        age: age.into(),
    };
    let (shelf, apart) = (("On the shelf", "nhsuk-tag--green"), ("Quarantined", "nhsuk-tag--red"));
    StockPage {
        page: page("Stock", "/stock", "procurement"),
        error: "No device could be read from this barcode: scan it again, or type what is printed.".into(),
        sites: Choice::with_all(Choice::list([("RXX01", "Northgate Hospital")], ""), ""),
        unit: String::new(),
        shows: Choice::list([("", "All packs"), ("expiring", "Expiring within 90 days")], ""),
        told: "11 packs are there.".into(),
        rows: vec![
            row(
                "Harrowmere Orthopaedics Fellgate",
                "lot 2407A, expires 31 Jan 2027",
                "3",
                shelf,
                "Tarn Ltd",
                "65 days left",
            ),
            row(
                "Quill Implants Marrick",
                "lot 2511C, serial 00412, expires 30 Jun 2030",
                "8",
                apart,
                "Tarn Ltd, loan, back by 1 Dec 2026",
                "",
            ),
        ],
        csv: "/stock/packs.csv?site=&unit=".into(),
        short: vec![(
            "Northgate Hospital".into(),
            "Harrowmere Orthopaedics Fellgate, hip stem, size 12".into(),
            "1 of 4".into(),
        )],
        unexpected: vec![
            [
                "26 November 2026, 11:20",
                "Northgate Hospital",
                "Quill Implants Marrick",
                "lot 2511C, expires 30 Jun 2030",
            ]
            .map(str::to_owned),
        ],
        may_change: true,
        form: ReceiveForm {
            id: "01930000-0000-7000-8000-000000000010".into(),
            ownership: Choice::list([("owned", "The hospital's"), ("loan", "Loan")], "owned"),
            ..ReceiveForm::default()
        },
        places: vec!["Theatre store".into()],
    }
}

pub fn item() -> StockItemPage {
    StockItemPage {
        page: page("Stock", "/stock", "procurement"),
        error: "4 packs cannot go: there are 3.".into(),
        id: "01930000-0000-7000-8000-000000000009".into(),
        device: "Harrowmere Orthopaedics Fellgate, hip stem, size 12, right".into(),
        facts: vec![
            Fact::new("Where", "Northgate Hospital, Theatre store"),
            Fact::new("Packs", "3"),
            Fact::new("Unit", "lot 2407A, expires 31 Jan 2027"),
            Fact::new("Price of a pack", "£1,204.50"),
        ],
        history: vec![("23 November 2026, 10:02".into(), "1 pack wasted".into(), "Dropped".into())],
        apart: false,
        may_take: true,
        set_apart_for: Choice::list([("damaged", "Damaged"), ("in-question", "In question")], ""),
        next_id: "01930000-0000-7000-8000-000000000011".into(),
        kinds: Choice::list([("used", "Used"), ("wasted", "Wasted"), ("moved", "Moved to another place")], "used"),
        causes: Choice::list([("dropped", "Dropped"), ("expired", "Expired")], ""),
        sites: Choice::list([("RXX01", "Northgate Hospital"), ("RXX02", "Southgate Hospital")], "RXX01"),
        places: vec!["Theatre store".into()],
    }
}

pub fn places() -> PlacesPage {
    PlacesPage {
        page: page("Places", "/stock", "procurement"),
        error: "The GLN 5050898000007 stands for \"Theatre store\" at RXX01 already.".into(),
        rows: vec![
            ["Northgate Hospital", "Theatre store", "5050898000007"].map(str::to_owned),
            ["Northgate Hospital", "Loan sets, room 4", ""].map(str::to_owned),
        ],
        may_change: true,
        id: "01930000-0000-7000-8000-000000000012".into(),
        sites: Choice::list([("RXX01", "Northgate Hospital")], "RXX01"),
        name: "Implant store".into(),
        gln: "5050898000007".into(),
    }
}

pub fn pars() -> ParsPage {
    let row = |there: &str, short| ParRow {
        site: "Northgate Hospital".into(),
        href: "/devices/01930000-0000-7000-8000-000000000003".into(),
        device: "Harrowmere Orthopaedics Fellgate, hip stem, size 12, right".into(),
        there: there.into(),
        least: "4".into(),
        short,
    };
    ParsPage {
        page: page("Par levels", "/stock", "procurement"),
        error: "\"four\" is no number of packs.".into(),
        rows: vec![row("1", true), row("6", false)],
        may_change: true,
        sites: Choice::list([("RXX01", "Northgate Hospital")], "RXX01"),
        device: "09521001000123".into(),
        least: "four".into(),
    }
}

pub fn waste() -> WastePage {
    let row = |place: &str, why: &str, packs: &str, value: &str| [place, why, packs, value, "0"].map(str::to_owned);
    WastePage {
        page: page("Waste", "/stock", "procurement"),
        error: String::new(),
        sites: Choice::with_all(Choice::list([("RXX01", "Northgate Hospital")], ""), ""),
        from: "2025-11-27".into(),
        to: "2026-11-27".into(),
        figures: vec![
            Figure::new("14", "packs wasted"),
            Figure::new("£9,204.00", "their value, as far as it is known"),
        ],
        rows: vec![
            row("Theatre", "Opened, not implanted", "9", "£7,104.00"),
            row("Shelf", "Expired", "5", "£2,100.00"),
        ],
        csv: "/stock/waste.csv?from=2025-11-27&to=2026-11-27&site=".into(),
    }
}

pub fn comparison() -> StockComparisonPage {
    StockComparisonPage {
        page: page("Suppliers and devices", "/stock", "safety"),
        suppliers: vec![["Tarn Ltd", "240", "£96,000.00", "£400.00", "5", "12", "8"].map(str::to_owned)],
        devices: vec![ComparedRow {
            href: "/devices/01930000-0000-7000-8000-000000000003".into(),
            device: "Harrowmere Orthopaedics Fellgate, hip stem, size 12, right".into(),
            suppliers: "Tarn Ltd".into(),
            price: "£380.00 to £410.00".into(),
            wasted: "5 of 240 on shelves, 9 in theatre".into(),
            recalls: "1".into(),
            revised: "3.1% (2.4 to 4.0)".into(),
            odep: "10A*".into(),
        }],
        note: "Revised: one minus Kaplan–Meier with its 95% interval, of all implants. Snapshot 9f2c41d07be3a655."
            .into(),
    }
}
