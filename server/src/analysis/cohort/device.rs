//! The columns of one device.

use chrono::NaiveDate;

use super::bins::Bins;
use super::key::{self, Head, Numbered};
use super::model::Patterns;
use super::operation::Operations;
use super::packed::{Codes, Packed};
use super::row::{self, IN_PLACE, TraitMask, Wanted};
use super::timeline::Timeline;
use super::{DIED, End, REVISED};
use crate::analysis::cox::grouped::Counts;

pub(super) mod cells;
mod content;

/// All implants of one product, in order of their packed rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Device {
    /// Day of the implantation.
    start: Vec<u16>,
    /// Days until its end; [`IN_PLACE`] while there is none.
    lasted: Vec<u16>,
    /// Bits 0–1 why it ended, 2–3 side, 4–5 sex.
    traits: Vec<u8>,
    age: Vec<u8>,
    site: Vec<u16>,
    procedure: Codes,
    /// What is known of the operations; None where nothing is.
    operations: Option<Operations>,
    digest: [u8; 32],
    /// Ends in order, made of the columns; None where they do not fit.
    timeline: Option<Timeline>,
}

impl Device {
    /// From packed rows in any order, with other numbers for what they name.
    pub fn from_keys(mut keys: Vec<u128>, number: impl Fn(Numbered, u16) -> u16) -> Self {
        for key in &mut keys {
            *key = key::renumbered(*key, &number);
        }
        keys.sort_unstable();
        let heads = || keys.iter().map(|&key| Head::of(key));
        let mut device = Self {
            start: heads().map(|head| head.start).collect(),
            lasted: heads().map(|head| head.lasted).collect(),
            traits: heads().map(|head| head.traits).collect(),
            age: heads().map(|head| head.age).collect(),
            site: heads().map(|head| head.site).collect(),
            procedure: Codes::of(heads().map(|head| head.procedure).collect()),
            operations: Operations::of(&keys),
            digest: [0; 32],
            timeline: None,
        };
        device.seal();
        device
    }

    pub fn len(&self) -> usize {
        self.start.len()
    }

    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Whether any implant has this number.
    pub fn has(&self, of: Numbered, number: u16) -> bool {
        match of {
            Numbered::Site => self.site.contains(&number),
            other => self.named(other).is_some_and(|column| column.values().any(|one| one == number)),
        }
    }

    /// Calls `visit` with the number that each of its implants has.
    pub fn each_number(&self, of: Numbered, visit: impl FnMut(u16)) {
        match of {
            Numbered::Site => self.site.iter().copied().for_each(visit),
            other => self.named(other).into_iter().flat_map(Packed::values).for_each(visit),
        }
    }

    /// The first and the last day of a wanted implantation.
    pub fn starts(&self, wanted: &Wanted) -> Option<(NaiveDate, NaiveDate)> {
        let until = self.start.partition_point(|&start| start <= wanted.to);
        let (first, last) = (self.start[..until].first()?, self.start[..until].last()?);
        Some((row::date(*first), row::date(*last)))
    }

    fn named(&self, of: Numbered) -> Option<&Packed> {
        self.operations.as_ref().and_then(|operations| operations.named(of))
    }

    pub fn insert(&mut self, key: u128) {
        let (at, head) = (self.place(key), Head::of(key));
        if self.operations.is_none() && key::operation(key) != key::NO_OPERATION {
            self.operations = Some(Operations::unknown(self.len()));
        }
        if let Some(operations) = &mut self.operations {
            operations.insert(at, key);
        }
        self.start.insert(at, head.start);
        self.lasted.insert(at, head.lasted);
        self.traits.insert(at, head.traits);
        self.age.insert(at, head.age);
        self.site.insert(at, head.site);
        self.procedure.change(|all| all.insert(at, head.procedure));
        self.seal();
    }

    /// Removes one such row; which of several equal ones makes no difference. False where there is none.
    pub fn remove(&mut self, key: u128) -> bool {
        let at = self.place(key);
        if at == self.len() || self.key(at) != key {
            return false;
        }
        self.start.remove(at);
        self.lasted.remove(at);
        self.traits.remove(at);
        self.age.remove(at);
        self.site.remove(at);
        self.procedure.change(|all| {
            all.remove(at);
        });
        if let Some(operations) = &mut self.operations {
            operations.remove(at);
        }
        // The hash covers content only: what is not known leaves no columns.
        self.operations = self.operations.take().filter(|operations| !operations.is_unknown());
        self.seal();
        true
    }

    /// Gives what is named other numbers. The numbering keeps the order of names, so the rows keep theirs.
    pub fn renumber(&mut self, of: Numbered, number: impl Fn(u16) -> u16) {
        self.number_anew(of, number);
        self.sign();
    }

