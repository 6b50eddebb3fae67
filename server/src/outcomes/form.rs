//! The form that records an outcome of a procedure: a revision, a death, a complication or a score.

use chrono::Utc;
use tessera_scanner::verdict::london_date;

use super::model::{NewOutcome, OutcomeId, OutcomeKind, RevisionReason, What};
use crate::error::Problem;
use crate::theatre::model::DeviceUseId;
use crate::theatre::procedures::Procedure;
use crate::web::FieldError;
use crate::web::date_field::DateField;

/// Complications that the form offers: the word that is kept, and what people read.
pub const COMPLICATIONS: [(&str, &str); 10] = [
    ("infection", "Infection"),
    ("dislocation", "Dislocation"),
    ("fracture", "Fracture about the implant"),
    ("deep-vein-thrombosis", "Deep vein thrombosis"),
    ("pulmonary-embolism", "Pulmonary embolism"),
    ("bleeding", "Bleeding"),
    ("nerve-injury", "Nerve injury"),
    ("wound", "Wound problem"),
    ("readmission", "Readmission within 30 days"),
    ("other", "Other"),
];

/// Questionnaires that the form offers: the word that is kept, what people read, lowest and highest score.
pub const QUESTIONNAIRES: [(&str, &str, f64, f64); 5] = [
    ("oxford-hip", "Oxford Hip Score (0 to 48)", 0.0, 48.0),
    ("oxford-knee", "Oxford Knee Score (0 to 48)", 0.0, 48.0),
    ("oxford-shoulder", "Oxford Shoulder Score (0 to 48)", 0.0, 48.0),
    ("eq-5d-index", "EQ-5D index (−0.594 to 1)", -0.594, 1.0),
    ("eq-vas", "EQ VAS (0 to 100)", 0.0, 100.0),
];

/// What the form posts; `removed` may stand several times.
#[derive(Clone, Debug)]
pub struct OutcomeForm {
    pub id: Option<OutcomeId>,
    pub kind: OutcomeKind,
    pub on: DateField,
    /// Devices that were taken out.
    pub removed: Vec<DeviceUseId>,
    pub unlinked: bool,
    /// Reason of a revision, cause of a death, name of a complication, questionnaire.
    pub code: String,
    pub detail: String,
    pub score: String,
}

impl OutcomeForm {
    /// An empty one.
    pub fn new(kind: OutcomeKind) -> Self {
        Self {
            id: None,
            kind,
            on: DateField::default(),
            removed: Vec::new(),
            unlinked: false,
            code: String::new(),
            detail: String::new(),
            score: String::new(),
        }
    }

    /// Reads what was posted.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput) where a hidden field holds no identifier.
    pub fn read(fields: &[(String, String)]) -> Result<Self, Problem> {
        let mut form = Self::new(OutcomeKind::Revision);
        for (name, value) in fields {
            let refuse = |_| Problem::invalid(format!("The form's field {name} cannot be used."));
            match name.as_str() {
                "id" => form.id = Some(value.parse().map_err(refuse)?),
                "kind" => form.kind = value.parse().map_err(|_| Problem::invalid("The form's kind is none."))?,
                "removed" => form.removed.push(value.parse().map_err(refuse)?),
                "unlinked" => form.unlinked = true,
                "code" => value.trim().clone_into(&mut form.code),
                "detail" => value.trim().clone_into(&mut form.detail),
                "score" => value.trim().clone_into(&mut form.score),
                name => {
                    if let Some(part) = name.strip_prefix("on-") {
                        form.on.take(part, value);
                    }
                }
            }
        }
        Ok(form)
    }

    /// The outcome that was meant, or what is wrong with each field.
    ///
    /// # Errors
    /// A sentence for each field that cannot be used.
    pub fn outcome(&self, procedure: &Procedure) -> Result<NewOutcome, Vec<FieldError>> {
        let mut errors = Vec::new();
        let on = self.on.date(self.day_in_words()).map_err(|text| errors.push(wrong("on-day", text))).ok();
        let what = self.what(procedure).map_err(|more| errors.extend(more)).ok();
        let (Some(on), Some(what), true) = (on, what, errors.is_empty()) else { return Err(errors) };
        NewOutcome {
            id: self.id.unwrap_or_default(),
            patient: procedure.patient_id,
            occurred_on: on,
            what,
            supersedes: None,
            reason: None,
        }
        .checked(london_date(Utc::now()))
        .map_err(|problem| vec![wrong("on-day", problem.detail())])
    }

