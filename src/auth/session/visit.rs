//! A request as far as sessions are concerned: where it came from, and what its answer does with the cookie.
//!
//! The cookie is `__Host-storefront_session`, `Secure`, `HttpOnly` and `SameSite=Lax`. In development a browser on this machine may ask over
//! plain http, and then has it without `Secure` and under a name without the prefix that would ask for it.

use std::sync::{Mutex, PoisonError};

use axum::http::HeaderValue;

use super::sent::{COOKIE, Carrier, PLAIN_COOKIE};

/// The longest that browsers keep a cookie. How long the session lives is the server's to say.
const KEPT_SECS: u32 = 400 * 24 * 3600;

#[derive(Debug, Default)]
pub struct Visit {
    /// Where logins are counted; `None` for a server that asks for people whose address it does not tell.
    pub network: Option<String>,
    pub takes_plain_cookie: bool,
    /// How the session came that the request was let in by.
    pub carrier: Option<Carrier>,
    cookie: Mutex<Option<String>>,
}

impl Visit {
    pub fn new(network: Option<String>, takes_plain_cookie: bool, carrier: Option<Carrier>) -> Self {
        Self { network, takes_plain_cookie, carrier, cookie: Mutex::default() }
    }

    /// Gives the browser this token, in place of any other.
    pub fn keep(&self, token: &str) {
        let head = if self.takes_plain_cookie { PLAIN_COOKIE } else { COOKIE };
        let secure = if self.takes_plain_cookie { "" } else { "; Secure" };
        self.set(format!("{head}={token}; Path=/; Max-Age={KEPT_SECS}; HttpOnly; SameSite=Lax{secure}"));
    }

    /// Takes the cookie away, if the session came by it.
    pub fn forget(&self) {
        if let Some(Carrier::Cookie { is_plain }) = self.carrier {
            self.set(forgetting(is_plain).to_owned());
        }
    }

    /// The value of `Set-Cookie`, if the answer has one.
    pub fn cookie(&self) -> Option<HeaderValue> {
        let cookie = self.cookie.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        HeaderValue::try_from(cookie).ok()
    }

    fn set(&self, cookie: String) {
        *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = Some(cookie);
    }
}

/// What takes a browser's cookie away.
pub fn forgetting(is_plain: bool) -> &'static str {
    if is_plain {
        "storefront_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    } else {
        "__Host-storefront_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    }
}
