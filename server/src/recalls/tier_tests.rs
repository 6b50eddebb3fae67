//! Precision and recall of each tier, against units of which the generator knows what they truly are and how they were written down.
//!
//! What is expected is decided from that truth (which product, which of its lots, which slip of the pen), never from the written
//! characters, so that the closure of identifiers, the comparison of lots and the look-ups in the database are all in what is measured.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use tessera_scanner::recall_match::{Tier, alike};
use uuid::Uuid;

use super::criteria::{CriterionForm, UnitKind};
use super::stock::model::{StockId, StockState};
use super::testing::*;
use crate::access::Actor;
use crate::catalogue::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier};
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::read::affected::{self, Excluded};
use crate::store::schema::{device_uses, stock_items};
use crate::store::testing::on_both_engines;
use crate::theatre::model::DeviceUseId;

const USES: usize = 1_200;
const PACKS: usize = 400;
const PRODUCTS: usize = 12;
const MAKERS: [&str; 3] = ["Harrowmere Orthopaedics", "Tarn Medical", "Quill Implants"];

/// How a lot was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Exact,
    /// As people and old label printers mistake it: O for 0, I for 1, small letters, a space.
    Slip(u64),
    Missing,
    /// A longer lot that begins with it: another lot.
    Longer,
}

#[derive(Clone, Copy, Debug)]
struct Truth {
    product: usize,
    lot: usize,
    written: Written,
    /// Which of the product's identifiers; none where nothing but the lot was typed.
    named: Option<usize>,
    expires: Option<NaiveDate>,
    implanted: bool,
}

/// Draws that are the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, many: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % many
    }

    fn place(&mut self, many: usize) -> usize {
        usize::try_from(self.below(many as u64)).unwrap()
    }
}

fn gtin(product: usize, kind: usize) -> String {
    let body = format!("0952555{kind}{product:05}");
    let sum: u32 =
        body.bytes().zip([3, 1].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// The last two products have one catalogue number, of two makers.
fn reference(product: usize) -> String {
    format!("FG-{}", product.min(PRODUCTS - 2))
}

fn maker(product: usize) -> &'static str {
    MAKERS[product % MAKERS.len()]
}

fn lot(product: usize, lot: usize) -> String {
    format!("L{product:02}10{lot}0")
}

fn day(month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, month, 1).unwrap()
}

impl Truth {
    fn draw(dice: &mut Dice) -> Self {
        let written = match dice.below(10) {
            0 => Written::Slip(dice.below(4)),
            1 => Written::Missing,
            2 => Written::Longer,
            _ => Written::Exact,
        };
        let named = (dice.below(12) > 0).then(|| dice.place(3));
        let expires = named.and_then(|_| (dice.below(5) > 0).then(|| day(1 + u32::try_from(dice.below(3)).unwrap())));
        let (product, lot, implanted) = (dice.place(PRODUCTS), dice.place(4), dice.below(15) > 0);
        Self { product, lot, written, named, expires, implanted }
    }

    fn text(&self) -> Option<String> {
        let exact = lot(self.product, self.lot);
        match self.written {
            Written::Exact => Some(exact),
            Written::Slip(0) => Some(exact.replace('0', "O")),
            Written::Slip(1) => Some(exact.replace('1', "I")),
            Written::Slip(2) => Some(exact.to_lowercase()),
            Written::Slip(_) => Some(format!("{} {}", &exact[..3], &exact[3..])),
            Written::Missing => None,
            Written::Longer => Some(format!("{exact}A")),
        }
    }
}

/// How a line of the notice names the device.
#[derive(Clone, Copy, Debug)]
enum By {
    /// One of the product's identifiers.
    Identifier(usize),
    MakerAndReference,
    Reference,
    /// For lots only.
    Maker,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    All,
    Lot(usize),
    Expires(NaiveDate),
}

#[derive(Clone, Copy, Debug)]
struct Line(usize, By, Of);

fn notice_lines() -> Vec<Line> {
    vec![
        Line(0, By::Identifier(0), Of::Lot(0)),
        Line(0, By::Identifier(0), Of::Lot(1)),
        Line(1, By::Identifier(1), Of::Lot(1)),
        Line(2, By::Identifier(2), Of::All),
        Line(3, By::MakerAndReference, Of::Lot(0)),
        Line(4, By::MakerAndReference, Of::All),
        Line(8, By::Identifier(0), Of::Expires(day(2))),
        Line(9, By::Maker, Of::Lot(3)),
        Line(10, By::Reference, Of::Lot(0)),
        Line(11, By::MakerAndReference, Of::Lot(2)),
    ]
}

