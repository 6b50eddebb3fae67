//! Unknown products: recorded at once, resolved later by new rows, judged again. On both engines.

use tessera_scanner::verdict::Limits;

use super::device_uses;
use super::model::Fate;
use super::tests::{open, record, scan, theatre};
use super::unknown::{self, Resolution};
use crate::access::Actor;
use crate::catalogue::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier, ProductSide};
use crate::catalogue::store::add_product;
use crate::error::Code;
use crate::store::testing::on_both_engines;

const UNKNOWN: &str = "09521005000013";

fn product(gtin: &str, side: Option<ProductSide>) -> NewProduct {
    let new = NewProduct {
        id: ProductId::new(),
        maker: "Solvane".to_owned(),
        brand: "Found".to_owned(),
        reference: gtin.to_owned(),
        description: "A device".to_owned(),
        category: "hip".to_owned(),
        gmdn: None,
        side,
        size: None,
        lot_expected: true,
        serial_expected: false,
        expiry_expected: true,
        identifiers: vec![ProductIdentifier {
            issuer: Agency::Gs1,
            identifier: gtin.to_owned(),
            kind: IdentifierKind::Primary,
            quantity: 1,
        }],
    };
    new.checked().unwrap()
}

#[test]
fn an_unknown_product_is_resolved_by_new_rows_that_are_judged_again() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let procedure = open(tx, &recorder, "9434765919")?;
                for lot in ["L1", "L2", "L2"] {
                    let text = format!("]d201{UNKNOWN}1739103110{lot}");
                    record(tx, &recorder, &scan(procedure, &[text.as_bytes()]))?;
                }
                let before = device_uses::of_procedure(tx, procedure)?;
                let queue = unknown::waiting(tx)?;
                assert_eq!(queue.len(), 1);
                assert_eq!((queue[0].devices, queue[0].implanted), (3, 3));
                assert_eq!(queue[0].lots, ["L1", "L2"]);
                let said = unknown::said(tx, Agency::Gs1, UNKNOWN)?;
                assert!(said.iter().any(|line| line.contains(UNKNOWN)), "{said:?}");

                // It turns out to be made for the other side: that was not known in theatre, and is told at once.
                let new = product(UNKNOWN, Some(ProductSide::Left));
                add_product(tx, &Actor::System, &new)?;
                let resolution = Resolution { issuer: Agency::Gs1, identifier: UNKNOWN.into(), product: new.id };
                let resolve = |tx: &mut crate::store::Transaction<'_>, what: &Resolution| {
                    unknown::resolve(tx, &recorder.actor, Limits::default(), &recorder.rules, what)
                };
                let resolved = resolve(tx, &resolution)?;
                assert_eq!((resolved.linked, resolved.stopped.len()), (3, 3));
                let after = device_uses::of_procedure(tx, procedure)?;
                assert_eq!(after.len(), 6, "each link is a new row");
                assert_eq!(after[..3], before[..], "the record as it was stays");
                assert!(after[3..].iter().all(|row| row.product_id == Some(new.id)
                    && row.answer.as_deref() == Some("stop")
                    && row.fate == Fate::Implanted
                    && row.reasons.as_deref().is_some_and(|text| text.contains("wrong-side"))));
                assert!(unknown::waiting(tx)?.is_empty());
                assert_eq!(resolve(tx, &resolution)?.linked, 0, "done again there is nothing left to do");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn an_identifier_becomes_a_further_one_of_a_known_product_and_never_two_products() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let (known, other) = (product("09521001000123", None), product("09521001614184", None));
                add_product(tx, &Actor::System, &known)?;
                add_product(tx, &Actor::System, &other)?;
                let procedure = open(tx, &recorder, "9434765919")?;
                let text = format!("]d201{UNKNOWN}1739103110L1");
                record(tx, &recorder, &scan(procedure, &[text.as_bytes()]))?;
                let as_product = |product| Resolution { issuer: Agency::Gs1, identifier: UNKNOWN.into(), product };
                let resolve = |tx: &mut crate::store::Transaction<'_>, what: &Resolution| {
                    unknown::resolve(tx, &recorder.actor, Limits::default(), &recorder.rules, what)
                };
                assert_eq!(resolve(tx, &as_product(known.id))?.linked, 1);
                assert_eq!(resolve(tx, &as_product(other.id)).unwrap_err().code(), Code::WrongState);
                let nobody = resolve(tx, &as_product(ProductId::new())).unwrap_err();
                assert_eq!(nobody.code(), Code::NotFound);
                // From now on it is known when it is scanned.
                let answer = record(tx, &recorder, &scan(procedure, &[text.as_bytes()]))?.answer;
                assert_eq!(answer.product.map(|product| product.id), Some(known.id));
                Ok(())
            })
            .unwrap();
    });
}
