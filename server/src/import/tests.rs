use chrono::Datelike as _;
use diesel::prelude::*;
use tessera_registry_fixture::{Registry, Sex as PatientSex, Side as BodySide};

use super::synthetic::{Loaded, Synthetic, import, surgeon_registration};
use crate::analysis::cohort::{
    Builder, Cohort, End, Exit, ImplantRow, Indication, Opcs4, Operation, Selection, Sex, Side, SiteCode,
};
use crate::catalogue;
use crate::catalogue::model::ProductId;
use crate::error::Code;
use crate::identity::keys::IdentityKeys;
use crate::identity::model::PatientId;
use crate::identity::store::{PatientRowId, demographics};
use crate::outcomes::model::OutcomeId;
use crate::store::columns::Moment;
use crate::store::read::implants::ImplantFilter;
use crate::store::schema::{device_uses, outcomes, patient_identifiers, products, revision_removals, stock_items};
use crate::store::testing::on_both_urls;
use crate::store::{Store, read};
use crate::theatre::model::{DeviceUseId, Fate, ProcedureId};
use crate::theatre::team::{StaffId, by_registration};
use tessera_scanner::udi::{DeviceIdentifier, Issuer};

const SMALL: Synthetic = Synthetic { device_uses: 3_000, seed: 11, products: 0, stock: 0 };

/// What the store should tell of the registry, made without it.
fn expected(registry: &Registry, store: &Store) -> Cohort {
    let products: Vec<_> = registry
        .devices()
        .iter()
        .map(|device| {
            let issuer = if device.issuer == "GS1" { Issuer::Gs1 } else { Issuer::Hibcc };
            let identifier = DeviceIdentifier { issuer, text: device.identifier.clone() };
            store.read_now(|c| catalogue::store::by_identifier(c, &identifier)).unwrap().unwrap().id
        })
        .collect();
    let surgeon = |site: &str, nth: u8| {
        let number = surgeon_registration(site, nth);
        store.read_now(|c| by_registration(c, &number)).unwrap().map(StaffId::uuid)
    };
    let mut builder = Builder::default();
    for patient in registry.patients_with_device_uses(SMALL.device_uses) {
        for (p, procedure) in patient.procedures.iter().enumerate() {
            for (u, device_use) in procedure.uses.iter().enumerate().filter(|(_, device_use)| !device_use.wasted) {
                let takes_it = |later: &&tessera_registry_fixture::Procedure| {
                    later.removes.iter().any(|unit| unit.procedure == p && unit.device_use == u)
                };
                let removed = patient.procedures.iter().find(takes_it);
                let exit = removed
                    .map(|later| Exit { on: later.on, why: End::Revised })
                    .or(patient.died_on.map(|on| Exit { on, why: End::Died }));
                let row = ImplantRow {
                    product: products[device_use.device].uuid(),
                    site: SiteCode::new(&registry.sites()[procedure.site].code).unwrap(),
                    procedure: Opcs4::new(procedure.opcs4).unwrap(),
                    side: match procedure.side {
                        None => Side::None,
                        Some(BodySide::Left) => Side::Left,
                        Some(BodySide::Right) => Side::Right,
                    },
                    sex: if patient.sex == PatientSex::Female { Sex::Female } else { Sex::Male },
                    age: u8::try_from(procedure.on.year() - patient.born.year()).ok(),
                    implanted_on: procedure.on,
                    operation: Operation {
                        surgeon: surgeon(&registry.sites()[procedure.site].code, procedure.surgeon),
                        indication: Indication::new(procedure.indication),
                        bmi: u8::try_from(procedure.bmi_tenths / 10).ok(),
                        asa: Some(procedure.asa),
                    },
                    exit,
                };
                builder.push(&row).unwrap();
            }
        }
    }
    builder.finish()
}

