//! The same answer as a table for a person.

use std::fmt::Write as _;

use serde_json::Value;

/// Curves at the times asked for, or whole; arrays side by side, single values one below the other.
pub(super) fn in_words(value: &Value) -> String {
    let mut out = String::new();
    match value["groups"].as_array().filter(|groups| groups.iter().all(Value::is_object)) {
        None => lay_out(&mut out, value),
        Some(groups) => {
            for group in groups {
                group_in_words(&mut out, group);
            }
            for (name, part) in value.as_object().into_iter().flatten().filter(|(name, _)| *name != "groups") {
                if part.is_object() {
                    let _ = writeln!(out, "{name}");
                    lay_out(&mut out, part);
                } else {
                    let _ = writeln!(out, "{name}  {}", cell(part));
                }
            }
        }
    }
    out
}

fn group_in_words(out: &mut String, group: &Value) {
    let _ = writeln!(out, "{} (n = {})", group["group"].as_str().unwrap_or_default(), group["n"]);
    let part = ["at", "curve", "states"].iter().map(|name| &group[*name]).find(|part| !part.is_null());
    match part {
        Some(states) if states["time"].is_null() => {
            for (state, table) in states.as_object().into_iter().flatten() {
                let _ = writeln!(out, "  cause {state}");
                lay_out(out, table);
            }
        }
        Some(table) => lay_out(out, table),
        None => lay_out(out, group),
    }
    for name in ["quantiles", "rmean"] {
        if !group[name].is_null() {
            let _ = writeln!(out, "  {name}");
            lay_out(out, &group[name]);
        }
    }
    out.push('\n');
}

fn cell(value: &Value) -> String {
    match (value.as_f64(), value.as_str(), value.as_bool()) {
        (Some(x), ..) if x.fract() == 0.0 && x.abs() < 1e15 => format!("{x:.0}"),
        (Some(x), ..) if x != 0.0 && x.abs() < 1e-4 => format!("{x:.3e}"),
        (Some(x), ..) => format!("{x:.6}"),
        (_, Some(text), _) => text.to_owned(),
        (.., Some(yes)) => if yes { "yes" } else { "no" }.to_owned(),
        _ => "–".to_owned(),
    }
}

/// The columns in the order in which they are read.
const ORDER: [&str; 24] = [
    "names", "time", "n_risk", "n_event", "n_censor", "n", "obs", "exp", "surv", "est", "q", "coef", "hr", "se",
    "lower", "upper", "chisq", "df", "p", "risk", "w", "cusum", "hazard", "signals",
];

fn lay_out(out: &mut String, table: &Value) {
    let arrays: Vec<(&str, &Vec<Value>)> =
        ORDER.iter().filter_map(|name| Some((*name, table[*name].as_array()?))).collect();
    let length = arrays.first().map_or(0, |(_, first)| first.len());
    let (beside, other): (Vec<_>, Vec<_>) = arrays.into_iter().partition(|(_, array)| array.len() == length);
    if !beside.is_empty() {
        let width = |name: &str, array: &[Value]| {
            let cells = array.iter().map(|value| cell(value).chars().count() + 1);
            cells.chain([name.len() + 1]).fold(10, usize::max)
        };
        let widths: Vec<usize> = beside.iter().map(|(name, array)| width(name, array)).collect();
        for ((name, _), width) in beside.iter().zip(&widths) {
            let _ = write!(out, "{name:>width$}");
        }
        out.push('\n');
        for row in 0..length {
            for ((_, column), width) in beside.iter().zip(&widths) {
                let _ = write!(out, "{:>width$}", cell(&column[row]));
            }
            out.push('\n');
        }
    }
    for (name, array) in other {
        let _ = writeln!(out, "{name:>10}  {}", array.iter().map(cell).collect::<Vec<_>>().join("  "));
    }
    for (name, value) in table.as_object().into_iter().flatten() {
        // Robust errors, where there are any, stand in the table; the others are in the JSON.
        if name == "naive_se" {
            continue;
        }
        match value {
            Value::Array(array) if !ORDER.contains(&name.as_str()) && !array.iter().any(Value::is_object) => {
                let _ = writeln!(out, "{name:>10}  {}", array.iter().map(cell).collect::<Vec<_>>().join("  "));
            }
            Value::Object(_) => {
                let _ = writeln!(out, "{name}");
                lay_out(out, value);
            }
            Value::Number(_) | Value::Null | Value::Bool(_) => {
                let _ = writeln!(out, "{name:>10}  {}", cell(value));
            }
            _ => {}
        }
    }
}
