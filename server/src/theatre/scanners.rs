//! The scanners of the organisation's workstations, by the workstations' names: learnt once, known to every browser and
//! program that names its workstation.

use diesel::prelude::*;
use tessera_scanner::handheld::{ScannerProfile, Workstation};
use tessera_scanner::identifiers::OdsCode;

use crate::access::{Actor, UserId};
use crate::audit::{self, Act};
use crate::error::{Code, Problem};
use crate::store::columns::Moment;
use crate::store::schema::scanners;
use crate::store::{AnyConnection, Transaction};

/// One scanner of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptScanner {
    /// Where it is.
    pub workstation: String,
    /// What is known of it.
    pub profile: ScannerProfile,
    /// Since when.
    pub learnt_at: Moment,
}

/// Keeps what is known of a workstation's scanner, in place of what was known before.
///
/// # Errors
/// Those of the database.
pub fn keep(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: UserId,
    organisation: &OdsCode,
    workstation: &Workstation,
    profile: &ScannerProfile,
) -> Result<(), Problem> {
    let text = serde_json::to_string(profile)
        .map_err(|error| Problem::new(Code::Internal, "The scanner could not be written down.").because(error))?;
    let learnt = (scanners::profile.eq(&text), scanners::learnt_at.eq(Moment::now()), scanners::learnt_by.eq(user));
    let known = scanners::table.find((organisation.as_str(), workstation.as_str()));
    if diesel::update(known).set(learnt).execute(&mut **tx)? == 0 {
        let place =
            (scanners::organisation_code.eq(organisation.as_str()), scanners::workstation.eq(workstation.as_str()));
        diesel::insert_into(scanners::table).values((place, learnt)).execute(&mut **tx)?;
    }
    let subject = workstation.to_string();
    audit::record(tx, actor, &Act { action: "scanner-learnt", subject_kind: "workstation", subject, detail: profile })
}

/// What is known of a workstation's scanner.
///
/// # Errors
/// Those of the database, and [`Code::Internal`] where what was kept cannot be read.
pub fn profile_of(
    connection: &mut AnyConnection,
    organisation: &OdsCode,
    workstation: &Workstation,
) -> Result<Option<ScannerProfile>, Problem> {
    let known: Option<String> = scanners::table
        .find((organisation.as_str(), workstation.as_str()))
        .select(scanners::profile)
        .first(connection)
        .optional()?;
    known.as_deref().map(read).transpose()
}

/// Every scanner that the organisation knows, by workstation.
///
/// # Errors
/// As [`profile_of`].
pub fn known(connection: &mut AnyConnection, organisation: &OdsCode) -> Result<Vec<KeptScanner>, Problem> {
    let rows: Vec<(String, String, Moment)> = scanners::table
        .filter(scanners::organisation_code.eq(organisation.as_str()))
        .select((scanners::workstation, scanners::profile, scanners::learnt_at))
        .order(scanners::workstation)
        .load(connection)?;
    let kept = |(workstation, profile, learnt_at): (String, String, Moment)| {
        Ok(KeptScanner { workstation, profile: read(&profile)?, learnt_at })
    };
    rows.into_iter().map(kept).collect()
}

fn read(text: &str) -> Result<ScannerProfile, Problem> {
    serde_json::from_str(text)
        .map_err(|error| Problem::new(Code::Internal, "What is known of the scanner cannot be read.").because(error))
}

#[cfg(test)]
mod tests {
    use tessera_scanner::handheld::{Separator, calibration};
    use tessera_scanner::label::Outcome;

    use super::*;
    use crate::store::testing::on_both_engines;
    use crate::theatre::arrival::Arrived;
    use crate::theatre::model::ProcedureId;
    use crate::theatre::tests::{scan, theatre};

    #[test]
    fn a_scanner_learnt_once_is_known_to_the_organisation() {
        on_both_engines(|store| {
            let recorder = theatre(store);
            let here: Workstation = "Theatre 3".parse().unwrap();
            let other: OdsCode = "RYY".parse().unwrap();
            let learn = |shown: &str| {
                let profile = calibration::learn(shown.as_bytes()).unwrap();
                let recorder = recorder.clone();
                let here = here.clone();
                store
                    .write_now(move |tx| keep(tx, &recorder.actor, recorder.user, &recorder.home, &here, &profile))
                    .unwrap();
            };
            learn(&calibration::MESSAGE.replace('\u{1d}', "_"));
            learn(&calibration::MESSAGE.replace('\u{1d}', "F8"));
            let (all, one, elsewhere) = store
                .read_now(|connection| {
                    let all = known(connection, &recorder.home)?;
                    let one = profile_of(connection, &recorder.home, &here)?;
                    Ok((all, one, profile_of(connection, &other, &here)?))
                })
                .unwrap();
            assert_eq!((all.len(), elsewhere), (1, None));
            let profile = one.unwrap();
            assert_eq!(all[0].profile, profile);
            assert_eq!(profile.separator, Separator::Typed("F8".to_owned()));

            // Without it, F8 may be part of the lot; with it, it is a separator, and the scan keeps what it was read with.
            let mut sent = scan(ProcedureId::new(), &[b"]d2010952100502201510F12F821S77"]);
            sent.workstation = Some(here.clone());
            let unknown = Arrived::new(&recorder.keys, sent.clone(), None).unwrap();
            assert_eq!(unknown.label.as_ref().unwrap().outcome, Outcome::Ambiguous);
            let read = Arrived::new(&recorder.keys, sent, Some(profile.clone())).unwrap();
            assert_eq!(read.label.as_ref().unwrap().outcome, Outcome::Read);
            assert_eq!(read.scan.profile, Some(profile));
            assert_eq!(read.body_hash, unknown.body_hash, "a repeat is the same scan, whatever was learnt between");
            assert!(String::from_utf8(read.body).unwrap().contains("F8"));
        });
    }
}
