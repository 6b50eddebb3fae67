//! Which lots belong to which device: what a walk found, put together as the order of a notice means it.

use super::items::{Item, Period, What};
use super::lines::{merge, write};
use super::{NoticeCriterion, order};

/// A device or catalogue number that heads units.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub text: String,
    pub device: bool,
    pub span: (usize, usize),
    pub confidence: f64,
}

/// What names units: a lot, a serial, a range, all.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub what: What,
    pub span: (usize, usize),
    pub confidence: f64,
    pub expiry: Option<(Period, (usize, usize), f64)>,
    /// The device that a whole UDI names together with its lot or serial.
    pub own: Option<Head>,
}

/// Heads and their units.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub heads: Vec<Head>,
    pub units: Vec<Unit>,
    /// Dates that stand alone.
    pub periods: Vec<(What, (usize, usize), f64)>,
    /// An expiry date that stood before its lots.
    pub ahead: Option<(Period, (usize, usize), f64)>,
    /// A label for units without a value that could be read.
    pub broken: bool,
    /// Whether the heads pushed last stand behind the units.
    pub late: bool,
    pub row: bool,
}

impl Group {
    fn empty(&self) -> bool {
        self.heads.is_empty() && self.units.is_empty() && self.periods.is_empty() && !self.broken
    }

    fn has(&self, device: bool) -> bool {
        self.heads.iter().any(|h| h.device == device)
    }

    /// Whether this lot or serial is among its units: "Lots A, B (UDI: (01)…(10)A)" tells the identifier of both.
    fn names(&self, lot: Option<&String>, serial: Option<&String>) -> bool {
        self.units.iter().any(|unit| match &unit.what {
            What::Lot(value) => Some(value) == lot,
            What::Serial(value) => Some(value) == serial,
            _ => false,
        })
    }

    fn same_device(&self, text: &str) -> bool {
        self.heads.iter().any(|h| h.device && same(&h.text, text))
    }
}

/// Whether all identifiers among the items are one and the same.
fn names_one_device(items: &[Item]) -> bool {
    let mut devices = items.iter().filter_map(|item| match &item.what {
        What::Device(text) => Some(text),
        What::Carried(carried) => carried.device.as_ref(),
        _ => None,
    });
    devices.next().is_some_and(|first| devices.all(|other| same(first, other)))
}

/// The same GTIN with or without leading zeros.
pub(super) fn same(a: &str, b: &str) -> bool {
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
    let only = names_one_device(&items);
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
                let of_all = only && now.heads.is_empty() && now.names(carried.lot.as_ref(), carried.serial.as_ref());
                match &own {
                    Some(own) if of_all => now.heads.push(own.clone()),
                    Some(own) => head(&mut now, own.clone(), style, &close, groups),
                    None => {}
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
    // "Model: MC1; CFN: MC1": one number under two names.
    if now.units.is_empty() && now.heads.iter().any(|known| known.device == head.device && known.text == head.text) {
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
