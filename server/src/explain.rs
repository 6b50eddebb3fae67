//! Any barcode explained: for programs as JSON, for people in plain words. Nothing that is asked here is kept.

use actix_web::{HttpResponse, get, post, web};
use chrono::{Datelike as _, Utc};
use serde::{Deserialize, Serialize};
use tessera_scanner::explain::{Answer, Input, Kind, Options, Outcome, Request, explain, words};
use utoipa::ToSchema;

use crate::access::{SignedForm, SignedIn};
use crate::config::Config;
use crate::error::{Problem, ProblemDetails};
use crate::web::Page;
use crate::web::page_problem::{PageProblem, show};
use crate::web::udi::{Explained, UdiPage};

/// Longest text that is explained; the longest barcode is far shorter.
const LONGEST: usize = 8192;
/// Most barcodes of one pack.
const MOST: usize = 16;

/// The scans of one pack, or a text that a person pasted.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UdiQuestion {
    /// One scan, or a list of all scans of one pack; the separator is U+001D.
    #[schema(value_type = Object)]
    input: Input,
    /// `auto`, `scan` (a decoder's bytes), `wedge` (a handheld's keystrokes), `bracketed`, `dl-uri` or `epc-hex`.
    #[serde(default)]
    #[schema(value_type = String)]
    kind: Kind,
    /// How strictly it is judged; nothing said is the standard.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    opts: Option<Options>,
}

/// How far the reading went, and everything that was read and noticed.
#[derive(Debug, Serialize, ToSchema)]
pub struct UdiAnswer {
    /// `outcome`, `agency`, `elements`, `fields`, `udi`, `findings`, `candidates`, `plain`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    answer: Answer,
    /// The same in plain words, a line each.
    words: Vec<String>,
}

fn answer(request: &Request) -> Result<UdiAnswer, Problem> {
    let texts = request.input.texts();
    if texts.len() > MOST || texts.iter().any(|text| text.len() > LONGEST) {
        return Err(Problem::invalid(format!(
            "One pack has up to {MOST} barcodes of up to {LONGEST} characters each."
        )));
    }
    let year = Utc::now().year();
    let answer = explain(request, year);
    Ok(UdiAnswer { words: words::lines(&answer, year), answer })
}

/// Explain a barcode
///
/// What breaks a rule is an answer too (`refused`, with findings): the status is 200.
#[utoipa::path(tag = "udi", request_body = UdiQuestion, responses(
    (status = 200, body = UdiAnswer), (status = 422, body = ProblemDetails)))]
#[post("/udi/parse")]
pub async fn parse_udi(
    _signed_in: SignedIn,
    question: web::Json<UdiQuestion>,
) -> Result<web::Json<UdiAnswer>, Problem> {
    let UdiQuestion { input, kind, opts } = question.into_inner();
    answer(&Request { input, kind, opts: opts.unwrap_or_default() }).map(web::Json)
}

/// `GET /udi`
#[get("/udi")]
pub async fn show_udi(config: web::Data<Config>, signed_in: SignedIn) -> Result<HttpResponse, PageProblem> {
    page(&config, &signed_in, UdiForm::default(), None)
}

/// What the page posts: not in the address, because somebody may paste a wristband.
#[derive(Debug, Default, Deserialize)]
pub struct UdiForm {
    #[serde(default)]
    text: String,
    #[serde(default)]
    more: String,
}

/// `POST /udi`
#[post("/udi")]
pub async fn post_udi(
    config: web::Data<Config>,
    signed_in: SignedIn,
    form: SignedForm<UdiForm>,
) -> Result<HttpResponse, PageProblem> {
    let form = form.0;
    let texts: Vec<String> =
        [&form.text, &form.more].into_iter().filter(|text| !text.trim().is_empty()).cloned().collect();
    if texts.is_empty() {
        return page(&config, &signed_in, form, None);
    }
    let input = if let [text] = texts.as_slice() { Input::One(text.clone()) } else { Input::Several(texts) };
    let answer = answer(&Request { input, kind: Kind::Auto, opts: Options::default() })?;
    page(&config, &signed_in, form, Some(explained(answer)))
}

fn explained(answer: UdiAnswer) -> Explained {
    let mut lines = answer.words.into_iter().map(|line| line.trim().to_owned());
    Explained {
        tag: match answer.answer.outcome {
            Outcome::Ok => "nhsuk-tag--green",
            Outcome::Ambiguous => "nhsuk-tag--yellow",
            Outcome::Refused => "nhsuk-tag--red",
            Outcome::Plain => "nhsuk-tag--grey",
        },
        outcome: match answer.answer.outcome {
            Outcome::Ok => "read",
            Outcome::Ambiguous => "several readings",
            Outcome::Refused => "breaks the rules",
            Outcome::Plain => "no device",
        },
        headline: lines.next().unwrap_or_default(),
        lines: lines.collect(),
    }
}

fn page(
    config: &Config,
    signed_in: &SignedIn,
    form: UdiForm,
    explained: Option<Explained>,
) -> Result<HttpResponse, PageProblem> {
    let page = Page::of(signed_in, config, "Explain a barcode", "/udi");
    show(&UdiPage { page, text: form.text, more: form.more, explained })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(texts: &[&str]) -> Explained {
        let input = Input::Several(texts.iter().map(|text| (*text).to_owned()).collect());
        explained(answer(&Request { input, kind: Kind::Auto, opts: Options::default() }).unwrap())
    }

    #[test]
    fn a_barcode_is_explained_in_words() {
        let read = ask(&["(01)00844505000772(17)310301(10)122927"]);
        assert_eq!((read.outcome, read.headline.as_str()), ("read", "Read, by the rules of GS1."));
        assert!(read.lines.iter().any(|line| line.contains("1 March 2031")), "{:?}", read.lines);
        assert_eq!(ask(&["(01)00844505000773"]).outcome, "breaks the rules");
        assert_eq!(ask(&["hello"]).outcome, "no device");
    }

    #[test]
    fn what_is_far_too_long_is_refused() {
        let request = Request::new("1".repeat(LONGEST + 1), Kind::Auto);
        assert!(answer(&request).unwrap_err().detail().contains("8192"));
    }
}
