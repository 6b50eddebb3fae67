//! Whom a recall concerns, on both engines: tiers, never a prefix, what was taken out.

use tessera_scanner::recall_match::Tier;
use tessera_scanner::udi::{DeviceIdentifier, Issuer};

use super::criteria::{CriterionForm, UnitKind};
use super::stock::model::StockState;
use super::store as recalls;
use super::testing::*;
use crate::store::read::affected::Excluded;
use crate::store::testing::on_both_engines;
use crate::theatre::model::DeviceUseId;

#[test]
fn patients_are_found_by_tier_and_never_by_a_prefix() {
    on_both_engines(|store| {
        ready(store);
        let (who, procedure) = patient(store);
        for lot in [Some("19DM28106"), Some("19DM28106A"), Some("19DM281O6"), Some("OTHER"), None] {
            implant(store, procedure, Implant { lot, ..STEM_IN });
        }
        implant(store, procedure, Implant { lot: Some("19DM28106"), fate: "wasted", ..STEM_IN });
        implant(store, procedure, Implant { identifier: None, lot: Some("19DM28106"), ..STEM_IN });
        implant(store, procedure, Implant { identifier: Some("00844505000772"), lot: Some("19DM28106"), ..STEM_IN });
        let criteria = [line(CARTON, UnitKind::Lot, Some("19DM28106"))];
        let hits = found(store, &criteria, Excluded::LeftOut);
        assert_eq!(
            tiers(&hits),
            [
                (None, Tier::Possible),
                (Some("19DM28106"), Tier::Possible),
                (Some("19DM28106"), Tier::Definite),
                (Some("19DM281O6"), Tier::Possible),
            ],
            "the carton's identifier finds the device inside; what has no identifier is possible; another device is not meant"
        );
        assert_eq!((hits[0].tier, hits[0].person, hits[0].patient), (Tier::Definite, who, who));
        assert_eq!(hits[0].implanted_on.to_string(), "2026-06-02");
        assert_eq!(hits[0].device.as_deref(), Some("Harrowmere Orthopaedics Fellgate"));
        let all = found(store, &criteria, Excluded::Shown);
        let excluded: Vec<_> = all.iter().filter(|one| one.tier == Tier::Excluded).collect();
        assert_eq!(excluded.iter().map(|one| one.lot.as_deref().unwrap()).collect::<Vec<_>>(), ["19DM28106A", "OTHER"]);
        assert!(excluded[0].reason.contains("19DM28106A"), "{}", excluded[0].reason);
        let none = found(store, &[line(STEM, UnitKind::Expiry, Some("2031-03-31"))], Excluded::LeftOut);
        assert!(none.iter().all(|one| one.tier == Tier::Possible), "no pack shows a date: {none:?}");
    });
}

#[test]
fn maker_and_catalogue_number_are_probable() {
    on_both_engines(|store| {
        ready(store);
        let (_, procedure) = patient(store);
        implant(store, procedure, Implant { lot: Some("19DM28106"), ..STEM_IN });
        let mut form = line("", UnitKind::Lot, Some("19DM28106"));
        form.reference = Some(REFERENCE.to_owned());
        form.maker = Some("harrowmere orthopaedics".to_owned());
        assert_eq!(tiers(&found(store, &[form.clone()], Excluded::LeftOut)), [(Some("19DM28106"), Tier::Probable)]);
        form.maker = None;
        assert_eq!(tiers(&found(store, &[form], Excluded::LeftOut)), [(Some("19DM28106"), Tier::Possible)]);
    });
}

#[test]
fn a_device_that_was_taken_out_is_shown_as_gone() {
    on_both_engines(|store| {
        ready(store);
        let lot = Some("A1");
        let (_, first) = patient(store);
        let revised = implant(store, first, Implant { lot, ..STEM_IN });
        let (_, second) = patient(store);
        let explanted = implant(store, second, Implant { lot, ..STEM_IN });
        implant(store, second, Implant { lot, fate: "explanted", explant_of: Some(explanted), ..STEM_IN });
        let (_, third) = patient(store);
        let mistyped = implant(store, third, Implant { lot: Some("B1"), ..STEM_IN });
        implant(store, third, Implant { lot, fate: "explanted", explant_of: Some(mistyped), ..STEM_IN });
        let corrected = implant(store, third, Implant { lot, supersedes: Some(mistyped), ..STEM_IN });
        let (stays_in, fourth) = patient(store);
        let stays = implant(store, fourth, Implant { lot, ..STEM_IN });
        revise(store, first, revised, false);
        revise(store, fourth, stays, true);
        let criteria = [line(STEM, UnitKind::All, None)];
        let uses = found(store, &criteria, Excluded::LeftOut);
        let gone = |id: DeviceUseId| uses.iter().find(|one| one.device_use == id).map(|one| one.removed_on);
        assert_eq!(gone(revised).unwrap().unwrap().to_string(), "2026-09-30");
        assert!(gone(explanted).unwrap().is_some() && gone(corrected).unwrap().is_some());
        assert_eq!(gone(stays), Some(None), "that revision was withdrawn");
        assert_eq!(gone(mistyped), None, "what was corrected is not shown");
        assert_eq!((uses.len(), uses[0].person, uses[0].in_patient), (4, stays_in, true));
    });
}

#[test]
fn a_lot_of_a_maker_is_possible_in_every_device_of_that_maker_and_in_unknown_ones() {
    on_both_engines(|store| {
        ready(store);
        let (_, procedure) = patient(store);
        for lot in [Some("6018382"), Some("60183820"), None] {
            implant(store, procedure, Implant { lot, ..STEM_IN });
        }
        let unknown = Implant { identifier: Some("00844505000772"), lot: Some("6018382"), ..STEM_IN };
        implant(store, procedure, unknown);
        let of =
            |maker: &str| CriterionForm { maker: Some(maker.to_owned()), ..line("", UnitKind::Lot, Some("6018382")) };
        let hit = (Some("6018382"), Tier::Possible);
        let uses = found(store, &[of("Harrowmere Ltd")], Excluded::LeftOut);
        assert_eq!(tiers(&uses), [hit, hit], "never by a prefix, and not where the pack shows no lot");
        assert!(uses.iter().any(|one| one.reason.contains("Harrowmere Ltd")), "{uses:?}");
        // Of another maker's, only what the catalogue does not know may be meant.
        let uses = found(store, &[of("Tarn Medical")], Excluded::LeftOut);
        assert_eq!(uses.iter().map(|one| one.identifier.as_deref()).collect::<Vec<_>>(), [Some("00844505000772")]);
        let pat = person(store, "pat");
        let new = notice(vec![of("Harrowmere")]);
        enter(store, &pat, &new).unwrap();
        let shelf = receive(store, Some("6018382"));
        confirm(store, &person(store, "sam"), new.id).unwrap();
        assert_eq!(state(store, shelf), StockState::Available, "what is only possible is for a person to look at");
        let stem = [DeviceIdentifier { issuer: Issuer::Gs1, text: STEM.to_owned() }];
        let about = |maker: Option<&str>| {
            store.read_now(|connection| recalls::active_about(connection, &stem, maker, None)).unwrap().len()
        };
        assert_eq!([about(Some("Harrowmere Orthopaedics")), about(Some("Tarn Medical")), about(None)], [1, 0, 1]);
    });
}
