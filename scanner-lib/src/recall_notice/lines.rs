//! The criteria that a group of devices and units makes: a line for each device and unit, told once.

use super::groups::{Group, Head, Unit, same};
use super::items::What;
use super::{Ends, NoticeCriterion, Of};

/// Devices as pairs of identifier and catalogue number, as far as the order shows which belong together.
fn devices(heads: &[Head]) -> Vec<(Option<&Head>, Option<&Head>)> {
    let (ids, refs): (Vec<&Head>, Vec<&Head>) = heads.iter().partition(|h| h.device);
    if ids.is_empty() {
        return refs.into_iter().map(|r| (None, Some(r))).collect();
    }
    match refs[..] {
        [] => ids.into_iter().map(|d| (Some(d), None)).collect(),
        [one] => ids.into_iter().map(|d| (Some(d), Some(one))).collect(),
        _ if refs.len() == ids.len() => ids.into_iter().zip(refs).map(|(d, r)| (Some(d), Some(r))).collect(),
        _ => ids.into_iter().map(|d| (Some(d), None)).chain(refs.into_iter().map(|r| (None, Some(r)))).collect(),
    }
}

/// Device and unit are quoted as one stretch of the text where that is no longer than this, in bytes; else the unit alone.
const FEW_WORDS: usize = 160;

/// More pairs of devices and units than these are not spelled out.
const MOST_PAIRS: usize = 200_000;

/// Adds the criteria of one group.
pub(super) fn write(text: &str, group: &Group, lines: &mut Vec<NoticeCriterion>) {
    let devices = devices(&group.heads);
    let bare = [(None, None)];
    let devices = if devices.is_empty() { &bare[..] } else { &devices[..] };
    let mut units = group.units.clone();
    for (what, span, confidence) in &group.periods {
        let alone = units.is_empty()
            || units.iter().all(|u| matches!(u.what, What::Expiry(_) | What::Manufacture(_) | What::All));
        if alone {
            units.retain(|u| u.what != What::All);
            units.push(Unit { what: what.clone(), span: *span, confidence: *confidence, expiry: None, own: None });
        }
    }
    if units.is_empty() {
        for (device, reference) in devices {
            if device.is_some() || reference.is_some() {
                lines.push(whole_device(text, *device, *reference, group.broken));
            }
        }
        return;
    }
    let crossed = devices.len() > 1 && units.len() > 1;
    let spelled = devices.len().saturating_mul(units.len()) <= MOST_PAIRS;
    for (device, reference) in if spelled { devices } else { &bare[..] } {
        for unit in &units {
            if let (Some(own), Some(device)) = (&unit.own, device)
                && !same(&own.text, &device.text)
            {
                continue;
            }
            let own = unit.own.as_ref();
            lines.push(line(text, own.or(*device), *reference, unit, crossed));
        }
    }
}

fn blank(text: &str, words: (usize, usize)) -> NoticeCriterion {
    NoticeCriterion { words: text[words.0..words.1].to_owned(), confidence: 1.0, ..NoticeCriterion::default() }
}

fn fill(line: &mut NoticeCriterion, device: Option<&Head>, reference: Option<&Head>) {
    for head in [device, reference].into_iter().flatten() {
        let field = if head.device { &mut line.di } else { &mut line.reference };
        *field = Some(head.text.clone());
        line.places.push(head.span);
        line.confidence = line.confidence.min(head.confidence);
    }
}

/// A device of which neither lot nor serial is named: every unit; not where something about units was left unread.
fn whole_device(text: &str, device: Option<&Head>, reference: Option<&Head>, broken: bool) -> NoticeCriterion {
    let span = device.or(reference).map_or((0, 0), |h| h.span);
    let mut line = blank(text, span);
    line.confidence = if broken { 0.3 } else { 0.6 };
    line.all = !broken;
    fill(&mut line, device, reference);
    line
}

