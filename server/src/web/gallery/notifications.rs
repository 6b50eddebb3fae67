//! Pages of webhooks and e-mail.

use super::samples::page;
use crate::web::notifications::{DeliveryLogPage, DeliveryRow, NotificationsPage, SecretShown, WebhookRow};
use crate::web::{Choice, FieldError};

pub fn notifications() -> NotificationsPage {
    let row = |url: &str, site: &str, kinds: &str, stopped: &str| WebhookRow {
        id: format!("01930000-0000-7000-8000-00000000000{}", url.len() % 10),
        url: url.into(),
        note: "Integration team".into(),
        site: site.into(),
        kinds: kinds.into(),
        stopped: stopped.into(),
    };
    let hook = "https://integration.northgate.example/recalls/inbound/tessera";
    NotificationsPage {
        page: page("Webhooks and e-mail", "/recalls", "admin"),
        email: "Through smtp.northgate.example: 2 safety addresses hear of new, confirmed and amended recalls.".into(),
        rows: vec![
            row(hook, "The whole organisation", "Everything", ""),
            row(
                "https://stock.example/hook",
                "Northgate Hospital",
                "Stock set apart, Recall closed",
                "2 May 2026, 10:04",
            ),
        ],
        may_manage: true,
        shown: Some(SecretShown {
            url: hook.into(),
            secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".into(),
        }),
        id: "01930000-0000-7000-8000-000000000003".into(),
        url: "http://10.0.0.8/".into(),
        note: String::new(),
        sites: Choice::list([("", "The whole organisation"), ("RXX01", "Northgate Hospital")], ""),
        kinds: Choice::list(
            [("recall.received", "Recall received"), ("recall.closed", "Recall closed")],
            "recall.closed",
        ),
        errors: vec![FieldError {
            field: "url".into(),
            text: "The address cannot be used: only https is taken.".into(),
        }],
    }
}

pub fn log() -> DeliveryLogPage {
    let row = |state: &str, tag: &'static str, tries: &str, answer: &str| DeliveryRow {
        id: "01930000-0000-7000-8000-000000000004".into(),
        subject: "Z-2308-2026: recall confirmed".into(),
        occurred: "2 May 2026, 10:04".into(),
        to: "https://integration.northgate.example/recalls/inbound/tessera".into(),
        state: state.into(),
        tag,
        tries: tries.into(),
        answer: answer.into(),
        may_send: state == "Given up",
    };
    DeliveryLogPage {
        page: page("What was sent", "/recalls", "admin"),
        may_send: true,
        only_dead: false,
        rows: vec![
            row("Delivered", "nhsuk-tag--green", "1 try", "204"),
            row("Again at 2 May 2026, 10:09", "nhsuk-tag--yellow", "2 tries", "timeout: global"),
            row("Given up", "nhsuk-tag--red", "10 tries", "503"),
        ],
    }
}
