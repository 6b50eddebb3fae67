//! What the registry answered, as a person reads it.

use serde_json::Value;
use tessera_scanner::deliver::{Settled, State};

/// The lines to print for a message that no longer waits. The first names it.
pub fn lines(settled: &Settled) -> Vec<String> {
    let id = settled.id;
    if settled.state == State::Refused {
        let why = settled.why.as_deref().unwrap_or_default();
        return vec![format!("refused {id}"), format!("  {why}"), "  It stays in the outbox.".to_owned()];
    }
    let answer: Value = settled.answer.as_ref().and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut lines = vec![format!("delivered {id}")];
    let headline = text(&answer["verdict"]["headline"]).map(|headline| headline.to_uppercase());
    let product = text(&answer["product"]["name"]);
    lines.extend(match (headline, product) {
        (Some(headline), Some(product)) => Some(format!("  {headline}: {product}")),
        (headline, product) => headline.or(product).map(|line| format!("  {line}")),
    });
    for reason in answer["verdict"]["reasons"].as_array().into_iter().flatten() {
        let said = [&reason["text"], &reason["action"]].map(|part| part.as_str().unwrap_or_default());
        lines.push(format!("  - {}", said.join(" ").trim()));
    }
    lines.extend(text(&answer["wristband"]["text"]).map(|line| format!("  {line}")));
    lines.extend(text(&answer["message"]).map(|line| format!("  {line}")));
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn delivered(answer: &Value) -> String {
        let answer = Some(answer.to_string().into_bytes().into());
        lines(&Settled { id: uuid::Uuid::nil(), state: State::Delivered, answer, why: None }).join("\n")
    }

    #[test]
    fn what_a_nurse_reads() {
        let stop = json!({
            "verdict": {"answer": "stop", "headline": "Do not implant", "reasons": [
                {"code": "expired", "text": "It expired on 31 October 2026.", "action": "Take another one."},
                {"code": "unknown-product", "text": "The catalogue does not know it."},
            ]},
            "product": {"name": "Northmoor Hip Stem 12"},
        });
        insta::assert_snapshot!(delivered(&stop), @"
        delivered 00000000-0000-0000-0000-000000000000
          DO NOT IMPLANT: Northmoor Hip Stem 12
          - It expired on 31 October 2026. Take another one.
          - The catalogue does not know it.
        ");
        let half = json!({"pending": true, "message": "Half of the label is read.", "verdict": null, "product": null});
        insta::assert_snapshot!(delivered(&half), @"
        delivered 00000000-0000-0000-0000-000000000000
          Half of the label is read.
        ");
        assert_eq!(delivered(&Value::Null), format!("delivered {}", uuid::Uuid::nil()));
    }

    #[test]
    fn a_refusal_says_why() {
        let why = Some("id-reused: It was used before.".to_owned());
        let settled = Settled { id: uuid::Uuid::nil(), state: State::Refused, answer: None, why };
        assert_eq!(lines(&settled)[1], "  id-reused: It was used before.");
    }
}
