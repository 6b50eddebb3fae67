//! The web application: what every request passes through, around the one route table.

use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, DefaultHeaders, NormalizePath, TrailingSlash};
use actix_web::{App, HttpServer, web};
use utoipa_actix_web::AppExt as _;

use crate::access::SignInThrottle;
use crate::access::acted::acted_by;
use crate::cohorts::asking::QuestionQuota;
use crate::cohorts::snapshot::Cohorts;
use crate::config::Config;
use crate::error::{Code, Problem};
use crate::identity::keys::IdentityKeys;
use crate::metrics::{Metrics, measure};
use crate::notifications::courier::Courier;
use crate::recalls::quarantine::run::go_on_every_minute;
use crate::recalls::work::chase::chase_every_hour;
use crate::routes;
use crate::signals::nightly::judge_every_night;
use crate::store::{DatabaseUrl, Store};
use crate::theatre::snapshot::Snapshots;
use crate::web::page_problem::problems_as_pages;

/// Largest JSON body taken.
const LARGEST_JSON: usize = 1024 * 1024;

/// What all requests share.
#[derive(Clone, Debug)]
pub struct Application {
    /// Settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The key that seals identities.
    pub keys: IdentityKeys,
}

impl Application {
    /// Opens the database and loads the key.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] for settings that cannot be used, [`Code::StorageUnavailable`] for the database.
    pub fn open(config: Config) -> Result<Self, Problem> {
        let url: DatabaseUrl = config.database.parse().map_err(|error| Problem::invalid(format!("{error}.")))?;
        let keys = IdentityKeys::load(config.key_file.as_deref())?;
        Ok(Self { store: Store::open(&url)?, config, keys })
    }

    /// Binds the address and answers requests until the server's handle tells it to stop. It does not listen to signals:
    /// who runs it does, from before the address is announced.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] where the address cannot be had.
    pub fn serve(self) -> Result<(Server, std::net::SocketAddr), Problem> {
        let Self { config, store, keys } = self;
        let throttle = web::Data::new(SignInThrottle::new(config.sign_in_tries));
        let quota = web::Data::new(QuestionQuota::new(config.questions_a_minute));
        let metrics = web::Data::new(Metrics::default());
        let (workers, listen) = (config.workers, config.listen);
        let courier = Courier::new(store.clone(), keys.clone(), &config)?;
        let strict_transport = config.behind_tls();
        let config = web::Data::new(config);
        let store = web::Data::new(store);
        let keys = web::Data::new(keys);
        let cohorts = web::Data::new(Cohorts::default());
        let snapshots = web::Data::new(Snapshots::new(&keys)?);
        actix_web::rt::spawn(judge_every_night(store.as_ref().clone(), cohorts.clone().into_inner()));
        actix_web::rt::spawn(chase_every_hour(store.as_ref().clone()));
        actix_web::rt::spawn(courier.run());
        actix_web::rt::spawn(go_on_every_minute(store.as_ref().clone()));
        let server = HttpServer::new(move || {
            let (app, mut openapi) = App::new()
                .into_utoipa_app()
                .app_data(config.clone())
                .app_data(store.clone())
                .app_data(keys.clone())
                .app_data(cohorts.clone())
                .app_data(snapshots.clone())
                .app_data(throttle.clone())
                .app_data(quota.clone())
                .app_data(metrics.clone())
                .app_data(json_config())
                .configure(routes::api)
                .split_for_parts();
            routes::describe(&mut openapi);
            app.app_data(web::Data::new(openapi))
                .configure(routes::pages)
                .wrap(actix_web::middleware::from_fn(acted_by))
                .wrap(actix_web::middleware::from_fn(problems_as_pages))
                .wrap(security_headers(strict_transport))
                .wrap(Compress::default())
                .wrap(NormalizePath::new(TrailingSlash::Trim))
                .wrap(actix_web::middleware::from_fn(measure))
        })
        .workers(workers)
        .disable_signals()
        .shutdown_timeout(20)
        .client_request_timeout(Duration::from_secs(10))
        .bind(listen)
        .map_err(|error| Problem::invalid(format!("The address {listen} cannot be had.")).because(error))?;
        let address = server.addrs().first().copied().unwrap_or(listen);
        Ok((server.run(), address))
    }
}

fn json_config() -> web::JsonConfig {
    web::JsonConfig::default().limit(LARGEST_JSON).error_handler(|error, _| {
        use actix_web::error::JsonPayloadError as E;
        let code = match &error {
            E::Overflow { .. } | E::OverflowKnownLength { .. } => Code::TooLarge,
            E::Deserialize(_) => Code::InvalidInput,
            _ => Code::Unreadable,
        };
        Problem::new(code, format!("The JSON body cannot be used: {error}.")).into()
    })
}

/// Headers on every answer (OWASP Secure Headers Project). All scripts, styles and fonts are our own files.
fn security_headers(strict_transport: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((
            "Content-Security-Policy",
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'",
        ))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "same-origin"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(self), serial=(self), hid=(self), microphone=(), geolocation=()"))
        .add(("Cache-Control", "no-store"));
    if strict_transport {
        headers.add(("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))
    } else {
        headers
    }
}
