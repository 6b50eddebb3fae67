//! The sample hospital: who signs in, what lies on the shelves, and a history of patients who do not exist.

use chrono::NaiveDate;
use tessera_scanner::udi::{DeviceIdentifier, Issuer};

use crate::access::badge_api::{give_to, number as badge_number};
use crate::access::badges;
use crate::access::pin::Pin;
use crate::access::store::{NewUser, add_user};
use crate::access::{Actor, Password, Role, UserId};
use crate::catalogue::makers::{self, Maker};
use crate::catalogue::{self, attributes};
use crate::error::Problem;
use crate::identity::keys::IdentityKeys;
use crate::import::synthetic::{Progress, Synthetic, import};
use crate::recalls::stock::model::{NewStock, StockId};
use crate::recalls::stock::place::{NewPlace, PlaceId};
use crate::recalls::stock::store::pars::{self, Par};
use crate::recalls::stock::store::{places, receive};
use crate::recalls::stock::terms::NewTerms;
use crate::store::read::people::users_of;
use crate::store::{DatabaseUrl, Store, Transaction};
use crate::theatre::organisations::sites;
use crate::theatre::team::{NewStaff, add_staff};
use crate::theatre::trays::{self, Tray, TrayId};
use crate::web::signin::SampleSignIn;

/// A person of the sample hospital.
#[derive(Clone, Copy, Debug)]
pub struct SampleUser {
    /// Name to sign in with.
    pub username: &'static str,
    /// Name to show.
    pub display_name: &'static str,
    /// Role.
    pub role: Role,
    /// GSRN of the badge (GS1's company prefix for examples).
    pub badge: &'static str,
}

/// Who can sign in.
pub const USERS: [SampleUser; 5] = [
    SampleUser { username: "nina", display_name: "Nina Okafor", role: Role::Nurse, badge: "952114100000001015" },
    SampleUser { username: "priya", display_name: "Priya Nair", role: Role::Procurement, badge: "952114100000001022" },
    SampleUser { username: "sam", display_name: "Sam Whitfield", role: Role::Safety, badge: "952114100000001039" },
    SampleUser { username: "anders", display_name: "Anders Lind", role: Role::Analyst, badge: "952114100000001046" },
    SampleUser { username: "ada", display_name: "Ada Marsh", role: Role::Admin, badge: "952114100000001053" },
];

/// Everybody's password. Demonstrations listen on this machine only.
pub const PASSWORD: &str = "tessera-sample-2026";

/// The PIN of every badge, as [`PASSWORD`] is everybody's password.
pub const PIN: &str = "482716";

/// The sign-ins as the sign-in page shows them.
pub fn samples() -> Vec<SampleSignIn> {
    let shown = |user: &SampleUser| SampleSignIn {
        username: user.username.to_owned(),
        password: PASSWORD.to_owned(),
        role: user.role.to_string(),
        badge: user.badge.to_owned(),
    };
    USERS.iter().map(shown).collect()
}

/// Badges of the theatre team: what is scanned, and whose it is.
pub const BADGES: [(&str, &str); 2] = [("NURSE-0042", "Nina Okafor"), ("SURGEON-0007", "Dr Tomas Reyes")];

/// The wristband of a patient to try with (DCB1077; an NHS number of the synthetic range).
pub const WRISTBAND: &str = "]d2801850508989434765919291RX1RA,A1234,,\u{1d}93SAMPLE,Ann,05-Mar-1950,";

/// What the rules of compatibility compare of the sample catalogue.
const ATTRIBUTES: &str = include_str!("../../fixtures/catalogue/attributes.csv");

/// Device uses of the sample history.
const HISTORY: u64 = 30_000;

/// Packs of one lot on the shelves.
struct Shelf {
    gtin: &'static str,
    lot: &'static str,
    /// Year, month, day.
    expiry: (i32, u32, u32),
    /// Packs at the first site and at the second.
    packs: [i32; 2],
    /// Who delivers them.
    supplier: &'static str,
    /// What one costs, in pence.
    price: i64,
    /// How many of the product each site should have.
    least: i32,
}

