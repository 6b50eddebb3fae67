//! `/api/v1/session`: signing in and out, and what a session may do.

use serde_json::json;
use tessera_tests::{Engine, Server, on_each_engine};

on_each_engine!(signs_in_and_out, refuses_a_wrong_password, a_workstation_acts_by_its_token);

fn signs_in_and_out(engine: Engine) {
    let server = Server::start(engine);
    let nurse = server.signed_in("nurse");
    let session = nurse.get("/api/v1/session").expect(200).json();
    assert_eq!(session["user"]["role"], "nurse");
    nurse.without_csrf().delete("/api/v1/session").expect(403);
    nurse.delete("/api/v1/session").expect(204);
    nurse.get("/api/v1/session").expect(401);
}

fn refuses_a_wrong_password(engine: Engine) {
    let server = Server::start(engine);
    server.add_user("nurse", "nurse");
    let anyone = server.anonymous();
    let wrong = |username: &str| {
        anyone.post("/api/v1/session", &json!({"username": username, "password": "not the password at all"}))
    };
    let (known, unknown) = (wrong("nurse").expect(401).json(), wrong("nobody").expect(401).json());
    assert_eq!(known["detail"], unknown["detail"], "the answer tells which user names exist");
    assert!(!server.log().contains("not the password at all"));
}

fn a_workstation_acts_by_its_token(engine: Engine) {
    let server = Server::start(engine);
    let session = server.workstation("nurse").get("/api/v1/session").expect(200).json();
    assert_eq!(session["user"]["username"], "nurse");
}

#[test]
fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let server = Server::start(Engine::Sqlite);
    server.add_user("nurse", "nurse");
    let body = json!({"username": "nurse", "password": server.password()});
    let answer = server.anonymous().post("/api/v1/session", &body).expect(200);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
}

#[test]
fn guessing_passwords_is_slowed_down() {
    let server = Server::start(Engine::Sqlite);
    let anyone = server.anonymous();
    let tries = (0..30)
        .map(|_| anyone.post("/api/v1/session", &json!({"username": "nurse", "password": "a guess, then another"})));
    let statuses: Vec<u16> = tries.map(|answer| answer.status).collect();
    assert_eq!(statuses.first(), Some(&401));
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

#[test]
fn only_some_roles_read_the_audit() {
    let server = Server::start(Engine::Sqlite);
    server.signed_in("nurse").get("/api/v1/audit").expect(403);
    server.signed_in("safety").get("/api/v1/audit").expect(200);
    server.anonymous().get("/api/v1/audit").expect(401);
}
