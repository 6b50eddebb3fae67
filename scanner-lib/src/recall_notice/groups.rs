//! Which lots belong to which device: what a walk found, put together as the order of a notice means it.

use super::items::{Item, Period, What};
use super::order;
use super::{Ends, NoticeCriterion, Of};

/// A device or catalogue number that heads units.
#[derive(Clone, Debug)]
struct Head {
    text: String,
    device: bool,
    span: (usize, usize),
    confidence: f64,
}

/// What names units: a lot, a serial, a range, all.
#[derive(Clone, Debug)]
struct Unit {
    what: What,
    span: (usize, usize),
    confidence: f64,
    expiry: Option<(Period, (usize, usize), f64)>,
    /// The device that a whole UDI names together with its lot or serial.
    own: Option<Head>,
}

/// Heads and their units.
#[derive(Clone, Debug, Default)]
struct Group {
    heads: Vec<Head>,
    units: Vec<Unit>,
    /// Dates that stand alone.
    periods: Vec<(What, (usize, usize), f64)>,
    /// An expiry date that stood before its lots.
    ahead: Option<(Period, (usize, usize), f64)>,
    /// A label for units without a value that could be read.
    broken: bool,
    /// Whether the heads pushed last stand behind the units.
    late: bool,
    row: bool,
}

impl Group {
    fn empty(&self) -> bool {
        self.heads.is_empty() && self.units.is_empty() && self.periods.is_empty() && !self.broken
    }

    fn has(&self, device: bool) -> bool {
        self.heads.iter().any(|h| h.device == device)
    }

    fn same_device(&self, text: &str) -> bool {
        self.heads.iter().any(|h| h.device && same(&h.text, text))
    }
}

/// The same GTIN with or without leading zeros.
fn same(a: &str, b: &str) -> bool {
    a == b || a.bytes().all(|c| c.is_ascii_digit()) && a.trim_start_matches('0') == b.trim_start_matches('0')
}

/// The kind of an item for the order of heads and units.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Device,
    Reference,
    Unit,
    Edge,
    Nothing,
}

fn sort(what: &What) -> Sort {
    match what {
        What::Device(_) => Sort::Device,
        What::Carried(c) if c.device.is_some() && c.lot.is_none() && c.serial.is_none() => Sort::Device,
        What::Reference(_) => Sort::Reference,
        What::Part | What::Row => Sort::Edge,
        What::Expiry(_) | What::Manufacture(_) | What::Broken => Sort::Nothing,
        _ => Sort::Unit,
    }
}

/// How a stretch of a notice without enumerators orders heads and units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Style {
    /// Units stand before their heads: `Lot 123 REF 456`.
    units_first: bool,
    /// Catalogue numbers lead, and devices stand behind the units: `REF 1 Lot 2 UDI-DI 3`.
    devices_last: bool,
    references_last: bool,
}

fn style(items: &[Item]) -> Style {
    // Where no lot or serial is named, dates are the units.
    let dates = items.iter().all(|i| sort(&i.what) != Sort::Unit);
    let dated = |what: &What| dates && matches!(what, What::Expiry(_) | What::Manufacture(_));
    let sorted = items.iter().map(|i| if dated(&i.what) { Sort::Unit } else { sort(&i.what) });
    let sorts: Vec<Sort> = sorted.filter(|s| *s != Sort::Nothing).collect();
    let (Some(first), Some(last)) = (sorts.first(), sorts.last()) else {
        return Style::default();
    };
    let units = sorts.contains(&Sort::Unit);
    let whole = items.iter().any(|i| matches!(&i.what, What::Carried(c) if c.device.is_some()));
    let ends: Vec<Sort> = sorts.iter().rev().copied().take_while(|s| *s != Sort::Unit).collect();
    let starts: Vec<Sort> = sorts.iter().copied().take_while(|s| *s != Sort::Unit).collect();
    Style {
        units_first: units && !whole && *first == Sort::Unit && *last != Sort::Unit,
        devices_last: units
            && *first == Sort::Reference
            && !starts.contains(&Sort::Device)
            && !ends.is_empty()
            && ends.iter().all(|s| *s == Sort::Device),
        references_last: units
            && (*first == Sort::Device || whole)
            && !starts.contains(&Sort::Reference)
            && !ends.is_empty()
            && ends.iter().all(|s| *s == Sort::Reference),
    }
}

/// The criteria that the items make.
pub(super) fn criteria(text: &str, items: Vec<Item>) -> Vec<NoticeCriterion> {
    let items = order::settled(items);
    let mut groups: Vec<Group> = Vec::new();
    let mut section: Vec<Item> = Vec::new();
    let mut row = false;
    for item in items {
        if matches!(item.what, What::Part | What::Row) {
            group(std::mem::take(&mut section), row, &mut groups);
            row = item.what == What::Row;
        } else {
            section.push(item);
        }
    }
    group(section, row, &mut groups);
    inherit(&mut groups);
    let mut lines = Vec::new();
    for group in &groups {
        write(text, group, &mut lines);
    }
    merge(lines)
}

