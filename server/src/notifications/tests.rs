//! Events, webhooks and e-mail on both engines, with receivers that listen on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use diesel::prelude::*;
use serde_json::Value;

use super::courier::Courier;
use super::delivery::{Delivery, DeliveryState};
use super::destination::Destinations;
use super::settings::{EmailSettings, MailPassword, MailSecurity};
use super::signature::Secret;
use super::store::{self as notifications, DeliveryFilter, webhooks};
use super::webhook::{NewWebhook, WebhookId};
use crate::access::Actor;
use crate::config::Config;
use crate::error::Code;
use crate::identity::keys::IdentityKeys;
use crate::recalls::alerts::model::AlertKind;
use crate::recalls::alerts::store as alerts;
use crate::recalls::criteria::UnitKind;
use crate::recalls::store as recalls;
use crate::recalls::testing::*;
use crate::store::Store;
use crate::store::columns::Moment;
use crate::store::schema::notification_deliveries;
use crate::store::testing::on_both_engines;

/// Requests or mails as they arrived.
type Arrived = Arc<Mutex<Vec<String>>>;

/// Listens on this machine; `answer` serves one connection.
fn listening(mut answer: impl FnMut(TcpStream, &Arrived) + Send + 'static) -> (u16, Arrived) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, arrived) = (listener.local_addr().unwrap().port(), Arrived::default());
    let kept = arrived.clone();
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap(), &kept)));
    (port, arrived)
}

