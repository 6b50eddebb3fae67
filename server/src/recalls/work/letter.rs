//! Letters to patients: one template a recall, filled in for each person.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::UserId;
use crate::error::Problem;
use crate::recalls::model::RecallId;
use crate::store::columns::Moment;
use crate::store::schema::recall_letters;
use crate::web::words::day;

crate::record_id! {
    /// One version of a letter.
    LetterId
}

/// What stands between braces in a template, and what it becomes.
pub const PLACEHOLDERS: [(&str, &str); 9] = [
    ("name", "the patient's name"),
    ("nhs_number", "the patient's NHS number"),
    ("born", "the date of birth"),
    ("device", "which device, or devices, with lot and serial"),
    ("implanted", "when it was implanted"),
    ("hospital", "where it was implanted"),
    ("notice", "the notice's reference"),
    ("title", "what is wrong"),
    ("today", "the day of the letter"),
];

/// What a letter says until somebody writes another.
pub const FIRST_SUBJECT: &str = "Important information about your implant";
/// See [`FIRST_SUBJECT`].
pub const FIRST_BODY: &str = "Dear {name},

You had an implant at {hospital} on {implanted}: {device}.

The manufacturer has published a safety notice about this device ({notice}): {title}.

We would like to speak with you about what this means for you. Please telephone us. There is no need to attend before that \
unless you have new pain or any other new symptom.

{today}";

/// A template as somebody writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLetter {
    /// Identifier (UUIDv7), made by the client.
    pub id: LetterId,
    /// Its subject.
    pub subject: String,
    /// Its text, with placeholders between braces.
    pub body: String,
}

/// A template as it is kept; the latest of a recall counts.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recall_letters)]
pub struct Letter {
    /// Identifier.
    pub id: LetterId,
    /// For which recall.
    pub recall_id: RecallId,
    /// Its subject.
    pub subject: String,
    /// Its text, with placeholders.
    pub body: String,
    /// When it was written.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub written_at: Moment,
    /// By whom.
    pub written_by: UserId,
}

impl NewLetter {
    /// The template as it is kept.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for an empty or far too long text, or a placeholder that nothing fills.
    pub fn checked(&self, recall: RecallId, by: UserId) -> Result<Letter, Problem> {
        let (subject, body) = (self.subject.trim(), self.body.trim());
        if subject.is_empty() || subject.chars().count() > 200 {
            return Err(Problem::invalid("The letter's subject has 1 to 200 characters."));
        }
        if body.is_empty() || body.chars().count() > 8000 {
            return Err(Problem::invalid("The letter has 1 to 8,000 characters."));
        }
        for text in [subject, body] {
            pieces(text)?;
        }
        Ok(Letter {
            id: self.id,
            recall_id: recall,
            subject: subject.to_owned(),
            body: body.to_owned(),
            written_at: Moment::now(),
            written_by: by,
        })
    }
}

/// Who a letter is for, and what it tells of their device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressee {
    /// Name, as one writes it in a letter; empty where unknown.
    pub name: String,
    /// NHS number; empty where unknown.
    pub nhs_number: String,
    /// Date of birth.
    pub born: Option<NaiveDate>,
    /// Devices with lot and serial.
    pub device: String,
    /// When they were implanted.
    pub implanted: String,
    /// Where.
    pub hospital: String,
    /// The notice's reference.
    pub notice: String,
    /// What is wrong.
    pub title: String,
    /// The day of the letter.
    pub today: NaiveDate,
}

impl Addressee {
    fn value(&self, placeholder: &str) -> String {
        match placeholder {
            "name" if self.name.is_empty() => "patient".to_owned(),
            "name" => self.name.clone(),
            "nhs_number" => self.nhs_number.clone(),
            "born" => self.born.map(day).unwrap_or_default(),
            "device" => self.device.clone(),
            "implanted" => self.implanted.clone(),
            "hospital" => self.hospital.clone(),
            "notice" => self.notice.clone(),
            "title" => self.title.clone(),
            "today" => day(self.today),
            _ => String::new(),
        }
    }

    /// A text with its placeholders filled in.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) for a placeholder that nothing fills.
    pub fn fill(&self, template: &str) -> Result<String, Problem> {
        let filled = pieces(template)?.into_iter().map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Placeholder(name) => self.value(name),
        });
        Ok(filled.collect())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

/// A template cut at its placeholders.
fn pieces(template: &str) -> Result<Vec<Piece<'_>>, Problem> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, after) = (&rest[..open], &rest[open + 1..]);
        let Some(close) = after.find('}') else {
            return Err(Problem::invalid("A brace { of the letter is never closed: write for example {name}."));
        };
        let name = &after[..close];
        if !PLACEHOLDERS.iter().any(|(known, _)| *known == name) {
            let known: Vec<_> = PLACEHOLDERS.iter().map(|(known, _)| format!("{{{known}}}")).collect();
            return Err(Problem::invalid(format!(
                "Nothing fills {{{name}}} in the letter. There are {}.",
                known.join(", ")
            )));
        }
        pieces.extend([Piece::Text(before), Piece::Placeholder(name)]);
        rest = &after[close + 1..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn new(body: &str) -> NewLetter {
        NewLetter { id: LetterId::new(), subject: FIRST_SUBJECT.to_owned(), body: body.to_owned() }
    }

    #[test]
    fn the_first_letter_reads_as_one() {
        let letter = new(FIRST_BODY).checked(RecallId::new(), UserId::new()).unwrap();
        let to = Addressee {
            name: "Amy Sample".to_owned(),
            device: "Fellgate hip stem, lot 122927".to_owned(),
            implanted: "2 Jun 2026".to_owned(),
            hospital: "Harrow Street Hospital".to_owned(),
            notice: "FSN-2026-014".to_owned(),
            title: "taper out of tolerance".to_owned(),
            today: NaiveDate::from_ymd_opt(2026, 11, 27).unwrap(),
            ..Addressee::default()
        };
        insta::assert_snapshot!(to.fill(&letter.body).unwrap(), @r"
        Dear Amy Sample,

        You had an implant at Harrow Street Hospital on 2 Jun 2026: Fellgate hip stem, lot 122927.

        The manufacturer has published a safety notice about this device (FSN-2026-014): taper out of tolerance.

        We would like to speak with you about what this means for you. Please telephone us. There is no need to attend before that unless you have new pain or any other new symptom.

        27 Nov 2026
        ");
        assert!(Addressee::default().fill("Dear {name},").unwrap().contains("Dear patient,"));
    }

    #[test]
    fn a_placeholder_that_nothing_fills_is_named() {
        for (body, named) in [("Dear {nmae}", "{nmae}"), ("Dear {name", "never closed"), ("", "1 to 8,000")] {
            let problem = new(body).checked(RecallId::new(), UserId::new()).unwrap_err();
            assert!(problem.detail().contains(named), "{problem}");
        }
    }

    proptest! {
        #[test]
        fn what_a_person_is_called_is_never_taken_for_a_template(name in "\\PC*") {
            let to = Addressee { name: name.clone(), ..Addressee::default() };
            let expected = if name.is_empty() { "patient".to_owned() } else { name };
            prop_assert_eq!(to.fill("{name}").unwrap(), expected);
        }

        #[test]
        fn any_template_is_filled_or_refused(template in "\\PC*") {
            let _ = Addressee::default().fill(&template);
        }
    }
}
