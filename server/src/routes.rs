//! The one route table.

use actix_web::web;
use utoipa::openapi::{Contact, Info, OpenApi};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access, audit, catalogue, cohorts, explain, health, identity, linkage, notifications, odep, outcomes, practice,
    recalls, signals, theatre, web as page,
};

/// The interface for programs, described by OpenAPI.
pub fn api(routes: &mut ServiceConfig<'_>) {
    routes
        .service(health::healthz)
        .service(health::readyz)
        .service(scope::scope("/api/v1").configure(people).configure(record).configure(learn).configure(recall));
}

/// Who may do what, for whom, and what was done.
fn people(routes: &mut ServiceConfig<'_>) {
    routes
        // sessions
        .service(access::api::sign_in)
        .service(access::api::show_session)
        .service(access::api::sign_out)
        .service(access::badge_api::sign_in_with_badge)
        .service(access::badge_api::set_pin)
        .service(access::tablet_api::enrol_tablet)
        .service(access::badge_api::list_users)
        .service(access::badge_api::give_badge)
        // organisations
        .service(theatre::organisations::create_site)
        .service(theatre::organisations::list_sites)
        // patients
        .service(identity::api::open_identity)
        .service(identity::api::link_patients)
        .service(identity::api::unlink_patients)
        // notifications
        .service(notifications::api::add_webhook)
        .service(notifications::api::list_webhooks)
        .service(notifications::api::renew_secret)
        .service(notifications::api::test_webhook)
        .service(notifications::api::stop_webhook)
        .service(notifications::api::list_deliveries)
        .service(notifications::api::send_again)
        // audit
        .service(audit::api::list_audit);
}

/// What is known of devices, and what happens in theatre.
fn record(routes: &mut ServiceConfig<'_>) {
    routes
        // catalogue
        .service(catalogue::api::add_product)
        .service(catalogue::api::list_products)
        .service(catalogue::api::show_product)
        .service(catalogue::attributes::show_attributes)
        .service(catalogue::attributes::put_attributes)
        .service(catalogue::makers::put_maker)
        .service(theatre::trays::list_trays)
        .service(theatre::trays::put_tray)
        .service(theatre::unknown::list_unknown)
        .service(theatre::unknown::resolve_unknown)
        // barcodes
        .service(explain::parse_udi)
        // theatre
        .service(theatre::api::open_procedure)
        .service(theatre::api::show_procedure)
        .service(theatre::api::finish_procedure)
        .service(theatre::plans::enter_plan)
        .service(theatre::plans::show_plan)
        .service(theatre::checks::add_check)
        .service(theatre::checks::list_checks)
        .service(theatre::marks::mark_device)
        .service(theatre::again::same_again)
        .service(theatre::scan_quality_pages::list_scan_quality)
        .service(theatre::api::correct_patient)
        .service(theatre::api::record_scan)
        .service(theatre::photo::record_photo)
        .service(theatre::api::show_scan)
        .service(theatre::overrides::override_stop)
        .service(theatre::override_claims::confirm_override)
        .service(theatre::override_follow_ups::list_not_verified)
        .service(theatre::override_follow_ups::follow_up)
        .service(theatre::acknowledgements::acknowledge_scan)
        .service(theatre::api::correct_device_use)
        .service(theatre::api::explant_device)
        .service(theatre::calibration::learn_scanner)
        .service(theatre::calibration::list_scanners)
        .service(theatre::snapshot::api::show_snapshot)
        .service(theatre::snapshot::api::show_part);
}

/// What became of devices.
fn learn(routes: &mut ServiceConfig<'_>) {
    routes
        // outcomes
        .service(outcomes::api::record_outcome)
        .service(outcomes::api::withdraw_outcome)
        .service(outcomes::api::patient_outcomes)
        .service(outcomes::api::procedure_outcomes)
        .service(outcomes::api::outcomes_by_procedure)
        .service(outcomes::api::device_survival)
        // linkage
        .service(linkage::api::import_outcomes)
        .service(linkage::api::show_quality)
        .service(linkage::api::list_waiting)
        .service(linkage::api::decide_line)
        // cohorts
        .service(cohorts::api::answer_cohort)
        .service(cohorts::api::league_table)
        .service(cohorts::monitor_page::watch_cohort)
        .service(cohorts::api::compare_devices)
        .service(cohorts::api::extract_cohort)
        .service(cohorts::api::script_cohort)
        .service(cohorts::api::save_cohort)
        .service(cohorts::api::list_cohorts)
        .service(cohorts::api::answer_saved)
        // signals
        .service(signals::api::list_signals)
        .service(signals::api::judge_signals)
        .service(signals::api::show_signal)
        .service(signals::api::change_signal)
        // ODEP
        .service(odep::api::list_benchmarks)
        .service(odep::api::show_ratings)
        .service(odep::api::enter_rating);
}

