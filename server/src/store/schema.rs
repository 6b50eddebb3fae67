//! The tables, as diesel sees them: the same for both engines. A test holds this against a freshly migrated database of each.

diesel::table! {
    organisations (ods_code) {
        ods_code -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sites (ods_code) {
        ods_code -> Text,
        organisation_code -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> Binary,
        username -> Text,
        display_name -> Text,
        password_hash -> Text,
        role -> Text,
        site_code -> Nullable<Text>,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Binary,
        user_id -> Binary,
        kind -> Text,
        label -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    staff (id) {
        id -> Binary,
        register -> Text,
        registration -> Text,
        display_name -> Text,
        user_id -> Nullable<Binary>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Binary,
        recorded_at -> Timestamp,
        user_id -> Nullable<Binary>,
        actor -> Text,
        action -> Text,
        subject_kind -> Text,
        subject -> Text,
        detail -> Text,
    }
}

diesel::table! {
    audit_seals (position) {
        position -> BigInt,
        entry_id -> Binary,
        hash -> Binary,
        sealed_at -> Timestamp,
    }
}

diesel::table! {
    patients (id) {
        id -> Binary,
        person_id -> Binary,
        birth_year -> Nullable<Integer>,
        sex -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    patient_identifiers (id) {
        id -> Binary,
        patient_id -> Binary,
        kind -> Text,
        assigner -> Text,
        pseudonym -> Binary,
        sealed -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    patient_demographics (id) {
        id -> Binary,
        patient_id -> Binary,
        sealed -> Binary,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    patient_links (id) {
        id -> Binary,
        patient_id -> Binary,
        linked_to -> Binary,
        reason -> Text,
        linked_at -> Timestamp,
        linked_by -> Binary,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<Binary>,
        undone_reason -> Nullable<Text>,
    }
}

diesel::table! {
    products (id) {
        id -> Binary,
        maker -> Text,
        brand -> Text,
        reference -> Text,
        description -> Text,
        category -> Text,
        gmdn -> Nullable<Text>,
        side -> Nullable<Text>,
        size -> Nullable<Text>,
        lot_expected -> Bool,
        serial_expected -> Bool,
        expiry_expected -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    product_identifiers (issuer, identifier) {
        issuer -> Text,
        identifier -> Text,
        product_id -> Binary,
        kind -> Text,
        quantity -> Integer,
    }
}

diesel::table! {
    procedures (id) {
        id -> Binary,
        patient_id -> Binary,
        site_code -> Text,
        theatre -> Text,
        opcs4 -> Text,
        side -> Nullable<Text>,
        indication -> Nullable<Text>,
        started_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        opened_by -> Nullable<Binary>,
        body_hash -> Nullable<Binary>,
        surgeon_id -> Nullable<Binary>,
        bmi -> Nullable<Double>,
        asa -> Nullable<Integer>,
    }
}

diesel::table! {
    procedure_team (procedure_id, staff_id) {
        procedure_id -> Binary,
        staff_id -> Binary,
        part -> Text,
    }
}

diesel::table! {
    procedure_corrections (id) {
        id -> Binary,
        procedure_id -> Binary,
        field -> Text,
        before -> Text,
        after -> Text,
        reason -> Text,
        reverts -> Nullable<Binary>,
        corrected_at -> Timestamp,
        corrected_by -> Binary,
    }
}

diesel::table! {
    scan_events (id) {
        id -> Binary,
        procedure_id -> Nullable<Binary>,
        user_id -> Binary,
        entry -> Text,
        scanned_at -> Timestamp,
        received_at -> Timestamp,
        kind -> Text,
        sealed -> Bool,
        payload -> Binary,
        body_hash -> Binary,
        supersedes -> Nullable<Binary>,
        answer -> Text,
    }
}

diesel::table! {
    device_uses (id) {
        id -> Binary,
        procedure_id -> Binary,
        scan_event_id -> Nullable<Binary>,
        product_id -> Nullable<Binary>,
        issuer -> Nullable<Text>,
        identifier -> Nullable<Text>,
        lot -> Nullable<Text>,
        lot_alike -> Nullable<Text>,
        serial -> Nullable<Text>,
        serial_alike -> Nullable<Text>,
        expiry -> Nullable<Date>,
        manufacture -> Nullable<Date>,
        fate -> Text,
        side -> Nullable<Text>,
        answer -> Nullable<Text>,
        reasons -> Nullable<Text>,
        explant_of -> Nullable<Binary>,
        supersedes -> Nullable<Binary>,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
    }
}

diesel::table! {
    outcomes (id) {
        id -> Binary,
        patient_id -> Binary,
        kind -> Text,
        occurred_on -> Date,
        procedure_id -> Nullable<Binary>,
        code -> Nullable<Text>,
        detail -> Nullable<Text>,
        score -> Nullable<Double>,
        supersedes -> Nullable<Binary>,
        withdrawn -> Bool,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
    }
}

diesel::table! {
    revision_removals (outcome_id, device_use_id) {
        outcome_id -> Binary,
        device_use_id -> Binary,
    }
}

diesel::table! {
    recalls (id) {
        id -> Binary,
        reference -> Text,
        title -> Text,
        source -> Text,
        action -> Text,
        notice -> Text,
        state -> Text,
        entered_at -> Timestamp,
        entered_by -> Binary,
        confirmed_at -> Nullable<Timestamp>,
        confirmed_by -> Nullable<Binary>,
        closed_at -> Nullable<Timestamp>,
        closed_by -> Nullable<Binary>,
    }
}

diesel::table! {
    recall_criteria (id) {
        id -> Binary,
        recall_id -> Binary,
        issuer -> Nullable<Text>,
        identifier -> Nullable<Text>,
        maker -> Nullable<Text>,
        reference -> Nullable<Text>,
        units -> Text,
        value -> Text,
        value_alike -> Text,
    }
}

diesel::table! {
    recall_frozen_lists (id) {
        id -> Binary,
        recall_id -> Binary,
        frozen_at -> Timestamp,
        frozen_by -> Binary,
        hash -> Text,
        content -> Text,
    }
}

diesel::table! {
    recall_contacts (id) {
        id -> Binary,
        recall_id -> Binary,
        patient_id -> Binary,
        made_at -> Timestamp,
        made_by -> Binary,
        means -> Text,
        outcome -> Text,
        next_step -> Text,
        next_on -> Nullable<Date>,
        note -> Text,
    }
}

diesel::table! {
    recall_stages (id) {
        id -> Binary,
        recall_id -> Binary,
        stage -> Text,
        entered_at -> Timestamp,
        entered_by -> Nullable<Binary>,
        note -> Text,
    }
}

diesel::table! {
    recall_sites (recall_id, site_code) {
        recall_id -> Binary,
        site_code -> Text,
        asked_at -> Timestamp,
        asked_by -> Binary,
        due_on -> Date,
        acknowledged_at -> Nullable<Timestamp>,
        acknowledged_by -> Nullable<Binary>,
        note -> Text,
        reminded_on -> Nullable<Date>,
        escalated_on -> Nullable<Date>,
    }
}

diesel::table! {
    recall_findings (id) {
        id -> Binary,
        recall_id -> Binary,
        site_code -> Text,
        outcome -> Text,
        stock_id -> Nullable<Binary>,
        unit -> Text,
        scanned -> Text,
        quantity -> Integer,
        reason -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Binary,
    }
}

diesel::table! {
    recall_letters (id) {
        id -> Binary,
        recall_id -> Binary,
        subject -> Text,
        body -> Text,
        written_at -> Timestamp,
        written_by -> Binary,
    }
}

diesel::table! {
    recall_alerts (id) {
        id -> Binary,
        recall_id -> Binary,
        kind -> Text,
        device_use_id -> Nullable<Binary>,
        text -> Text,
        raised_at -> Timestamp,
        taken_at -> Nullable<Timestamp>,
        taken_by -> Nullable<Binary>,
        note -> Text,
    }
}

diesel::table! {
    recall_amendments (id) {
        id -> Binary,
        recall_id -> Binary,
        state -> Text,
        reason -> Text,
        notice -> Text,
        criteria -> Text,
        replaced -> Nullable<Text>,
        entered_at -> Timestamp,
        entered_by -> Binary,
        settled_at -> Nullable<Timestamp>,
        settled_by -> Nullable<Binary>,
    }
}

diesel::table! {
    recall_listings (id) {
        id -> Binary,
        recall_id -> Binary,
        digest -> Text,
        lines -> BigInt,
        done -> BigInt,
        added -> BigInt,
        started_at -> Timestamp,
        started_by -> Binary,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    recall_quarantines (recall_id) {
        recall_id -> Binary,
        begun_at -> Timestamp,
        begun_by -> Binary,
        found -> Nullable<BigInt>,
        done -> BigInt,
        touched_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    stock_items (id) {
        id -> Binary,
        site_code -> Text,
        location -> Text,
        product_id -> Nullable<Binary>,
        issuer -> Text,
        identifier -> Text,
        lot -> Nullable<Text>,
        lot_alike -> Nullable<Text>,
        serial -> Nullable<Text>,
        serial_alike -> Nullable<Text>,
        expiry -> Nullable<Date>,
        quantity -> Integer,
        state -> Text,
        received_at -> Timestamp,
        set_apart_for -> Nullable<Text>,
    }
}

diesel::table! {
    scanners (organisation_code, workstation) {
        organisation_code -> Text,
        workstation -> Text,
        profile -> Text,
        learnt_at -> Timestamp,
        learnt_by -> Binary,
    }
}

diesel::table! {
    cohort_columns (digest) {
        digest -> Binary,
        piece -> Binary,
        written_at -> Timestamp,
    }
}

diesel::table! {
    cohort_snapshots (hash) {
        hash -> Binary,
        taken_at -> Timestamp,
        implants -> BigInt,
        sites -> Binary,
        devices -> Binary,
        left_out -> Binary,
        frozen -> Bool,
        surgeons -> Binary,
        indications -> Binary,
        beside -> Nullable<Binary>,
    }
}

diesel::table! {
    saved_cohorts (id) {
        id -> Binary,
        name -> Text,
        filter -> Text,
        shared -> Bool,
        snapshot_hash -> Nullable<Binary>,
        products -> Nullable<Binary>,
        until -> Nullable<Date>,
        content_hash -> Nullable<Binary>,
        created_at -> Timestamp,
        created_by -> Binary,
    }
}

diesel::table! {
    odep_ratings (id) {
        id -> Binary,
        product_id -> Binary,
        rating -> Text,
        rated_on -> Date,
        source -> Text,
        entered_at -> Timestamp,
        entered_by -> Binary,
    }
}

diesel::table! {
    signals (id) {
        id -> Binary,
        product_id -> Binary,
        rule -> Text,
        state -> Text,
        owner -> Nullable<Binary>,
        standing -> Bool,
        evidence -> Text,
        snapshot_hash -> Binary,
        raised_at -> Timestamp,
        judged_at -> Timestamp,
    }
}

diesel::table! {
    signal_events (id) {
        id -> Binary,
        signal_id -> Binary,
        what -> Text,
        detail -> Text,
        evidence -> Nullable<Text>,
        snapshot_hash -> Nullable<Binary>,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
    }
}

diesel::table! {
    linked_lines (id) {
        id -> Binary,
        source -> Text,
        pseudonym -> Binary,
        sealed -> Binary,
        kind -> Text,
        occurred_on -> Date,
        opcs4 -> Nullable<Text>,
        side -> Nullable<Text>,
        code -> Nullable<Text>,
        detail -> Nullable<Text>,
        score -> Nullable<Double>,
        state -> Text,
        why -> Text,
        outcome_id -> Nullable<Binary>,
        imported_at -> Timestamp,
        imported_by -> Nullable<Binary>,
        decided_at -> Timestamp,
        decided_by -> Nullable<Binary>,
    }
}

diesel::table! {
    user_badges (user_id) {
        user_id -> Binary,
        badge -> Text,
        pin_hash -> Nullable<Text>,
        tries -> Integer,
        locked_until -> Nullable<Timestamp>,
        given_at -> Timestamp,
        pin_set_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    override_witnesses (device_use_id) {
        device_use_id -> Binary,
        witness_id -> Binary,
        witnessed_at -> Timestamp,
    }
}

diesel::table! {
    tablet_keys (id) {
        id -> Binary,
        user_id -> Binary,
        public_key -> Binary,
        enrolled_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    override_claims (device_use_id) {
        device_use_id -> Binary,
        badge -> Text,
        claimed_at -> Timestamp,
    }
}

diesel::table! {
    override_follow_ups (device_use_id) {
        device_use_id -> Binary,
        note -> Text,
        closed_at -> Timestamp,
        closed_by -> Binary,
    }
}

diesel::table! {
    acknowledgements (id) {
        id -> Binary,
        scan_event_id -> Binary,
        codes -> Text,
        acknowledged_at -> Timestamp,
        acknowledged_by -> Binary,
    }
}

diesel::table! {
    product_attributes (product_id, name) {
        product_id -> Binary,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    procedure_plans (id) {
        id -> Binary,
        procedure_id -> Binary,
        name -> Text,
        value -> Text,
        source -> Text,
        entered_at -> Timestamp,
        entered_by -> Binary,
    }
}

diesel::table! {
    procedure_checks (id) {
        id -> Binary,
        procedure_id -> Binary,
        step -> Text,
        detail -> Text,
        done_at -> Timestamp,
        done_by -> Binary,
    }
}

diesel::table! {
    device_use_marks (id) {
        id -> Binary,
        device_use_id -> Binary,
        mark -> Text,
        note -> Text,
        marked_at -> Timestamp,
        marked_by -> Binary,
    }
}

diesel::table! {
    trays (id) {
        id -> Binary,
        name -> Text,
        changed_at -> Timestamp,
        changed_by -> Nullable<Binary>,
    }
}

diesel::table! {
    tray_products (tray_id, product_id) {
        tray_id -> Binary,
        product_id -> Binary,
        place -> Integer,
    }
}

diesel::table! {
    makers (name) {
        name -> Text,
        address -> Text,
        website -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    stock_places (id) {
        id -> Binary,
        site_code -> Text,
        name -> Text,
        gln -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    stock_terms (stock_id) {
        stock_id -> Binary,
        site_code -> Text,
        location -> Text,
        quantity -> Integer,
        supplier -> Text,
        ownership -> Text,
        unit_price -> Nullable<BigInt>,
        return_by -> Nullable<Date>,
        delivery -> Text,
        received_by -> Nullable<Binary>,
    }
}

diesel::table! {
    stock_movements (id) {
        id -> Binary,
        stock_id -> Binary,
        kind -> Text,
        quantity -> Integer,
        cause -> Nullable<Text>,
        note -> Text,
        to_site -> Nullable<Text>,
        to_location -> Nullable<Text>,
        to_stock -> Nullable<Binary>,
        moved_at -> Timestamp,
        moved_by -> Binary,
    }
}

diesel::table! {
    stock_pars (site_code, product_id) {
        site_code -> Text,
        product_id -> Binary,
        least -> Integer,
        set_at -> Timestamp,
        set_by -> Binary,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Binary,
        url -> Text,
        site_code -> Nullable<Text>,
        kinds -> Text,
        note -> Text,
        secret -> Binary,
        created_at -> Timestamp,
        created_by -> Binary,
        stopped_at -> Nullable<Timestamp>,
        stopped_by -> Nullable<Binary>,
    }
}

diesel::table! {
    notification_events (id) {
        id -> Binary,
        kind -> Text,
        site_code -> Nullable<Text>,
        subject -> Text,
        body -> Text,
        occurred_at -> Timestamp,
        spread_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    notification_deliveries (id) {
        id -> Binary,
        event_id -> Binary,
        webhook_id -> Nullable<Binary>,
        address -> Nullable<Text>,
        state -> Text,
        tries -> Integer,
        next_try_at -> Timestamp,
        last_try_at -> Nullable<Timestamp>,
        answer -> Text,
    }
}

diesel::table! {
    stock_uses (device_use_id) {
        device_use_id -> Binary,
        stock_id -> Nullable<Binary>,
        recorded_at -> Timestamp,
    }
}

diesel::joinable!(sites -> organisations (organisation_code));
diesel::joinable!(users -> sites (site_code));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(staff -> users (user_id));
diesel::joinable!(audit_seals -> audit_entries (entry_id));
diesel::joinable!(patient_identifiers -> patients (patient_id));
diesel::joinable!(patient_demographics -> patients (patient_id));
diesel::joinable!(product_identifiers -> products (product_id));
diesel::joinable!(procedures -> patients (patient_id));
diesel::joinable!(procedures -> sites (site_code));
diesel::joinable!(procedures -> users (opened_by));
diesel::joinable!(procedure_team -> procedures (procedure_id));
diesel::joinable!(procedure_team -> staff (staff_id));
diesel::joinable!(procedure_corrections -> procedures (procedure_id));
diesel::joinable!(procedure_corrections -> users (corrected_by));
diesel::joinable!(scan_events -> procedures (procedure_id));
diesel::joinable!(scan_events -> users (user_id));
diesel::joinable!(device_uses -> procedures (procedure_id));
diesel::joinable!(device_uses -> scan_events (scan_event_id));
diesel::joinable!(device_uses -> products (product_id));
diesel::joinable!(device_uses -> users (recorded_by));
diesel::joinable!(outcomes -> patients (patient_id));
diesel::joinable!(outcomes -> procedures (procedure_id));
diesel::joinable!(outcomes -> users (recorded_by));
diesel::joinable!(revision_removals -> outcomes (outcome_id));
diesel::joinable!(revision_removals -> device_uses (device_use_id));
diesel::joinable!(recall_criteria -> recalls (recall_id));
diesel::joinable!(recall_frozen_lists -> recalls (recall_id));
diesel::joinable!(recall_contacts -> recalls (recall_id));
diesel::joinable!(recall_contacts -> patients (patient_id));
diesel::joinable!(recall_stages -> recalls (recall_id));
diesel::joinable!(recall_sites -> recalls (recall_id));
diesel::joinable!(recall_sites -> sites (site_code));
diesel::joinable!(recall_findings -> recalls (recall_id));
diesel::joinable!(recall_letters -> recalls (recall_id));
diesel::joinable!(recall_alerts -> recalls (recall_id));
diesel::joinable!(recall_amendments -> recalls (recall_id));
diesel::joinable!(recall_listings -> recalls (recall_id));
diesel::joinable!(recall_quarantines -> recalls (recall_id));
diesel::joinable!(stock_items -> sites (site_code));
diesel::joinable!(stock_items -> products (product_id));
diesel::joinable!(scanners -> users (learnt_by));
diesel::joinable!(saved_cohorts -> users (created_by));
diesel::joinable!(odep_ratings -> products (product_id));
diesel::joinable!(odep_ratings -> users (entered_by));
diesel::joinable!(signals -> products (product_id));
diesel::joinable!(signal_events -> signals (signal_id));
diesel::joinable!(procedure_checks -> procedures (procedure_id));
diesel::joinable!(procedure_checks -> users (done_by));
diesel::joinable!(device_use_marks -> device_uses (device_use_id));
diesel::joinable!(tray_products -> trays (tray_id));
diesel::joinable!(tray_products -> products (product_id));
diesel::joinable!(product_attributes -> products (product_id));
diesel::joinable!(procedure_plans -> procedures (procedure_id));
diesel::joinable!(linked_lines -> outcomes (outcome_id));
diesel::joinable!(user_badges -> users (user_id));
diesel::joinable!(override_witnesses -> device_uses (device_use_id));
diesel::joinable!(override_witnesses -> users (witness_id));
diesel::joinable!(tablet_keys -> users (user_id));
diesel::joinable!(override_claims -> device_uses (device_use_id));
diesel::joinable!(override_follow_ups -> device_uses (device_use_id));
diesel::joinable!(override_follow_ups -> users (closed_by));
diesel::joinable!(acknowledgements -> scan_events (scan_event_id));
diesel::joinable!(acknowledgements -> users (acknowledged_by));

diesel::joinable!(stock_places -> sites (site_code));
diesel::joinable!(stock_terms -> stock_items (stock_id));
diesel::joinable!(stock_movements -> stock_items (stock_id));
diesel::joinable!(stock_pars -> products (product_id));
diesel::joinable!(stock_uses -> device_uses (device_use_id));
diesel::joinable!(stock_uses -> stock_items (stock_id));
diesel::joinable!(notification_deliveries -> notification_events (event_id));
diesel::joinable!(notification_deliveries -> webhooks (webhook_id));
diesel::allow_tables_to_appear_in_same_query!(
    procedure_checks,
    device_use_marks,
    trays,
    tray_products,
    makers,
    product_attributes,
    procedure_plans,
    user_badges,
    override_witnesses,
    tablet_keys,
    override_claims,
    override_follow_ups,
    acknowledgements,
    organisations,
    sites,
    users,
    sessions,
    staff,
    audit_entries,
    audit_seals,
    patients,
    patient_identifiers,
    patient_demographics,
    patient_links,
    products,
    product_identifiers,
    procedures,
    procedure_team,
    procedure_corrections,
    scan_events,
    device_uses,
    outcomes,
    revision_removals,
    recalls,
    recall_criteria,
    recall_frozen_lists,
    recall_contacts,
    recall_stages,
    recall_sites,
    recall_findings,
    recall_letters,
    recall_alerts,
    recall_amendments,
    recall_listings,
    recall_quarantines,
    stock_items,
    scanners,
    cohort_columns,
    cohort_snapshots,
    saved_cohorts,
    odep_ratings,
    signals,
    signal_events,
    linked_lines,
    stock_places,
    stock_terms,
    stock_movements,
    stock_pars,
    stock_uses,
    webhooks,
    notification_events,
    notification_deliveries,
);
