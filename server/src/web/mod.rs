//! Server-rendered pages: one struct per page, plain fields ready to print, filled in by the handlers.
//!
//! Reach for [`Page`] in every one of them: title, menu by role, the form token and a notice. Nothing here asks the
//! database or decides anything; values come formatted, in the words of the person who reads them.

pub mod account;
pub mod assets;
pub mod audit;
pub mod calibration;
pub mod case;
pub mod cohort;
pub mod date_field;
pub mod device;
pub mod home;
pub mod monitor;
pub mod notifications;
pub mod odep;
pub mod outcome;
pub mod page_problem;
pub mod practice;
pub mod procedure;
pub mod quality;
pub mod recall;
pub mod recall_work;
pub mod scan_quality;
pub mod signal;
pub mod signin;
pub mod stock;
pub mod theatre;
pub mod udi;
pub mod unknown;
pub mod words;

#[cfg(test)]
mod gallery;

use askama::Template;

/// What every page needs for its frame.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Of the browser's tab.
    pub title: String,
    /// The path of the menu's entry that this page belongs to, such as `/recalls`.
    pub here: &'static str,
    /// Who is signed in.
    pub user: Option<SignedIn>,
    /// The session's form token; every form posts it as `csrf`, the theatre page as `X-CSRF-Token`.
    pub csrf: String,
    /// What the last act led to.
    pub notice: Option<Notice>,
    /// The data is made up, and every page says so.
    pub demonstration: bool,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Name for people.
    pub name: String,
    /// `nurse`, `analyst`, `procurement`, `safety` or `admin`.
    pub role: String,
}

impl SignedIn {
    /// The role as people call it.
    pub fn role_text(&self) -> &str {
        match self.role.as_str() {
            "nurse" => "theatre nurse",
            "safety" => "safety officer",
            "admin" => "administrator",
            other => other,
        }
    }
}

/// What the last act led to, shown once.
#[derive(Clone, Debug)]
pub struct Notice {
    /// It worked; else it is information.
    pub success: bool,
    /// One sentence.
    pub text: String,
}

/// One entry of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavigationLink {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub text: &'static str,
    /// The page shown belongs to it.
    pub current: bool,
}

/// The menu's entries and the roles that see them. Seeing an entry grants nothing: handlers ask for the permission.
const MENU: [(&str, &str, &[&str]); 11] = [
    ("/", "Start", &["nurse", "analyst", "procurement", "safety", "admin"]),
    ("/theatre", "Theatre", &["nurse"]),
    ("/recalls", "Recalls", &["procurement", "safety", "admin"]),
    ("/stock", "Stock", &["procurement", "safety", "admin"]),
    ("/devices", "Devices", &["nurse", "analyst", "procurement", "safety", "admin"]),
    ("/procedures", "Outcomes", &["analyst", "safety", "admin"]),
    ("/cohorts", "Cohorts", &["analyst", "safety", "admin"]),
    ("/signals", "Signals", &["analyst", "safety", "admin"]),
    ("/quality", "Quality", &["analyst", "safety", "admin"]),
    ("/audit", "Audit", &["safety", "admin"]),
    ("/users", "Users", &["admin"]),
];

impl Page {
    /// The menu for the role of who is signed in.
    pub fn navigation(&self) -> Vec<NavigationLink> {
        let Some(user) = &self.user else { return Vec::new() };
        MENU.iter()
            .filter(|(_, _, roles)| roles.contains(&user.role.as_str()))
            .map(|&(href, text, _)| NavigationLink { href, text, current: href == self.here })
            .collect()
    }
}

/// One choice of a list or of radio buttons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is posted.
    pub value: String,
    /// What is shown.
    pub text: String,
    /// It is the one chosen.
    pub selected: bool,
}

impl Choice {
    /// The choices of a list, with the one of `chosen` selected.
    pub fn list<V: Into<String>, T: Into<String>>(items: impl IntoIterator<Item = (V, T)>, chosen: &str) -> Vec<Self> {
        items
            .into_iter()
            .map(|(value, text)| {
                let value = value.into();
                Self { selected: value == chosen, text: text.into(), value }
            })
            .collect()
    }

    /// Left, right, both, none: the values of the verdict's `Side`, and `none`. Where nothing was chosen yet, pass an
    /// empty `chosen`: a side that nobody chose must not be recorded as chosen.
    pub fn sides(chosen: &str) -> Vec<Self> {
        Self::list([("left", "Left"), ("right", "Right"), ("bilateral", "Both"), ("none", "No side")], chosen)
    }

    /// The same choices under "All", which has an empty value: for filters.
    pub fn with_all(mut choices: Vec<Self>, chosen: &str) -> Vec<Self> {
        choices.insert(0, Self { value: String::new(), text: "All".into(), selected: chosen.is_empty() });
        choices
    }
}

/// What is wrong with one field of a form.
#[derive(Clone, Debug)]
pub struct FieldError {
    /// The `id` of the field in the page.
    pub field: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// A name and its value, as text.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Such as `Lot`.
    pub name: String,
    /// As printed.
    pub value: String,
}

impl Fact {
    /// A fact.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A large figure with what it counts.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Such as `1,204`.
    pub value: String,
    /// Such as `implanted`.
    pub text: String,
}

impl Figure {
    /// A figure.
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), text: text.into() }
    }
}

/// A link with its words and, where it helps, a second line.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
    /// A second, quieter line; empty for none.
    pub hint: String,
}

/// Any page that could not be shown.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame.
    pub page: Page,
    /// What is the matter.
    pub title: String,
    /// In this case; empty for none.
    pub detail: String,
    /// What to do.
    pub action: String,
    /// The request's id, to ask for help with; empty for none.
    pub request: String,
}

/// The browsable page of the API.
#[derive(Debug, Template)]
#[template(path = "api_docs.html")]
pub struct ApiDocsPage {
    /// The frame.
    pub page: Page,
}

/// Every problem that the interface may answer.
#[derive(Debug, Template)]
#[template(path = "problems.html")]
pub struct ProblemsPage {
    /// The frame.
    pub page: Page,
    /// The table of codes.
    pub codes: &'static [crate::error::Code],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(role: &str) -> Page {
        let user = Some(SignedIn { name: "A".into(), role: role.into() });
        Page { user, here: "/recalls", ..Page::default() }
    }

    #[test]
    fn each_role_sees_its_own_menu() {
        let texts = |role: &str| page_of(role).navigation().iter().map(|l| l.text).collect::<Vec<_>>();
        assert_eq!(texts("nurse"), ["Start", "Theatre", "Devices"]);
        assert_eq!(texts("procurement"), ["Start", "Recalls", "Stock", "Devices"]);
        assert_eq!(
            texts("safety"),
            ["Start", "Recalls", "Stock", "Devices", "Outcomes", "Cohorts", "Signals", "Quality", "Audit"]
        );
        assert!(Page::default().navigation().is_empty());
    }

    #[test]
    fn the_menu_marks_where_one_is() {
        let current: Vec<_> = page_of("safety").navigation().into_iter().filter(|l| l.current).collect();
        assert_eq!(current, [NavigationLink { href: "/recalls", text: "Recalls", current: true }]);
    }

    #[test]
    fn what_a_person_typed_is_escaped() {
        let html = ErrorPage {
            page: Page::default(),
            title: "<script>alert(1)</script>".into(),
            detail: String::new(),
            action: String::new(),
            request: String::new(),
        }
        .render()
        .unwrap();
        assert!(html.contains("&#60;script&#62;alert(1)"), "{html}");
        assert!(!html.contains("<script>"));
    }
}
