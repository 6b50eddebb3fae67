//! The table of permissions: each a type, with the roles that have it.

use super::Role;

/// Something a role may or may not do.
pub trait Permission: std::fmt::Debug + Send + Sync + 'static {
    /// In words, for the refusal: "may not …".
    const WORDS: &'static str;
    /// Who may.
    const ROLES: &'static [Role];
}

macro_rules! permissions {
    ($($name:ident $words:literal [$($role:ident),+])+) => {
        $(
            #[doc = concat!("May ", $words, ".")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Permission for $name {
                const WORDS: &'static str = $words;
                const ROLES: &'static [Role] = &[$(Role::$role),+];
            }
        )+
    };
}

permissions! {
    Record            "record in theatre"                       [Nurse, Admin]
    Witness           "stand by an override in theatre"         [Nurse, Safety, Admin]
    ReadProcedures    "look at procedures and their devices"    [Nurse, Analyst, Safety, Admin]
    RecordOutcome     "record an outcome"                       [Nurse, Analyst, Safety, Admin]
    ReadOutcomes      "look at outcomes by device"              [Nurse, Analyst, Procurement, Safety, Admin]
    ReadCohorts       "ask about cohorts"                       [Analyst, Safety, Admin]
    ExtractCohorts    "take the rows of a cohort away"          [Analyst, Safety]
    LinkOutcomes      "link outcomes that others recorded"      [Safety, Admin]
    JudgeSignals      "look after signals"                      [Analyst, Safety]
    ReadScanQuality   "look at how well scanning goes"         [Nurse, Procurement, Safety, Admin]
    ReadCatalogue     "look at the catalogue"                   [Nurse, Analyst, Procurement, Safety, Admin]
    ChangeCatalogue   "change the catalogue"                    [Procurement, Admin]
    ReadRecalls       "look at recalls"                         [Nurse, Analyst, Procurement, Safety, Admin]
    EnterRecall       "enter a recall"                          [Procurement, Safety, Admin]
    ConfirmRecall     "confirm a recall"                        [Safety]
    AcknowledgeRecall "acknowledge a recall for a site and search its shelves" [Procurement, Safety, Admin]
    SignOffRecall     "sign a recall off"                       [Safety]
    ReadStock         "look at stock"                           [Nurse, Procurement, Safety, Admin]
    ChangeStock       "change stock"                            [Procurement, Safety, Admin]
    ReadAffected      "look at the patients of a recall, by pseudonym" [Procurement, Safety]
    OpenIdentity      "open a patient's identity"               [Safety]
    LinkPatients      "link patients or correct a wrong patient" [Safety, Admin]
    ReadNotifications "look at webhooks, e-mail and what was sent" [Safety, Admin]
    ManageWebhooks    "set webhooks up"                       [Admin]
    ReadAudit         "look at the audit rows"                  [Safety, Admin]
    ManageUsers       "look after users"                        [Admin]
}
