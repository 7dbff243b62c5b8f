//! The session that a request brings: in `Authorization: Bearer`, or in a cookie. One, in one place: of two, something on the way may have
//! taken the other one for true.

use axum::http::{HeaderMap, header};
use thiserror::Error;

/// The name that browsers take on https alone, for this host alone.
pub const COOKIE: &str = "__Host-storefront_session";
/// The name on plain http: in development, on this machine.
pub const PLAIN_COOKIE: &str = "storefront_session";
const SCHEME: &[u8] = b"bearer";

/// How a token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    Bearer,
    Cookie { is_plain: bool },
}

/// A token, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub token: String,
    pub carrier: Carrier,
}

/// The request brings more than one; the text is for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the request has several sessions, send one: in Authorization, or in a cookie")]
pub struct SeveralSessions;

impl Sent {
    /// The token in these headers. Other schemes than `Bearer` are not ours.
    pub fn read(headers: &HeaderMap, takes_plain_cookie: bool) -> Result<Option<Self>, SeveralSessions> {
        let bearer = one(headers.get_all(header::AUTHORIZATION).iter().filter_map(|value| bearer(value.as_bytes())))?;
        let plain = if takes_plain_cookie { one(cookies(headers, PLAIN_COOKIE))? } else { None };
        let host = one(cookies(headers, COOKIE))?;
        let cookie = host.map(|token| (token, false)).or(plain.map(|token| (token, true)));
        let sent = |token: &[u8], carrier| Self { token: String::from_utf8_lossy(token).into_owned(), carrier };
        match (bearer, cookie) {
            (Some(_), Some(_)) => Err(SeveralSessions),
            (Some(token), None) => Ok(Some(sent(token, Carrier::Bearer))),
            (None, Some((token, is_plain))) => Ok(Some(sent(token, Carrier::Cookie { is_plain }))),
            (None, None) => Ok(None),
        }
    }
}

/// The token behind the scheme: empty when there is none, which is no session's.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    let ends = token.first().is_none_or(u8::is_ascii_whitespace);
    (ends && scheme.eq_ignore_ascii_case(SCHEME)).then(|| token.trim_ascii())
}

/// The values of the cookies of this name.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

fn one<'a>(mut found: impl Iterator<Item = &'a [u8]>) -> Result<Option<&'a [u8]>, SeveralSessions> {
    match (found.next(), found.next()) {
        (one, None) => Ok(one),
        _ => Err(SeveralSessions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], takes_plain_cookie: bool) -> Result<Option<(String, Carrier)>, SeveralSessions> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            headers.append(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap());
        }
        Sent::read(&headers, takes_plain_cookie).map(|sent| sent.map(|sent| (sent.token, sent.carrier)))
    }

    #[test]
    fn a_token_comes_in_one_place() {
        let bearer = || Ok(Some(("sfs_a".to_owned(), Carrier::Bearer)));
        let cookie = |is_plain| Ok(Some(("sfs_a".to_owned(), Carrier::Cookie { is_plain })));

        assert_eq!(read(&[], true), Ok(None));
        assert_eq!(read(&["authorization: Bearer sfs_a"], true), bearer());
        assert_eq!(read(&["authorization: bearer  sfs_a "], true), bearer());
        assert_eq!(read(&["authorization: Bearer\tsfs_a"], true), bearer());
        for line in ["authorization: Bearer", "authorization: bearer ", "authorization: Bearer \t"] {
            assert_eq!(read(&[line], true), Ok(Some((String::new(), Carrier::Bearer))), "{line:?}");
        }
        assert_eq!(read(&["authorization: Bearersfs_a"], true), Ok(None));
        assert_eq!(read(&["authorization: Basic sfs_a", "cookie: theme=dark"], true), Ok(None));
        assert_eq!(read(&["cookie: a=b; __Host-storefront_session=sfs_a; c=d"], false), cookie(false));
        assert_eq!(read(&["cookie: storefront_session=sfs_a"], true), cookie(true));
        assert_eq!(read(&["cookie: storefront_session=sfs_a"], false), Ok(None));
        assert_eq!(read(&["cookie: storefront_session_other=sfs_a"], true), Ok(None));
        assert_eq!(
            read(&["cookie: storefront_session=sfs_b", "cookie: __Host-storefront_session=sfs_a"], true),
            cookie(false)
        );
    }

    #[test]
    fn several_are_refused_even_if_they_are_the_same() {
        for lines in [
            ["authorization: Bearer sfs_a", "authorization: Bearer sfs_a"],
            ["authorization: Bearer sfs_a", "cookie: __Host-storefront_session=sfs_a"],
            ["cookie: __Host-storefront_session=sfs_a", "cookie: __Host-storefront_session=sfs_b"],
            ["cookie: storefront_session=sfs_a; storefront_session=sfs_b", "accept: */*"],
        ] {
            assert_eq!(read(&lines, true), Err(SeveralSessions), "{lines:?}");
        }
    }
}