#[test]
fn a_load_comes_back_as_the_same_cohort() {
    on_both_urls(|url| {
        let keys = IdentityKeys::new(&[3; 32]);
        let loaded = import(url, &keys, SMALL, |_| ()).unwrap();
        assert!((3_000..3_100).contains(&loaded.device_uses), "{loaded:?}");
        let store = Store::open(url).unwrap();
        let registry = Registry::new(SMALL.seed);
        let stored = store.read_now(read::cohort::cohort).unwrap();
        assert_eq!(stored.left_out(), 0);
        let expected = expected(&registry, &store);
        assert_eq!(stored.cohort.len(), expected.len());
        assert_eq!(stored.cohort.hash(), expected.hash(), "the store tells what was put in");

        let counted = store
            .read_now(|c| {
                let uses: i64 = device_uses::table.count().get_result(c)?;
                let outcomes: i64 = outcomes::table.count().get_result(c)?;
                Ok((u64::try_from(uses).unwrap(), u64::try_from(outcomes).unwrap()))
            })
            .unwrap();
        assert_eq!(counted, (loaded.device_uses, loaded.outcomes));
    });
}

#[test]
fn the_cohort_ends_implants_by_the_rule_of_the_device_page() {
    on_both_urls(|url| {
        import(url, &IdentityKeys::new(&[3; 32]), SMALL, |_| ()).unwrap();
        let store = Store::open(url).unwrap();
        // A removed device is corrected, a revision and a death are withdrawn: both readings must follow.
        store
            .write_now(|tx| {
                let corrected: DeviceUseId = revision_removals::table
                    .order(revision_removals::device_use_id)
                    .select(revision_removals::device_use_id)
                    .first(&mut **tx)?;
                let procedure: ProcedureId =
                    device_uses::table.find(corrected).select(device_uses::procedure_id).first(&mut **tx)?;
                let product: Option<ProductId> =
                    device_uses::table.find(corrected).select(device_uses::product_id).first(&mut **tx)?;
                diesel::insert_into(device_uses::table)
                    .values((
                        device_uses::id.eq(DeviceUseId::new()),
                        device_uses::procedure_id.eq(procedure),
                        device_uses::product_id.eq(product),
                        device_uses::fate.eq(Fate::Implanted),
                        device_uses::supersedes.eq(corrected),
                        device_uses::reason.eq("wrong lot"),
                        device_uses::recorded_at.eq(Moment::now()),
                    ))
                    .execute(&mut **tx)?;
                for kind in ["revision", "death"] {
                    let (mistaken, patient): (OutcomeId, PatientId) = outcomes::table
                        .filter(outcomes::kind.eq(kind))
                        .order(outcomes::id.desc())
                        .select((outcomes::id, outcomes::patient_id))
                        .first(&mut **tx)?;
                    diesel::insert_into(outcomes::table)
                        .values((
                            outcomes::id.eq(OutcomeId::new()),
                            outcomes::patient_id.eq(patient),
                            outcomes::kind.eq(kind),
                            outcomes::occurred_on.eq(Registry::new(1).last_day()),
                            outcomes::supersedes.eq(mistaken),
                            outcomes::withdrawn.eq(true),
                            outcomes::reason.eq("another patient"),
                            outcomes::recorded_at.eq(Moment::now()),
                        ))
                        .execute(&mut **tx)?;
                }
                Ok(())
            })
            .unwrap();
        let cohort = store.read_now(read::cohort::cohort).unwrap().cohort;
        let implants = store.read_now(|c| read::implants::implants(c, &ImplantFilter::default())).unwrap();
        assert_eq!(cohort.len(), implants.len());
        let until = Selection::until(Registry::new(1).last_day());
        let ended = |product: ProductId, revised: bool| {
            let of_product = implants.iter().filter(|implant| implant.product == Some(product));
            of_product.filter(|implant| implant.ended_on().is_some() && implant.is_revised() == revised).count() as u64
        };
        for product in cohort.products() {
            let table = cohort.life_table(product, &until);
            assert_eq!(table.events[0].iter().sum::<u64>(), ended(product.into(), true));
            assert_eq!(table.events[1].iter().sum::<u64>(), ended(product.into(), false));
        }
    });
}

