//! The pages of the practice theatre. Everything that they know comes with the form, and goes back with it.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tessera_scanner::verdict::{Answer, Verdict, london_date};

use super::scenes::{Scene, Seen, scenes};
use crate::access::{Permit, Record, SignedForm};
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::web::Page;
use crate::web::page_problem::{PageProblem, see_other, show};
use crate::web::practice::{
    Decided, PracticePage, ResultPage, ScenePage, SheetBarcode, SheetItem, SheetPage, VerdictPart,
};
use crate::web::words::day;

/// Between the scans of a scene in the form: no barcode holds it as data.
const BETWEEN: char = '\u{1e}';
/// Scans of one scene at the most, and characters of them all.
const MOST_SCANS: usize = 8;
const LONGEST: usize = 2000;

/// A module as printed, in hundredths of a millimetre: large enough for any scanner and printer.
const MATRIX_HUNDREDTHS: usize = 60;
const BAR_HUNDREDTHS: usize = 33;
const BAR_HEIGHT_HUNDREDTHS: usize = 1500;

/// `GET /practice`
#[get("/practice")]
pub async fn show_practice(config: web::Data<Config>, permit: Permit<Record>) -> Result<HttpResponse, PageProblem> {
    let scenes = scenes(london_date(Utc::now())).len();
    show(&PracticePage { page: frame(&permit, &config, "Practice theatre"), scenes })
}

/// `GET /practice/sheet`
#[get("/practice/sheet")]
pub async fn show_sheet(config: web::Data<Config>, permit: Permit<Record>) -> Result<HttpResponse, PageProblem> {
    let today = london_date(Utc::now());
    let items = (1..).zip(scenes(today)).map(|(number, scene)| item(number, &scene)).collect::<Result<_, Problem>>()?;
    show(&SheetPage { page: frame(&permit, &config, "Practice sheet"), day: day(today), items })
}

fn item(number: usize, scene: &Scene) -> Result<SheetItem, Problem> {
    let barcodes = scene.barcodes.iter().map(|barcode| {
        let drawing = barcode
            .drawing()
            .map_err(|error| Problem::new(Code::Internal, "The sheet could not be drawn.").because(error))?;
        let module = if barcode.bars { BAR_HUNDREDTHS } else { MATRIX_HUNDREDTHS };
        let high = if barcode.bars { BAR_HEIGHT_HUNDREDTHS } else { drawing.height * module };
        Ok(SheetBarcode {
            wide_mm: millimetres(drawing.width * module),
            high_mm: millimetres(high),
            width: drawing.width,
            height: drawing.height,
            path: drawing.path,
        })
    });
    Ok(SheetItem {
        number,
        kind: if scene.is_wristband() { "Wristband" } else { "Pack" },
        printed: scene.printed.clone(),
        barcodes: barcodes.collect::<Result<_, Problem>>()?,
    })
}

fn millimetres(hundredths: usize) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A scan or a decision of a scene, and what went before.
#[derive(Debug, Default, Deserialize)]
pub struct SceneForm {
    #[serde(default)]
    at: usize,
    #[serde(default)]
    kept: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    scan: String,
    #[serde(default)]
    act: Option<Answer>,
}

/// `GET /practice/scene`: a page that was posted to and is asked for again begins anew.
#[get("/practice/scene")]
pub async fn begin_again(_permit: Permit<Record>) -> HttpResponse {
    see_other("/practice")
}

/// `POST /practice/scene`
#[post("/practice/scene")]
pub async fn post_scene(
    config: web::Data<Config>,
    permit: Permit<Record>,
    form: SignedForm<SceneForm>,
) -> Result<HttpResponse, PageProblem> {
    match scene_page(frame(&permit, &config, "Practice theatre"), form.0, Utc::now()) {
        Some(page) => show(&page),
        None => Ok(see_other("/practice")),
    }
}

/// The page after what was sent; none where there is no such scene.
fn scene_page(page: Page, form: SceneForm, now: DateTime<Utc>) -> Option<ScenePage> {
    let scenes = scenes(london_date(now));
    let scene = scenes.get(form.at)?;
    let mut told = ScenePage {
        page,
        at: form.at,
        scenes: scenes.len(),
        told: scene.told,
        several: !scene.is_wristband(),
        kept: form.kept.chars().filter(|&mark| mark == 'y' || mark == 'n').take(form.at).collect(),
        before: form.before,
        trouble: String::new(),
        verdict: None,
        decided: None,
    };
    let scan = form.scan.trim_matches(' ');
    let with_this = match (told.before.is_empty(), scan.is_empty()) {
        (true, true) => return Some(told),
        (true, false) => scan.to_owned(),
        (false, true) => told.before.clone(),
        (false, false) => format!("{}{BETWEEN}{scan}", told.before),
    };
    let scans: Vec<Vec<u8>> = with_this.split(BETWEEN).map(|scan| scan.as_bytes().to_vec()).collect();
    let seen =
        if scans.len() > MOST_SCANS || with_this.len() > LONGEST { Seen::Nothing } else { scene.seen(&scans, now) };
    match seen {
        Seen::Told(verdict) => {
            told.before = with_this;
            told.decided = form.act.map(|act| decided(scene, act, form.at + 1 == scenes.len(), now));
            if let Some(decided) = &told.decided {
                told.kept.push(if decided.right { 'y' } else { 'n' });
            }
            told.verdict = Some(shown(scene, verdict));
        }
        Seen::Another => {
            "That is another one. Scan the one that the scene names.".clone_into(&mut told.trouble);
        }
        Seen::Nothing => {
            "Nothing was read that the scene is about. Scan its barcode again.".clone_into(&mut told.trouble);
        }
    }
    Some(told)
}

