//! Pages of cohorts: the builder with its answer, saved cohorts, methods.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};

use super::answer::{CohortAnswer, Estimate};
use super::asking::Asking;
use super::counts::CohortCounts;
use super::filter::{Filter, Term, sex_word, side_word};
use super::model::{CohortId, NewCohort};
use super::reckoned::reckoned;
use super::store as cohorts_store;
use crate::access::{Permit, ReadCohorts, Role, SignedForm, SignedIn};
use crate::analysis::chart::{Figure as Drawing, Limits, Series};
use crate::analysis::cohort::Indication;
use crate::catalogue::store as catalogue;
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::outcomes::pages::{form_urlencoded, thousands};
use crate::small_numbers::{self, Sight};
use crate::theatre::organisations::sites;
use crate::web::cohort::{BuilderFields, CohortPage, CohortShown, EstimateRow, MethodsPage, SavedRow};
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::{Choice, Fact, Figure, Page};

/// What the builder's form asks for: its fields, and terms as text.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BuilderQuery {
    #[serde(default)]
    filter: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    maker: String,
    #[serde(default)]
    brand: String,
    #[serde(default)]
    procedure: String,
    #[serde(default)]
    site: String,
    #[serde(default)]
    side: String,
    #[serde(default)]
    sex: String,
    #[serde(default)]
    age: String,
    #[serde(default)]
    surgeon: String,
    #[serde(default)]
    indication: String,
    #[serde(default)]
    bmi: String,
    #[serde(default)]
    asa: String,
    #[serde(default)]
    implanted: String,
    #[serde(default)]
    until: String,
}

