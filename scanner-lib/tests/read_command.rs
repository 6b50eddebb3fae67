//! `tessera-scan read`, `parse` and `watch`: their output is a contract with other programs.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn labels() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/labels")
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tessera-scan"))
        .arg("read")
        .args(arguments)
        .current_dir(labels())
        .output()
        .expect("the program runs")
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON document a line")).collect()
}

#[test]
fn json_has_a_line_for_each_argument_in_order_even_for_what_is_no_picture() {
    let files = ["story-two-part.png", "absent.png", "README.md", "./story-good.png"];
    let output = run(&[&["--json"], files.as_slice()].concat());
    assert!(!output.status.success(), "an unreadable file is a failure");
    let lines = lines(&output);
    assert_eq!(lines.iter().map(|line| line["file"].as_str().unwrap_or_default()).collect::<Vec<_>>(), files);
    for (line, readable) in lines.iter().zip([true, false, false, true]) {
        assert_eq!(line.get("error").is_none(), readable, "{line}");
        assert!(line["cpu_ms"].as_f64().is_some_and(|ms| (ms > 0.0) == readable), "{line}");
        assert!(line["findings"].is_array() && line["symbols"].is_array());
    }
    let two_part = &lines[0];
    assert_eq!(two_part["symbols"].as_array().map(Vec::len), Some(2));
    assert_eq!(two_part["udi"]["device"]["text"], "09521002003048");
    assert_eq!(two_part["udi"]["lot"], "CW55310");
    let symbol = &lines[3]["symbols"][0];
    assert_eq!(symbol["format"], "DataMatrix");
    assert_eq!(symbol["aim"], "]d2");
    assert_eq!(symbol["text"], "01095210010001231731063010HW24117");
    assert_eq!(symbol["bytes"], "MDEwOTUyMTAwMTAwMDEyMzE3MzEwNjMwMTBIVzI0MTE3");
    let quality = |name: &str| symbol["quality"][name].as_f64().unwrap_or(f64::NAN);
    assert!(quality("contrast") > 0.5 && quality("modulation") > 0.5, "{symbol}");
    assert!((quality("module_pixels") - 4.0).abs() < 0.2, "{symbol}");
    assert!(quality("print_growth").abs() < 0.2 && quality("unused_correction") > 0.9, "{symbol}");
    let bars = &two_part["symbols"][0]["quality"];
    assert!(bars["contrast"].is_f64() && bars["modulation"].is_f64() && bars["print_growth"].is_f64(), "{bars}");
    // Drawn at (600, 120) with 4 pixels a module: the corners go round from the top left.
    let corner = |i: usize, axis: usize| symbol["corners"][i][axis].as_f64().unwrap_or_default();
    assert!((corner(0, 0) - 600.0).abs() < 4.0 && (corner(0, 1) - 120.0).abs() < 4.0, "{symbol}");
    assert!(corner(1, 0) > corner(0, 0) + 40.0 && corner(2, 1) > corner(1, 1) + 40.0, "{symbol}");
}

#[test]
fn raw_luma_needs_its_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("grey.luma");
    std::fs::write(&path, vec![200; 64 * 48]).expect("a file");
    let path = path.to_str().expect("UTF-8");
    let output = run(&["--json", "--raw", "64x48", path]);
    assert!(output.status.success());
    assert_eq!(lines(&output)[0]["symbols"], serde_json::json!([]));
    assert!(!run(&["--json", path]).status.success(), "without a size it is no picture");
    assert!(!run(&["--json", "--raw", "64x47", path]).status.success(), "the size must fit");
}

#[test]
fn a_person_gets_words() {
    let output = run(&["story-expired.png"]);
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
}

#[test]
fn questions_for_parse_may_come_as_arguments_files_or_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("questions.jsonl");
    std::fs::write(&file, "{\"input\": \"]d20109521002003048\", \"kind\": \"scan\"}\nno object\n").expect("a file");
    let object = r#"{"input": "]d2010952100200304810A1", "kind": "scan"}"#;
    let answers = |arguments: &[&str], input: Stdio| {
        let output = Command::new(env!("CARGO_BIN_EXE_tessera-scan"))
            .args(["parse", "--jsonl"])
            .args(arguments)
            .stdin(input)
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        lines(&output).iter().map(|line| line["elements"].clone()).collect::<Vec<_>>()
    };
    let opened = || Stdio::from(std::fs::File::open(&file).expect("the file is there"));
    let path = file.to_str().expect("UTF-8");
    let from_file = answers(&[path], Stdio::null());
    assert_eq!(from_file[0], serde_json::json!([["01", "09521002003048"]]));
    assert_eq!(from_file.len(), 2, "what is no question is answered as well");
    assert_eq!(answers(&[], opened()), from_file);
    assert_eq!(answers(&["-"], opened()), from_file);
    assert_eq!(answers(&["--file", path], Stdio::null()), from_file);
    let both = answers(&[object, path], Stdio::null());
    assert_eq!(both[0], serde_json::json!([["01", "09521002003048"], ["10", "A1"]]));
    assert_eq!(both[1..], from_file);
}

/// What `tessera-scan watch` prints for these frames, of which `None` is an empty table.
fn watched(frames: &[Option<&str>]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, frame) in frames.iter().enumerate() {
        let file = folder.path().join(format!("frame-{number}"));
        match frame {
            Some(label) => std::fs::copy(labels().join(label), file.with_extension("png")).map(drop),
            None => {
                std::fs::write(file.with_extension("pgm"), [b"P5 64 48 255\n".as_slice(), &[200; 64 * 48]].concat())
            }
        }
        .expect("a frame");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_tessera-scan"))
        .args(["watch", "--frames"])
        .arg(folder.path())
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_pack_in_many_frames_is_one_pack_and_a_second_one_after_it_left() {
    let pack = "story-two-part.png";
    let away = [None; 16];
    let said =
        watched(&[[Some(pack); 3].as_slice(), &away, &[Some(pack); 2], &away, &[Some("story-good.png")]].concat());
    let packs: Vec<&str> = said.lines().filter(|line| line.contains("Lot")).map(str::trim).collect();
    assert_eq!(packs.len(), 3, "{said}");
    assert!(packs[0] == packs[1] && packs[0].ends_with("CW55310") && packs[2].ends_with("HW24117"), "{said}");
    assert!(said.contains("2 barcodes"), "both parts of the label are one scan: {said}");
    assert!(said.contains("Nothing is recorded"), "{said}");
}
