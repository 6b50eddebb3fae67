//! Answers as columns, as CSV, as JSON and in plain words.

use std::io::{self, Write};

use tessera_scanner::explain::{Answer, Request, words};
use tessera_scanner::udi::Issuer;

use super::{Format, word};

const HEADING: [&str; 11] =
    ["outcome", "agency", "di", "lot", "serial", "expiry", "manufacture", "ref", "quantity", "findings", "scan"];
/// Widths of the table's columns but the last.
const WIDTHS: [usize; 10] = [9, 6, 23, 20, 20, 13, 13, 16, 8, 0];

/// Prints answers one after the other, with a heading before the first.
pub struct Printer {
    format: Format,
    explain: bool,
    year: i32,
    begun: bool,
}

impl Printer {
    pub fn new(format: Format, explain: bool, year: i32) -> Self {
        Self { format, explain, year, begun: false }
    }

    pub fn print(&mut self, out: &mut impl Write, request: &Request, answer: &Answer) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        if self.explain {
            writeln!(out, "{}", shown(request))?;
            for line in words::lines(answer, self.year) {
                writeln!(out, "{line}")?;
            }
            return Ok(());
        }
        match self.format {
            Format::Json => {
                serde_json::to_writer(&mut *out, answer)?;
                writeln!(out)
            }
            Format::Csv => {
                if first {
                    writeln!(out, "{}", HEADING.join(","))?;
                }
                let row: Vec<String> = row(request, answer).iter().map(|value| quoted(value)).collect();
                writeln!(out, "{}", row.join(","))
            }
            Format::Table => {
                if first {
                    table_row(out, &HEADING.map(str::to_owned))?;
                }
                table_row(out, &row(request, answer))
            }
        }
    }
}

fn shown(request: &Request) -> String {
    let texts: Vec<String> = request.input.texts().iter().map(|text| text.replace('\u{1d}', "␝")).collect();
    texts.join(" + ")
}

fn row(request: &Request, answer: &Answer) -> [String; 11] {
    let agency = match answer.agency {
        Some(Issuer::Gs1) => "GS1",
        Some(Issuer::Hibcc) => "HIBCC",
        Some(Issuer::Iccbba) => "ICCBBA",
        Some(Issuer::Ifa) => "IFA",
        None => "",
    };
    let fields = &answer.fields;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let codes: Vec<&str> = answer.findings.iter().map(|finding| finding.code.as_ref()).collect();
    [
        word(answer.outcome).to_owned(),
        agency.to_owned(),
        text(&fields.di),
        text(&fields.lot),
        text(&fields.serial),
        text(&fields.expiry),
        text(&fields.manufacture),
        text(&fields.reference),
        fields.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        codes.join(" "),
        shown(request),
    ]
}

fn table_row(out: &mut impl Write, row: &[String; 11]) -> io::Result<()> {
    let line: Vec<String> = row
        .iter()
        .zip(WIDTHS.iter().chain([&0]))
        .map(|(value, width)| format!("{:<width$}", value.replace(char::is_control, "·")))
        .collect();
    writeln!(out, "{}", line.join("  ").trim_end())
}

/// A value of CSV (RFC 4180). One that a spreadsheet would take for a formula is kept from it: scans come from outside.
fn quoted(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula || value.contains([',', '"', '\n', '\r']) {
        let guard = if formula { "'" } else { "" };
        format!("\"{guard}{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tessera_scanner::explain::{Kind, explain};

    fn printed(format: Format, explained: bool) -> String {
        let mut printer = Printer::new(format, explained, 2026);
        let mut out = Vec::new();
        for text in ["]d2010084450500077217310300\u{1d}1012\"2927", "]d20100844505000773", "+A123BJC5D6E71G1/$$73C0012"]
        {
            let request = Request::new(text, Kind::Auto);
            printer.print(&mut out, &request, &explain(&request, 2026)).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_for_a_spreadsheet() {
        insta::assert_snapshot!(printed(Format::Csv, false));
    }

    #[test]
    fn words_for_a_person() {
        insta::assert_snapshot!(printed(Format::Table, true));
    }
}
