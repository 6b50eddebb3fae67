//! The pages of the practice theatre.

use super::samples::page;
use crate::web::practice::{
    Decided, PracticePage, ResultPage, ScenePage, SheetBarcode, SheetItem, SheetPage, VerdictPart,
};

pub fn practice() -> PracticePage {
    PracticePage { page: page("Practice theatre", "/practice", "nurse"), scenes: 9 }
}

pub fn sheet() -> SheetPage {
    let barcode = SheetBarcode {
        width: 6,
        height: 4,
        path: "M1 1h4v1h-4zM1 2h1v1h-1z".into(),
        wide_mm: "12.00".into(),
        high_mm: "8.00".into(),
    };
    let item = |number, kind, printed: &[&str]| SheetItem {
        number,
        kind,
        printed: printed.iter().map(|&line| line.to_owned()).collect(),
        barcodes: vec![barcode.clone()],
    };
    SheetPage {
        page: page("Practice sheet", "/practice", "nurse"),
        day: "1 July 2026".into(),
        items: vec![
            item(1, "Wristband", &["PRACTICE, Anne · born 12 March 1958"]),
            item(3, "Pack", &["(01) 09521990000012", "(17) 281218", "(10) PRAC-101"]),
        ],
    }
}

pub fn scene() -> ScenePage {
    ScenePage {
        page: page("Practice theatre", "/practice", "nurse"),
        at: 4,
        scenes: 9,
        told: "Scan pack 5, another cup.",
        several: true,
        kept: "yyyy".into(),
        before: "]d201".into(),
        trouble: "That is another one. Scan the one that the scene names.".into(),
        verdict: Some(VerdictPart {
            answer: "stop",
            headline: "Stop: do not implant".into(),
            reasons: vec![(
                "Practice cup, 54 mm expired on 22 May 2026. Today is 1 July 2026.".into(),
                "Do not implant. Set it aside as expired and take another.".into(),
            )],
        }),
        decided: None,
    }
}

pub fn decided() -> ScenePage {
    let decided = Decided {
        right: false,
        should: "Red means: put this one aside, whatever the hurry.",
        title: "A pack that has expired",
        last: false,
    };
    ScenePage { trouble: String::new(), decided: Some(decided), ..scene() }
}

pub fn result() -> ResultPage {
    ResultPage {
        page: page("Result of the practice", "/practice", "nurse"),
        rows: vec![("A pack that may be opened", true), ("A pack that has expired", false)],
        right: 1,
        kept: "yn".into(),
        name: "Nina Okafor".into(),
        day: "1 July 2026".into(),
    }
}