fn line(text: &str, device: Option<&Head>, reference: Option<&Head>, unit: &Unit, crossed: bool) -> NoticeCriterion {
    let mut line = blank(text, unit.span);
    line.places.push(unit.span);
    line.confidence = unit.confidence;
    match &unit.what {
        What::Lot(lot) | What::Code(lot) => line.lot = Some(lot.clone()),
        What::Serial(serial) => line.serial = Some(serial.clone()),
        What::Either(value) => {
            line.lot = Some(value.clone());
            line.serial = Some(value.clone());
        }
        What::Carried(carried) => (line.lot, line.serial) = (carried.lot.clone(), carried.serial.clone()),
        What::Range { serial, from, to } => {
            line.range =
                Some(Ends { of: if *serial { Of::Serial } else { Of::Lot }, from: from.clone(), to: to.clone() });
        }
        What::All => line.all = true,
        What::Expiry(period) => match period.single() {
            Some(date) => line.expiry = Some(date),
            None => line.range = Some(Ends::of(Of::Expiry, *period)),
        },
        What::Manufacture(period) => line.range = Some(Ends::of(Of::Manufacture, *period)),
        _ => {}
    }
    if matches!(unit.what, What::Code(_)) {
        line.confidence = line.confidence.min(0.35);
    }
    fill(&mut line, device, reference);
    if let Some((period, span, confidence)) = unit.expiry {
        line.expiry = period.single();
        line.places.push(span);
        line.confidence = line.confidence.min(confidence.max(0.6));
    }
    let start = line.places.iter().map(|p| p.0).min().unwrap_or(unit.span.0);
    let end = line.places.iter().map(|p| p.1).max().unwrap_or(unit.span.1);
    if end - start <= FEW_WORDS {
        text[start..end].clone_into(&mut line.words);
    }
    if crossed || device.is_none() && reference.is_none() {
        line.confidence = line.confidence.min(0.8);
    }
    line
}

/// "Item 1 Lot A UDI (01)…(10)A": a lot that is named once with its catalogue number alone, and once with its identifier
/// alone, has both.
fn joined(lines: Vec<NoticeCriterion>) -> Vec<NoticeCriterion> {
    let mut count: std::collections::HashMap<_, (usize, usize)> = std::collections::HashMap::new();
    for line in &lines {
        if let Some(unit) = unit_of(line) {
            let (ids, refs) = count.entry(unit).or_default();
            *ids += usize::from(line.di.is_some());
            *refs += usize::from(line.reference.is_some());
        }
    }
    let lone = |line: &NoticeCriterion| unit_of(line).is_some_and(|unit| count.get(&unit) == Some(&(1, 1)));
    let mut named: std::collections::HashMap<_, NoticeCriterion> = std::collections::HashMap::new();
    for line in lines.iter().filter(|line| line.di.is_none() && line.reference.is_some() && lone(line)) {
        named.insert(unit_of(line), line.clone());
    }
    let mut kept = Vec::with_capacity(lines.len());
    for mut line in lines {
        if lone(&line) && line.di.is_none() && line.reference.is_some() {
            continue;
        }
        if lone(&line)
            && line.reference.is_none()
            && line.di.is_some()
            && let Some(other) = named.remove(&unit_of(&line))
        {
            line.reference = other.reference;
            line.expiry = line.expiry.or(other.expiry);
            line.confidence = line.confidence.min(other.confidence);
            line.places.extend(other.places);
        }
        kept.push(line);
    }
    kept
}

fn unit_of(line: &NoticeCriterion) -> Option<(Option<String>, Option<String>)> {
    (line.lot.is_some() || line.serial.is_some()).then(|| (line.lot.clone(), line.serial.clone()))
}

/// The same line twice is one; two that agree make each other surer, and one that knows the expiry date lends it.
pub(super) fn merge(lines: Vec<NoticeCriterion>) -> Vec<NoticeCriterion> {
    let mut places = std::collections::HashMap::new();
    let mut kept: Vec<NoticeCriterion> = Vec::with_capacity(lines.len());
    // A lot that is named once alone and once with its device is one line.
    let homed: std::collections::HashSet<_> =
        lines.iter().filter(|l| l.di.is_some() || l.reference.is_some()).filter_map(unit_of).collect();
    for line in joined(lines) {
        if line.di.is_none() && line.reference.is_none() && unit_of(&line).is_some_and(|u| homed.contains(&u)) {
            continue;
        }
        let device = line.di.as_deref().map(|d| {
            if d.bytes().all(|b| b.is_ascii_digit()) { d.trim_start_matches('0').to_owned() } else { d.to_owned() }
        });
        let key = (
            device,
            line.lot.clone(),
            line.serial.clone(),
            line.range.clone(),
            line.all,
            if line.lot.is_none() && line.serial.is_none() { line.expiry } else { None },
            if line.di.is_some() { None } else { line.reference.clone() },
        );
        if let Some(at) = places.get(&key) {
            let known: &mut NoticeCriterion = &mut kept[*at];
            known.expiry = known.expiry.or(line.expiry);
            known.reference = known.reference.take().or(line.reference);
            known.confidence = known.confidence.max(line.confidence);
            known.places.extend(line.places);
        } else {
            places.insert(key, kept.len());
            kept.push(line);
        }
    }
    kept
}