/// The places at the first site and at the second, with their GLNs (GS1 UK's company prefix for the NHS, with made-up places).
const PLACES: [(&str, &str); 2] = [("Implant store", "5050898000007"), ("Implant store", "5050898000014")];

const SHELVES: [Shelf; 6] = [
    Shelf {
        gtin: "09521001000123",
        lot: "HW24117",
        expiry: (2031, 6, 30),
        packs: [3, 1],
        supplier: "Harrowmere Orthopaedics",
        price: 124_050,
        least: 4,
    },
    Shelf {
        gtin: "09521001000123",
        lot: "HWKRA7",
        expiry: (2031, 7, 31),
        packs: [5, 2],
        supplier: "Harrowmere Orthopaedics",
        price: 126_500,
        least: 4,
    },
    Shelf {
        gtin: "09521001000543",
        lot: "HW23080",
        expiry: (2030, 2, 28),
        packs: [4, 4],
        supplier: "Harrowmere Orthopaedics",
        price: 48_200,
        least: 5,
    },
    Shelf {
        gtin: "09521002003048",
        lot: "CW55310",
        expiry: (2030, 9, 30),
        packs: [2, 0],
        supplier: "Northern Surgical Supplies",
        price: 210_000,
        least: 2,
    },
    Shelf {
        gtin: "09521006002153",
        lot: "LN88120",
        expiry: (2028, 1, 31),
        packs: [6, 3],
        supplier: "Fenlight Optics",
        price: 9_850,
        least: 8,
    },
    Shelf {
        gtin: "09521010350240",
        lot: "SCRW77",
        expiry: (2032, 12, 31),
        packs: [40, 25],
        supplier: "Northern Surgical Supplies",
        price: 1_240,
        least: 30,
    },
];

/// Sets whose screws carry no label, with the GTINs of what lies in them.
const TRAYS: [(&str, &[&str]); 2] = [
    (
        "Screws 2.7 mm, small fragment set",
        &["09521010231051", "09521010522098", "09521010348148", "09521010734309", "09521010303833"],
    ),
    (
        "Screws 3.5 mm, small fragment set",
        &["09521010255965", "09521010187938", "09521010394473", "09521010350240", "09521010700342"],
    ),
];

/// Where the makers of hips and screws can be reached, for the implant card: addresses that nobody has.
const MAKERS: [(&str, &str, &str); 4] = [
    ("Harrowmere Orthopaedics", "1 Example Way, Harrowmere HX0 0XX", "https://harrowmere.example"),
    ("Calder & Wrenfield Joint Systems", "2 Example Road, Wrenfield WX0 0XX", "https://calder-wrenfield.example"),
    ("Fenlight Optics", "3 Example Street, Fenby FX0 0XX", "https://fenlight.example"),
    ("Kestrel Ridge Trauma", "4 Example Lane, Kestrel Ridge KX0 0XX", "https://kestrel-ridge.example"),
];

/// The trays and the makers.
fn fill_catalogue(tx: &mut Transaction<'_>) -> Result<(), Problem> {
    for (name, gtins) in TRAYS {
        let mut products = Vec::with_capacity(gtins.len());
        for gtin in gtins {
            let device = DeviceIdentifier { issuer: Issuer::Gs1, text: (*gtin).to_owned() };
            products.extend(catalogue::store::by_identifier(tx, &device)?.map(|product| product.id));
        }
        trays::keep(tx, &Actor::System, &Tray { id: TrayId::new(), name: name.to_owned(), products })?;
    }
    for (name, address, website) in MAKERS {
        let maker = Maker { name: name.to_owned(), address: address.to_owned(), website: website.to_owned() };
        makers::write(tx, &Actor::System, &maker.checked()?)?;
    }
    Ok(())
}