    /// The same without a digest, which whoever asks for it makes with [`Device::sign`].
    pub fn number_anew(&mut self, of: Numbered, number: impl Fn(u16) -> u16) {
        match (of, &mut self.operations) {
            (Numbered::Site, _) => self.site.iter_mut().for_each(|old| *old = number(*old)),
            (other, Some(operations)) => operations.renumber(other, number),
            (_, None) => {}
        }
    }

    /// Adds each wanted implant to the count of its exit day: `days[0]` for those who did not end, `days[cause]` for a cause.
    pub fn count_exits(&self, wanted: &Wanted, days: &mut [Vec<u32>]) {
        let longest = usize::from(wanted.until.saturating_sub(self.start.first().copied().unwrap_or(0)));
        for column in days.iter_mut() {
            column.resize(column.len().max(longest + 1), 0);
        }
        self.each(wanted, |lasted, end| {
            let column = match end {
                None | Some(End::Censored) => 0,
                Some(End::Revised) => REVISED,
                Some(End::Died) => DIED,
            };
            days[column][usize::from(lasted)] += 1;
        });
    }

    /// Calls `visit` with the days observed until the cut-off, and why they ended, if they did.
    pub fn each(&self, wanted: &Wanted, mut visit: impl FnMut(u16, Option<End>)) {
        // Rows are in order of their start, so the period is a range of them.
        let from = self.start.partition_point(|&start| start < wanted.from);
        let to = self.start.partition_point(|&start| start <= wanted.to).max(from);
        let everyone = wanted.is_everyone();
        for row in from..to {
            if !everyone && !self.is_wanted(row, wanted) {
                continue;
            }
            let known = wanted.until - self.start[row];
            let lasted = self.lasted[row];
            if lasted == IN_PLACE || lasted > known {
                visit(known, None);
            } else {
                visit(lasted, Some(why(self.traits[row])));
            }
        }
    }

    /// Calls `visit` with each wanted row: its place in the columns, the days observed, and why they ended, if they did.
    pub fn each_row(&self, wanted: &Wanted, mut visit: impl FnMut(Seen)) {
        let from = self.start.partition_point(|&start| start < wanted.from);
        let to = self.start.partition_point(|&start| start <= wanted.to).max(from);
        for row in (from..to).filter(|&row| self.is_wanted(row, wanted)) {
            let known = wanted.until - self.start[row];
            let ended = self.lasted[row] != IN_PLACE && self.lasted[row] <= known;
            visit(Seen {
                start: self.start[row],
                days: self.lasted[row].min(known),
                end: ended.then(|| why(self.traits[row])),
                traits: self.traits[row],
                age: self.age[row],
                site: self.site[row],
                procedure: self.procedure.get(row),
                operation: self.operations.as_ref().map(|operations| operations.row(row)),
            });
        }
    }

    fn is_wanted(&self, row: usize, wanted: &Wanted) -> bool {
        self.traits[row] & wanted.traits.mask == wanted.traits.value
            && wanted.site.is_none_or(|site| site == self.site[row])
            && wanted.procedure.is_none_or(|procedure| procedure == self.procedure.get(row))
            && wanted.ages.is_none_or(|(youngest, oldest)| {
                (youngest..=oldest).contains(&self.age[row]) && self.age[row] != super::row::NO_AGE
            })
            && (!wanted.asks_of_operation()
                || self.operations.as_ref().is_some_and(|operations| operations.is_wanted(row, wanted)))
    }

    fn key(&self, row: usize) -> u128 {
        let head = Head {
            start: self.start[row],
            lasted: self.lasted[row],
            traits: self.traits[row],
            age: self.age[row],
            site: self.site[row],
            procedure: self.procedure.get(row),
        };
        head.with(self.operations.as_ref().map_or(key::NO_OPERATION, |operations| operations.key(row)))
    }

    /// Where a key is or belongs.
    fn place(&self, key: u128) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The ends in order, where they answer what is asked: everyone, as of the last day of which anything is known or later.
    pub fn timeline(&self, wanted: &Wanted) -> Option<&Timeline> {
        let first = self.start.first().is_none_or(|&first| wanted.from <= first);
        let all = wanted.is_everyone() && first && self.start.last().is_none_or(|&last| last <= wanted.to);
        self.timeline.as_ref().filter(|line| all && line.latest <= wanted.until)
    }

    /// What columns and timeline take up in memory.
    pub fn bytes(&self) -> usize {
        let wide = 2 * (self.start.len() + self.lasted.len() + self.site.len());
        let narrow = self.traits.len() + self.age.len();
        let operations = self.operations.as_ref().map_or(0, Operations::bytes);
        wide + narrow + self.procedure.bytes() + operations + self.timeline.as_ref().map_or(0, Timeline::bytes)
    }

