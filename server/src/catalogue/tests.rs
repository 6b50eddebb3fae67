//! The catalogue on both engines.

use super::import::{import, read_csv};
use super::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier};
use super::store as catalogue;
use crate::access::Actor;
use crate::audit::{self, AuditFilter};
use crate::error::Code;
use crate::once::Written;
use crate::store::testing::on_both_engines;
use crate::store::{AnyConnection, Store};

const DEVICES: &str = include_str!("../../../fixtures/catalogue/devices.csv");
const STEM: &str = "09521001000123";

fn stem() -> NewProduct {
    let identifier = |identifier: &str, kind, quantity| ProductIdentifier {
        issuer: Agency::Gs1,
        identifier: identifier.to_owned(),
        kind,
        quantity,
    };
    NewProduct {
        id: ProductId::new(),
        maker: "Harrowmere Orthopaedics".to_owned(),
        brand: "Fellgate".to_owned(),
        reference: "FG-110_12R".to_owned(),
        description: "Uncemented hip stem".to_owned(),
        category: "hip".to_owned(),
        gmdn: Some("99101".to_owned()),
        side: None,
        size: Some("12".to_owned()),
        lot_expected: true,
        serial_expected: false,
        expiry_expected: true,
        identifiers: vec![
            identifier(STEM, IdentifierKind::Primary, 1),
            identifier("19521010350247", IdentifierKind::Package, 5),
        ],
    }
}

fn add(store: &Store, new: &NewProduct) -> Result<Written, Code> {
    let new = new.clone().checked().map_err(|problem| problem.code())?;
    let added = store.write_now(move |tx| catalogue::add_product(tx, &Actor::System, &new));
    added.map(|(_, added)| added).map_err(|problem| problem.code())
}

fn count_added(connection: &mut AnyConnection) -> usize {
    let filter = AuditFilter { action: Some("product-added".to_owned()), limit: 1000, ..AuditFilter::default() };
    audit::latest(connection, &filter).unwrap().len()
}

