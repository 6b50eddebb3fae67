//! Amendments on both engines.

use super::model::{AmendmentId, AmendmentState, Changed, NewAmendment};
use super::store as amendments;
use crate::access::User;
use crate::error::{Code, Problem};
use crate::once::Written;
use crate::recalls::alerts::model::AlertKind;
use crate::recalls::alerts::store as alerts;
use crate::recalls::criteria::{CriterionForm, UnitKind};
use crate::recalls::model::RecallId;
use crate::recalls::quarantine::run::set_apart;
use crate::recalls::stock::model::StockState;
use crate::recalls::testing::*;
use crate::recalls::work::chase::{acknowledge, ask_sites};
use crate::store::Store;
use crate::store::testing::on_both_engines;

fn amend(lots: &[&str]) -> NewAmendment {
    NewAmendment {
        id: AmendmentId::new(),
        reason: "A lot was added.".to_owned(),
        notice: "As amended".to_owned(),
        criteria: lots.iter().map(|lot| line(STEM, UnitKind::Lot, Some(lot))).collect::<Vec<CriterionForm>>(),
    }
}

fn entered(store: &Store, user: &User, recall: RecallId, new: &NewAmendment) -> Result<Written, Problem> {
    let (user, new) = (user.clone(), new.checked()?);
    store.write_now(move |tx| amendments::enter(tx, &user, recall, &new)).map(|(_, written)| written)
}

fn confirmed(store: &Store, user: &User, recall: RecallId, id: AmendmentId) -> Result<Changed, Problem> {
    let user = user.clone();
    let weighed = store.read_now(|connection| amendments::weigh(connection, recall, id))?;
    let changed = store.write_now(move |tx| amendments::confirm(tx, &user, (recall, id), weighed))?;
    set_apart(store, recall)?;
    Ok(changed)
}

#[test]
fn an_amended_notice_acts_at_once_when_a_second_person_confirms_it() {
    on_both_engines(|store| {
        ready(store);
        for lot in ["L1", "L2"] {
            let (_, procedure) = patient(store);
            implant(store, procedure, Implant { lot: Some(lot), ..STEM_IN });
        }
        let (pat, sam, sue) = (person(store, "pat"), person(store, "sam"), person(store, "sue"));
        let new = notice(vec![line(STEM, UnitKind::Lot, Some("L1"))]);
        enter(store, &pat, &new).unwrap();
        assert_eq!(entered(store, &pat, new.id, &amend(&["L2"])).unwrap_err().code(), Code::WrongState);
        confirm(store, &sam, new.id).unwrap();
        let shelf = receive(store, Some("L2"));
        let today = tessera_scanner::verdict::london_date(chrono::Utc::now());
        let user = sam.clone();
        store
            .write_now(move |tx| {
                ask_sites(tx, &user, new.id, today)?;
                acknowledge(tx, &user, new.id, "RXX01", "")
            })
            .unwrap();

        let both = amend(&["L2", "L3"]);
        assert_eq!(entered(store, &sue, new.id, &both).unwrap(), Written::Now);
        assert_eq!(entered(store, &sue, new.id, &both).unwrap(), Written::Before);
        assert_eq!(
            entered(store, &pat, new.id, &amend(&["L4"])).unwrap_err().code(),
            Code::WrongState,
            "one at a time"
        );
        assert_eq!(confirmed(store, &sue, new.id, both.id).unwrap_err().code(), Code::SecondPerson);
        assert_eq!(state(store, shelf), StockState::Available, "nothing acts before that");
        let changed = confirmed(store, &sam, new.id, both.id).unwrap();
        assert_eq!(
            changed,
            Changed { patients_added: 1, patients_removed: 1, patients_changed: 0, stock_added: 1, stock_removed: 0 }
        );
        assert_eq!(state(store, shelf), StockState::Quarantined);
        assert_eq!(confirmed(store, &sam, new.id, both.id).unwrap_err().code(), Code::WrongState);
        let (after, kept, open, sites) = store
            .read_now(|connection| {
                Ok((
                    crate::recalls::store::show(connection, new.id)?,
                    amendments::find(connection, both.id)?.unwrap(),
                    alerts::open(connection, Some(new.id))?,
                    crate::recalls::work::store::asked(connection, new.id)?,
                ))
            })
            .unwrap();
        assert_eq!((after.criteria.len(), after.notice.notice.as_str()), (2, "As amended"));
        assert_eq!(kept.state, AmendmentState::Confirmed);
        assert!(kept.replaced.unwrap().contains("L1"), "what it covered before is kept");
        assert_eq!(open.iter().map(|one| one.kind).collect::<Vec<_>>(), [AlertKind::Amended]);
        assert!(
            open[0].text.starts_with("The notice was amended: 1 patient more, 1 patient fewer, 1 stock item more.")
        );
        assert_eq!(sites[0].acknowledged_at, None, "the site has to acknowledge the notice as it is now");
        assert_eq!(entered(store, &pat, new.id, &amend(&["L2", "L3"])).unwrap_err().code(), Code::InvalidInput);
    });
}
