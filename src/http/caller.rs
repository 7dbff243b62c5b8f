//! Who sent a request, and whose window it spends from: an API client that proved its key, else the address.
//!
//! A credential that is not verified buys nothing: whoever sends a wrong key is charged by address, and where that has nothing left a key
//! that was never seen to be right is not even looked up.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};

use super::answer::Failure;
use crate::app::App;
use crate::auth::session::{Carrier, Sent, forgetting};
use crate::auth::{ApiClient, Known, Viewer, Visit, WrongClientKey, buyer_address, client_address, client_key};
use crate::config::Environment;
use crate::error::{Error, code};
use crate::limit::{Network, Refusal, Who};

/// What is said to whoever sends a token that is no session's (RFC 6750, section 3).
const WRONG_TOKEN: &str = "Bearer error=\"invalid_token\"";

/// The sender of a request.
pub struct Caller {
    pub viewer: Viewer,
    pub visit: Arc<Visit>,
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
    /// `sent` is the session that the request brings.
    pub async fn of(app: &App, peer: IpAddr, headers: &HeaderMap, sent: Option<&Sent>) -> Result<Self, Rejection> {
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
        let has_staff_key = app.staff_key.is_brought(headers).map_err(|other| wrong(other.to_string()))?;
        let client = match client {
            None => return Self::in_session(app, peer, has_staff_key, sent, by_address).await,
            Some((Some(Known::Fresh(client)), _)) => client,
            Some((_, key)) => match Box::pin(app.clients.find(key)).await {
                Ok(Some(client)) => client,
                Ok(None) => return Err(wrong(WrongClientKey::Unknown.to_string())),
                Err(error) => return Err(Rejection::Unavailable(unavailable(&error, "an API client's key"))),
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
            None => Self::in_session(app, peer, has_staff_key, sent, who).await,
        }
    }

    /// Looks up the session of a request, for which is known who pays. One that is none is not nobody's: whoever sends it should learn that it is
    /// over.
    async fn in_session(
        app: &App,
        peer: IpAddr,
        has_staff_key: bool,
        sent: Option<&Sent>,
        who: Who,
    ) -> Result<Self, Rejection> {
        let takes_plain_cookie = takes_plain_cookie(app, peer);
        let session = match sent {
            None => None,
            Some(sent) => match Box::pin(app.shared.sessions.find(&sent.token)).await {
                Ok(Some(session)) => Some(session),
                Ok(None) => {
                    let text = "the session is unknown, over or ended: log in again";
                    let failure = Failure::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, text);
                    let failure = match sent.carrier {
                        Carrier::Cookie { is_plain } => failure.hint(header::SET_COOKIE, forgetting(is_plain)),
                        Carrier::Bearer => failure.hint(header::WWW_AUTHENTICATE, WRONG_TOKEN),
                    };
                    return Err(Rejection::Wrong(failure, who));
                }
                Err(error) => return Err(Rejection::Unavailable(unavailable(&error, "a session"))),
            },
        };
        let (network, is_keyed) = match who {
            Who::Address(address) => (Some(address), false),
            Who::Client { buyer, .. } => (buyer, true),
        };
        let network = network.map(|address| Network::from(address).to_string());
        let visit = Arc::new(Visit::new(network, takes_plain_cookie, sent.map(|sent| sent.carrier)));
        Ok(Self { viewer: Viewer::new(has_staff_key, session.as_ref()), visit, who, is_keyed })
    }
}

/// Whether a browser is here that may ask over plain http: in development, on this machine.
pub fn takes_plain_cookie(app: &App, peer: IpAddr) -> bool {
    app.config.environment() == Environment::Development && peer.to_canonical().is_loopback()
}

fn unavailable(error: &Error, what: &str) -> Failure {
    if let Some(cause) = error.cause() {
        tracing::warn!(cause = format!("{cause:#}"), "{what} could not be looked up");
    }
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.to_string())
}
