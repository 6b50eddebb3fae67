//! Devices: what they are, how many, how long they last.

use askama::Template;

use super::{Fact, Figure, Link, Page};

/// `GET /devices?q=`
#[derive(Debug, Template)]
#[template(path = "device_list.html")]
pub struct DeviceListPage {
    /// The frame.
    pub page: Page,
    /// As typed.
    pub query: String,
    /// Such as `214 devices`.
    pub total: String,
    /// This page of them.
    pub rows: Vec<DeviceRow>,
    /// Address of the next page; empty on the last.
    pub next: String,
    /// How small numbers are shown; empty where all are.
    pub note: String,
}

/// One device of the list.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// Address of its page.
    pub href: String,
    /// Brand and description.
    pub name: String,
    /// Who makes it.
    pub maker: String,
    /// Catalogue number.
    pub reference: String,
    /// Primary UDI-DI.
    pub identifier: String,
    /// How many are recorded as implanted.
    pub implanted: String,
    /// How many of them were revised.
    pub revised: String,
}

/// `GET /devices/{id}`
#[derive(Debug, Template)]
#[template(path = "device.html")]
pub struct DevicePage {
    /// The frame.
    pub page: Page,
    /// The product's identifier.
    pub id: String,
    /// Brand and description.
    pub name: String,
    /// Who makes it.
    pub maker: String,
    /// Catalogue number; empty where unknown.
    pub reference: String,
    /// Active recalls that cover it.
    pub recalls: Vec<Link>,
    /// Implanted, revised, years of use, revisions per 100 years.
    pub figures: Vec<Figure>,
    /// The curve as SVG with presentation attributes only: the content security policy forbids `style`.
    pub curve_svg: String,
    /// The curve as a table.
    pub years: Vec<YearRow>,
    /// Why there is no curve, where there is none.
    pub no_curve: String,
    /// What the other devices' figures come from; empty where there is nothing to compare with.
    pub others: String,
    /// Revisions per 100 years by years since the operation; empty where they are not told.
    pub by_years: Vec<RateRow>,
    /// Why they were revised, with how many; empty where they are not told or nothing was revised.
    pub reasons: Vec<(String, String)>,
    /// The sites that use it; empty where they are not told.
    pub sites: Vec<SiteUseRow>,
    /// What is not told of others, in one sentence; empty where all is.
    pub other_sites: String,
    /// Revisions of its patients that name no device, in one sentence.
    pub unlinked: String,
    /// Estimator and interval, in one sentence.
    pub method: String,
    /// Hash of the cohort snapshot that the figures come from.
    pub snapshot: String,
    /// Issuer and kind with the identifier.
    pub identifiers: Vec<Fact>,
}

/// The curve at one time.
#[derive(Clone, Debug)]
pub struct YearRow {
    /// Years since the operation.
    pub year: u32,
    /// Cumulative percent revised, such as `4.1%`.
    pub percent: String,
    /// Lower limit.
    pub lower: String,
    /// Upper limit.
    pub upper: String,
    /// How many were still followed.
    pub at_risk: String,
    /// Of all other devices of its kind: percent revised with its interval, and how many were still followed.
    pub others: Option<(String, String)>,
}

/// Revisions in some years since the operation.
#[derive(Clone, Debug)]
pub struct RateRow {
    /// Such as `1 to 3`.
    pub years: String,
    /// How many were revised then.
    pub revised: String,
    /// Years of use then.
    pub in_use: String,
    /// Revisions per 100 years with their interval.
    pub rate: String,
}

/// A site that uses it.
#[derive(Clone, Debug)]
pub struct SiteUseRow {
    /// Its name.
    pub name: String,
    /// How many were implanted there.
    pub implanted: String,
    /// How many of those were revised.
    pub revised: String,
}
