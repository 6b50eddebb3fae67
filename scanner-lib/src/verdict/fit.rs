//! Do the parts fit together, and is it the one that was planned? Rules over the catalogue's attributes, each with its
//! source.
//!
//! Reach for [`judge_with`](super::judge_with) with a [`Fit`]. A rule compares an attribute of two components, such as the
//! taper of a femoral head and of a stem, or an attribute of one with the plan, such as a lens's power with the biometry.
//! Where an attribute is missing nothing is guessed: the reason says that it could not be checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Answer;
use super::reasons::{Found, Ground};

/// The attribute that says what part of an implant a product is, such as `stem`.
pub const COMPONENT: &str = "component";

/// A device as far as fitting is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Name for people.
    pub name: String,
    /// The catalogue's category, such as `hip`.
    pub category: String,
    /// Attributes by name, such as `taper`: `12/14`.
    pub attributes: BTreeMap<String, String>,
}

impl Part {
    fn value(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether this part is such a component; nothing where the catalogue does not say what it is.
    fn is(&self, component: &str) -> Option<bool> {
        self.value(COMPONENT).map(|known| known.eq_ignore_ascii_case(component))
    }
}

/// One rule.
///
/// # Example
/// ```
/// use tessera_scanner::verdict::{Answer, Rule};
///
/// let rule: Rule = serde_json::from_str(
///     r#"{"code": "head-taper", "what": "taper", "source": "Instructions for use", "category": "hip",
///         "this": {"component": "head", "attribute": "taper"},
///         "that": {"component": "stem", "attribute": "taper"}}"#,
/// )?;
/// assert_eq!(rule.answer, Answer::Stop);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable name.
    pub code: String,
    /// What is compared, in a few words, such as `taper`.
    pub what: String,
    /// Who says so: a standard, or the maker's instructions.
    pub source: String,
    /// Which category of the catalogue it is about.
    pub category: String,
    /// The component it is about.
    pub this: Place,
    /// What that is compared with.
    pub that: Against,
    /// How.
    #[serde(default)]
    pub compare: Compare,
    /// What a difference answers: `stop` or `look`.
    #[serde(default = "stop")]
    pub answer: Answer,
}

fn stop() -> Answer {
    Answer::Stop
}

/// An attribute of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Such as `head`.
    pub component: String,
    /// Such as `taper`.
    pub attribute: String,
}

/// What a component is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Against {
    /// Another component.
    Component(Place),
    /// What was planned for the operation, by name, such as `lens-power`.
    Plan {
        /// The name in the plan.
        plan: String,
    },
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compare {
    /// The same words; capital and small letters are alike.
    #[default]
    Same,
    /// Numbers that differ by no more than this; units behind them are passed over.
    Within(f64),
}

impl Compare {
    /// Whether the two agree; nothing where they cannot be compared.
    fn agree(self, one: &str, other: &str) -> Option<bool> {
        match self {
            Self::Same => Some(one.eq_ignore_ascii_case(other)),
            Self::Within(most) => Some((number(one)? - number(other)?).abs() <= most + 1e-9),
        }
    }
}

/// The number at the beginning of a value such as `+21.5 D` or `32 mm`.
fn number(text: &str) -> Option<f64> {
    let text = text.trim().replace('\u{2212}', "-");
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit = unit.trim();
    // "50/32" is two numbers, and "1e3" is no measure.
    if !(unit.is_empty() || matches!(unit.to_ascii_lowercase().as_str(), "d" | "dpt" | "mm" | "cm")) {
        return None;
    }
    decimal(digits)
}

/// A decimal, digit by digit: the standard library's reading brings tables of ten kilobytes along, to every tablet.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, part].concat();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count = digits.bytes().fold(0.0, |count, digit| count * 10.0 + f64::from(digit - b'0'));
    let value = count / part.bytes().fold(1.0, |tenfold, _| tenfold * 10.0);
    Some(if text.starts_with('-') { -value } else { value })
}

/// What is compared when a device is judged.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    /// The device that was scanned, where the catalogue has it.
    pub scanned: Option<&'a Part>,
    /// What is in the patient already: from this operation, and from earlier ones on this side.
    pub already_in: &'a [Part],
    /// What was planned, by name.
    pub plan: &'a BTreeMap<String, String>,
    /// The rules.
    pub rules: &'a [Rule],
    /// Whether that is all; where it is not, what is missing may not fit, and the reasons say so.
    pub all_known: bool,
}

/// What the rules find.
pub(super) fn check(fit: &Fit<'_>, found: &mut Vec<Found>) {
    let Some(scanned) = fit.scanned else { return };
    let mut news: Vec<Found> = Vec::new();
    for rule in fit.rules.iter().filter(|rule| rule.category == scanned.category) {
        match &rule.that {
            Against::Plan { plan } => match fit.plan.get(plan) {
                None if !fit.all_known => {}
                value => planned(rule, scanned, value.map(String::as_str), &mut news),
            },
            Against::Component(that) => {
                for other in fit.already_in.iter().filter(|other| other.category == scanned.category) {
                    together(rule, (scanned, &rule.this), (other, that), &mut news);
                    together(rule, (scanned, that), (other, &rule.this), &mut news);
                }
            }
        }
    }
    if !fit.all_known {
        news.push(Found::new(Ground::FitNotAsked, &[("product", &scanned.name)]));
    }
    for one in news {
        if found.iter().all(|known| known.reason.text != one.reason.text) {
            found.push(one);
        }
    }
}

