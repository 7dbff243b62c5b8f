//! A request that panics is answered all the same, and takes nobody else with it.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use axum::http::StatusCode;
use futures_util::FutureExt;

use super::answer::Failure;
use crate::error::code;

/// What work comes to, or the failure to answer with when it panics.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| failure(&*panic))
}

/// A panic is our fault: it is logged with its text, counted, and answered without it.
fn failure(panic: &(dyn Any + Send)) -> Failure {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    metrics::counter!("storefront_panics_total").increment(1);
    tracing::error!(panic = text, "a request panicked");
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, "internal error")
}