impl Line {
    fn form(self) -> CriterionForm {
        let Self(product, by, of) = self;
        let (units, value) = match of {
            Of::All => (UnitKind::All, None),
            Of::Lot(nth) => (UnitKind::Lot, Some(lot(product, nth))),
            Of::Expires(day) => (UnitKind::Expiry, Some(day.to_string())),
        };
        CriterionForm {
            issuer: None,
            identifier: if let By::Identifier(kind) = by { Some(gtin(product, kind)) } else { None },
            maker: matches!(by, By::MakerAndReference | By::Maker).then(|| maker(product).to_owned()),
            reference: matches!(by, By::MakerAndReference | By::Reference).then(|| reference(product)),
            units,
            value,
        }
    }

    /// The table at the head of `recall_match`, asked about the truth.
    fn means(self, unit: &Truth) -> Option<Tier> {
        let Self(product, by, of) = self;
        let its_lot = |nth| unit.product == product && unit.lot == nth;
        let (same, nearly) = match of {
            Of::All => (true, false),
            Of::Lot(nth) => (
                its_lot(nth) && unit.written == Written::Exact,
                unit.written == Written::Missing || (its_lot(nth) && matches!(unit.written, Written::Slip(_))),
            ),
            Of::Expires(day) => (unit.expires == Some(day), unit.expires.is_none()),
        };
        if unit.named.is_none() {
            return (same && !matches!(of, Of::All)).then_some(Tier::Possible);
        }
        let at_best = match by {
            By::Identifier(_) if unit.product == product => Tier::Definite,
            By::MakerAndReference if unit.product == product => Tier::Probable,
            By::Reference if reference(unit.product) == reference(product) => Tier::Possible,
            // The same number of another maker, or the maker alone: only what is exact, and names a unit.
            By::MakerAndReference if reference(unit.product) == reference(product) => {
                return (same && !matches!(of, Of::All)).then_some(Tier::Possible);
            }
            By::Maker if maker(unit.product) == maker(product) => return same.then_some(Tier::Possible),
            _ => return None,
        };
        if same { Some(at_best) } else { nearly.then_some(Tier::Possible) }
    }
}

fn catalogue(store: &Store) -> Vec<ProductId> {
    let products = (0..PRODUCTS).map(|nth| {
        let kinds = [IdentifierKind::Primary, IdentifierKind::Package, IdentifierKind::Previous];
        let identifiers = kinds.into_iter().enumerate().map(|(place, kind)| ProductIdentifier {
            issuer: Agency::Gs1,
            identifier: gtin(nth, place),
            kind,
            quantity: 1,
        });
        let new = NewProduct {
            id: ProductId::new(),
            maker: maker(nth).to_owned(),
            brand: format!("Brand {nth}"),
            reference: reference(nth),
            description: "Stem".to_owned(),
            category: "hip".to_owned(),
            gmdn: None,
            side: None,
            size: None,
            lot_expected: true,
            serial_expected: false,
            expiry_expected: true,
            identifiers: identifiers.collect(),
        };
        (new.id, new.checked().unwrap())
    });
    let (ids, products): (Vec<_>, Vec<_>) = products.unzip();
    store
        .write_now(move |tx| {
            products
                .iter()
                .try_for_each(|one| crate::catalogue::store::add_product(tx, &Actor::System, one).map(|_| ()))
        })
        .unwrap();
    ids
}