/// One rule on two parts, each taken for the component of its place.
fn together(rule: &Rule, mine: (&Part, &Place), theirs: (&Part, &Place), news: &mut Vec<Found>) {
    let ((scanned, here), (other, there)) = (mine, theirs);
    let names = [("product", scanned.name.as_str()), ("other", &other.name), ("what", &rule.what)];
    match (scanned.is(&here.component), other.is(&there.component)) {
        (Some(false), _) | (_, Some(false)) => {}
        (Some(true), Some(true)) => {
            let values = (scanned.value(&here.attribute), other.value(&there.attribute));
            let agree = match values {
                (Some(one), Some(two)) => rule.compare.agree(one, two),
                _ => None,
            };
            let mut told = names.to_vec();
            told.extend([("mine", values.0.unwrap_or("not known")), ("theirs", values.1.unwrap_or("not known"))]);
            told.push(("source", &rule.source));
            match agree {
                Some(true) => {}
                Some(false) if rule.answer == Answer::Stop => news.push(Found::new(Ground::DoesNotFit, &told)),
                Some(false) => news.push(Found::new(Ground::MayNotFit, &told)),
                None => news.push(Found::new(Ground::FitUnchecked, &told)),
            }
        }
        // The catalogue does not say which part one of them is: it may be the one that this rule is about.
        (None, _) => news.push(Found::new(Ground::PartNotKnown, &[names[0], names[1], ("unknown", &scanned.name)])),
        (_, None) => news.push(Found::new(Ground::PartNotKnown, &[names[0], names[1], ("unknown", &other.name)])),
    }
}

