//! Do the parts fit: through the whole path of a scan, on both engines.

use chrono::Utc;
use tessera_scanner::snapshot::{OfflineScan, OnTheTable, Snapshot};
use tessera_scanner::verdict::Answer;

use super::device_uses::{self, Explant};
use super::judgement::told_to_tablets;
use super::model::{DeviceUseId, ProcedureId, ScanAnswer};
use super::plans::{self, LENS_POWER, NewPlan, PlanId};
use super::procedures;
use super::scans::Recorder;
use super::snapshot::Snapshots;
use super::tests::{open, record, scan, theatre};
use crate::access::Actor;
use crate::catalogue::attributes::{Attributes, import, replace};
use crate::catalogue::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier};
use crate::catalogue::store::add_product;
use crate::error::Problem;
use crate::store::Transaction;
use crate::store::testing::on_both_engines;

const STEM: &str = "09521001000123";
const HEAD: &str = "09521001614184";
const LENS: &str = "09521006002153";

fn product(
    tx: &mut Transaction<'_>,
    gtin: &str,
    category: &str,
    attributes: &[(&str, &str)],
) -> Result<ProductId, Problem> {
    let new = NewProduct {
        id: ProductId::new(),
        maker: "Harrowmere".to_owned(),
        brand: gtin[7..].to_owned(),
        reference: gtin.to_owned(),
        description: "A part".to_owned(),
        category: category.to_owned(),
        gmdn: None,
        side: None,
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
    add_product(tx, &Actor::System, &new.checked()?)?;
    let device = Agency::Gs1.identifier(gtin)?;
    let id = crate::catalogue::store::by_identifier(tx, &device)?.map(|product| product.id).unwrap();
    let told: Attributes = attributes.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    replace(tx, &Actor::System, id, &told)?;
    Ok(id)
}

fn implant(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    procedure: ProcedureId,
    gtin: &str,
) -> Result<ScanAnswer, Problem> {
    let text = format!("]d201{gtin}173910311012345");
    Ok(record(tx, recorder, &scan(procedure, &[text.as_bytes()]))?.answer)
}

fn codes(answer: &ScanAnswer) -> Vec<&str> {
    answer.verdict.iter().flat_map(|verdict| &verdict.reasons).map(|reason| reason.code.as_str()).collect()
}

#[test]
fn a_head_is_held_against_the_stem_that_is_in() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                product(tx, STEM, "hip", &[("component", "stem"), ("taper", "V40")])?;
                let head = product(tx, HEAD, "hip", &[("component", "head"), ("taper", "12/14")])?;
                let first = open(tx, &recorder, "9434765919")?;
                let stem = implant(tx, &recorder, first, STEM)?;
                assert_eq!(stem.verdict.as_ref().unwrap().answer, Answer::May, "{stem:?}");
                let stopped = implant(tx, &recorder, first, HEAD)?;
                assert_eq!(codes(&stopped), ["does-not-fit"]);
                assert!(stopped.device_use.is_none());
                // Years later the stem is still in; and in another patient it never was.
                let later = open(tx, &recorder, "9434765919")?;
                assert_eq!(codes(&implant(tx, &recorder, later, HEAD)?), ["does-not-fit"]);
                let other = open(tx, &recorder, "9737383249")?;
                assert!(codes(&implant(tx, &recorder, other, HEAD)?).is_empty());
                // What the catalogue does not say is not guessed.
                replace(tx, &Actor::System, head, &Attributes::from([("component".into(), "head".into())]))?;
                let unsure = implant(tx, &recorder, first, HEAD)?;
                assert_eq!(codes(&unsure), ["fit-unchecked"]);
                assert!(unsure.device_use.is_some());
                // Taken out, it is no matter any more.
                let out = Explant {
                    id: DeviceUseId::new(),
                    procedure: later,
                    of: stem.device_use.unwrap().id,
                    reason: "loose".into(),
                };
                device_uses::explant(tx, &recorder.actor, &out)?;
                let told = Attributes::from([("component".into(), "head".into()), ("taper".into(), "12/14".into())]);
                replace(tx, &Actor::System, head, &told)?;
                assert!(codes(&implant(tx, &recorder, later, HEAD)?).is_empty());
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_lens_is_held_against_the_biometry_that_was_entered() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                product(tx, LENS, "lens", &[("component", "lens"), ("power", "+21.5")])?;
                let procedure = open(tx, &recorder, "9434765919")?;
                assert_eq!(codes(&implant(tx, &recorder, procedure, LENS)?), ["plan-unchecked"]);
                let plan = |tx: &mut Transaction<'_>, value: &str| {
                    let new = NewPlan {
                        id: PlanId::new(),
                        name: LENS_POWER.into(),
                        value: value.into(),
                        source: "biometry".into(),
                    };
                    plans::enter(tx, &recorder.actor, recorder.user, procedure, &new.checked()?)
                };
                plan(tx, "+20.5 D")?;
                assert_eq!(codes(&implant(tx, &recorder, procedure, LENS)?), ["not-as-planned"]);
                plan(tx, "21.50")?;
                assert!(codes(&implant(tx, &recorder, procedure, LENS)?).is_empty());
                assert!(plan(tx, "215").is_err(), "no lens has 215 dioptres");
                assert!(plan(tx, "twenty").is_err());
                Ok(())
            })
            .unwrap();
    });
}

