//! The phrases with which notices say what a value is: `Lot Number(s):`, `UDI-DI`, `Model/Catalog No.`

use super::announced::{announces, announces_code, announces_date, is_date_format};
use super::text::{Gap, Text, is_dash};

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// A device identifier.
    Device,
    /// A catalogue number.
    Reference,
    /// `Code`: a catalogue number or a lot, as what follows tells.
    Code,
    /// A lot.
    Lot,
    /// A serial.
    Serial,
    /// `Lot/Serial`: the notice does not say which.
    Either,
    /// An expiry date.
    Expiry,
    /// A date of manufacture.
    Manufacture,
    /// The production part of a UDI.
    Production,
    /// Something that no criterion holds: software, quantities, telephone numbers, units that are not affected.
    Other,
}

impl Field {
    /// Whether it names units of a device.
    pub fn is_unit(self) -> bool {
        matches!(self, Self::Lot | Self::Serial | Self::Either)
    }
}

/// A label as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// What it announces; several where one label heads several values (`Lot Number/Expiration Date`).
    pub fields: Vec<Field>,
    /// The token after it and its colon.
    pub next: usize,
    /// Whether a colon, an equals sign or a number sign closes it.
    pub closed: bool,
}

/// The label that starts at a token.
pub(super) fn label_at(text: &Text<'_>, i: usize) -> Option<Label> {
    label(text, i, false)
}

/// As [`label_at`], where a word alone is a label: in the head of a table.
pub(super) fn heading_at(text: &Text<'_>, i: usize) -> Option<Label> {
    label(text, i, true)
}

fn label(text: &Text<'_>, i: usize, alone: bool) -> Option<Label> {
    let (field, mut next, mut firm) = noun_with_suffix(text, i)?;
    let mut fields = vec![field];
    while fields.len() < 6 {
        let Some(second) = joined(text, next) else {
            break;
        };
        let Some((field, end, _)) = noun_with_suffix(text, second) else {
            break;
        };
        // "lots 12 and serial 34" has two labels; "lot and serial numbers" is one.
        fields.push(field);
        next = end;
        firm = true;
    }
    // A gloss: "Unique Device Identifier (UDI)", "Lot Number (Expiration Date)", "Expiry (YYYY-MM-DD)".
    while text.mark(next) == Some('(') || text.mark(next) == Some('[') {
        let inside = next + 1;
        if let Some((field, end, _)) = noun_with_suffix(text, inside).filter(|(_, end, _)| closes(text, *end)) {
            fields.push(field);
            next = end + 1;
        } else if is_date_format(text.word(inside)) || ["s", "es"].contains(&text.lower(inside)) {
            let Some(end) = (inside..(inside + 8).min(text.len())).find(|j| closes(text, *j)) else {
                break;
            };
            next = end + 1;
        } else {
            break;
        }
        firm = true;
    }
    let unaffected = not_affected(text, i, next);
    if unaffected.is_none() {
        next = past_verb(text, next);
    }
    let mut closed = false;
    while let Some(c) = text.mark(next) {
        if matches!(c, ':' | '=' | '#')
            || (is_dash(c)
                && (firm || announces_code(text, next + 1))
                && text.gap(next) != Gap::None
                && text.gap(next + 1) != Gap::None)
        {
            closed |= !is_dash(c) || !firm;
            next += 1;
        } else if c == '.' && text.touches(next) && !closed && text.mark(next + 1) == Some(':') {
            next += 1;
        } else {
            break;
        }
    }
    if let Some(end) = unaffected {
        return Some(Label { fields: vec![Field::Other], next: next.max(end), closed: true });
    }
    let dated = matches!(field, Field::Expiry | Field::Manufacture) && announces_date(text, next);
    if !(closed || firm || alone || dated || announces(text, next)) {
        return None;
    }
    // "Kit Lot: 12345" is one label, not two.
    if matches!(text.lower(i), "kit" | "list") && next == i + 1 && noun(text, next).is_some() {
        return None;
    }
    tidy(&mut fields);
    Some(Label { fields, next, closed })
}

/// Lot and serial under one label are either; the same field twice is one.
fn tidy(fields: &mut Vec<Field>) {
    if fields.contains(&Field::Lot) && fields.contains(&Field::Serial) {
        fields.retain(|f| !f.is_unit());
        fields.push(Field::Either);
    }
    if fields.contains(&Field::Reference) {
        fields.retain(|f| *f != Field::Code);
    }
    let mut seen = Vec::new();
    fields.retain(|f| {
        !seen.contains(f) && {
            seen.push(*f);
            true
        }
    });
}

