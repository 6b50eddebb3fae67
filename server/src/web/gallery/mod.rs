//! Every page once, with made-up data: rendered, held against the rules that all pages obey, and written to
//! `test-artefacts/gallery` for `npm run gallery`, which takes pictures of them.

mod case;
mod cohorts;
mod forms;
mod notifications;
mod odep;
mod outcomes;
mod practice;
mod quality;
mod recall_work;
mod samples;
mod signals;
mod stock;

use askama::Template as _;

fn gallery() -> Vec<(&'static str, askama::Result<String>)> {
    vec![
        ("signin", samples::signin().render()),
        ("account", forms::account().render()),
        ("users", forms::users().render()),
        ("home", samples::home().render()),
        ("theatre_start", samples::theatre_start().render()),
        ("theatre_offline", samples::theatre_offline().render()),
        ("theatre_offline_start", samples::theatre_offline_start().render()),
        ("theatre_procedure", samples::theatre_procedure().render()),
        ("scan_quality", case::scan_quality().render()),
        ("practice", practice::practice().render()),
        ("practice_sheet", practice::sheet().render()),
        ("practice_scene", practice::scene().render()),
        ("practice_decided", practice::decided().render()),
        ("practice_result", practice::result().render()),
        ("unknown_list", case::unknown_list().render()),
        ("unknown", case::unknown().render()),
        ("case_checks", case::checks().render()),
        ("case_device", case::device().render()),
        ("case_explant", case::explant().render()),
        ("case_tray", case::tray().render()),
        ("case_record", case::record().render()),
        ("case_card", case::card().render()),
        ("theatre_summary", samples::theatre_summary().render()),
        ("device_list", samples::device_list().render()),
        ("device", samples::device_page().render()),
        ("procedure_outcomes", outcomes::outcomes_page().render()),
        ("cohort", cohorts::cohort().render()),
        ("cohort_mistake", cohorts::mistake().render()),
        ("league", cohorts::league().render()),
        ("monitor", cohorts::monitor().render()),
        ("compare", cohorts::compare().render()),
        ("signal_list", signals::list().render()),
        ("signal", signals::signal().render()),
        ("notifications", notifications::notifications().render()),
        ("notification_log", notifications::log().render()),
        ("odep_list", odep::list().render()),
        ("odep_device", odep::device().render()),
        ("quality", quality::quality().render()),
        ("methods", cohorts::methods().render()),
        ("record_outcome", forms::record_outcome().render()),
        ("udi", forms::udi().render()),
        ("calibration", forms::calibration().render()),
        ("recall_list", samples::recall_list().render()),
        ("recall_new", samples::recall_new().render()),
        ("recall_read", forms::recall_read().render()),
        ("recall", samples::recall_page().render()),
        ("recall_progress", recall_work::progress().render()),
        ("recall_quarantine", recall_work::quarantine().render()),
        ("recall_lists", recall_work::lists().render()),
        ("recall_contacts", recall_work::contacts().render()),
        ("recall_alerts", recall_work::alerts().render()),
        ("recall_amend", recall_work::amend().render()),
        ("recall_amendment", recall_work::amendment_waits().render()),
        ("recall_letters", recall_work::letters().render()),
        ("stock", stock::shelves().render()),
        ("stock_item", stock::item().render()),
        ("stock_places", stock::places().render()),
        ("stock_pars", stock::pars().render()),
        ("stock_waste", stock::waste().render()),
        ("stock_comparison", stock::comparison().render()),
        ("identity", samples::identity().render()),
        ("audit", samples::audit().render()),
        ("api_docs", samples::api_docs().render()),
        ("error", samples::error().render()),
    ]
}

/// The values of an attribute, wherever it stands in the page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    html.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_page_obeys_the_rules_of_all_pages() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../test-artefacts/gallery");
    std::fs::create_dir_all(folder).unwrap();
    for (name, html) in gallery() {
        let html = html.unwrap();
        std::fs::write(format!("{folder}/{name}.html"), &html).unwrap();

        assert!(!html.contains(" style="), "{name}: the content security policy forbids inline styles");
        assert!(!html.contains("<style"), "{name}: the content security policy forbids inline styles");
        assert!(!html.contains(" onclick="), "{name}: the content security policy forbids inline scripts");
        for script in html.split("<script").skip(1) {
            assert!(
                script.starts_with(" type=\"module\" src=\"/assets/") || script.starts_with(" defer src=\"/assets/")
            );
        }
        for address in attributes(&html, "src").into_iter().chain(attributes(&html, "href")) {
            assert!(address.starts_with(['/', '#']), "{name}: {address} leads to another host");
        }

        let mut ids = attributes(&html, "id");
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}: an id stands twice");
        let labelled = attributes(&html, "aria-labelledby").into_iter().flat_map(str::split_whitespace);
        for label in attributes(&html, "for").into_iter().chain(labelled) {
            assert!(ids.binary_search(&label).is_ok(), "{name}: nothing has the id {label}");
        }
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            if form.contains("method=\"post\"") {
                assert!(
                    form.contains("name=\"csrf\" value=\"token\"") || name.starts_with("theatre_offline"),
                    "{name}: a form posts without its token"
                );
            }
        }
    }
}

/// The part of a page between its frame, one tag or text per line, without blank lines.
fn main_part(html: &str) -> String {
    let start = html.find("<main").unwrap();
    let end = html.find("</main>").unwrap();
    let lines = html[start..end].lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn theatre_page_as_a_nurse_sees_it() {
    insta::assert_snapshot!(main_part(&samples::theatre_procedure().render().unwrap()));
}

#[test]
fn recall_page_as_a_safety_officer_sees_it() {
    insta::assert_snapshot!(main_part(&samples::recall_page().render().unwrap()));
}