/// The reasons' codes by the snapshot of now, of a pack of this GTIN.
fn by_tablet(
    tx: &mut Transaction<'_>,
    recorder: &Recorder,
    gtin: &str,
    told: Option<OnTheTable>,
    recorded_since: &[String],
) -> Result<Vec<String>, Problem> {
    let taken = Snapshots::new(&recorder.keys)?.take(tx, recorder.limits, &recorder.rules, None)?;
    let parts = taken.parts.values().map(|text| serde_json::from_str(text).unwrap());
    let snapshot = Snapshot::new(Utc::now(), recorder.limits, parts.collect::<Vec<_>>());
    let asked = OfflineScan {
        symbols: scan(ProcedureId::new(), &[format!("]d201{gtin}173910311012345").as_bytes()]).raw(),
        before: Vec::new(),
        apart_ms: 0,
        profile: None,
        side: None,
        site: None,
        on_the_table: told,
        recorded_since: recorded_since.to_vec(),
        now: Utc::now(),
        clock_in_doubt: false,
    };
    Ok(snapshot.judge(&asked).verdict.unwrap().reasons.into_iter().map(|reason| reason.code).collect())
}

#[test]
fn a_tablet_says_of_the_fit_what_the_registry_says() {
    on_both_engines(|store| {
        let recorder = theatre(store);
        store
            .write_now(move |tx| {
                let stem = product(tx, STEM, "hip", &[("component", "stem"), ("taper", "V40")])?.to_string();
                product(tx, HEAD, "hip", &[("component", "head"), ("taper", "12/14")])?;
                product(tx, LENS, "lens", &[("component", "lens"), ("power", "+21.5")])?;
                let procedure = open(tx, &recorder, "9434765919")?;
                for gtin in [STEM, HEAD, LENS] {
                    let found = procedures::find(tx, procedure)?;
                    let told = told_to_tablets(tx, &found)?;
                    let tablet = by_tablet(tx, &recorder, gtin, Some(told), &[])?;
                    assert_eq!(tablet, codes(&implant(tx, &recorder, procedure, gtin)?), "{gtin}");
                }
                // The stem was scanned here without the registry, which knows of nothing yet.
                let nothing = || Some(OnTheTable::default());
                let since = [stem];
                assert_eq!(by_tablet(tx, &recorder, HEAD, nothing(), &since)?, ["does-not-fit"]);
                assert!(by_tablet(tx, &recorder, HEAD, nothing(), &[])?.is_empty());
                // What is in the patient is not known here, or not what it is: what is known is held against it all the same.
                assert_eq!(by_tablet(tx, &recorder, HEAD, None, &since)?, ["does-not-fit", "fit-not-asked"]);
                assert_eq!(by_tablet(tx, &recorder, HEAD, nothing(), &[String::new()])?, ["fit-not-asked"]);
                assert_eq!(by_tablet(tx, &recorder, LENS, None, &[])?, ["fit-not-asked"]);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_file_of_attributes_is_taken_whole_or_not_at_all() {
    on_both_engines(|store| {
        store.write_now(|tx| product(tx, STEM, "hip", &[])).unwrap();
        let whole = format!("issuer,identifier,name,value\nGS1,{STEM},component,stem\nGS1,{STEM},taper,12/14\n");
        let wrong = format!("{whole}GS1,09521001000130,taper,12/14\n");
        let refused = store.write_now(move |tx| import(tx, &Actor::System, &wrong)).unwrap_err();
        assert!(refused.detail().contains("09521001000130"), "{}", refused.detail());
        assert_eq!(store.write_now(move |tx| import(tx, &Actor::System, &whole)).unwrap(), 1);
    });
}