/// One rule on the scanned part and the plan.
fn planned(rule: &Rule, scanned: &Part, plan: Option<&str>, news: &mut Vec<Found>) {
    if scanned.is(&rule.this.component) == Some(false) {
        return;
    }
    let mine = scanned.value(&rule.this.attribute);
    let agree = match (scanned.is(&rule.this.component), mine, plan) {
        (Some(true), Some(mine), Some(plan)) => rule.compare.agree(mine, plan),
        _ => None,
    };
    let told = [
        ("product", scanned.name.as_str()),
        ("what", &rule.what),
        ("mine", mine.unwrap_or("not known")),
        ("plan", plan.unwrap_or("not entered")),
        ("source", &rule.source),
    ];
    match agree {
        Some(true) => {}
        Some(false) if rule.answer == Answer::Stop => news.push(Found::new(Ground::NotAsPlanned, &told)),
        Some(false) | None => news.push(Found::new(Ground::PlanUnchecked, &told)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules() -> Vec<Rule> {
        serde_json::from_str(include_str!("../../../fixtures/compatibility/rules.json")).unwrap()
    }

    fn part(name: &str, category: &str, attributes: &[(&str, &str)]) -> Part {
        let attributes = attributes.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Part { name: name.to_owned(), category: category.to_owned(), attributes }
    }

    fn stem(taper: &str) -> Part {
        part("Stem", "hip", &[("component", "stem"), ("taper", taper)])
    }

    fn head(taper: &str, diameter: &str) -> Part {
        part("Head", "hip", &[("component", "head"), ("taper", taper), ("head-diameter", diameter)])
    }

    fn lens(power: &str) -> Part {
        part("Lens", "lens", &[("component", "lens"), ("power", power)])
    }

    fn codes(scanned: &Part, already_in: &[Part], plan: &[(&str, &str)]) -> Vec<String> {
        let plan = plan.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut found = Vec::new();
        let rules = rules();
        check(&Fit { scanned: Some(scanned), already_in, plan: &plan, rules: &rules, all_known: true }, &mut found);
        found.into_iter().map(|one| one.reason.code).collect()
    }

    /// The codes of a case for each row of the table that rules lead to.
    pub(in crate::verdict) fn codes_of_all_cases() -> Vec<String> {
        let knee = |component: &str, size: &str| part(component, "knee", &[("component", component), ("size", size)]);
        [
            codes(&head("12/14", "32"), &[stem("V40")], &[]),
            codes(&knee("insert", "3"), &[knee("femoral", "4")], &[]),
            codes(&part("Head", "hip", &[("component", "head")]), &[stem("12/14")], &[]),
            codes(&part("Something", "hip", &[]), &[stem("12/14")], &[]),
            codes(&lens("+21.5 D"), &[], &[("lens-power", "+20.5")]),
            codes(&lens("+21.5 D"), &[], &[]),
            codes_of_some(&lens("+21.5 D"), &[]),
        ]
        .concat()
    }

    /// Where neither all the other parts nor the plan are known.
    fn codes_of_some(scanned: &Part, already_in: &[Part]) -> Vec<String> {
        let (mut found, plan, rules) = (Vec::new(), BTreeMap::new(), rules());
        check(&Fit { scanned: Some(scanned), already_in, plan: &plan, rules: &rules, all_known: false }, &mut found);
        found.into_iter().map(|one| one.reason.code).collect()
    }

    #[test]
    fn a_head_on_another_taper_stops_whichever_is_scanned_last() {
        assert!(codes(&head("12/14", "32 mm"), &[stem("12/14")], &[]).is_empty());
        assert_eq!(codes(&head("12/14", "32 mm"), &[stem("V40")], &[]), ["does-not-fit"]);
        assert_eq!(codes(&stem("V40"), &[head("12/14", "32 mm")], &[]), ["does-not-fit"]);
    }

    #[test]
    fn what_the_catalogue_does_not_say_is_not_guessed() {
        let bare = part("Head", "hip", &[("component", "head")]);
        assert_eq!(codes(&bare, &[stem("12/14")], &[]), ["fit-unchecked"]);
        let unknown = part("Something", "hip", &[]);
        assert_eq!(codes(&unknown, &[stem("12/14")], &[]), ["part-not-known"]);
        assert_eq!(codes(&stem("12/14"), &[unknown], &[]), ["part-not-known"]);
        // Nothing else in, nothing to check; and a knee is no matter of a hip's rules.
        assert!(codes(&bare, &[], &[]).is_empty());
        assert!(codes(&head("12/14", "32"), &[part("Tray", "knee", &[])], &[]).is_empty());
    }

    #[test]
    fn sizes_are_compared_as_numbers() {
        let liner = part("Liner", "hip", &[("component", "liner"), ("shell-size", "54 mm"), ("head-diameter", "36")]);
        let shell = |size: &str| part("Shell", "hip", &[("component", "shell"), ("shell-size", size)]);
        assert!(codes(&liner, &[shell("54")], &[]).is_empty());
        assert_eq!(codes(&liner, &[shell("56 mm")], &[]), ["does-not-fit"]);
        assert_eq!(codes(&head("12/14", "32 mm"), std::slice::from_ref(&liner), &[]), ["does-not-fit"]);
        assert_eq!(codes(&liner, &[shell("54/32")], &[]), ["fit-unchecked"], "two numbers are none");
    }

    #[test]
    fn a_lens_is_held_against_the_biometry() {
        assert!(codes(&lens("+21.5 D"), &[], &[("lens-power", "21.5")]).is_empty());
        assert_eq!(codes(&lens("+21.5 D"), &[], &[("lens-power", "+20.5")]), ["not-as-planned"]);
        assert_eq!(codes(&lens("\u{2212}2.0 D"), &[], &[("lens-power", "2.0")]), ["not-as-planned"]);
        assert_eq!(codes(&lens("+21.5 D"), &[], &[]), ["plan-unchecked"]);
        assert_eq!(codes(&lens("as ordered"), &[], &[("lens-power", "21.5")]), ["plan-unchecked"]);
        assert_eq!(codes(&part("Lens", "lens", &[]), &[], &[("lens-power", "21.5")]), ["plan-unchecked"]);
    }

    #[test]
    fn what_is_known_stops_though_it_is_not_all() {
        assert_eq!(codes_of_some(&head("12/14", "32"), &[stem("V40")]), ["does-not-fit", "fit-not-asked"]);
        assert_eq!(codes_of_some(&head("12/14", "32"), &[stem("12/14")]), ["fit-not-asked"]);
        // Nobody knows what the plan says: it is not told that none was entered.
        assert_eq!(codes_of_some(&lens("+21.5 D"), &[]), ["fit-not-asked"]);
    }

    #[test]
    fn the_reason_names_both_and_the_source() {
        let mut found = Vec::new();
        let (scanned, others, plan, rules) = (head("12/14", "32"), [stem("V40")], BTreeMap::new(), rules());
        let fit = Fit { scanned: Some(&scanned), already_in: &others, plan: &plan, rules: &rules, all_known: true };
        check(&fit, &mut found);
        let text = &found[0].reason.text;
        for word in ["Head", "Stem", "12/14", "V40", "NatSSIPs"] {
            assert!(text.contains(word), "{word} in {text}");
        }
    }

    proptest! {
        #[test]
        fn decimals_are_those_of_the_standard_library(text in "[+-]?[0-9]{0,7}\\.?[0-9]{0,7}|[0-9+.-]{0,6}|[0-9]{18,30}") {
            match (decimal(&text), text.parse::<f64>().ok()) {
                (Some(ours), Some(theirs)) => prop_assert!((ours - theirs).abs() <= 1e-15 * theirs.abs(), "{text}"),
                (ours, theirs) => prop_assert_eq!(ours, theirs, "{}", text),
            }
        }

        #[test]
        fn no_values_panic_and_order_does_not_matter(one in "\\PC{0,12}", two in "\\PC{0,12}") {
            let forward = codes(&head(&one, &one), &[stem(&two)], &[]);
            let backward = codes(&stem(&two), &[head(&one, &one)], &[]);
            prop_assert_eq!(forward, backward);
            codes(&lens(&one), &[], &[("lens-power", &two)]);
        }
    }
}