impl BuilderQuery {
    /// The filter as one text: the terms typed, and a term for each field that is filled in.
    fn text(&self) -> String {
        let fields = [
            (Term::Category, &self.category, true),
            (Term::Maker, &self.maker, true),
            (Term::Brand, &self.brand, true),
            (Term::Procedure, &self.procedure, false),
            (Term::Site, &self.site, false),
            (Term::Side, &self.side, false),
            (Term::Sex, &self.sex, false),
            (Term::Age, &self.age, false),
            (Term::Surgeon, &self.surgeon, false),
            (Term::Indication, &self.indication, true),
            (Term::Bmi, &self.bmi, false),
            (Term::Asa, &self.asa, false),
            (Term::Implanted, &self.implanted, false),
            (Term::Until, &self.until, false),
        ];
        let term = |(term, value, quoted): (Term, &String, bool)| {
            let value = value.trim();
            // A field holds one name: a comma or a space in it is part of the name.
            let text = if quoted { format!("\"{}\"", value.replace('"', "")) } else { value.replace(' ', "") };
            (!value.is_empty()).then(|| format!("{}:{text}", term.word()))
        };
        let terms = std::iter::once(self.filter.trim().to_owned()).chain(fields.into_iter().filter_map(term));
        terms.filter(|term| !term.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// `GET /cohorts`
#[get("/cohorts")]
pub async fn show_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<BuilderQuery>,
) -> Result<HttpResponse, PageProblem> {
    let asked = asking.ask(&permit, &query.text(), "cohort-asked").await;
    let (filter, answer, error) = match asked {
        Ok((snapshot, question)) => {
            let (filter, sight) = (question.filter.clone(), asking.sight(&permit));
            let answer = reckoned(move || CohortAnswer::of(&snapshot, &question, sight)).await?;
            (filter, Some(answer), String::new())
        }
        Err(problem) if problem.code() == Code::InvalidInput => (Filter::default(), None, problem.detail().to_owned()),
        Err(problem) => return Err(problem.into()),
    };
    show(&cohort_page(&asking, &permit, &filter, answer, error, String::from("Cohorts"), String::new()).await?)
}

/// `GET /cohorts/{id}`
#[get("/cohorts/{id}")]
pub async fn show_saved(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    id: web::Path<CohortId>,
) -> Result<HttpResponse, PageProblem> {
    let (user, id) = (permit.user().id, id.into_inner());
    let saved = asking.store.read(move |connection| cohorts_store::seen_by(connection, user, id)).await?;
    let answer = asking.answer_saved(&permit, &saved).await?;
    let filter = saved.filter.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
    let frozen = match saved.until {
        Some(until) => format!("Frozen: as known on {}. Its numbers stay as they are.", until.format("%-d %B %Y")),
        None => "Saved, not frozen: asked of the registry as it is now.".to_owned(),
    };
    show(&cohort_page(&asking, &permit, &filter, Some(answer), String::new(), saved.name, frozen).await?)
}

async fn cohort_page(
    asking: &Asking,
    who: &SignedIn,
    filter: &Filter,
    answer: Option<CohortAnswer>,
    error: String,
    title: String,
    frozen: String,
) -> Result<CohortPage, Problem> {
    let user = who.user().id;
    let (categories, sites, saved) = asking
        .store
        .read(move |connection| {
            Ok((catalogue::categories(connection)?, sites(connection)?, cohorts_store::list(connection, user)?))
        })
        .await?;
    let text = filter.to_string();
    Ok(CohortPage {
        page: Page::of(who, &asking.config, &title, "/cohorts"),
        title,
        address: form_urlencoded(&text),
        filter: text,
        error,
        fields: fields(filter, &categories, sites),
        answer: answer.map(|answer| shown(&answer, &asking.config)),
        saved: saved
            .iter()
            .map(|one| SavedRow {
                href: format!("/cohorts/{}", one.id),
                name: one.name.clone(),
                filter: one.filter.clone(),
                kind: [(one.shared, "shared"), (one.snapshot_hash.is_some(), "frozen")]
                    .iter()
                    .filter_map(|(is, word)| is.then_some(*word))
                    .collect::<Vec<_>>()
                    .join(", "),
            })
            .collect(),
        new_id: CohortId::new().to_string(),
        frozen,
        may_extract: matches!(who.user().role, Role::Analyst | Role::Safety),
    })
}

/// The builder's fields with what the filter says; what they cannot hold stays in the text.
fn fields(filter: &Filter, categories: &[String], sites: Vec<(String, String)>) -> BuilderFields {
    let one = |term: Term| {
        let values = filter.products.get(&term).filter(|values| values.len() == 1);
        values.and_then(|values| values.first().cloned()).unwrap_or_default()
    };
    let single = |values: Vec<String>| if values.len() == 1 { values[0].clone() } else { String::new() };
    let category = one(Term::Category);
    let side = single(filter.sides.iter().map(|side| side_word(*side).to_owned()).collect());
    let sex = single(filter.sexes.iter().map(|sex| sex_word(*sex).to_owned()).collect());
    let site = single(filter.sites.iter().map(crate::analysis::cohort::SiteCode::text).collect());
    let asa = single(filter.asa.iter().map(ToString::to_string).collect());
    let term = |name: &str| {
        let text = filter.to_string();
        text.split(' ').find_map(|term| term.strip_prefix(name).map(str::to_owned)).unwrap_or_default()
    };
    BuilderFields {
        categories: Choice::with_all(
            Choice::list(categories.iter().map(|one| (one.clone(), one.clone())), &category),
            &category,
        ),
        sides: Choice::with_all(
            Choice::list([("left", "Left"), ("right", "Right"), ("bilateral", "Both"), ("none", "No side")], &side),
            &side,
        ),
        sexes: Choice::with_all(
            Choice::list([("female", "Female"), ("male", "Male"), ("other", "Other"), ("unknown", "Not known")], &sex),
            &sex,
        ),
        sites: Choice::with_all(Choice::list(sites, &site), &site),
        maker: one(Term::Maker),
        brand: one(Term::Brand),
        procedure: single(filter.procedures.iter().map(ToString::to_string).collect()),
        age: term("age:"),
        surgeon: single(filter.surgeons.iter().map(ToString::to_string).collect()),
        indication: single(filter.indications.iter().map(Indication::text).collect()),
        bmi: term("bmi:"),
        asa: Choice::with_all(Choice::list(["1", "2", "3", "4", "5", "6"].map(|grade| (grade, grade)), &asa), &asa),
        implanted: term("implanted:"),
        until: term("until:"),
    }
}

/// A count, or that it is too small to be told.
pub(super) fn told(count: Option<u64>, least: u64) -> String {
    crate::small_numbers::in_words(count, Sight { least })
}

/// A percent with its interval.
pub(super) fn interval(estimate: Option<Estimate>) -> String {
    match estimate {
        None => "–".to_owned(),
        Some(one) if one.lower.is_nan() => format!("{:.1}%", one.percent),
        Some(one) => format!("{:.1}% ({:.1} to {:.1})", one.percent, one.lower, one.upper),
    }
}

pub(super) fn limits(config: &Config) -> Limits {
    let (stop_at, grey_at) = (u64::from(config.curve_stops_at), u64::from(config.curve_greys_at));
    Limits { stop_at, grey_at, ..Limits::default() }
}

fn shown(answer: &CohortAnswer, config: &Config) -> CohortShown {
    let least = answer.small_numbers_below;
    let mut figures = vec![
        Figure::new(told(answer.n, least), "implanted"),
        Figure::new(thousands(answer.products), "devices"),
        Figure::new(told(answer.revised, least), "revised"),
        Figure::new(told(answer.died, least), "ended by death"),
    ];
    if let (Some(years), Some(rate)) = (answer.years, answer.rate.filter(|rate| rate.rate.is_finite())) {
        figures.push(Figure::new(format!("{years:.0}"), "years of use"));
        let text = format!("revisions per 100 years ({:.2} to {:.2})", rate.lower, rate.upper);
        figures.push(Figure::new(format!("{:.2}", rate.rate), text));
    }
    let note = format!(
        "{} implants until {}, snapshot {}",
        told(answer.n, least),
        answer.until.format("%-d %B %Y"),
        &answer.snapshot[..16]
    );
    let svg = answer.estimate.as_ref().map(|curve| {
        Drawing {
            id: "cohort-curve",
            title: "Cumulative percent revision",
            note: &note,
            device: Series { name: "This cohort", curve },
            comparator: None,
            more: &[],
            limits: limits(config),
        }
        .to_svg()
    });
    CohortShown {
        figures,
        withheld: match (&svg, answer.n) {
            (_, Some(0)) => "No implant matches.".to_owned(),
            (None, _) => format!(
                "Fewer than {least} implants or revisions, or so few apart from another cohort: rate and curve would tell how many, and are not shown to your role."
            ),
            _ => String::new(),
        },
        svg: svg.unwrap_or_default(),
        years: answer
            .at_years
            .iter()
            .map(|year| EstimateRow {
                year: year.year,
                net: interval(year.net),
                crude: interval(year.crude),
                at_risk: thousands(year.at_risk),
                grey: year.at_risk < u64::from(config.curve_greys_at),
            })
            .collect(),
        method: format!("{} {}", answer.method, small_numbers::note(Sight { least })).trim_end().to_owned(),
        facts: vec![
            Fact::new("Snapshot", &answer.snapshot),
            Fact::new(
                "Taken",
                answer.taken.with_timezone(&chrono_tz::Europe::London).format("%-d %B %Y, %H:%M").to_string(),
            ),
            Fact::new("As known on", answer.until.to_string()),
            Fact::new("Content", &answer.content_hash),
        ],
    }
}

/// What the builder says while one types.
#[derive(Debug, Serialize)]
struct LiveCount {
    text: String,
    filter: String,
}

/// `GET /cohorts/counts`
#[get("/cohorts/counts")]
pub async fn count_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    query: web::Query<BuilderQuery>,
) -> Result<HttpResponse, Problem> {
    let (snapshot, question) = asking.ask(&permit, &query.text(), "cohort-counted").await?;
    let sight = asking.sight(&permit);
    let (filter, devices) = (question.filter.to_string(), question.products.len());
    let (counts, _) = reckoned(move || CohortCounts::of(&snapshot, &question, sight)).await?;
    let text = format!(
        "{} implants of {} devices, {} revised",
        told(counts.n, sight.least),
        thousands(devices),
        told(counts.revised, sight.least)
    );
    Ok(HttpResponse::Ok().json(LiveCount { text, filter }))
}

/// What is saved.
#[derive(Debug, Deserialize)]
pub struct SaveForm {
    id: CohortId,
    name: String,
    filter: String,
    #[serde(default)]
    shared: String,
    #[serde(default)]
    frozen: String,
}

/// `POST /cohorts`
#[post("/cohorts")]
pub async fn post_cohort(
    asking: Asking,
    permit: Permit<ReadCohorts>,
    form: SignedForm<SaveForm>,
) -> Result<HttpResponse, PageProblem> {
    let SaveForm { id, name, filter, shared, frozen } = form.0;
    let new = NewCohort { id, name, filter, shared: shared == "yes", frozen: frozen == "yes" };
    let (saved, _) = asking.save(&permit, new).await?;
    Ok(see_other(&format!("/cohorts/{}", saved.id)))
}

/// `GET /methods`
#[get("/methods")]
pub async fn show_methods(
    config: web::Data<Config>,
    permit: Permit<crate::access::ReadOutcomes>,
) -> Result<HttpResponse, PageProblem> {
    show(&MethodsPage {
        page: Page::of(&permit, &config, "Methods", "/cohorts"),
        stops_at: config.curve_stops_at,
        greys_at: config.curve_greys_at,
        small: config.small_numbers_below.max(1),
    })
}
