//! Who sent a request, and whose window it spends from: an API client that proved its key, else the address.
//!
//! A credential that is not verified buys nothing: whoever sends a wrong key is charged by address, and where that has nothing left the key
//! is not even looked up.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode};

use super::answer::Failure;
use crate::app::App;
use crate::auth::{ApiClient, Viewer, WrongClientKey, buyer_address, client_address, client_key};
use crate::error::{Error, code};
use crate::limit::Who;

/// The sender of a request.
pub struct Caller {
    pub viewer: Viewer,
    /// Whose window it spends from.
    pub who: Who,
    /// Whether an API client has proved its key.
    pub is_keyed: bool,
}

/// Why a sender is not known; it is charged all the same.
pub struct Unknown {
    pub failure: Failure,
    pub who: Who,
}

impl Caller {
    pub async fn of(app: &App, peer: IpAddr, headers: &HeaderMap) -> Result<Self, Unknown> {
        let address = client_address(peer, headers, &app.config.clients.trusted_proxies);
        let by_address = Who::Address(address);
        let unknown = |failure| Unknown { failure, who: by_address };
        let viewer = app.staff_key.viewer(headers).map_err(|wrong| unknown(unauthenticated(wrong.to_string())))?;
        let key = client_key(headers).map_err(|wrong| unknown(unauthenticated(wrong.to_string())))?;
        let Some(key) = key else { return Ok(Self { viewer, who: by_address, is_keyed: false }) };
        let client = match app.clients.known(key).await {
            Some(client) => client,
            None if app.limiter.refused_for(&by_address).is_some() => {
                return Ok(Self { viewer, who: by_address, is_keyed: false });
            }
            None => match app.clients.find(key).await {
                Ok(Some(client)) => client,
                Ok(None) => return Err(unknown(unauthenticated(WrongClientKey::Unknown.to_string()))),
                Err(error) => return Err(unknown(unavailable(&error))),
            },
        };
        let ApiClient { id, points, .. } = client;
        match buyer_address(headers) {
            Ok(buyer) => Ok(Self { viewer, who: Who::Client { id, points, buyer }, is_keyed: true }),
            Err(garbage) => {
                let failure = Failure::bad_request(garbage.to_string());
                Err(Unknown { failure, who: Who::Client { id, points, buyer: None } })
            }
        }
    }
}

fn unauthenticated(text: String) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, text)
}

fn unavailable(error: &Error) -> Failure {
    if let Some(cause) = error.cause() {
        tracing::warn!(cause = format!("{cause:#}"), "an API client's key could not be looked up");
    }
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.to_string())
}