/// Fills an empty registry; one that has been filled before is left as it is.
///
/// # Errors
/// Those of the store.
pub fn fill(url: &DatabaseUrl, keys: &IdentityKeys, mut progress: impl FnMut(Progress<'_>)) -> Result<(), Problem> {
    if !Store::open(url)?.read_now(sites)?.is_empty() {
        return Ok(());
    }
    import(url, keys, Synthetic::patients(HISTORY, 2026), &mut progress)?;
    progress(Progress::Doing("adding people and stock"));
    Store::open(url)?.write_now(|tx| attributes::import(tx, &Actor::System, ATTRIBUTES))?;
    let hash = Password::new(PASSWORD)?.hash()?;
    let pin = Pin::new(PIN)?.hash()?;
    Store::open(url)?.write_now(move |tx| {
        fill_catalogue(tx)?;
        let places = sites(tx)?;
        let first = places.first().map(|(code, _)| code.clone());
        let (mut nurse, mut buyer): (Option<UserId>, Option<UserId>) = (None, None);
        for user in USERS {
            let new = NewUser {
                username: user.username.to_owned(),
                display_name: user.display_name.to_owned(),
                role: user.role,
                site_code: first.clone(),
                password: hash.clone(),
            };
            let id = add_user(tx, &Actor::System, &new)?;
            give_to(tx, &Actor::System, id, &badge_number(user.badge)?)?;
            badges::set_pin(tx, &Actor::System, id, &pin)?;
            match user.role {
                Role::Nurse => nurse = Some(id),
                Role::Procurement => buyer = Some(id),
                _ => {}
            }
        }
        for (badge, name) in BADGES {
            let user = nurse.filter(|_| name == USERS[0].display_name);
            let new =
                NewStaff { register: "local", registration: badge.to_owned(), display_name: name.to_owned(), user };
            add_staff(tx, &Actor::System, &new)?;
        }
        let sites: Vec<String> = places.into_iter().map(|(site, _)| site).collect();
        fill_shelves(tx, &sites, buyer)
    })
}

/// Places, packs with their prices, and par levels.
fn fill_shelves(tx: &mut Transaction<'_>, sites: &[String], buyer: Option<UserId>) -> Result<(), Problem> {
    for (site, (name, gln)) in sites.iter().zip(PLACES) {
        let (id, name, gln) = (PlaceId::new(), name.to_owned(), Some(gln.to_owned()));
        places::add(tx, &Actor::System, &NewPlace { id, site_code: site.clone(), name, gln }.checked()?)?;
    }
    let buyer = buyer.map(|id| users_of(tx, &[id])).transpose()?.and_then(|users| users.into_values().next());
    for Shelf { gtin, lot, expiry: (year, month, day), packs, supplier, price, least } in SHELVES {
        for (site, quantity) in sites.iter().zip(packs) {
            if let Some(buyer) = &buyer {
                let device = DeviceIdentifier { issuer: Issuer::Gs1, text: gtin.to_owned() };
                if let Some(product) = catalogue::store::by_identifier(tx, &device)? {
                    pars::set(tx, buyer, &Par { site_code: site.clone(), product_id: product.id, least })?;
                }
            }
            if quantity == 0 {
                continue;
            }
            let terms = NewTerms { supplier: supplier.to_owned(), unit_price: Some(price), ..NewTerms::default() };
            let stock = NewStock {
                id: StockId::new(),
                site_code: site.clone(),
                location: "Implant store".to_owned(),
                issuer: None,
                identifier: gtin.to_owned(),
                lot: Some(lot.to_owned()),
                serial: None,
                expiry: NaiveDate::from_ymd_opt(year, month, day),
                quantity,
                terms: Some(terms),
            };
            receive(tx, &Actor::System, &stock.checked()?)?;
        }
    }
    Ok(())
}
