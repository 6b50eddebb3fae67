//! One implant as it comes from the store, and how it is packed.

use chrono::NaiveDate;
use uuid::Uuid;

use super::key::{self, Head};
use super::names::number;
use super::operation::{self, Indication, Operation};

/// Day 0 of the columns; the last day that they can hold is in 2129.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1950, 1, 1).expect("a valid date");
/// Days that an implant "lasted" while it is still in place.
pub(super) const IN_PLACE: u16 = u16::MAX;
/// An age that is not known.
pub(super) const NO_AGE: u8 = u8::MAX;

/// Why observation of an implant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// Lost to follow-up: moved abroad, withdrew, closed registry.
    Censored,
    /// Taken out.
    Revised,
    /// The patient died with it in place.
    Died,
}

/// When and why observation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exit {
    /// The day.
    pub on: NaiveDate,
    /// Why.
    pub why: End,
}

/// Side of the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The device has none, or it was not recorded.
    #[default]
    None,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Both at once.
    Bilateral,
}

/// Sex as recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sex {
    /// Not known.
    #[default]
    Unknown,
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither.
    Other,
}

/// An ODS site code of up to nine characters, by value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteCode([u8; 9]);

impl SiteCode {
    /// From text of one to nine characters.
    ///
    /// # Errors
    /// If it is empty or longer.
    pub fn new(text: &str) -> Result<Self, OutOfRange> {
        let mut code = [0; 9];
        let room = code.get_mut(..text.len()).filter(|room| !room.is_empty()).ok_or(OutOfRange::SiteCode)?;
        room.copy_from_slice(text.as_bytes());
        Ok(Self(code))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 9] {
        &self.0
    }

    /// From its nine bytes; None where they are fewer.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// As text.
    pub fn text(&self) -> String {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        String::from_utf8_lossy(&self.0[..end]).into_owned()
    }
}

/// An OPCS-4 code such as W371 as a number: letter and three digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcs4(u16);

impl Opcs4 {
    /// From the code without its dot.
    ///
    /// # Errors
    /// If it is not a capital letter and three digits.
    pub fn new(text: &str) -> Result<Self, OutOfRange> {
        let (letter, digits) = text.split_at_checked(1).ok_or(OutOfRange::Opcs4)?;
        let letter = letter.bytes().next().filter(u8::is_ascii_uppercase).ok_or(OutOfRange::Opcs4)?;
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(OutOfRange::Opcs4);
        }
        let number: u16 = digits.parse().map_err(|_| OutOfRange::Opcs4)?;
        Ok(Self(u16::from(letter - b'A') * 1000 + number))
    }

    pub(super) fn of_column(number: u16) -> Self {
        Self(number)
    }

    /// All that there may be, in order of their numbers.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..26_000).map(Self)
    }
}

impl std::fmt::Display for Opcs4 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letter = u8::try_from(self.0 / 1000).map_or('?', |place| char::from(b'A'.saturating_add(place)));
        write!(f, "{letter}{:03}", self.0 % 1000)
    }
}

/// One implant: what, where, into whom, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImplantRow {
    /// The product.
    pub product: Uuid,
    /// Where it was implanted.
    pub site: SiteCode,
    /// In which procedure.
    pub procedure: Opcs4,
    /// On which side.
    pub side: Side,
    /// The patient's sex.
    pub sex: Sex,
    /// The patient's age in years on that day, 0 to 254.
    pub age: Option<u8>,
    /// The day.
    pub implanted_on: NaiveDate,
    /// What is known of the operation beyond its code.
    pub operation: Operation,
    /// When and why observation ended; None while it goes on.
    pub exit: Option<Exit>,
}

/// A row that the columns cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfRange {
    /// Before 1950 or after 2129.
    #[error("an implant dated {0} is outside 1950 to 2129: correct the date of its procedure")]
    Date(NaiveDate),
    /// The end lies before the beginning.
    #[error("an implant of {0} ends on {1}, before it began: correct the date of the procedure or of the outcome")]
    EndsBeforeStart(NaiveDate, NaiveDate),
    /// Not one to nine characters.
    #[error("a site code has one to nine characters")]
    SiteCode,
    /// Not an OPCS-4 code.
    #[error("an OPCS-4 code is a capital letter and three digits, without a dot")]
    Opcs4,
    /// More than columns can number.
    #[error("more than 65,535 sites, surgeons or indications")]
    TooManyNames,
}

impl ImplantRow {
    /// Whether columns can hold it.
    pub fn is_held(&self) -> bool {
        check(self).is_ok()
    }
}

/// Which implants count, and as of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Nothing after the end of this day is known: what ended later is still in place, what began later is not there.
    pub until: NaiveDate,
    /// Implanted on or after this day.
    pub from: Option<NaiveDate>,
    /// Implanted on or before this day.
    pub to: Option<NaiveDate>,
    /// At this site only.
    pub site: Option<SiteCode>,
    /// In this procedure only.
    pub procedure: Option<Opcs4>,
    /// On this side only.
    pub side: Option<Side>,
    /// In patients of this sex only.
    pub sex: Option<Sex>,
    /// In patients of this age only, both ends included; an unknown age is in no range.
    pub ages: Option<(u8, u8)>,
    /// Led by this surgeon only.
    pub surgeon: Option<Uuid>,
    /// For this reason only.
    pub indication: Option<Indication>,
    /// In patients of this body mass index only, both ends included; an unknown one is in no range.
    pub bmi: Option<(u8, u8)>,
    /// In patients of this ASA grade only.
    pub asa: Option<u8>,
}