    /// What the date of this kind is called.
    pub fn day_in_words(&self) -> &'static str {
        match self.kind {
            OutcomeKind::Revision => "the day of the revision",
            OutcomeKind::Death => "the day of the death",
            OutcomeKind::Complication => "the day on which it was noticed",
            OutcomeKind::Prom => "the day of the questionnaire",
        }
    }

    fn what(&self, procedure: &Procedure) -> Result<What, Vec<FieldError>> {
        let detail = Some(self.detail.clone());
        let needs_words = self.code == "other" && self.detail.is_empty();
        match self.kind {
            OutcomeKind::Revision => {
                let mut errors = Vec::new();
                if self.removed.is_empty() != self.unlinked {
                    let text = "Choose the devices that were taken out, or that the registry does not have them.";
                    errors.push(wrong("unlinked", text));
                }
                let code = self.code.parse::<RevisionReason>();
                if code.is_err() {
                    errors.push(wrong("code", "Choose the reason of the revision."));
                } else if needs_words {
                    errors.push(wrong("detail", "Say in a few words what the reason was."));
                }
                match code {
                    Ok(code) if errors.is_empty() => {
                        Ok(What::Revision { procedure: None, code, detail, removed: self.removed.clone() })
                    }
                    _ => Err(errors),
                }
            }
            OutcomeKind::Death => Ok(What::Death { code: Some(self.code.clone()) }),
            OutcomeKind::Complication => {
                if !COMPLICATIONS.iter().any(|(word, _)| *word == self.code) {
                    return Err(vec![wrong("code", "Choose what went wrong.")]);
                }
                if needs_words {
                    return Err(vec![wrong("detail", "Say in a few words what went wrong.")]);
                }
                Ok(What::Complication { procedure: Some(procedure.id), code: self.code.clone(), detail })
            }
            OutcomeKind::Prom => {
                let Some((word, _, lowest, highest)) = QUESTIONNAIRES.iter().find(|one| one.0 == self.code) else {
                    return Err(vec![wrong("code", "Choose the questionnaire.")]);
                };
                match self.score.parse::<f64>() {
                    Ok(score) if (*lowest..=*highest).contains(&score) => {
                        Ok(What::Prom { procedure: Some(procedure.id), instrument: (*word).to_owned(), score })
                    }
                    _ => Err(vec![wrong("score", format!("Write the score: a number from {lowest} to {highest}."))]),
                }
            }
        }
    }
}

fn wrong(field: &str, text: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), text: text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::model::PatientId;
    use crate::store::columns::Moment;
    use crate::theatre::model::ProcedureId;

    fn procedure() -> Procedure {
        Procedure {
            id: ProcedureId::new(),
            patient_id: PatientId::new(),
            site_code: "RXX01".into(),
            theatre: "1".into(),
            opcs4: "W371".into(),
            side: None,
            indication: None,
            started_at: Moment::now(),
            ended_at: None,
            surgeon_id: None,
            bmi: None,
            asa: None,
        }
    }

    /// Posts a form and says which fields are wrong.
    fn posted(fields: &[(&str, &str)]) -> Result<NewOutcome, Vec<String>> {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let outcome = OutcomeForm::read(&fields).unwrap().outcome(&procedure());
        outcome.map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    const DAY: [(&str, &str); 3] = [("on-day", "3"), ("on-month", "2"), ("on-year", "2024")];

    fn on_that_day(fields: &[(&'static str, &'static str)]) -> Result<NewOutcome, Vec<String>> {
        posted(&[&DAY, fields].concat())
    }

    #[test]
    fn each_kind_says_what_it_lacks() {
        assert_eq!(posted(&[("kind", "revision")]).unwrap_err(), ["on-day", "unlinked", "code"]);
        assert_eq!(posted(&[("kind", "death")]).unwrap_err(), ["on-day"]);
        assert_eq!(on_that_day(&[("kind", "complication"), ("code", "bad luck")]).unwrap_err(), ["code"]);
        assert_eq!(on_that_day(&[("kind", "complication"), ("code", "other")]).unwrap_err(), ["detail"]);
        for score in ["", "49", "-1", "many", "NaN", "inf"] {
            assert_eq!(
                on_that_day(&[("kind", "prom"), ("code", "oxford-hip"), ("score", score)]).unwrap_err(),
                ["score"]
            );
        }
        let future = posted(&[("kind", "death"), ("on-day", "1"), ("on-month", "1"), ("on-year", "2999")]);
        assert_eq!(future.unwrap_err(), ["on-day"]);
    }

    #[test]
    fn each_kind_becomes_its_outcome() {
        let what = |fields: &[(&'static str, &'static str)]| on_that_day(fields).unwrap().what;
        assert_eq!(what(&[("kind", "death"), ("code", " ")]), What::Death { code: None });
        let revision = what(&[("kind", "revision"), ("unlinked", "yes"), ("code", "infection")]);
        assert!(matches!(revision, What::Revision { code: RevisionReason::Infection, .. }));
        let prom = what(&[("kind", "prom"), ("code", "eq-5d-index"), ("score", "-0.2")]);
        assert!(matches!(prom, What::Prom { score, .. } if (score + 0.2).abs() < 1e-9));
        let complication = what(&[("kind", "complication"), ("code", "wound"), ("detail", "")]);
        assert!(matches!(complication, What::Complication { procedure: Some(_), detail: None, .. }));
    }
}