/// Past the words between a label and its values: "the lots are: …", "lot numbers affected include …", "lots of concern: …".
fn past_verb(text: &Text<'_>, next: usize) -> usize {
    let mut at = next;
    while at < next + 4 {
        let of_the_notice = matches!(
            (text.lower(at), text.lower(at + 1)),
            ("of", "concern" | "interest")
                | ("in", "scope" | "question")
                | ("subject", "to")
                | ("this" | "the", "recall" | "action" | "notice")
        );
        if of_the_notice {
            at += 2;
            continue;
        }
        let verb = matches!(
            text.lower(at),
            "are"
                | "is"
                | "include"
                | "includes"
                | "affected"
                | "involved"
                | "impacted"
                | "recalled"
                | "concerned"
                | "recall"
                | "as"
                | "follows"
        ) || text.lower(at) == "below" && text.mark(at + 1) == Some(':');
        if !verb {
            break;
        }
        at += 1;
    }
    let dash = text.mark(at).is_some_and(is_dash) && announces_code(text, at + 1);
    if at > next && (announces_code(text, at) || dash || text.mark(at) == Some(':')) { at } else { next }
}

fn closes(text: &Text<'_>, i: usize) -> bool {
    matches!(text.mark(i), Some(')' | ']'))
}

/// The token after a joiner of labels: `/`, `or`, `and`, `&`, `and/or`.
fn joined(text: &Text<'_>, i: usize) -> Option<usize> {
    if text.lower(i) == "and" && text.mark(i + 1) == Some('/') && text.lower(i + 2) == "or" {
        return Some(i + 3);
    }
    (matches!(text.mark(i), Some('/' | '&')) || matches!(text.lower(i), "or" | "and")).then_some(i + 1)
}

/// `unaffected lots`, `lots not affected`: told so that nobody takes them for recalled.
fn not_affected(text: &Text<'_>, start: usize, end: usize) -> Option<usize> {
    if start > 0 {
        let before = text.lower(start - 1);
        let two = if start > 1 { text.lower(start - 2) } else { "" };
        if matches!(before, "unaffected" | "non-affected" | "nonaffected" | "replacement" | "corrected" | "unimpacted")
            || (two == "not" && matches!(before, "affected" | "impacted"))
        {
            return Some(end);
        }
    }
    let mut at = end;
    if matches!(text.lower(at), "that" | "which") {
        at += 1;
    }
    if matches!(text.lower(at), "are" | "is") {
        at += 1;
    }
    let gone = match text.lower(at) {
        "not" if matches!(text.lower(at + 1), "affected" | "impacted" | "included" | "subject" | "recalled") => at + 2,
        "unaffected" | "non-affected" | "unimpacted" => at + 1,
        _ => return None,
    };
    // "are not affected" after the lots themselves is a sentence about them, not a label.
    Some(if text.mark(gone) == Some(':') { gone + 1 } else { gone })
}

/// A noun and what belongs to it: `Lot` + `Number(s)`. The flag tells whether it needs no colon to be a label.
fn noun_with_suffix(text: &Text<'_>, i: usize) -> Option<(Field, usize, bool)> {
    let (field, mut next, mut firm) = noun(text, i)?;
    next = plural(text, next);
    loop {
        if text.mark(next) == Some('.') && text.touches(next) && text.gap(next + 1) != Gap::Line {
            next += 1;
        } else if text.mark(next) == Some('#') {
            firm = true;
            next += 1;
            next = plural(text, next);
            if text.touches(next) && text.lower(next) == "s" {
                next += 1;
            }
        } else if text.gap(next) < Gap::Tab && is_suffix(text.lower(next), field) {
            firm = true;
            next = plural(text, next + 1);
        } else {
            break;
        }
    }
    let after = text.lower(next);
    if firm && matches!(after, "affected" | "impacted" | "involved") && text.mark(next + 1) == Some(':') {
        next += 1;
    }
    Some((field, next, firm))
}

fn plural(text: &Text<'_>, i: usize) -> usize {
    if text.mark(i) == Some('(')
        && matches!(text.lower(i + 1), "s" | "es" | "n" | "en")
        && text.mark(i + 2) == Some(')')
    {
        i + 3
    } else if matches!(text.mark(i), Some('\'' | '\u{2019}')) && text.touches(i) && text.lower(i + 1) == "s" {
        i + 2
    } else {
        i
    }
}

fn is_suffix(word: &str, field: Field) -> bool {
    match word {
        "number" | "numbers" | "no" | "nos" | "num" | "nums" | "nr" | "nrs" | "id" | "ids" | "identifier"
        | "identifiers" => true,
        "code" | "codes" | "range" | "ranges" | "list" | "info" | "information" => {
            field != Field::Code || word.starts_with("inf")
        }
        "date" | "dates" => matches!(field, Field::Expiry | Field::Manufacture | Field::Other),
        "ref" | "reference" | "references" => matches!(field, Field::Reference),
        _ => false,
    }
}

