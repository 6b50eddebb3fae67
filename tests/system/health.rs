//! `/healthz`, `/readyz`, `/metrics`, `/api/openapi.json`; starting, stopping and being killed.

use tessera_tests::{Engine, Server, on_each_engine};

on_each_engine!(answers_when_ready, survives_being_killed, stops_gracefully, stops_as_soon_as_it_is_heard_of);

fn answers_when_ready(engine: Engine) {
    let server = Server::start(engine);
    let anyone = server.anonymous();
    anyone.get("/healthz").expect(200);
    anyone.get("/readyz").expect(200);
    let description = anyone.get("/api/openapi.json").expect(200).json();
    assert_eq!(description["info"]["title"], "Tessera");
    assert!(anyone.get("/metrics").expect(200).text().ends_with("# EOF\n"));
}

fn survives_being_killed(engine: Engine) {
    let mut server = Server::start(engine);
    let nurse = server.signed_in("nurse");
    server.kill();
    assert!(nurse.try_send("GET", "/healthz", "", Vec::new()).is_err(), "it answers although it was killed");
    server.restart();
    // What was acknowledged before is still there: the user and the session.
    assert_eq!(nurse.get("/api/v1/session").expect(200).json()["user"]["username"], "nurse");
}

fn stops_gracefully(engine: Engine) {
    let mut server = Server::start(engine);
    server.anonymous().get("/healthz").expect(200);
    assert!(server.terminate(), "it did not end well:\n{}", server.log());
}

fn stops_as_soon_as_it_is_heard_of(engine: Engine) {
    let mut server = Server::start(engine);
    // Told to stop in the moment in which it says its address: before its first request, perhaps before its first turn.
    for _ in 0..20 {
        assert!(server.terminate(), "it did not end well:\n{}", server.log());
        server.restart();
    }
}

#[test]
fn an_unknown_path_is_a_problem_in_words() {
    let answer = Server::start(Engine::Sqlite).anonymous().get("/api/v1/nothing").expect(404);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["status"], 404);
    assert!(problem["code"].is_string() && problem["action"].is_string(), "{problem}");
}
