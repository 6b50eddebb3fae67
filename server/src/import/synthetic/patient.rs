//! The rows of one patient: identity, procedures, device uses, outcomes.

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use tessera_registry_fixture::{DeviceUse, Patient, Procedure, Sex, Side};
use tessera_scanner::recall_match::alike;

use super::Source;
use super::ids::PatientIds;
use super::reported;
use super::sizes::Size;
use crate::error::{Code, Problem};
use crate::identity::model::{Demographics, PatientId};
use crate::import::rows::{
    Batch, Day, DemographicsRow, DeviceUseRow, IdentifierRow, OutcomeRow, PatientRow, ProcedureRow, RemovalRow,
};
use crate::outcomes::model::OutcomeKind;
use crate::store::columns::Moment;
use crate::theatre::model::{DeviceUseId, Fate, OperatedSide, ProcedureId};

impl Source<'_> {
    /// Adds all rows of one patient.
    pub(super) fn add_rows(&self, patient: &Patient, batch: &mut Batch) -> Result<(), Problem> {
        let mut ids = self.ids.of_patient(patient.number)?;
        let id = ids.next().into();
        let known_from = moment(patient.procedures.first().map_or(patient.born, |procedure| procedure.on), 0);
        batch.patients.push(PatientRow {
            id,
            person_id: id,
            birth_year: Some(patient.born.year()),
            sex: Some(if patient.sex == Sex::Female { "female" } else { "male" }.to_owned()),
            created_at: known_from,
        });
        let row = ids.next();
        batch.identifiers.push(IdentifierRow {
            id: row.into(),
            patient_id: id,
            kind: "nhs",
            assigner: "",
            pseudonym: self.keys.pseudonym("nhs", "", &patient.nhs_number).as_bytes().to_vec(),
            sealed: self.keys.seal(patient.nhs_number.as_bytes(), row.as_bytes())?,
            created_at: known_from,
        });
        let row = ids.next();
        let demographics = Demographics {
            family: Some(patient.family.to_owned()),
            given: Some(patient.given.to_owned()),
            birth_date: Some(patient.born),
        };
        let plain = serde_json::to_vec(&demographics)
            .map_err(|error| Problem::new(Code::Internal, "Demographics could not be written.").because(error))?;
        batch.demographics.push(DemographicsRow {
            id: row.into(),
            patient_id: id,
            sealed: self.keys.seal(&plain, row.as_bytes())?,
            recorded_at: known_from,
        });
        self.add_procedures(patient, id, &mut ids, batch);
        batch.outcomes.extend(patient.died_on.map(|on| OutcomeRow {
            id: ids.next().into(),
            patient_id: id,
            kind: OutcomeKind::Death,
            occurred_on: on,
            procedure_id: None,
            code: None,
            score: None,
            withdrawn: false,
            recorded_at: moment(on, 0),
        }));
        Ok(())
    }

    /// Adds what was done to the patient, and what became of it.
    fn add_procedures(&self, patient: &Patient, id: PatientId, ids: &mut PatientIds, batch: &mut Batch) {
        let mut uses: Vec<Vec<DeviceUseId>> = Vec::new();
        let mut units = 0;
        for (nth, procedure) in patient.procedures.iter().enumerate() {
            let (procedure_id, started) = (ids.next().into(), moment(procedure.on, procedure.minute));
            batch.procedures.push(ProcedureRow {
                id: procedure_id,
                patient_id: id,
                site_code: self.registry.sites()[procedure.site].code.clone(),
                theatre: format!("Theatre {}", procedure.theatre),
                opcs4: procedure.opcs4,
                side: procedure.side.map(side),
                indication: Some(procedure.indication.to_owned()),
                started_at: started,
                ended_at: Some(moment(procedure.on, procedure.minute + procedure.duration)),
                surgeon_id: self
                    .surgeons
                    .get(procedure.site)
                    .and_then(|all| all.get(usize::from(procedure.surgeon)))
                    .copied(),
                bmi: Some(f64::from(procedure.bmi_tenths) / 10.0),
                asa: Some(i32::from(procedure.asa)),
            });
            uses.push(Vec::with_capacity(procedure.uses.len()));
            for device_use in &procedure.uses {
                units += 1;
                let size = self.sizes.of_unit(device_use.device, patient.number, units);
                let row = device_use_row(ids.next().into(), procedure_id, procedure, (device_use, size), started);
                uses.last_mut().into_iter().for_each(|of_procedure| of_procedure.push(row.id));
                batch.device_uses.push(row);
            }
            if !procedure.removes.is_empty() {
                let outcome_id = ids.next().into();
                batch.outcomes.push(OutcomeRow {
                    id: outcome_id,
                    patient_id: id,
                    kind: OutcomeKind::Revision,
                    occurred_on: procedure.on,
                    procedure_id: Some(procedure_id),
                    code: reported::reason(patient, nth).map(|reason| reason.to_string()),
                    score: None,
                    withdrawn: false,
                    recorded_at: started,
                });
                batch.removals.extend(
                    procedure
                        .removes
                        .iter()
                        .map(|unit| RemovalRow { outcome_id, device_use_id: uses[unit.procedure][unit.device_use] }),
                );
            }
            let told = reported::about(patient, nth, self.registry.last_day());
            batch.outcomes.extend(told.into_iter().map(|one| OutcomeRow {
                id: ids.next().into(),
                patient_id: id,
                kind: one.kind,
                occurred_on: one.on,
                procedure_id: Some(procedure_id),
                code: Some(one.code.to_owned()),
                score: one.score,
                withdrawn: false,
                recorded_at: moment(one.on, 0),
            }));
        }
    }
}

fn device_use_row(
    id: DeviceUseId,
    procedure_id: ProcedureId,
    procedure: &Procedure,
    (device_use, size): (&DeviceUse, &Size),
    started: Moment,
) -> DeviceUseRow {
    DeviceUseRow {
        id,
        procedure_id,
        product_id: Some(size.product),
        issuer: Some(size.issuer),
        identifier: Some(size.identifier.clone()),
        lot_alike: device_use.lot.as_deref().map(alike),
        lot: device_use.lot.clone(),
        serial_alike: device_use.serial.as_deref().map(alike),
        serial: device_use.serial.clone(),
        expiry: device_use.expiry.map(Day),
        manufacture: Some(Day(device_use.manufacture)),
        fate: if device_use.wasted { Fate::Wasted } else { Fate::Implanted },
        side: procedure.side.map(side),
        recorded_at: started,
    }
}

fn side(side: Side) -> OperatedSide {
    match side {
        Side::Left => OperatedSide::Left,
        Side::Right => OperatedSide::Right,
    }
}

pub(super) fn moment(day: NaiveDate, minute: u16) -> Moment {
    (day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::minutes(i64::from(minute))).into()
}
