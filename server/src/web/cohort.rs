//! Cohorts: the builder, league tables, comparisons, methods.

use askama::Template;

use super::{Choice, Fact, Figure, Page};

/// `GET /cohorts` and `GET /cohorts/{id}`
#[derive(Debug, Template)]
#[template(path = "cohort.html")]
pub struct CohortPage {
    /// The frame.
    pub page: Page,
    /// The heading.
    pub title: String,
    /// The filter in its one form; empty for everything.
    pub filter: String,
    /// The same as it stands in an address.
    pub address: String,
    /// What is wrong with the filter; empty where nothing is.
    pub error: String,
    /// The fields of the builder.
    pub fields: BuilderFields,
    /// How the cohort fared; none where it could not be asked.
    pub answer: Option<CohortShown>,
    /// Cohorts that were saved.
    pub saved: Vec<SavedRow>,
    /// The id under which this one would be saved.
    pub new_id: String,
    /// What was saved: name, and whether it is frozen; none for a filter that was just asked.
    pub frozen: String,
    /// Whether this role may take the rows away.
    pub may_extract: bool,
}

/// The fields of the builder.
#[derive(Clone, Debug, Default)]
pub struct BuilderFields {
    /// Kinds of implant.
    pub categories: Vec<Choice>,
    /// Sides.
    pub sides: Vec<Choice>,
    /// Sexes.
    pub sexes: Vec<Choice>,
    /// Sites.
    pub sites: Vec<Choice>,
    /// Maker, as typed.
    pub maker: String,
    /// Brand, as typed.
    pub brand: String,
    /// Procedure, as typed.
    pub procedure: String,
    /// Ages, such as `60..74`.
    pub age: String,
    /// The surgeon's identifier.
    pub surgeon: String,
    /// Why the operation was done.
    pub indication: String,
    /// Body mass index, such as `30..40`.
    pub bmi: String,
    /// ASA grades.
    pub asa: Vec<Choice>,
    /// Years, such as `2015..2020`.
    pub implanted: String,
    /// The cut-off.
    pub until: String,
}

/// How a cohort fared, ready to print.
#[derive(Clone, Debug)]
pub struct CohortShown {
    /// Implanted, revised, died, years, rate.
    pub figures: Vec<Figure>,
    /// The curve.
    pub svg: String,
    /// Both estimates by year.
    pub years: Vec<EstimateRow>,
    /// Why there is no curve; empty where there is one.
    pub withheld: String,
    /// Estimators, in one sentence.
    pub method: String,
    /// Snapshot, its moment, the content hash.
    pub facts: Vec<Fact>,
}

/// Both estimates at one time.
#[derive(Clone, Debug)]
pub struct EstimateRow {
    /// Years since the operation.
    pub year: u32,
    /// One minus Kaplan–Meier, with its interval.
    pub net: String,
    /// Cumulative incidence, with its interval.
    pub crude: String,
    /// How many were still followed.
    pub at_risk: String,
    /// Few were: it is printed grey.
    pub grey: bool,
}

/// One saved cohort.
#[derive(Clone, Debug)]
pub struct SavedRow {
    /// Address of its page.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// The filter.
    pub filter: String,
    /// Such as `shared, frozen`.
    pub kind: String,
}

/// `GET /league`
#[derive(Debug, Template)]
#[template(path = "league.html")]
pub struct LeaguePage {
    /// The frame.
    pub page: Page,
    /// As typed.
    pub filter: String,
    /// What is wrong with it; empty where nothing is.
    pub error: String,
    /// Devices or sites.
    pub by: Vec<Choice>,
    /// Such as `Device`.
    pub unit: String,
    /// The funnel plot.
    pub svg: String,
    /// The table.
    pub rows: Vec<LeagueRowShown>,
    /// Method, snapshot, suppression.
    pub note: String,
}

/// One unit of the table.
#[derive(Clone, Debug)]
pub struct LeagueRowShown {
    /// Address of its page; empty for none.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// Implanted.
    pub n: String,
    /// Revised.
    pub revised: String,
    /// Per 100 years, with its interval.
    pub rate: String,
    /// Percent revised at five years, with its interval.
    pub five: String,
    /// Observed over expected, with its interval.
    pub ratio: String,
    /// Where it lies in the funnel: empty, `above 95 %` or `above 99.8 %`.
    pub place: String,
}

/// `GET /compare`
#[derive(Debug, Template)]
#[template(path = "compare.html")]
pub struct ComparePage {
    /// The frame.
    pub page: Page,
    /// As typed.
    pub filter: String,
    /// What is wrong; empty where nothing is.
    pub error: String,
    /// Six lists of devices.
    pub lists: Vec<Vec<Choice>>,
    /// The curves; empty before devices are chosen.
    pub svg: String,
    /// The devices.
    pub rows: Vec<ComparedRow>,
    /// Method and snapshot.
    pub note: String,
}

/// One device of a comparison.
#[derive(Clone, Debug)]
pub struct ComparedRow {
    /// Address of its page.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// Implanted.
    pub n: String,
    /// Revised.
    pub revised: String,
    /// Percent revised at five years, with its interval.
    pub five: String,
    /// Hazard ratio, with its interval.
    pub ratio: String,
    /// p.
    pub p: String,
}

/// `GET /methods`
#[derive(Debug, Template)]
#[template(path = "methods.html")]
pub struct MethodsPage {
    /// The frame.
    pub page: Page,
    /// Curves end at this many at risk.
    pub stops_at: u32,
    /// Curves are grey below this many at risk.
    pub greys_at: u32,
    /// Counts below this are not told to analysts.
    pub small: u32,
}
