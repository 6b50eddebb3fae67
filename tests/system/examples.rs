//! The examples of docs/cohorts.md, run as they stand there against a running server.
//!
//! Where Python, or R with its packages jsonlite and survival, is not installed, the test says so and goes on.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tessera_tests::{Engine, Server, workspace};

#[test]
fn the_examples_of_the_documentation_run() {
    let mut server = Server::start(Engine::Sqlite);
    server.anonymous().get("/readyz").expect(200);
    assert!(server.terminate());
    let folder = server.database().folder();
    let key = folder.join("identity.key");
    let key = key.to_str().expect("temporary folders have plain names");
    server.run(&["import", "synthetic"], &["--device-uses", "3000", "--seed", "5", "--key-file", key], "");
    server.restart();
    let safety = server.signed_in("safety");
    let asked = |filter: &str| -> Value {
        safety.get(&format!("/api/v1/cohorts/answer?filter={}", filter.replace(' ', "%20"))).expect(200).json()
    };
    let told = |program: &str, ran: Option<String>, filter: &str| {
        let Some(text) = ran else {
            eprintln!("{program} or a package of it is not installed: its example was not run.");
            return;
        };
        let answer = asked(filter);
        let (n, revised, content) = (&answer["n"], &answer["revised"], answer["content_hash"].as_str());
        let line = format!("implanted {n} revised {revised} content {}", content.expect("a hash"));
        assert!(n.as_u64() > Some(50) && text.contains(&line), "{program} says\n{text}\nand not {line}");
    };
    let python = is_here("python3", &["-c", "pass"]).then(|| run(&server, &folder, "python3", "python", "example.py"));
    told("Python", python, "category:hip sex:female age:60..");
    let r = is_here("Rscript", &["-e", "library(jsonlite); library(survival)"]);
    let r = r.then(|| run(&server, &folder, "Rscript", "r", "example.R"));
    told("R", r, "category:hip");
}

fn is_here(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|ran| ran.status.success())
}

/// Runs the block of a language and answers what it wrote.
fn run(server: &Server, folder: &Path, program: &str, language: &str, file: &str) -> String {
    let page = std::fs::read_to_string(workspace().join("docs/cohorts.md")).expect("the page is there");
    let block = page.split(&format!("```{language}\n")).nth(1).and_then(|rest| rest.split("```").next());
    std::fs::write(folder.join(file), block.expect("the page has an example")).expect("the test's folder is writable");
    let ran = Command::new(program)
        .arg(file)
        .current_dir(folder)
        .env("TESSERA_URL", server.base())
        .env("TESSERA_TOKEN", server.token("safety"))
        .output()
        .expect("it runs");
    assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}
