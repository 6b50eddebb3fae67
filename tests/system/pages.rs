//! `/assets/…` and what every answer carries.

use tessera_tests::{Engine, Server};

#[test]
fn assets_are_served_from_here_and_kept() {
    let server = Server::start(Engine::Sqlite);
    let anyone = server.anonymous();
    for (name, kind) in [("nhsuk.css", "text/css"), ("site.css", "text/css"), ("theatre.js", "text/javascript")] {
        let answer = anyone.get(&format!("/assets/{name}")).expect(200);
        assert!(
            answer.header("content-type").unwrap().starts_with(kind),
            "{name}: {:?}",
            answer.header("content-type")
        );
        assert!(answer.header("cache-control").unwrap().contains("immutable"));
        assert!(!answer.text().contains("assets.nhs.uk"), "{name} fetches from elsewhere");
    }
    anyone.get("/assets/../Cargo.toml").expect(404);
    anyone.get("/assets/nothing.css").expect(404);
}

#[test]
fn every_answer_carries_the_security_headers() {
    let server = Server::start(Engine::Sqlite);
    for path in ["/healthz", "/nothing", "/assets/site.css"] {
        let answer = server.anonymous().get(path);
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'self'") && !policy.contains("'unsafe-"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}