/// Cuts one stretch into groups.
fn group(items: Vec<Item>, row: bool, groups: &mut Vec<Group>) {
    if items.is_empty() {
        return;
    }
    let style = style(&items);
    let mut now = Group { row, ..Group::default() };
    let close = |now: &mut Group, groups: &mut Vec<Group>| {
        let done = std::mem::take(now);
        if !done.empty() {
            groups.push(done);
        }
    };
    for item in items {
        let Item { what, span, confidence } = item;
        match what {
            What::Device(ref value) => {
                head(&mut now, Head { text: value.clone(), device: true, span, confidence }, style, &close, groups);
            }
            What::Reference(value) => {
                head(&mut now, Head { text: value, device: false, span, confidence }, style, &close, groups);
            }
            What::Carried(carried) => {
                let own = carried.device.map(|text| Head { text, device: true, span, confidence });
                let whole = carried.lot.is_some() || carried.serial.is_some();
                if let Some(own) = &own {
                    head(&mut now, own.clone(), style, &close, groups);
                }
                if let Some(reference) = carried.reference {
                    head(&mut now, Head { text: reference, device: false, span, confidence }, style, &close, groups);
                }
                let expiry = carried.expiry.map(|date| (Period::day(date), span, confidence));
                if whole {
                    let both = |what: What| Unit { what, span, confidence, expiry, own: own.clone() };
                    match (carried.lot, carried.serial) {
                        (Some(lot), Some(serial)) => now.units.push(both(What::Carried(super::carriers::Carried {
                            lot: Some(lot),
                            serial: Some(serial),
                            ..Default::default()
                        }))),
                        (Some(lot), None) => now.units.push(both(What::Lot(lot))),
                        (None, Some(serial)) => now.units.push(both(What::Serial(serial))),
                        (None, None) => {}
                    }
                } else if expiry.is_some() {
                    now.ahead = expiry;
                }
            }
            What::Expiry(period) => expiry(&mut now, period, span, confidence),
            What::Manufacture(_) => now.periods.push((what, span, confidence)),
            What::Broken => now.broken = true,
            What::Part | What::Row => {}
            _ => {
                if style.units_first && !now.heads.is_empty() {
                    close(&mut now, groups);
                }
                let expiry = now.ahead;
                now.units.push(Unit { what, span, confidence, expiry, own: None });
            }
        }
    }
    let mut last = now;
    close(&mut last, groups);
}

fn head(
    now: &mut Group,
    head: Head,
    style: Style,
    close: &dyn Fn(&mut Group, &mut Vec<Group>),
    groups: &mut Vec<Group>,
) {
    if head.device && now.same_device(&head.text) {
        return;
    }
    let has_units = !now.units.is_empty() || !now.periods.is_empty();
    if has_units {
        let joins = if now.heads.is_empty() {
            style.units_first
        } else if style.units_first {
            true
        } else {
            let late = if head.device { style.devices_last } else { style.references_last };
            late && (now.late || !now.has(head.device))
        };
        if joins {
            now.late = true;
        } else {
            close(now, groups);
        }
    }
    now.heads.push(head);
}

/// An expiry date belongs to the lots before it that have none yet; before any lot, to those that follow.
fn expiry(now: &mut Group, period: Period, span: (usize, usize), confidence: f64) {
    let open: Vec<usize> = (0..now.units.len()).rev().take_while(|u| now.units[*u].expiry.is_none()).collect();
    let lots = open.iter().any(|u| !matches!(now.units[*u].what, What::All));
    if lots {
        for u in open {
            now.units[u].expiry = Some((period, span, confidence));
        }
    } else if now.units.is_empty() || now.ahead.is_some() {
        now.ahead = Some((period, span, confidence));
        now.periods.push((What::Expiry(period), span, confidence));
    } else {
        now.periods.push((What::Expiry(period), span, confidence));
    }
}

/// A row, or an enumerated part, that names no device continues the one before.
fn inherit(groups: &mut [Group]) {
    for g in 1..groups.len() {
        if groups[g].heads.is_empty() && groups[g].row && !groups[g].units.is_empty() {
            let heads = groups[g - 1].heads.clone();
            groups[g].heads = heads;
        }
    }
}

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

fn write(text: &str, group: &Group, lines: &mut Vec<NoticeCriterion>) {
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
fn merge(lines: Vec<NoticeCriterion>) -> Vec<NoticeCriterion> {
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