#[test]
fn identities_are_sealed_and_can_be_found_and_opened() {
    on_both_urls(|url| {
        let keys = IdentityKeys::new(&[3; 32]);
        import(url, &keys, SMALL, |_| ()).unwrap();
        let patient = Registry::new(SMALL.seed).patient(7);
        let store = Store::open(url).unwrap();
        let pseudonym = keys.pseudonym("nhs", "", &patient.nhs_number).as_bytes().to_vec();
        let (row, id, sealed) = store
            .read_now(|c| {
                Ok(patient_identifiers::table
                    .filter(patient_identifiers::pseudonym.eq(pseudonym))
                    .select((patient_identifiers::id, patient_identifiers::patient_id, patient_identifiers::sealed))
                    .first::<(PatientRowId, PatientId, Vec<u8>)>(c)?)
            })
            .unwrap();
        assert_eq!(keys.open(&sealed, row.uuid().as_bytes()).unwrap().as_slice(), patient.nhs_number.as_bytes());
        let known = store.read_now(|c| demographics(c, &keys, id)).unwrap();
        assert_eq!((known.family.as_deref(), known.birth_date), (Some(patient.family), Some(patient.born)));
    });
}

#[test]
fn a_registry_with_patients_is_left_alone() {
    on_both_urls(|url| {
        let keys = IdentityKeys::new(&[3; 32]);
        let first: Loaded = import(url, &keys, Synthetic::patients(10, 1), |_| ()).unwrap();
        assert!(first.patients > 0);
        let again = import(url, &keys, Synthetic::patients(10, 2), |_| ()).unwrap_err();
        assert_eq!(again.code(), Code::WrongState);
    });
}

#[test]
fn indexes_and_references_are_as_before() {
    #[derive(QueryableByName, PartialEq, Debug)]
    struct Name {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    on_both_urls(|url| {
        let schema = |store: &Store| {
            store
                .read_now(|c| {
                    let question = match c {
                        crate::store::AnyConnection::Sqlite(_) => {
                            "SELECT name || coalesce(sql, '') AS name FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name"
                        }
                        crate::store::AnyConnection::Postgres(_) => {
                            "SELECT indexdef AS name FROM pg_indexes WHERE schemaname = 'public' UNION ALL \
                             SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1"
                        }
                    };
                    Ok(diesel::sql_query(question).load::<Name>(c)?)
                })
                .unwrap()
        };
        let before = schema(&Store::open(url).unwrap());
        import(url, &IdentityKeys::new(&[3; 32]), Synthetic::patients(10, 1), |_| ()).unwrap();
        assert_eq!(schema(&Store::open(url).unwrap()), before);
    });
}

#[test]
fn shelves_and_further_sizes_are_loaded_where_they_are_wanted() {
    on_both_urls(|url| {
        let wanted = Synthetic { device_uses: 200, seed: 3, products: 400, stock: 900 };
        let loaded = import(url, &IdentityKeys::new(&[3; 32]), wanted, |_| ()).unwrap();
        assert_eq!(loaded.stock, 900);
        let store = Store::open(url).unwrap();
        let (products, sizes_used, items, of_known): (i64, i64, i64, i64) = store
            .read_now(|connection| {
                let further = device_uses::identifier.like("0952900%");
                let known = stock_items::product_id.is_not_null();
                Ok((
                    products::table.count().get_result(connection)?,
                    device_uses::table.filter(further).count().get_result(connection)?,
                    stock_items::table.count().get_result(connection)?,
                    stock_items::table.filter(known).count().get_result(connection)?,
                ))
            })
            .unwrap();
        assert_eq!((products, items, of_known), (400, 900, 900));
        assert!((1..150).contains(&sizes_used), "some units are of further sizes, not most: {sizes_used}");
    });
}
