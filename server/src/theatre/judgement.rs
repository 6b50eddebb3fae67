//! Gathers what the verdict is asked about, and asks it.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use tessera_scanner::label::{Label, Outcome};
use tessera_scanner::snapshot::{OnTheTable, shelves_say};
use tessera_scanner::udi::{DeviceIdentifier, Udi};
use tessera_scanner::verdict::{Fit, Limits, Part, Question, Rule, ShelfPacks, judge_with, london_date};

use super::device_uses::{in_the_person, serial_in_another_person};
use super::model::{ProductShown, VerdictShown};
use super::plans;
use super::procedures::Procedure;
use crate::catalogue::{
    self, attributes,
    model::{Product, ProductId},
};
use crate::error::Problem;
use crate::identity::model::PatientId;
use crate::identity::store::person_of;
use crate::recalls::meant::{Shown, active_about_unit};
use crate::recalls::stock::store::shelves;
use crate::store::AnyConnection;

/// How far a client's clock may be ahead of ours before the clocks are in doubt.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// What the registry says of one pack.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The product, if the catalogue has it.
    pub product: Option<Product>,
    /// The verdict.
    pub verdict: VerdictShown,
    /// How many packs of the product that may be used the site has; nothing where it keeps none.
    pub on_shelf: Option<u32>,
}

impl Judged {
    /// The product for the answer.
    pub fn product_shown(&self) -> Option<ProductShown> {
        self.product.as_ref().map(|product| ProductShown {
            id: product.id,
            name: format!("{} {}", product.maker, product.brand),
            reference: product.reference.clone(),
            description: product.description.clone(),
            on_shelf: self.on_shelf,
        })
    }
}

/// The device, where the reading is certain enough to be recorded as that device.
pub fn certain(label: &Label) -> Option<&Udi> {
    match label.outcome {
        Outcome::Read | Outcome::Refused => label.udi.as_ref(),
        Outcome::Ambiguous | Outcome::Incomplete | Outcome::NotADevice => None,
    }
}

/// Judges one pack for one procedure, now. Works on the live data, so the snapshot is as fresh as can be.
///
/// # Errors
/// Those of the database.
pub fn judge_pack(
    connection: &mut AnyConnection,
    procedure: &Procedure,
    label: &Label,
    scanned_at: DateTime<Utc>,
    limits: Limits,
    rules: &[Rule],
) -> Result<Judged, Problem> {
    judge_as_of(connection, procedure, label, scanned_at, Utc::now(), limits, rules)
}

/// [`judge_pack`] as of the moment at which the registry received the scan: with what the catalogue and the recalls say now.
///
/// # Errors
/// Those of the database.
pub fn judge_as_of(
    connection: &mut AnyConnection,
    procedure: &Procedure,
    label: &Label,
    scanned_at: DateTime<Utc>,
    received: DateTime<Utc>,
    limits: Limits,
    rules: &[Rule],
) -> Result<Judged, Problem> {
    let udi = label.udi.as_ref().or_else(|| label.candidates.first());
    let product = match udi {
        Some(udi) => catalogue::store::by_identifier(connection, &udi.device)?,
        None => None,
    };
    let facts = match &product {
        Some(product) => Some(product.facts(catalogue::store::identifiers_of(connection, product.id)?)),
        None => None,
    };
    // A recall of any possible reading is to be known, so every candidate's device is asked about.
    let mut devices: Vec<_> = label.udi.iter().chain(&label.candidates).map(|udi| udi.device.clone()).collect();
    devices.dedup();
    devices.extend(facts.iter().flat_map(|facts| facts.identifiers.iter().cloned()));
    let (shelf, on_shelf) = on_the_shelves(connection, &procedure.site_code, &devices)?;
    let maker = product.as_ref().map(|product| product.maker.as_str());
    let reference = product.as_ref().map(|product| product.reference.as_str());
    let shown = Shown::readings(label.udi.iter().chain(&label.candidates));
    let recalls = active_about_unit(connection, &devices, (maker, reference), &shown)?;
    let person = person_of(connection, procedure.patient_id)?;
    // The later of the two clocks counts: a slow one must not make an expired device look good.
    let now = received.max(scanned_at);
    let question = Question {
        label,
        product: facts.as_ref(),
        recalls: &recalls,
        procedure_side: procedure.side.map(Into::into),
        shelf: &shelf,
        serial_in_another_patient: Some(in_another_person(connection, person, label)?),
        today: london_date(now),
        clock_in_doubt: scanned_at - received > CLOCK_TOLERANCE,
        snapshot_taken: received,
        now,
        limits,
    };
    let told = fitting(connection, procedure, person, product.as_ref(), rules)?;
    let fit = told.as_ref().map(|told| Fit {
        scanned: Some(&told.scanned),
        already_in: &told.already_in,
        plan: &told.plan,
        rules,
        all_known: true,
    });
    let verdict = judge_with(&question, fit.as_ref()).into();
    Ok(Judged { product, verdict, on_shelf })
}

