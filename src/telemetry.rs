//! Logs and metrics of the process.

mod by_label;
mod request;

use std::io::IsTerminal;
use std::sync::OnceLock;

use anyhow::{Context, anyhow};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

pub use by_label::ByLabel;
use request::Spans;
pub use request::in_request;

use crate::config::{LogConfig, LogFormat};

/// Upper bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Upper bounds of the buckets of batch sizes.
const KEYS: [f64; 8] = [1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 1_000.0, 10_000.0];

/// Sends the log to standard error, in the form and at the level that is set.
pub fn start_log(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log).with_context(|| format!("STOREFRONT_LOG is {:?}", config.log))?;
    let lines = fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    registry()
        .with(Spans::new(&config.log))
        .with(filter)
        .with(lines)
        .try_init()
        .map_err(|error| anyhow!("the log is started already: {error}"))
}

/// The metrics of this process; collected from the first call on.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_keys".into()), &KEYS))
            .expect("the lists of buckets are not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Fails only where another recorder is installed already, and then its owner wants it to stay.
        let _ = metrics::set_global_recorder(recorder);
        describe();
        handle
    })
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("storefront_http_requests_total", "HTTP requests by method, route and status.");
    describe_counter!("storefront_graphql_operations_total", "GraphQL operations by kind and outcome.");
    describe_histogram!("storefront_graphql_seconds", "Seconds from reading a GraphQL request to its answer, by kind.");
    describe_histogram!("storefront_batch_keys", "Keys per batch, by loader.");
    describe_counter!("storefront_sql_statements_total", "SQL statements, by the batch or field that ran them.");
    describe_gauge!("storefront_http_connections", "Open connections.");
    describe_counter!(
        "storefront_http_timeouts_total",
        "Connections that were closed because the client was too slow, by what it was waited for."
    );
    describe_counter!("storefront_http_accept_failures_total", "Times that the kernel had no connection to give.");
    describe_gauge!("storefront_http_in_flight", "GraphQL requests that are worked on.");
    describe_counter!(
        "storefront_http_shed_total",
        "GraphQL requests that were turned away because too many were worked on."
    );
    describe_counter!("storefront_panics_total", "Requests that ended in a panic.");
    describe_counter!(
        "storefront_cache_reads_total",
        "Reads of nodes and lists through the cache, by kind and outcome."
    );
    describe_counter!(
        "storefront_cache_passed_total",
        "Cached values that were found and not taken, by kind and reason."
    );
    describe_counter!("storefront_cache_fills_total", "Nodes and lists that were stored, by kind.");
    describe_counter!(
        "storefront_cache_refused_fills_total",
        "Nodes and lists that were read and not stored, by kind and reason."
    );
    describe_counter!(
        "storefront_cache_fences_total",
        "Versions that were announced, by whether Redis has heard of them."
    );
    describe_counter!("storefront_cache_swept_total", "Rows of the change log that were swept; each is swept twice.");
    describe_counter!("storefront_cache_sweep_failures_total", "Sweeps of the change log that failed.");
    describe_counter!(
        "storefront_redis_failures_total",
        "Commands that Redis has not answered as it should, by endpoint."
    );
    describe_counter!(
        "storefront_redis_breaker_rejections_total",
        "Commands that were not sent, because Redis did not answer before, by endpoint."
    );
    describe_gauge!(
        "storefront_redis_breaker_open",
        "Whether Redis is left alone because it did not answer, by endpoint."
    );
    describe_counter!(
        "storefront_persisted_documents_total",
        "Documents asked for by their hash, registered, or found forged in Redis, by outcome."
    );
    describe_counter!("storefront_untrusted_documents_total", "Documents that are not among the trusted ones.");
    describe_counter!("storefront_limit_charged_points_total", "Points that requests were charged.");
    describe_counter!("storefront_limit_refunded_points_total", "Points that were given back.");
    describe_counter!("storefront_limit_refusals_total", "Requests that were over a window, by window.");
    describe_counter!(
        "storefront_limit_fallbacks_total",
        "Requests that were charged in the process, because Redis did not answer."
    );
    describe_counter!(
        "storefront_messages_total",
        "Messages to people, by what became of them; a failure is tried again."
    );
    describe_counter!("storefront_session_lookups_total", "Look-ups of sessions, by outcome.");
    describe_counter!("storefront_logins_total", "Passwords that were given, by outcome.");
    describe_counter!("storefront_password_hashes_total", "Hashes of passwords that were computed.");
    describe_gauge!("storefront_plans", "Parsed and validated documents that are kept.");
}