fn decided(scene: &Scene, act: Answer, last: bool, now: DateTime<Utc>) -> Decided {
    let right = scene.right(now);
    let should = match right {
        Answer::May => "It may be used: everything was checked and nothing found. Did you scan every barcode of it?",
        Answer::Look => "Amber means: look, and ask before you go on.",
        Answer::Stop => "Red means: put this one aside, whatever the hurry.",
    };
    Decided { right: act == right, should, title: scene.title, last }
}

fn shown(scene: &Scene, verdict: Verdict) -> VerdictPart {
    VerdictPart {
        answer: match verdict.answer {
            Answer::May => "may",
            Answer::Look => "look",
            Answer::Stop => "stop",
        },
        headline: scene.headline(&verdict).to_owned(),
        reasons: verdict.reasons.into_iter().map(|reason| (reason.text, reason.action)).collect(),
    }
}

/// What the result's page is sent.
#[derive(Debug, Deserialize)]
pub struct ResultForm {
    #[serde(default)]
    kept: String,
    #[serde(default)]
    name: String,
}

/// `POST /practice/result`
#[post("/practice/result")]
pub async fn post_result(
    config: web::Data<Config>,
    permit: Permit<Record>,
    form: SignedForm<ResultForm>,
) -> Result<HttpResponse, PageProblem> {
    let today = london_date(Utc::now());
    let ResultForm { kept, name } = form.0;
    // A scene without a mark was not decided.
    let marks = kept.chars().map(|mark| mark == 'y').chain(std::iter::repeat(false));
    let rows: Vec<(&'static str, bool)> = scenes(today).iter().map(|scene| scene.title).zip(marks).collect();
    show(&ResultPage {
        page: frame(&permit, &config, "Result of the practice"),
        right: rows.iter().filter(|row| row.1).count(),
        rows,
        kept,
        name: name.trim().chars().take(80).collect(),
        day: day(today),
    })
}

fn frame(permit: &Permit<Record>, config: &Config, title: &str) -> Page {
    Page::of(permit, config, title, "/practice")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-07-01T09:00:00Z".parse().unwrap()
    }

    fn frame() -> Page {
        Page {
            title: "Practice theatre".into(),
            here: "/practice",
            user: None,
            csrf: "token".into(),
            notice: None,
            demonstration: false,
        }
    }

    fn sent(at: usize, before: &str, scan: &str, act: Option<Answer>) -> ScenePage {
        let form = SceneForm { at, kept: "yy".into(), before: before.into(), scan: scan.into(), act };
        scene_page(frame(), form, now()).unwrap()
    }

    #[test]
    fn two_barcodes_one_after_the_other_are_one_pack() {
        let scenes = scenes(london_date(now()));
        let [first, second] = [0, 1].map(|at| scenes[3].barcodes[at].message.clone());
        let half = sent(3, "", &first, None);
        assert_eq!(half.verdict.unwrap().answer, "look");
        let whole = sent(3, &half.before, &second, None);
        assert_eq!(whole.verdict.unwrap().answer, "may");
        let at_once = sent(3, "", &format!("]C1{first}{BETWEEN}]C1{second}"), None);
        assert_eq!(at_once.verdict.unwrap().answer, "may", "as a camera reads both");
        let done = sent(3, &whole.before, "", Some(Answer::May));
        assert!(done.decided.unwrap().right);
        assert_eq!(done.kept, "yyy", "no more marks than scenes, and one for this");
    }

    #[test]
    fn a_decision_against_a_stop_is_not_right() {
        let expired = scenes(london_date(now()))[4].barcodes[0].message.clone();
        let done = sent(4, "", &expired, Some(Answer::May));
        assert!(!done.decided.unwrap().right);
        assert_eq!(done.kept, "yyn");
    }

    #[test]
    fn what_is_no_pack_is_told_and_not_kept() {
        let page = sent(2, "", "hello", Some(Answer::May));
        assert!(page.decided.is_none() && page.before.is_empty() && !page.trouble.is_empty());
        assert!(scene_page(frame(), SceneForm { at: 99, ..SceneForm::default() }, now()).is_none());
    }
}