impl Selection {
    /// Everything known by the end of a day.
    pub fn until(until: NaiveDate) -> Self {
        Self {
            until,
            from: None,
            to: None,
            site: None,
            procedure: None,
            side: None,
            sex: None,
            ages: None,
            surgeon: None,
            indication: None,
            bmi: None,
            asa: None,
        }
    }
}

/// A selection in the terms of the columns.
pub(super) struct Wanted {
    pub until: u16,
    pub from: u16,
    /// The last day of implantation, which is never after the cut-off.
    pub to: u16,
    pub site: Option<u16>,
    pub procedure: Option<u16>,
    pub traits: TraitMask,
    pub ages: Option<(u8, u8)>,
    pub surgeon: Option<u16>,
    pub indication: Option<u16>,
    pub bmi: Option<(u8, u8)>,
    pub asa: Option<u8>,
}

/// What the columns' numbers stand for.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub sites: &'a [SiteCode],
    pub surgeons: &'a [Uuid],
    pub indications: &'a [Indication],
}

/// Which bits of a row's traits must have which value.
#[derive(Clone, Copy, Default)]
pub(super) struct TraitMask {
    pub mask: u8,
    pub value: u8,
}

impl Wanted {
    /// None where the selection names a site, a surgeon or an indication of which there is no implant.
    pub fn among(selection: &Selection, names: Names<'_>) -> Option<Self> {
        let site = number(names.sites, selection.site)?;
        let surgeon = number(names.surgeons, selection.surgeon)?;
        let indication = number(names.indications, selection.indication)?;
        let mut traits = TraitMask::default();
        if let Some(side) = selection.side {
            traits.mask |= 0b1100;
            traits.value |= (side as u8) << 2;
        }
        if let Some(sex) = selection.sex {
            traits.mask |= 0b11_0000;
            traits.value |= (sex as u8) << 4;
        }
        // Days beyond the columns on either side are their ends.
        let clamp = |day: NaiveDate| {
            u16::try_from((day - FIRST_DAY).num_days().clamp(0, i64::from(u16::MAX))).unwrap_or(u16::MAX)
        };
        Some(Self {
            until: clamp(selection.until),
            from: selection.from.map_or(0, clamp),
            to: clamp(selection.to.map_or(selection.until, |to| to.min(selection.until))),
            site: selection.site.map(|_| site),
            procedure: selection.procedure.map(|code| code.0),
            traits,
            ages: selection.ages,
            surgeon: selection.surgeon.map(|_| surgeon),
            indication: selection.indication.map(|_| indication),
            bmi: selection.bmi,
            asa: selection.asa,
        })
    }

    /// Whether it asks for anything beyond dates: without, the inner loop has two columns less to read.
    pub fn is_everyone(&self) -> bool {
        self.site.is_none()
            && self.procedure.is_none()
            && self.traits.mask == 0
            && self.ages.is_none()
            && !self.asks_of_operation()
    }

    /// Whether it asks for anything of the operation beyond its code.
    pub fn asks_of_operation(&self) -> bool {
        self.surgeon.is_some() || self.indication.is_some() || self.bmi.is_some() || self.asa.is_some()
    }
}

/// Whether columns can hold the row.
pub(super) fn check(row: &ImplantRow) -> Result<(), OutOfRange> {
    day(row.implanted_on)?;
    lasted(row).map(|_| ())
}

/// A row with the numbers of what it names, as a key of the columns.
pub(super) fn pack(row: &ImplantRow, site: u16, surgeon: u16, indication: u16) -> Result<u128, OutOfRange> {
    let why = row.exit.map_or(0, |exit| exit.why as u8);
    let head = Head {
        start: day(row.implanted_on)?,
        lasted: lasted(row)?,
        traits: why | (row.side as u8) << 2 | (row.sex as u8) << 4,
        age: row.age.map_or(NO_AGE, |age| age.min(NO_AGE - 1)),
        site,
        procedure: row.procedure.0,
    };
    let (bmi, asa) = (operation::grade(row.operation.bmi), operation::grade(row.operation.asa));
    Ok(head.with(key::of_operation(surgeon, indication, bmi, asa)))
}

/// A day of the columns as a date.
pub(super) fn date(day: u16) -> NaiveDate {
    FIRST_DAY + chrono::Days::new(u64::from(day))
}

fn day(date: NaiveDate) -> Result<u16, OutOfRange> {
    u16::try_from((date - FIRST_DAY).num_days()).map_err(|_| OutOfRange::Date(date))
}

fn lasted(row: &ImplantRow) -> Result<u16, OutOfRange> {
    let Some(exit) = row.exit else { return Ok(IN_PLACE) };
    day(exit.on)?
        .checked_sub(day(row.implanted_on)?)
        .map(|days| days.min(IN_PLACE - 1))
        .ok_or(OutOfRange::EndsBeforeStart(row.implanted_on, exit.on))
}