#[test]
fn a_product_is_found_by_any_of_its_identifiers_and_added_once() {
    on_both_engines(|store| {
        let new = stem();
        assert_eq!(add(store, &new), Ok(Written::Now));
        assert_eq!(add(store, &new), Ok(Written::Before));
        assert_eq!(add(store, &NewProduct { brand: "Other".to_owned(), ..new.clone() }), Err(Code::IdReused));
        assert_eq!(add(store, &NewProduct { id: ProductId::new(), ..new.clone() }), Err(Code::WrongState));
        store
            .read_now(|connection| {
                for text in [STEM, "9521001000123", "19521010350247"] {
                    let device = Agency::Gs1.identifier(text)?;
                    let found = catalogue::by_identifier(connection, &device)?.unwrap();
                    assert_eq!(found.id, new.id);
                    let facts = found.facts(catalogue::identifiers_of(connection, found.id)?);
                    assert_eq!((facts.name.as_str(), facts.identifiers.len()), ("Harrowmere Orthopaedics Fellgate", 2));
                }
                let stranger = Agency::Gs1.identifier("09521001000130")?;
                assert!(catalogue::by_identifier(connection, &stranger)?.is_none());
                assert_eq!(count_added(connection), 1);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn search_takes_every_word_and_no_wildcard() {
    on_both_engines(|store| {
        add(store, &stem()).unwrap();
        let found = |text: &'static str| store.read_now(|c| catalogue::search(c, text, 10)).unwrap().len();
        for text in ["", "fellGATE", "harrowmere stem", "fg-110_12r", "1000123", "hip 1035024"] {
            assert_eq!(found(text), 1, "{text}");
        }
        for text in ["harrowmere knee", "%", "fg-110_2r", "fg_110", "\\"] {
            assert_eq!(found(text), 0, "{text}");
        }
    });
}

#[test]
fn a_product_that_cannot_be_used_is_refused_with_the_reason() {
    let refused = |change: fn(&mut NewProduct)| {
        let mut new = stem();
        change(&mut new);
        new.checked().unwrap_err().detail().to_owned()
    };
    assert!(refused(|new| new.identifiers[0].identifier = "00208851107345".to_owned()).contains("check digit"));
    assert!(refused(|new| new.maker = "  ".to_owned()).contains("maker"));
    assert!(refused(|new| new.gmdn = Some("12".to_owned())).contains("five digits"));
    assert!(refused(|new| new.identifiers[1].quantity = 0).contains("one unit"));
    assert!(refused(|new| new.identifiers[1].kind = IdentifierKind::Primary).contains("primary"));
    assert!(refused(|new| new.identifiers[1].identifier = STEM.to_owned()).contains("twice"));
    for text in ["+A999GN40060", "A999GN4006J", "A999 GN40060", "9999GN40060", ""] {
        assert!(Agency::Hibcc.identifier(text).is_err(), "{text}");
    }
    assert_eq!(Agency::Hibcc.identifier("A999GN40060").unwrap().text, "A999GN40060");
}

#[test]
fn the_sample_catalogue_comes_in_whole_and_only_once() {
    on_both_engines(|store| {
        let bring_in = || import(store, &Actor::System, read_csv(DEVICES.as_bytes()).unwrap(), |_| ()).unwrap();
        let (first, second) = (bring_in(), bring_in());
        let devices = DEVICES.lines().count() - 1;
        assert_eq!((first.added, first.unchanged, first.findings.len()), (devices, 0, 0), "{:?}", first.findings);
        assert_eq!((second.added, second.unchanged, second.findings.len()), (0, devices, 0), "{:?}", second.findings);
        store
            .read_now(|connection| {
                let pack = catalogue::by_identifier(connection, &Agency::Gs1.identifier("29521010350244")?)?.unwrap();
                assert_eq!(pack.reference, "CT-35-024");
                let previous = catalogue::by_identifier(connection, &Agency::Gs1.identifier("09521001703208")?)?;
                assert_eq!(previous.unwrap().reference, "CH-32S");
                assert_eq!(count_added(connection), devices);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn whatever_is_wrong_in_a_file_is_told_with_its_line() {
    let header = DEVICES.lines().next().unwrap();
    let row = |identifier: &str, packages: &str| {
        format!("GS1,{identifier},Maker,Brand,R-1,A stem,hip,99101,left,12,true,false,true,{packages},")
    };
    let lines = [
        header.to_owned(),
        row(STEM, "19521010350247*5;19521010350248*5;29521010350244*many"),
        row("00208851107345", ""),
        row("09521001000130", "").replace("left", "front"),
        row(STEM, ""),
        "GS1,09521001000543".to_owned(),
    ];
    let file = read_csv(lines.join("\n").as_bytes()).unwrap();
    assert_eq!(file.rows.len(), 1);
    assert_eq!(file.rows[0].1.identifiers.len(), 2);
    let told: Vec<_> = file.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(read_csv("a,b\n1,2\n".as_bytes()).unwrap_err().code(), Code::InvalidInput);
}

#[test]
fn a_product_described_otherwise_is_told_of_and_not_overwritten() {
    on_both_engines(|store| {
        import(store, &Actor::System, read_csv(DEVICES.as_bytes()).unwrap(), |_| ()).unwrap();
        let changed = DEVICES.replacen("size 12, right", "size 13, right", 1);
        let report = import(store, &Actor::System, read_csv(changed.as_bytes()).unwrap(), |_| ()).unwrap();
        assert_eq!((report.added, report.findings.len(), report.findings[0].line), (0, 1, 2));
        let kept = store.read_now(|c| catalogue::search(c, STEM, 2)).unwrap();
        assert!(kept[0].description.ends_with("size 12, right"), "{}", kept[0].description);
    });
}
