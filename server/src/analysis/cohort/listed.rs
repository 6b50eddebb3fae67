//! Rows of a cohort read back one by one: for extracts, and for tables of who uses a device.

use chrono::NaiveDate;
use uuid::Uuid;

use super::device::Seen;
use super::operation::NO_GRADE;
use super::row::{self, NO_AGE};
use super::{Cohort, End, Opcs4, Operation, Selection, Sex, Side, SiteCode};

/// One implant as a snapshot knows it: nobody's name, no identifier, no exact day of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
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
    /// The patient's age in years then.
    pub age: Option<u8>,
    /// The day.
    pub implanted_on: NaiveDate,
    /// What is known of the operation beyond its code.
    pub operation: Operation,
    /// Days observed until the cut-off.
    pub days: u16,
    /// Why observation ended before the cut-off, if it did.
    pub end: Option<End>,
}

impl Cohort {
    /// Calls `visit` with each implant of some products that is in any of the selections (of which no two share one).
    pub fn each_implant(
        &self,
        products: impl IntoIterator<Item = Uuid>,
        selections: &[Selection],
        mut visit: impl FnMut(Listed),
    ) {
        let wanted = self.wanted(selections);
        for product in products {
            let Some(device) = self.devices.get(&product) else { continue };
            for wanted in &wanted {
                device.each_row(wanted, |seen| visit(self.listed(product, &seen)));
            }
        }
    }

    fn listed(&self, product: Uuid, seen: &Seen) -> Listed {
        Listed {
            product,
            site: self.sites.get(usize::from(seen.site)).copied().unwrap_or_default(),
            procedure: Opcs4::of_column(seen.procedure),
            side: match seen.traits >> 2 & 0b11 {
                1 => Side::Left,
                2 => Side::Right,
                3 => Side::Bilateral,
                _ => Side::None,
            },
            sex: match seen.traits >> 4 & 0b11 {
                1 => Sex::Female,
                2 => Sex::Male,
                3 => Sex::Other,
                _ => Sex::Unknown,
            },
            age: (seen.age != NO_AGE).then_some(seen.age),
            implanted_on: row::date(seen.start),
            operation: seen.operation.map_or_else(Operation::default, |(surgeon, indication, bmi, asa)| Operation {
                surgeon: self.surgeons.get(usize::from(surgeon)).copied(),
                indication: self.indications.get(usize::from(indication)).copied(),
                bmi: Some(bmi).filter(|&bmi| bmi != NO_GRADE),
                asa: Some(asa).filter(|&asa| asa != NO_GRADE),
            }),
            days: seen.days,
            end: seen.end,
        }
    }
}
