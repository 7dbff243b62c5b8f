//! The metrics of requests. Counters are looked up by their labels once, and then kept: the look-up is dearer than the count.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};
use std::time::Instant;

use axum::http::{Method, StatusCode};
use foldhash::fast::FixedState;
use metrics::{Counter, Histogram};

use super::{Route, playground};

type Labels = (&'static str, &'static str, u16);

/// What a client made up is no part of a key: a hash that is known will do.
static REQUESTS: LazyLock<RwLock<HashMap<Labels, Counter, FixedState>>> = LazyLock::new(RwLock::default);

impl Route {
    fn word(self) -> &'static str {
        match self {
            Self::GraphQl => "/graphql",
            Self::Playground => "/",
            Self::Assets => playground::ASSETS,
            Self::Healthz => "/healthz",
            Self::Readyz => "/readyz",
            Self::Metrics => "/metrics",
            Self::Nothing => "none",
        }
    }
}

/// A request that is on its way.
pub struct Request {
    method: &'static str,
    route: &'static str,
}

impl Request {
    pub fn of(method: &Method, route: Route) -> Self {
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::OPTIONS => "OPTIONS",
            Method::HEAD => "HEAD",
            _ => "other",
        };
        Self { method, route: route.word() }
    }

    pub fn answered(self, status: StatusCode) {
        let labels = (self.method, self.route, status.as_u16());
        let requests = REQUESTS.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = requests.get(&labels) {
            return counter.increment(1);
        }
        drop(requests);
        let (method, route, status) = labels;
        let name = "storefront_http_requests_total";
        let counter = metrics::counter!(name, "method" => method, "route" => route, "status" => status.to_string());
        counter.increment(1);
        REQUESTS.write().unwrap_or_else(PoisonError::into_inner).insert(labels, counter);
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
