//! `tessera serve`.

use std::io::Write as _;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use clap::Args;
use tessera_server::application::Application;
use tessera_server::audit::chain::{self, Reach};
use tessera_server::error::{Code, Problem};
use tessera_server::store::Store;
use tracing_subscriber::EnvFilter;

use super::Settings;

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    pub fn run(self) -> Result<(), Problem> {
        let config = self.settings.read()?;
        start_logging(config.log_json);
        serve(Application::open(config)?, |address| {
            println!("listening on http://{address}");
            // Whoever started us waits for this line.
            let _ = std::io::stdout().flush();
        })
    }
}

/// Serves until told to stop; `ready` hears the address.
pub fn serve(application: Application, ready: impl FnOnce(std::net::SocketAddr)) -> Result<(), Problem> {
    let store = application.store.clone();
    let every = Duration::from_secs(application.config.seal_seconds.max(1));
    actix_web::rt::System::new().block_on(async move {
        // Taken before anybody can know the address: a signal that came between would end the process the hard way.
        let signals = Signals::take()?;
        let (server, address) = application.serve()?;
        signals.stop(&server.handle());
        let sealing = actix_web::rt::spawn(seal_from_time_to_time(store.clone(), every));
        ready(address);
        server.await.map_err(|error| Problem::new(Code::Internal, "The server stopped.").because(error))?;
        sealing.abort();
        seal_all(&store, Reach::Recent).await
    })
}

/// Rounds of the sealing job between two that look everywhere.
const ROUNDS_BETWEEN_FULL_LOOKS: u32 = 360;
/// What asks the process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn take() -> Result<Self, Problem> {
        let taken = |kind| {
            signal(kind).map_err(|error| Problem::new(Code::Internal, "Signals cannot be heard.").because(error))
        };
        Ok(Self { terminate: taken(SignalKind::terminate())?, interrupt: taken(SignalKind::interrupt())? })
    }

    /// SIGTERM lets running requests end, Ctrl-C does not wait for them.
    fn stop(self, server: &ServerHandle) {
        for (mut signal, patiently) in [(self.terminate, true), (self.interrupt, false)] {
            let server = server.clone();
            actix_web::rt::spawn(async move {
                signal.recv().await;
                server.stop(patiently).await;
            });
        }
    }
}

async fn seal_from_time_to_time(store: Store, every: Duration) {
    let mut clock = tokio::time::interval(every);
    for round in (0..ROUNDS_BETWEEN_FULL_LOOKS).cycle() {
        clock.tick().await;
        let reach = if round == 0 { Reach::Everything } else { Reach::Recent };
        if let Err(problem) = seal_all(&store, reach).await {
            problem.log();
        }
    }
}

async fn seal_all(store: &Store, reach: Reach) -> Result<(), Problem> {
    loop {
        let open = store.read(move |connection| chain::unsealed(connection, reach)).await?;
        if open.is_empty() || store.write(move |tx| chain::seal(tx, &open)).await? == 0 {
            return Ok(());
        }
    }
}

/// Logs go to standard error: for a person, or as JSON lines for a collector. `RUST_LOG` chooses what.
pub fn start_logging(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { builder.json().init() } else { builder.init() }
}