    /// Counts wanted implants by the day of their end and by why.
    pub fn bin(&self, wanted: &Wanted, bins: &mut Bins) {
        const BLOCK: usize = 1024;
        let from = self.start.partition_point(|&start| start < wanted.from);
        let to = self.start.partition_point(|&start| start <= wanted.to).max(from);
        let longest = if from < to { wanted.until - self.start[from] } else { 0 };
        bins.clear(longest);
        let mut keep = [1_u8; BLOCK];
        for begin in (from..to).step_by(BLOCK) {
            let rows = begin..(begin + BLOCK).min(to);
            let keep = &mut keep[..rows.len()];
            self.choose(rows.clone(), wanted, keep);
            let columns = self.start[rows.clone()].iter().zip(&self.lasted[rows.clone()]).zip(&self.traits[rows]);
            for (((&start, &lasted), &traits), &keep) in columns.zip(keep.iter()) {
                let known = wanted.until - start;
                let ended = u8::from(lasted <= known && lasted != IN_PLACE);
                bins.add(lasted.min(known), (traits & 0b11) * ended, keep);
            }
        }
    }

    /// One for each row that is wanted, zero for the others: column by column, so that many rows are judged at once.
    fn choose(&self, rows: std::ops::Range<usize>, wanted: &Wanted, keep: &mut [u8]) {
        let TraitMask { mask, value } = wanted.traits;
        for (keep, &traits) in keep.iter_mut().zip(&self.traits[rows.clone()]) {
            *keep = u8::from(traits & mask == value);
        }
        if let Some((youngest, oldest)) = wanted.ages {
            for (keep, &age) in keep.iter_mut().zip(&self.age[rows.clone()]) {
                *keep &= u8::from(age >= youngest) & u8::from(age <= oldest) & u8::from(age != super::row::NO_AGE);
            }
        }
        if let Some(site) = wanted.site {
            for (keep, &cell) in keep.iter_mut().zip(&self.site[rows.clone()]) {
                *keep &= u8::from(cell == site);
            }
        }
        if let Some(procedure) = wanted.procedure {
            self.procedure.choose(rows.clone(), procedure, keep);
        }
        match &self.operations {
            Some(operations) => operations.choose(rows, wanted, keep),
            None if wanted.asks_of_operation() => keep.fill(0),
            None => {}
        }
    }

    /// Counts wanted implants by pattern and day of their end.
    pub fn count_patterns(&self, wanted: &Wanted, patterns: &Patterns, first: usize, event: u8, counts: &mut Counts) {
        let from = self.start.partition_point(|&start| start < wanted.from);
        let to = self.start.partition_point(|&start| start <= wanted.to).max(from);
        let everyone = wanted.is_everyone();
        let columns = self.start[from..to].iter().zip(&self.lasted[from..to]);
        let traits = self.traits[from..to].iter().zip(&self.age[from..to]);
        for (row, ((&start, &lasted), (&traits, &age))) in (from..to).zip(columns.zip(traits)) {
            if !everyone && !self.is_wanted(row, wanted) {
                continue;
            }
            let known = wanted.until - start;
            let Some(pattern) = patterns.of(traits, age) else { continue };
            let happened = traits & 0b11 == event && lasted <= known && lasted != IN_PLACE;
            counts.add(first + pattern, lasted.min(known), happened);
        }
    }

    /// How long the longest observation of a wanted period is.
    pub fn longest(&self, wanted: &Wanted) -> u16 {
        let from = self.start.partition_point(|&start| start < wanted.from);
        self.start.get(from).map_or(0, |&start| wanted.until.saturating_sub(start))
    }

    fn seal(&mut self) {
        self.timeline = self.drawn();
        self.sign();
    }

    /// Makes the digest of the columns.
    pub fn sign(&mut self) {
        self.digest = self.content();
    }

    fn drawn(&self) -> Option<Timeline> {
        let rows = self.start.iter().zip(&self.lasted).zip(&self.traits);
        Timeline::of(rows.map(|((&start, &lasted), &traits)| (start, lasted, traits & 0b11)))
    }
}

/// A row of the columns as of a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub start: u16,
    pub days: u16,
    pub end: Option<End>,
    pub traits: u8,
    pub age: u8,
    pub site: u16,
    pub procedure: u16,
    /// Numbers of surgeon and indication, BMI, ASA; None where nothing is known.
    pub operation: Option<(u16, u16, u8, u8)>,
}

fn why(traits: u8) -> End {
    match traits & 0b11 {
        1 => End::Revised,
        2 => End::Died,
        _ => End::Censored,
    }
}