/// A receiver of webhooks that answers with the statuses in turn, the last one for ever.
fn receiver(mut statuses: Vec<&'static str>) -> (String, Arrived) {
    let (port, arrived) = listening(move |stream, arrived| {
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            reader.read_line(&mut head).unwrap();
            if let Some(value) = head[start..].to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        arrived.lock().unwrap().push(head + &String::from_utf8(body).unwrap());
        let status = if statuses.len() > 1 { statuses.remove(0) } else { statuses[0] };
        write!(reader.get_mut(), "HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
    });
    (format!("http://127.0.0.1:{port}/hook"), arrived)
}

/// A mail server that takes every mail.
fn mail_server() -> (u16, Arrived) {
    listening(|stream, arrived| {
        let mut reader = BufReader::new(stream);
        let say = |reader: &mut BufReader<TcpStream>, text: &str| write!(reader.get_mut(), "{text}\r\n").unwrap();
        say(&mut reader, "220 mail.example");
        let (mut line, mut mail) = (String::new(), None::<String>);
        while reader.read_line(&mut line).unwrap_or(0) > 0 {
            match &mut mail {
                Some(text) if line == ".\r\n" => {
                    arrived.lock().unwrap().push(std::mem::take(text));
                    mail = None;
                    say(&mut reader, "250 taken");
                }
                Some(text) => text.push_str(&line),
                None if line.starts_with("DATA") => {
                    mail = Some(String::new());
                    say(&mut reader, "354 go on");
                }
                None if line.starts_with("QUIT") => say(&mut reader, "221 bye"),
                None => say(&mut reader, "250 mail.example"),
            }
            line.clear();
        }
    })
}

fn keys() -> IdentityKeys {
    IdentityKeys::new(&[7; 32])
}

fn courier(store: &Store, config: &Config) -> Courier {
    Courier::new(store.clone(), keys(), config).unwrap()
}

fn set_up(store: &Store, url: &str) -> (WebhookId, Secret) {
    let new =
        NewWebhook { id: WebhookId::new(), url: url.to_owned(), site: None, kinds: Vec::new(), note: String::new() };
    let (user, checked) = (person(store, "sam"), new.checked(&Destinations::default()).unwrap());
    let again = checked.clone();
    let (hook, secret) = store.write_now(move |tx| webhooks::add(tx, &keys(), &user, &checked)).unwrap();
    let (sam, sealed) = (person(store, "sam"), hook.secret.clone());
    let secret = secret.unwrap();
    assert!(!sealed.windows(8).any(|part| secret.bytes().starts_with(part)), "the secret is kept sealed");
    let (_, none) = store.write_now(move |tx| webhooks::add(tx, &keys(), &sam, &again)).unwrap();
    assert!(none.is_none(), "a secret is shown once");
    (hook.id, secret)
}

fn latest(store: &Store) -> Vec<Delivery> {
    let filter = DeliveryFilter { state: None, limit: 100 };
    let rows = store.read_now(|connection| notifications::latest(connection, filter)).unwrap();
    rows.into_iter().map(|due| due.delivery).collect()
}

/// The clock of what waits is put back, so that it is due.
fn let_time_pass(store: &Store) {
    store
        .write_now(|tx| {
            let due = Moment::from(DateTime::UNIX_EPOCH);
            diesel::update(notification_deliveries::table)
                .set(notification_deliveries::next_try_at.eq(due))
                .execute(&mut **tx)?;
            Ok(())
        })
        .unwrap();
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let line = request.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:"))).unwrap();
    line.split_once(": ").unwrap().1
}

#[test]
fn what_happens_to_a_recall_arrives_signed_and_names_no_patient() {
    on_both_engines(|store| {
        ready(store);
        let (url, arrived) = receiver(vec!["204 No Content"]);
        let (_, secret) = set_up(store, &url);
        let courier = courier(store, &Config::default());
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
        enter(store, &person(store, "pat"), &new).unwrap();
        let same_reference =
            crate::recalls::model::NewRecall { id: crate::recalls::model::RecallId::new(), ..new.clone() };
        assert_eq!(enter(store, &person(store, "pat"), &same_reference), Err(Code::WrongState));
        receive(store, Some("L1"));
        confirm(store, &person(store, "sam"), new.id).unwrap();
        let (patient, _) = patient(store);
        let pseudonym = patient.pseudonym();
        let text = format!("{pseudonym} has a device of this recall.");
        store
            .write_now(move |tx| {
                let notice = recalls::notice(tx, new.id)?;
                alerts::raise(tx, &Actor::System, &notice, (AlertKind::Patient, None), text.clone())
            })
            .unwrap();
        assert_eq!(courier.round().unwrap(), 4);
        assert_eq!(courier.round().unwrap(), 0, "each is sent once");
        let requests = arrived.lock().unwrap().clone();
        let mut kinds = Vec::new();
        for request in &requests {
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let (id, at) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
            let signed = secret.sign(id.parse().unwrap(), at.parse().unwrap(), body);
            assert_eq!(header(request, "webhook-signature"), signed);
            let told: Value = serde_json::from_str(body).unwrap();
            assert_eq!(told["data"]["id"], id, "the receiver can drop doubles by it");
            assert_eq!(told["data"]["recall"], new.id.to_string());
            assert!(!body.contains(&pseudonym) && !body.contains(&patient.to_string()), "{body}");
            kinds.push(told["type"].as_str().unwrap().to_owned());
        }
        let wanted = ["recall.received", "recall.confirmed", "recall.stock-set-apart", "recall.patient-matched"];
        kinds.sort_unstable();
        let mut all = wanted.to_vec();
        all.sort_unstable();
        assert_eq!(kinds, all, "what failed was not told");
        assert!(latest(store).iter().all(|one| one.state == DeliveryState::Delivered && one.answer == "204"));
    });
}

#[test]
fn what_a_receiver_does_not_take_is_tried_again_then_given_up_then_sent_by_hand() {
    on_both_engines(|store| {
        ready(store);
        let failing: Vec<&str> = std::iter::once("302 Found").chain(vec!["500 Oops"; 9]).chain(["200 OK"]).collect();
        let (url, arrived) = receiver(failing);
        let (hook, _) = set_up(store, &url);
        let (courier, sam) = (courier(store, &Config::default()), person(store, "sam"));
        store.write_now(move |tx| webhooks::test(tx, &sam, hook)).unwrap();
        assert_eq!(courier.round().unwrap(), 1);
        let first = latest(store).remove(0);
        assert_eq!((first.state, first.tries), (DeliveryState::Waiting, 1));
        assert!(first.answer.contains("redirects are not followed") && first.next_try_at > Moment::now(), "{first:?}");
        assert_eq!(courier.round().unwrap(), 0, "not before its time");
        for _ in 0..9 {
            let_time_pass(store);
            assert_eq!(courier.round().unwrap(), 1);
        }
        let given_up = latest(store).remove(0);
        assert_eq!((given_up.state, given_up.tries, given_up.answer.as_str()), (DeliveryState::Dead, 10, "500"));
        let_time_pass(store);
        assert_eq!(courier.round().unwrap(), 0);
        let id = given_up.id;
        store.write_now(move |tx| notifications::again(tx, &Actor::System, id)).unwrap();
        assert_eq!(courier.round().unwrap(), 1);
        assert_eq!(latest(store)[0].state, DeliveryState::Delivered);
        let again = store.write_now(move |tx| notifications::again(tx, &Actor::System, id));
        assert_eq!(again.unwrap_err().code(), Code::WrongState);
        let ids: Vec<String> =
            arrived.lock().unwrap().iter().map(|request| header(request, "webhook-id").to_owned()).collect();
        assert!(ids.len() == 11 && ids.iter().all(|id| *id == ids[0]), "every try has the event's id");
    });
}

#[test]
fn a_delivery_belongs_to_one_sender_and_a_stopped_webhook_hears_no_more() {
    on_both_engines(|store| {
        ready(store);
        let (url, arrived) = receiver(vec!["200 OK"]);
        let (hook, _) = set_up(store, &url);
        let sam = person(store, "sam");
        let user = sam.clone();
        let delivery = store.write_now(move |tx| webhooks::test(tx, &user, hook)).unwrap();
        let claim = |delivery: &Delivery| {
            let delivery = delivery.clone();
            store.write_now(move |tx| notifications::claim(tx, &delivery, Moment::now())).unwrap()
        };
        assert!(claim(&delivery).is_some() && claim(&delivery).is_none());
        let courier = courier(store, &Config::default());
        assert_eq!(courier.round().unwrap(), 0, "the other one may still be sending");
        let user = sam.clone();
        store.write_now(move |tx| webhooks::stop(tx, &user, hook)).unwrap();
        let_time_pass(store);
        assert_eq!(courier.round().unwrap(), 0);
        assert_eq!(latest(store)[0].state, DeliveryState::Dead);
        assert!(arrived.lock().unwrap().is_empty());
        let refused = store.write_now(move |tx| webhooks::test(tx, &sam, hook));
        assert_eq!(refused.unwrap_err().code(), Code::WrongState);
    });
}

#[test]
fn safety_staff_hear_by_mail_of_a_new_recall_and_of_deadlines() {
    on_both_engines(|store| {
        ready(store);
        let (port, arrived) = mail_server();
        let email = EmailSettings {
            server: "127.0.0.1".to_owned(),
            port: Some(port),
            security: MailSecurity::None,
            user: None,
            password: MailPassword::default(),
            from: "Tessera <tessera@trust.example>".to_owned(),
            to: vec!["safety@trust.example".to_owned()],
            sites: BTreeMap::from([("RXX01".to_owned(), vec!["north@trust.example".to_owned()])]),
        };
        let public_url = Some("https://tessera.trust.example/".to_owned());
        let courier = courier(store, &Config { email: Some(email), public_url, ..Config::default() });
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
        enter(store, &person(store, "pat"), &new).unwrap();
        confirm(store, &person(store, "sam"), new.id).unwrap();
        let today = tessera_scanner::verdict::london_date(chrono::Utc::now());
        let sam = person(store, "sam");
        store
            .write_now(move |tx| {
                crate::recalls::work::chase::ask_sites(tx, &sam, new.id, today)?;
                crate::recalls::work::chase::chase(tx, today + chrono::TimeDelta::days(30))
            })
            .unwrap();
        courier.round().unwrap();
        let mails = arrived.lock().unwrap().clone();
        let to = |address: &str| mails.iter().filter(|mail| mail.contains(&format!("To: {address}"))).count();
        assert_eq!((to("safety@trust.example"), to("north@trust.example")), (4, 2), "{mails:#?}");
        // Long headers go on in the next line (RFC 5322, 2.2.3).
        let first = mails[0].replace("\r\n ", " ");
        assert!(first.contains("recall received"), "{first}");
        assert!(first.contains(&format!("https://tessera.trust.example/recalls/{}", new.id)), "{first}");
        assert!(latest(store).iter().all(|one| one.state == DeliveryState::Delivered && one.webhook_id.is_none()));
    });
}