/// What the site has of a device under any of its identifiers.
fn on_the_shelves(
    connection: &mut AnyConnection,
    site: &str,
    devices: &[DeviceIdentifier],
) -> Result<(Vec<ShelfPacks>, Option<u32>), Problem> {
    let mut found = Vec::new();
    for (place, device) in devices.iter().enumerate() {
        if !devices[..place].contains(device) {
            found.extend(shelves::of_device(connection, site, device)?);
        }
    }
    Ok(shelves_say(&found))
}

/// What the rules of compatibility compare.
struct Fitting {
    scanned: Part,
    already_in: Vec<Part>,
    plan: BTreeMap<String, String>,
}

/// Gathers it, where a rule is about products of this category.
fn fitting(
    connection: &mut AnyConnection,
    procedure: &Procedure,
    person: PatientId,
    product: Option<&Product>,
    rules: &[Rule],
) -> Result<Option<Fitting>, Problem> {
    let Some(product) = product.filter(|product| rules.iter().any(|rule| rule.category == product.category)) else {
        return Ok(None);
    };
    let (others, plan) = on_the_table(connection, procedure, person)?;
    let products: Vec<Product> = catalogue::store::products(connection, &others)?.into_values().collect();
    let of_kind: Vec<&Product> = products.iter().filter(|other| other.category == product.category).collect();
    let mut ids: Vec<ProductId> = of_kind.iter().map(|other| other.id).collect();
    ids.push(product.id);
    let attributes = attributes::of_products(connection, &ids)?;
    let part = |one: &Product| attributes::part(one, attributes.get(&one.id).cloned().unwrap_or_default());
    Ok(Some(Fitting { scanned: part(product), already_in: of_kind.into_iter().map(part).collect(), plan }))
}

/// The products that are in the patient on this side, and what was planned.
fn on_the_table(
    connection: &mut AnyConnection,
    procedure: &Procedure,
    person: PatientId,
) -> Result<(Vec<ProductId>, BTreeMap<String, String>), Problem> {
    let inside = in_the_person(connection, person, procedure.side)?;
    let products = inside.iter().filter_map(|device| device.product_id).collect();
    Ok((products, plans::of_procedure(connection, procedure.id)?))
}

/// What a device of this procedure has to fit, for a tablet that judges without the registry.
///
/// # Errors
/// Those of the database.
pub fn told_to_tablets(connection: &mut AnyConnection, procedure: &Procedure) -> Result<OnTheTable, Problem> {
    let person = person_of(connection, procedure.patient_id)?;
    let (products, plan) = on_the_table(connection, procedure, person)?;
    Ok(OnTheTable { already_in: products.iter().map(ToString::to_string).collect(), plan })
}

/// Whether the unit is recorded in somebody else, whichever of its readings is right.
fn in_another_person(connection: &mut AnyConnection, person: PatientId, label: &Label) -> Result<bool, Problem> {
    let readings: Vec<&Udi> =
        if label.candidates.is_empty() { label.udi.iter().collect() } else { label.candidates.iter().collect() };
    for udi in &readings {
        if !serial_in_another_person(connection, person, udi)? {
            return Ok(false);
        }
    }
    Ok(!readings.is_empty())
}
