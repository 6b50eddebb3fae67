//! Counts and durations for Prometheus, and a log line per request: method, route, status, time; never a query string or
//! a body, which may hold a patient's data.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Which requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

/// The counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Answered, Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tessera");
        let requests = Family::<Answered, Counter>::default();
        let seconds = Family::<Answered, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.0005, 2.0, 16))
        });
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "Time to answer", seconds.clone());
        Self { registry, requests, seconds }
    }
}

impl Metrics {
    /// All of it in the OpenMetrics text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

/// Counts and logs each request.
///
/// # Errors
/// Those of the request itself.
pub async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Instant::now();
    let method = request.method().to_string();
    let response = next.call(request).await?;
    let elapsed = begun.elapsed();
    // The route's pattern, not the path: identifiers would make a line of their own each.
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    let milliseconds = elapsed.as_secs_f64() * 1000.0;
    tracing::info!(method, route, status, milliseconds, "answered");
    if let Some(metrics) = response.request().app_data::<web::Data<Metrics>>() {
        let labels = Answered { method, route, status };
        metrics.requests.get_or_create(&labels).inc();
        metrics.seconds.get_or_create(&labels).observe(elapsed.as_secs_f64());
    }
    Ok(response)
}
