//! Catalogues from a file: reach for [`read_csv`] to understand one and [`import`] to bring it in.
//!
//! The columns are those of `fixtures/catalogue/README.md`. Nothing is skipped in silence: what cannot be used becomes a
//! [`LineFinding`] with its line and the reason.

use std::collections::BTreeMap;
use std::io::Read;

use serde::{Deserialize, Serialize};
use tessera_scanner::finding::{Finding, Severity};

use super::model::{Agency, IdentifierKind, NewProduct, ProductId, ProductIdentifier, ProductSide};
use super::store as catalogue;
use crate::access::Actor;
use crate::error::{Code, Problem};
use crate::once::Written;
use crate::store::Store;

/// Products brought in with one transaction.
const BATCH: usize = 500;

/// What was noticed on one line of the file (the header is line 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineFinding {
    /// The line.
    pub line: u64,
    /// What, and how grave: an error leaves the product out, a warning only what it names.
    #[serde(flatten)]
    pub finding: Finding,
}

impl std::fmt::Display for LineFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = if self.finding.severity == Severity::Error { "left out" } else { "note" };
        write!(f, "line {}: {what}: {}", self.line, self.finding.text)
    }
}

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct CatalogueFile {
    /// The products that can be used, each with its line.
    pub rows: Vec<(u64, NewProduct)>,
    /// What was noticed.
    pub findings: Vec<LineFinding>,
}

#[derive(Deserialize)]
struct Row {
    issuer: String,
    identifier: String,
    maker: String,
    brand: String,
    reference: String,
    description: String,
    category: String,
    gmdn: Option<String>,
    side: Option<ProductSide>,
    size: Option<String>,
    lot_expected: bool,
    serial_expected: bool,
    expiry_expected: bool,
    #[serde(default)]
    package_identifiers: String,
    #[serde(default)]
    previous_identifiers: String,
}

/// Reads a catalogue. Each product gets a new id; [`import`] finds those that the registry has already.
///
/// # Errors
/// [`Code::InvalidInput`] where a column is missing: then the file is of another kind.
pub fn read_csv(reader: impl Read) -> Result<CatalogueFile, Problem> {
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let header = csv.headers().map_err(|error| Problem::invalid("The file has no header.").because(error))?.clone();
    for column in ["issuer", "identifier", "maker", "brand", "reference", "description", "category"] {
        if !header.iter().any(|name| name == column) {
            return Err(Problem::invalid(format!("The file has no column \"{column}\": it is not a catalogue.")));
        }
    }
    let mut file = CatalogueFile::default();
    let mut seen = BTreeMap::new();
    for record in csv.records() {
        let (line, row) = match record {
            Ok(record) => (record.position().map_or(0, csv::Position::line), record.deserialize::<Row>(Some(&header))),
            Err(error) => (error.position().map_or(0, csv::Position::line), Err(error)),
        };
        let mut notice = |severity, code, text| {
            file.findings.push(LineFinding { line, finding: Finding::new(code, severity, text) });
        };
        let product = match row {
            Ok(row) => row.product(|text| notice(Severity::Warning, "catalogue-identifier", text)),
            Err(error) => Err(Problem::invalid(format!("{error}."))),
        };
        match product {
            Ok(product) => match first_seen(&mut seen, &product, line) {
                None => file.rows.push((line, product)),
                Some(text) => notice(Severity::Error, "catalogue-twice", text),
            },
            Err(problem) => notice(Severity::Error, "catalogue-row", problem.detail().to_owned()),
        }
    }
    Ok(file)
}

/// Says so where an identifier stood on an earlier line; otherwise remembers those of this one.
fn first_seen(seen: &mut BTreeMap<(Agency, String), u64>, product: &NewProduct, line: u64) -> Option<String> {
    let keys = || product.identifiers.iter().map(|one| (one.issuer, one.identifier.clone()));
    if let Some((identifier, before)) = keys().find_map(|key| seen.get(&key).map(|before| (key.1, *before))) {
        return Some(format!("{identifier} is on line {before} already."));
    }
    seen.extend(keys().map(|key| (key, line)));
    None
}

