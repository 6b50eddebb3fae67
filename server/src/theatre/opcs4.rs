//! A few OPCS-4 codes in words: those of common implant procedures, to offer and to show. Any other code is taken too.
//!
//! Source: OPCS Classification of Interventions and Procedures, version 4; titles shortened to what is said in theatre.

/// Codes to offer, with the dot, and what they mean.
pub const OFFERED: &[(&str, &str)] = &[
    ("W37.1", "Hip replacement, cemented"),
    ("W38.1", "Hip replacement, uncemented"),
    ("W39.1", "Hip replacement"),
    ("W40.1", "Knee replacement, cemented"),
    ("W41.1", "Knee replacement, uncemented"),
    ("W42.1", "Knee replacement"),
    ("W46.1", "Hip hemiarthroplasty, cemented"),
    ("W93.1", "Hip replacement, hybrid"),
    ("W96.1", "Shoulder replacement, cemented"),
    ("W97.1", "Shoulder replacement, uncemented"),
    ("C75.1", "Lens implant"),
    ("K60.1", "Pacemaker, intravenous"),
    ("K60.5", "Pacemaker, single chamber"),
    ("K60.6", "Pacemaker, dual chamber"),
    ("K26.2", "Aortic valve replacement, tissue"),
    ("K75.1", "Coronary stent"),
    ("B30.1", "Breast implant"),
    ("T20.2", "Inguinal hernia repair with mesh"),
    ("D24.1", "Cochlear implant"),
    ("W20.1", "Fracture fixation with plate"),
];

/// A stored code (without the dot) as people write it.
pub fn dotted(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((head, tail)) if !tail.is_empty() => format!("{head}.{tail}"),
        _ => code.to_owned(),
    }
}

/// What a stored code means; empty where it is none of those offered.
pub fn title(code: &str) -> &'static str {
    let dotted = dotted(code);
    OFFERED.iter().find(|(offered, _)| *offered == dotted).map(|&(_, text)| text).unwrap_or_default()
}