/// Notices, whom and what they concern, and where the packs are.
fn recall(routes: &mut ServiceConfig<'_>) {
    routes
        // recalls
        .service(recalls::question::recall_match)
        .service(recalls::reading::read_notice)
        .service(recalls::reading::read_openfda)
        .service(recalls::reading::read_gudid)
        .service(recalls::api::enter_recall)
        .service(recalls::api::list_recalls)
        .service(recalls::api::show_affected)
        .service(recalls::api::export_affected)
        .service(recalls::work::api::freeze_list)
        .service(recalls::work::api::list_frozen)
        .service(recalls::work::api::show_difference)
        .service(recalls::work::api::record_contact)
        .service(recalls::work::api::list_contacts)
        .service(recalls::listing::api::bring_list_in)
        .service(recalls::listing::api::show_listings)
        .service(recalls::alerts::api::list_alerts)
        .service(recalls::alerts::api::take_alert)
        .service(recalls::amendments::api::enter_amendment)
        .service(recalls::amendments::api::list_amendments)
        .service(recalls::amendments::api::confirm_amendment)
        .service(recalls::amendments::api::withdraw_amendment)
        .service(recalls::work::conduct_api::show_progress)
        .service(recalls::work::conduct_api::ask_sites)
        .service(recalls::work::conduct_api::acknowledge_recall)
        .service(recalls::work::conduct_api::sign_off_recall)
        .service(recalls::work::conduct_api::export_report)
        .service(recalls::work::conduct_api::show_report)
        .service(recalls::work::shelf_api::show_quarantine)
        .service(recalls::api::show_quarantine_run)
        .service(recalls::work::shelf_api::scan_shelf)
        .service(recalls::work::shelf_api::record_unaccounted)
        .service(recalls::work::letters_api::show_letter)
        .service(recalls::work::letters_api::write_letter)
        .service(recalls::work::letters_api::merge_letters)
        .service(recalls::work::letters_api::record_sent)
        .service(recalls::api::confirm_recall)
        .service(recalls::api::close_recall)
        .service(recalls::api::show_recall)
        // stock
        .service(recalls::stock::api::receive_stock)
        .service(recalls::stock::api::list_stock)
        .service(recalls::stock::api::move_stock)
        .service(recalls::stock::work_api::receive_label)
        .service(recalls::stock::work_api::add_place)
        .service(recalls::stock::work_api::list_places)
        .service(recalls::stock::work_api::put_par)
        .service(recalls::stock::work_api::list_pars)
        .service(recalls::stock::work_api::list_packs)
        .service(recalls::stock::work_api::export_packs)
        .service(recalls::stock::work_api::list_waste)
        .service(recalls::stock::work_api::export_waste)
        .service(recalls::stock::compare::compare_stock)
        .service(recalls::stock::compare::export_comparison)
        .service(recalls::stock::work_api::take_packs)
        // Last: its address has the form of those before.
        .service(recalls::stock::work_api::show_stock);
}

/// Pages for people, and files for machines.
pub fn pages(routes: &mut web::ServiceConfig) {
    routes
        .route("/assets/{name:.*}", web::get().to(page::assets::serve))
        .route("/service-worker.js", web::get().to(page::assets::service_worker));
    routes
        .service(access::pages::show_sign_in)
        .service(access::pages::post_sign_in)
        .service(access::pages::post_badge)
        .service(access::pages::post_sign_out)
        .service(access::account_pages::show_account)
        .service(access::account_pages::post_pin)
        .service(access::account_pages::show_users)
        .service(access::account_pages::post_badge)
        .service(access::pages::show_home)
        .service(audit::pages::show_audit)
        .service(explain::show_udi)
        .service(explain::post_udi);
    recall_pages(routes);
    theatre_pages(routes);
    analysis_pages(routes);
    routes
        .service(health::metrics)
        .service(health::openapi)
        .service(health::browse_api)
        .service(health::problems)
        .default_service(web::to(health::nothing_here));
}