impl Row {
    fn product(self, mut notice: impl FnMut(String)) -> Result<NewProduct, Problem> {
        let issuer: Agency = self.issuer.parse().map_err(|error| Problem::invalid(format!("issuer: {error}.")))?;
        let primary = issuer.identifier(&self.identifier)?.text;
        let mut identifiers =
            vec![ProductIdentifier { issuer, identifier: primary, kind: IdentifierKind::Primary, quantity: 1 }];
        let packages = list(&self.package_identifiers).map(|text| (IdentifierKind::Package, text));
        let previous = list(&self.previous_identifiers).map(|text| (IdentifierKind::Previous, text));
        for (kind, text) in packages.chain(previous) {
            match further(issuer, kind, text) {
                Ok(one) if identifiers.iter().any(|there| there.identifier == one.identifier) => {
                    notice(format!("{text} is named twice; once is enough."));
                }
                Ok(one) => identifiers.push(one),
                Err(problem) => notice(format!("The {kind} identifier is left out. {}", problem.detail())),
            }
        }
        NewProduct {
            id: ProductId::new(),
            maker: self.maker,
            brand: self.brand,
            reference: self.reference,
            description: self.description,
            category: self.category,
            gmdn: self.gmdn,
            side: self.side,
            size: self.size,
            lot_expected: self.lot_expected,
            serial_expected: self.serial_expected,
            expiry_expected: self.expiry_expected,
            identifiers,
        }
        .checked()
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|one| !one.is_empty())
}

/// `identifier` or `identifier*quantity`.
fn further(issuer: Agency, kind: IdentifierKind, text: &str) -> Result<ProductIdentifier, Problem> {
    let (identifier, quantity) = text.split_once('*').unwrap_or((text, "1"));
    let quantity = quantity
        .parse()
        .ok()
        .filter(|&quantity| quantity >= 1)
        .ok_or_else(|| Problem::invalid(format!("\"{text}\" does not say how many are in the pack.")))?;
    Ok(ProductIdentifier { issuer, identifier: issuer.identifier(identifier)?.text, kind, quantity })
}

/// What an import came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// Products that are new.
    pub added: usize,
    /// Products that were there already, just so.
    pub unchanged: usize,
    /// What was noticed, in the file and on the way in.
    pub findings: Vec<LineFinding>,
}

/// Brings a file's products in. Running it twice adds nothing the second time.
///
/// `progress` hears how many lines are done.
///
/// # Errors
/// Those of the store.
pub fn import(
    store: &Store,
    actor: &Actor,
    file: CatalogueFile,
    mut progress: impl FnMut(usize),
) -> Result<ImportReport, Problem> {
    let mut report = ImportReport { findings: file.findings, ..ImportReport::default() };
    let mut done = 0;
    for batch in file.rows.chunks(BATCH) {
        let (rows, actor) = (batch.to_vec(), actor.clone());
        let outcomes = store.write_now(move |tx| {
            let add = |(line, row): &(u64, NewProduct)| match catalogue::import_product(tx, &actor, row) {
                Ok(added) => Ok((*line, Ok(added))),
                // What the catalogue refuses is told of; what the database refuses stops the import.
                Err(problem) if problem.code() == Code::WrongState => Ok((*line, Err(problem.detail().to_owned()))),
                Err(problem) => Err(problem),
            };
            rows.iter().map(add).collect::<Result<Vec<_>, Problem>>()
        })?;
        for (line, outcome) in outcomes {
            match outcome {
                Ok(Written::Now) => report.added += 1,
                Ok(Written::Before) => report.unchanged += 1,
                Err(text) => {
                    let finding = Finding::new("catalogue-conflict", Severity::Error, text);
                    report.findings.push(LineFinding { line, finding });
                }
            }
        }
        done += batch.len();
        progress(done);
    }
    Ok(report)
}
