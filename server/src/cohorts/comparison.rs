//! Up to six devices side by side: their curves, and how many times the revision rate of the first the others have, patients being alike. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::Estimate;
use super::disclosure::Disclosure;
use super::league::By;
use super::question::Question;
use super::snapshot::Snapshot;
use crate::analysis::cohort::{Arm, DAYS_PER_YEAR, Factor, REVISED};
use crate::analysis::cox::{Fit, Ties, newton};
use crate::analysis::survival::{Confidence, Curve, kaplan_meier};
use crate::error::Problem;
use crate::small_numbers::Sight;

/// Devices that may be compared at once.
pub const MOST_DEVICES: usize = 6;

/// One device of a comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Compared {
    /// The product.
    pub product: Uuid,
    /// How many implants; null where they are too few to be told.
    pub n: Option<u64>,
    /// How many were revised; null where they are too few to be told.
    pub revised: Option<u64>,
    /// Percent revised at five years, one minus Kaplan–Meier; null where nobody was followed so long.
    pub at_five_years: Option<Estimate>,
    /// Hazard ratio against the first device, adjusted for sex and age; null for the first, and where it has no finite value.
    pub hazard_ratio: Option<HazardRatio>,
    /// The curve, to be drawn.
    #[serde(skip)]
    pub estimate: Option<Curve>,
}

/// A hazard ratio with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct HazardRatio {
    /// The ratio.
    pub ratio: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Two-sided p.
    pub p: f64,
}

/// The comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Comparison {
    /// The filter in its one form.
    pub filter: String,
    /// Hash of the snapshot that was asked.
    pub snapshot: String,
    /// The devices in the order asked for.
    pub devices: Vec<Compared>,
    /// The coefficients of the model, as R's `coxph` gives them.
    #[schema(value_type = Object)]
    pub model: Option<Fit>,
    /// How it was computed.
    pub method: &'static str,
}

const METHOD: &str = "Cox's proportional hazards, Efron's ties, adjusted for sex and age (under 55, 55 to 64, 65 to 74, 75 to 84, 85 and over); implants \
                      in patients of unknown sex or age leave the model.";

impl Comparison {
    /// Asks a snapshot. `question` chooses the implants, `products` the devices; the first is what the others are held against.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for fewer than two devices, for more than six, or for one that stands twice.
    pub fn of(snapshot: &Snapshot, question: &Question, products: &[Uuid], sight: Sight) -> Result<Self, Problem> {
        let distinct: std::collections::BTreeSet<_> = products.iter().collect();
        if !(2..=MOST_DEVICES).contains(&products.len()) || distinct.len() != products.len() {
            return Err(Problem::invalid(format!("Choose two to {MOST_DEVICES} different devices to compare.")));
        }
        let cohort = snapshot.cohort();
        let disclosure = Disclosure::of(snapshot, question, Some(By::Device), sight);
        let day = 5.0 * DAYS_PER_YEAR;
        let mut devices: Vec<Compared> = products
            .iter()
            .map(|&product| {
                let table = cohort.life_table_of_any([product], &question.selections);
                let curve = kaplan_meier(&table, REVISED, Confidence::default());
                let revised = curve.n_event.iter().sum();
                let told = disclosure.device(product);
                let n = sight.told(table.n).filter(|_| told.implants);
                let told = sight.parts(table.n, &[revised])[0].filter(|_| told.revised);
                let open = n.is_some() && told.is_some();
                let (curve, tells) = sight.curve(curve, &[day]);
                let five = curve.percent_revised(&[day])[0];
                let five = Estimate { percent: five.percent, lower: five.lower, upper: five.upper };
                let followed = tells[0] && curve.time.last().is_some_and(|&last| last >= day);
                Compared {
                    product,
                    n,
                    revised: told,
                    at_five_years: (open && followed).then_some(five),
                    hazard_ratio: None,
                    estimate: open.then_some(curve),
                }
            })
            .collect();
        let open = devices.iter().all(|device| device.estimate.is_some());
        let model = open.then(|| model(snapshot, question, products)).flatten();
        if let Some(fit) = &model {
            for (place, device) in devices.iter_mut().skip(1).enumerate() {
                let ratio = HazardRatio {
                    ratio: fit.hr[place],
                    lower: fit.lower[place],
                    upper: fit.upper[place],
                    p: fit.p[place],
                };
                // Where nobody was revised, the ratio runs off to zero or to infinity.
                let finite = fit.coef[place].abs() < 10.0 && device.revised != Some(0);
                device.hazard_ratio =
                    Some(ratio).filter(|ratio| finite && ratio.lower.is_finite() && ratio.upper.is_finite());
            }
        }
        Ok(Self { filter: question.filter.to_string(), snapshot: snapshot.hash_text(), devices, model, method: METHOD })
    }
}

/// The model, where there is anything to fit.
fn model(snapshot: &Snapshot, question: &Question, products: &[Uuid]) -> Option<Fit> {
    let arms: Vec<Arm> =
        products.iter().map(|product| Arm { name: product.to_string(), products: vec![*product] }).collect();
    let factors = [Factor::Sex, Factor::Ages(vec![55, 65, 75, 85])];
    let grouped = snapshot.cohort().grouped_of_any(&arms, &factors, &question.selections, REVISED);
    if grouped.events() == 0 {
        return None;
    }
    let maximum = newton::maximise(&grouped, Ties::Efron);
    Some(Fit::from_maximum(grouped.names.clone(), &maximum, grouped.len(), grouped.events()))
}
