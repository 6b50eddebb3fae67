//! Letters filled in: for each patient who waits the identity is opened, with an audit row, and put into the template.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::letter::{Addressee, FIRST_BODY, FIRST_SUBJECT, Letter};
use super::picture::Picture;
use crate::access::Actor;
use crate::error::Problem;
use crate::identity;
use crate::identity::keys::IdentityKeys;
use crate::identity::model::{Demographics, PatientId};
use crate::spreadsheet::written;
use crate::store::Transaction;
use crate::store::read::affected::AffectedUse;
use crate::web::words::day;

/// Identities opened in one transaction: few enough that nobody's scan waits long behind them.
pub const AT_ONCE: usize = 200;

/// Somebody who is to have a letter, before the identity is opened.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The person.
    pub person: PatientId,
    /// The record that the identity is opened of.
    record: PatientId,
    device: String,
    implanted: String,
    hospital: String,
}

/// One letter, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The person.
    pub person: PatientId,
    /// Who it is for.
    pub to: Addressee,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// Everybody who waits to be reached, with what a letter tells of their devices.
pub fn recipients(picture: &Picture) -> Vec<Recipient> {
    let mut uses: HashMap<PatientId, Vec<&AffectedUse>> = HashMap::new();
    for one in picture.uses.iter().filter(|one| one.in_patient) {
        uses.entry(one.person).or_default().push(one);
    }
    let all = |uses: &[&AffectedUse], tell: &dyn Fn(&AffectedUse) -> String| {
        let mut texts: Vec<String> = uses.iter().map(|one| tell(one)).collect();
        texts.dedup();
        texts.join("; ")
    };
    let waiting = picture.waiting().into_iter();
    waiting
        .filter_map(|person| {
            let uses = uses.get(&person)?;
            Some(Recipient {
                person,
                record: uses.first()?.patient,
                device: all(uses, &device),
                implanted: all(uses, &|one| day(one.implanted_on)),
                hospital: all(uses, &|one| picture.site(&one.site).to_owned()),
            })
        })
        .collect()
}

fn device(one: &AffectedUse) -> String {
    let name = one.device.clone().or_else(|| one.identifier.clone()).unwrap_or_else(|| "an implant".to_owned());
    let lot = one.lot.as_ref().map(|lot| format!(", lot {lot}")).unwrap_or_default();
    let serial = one.serial.as_ref().map(|serial| format!(", serial {serial}")).unwrap_or_default();
    format!("{name}{lot}{serial}")
}

/// The template of a recall that nobody wrote another for.
pub fn subject_and_body(letter: Option<Letter>) -> (String, String) {
    letter.map_or_else(|| (FIRST_SUBJECT.to_owned(), FIRST_BODY.to_owned()), |letter| (letter.subject, letter.body))
}

/// What every letter of a recall shares.
#[derive(Clone, Debug)]
pub struct Template {
    /// Subject, with placeholders.
    pub subject: String,
    /// Text, with placeholders.
    pub body: String,
    /// The notice's reference.
    pub notice: String,
    /// What is wrong.
    pub title: String,
    /// The day of the letters.
    pub today: NaiveDate,
}

/// Opens the identities of these people, each with an audit row, and fills in their letters.
///
/// # Errors
/// [`Code::InvalidInput`](crate::error::Code::InvalidInput) without a reason, and where the template has a placeholder that nothing fills.
pub fn fill(
    tx: &mut Transaction<'_>,
    keys: &IdentityKeys,
    actor: &Actor,
    (template, reason): (&Template, &str),
    some: &[Recipient],
) -> Result<Vec<Filled>, Problem> {
    let mut letters = Vec::with_capacity(some.len());
    for one in some {
        let identity = identity::store::open_identity(tx, keys, actor, one.record, reason)?;
        let to = Addressee {
            name: name(&identity.demographics),
            nhs_number: identity.nhs_number.unwrap_or_default(),
            born: identity.demographics.birth_date,
            device: one.device.clone(),
            implanted: one.implanted.clone(),
            hospital: one.hospital.clone(),
            notice: template.notice.clone(),
            title: template.title.clone(),
            today: template.today,
        };
        letters.push(Filled {
            person: one.person,
            subject: to.fill(&template.subject)?,
            text: to.fill(&template.body)?,
            to,
        });
    }
    Ok(letters)
}

/// The name as one writes it in a letter.
fn name(known: &Demographics) -> String {
    [known.given.as_deref(), known.family.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Letters as CSV for a mail merge.
///
/// # Errors
/// [`Code::Internal`](crate::error::Code::Internal) where it cannot be written.
pub fn csv(letters: &[Filled]) -> Result<String, Problem> {
    let head = ["pseudonym", "name", "nhs_number", "born", "device", "implanted", "hospital", "subject", "text"];
    let rows = letters.iter().map(|letter| {
        let to = &letter.to;
        [
            letter.person.pseudonym(),
            to.name.clone(),
            to.nhs_number.clone(),
            to.born.map(|born| born.to_string()).unwrap_or_default(),
            to.device.clone(),
            to.implanted.clone(),
            to.hospital.clone(),
            letter.subject.clone(),
            letter.text.clone(),
        ]
    });
    written(&head, rows)
}
