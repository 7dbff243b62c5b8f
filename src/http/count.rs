//! The metrics of requests. Counters are looked up by their labels once, and then kept: the look-up is dearer than the count.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};
use std::time::Instant;

use axum::extract::{self, MatchedPath};
use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram};

/// The routes that are counted under their own name. What a client made up is none of them.
const ROUTES: [&str; 5] = ["/graphql", "/", "/healthz", "/readyz", "/metrics"];

type Labels = (&'static str, &'static str, u16);

static REQUESTS: LazyLock<RwLock<HashMap<Labels, Counter>>> = LazyLock::new(RwLock::default);

/// A request that is on its way.
pub struct Request {
    method: &'static str,
    route: &'static str,
}

impl Request {
    pub fn of(request: &extract::Request) -> Self {
        let method = match *request.method() {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::OPTIONS => "OPTIONS",
            Method::HEAD => "HEAD",
            _ => "other",
        };
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let route = ROUTES.into_iter().find(|route| Some(*route) == path).unwrap_or("none");
        Self { method, route }
    }

    pub fn answered(self, status: StatusCode) {
        let labels = (self.method, self.route, status.as_u16());
        let known = REQUESTS.read().unwrap_or_else(PoisonError::into_inner).get(&labels).cloned();
        let counter = known.unwrap_or_else(|| {
            let (method, route, status) = labels;
            let name = "storefront_http_requests_total";
            let counter = metrics::counter!(name, "method" => method, "route" => route, "status" => status.to_string());
            REQUESTS.write().unwrap_or_else(PoisonError::into_inner).insert(labels, counter.clone());
            counter
        });
        counter.increment(1);
    }
}

/// The metrics of operations of one kind.
pub struct Operations {
    pub seconds: Histogram,
    pub ok: Counter,
    pub errors: Counter,
    pub timeout: Counter,
}

impl Operations {
    fn new(kind: &'static str) -> Self {
        let outcome = |outcome: &'static str| metrics::counter!("storefront_graphql_operations_total", "kind" => kind, "outcome" => outcome);
        Self {
            seconds: metrics::histogram!("storefront_graphql_seconds", "kind" => kind),
            ok: outcome("ok"),
            errors: outcome("errors"),
            timeout: outcome("timeout"),
        }
    }
}

impl Operations {
    /// Counts an operation that ended like this.
    pub fn answered(&self, begun: Instant, outcome: &Counter) {
        self.seconds.record(begun.elapsed().as_secs_f64());
        outcome.increment(1);
    }
}

/// Counts an operation that was refused before it ran.
pub fn refused() {
    REFUSED.increment(1);
}

static REFUSED: LazyLock<Counter> = LazyLock::new(
    || metrics::counter!("storefront_graphql_operations_total", "kind" => "none", "outcome" => "refused"),
);

pub static QUERIES: LazyLock<Operations> = LazyLock::new(|| Operations::new("query"));
pub static MUTATIONS: LazyLock<Operations> = LazyLock::new(|| Operations::new("mutation"));
