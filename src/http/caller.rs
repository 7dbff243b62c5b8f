//! Who sent a request, and whose window it spends from: an API client that proved its key, else the address.
//!
//! A credential that is not verified buys nothing: whoever sends a wrong key is charged by address, and where that has nothing left a key
//! that was never seen to be right is not even looked up.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode};

use super::answer::Failure;
use crate::app::App;
use crate::auth::{ApiClient, Known, Viewer, WrongClientKey, buyer_address, client_address, client_key};
use crate::error::{Error, code};
use crate::limit::{Refusal, Who};

/// The sender of a request.
pub struct Caller {
    pub viewer: Viewer,
    /// Whose window it spends from.
    pub who: Who,
    /// Whether an API client has proved its key.
    pub is_keyed: bool,
}

/// Why nobody is let in.
pub enum Rejection {
    /// The credentials are wrong, and whoever this is pays for it.
    Wrong(Failure, Who),
    /// Nobody could find out: that costs nothing.
    Unavailable(Failure),
    /// There is nothing left of the window.
    Throttled(Refusal),
}

impl Caller {
    pub async fn of(app: &App, peer: IpAddr, headers: &HeaderMap) -> Result<Self, Rejection> {
        let address = client_address(peer, headers, &app.config.clients.trusted_proxies);
        let by_address = Who::Address(address);
        let wrong = |text: String| {
            let failure = Failure::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, text);
            Rejection::Wrong(failure, by_address)
        };
        let client = match client_key(headers).map_err(|several| wrong(several.to_string()))? {
            Some(key) => Some((app.clients.known(key).await, key)),
            None => None,
        };
        // Whoever has nothing left makes nobody look a key up that was never seen to be right.
        if !matches!(client, Some((Some(_), _)))
            && let Some(refusal) = app.limiter.refused_for(&by_address)
        {
            return Err(Rejection::Throttled(refusal));
        }
        let viewer = app.staff_key.viewer(headers).map_err(|other| wrong(other.to_string()))?;
        let client = match client {
            None => return Ok(Self { viewer, who: by_address, is_keyed: false }),
            Some((Some(Known::Fresh(client)), _)) => client,
            Some((_, key)) => match Box::pin(app.clients.find(key)).await {
                Ok(Some(client)) => client,
                Ok(None) => return Err(wrong(WrongClientKey::Unknown.to_string())),
                Err(error) => return Err(Rejection::Unavailable(unavailable(&error))),
            },
        };
        let ApiClient { id, points, .. } = client;
        let who = match buyer_address(headers) {
            Ok(buyer) => Who::Client { id, points, buyer },
            Err(garbage) => {
                let failure = Failure::bad_request(garbage.to_string());
                return Err(Rejection::Wrong(failure, Who::Client { id, points, buyer: None }));
            }
        };
        match app.limiter.refused_for(&who) {
            Some(refusal) => Err(Rejection::Throttled(refusal)),
            None => Ok(Self { viewer, who, is_keyed: true }),
        }
    }
}

fn unavailable(error: &Error) -> Failure {
    if let Some(cause) = error.cause() {
        tracing::warn!(cause = format!("{cause:#}"), "an API client's key could not be looked up");
    }
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.to_string())
}
