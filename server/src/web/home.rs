//! The first page after signing in: what this role does here.

use askama::Template;

use super::Page;

/// `GET /`
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub page: Page,
    /// Such as `Good morning, Amina`.
    pub greeting: String,
    /// What can be done.
    pub cards: Vec<Card>,
}

/// One thing that can be done.
#[derive(Clone, Debug)]
pub struct Card {
    /// Where it leads.
    pub href: String,
    /// What it is.
    pub title: String,
    /// One sentence.
    pub text: String,
    /// A figure that shows whether there is anything to do; empty for none.
    pub figure: String,
}

impl Card {
    /// The cards of a role, without figures.
    pub fn of_role(role: &str) -> Vec<Self> {
        let all: [(&str, &str, &str, &[&str]); 16] = [
            ("/theatre", "Open a procedure", "Scan a wristband, then each implant before it is opened.", &["nurse"]),
            (
                "/practice",
                "Practice theatre",
                "Printed packs and wristbands, nine scenes to decide. Nothing is recorded.",
                &["nurse"],
            ),
            (
                "/calibration",
                "Set up the scanner",
                "One scan, once for each workstation, so that its readings are certain.",
                &["nurse", "admin"],
            ),
            ("/recalls/new", "Enter a recall", "Say which devices and lots a notice covers.", &["procurement"]),
            (
                "/recalls",
                "Recalls",
                "See what is affected, in stock and in patients.",
                &["procurement", "safety", "admin"],
            ),
            (
                "/stock",
                "Stock",
                "Receive packs by their label; where a lot is, what expires soon, what was wasted.",
                &["nurse", "procurement", "safety", "admin"],
            ),
            (
                "/devices",
                "Devices",
                "How many were implanted, and how many of them lasted.",
                &["nurse", "analyst", "procurement", "safety", "admin"],
            ),
            (
                "/procedures",
                "Outcomes",
                "Revisions, deaths and complications by procedure, side and site.",
                &["analyst", "safety", "admin"],
            ),
            (
                "/cohorts",
                "Cohorts",
                "Choose implants, see how they last, compare devices, save and share.",
                &["analyst", "safety", "admin"],
            ),
            (
                "/signals",
                "Signals",
                "Devices that stand out by a published rule, and what came of it.",
                &["analyst", "safety", "admin"],
            ),
            (
                "/udi",
                "Explain a barcode",
                "What it says, element by element, and what is wrong with it.",
                &["nurse", "analyst", "procurement", "safety", "admin"],
            ),
            (
                "/scan-quality",
                "Scan quality",
                "How often the first scan is enough, by supplier, product, scanner and theatre.",
                &["nurse", "procurement", "safety", "admin"],
            ),
            (
                "/unknown",
                "Unknown products",
                "What was scanned and is not in the catalogue: say which product it is.",
                &["procurement", "admin"],
            ),
            (
                "/notifications",
                "Webhooks and e-mail",
                "Who hears of recalls outside Tessera, and what was sent.",
                &["safety", "admin"],
            ),
            ("/users", "Users and badges", "Who has which badge; give one or unlock it.", &["admin"]),
            ("/audit", "Audit", "Who did what, when and why.", &["safety", "admin"]),
        ];
        all.iter()
            .filter(|(.., roles)| roles.contains(&role))
            .map(|&(href, title, text, _)| Self {
                href: href.into(),
                title: title.into(),
                text: text.into(),
                figure: String::new(),
            })
            .collect()
    }
}