/// The noun of a label; the flag tells that it can be nothing else.
pub(super) fn noun(text: &Text<'_>, i: usize) -> Option<(Field, usize, bool)> {
    let word = text.lower(i);
    if word.is_empty() {
        return None;
    }
    // A phrase does not reach from one cell of a table into the next.
    let near = |j: usize| {
        if text.gap(j) <= Gap::Space { text.lower(j) } else { "" }
    };
    let (one, two) = (near(i + 1), near(i + 2));
    let slash = text.mark(i + 1) == Some('/') && text.touches(i + 1) && text.touches(i + 2);
    let found = |field, tokens, firm| Some((field, i + tokens, firm));
    if slash {
        match (word, two) {
            ("p", "n") => return found(Field::Reference, 3, true),
            ("s", "n" | "ns" | "n's") => return found(Field::Serial, 3, true),
            ("udi", "di" | "dis") => return found(Field::Device, 3, true),
            _ => {}
        }
    }
    match (word, one) {
        ("unique", "device") if two.starts_with("identif") => return found(Field::Device, 3, true),
        ("device", _) if one.starts_with("identif") => return found(Field::Device, 2, true),
        ("global", "trade") => {
            return found(Field::Device, if two == "item" { 4 } else { 2 }, true);
        }
        ("udi", "di" | "dis") => return found(Field::Device, 2, true),
        ("udi", "pi" | "pis") => return found(Field::Production, 2, true),
        ("use" | "best", "by" | "before") => return found(Field::Expiry, 2, true),
        ("date" | "dates", "of") if matches!(two, "manufacture" | "manufacturing" | "production" | "mfg") => {
            return found(Field::Manufacture, 3, true);
        }
        ("date" | "dates", "of") if matches!(two, "expiry" | "expiration") => {
            return found(Field::Expiry, 3, true);
        }
        ("production" | "manufacturing" | "manufacture" | "manufactured" | "mfg" | "mfd", "date" | "dates") => {
            return found(Field::Manufacture, 2, true);
        }
        (
            "product",
            "code" | "codes" | "number" | "numbers" | "no" | "nos" | "id" | "ids" | "ref" | "reference" | "references"
            | "part" | "catalog" | "catalogue" | "model" | "sku" | "skus" | "item",
        )
        | ("order" | "ordering" | "stock" | "type", "number" | "numbers" | "no" | "code" | "codes" | "nos" | "ref") => {
            return found(Field::Reference, 2, true);
        }
        ("basic" | "buid", "udi-di" | "udi" | "udi-dis")
        | ("product", "name" | "names" | "description" | "descriptions" | "quantity")
        | ("brand" | "trade" | "device" | "commercial", "name" | "names")
        | ("date" | "julian", "code" | "codes" | "date" | "dates")
        | ("fsca" | "fsn" | "mhra" | "cas" | "natpsa" | "mfr" | "our", "ref" | "reference")
        | (
            "recall" | "event" | "alert" | "complaint" | "fei" | "case" | "telephone" | "phone" | "contact"
            | "registration",
            "number" | "numbers" | "no" | "id" | "reference",
        ) => {
            return found(Field::Other, 2, true);
        }
        ("control" | "traceability" | "trace", "number" | "numbers" | "no" | "nos" | "code" | "codes")
        | ("work", "order" | "orders") => return found(Field::Lot, 2, true),
        _ => {}
    }
    let (field, firm) = match word {
        "udi-di" | "udi-dis" | "udi" | "udis" | "gtin" | "gtins" | "gtin-14" | "gtin14" | "gtin-13" | "gtin-12"
        | "udidi" => (Field::Device, true),
        "upc" | "upcs" | "ean" | "eans" | "ean-13" | "upc-a" | "di" | "dis" => (Field::Device, false),
        "udi-pi" | "udi-pis" => (Field::Production, true),
        "pi" => (Field::Production, false),
        "lot" | "lots" | "batch" | "batches" | "lote" | "lotes" | "lotto" => (Field::Lot, false),
        "chargennummer" | "losnummer" | "lotnummer" | "chargenbezeichnung" => (Field::Lot, true),
        "seriennummer" => (Field::Serial, true),
        "artikelnummer" | "référence" | "referencia" | "codice" => (Field::Reference, true),
        "verfallsdatum" | "péremption" | "caducidad" | "scadenza" => (Field::Expiry, true),
        "serial" | "serials" | "s.n" | "ser" | "sn" | "sns" | "s.n." => (Field::Serial, false),
        "ref" | "refs" | "reference" | "references" | "catalog" | "catalogue" | "catalogs" | "cat" | "item"
        | "items" | "model" | "models" | "part" | "parts" | "article" | "art" | "material" | "sku" | "skus" | "upn"
        | "upns" | "kit" | "list" | "pn" | "pns" | "cfn" | "cfns" | "mpn" | "mpns" | "style" => {
            (Field::Reference, false)
        }
        "code" | "codes" => (Field::Code, false),
        "exp" | "expiry" | "expiration" | "expires" | "expire" | "expiring" | "use-by" | "ubd" | "bud" | "exp-date" => {
            (Field::Expiry, false)
        }
        "manufactured" | "manufacture" | "mfg" | "mfd" | "dom" => (Field::Manufacture, false),
        "software" | "firmware" | "sw" | "fw" | "version" | "versions" | "qty" | "quantity" | "quantities" | "ndc"
        | "ndcs" | "gmdn" | "emdn" | "srn" | "tel" | "telephone" | "phone" | "fax" | "email" | "e-mail" | "fsca"
        | "fsn" => (Field::Other, false),
        _ => return None,
    };
    found(field, 1, firm)
}
