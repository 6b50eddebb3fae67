//! Files for a spreadsheet: CSV whose cells no spreadsheet runs.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};

use crate::error::{Code, Problem};

/// Rows as CSV under a heading, each cell guarded against a spreadsheet that would run it. Rows may be of different lengths.
///
/// # Errors
/// [`Code::Internal`] where it cannot be written.
pub fn written<R: AsRef<[String]>>(head: &[&str], rows: impl IntoIterator<Item = R>) -> Result<String, Problem> {
    let failed = |error: csv::Error| Problem::new(Code::Internal, "The export could not be written.").because(error);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(head).map_err(failed)?;
    for row in rows {
        writer.write_record(row.as_ref().iter().map(|cell| no_formula(cell).into_owned())).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Problem::new(Code::Internal, "The export could not be written.").because(error.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|error| Problem::new(Code::Internal, "The export could not be written.").because(error))
}

/// A file for a spreadsheet, to be saved under this name.
pub fn attached(name: &str, csv: String) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name.to_owned())],
    };
    HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(disposition).body(csv)
}

/// A cell that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV Injection): lots come from
/// barcodes that anybody can print.
fn no_formula(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { Cow::Owned(format!("'{cell}")) } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_never_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(no_formula(cell), format!("'{cell}"));
        }
        assert_eq!(no_formula("19DM28106A"), "19DM28106A");
    }
}