/// Records the units, and answers what each of them truly is.
fn record(store: &Store, products: &[ProductId]) -> HashMap<Uuid, Truth> {
    let mut dice = Dice(20_261_127);
    let (_, procedure) = patient(store);
    let uses: Vec<_> = (0..USES).map(|_| (DeviceUseId::new(), Truth::draw(&mut dice))).collect();
    let named = |truth: Truth| Truth { named: truth.named.or(Some(0)), ..truth };
    let packs: Vec<_> = (0..PACKS).map(|_| (StockId::new(), named(Truth::draw(&mut dice)))).collect();
    let (some_uses, some_packs, products) = (uses.clone(), packs.clone(), products.to_vec());
    store
        .write_now(move |tx| {
            for (id, truth) in &some_uses {
                let (text, named) = (truth.text(), truth.named);
                diesel::insert_into(device_uses::table)
                    .values((
                        device_uses::id.eq(*id),
                        device_uses::procedure_id.eq(procedure),
                        // Some records have lost their product, and are found by the identifier alone.
                        device_uses::product_id.eq(named.filter(|kind| *kind > 0).map(|_| products[truth.product])),
                        device_uses::issuer.eq(named.map(|_| "GS1")),
                        device_uses::identifier.eq(named.map(|kind| gtin(truth.product, kind))),
                        device_uses::lot.eq(&text),
                        device_uses::lot_alike.eq(text.as_deref().map(alike)),
                        device_uses::expiry.eq(truth.expires),
                        device_uses::fate.eq(if truth.implanted { "implanted" } else { "wasted" }),
                        device_uses::recorded_at.eq(Moment::now()),
                    ))
                    .execute(&mut **tx)?;
            }
            for (id, truth) in &some_packs {
                let text = truth.text();
                diesel::insert_into(stock_items::table)
                    .values((
                        stock_items::id.eq(*id),
                        stock_items::site_code.eq("RXX01"),
                        stock_items::location.eq("Theatre store"),
                        stock_items::product_id.eq(Some(products[truth.product])),
                        stock_items::issuer.eq(Agency::Gs1),
                        stock_items::identifier.eq(gtin(truth.product, truth.named.unwrap_or(0))),
                        stock_items::lot.eq(&text),
                        stock_items::lot_alike.eq(text.as_deref().map(alike)),
                        stock_items::expiry.eq(truth.expires),
                        stock_items::quantity.eq(1),
                        stock_items::state.eq(StockState::Available),
                        stock_items::received_at.eq(Moment::now()),
                    ))
                    .execute(&mut **tx)?;
            }
            Ok(())
        })
        .unwrap();
    let uses = uses.into_iter().filter(|(_, truth)| truth.implanted).map(|(id, truth)| (id.uuid(), truth));
    uses.chain(packs.into_iter().map(|(id, truth)| (id.uuid(), truth))).collect()
}

/// Of one tier: how many are truly of it, how many were told, how many of those are right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    truly: usize,
    told: usize,
    right: usize,
}

#[test]
fn every_tier_holds_what_truly_belongs_in_it_and_nothing_else() {
    on_both_engines(|store| {
        ready(store);
        let products = catalogue(store);
        let units = record(store, &products);
        let whole = notice_lines();
        // Each line as a notice of its own, and all together.
        let notices = whole.iter().map(|line| vec![*line]).chain([whole.clone()]);
        let mut counts: BTreeMap<Tier, Counts> = BTreeMap::new();
        for lines in notices {
            let criteria: Vec<_> = lines.iter().map(|line| line.form().checked().unwrap()).collect();
            let told: HashMap<Uuid, Tier> = store
                .read_now(|connection| {
                    let uses = affected::uses(connection, &criteria, Excluded::LeftOut)?;
                    let stock = affected::stock(connection, &criteria, Excluded::LeftOut)?;
                    let uses = uses.into_iter().map(|one| (one.device_use.uuid(), one.tier));
                    Ok(uses.chain(stock.into_iter().map(|one| (one.id.uuid(), one.tier))).collect())
                })
                .unwrap();
            for (id, truth) in &units {
                let (truly, told) = (lines.iter().filter_map(|line| line.means(truth)).max(), told.get(id).copied());
                if truly != told {
                    eprintln!("{lines:?}: {truth:?} is {truly:?}, told {told:?}");
                }
                if let Some(tier) = truly {
                    counts.entry(tier).or_default().truly += 1;
                }
                if let Some(tier) = told {
                    counts.entry(tier).or_default().told += 1;
                }
                if let Some(tier) = truly.filter(|_| truly == told) {
                    counts.entry(tier).or_default().right += 1;
                }
            }
            assert!(told.keys().all(|id| units.contains_key(id)), "what did not go into a patient was told");
        }
        for tier in [Tier::Definite, Tier::Probable, Tier::Possible] {
            let Counts { truly, told, right } = counts.get(&tier).copied().unwrap_or_default();
            eprintln!("{tier:?}: {truly} truly, precision {right}/{told}, recall {right}/{truly}");
            assert!(truly >= 50, "{tier:?}: too few to tell anything: {truly}");
            assert_eq!((told, right), (truly, truly), "{tier:?}: precision {right}/{told}, recall {right}/{truly}");
        }
    });
}
