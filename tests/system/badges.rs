//! `/api/v1/session/badge` and `/api/v1/users`: a badge and a PIN open a session, and few wrong ones lock the badge.

use serde_json::json;
use tessera_tests::{Engine, Server, on_each_engine};

on_each_engine!(a_badge_and_a_pin_sign_in);

/// GS1's prefix for examples.
const BADGE: &str = "]C18017952114112345678906";

fn a_badge_and_a_pin_sign_in(engine: Engine) {
    let server = Server::start(engine);
    let (admin, nurse) = (server.signed_in("admin"), server.signed_in("nurse"));
    nurse.get("/api/v1/users").expect(403);
    let users = admin.get("/api/v1/users").expect(200).json();
    let user = users.as_array().and_then(|users| users.iter().find(|user| user["role"] == "nurse")).cloned();
    let user = user.expect("the list has the nurse");
    let give = format!("/api/v1/users/{}/badge", user["id"].as_str().unwrap_or_default());
    let put = |path: &str, body: serde_json::Value, status: u16| {
        let actor = if path == give { &admin } else { &nurse };
        actor.send("PUT", path, "application/json", body.to_string().into_bytes()).expect(status)
    };
    let wristband = put(&give, json!({"badge": "8018505089894347659192"}), 422).json();
    assert!(wristband["detail"].to_string().contains("wristband"), "{wristband}");
    put(&give, json!({"badge": "952114112345678907"}), 422);
    assert_eq!(put(&give, json!({"badge": BADGE}), 200).json()["badge"], "952114112345678906");

    let pin = |pin: &str| json!({"password": server.password(), "pin": pin});
    put("/api/v1/session/pin", pin("123456"), 422);
    put("/api/v1/session/pin", json!({"password": "not this one at all", "pin": "482716"}), 401);
    put("/api/v1/session/pin", pin("482716"), 204);

    let mut someone = server.anonymous();
    let sign_in =
        |badge: &str, pin: &str| server.anonymous().post("/api/v1/session/badge", &json!({"badge": badge, "pin": pin}));
    assert_eq!(sign_in(BADGE, "482717").expect(422).json()["code"], "wrong-badge");
    let nobody = sign_in("952114100000001015", "482716").expect(422).json();
    assert_eq!(nobody["code"], "wrong-badge", "a badge that nobody has is answered as a wrong PIN: {nobody}");
    sign_in(BADGE, "482716").expect(200);
    for _ in 0..4 {
        sign_in(BADGE, "000001").expect(422);
    }
    let locked = sign_in(BADGE, "000001").expect(429).json();
    assert_eq!(locked["code"], "badge-locked");
    assert!(locked["detail"].to_string().contains("locked until"), "{locked}");
    sign_in(BADGE, "482716").expect(429);
    put(&give, json!({"badge": BADGE}), 200);
    sign_in(BADGE, "482716").expect(200);
    // The page takes the same.
    let fields = [("badge", BADGE), ("pin", "482716"), ("next", "/theatre")];
    someone = someone.with_browser();
    assert_eq!(someone.post_form("/sign-in/badge", &fields).expect(303).header("location"), Some("/theatre"));
}
