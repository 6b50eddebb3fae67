//! Stock: the shelves, one stock item, what was wasted, suppliers and devices side by side.

use askama::Template;

use super::{Choice, Fact, Figure, Page};

/// The pages about stock: address, text.
const LINKS: [(&str, &str); 5] = [
    ("/stock", "Shelves"),
    ("/stock/pars", "Par levels"),
    ("/stock/places", "Places"),
    ("/stock/waste", "Waste"),
    ("/stock/comparison", "Suppliers and devices"),
];

/// The pages about stock, and whether each is this one.
pub fn links(here: &str) -> Vec<(&'static str, &'static str, bool)> {
    LINKS.into_iter().map(|(href, text)| (href, text, href == here)).collect()
}

/// `GET /stock`
#[derive(Debug, Template)]
#[template(path = "stock.html")]
pub struct StockPage {
    /// The frame.
    pub page: Page,
    /// What was wrong with what was sent; empty where nothing was.
    pub error: String,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// The lot or serial that is looked for.
    pub unit: String,
    /// What to show: all, expiring, going back.
    pub shows: Vec<Choice>,
    /// In words: what is shown and how much.
    pub told: String,
    /// The packs.
    pub rows: Vec<PackRow>,
    /// Address of the same as CSV.
    pub csv: String,
    /// Products that run short: site, device, how many there are and should be.
    pub short: Vec<(String, String, String)>,
    /// Devices used in theatre of late that no shelf had: when, site, device, unit.
    pub unexpected: Vec<[String; 4]>,
    /// This person may receive packs.
    pub may_change: bool,
    /// The form for receiving.
    pub form: ReceiveForm,
    /// Places that are known, for the form's suggestions.
    pub places: Vec<String>,
}

/// What the form for receiving packs shows.
#[derive(Clone, Debug, Default)]
pub struct ReceiveForm {
    /// The next item's id.
    pub id: String,
    /// Where the packs go.
    pub place: String,
    /// Who delivers.
    pub supplier: String,
    /// Number of the delivery note.
    pub delivery: String,
    /// Whose packs they are.
    pub ownership: Vec<Choice>,
    /// Until when they may stay.
    pub return_by: String,
}

/// Packs of one item.
#[derive(Clone, Debug)]
pub struct PackRow {
    /// Address of its page.
    pub href: String,
    /// Site and place.
    pub place: String,
    /// Maker and brand, or the identifier.
    pub device: String,
    /// Lot, serial, expiry.
    pub unit: String,
    /// Packs.
    pub quantity: String,
    /// State in words.
    pub state: String,
    /// Its colour.
    pub tag: &'static str,
    /// Whose, until when.
    pub terms: String,
    /// Too old, or nearly; empty for neither.
    pub age: String,
}

/// `GET /stock/{id}`
#[derive(Debug, Template)]
#[template(path = "stock_item.html")]
pub struct StockItemPage {
    /// The frame.
    pub page: Page,
    /// What was wrong with what was sent.
    pub error: String,
    /// The item's id.
    pub id: String,
    /// What it is.
    pub device: String,
    /// Everything known of it.
    pub facts: Vec<Fact>,
    /// When, what, why.
    pub history: Vec<(String, String, String)>,
    /// They are set apart.
    pub apart: bool,
    /// This person may take packs, or set them apart, now.
    pub may_take: bool,
    /// For what packs are set apart.
    pub set_apart_for: Vec<Choice>,
    /// The next movement's id.
    pub next_id: String,
    /// What may become of packs.
    pub kinds: Vec<Choice>,
    /// Why packs are wasted.
    pub causes: Vec<Choice>,
    /// Where they may be moved to.
    pub sites: Vec<Choice>,
    /// Places that are known, for the form's suggestions.
    pub places: Vec<String>,
}

/// `GET /stock/places`
#[derive(Debug, Template)]
#[template(path = "stock_places.html")]
pub struct PlacesPage {
    /// The frame.
    pub page: Page,
    /// What was wrong with what was sent.
    pub error: String,
    /// Site, name, GLN.
    pub rows: Vec<[String; 3]>,
    /// This person may add places.
    pub may_change: bool,
    /// The next place's id.
    pub id: String,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// The name as typed.
    pub name: String,
    /// The GLN as typed.
    pub gln: String,
}

/// `GET /stock/pars`
#[derive(Debug, Template)]
#[template(path = "stock_pars.html")]
pub struct ParsPage {
    /// The frame.
    pub page: Page,
    /// What was wrong with what was sent.
    pub error: String,
    /// Every par level, those furthest below first.
    pub rows: Vec<ParRow>,
    /// This person may set them.
    pub may_change: bool,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// The device as typed or scanned.
    pub device: String,
    /// The number as typed.
    pub least: String,
}

/// How many packs of a product a site should have.
#[derive(Clone, Debug)]
pub struct ParRow {
    /// The site's name.
    pub site: String,
    /// Address of the device's page.
    pub href: String,
    /// What it is.
    pub device: String,
    /// Packs that may be used.
    pub there: String,
    /// Packs there should be.
    pub least: String,
    /// There are fewer.
    pub short: bool,
}

/// `GET /stock/waste`
#[derive(Debug, Template)]
#[template(path = "stock_waste.html")]
pub struct WastePage {
    /// The frame.
    pub page: Page,
    /// What was wrong with what was asked.
    pub error: String,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Packs, value.
    pub figures: Vec<Figure>,
    /// Where, why, packs, value, packs without a price.
    pub rows: Vec<[String; 5]>,
    /// Address of the same as CSV.
    pub csv: String,
}

/// `GET /stock/comparison`
#[derive(Debug, Template)]
#[template(path = "stock_comparison.html")]
pub struct StockComparisonPage {
    /// The frame.
    pub page: Page,
    /// Supplier, packs, paid, mean price, wasted, sent back, set apart.
    pub suppliers: Vec<[String; 7]>,
    /// The devices.
    pub devices: Vec<ComparedRow>,
    /// How small numbers are shown, and the snapshot; empty where outcomes are not shown.
    pub note: String,
}

/// One device.
#[derive(Clone, Debug)]
pub struct ComparedRow {
    /// Address of the device's page.
    pub href: String,
    /// What it is.
    pub device: String,
    /// Who delivers it.
    pub suppliers: String,
    /// What a pack costs.
    pub price: String,
    /// Packs wasted on the shelf and in theatre, of how many.
    pub wasted: String,
    /// Notices that name it.
    pub recalls: String,
    /// Percent revised at five years with its interval.
    pub revised: String,
    /// The ODEP rating in force; empty for none.
    pub odep: String,
}