fn recall_pages(routes: &mut web::ServiceConfig) {
    routes
        .service(recalls::pages::show_list)
        .service(recalls::pages::show_new)
        .service(recalls::pages::post_new)
        .service(recalls::reading::post_read)
        .service(recalls::api::export_affected)
        .service(recalls::recall_page::post_confirm)
        .service(recalls::recall_page::post_close)
        .service(recalls::recall_page::post_identity)
        .service(recalls::recall_page::show_recall);
    routes
        .service(recalls::work::progress_page::show_progress)
        .service(recalls::work::progress_page::post_sites)
        .service(recalls::work::progress_page::post_acknowledgement)
        .service(recalls::work::progress_page::post_sign_off)
        .service(recalls::work::conduct_api::export_report)
        .service(recalls::work::quarantine_page::show_quarantine)
        .service(recalls::work::quarantine_page::post_scan)
        .service(recalls::work::quarantine_page::post_unaccounted)
        .service(recalls::work::lists_page::show_lists)
        .service(recalls::work::lists_page::post_list)
        .service(recalls::work::contacts_page::show_contacts)
        .service(recalls::work::contacts_page::post_contact)
        .service(recalls::work::contacts_page::post_letter)
        .service(recalls::work::contacts_page::post_letters)
        .service(recalls::work::contacts_page::post_sent)
        .service(notifications::pages::show_notifications)
        .service(notifications::pages::post_webhook)
        .service(notifications::pages::post_secret)
        .service(notifications::pages::post_test)
        .service(notifications::pages::post_stop)
        .service(notifications::pages::show_log)
        .service(notifications::pages::post_again)
        .service(recalls::alerts::page::show_alerts)
        .service(theatre::override_follow_ups::post_follow_up)
        .service(recalls::alerts::page::post_taken)
        .service(recalls::amendments::page::show_amend)
        .service(recalls::amendments::page::post_amend)
        .service(recalls::amendments::page::post_confirmed)
        .service(recalls::amendments::page::post_withdrawn);
    routes
        .service(recalls::stock::pages::show_shelves)
        .service(recalls::stock::pages::post_label)
        .service(recalls::stock::setup_pages::show_places)
        .service(recalls::stock::setup_pages::post_place)
        .service(recalls::stock::setup_pages::show_pars)
        .service(recalls::stock::setup_pages::post_par)
        .service(recalls::stock::value_pages::show_waste)
        .service(recalls::stock::value_pages::show_comparison)
        .service(recalls::stock::work_api::export_packs)
        .service(recalls::stock::work_api::export_waste)
        .service(recalls::stock::compare::export_comparison)
        .service(recalls::stock::item_page::show_item)
        .service(recalls::stock::item_page::post_standing)
        .service(recalls::stock::item_page::post_movement);
}

fn theatre_pages(routes: &mut web::ServiceConfig) {
    routes
        .service(theatre::calibration::show_calibration)
        .service(theatre::pages::show_start)
        .service(theatre::pages::post_start)
        // Before the page of a procedure, whose address has the same form.
        .service(theatre::offline::show_procedure)
        .service(theatre::offline::show_start)
        .service(theatre::pages::show_theatre)
        .service(theatre::pages::post_finish)
        .service(theatre::pages::show_summary);
    routes
        .service(theatre::case_pages::checks::show_checks)
        .service(theatre::case_pages::checks::post_check)
        .service(theatre::case_pages::checks::post_plan)
        .service(theatre::case_pages::device::show_device)
        .service(theatre::case_pages::device::post_again)
        .service(theatre::case_pages::device::post_mark)
        .service(theatre::case_pages::explant::show_explant)
        .service(theatre::case_pages::explant::post_explant)
        .service(theatre::case_pages::tray::show_tray)
        .service(theatre::case_pages::tray::post_tray)
        .service(theatre::record::show_record)
        .service(theatre::record::show_card)
        .service(practice::pages::show_practice)
        .service(practice::pages::show_sheet)
        .service(practice::pages::begin_again)
        .service(practice::pages::post_scene)
        .service(practice::pages::post_result)
        .service(theatre::scan_quality_pages::export_scan_quality)
        .service(theatre::scan_quality_pages::show_scan_quality)
        .service(theatre::unknown_pages::show_unknown_list)
        .service(theatre::unknown_pages::show_unknown)
        .service(theatre::unknown_pages::post_unknown);
}

fn analysis_pages(routes: &mut web::ServiceConfig) {
    routes
        .service(outcomes::pages::show_devices)
        .service(outcomes::device_page::show_device)
        .service(outcomes::pages::show_procedures)
        .service(outcomes::record_page::show_record)
        .service(outcomes::record_page::post_outcome)
        .service(outcomes::record_page::post_withdrawal);
    routes
        .service(cohorts::pages::show_cohort)
        .service(cohorts::pages::count_cohort)
        .service(cohorts::pages::post_cohort)
        .service(cohorts::pages::show_saved)
        .service(cohorts::league_page::show_league)
        .service(cohorts::monitor_page::show_cusum)
        .service(cohorts::comparison_page::show_comparison)
        .service(cohorts::pages::show_methods);
    routes
        .service(linkage::pages::show_quality)
        .service(linkage::pages::post_again)
        .service(linkage::pages::post_decision);
    routes
        .service(signals::pages::show_signals)
        .service(signals::pages::post_judgement)
        .service(signals::pages::show_signal)
        .service(signals::pages::post_signal)
        .service(odep::pages::show_odep)
        .service(odep::pages::show_device_odep)
        .service(odep::pages::post_rating);
}

/// What the description says of the whole.
pub fn describe(openapi: &mut OpenApi) {
    let mut info = Info::new("Tessera", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Implant registry: scans, device uses, procedures, outcomes, recalls. Identifiers are UUIDv7 made by the client; \
         the same identifier with the same body is the same record, with another body a conflict (409)."
            .to_owned(),
    );
    info.contact = Some(Contact::new());
    openapi.info = info;
}
