//! Whether a request was sent by a page that may ask.
//!
//! Browsers send a GET for any page (`<img>`, `<script>`, a link, `fetch` with `no-cors`), and a POST of a form, and with it the visitor's
//! cookies and address: the page can read nothing of the answer, but the visitor would pay for it, and how long it took can be told. A POST of
//! `content-type: application/json` makes the browser ask first (a preflight), and CORS answers that.
//!
//! A request is refused when the browser says that it comes from elsewhere and nothing shows that CORS has allowed it:
//! - where it comes from is said by `Sec-Fetch-Site` (W3C Fetch Metadata; on https and localhost, set by the browser and out of a page's
//!   reach), and by browsers without it in `Origin`;
//! - what shows it is an `Origin` that is listed, or a header that is not on the Fetch standard's list of CORS-safelisted request-headers:
//!   a page of another origin cannot send such a one before a preflight has allowed it.
//!
//! Programs say nothing of all this and pass. So does a tag on a plain http page of an old browser; a GET changes nothing.

use axum::http::{HeaderMap, HeaderName, header};

use super::consistency::TOKEN_HEADER;

/// Headers that no page of another origin sends without a preflight. Those that begin with [`OWN`] are such as well.
const PREFLIGHTED: [HeaderName; 4] = [
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("x-apollo-operation-name"),
    TOKEN_HEADER,
];
const OWN: &str = "x-storefront-";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A page that is not listed has sent the request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a page of another origin asks without a preflight: its origin has to be listed, or the request needs a header such as \
     graphql-require-preflight"
)]
pub struct Refusal;

/// Refuses a request of a page that neither is of this host nor was allowed by CORS.
pub fn check(headers: &HeaderMap, cors_origins: &[String]) -> Result<(), Refusal> {
    let comes_from_elsewhere = match (headers.get(FETCH_SITE), headers.get(header::ORIGIN)) {
        (Some(site), _) => site != "same-origin" && site != "none",
        (None, Some(origin)) => !is_of_this_host(origin.as_bytes(), headers),
        (None, None) => false,
    };
    if comes_from_elsewhere && !is_listed(headers, cors_origins) && !was_preflighted(headers) {
        return Err(Refusal);
    }
    Ok(())
}

/// A request that brings a session in a cookie, which browsers add for any page, was not shown to be meant by one that may.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a session in a cookie writes for pages of this host and of listed origins alone: the request needs its Origin, or a header \
     such as graphql-require-preflight"
)]
pub struct Unmeant;

/// Whether a POST that brings a session in a cookie was sent by a page of this host or of a listed origin, or has a header that no other page can
/// send. `*` lists nobody here, and a content type is not such a header: programs send it too.
pub fn is_meant(headers: &HeaderMap, cors_origins: &[String]) -> bool {
    let named = headers.get(header::ORIGIN).is_some_and(|origin| {
        is_of_this_host(origin.as_bytes(), headers) || cors_origins.iter().any(|listed| origin == listed.as_str())
    });
    named || headers.keys().any(needs_preflight)
}

fn is_of_this_host(origin: &[u8], headers: &HeaderMap) -> bool {
    let host = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    let asked = headers.get(header::HOST).map(|host| host.as_bytes());
    host.is_some_and(|host| !host.is_empty() && asked.is_some_and(|asked| asked.eq_ignore_ascii_case(host)))
}

fn is_listed(headers: &HeaderMap, cors_origins: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    cors_origins.iter().any(|listed| listed == "*" || origin == listed.as_str())
}

fn was_preflighted(headers: &HeaderMap) -> bool {
    let is_json = |value: &[u8]| {
        let name = value.split(|byte| *byte == b';').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"application/json")
    };
    headers.get(header::CONTENT_TYPE).is_some_and(|value| is_json(value.as_bytes()))
        || headers.keys().any(needs_preflight)
}

fn needs_preflight(name: &HeaderName) -> bool {
    name.as_str().starts_with(OWN) || PREFLIGHTED.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "https://shop.example";

    /// Whether a GET with these header lines passes, on `api.example` with one listed origin.
    fn passes(lines: &[&str], origins: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in [&["host: api.example"], lines].concat() {
            let (name, value) = line.split_once(": ").unwrap();
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
        check(&headers, &origins).is_ok()
    }

    #[test]
    fn programs_and_pages_of_this_host_pass() {
        for lines in [
            &[][..],
            &["user-agent: curl/8"],
            &["cookie: a=b"],
            &["sec-fetch-site: same-origin"],
            &["sec-fetch-site: same-origin", "origin: https://api.example"],
            &["sec-fetch-site: none", "sec-fetch-mode: navigate"],
            &["origin: https://api.example"],
            &["origin: http://API.example"],
        ] {
            assert!(passes(lines, &[LISTED]), "{lines:?}");
        }
    }

    #[test]
    fn pages_of_others_are_refused() {
        for lines in [
            &["sec-fetch-site: cross-site"][..],
            &["sec-fetch-site: same-site"],
            &["sec-fetch-site: made-up"],
            &["sec-fetch-site: "],
            &["sec-fetch-site: cross-site", "sec-fetch-dest: script", "sec-fetch-mode: no-cors"],
            &["sec-fetch-site: cross-site", "sec-fetch-dest: document", "sec-fetch-mode: navigate"],
            &["sec-fetch-site: cross-site", "origin: https://evil.example"],
            &["sec-fetch-site: cross-site", "origin: https://api.example"],
            &["sec-fetch-site: cross-site", "origin: null"],
            &["sec-fetch-site: cross-site", "content-type: text/plain", "accept: application/json"],
            &["sec-fetch-site: cross-site", "content-type: application/jsonx"],
            &["origin: https://evil.example"],
            &["origin: https://api.example.evil.example"],
            &["origin: https://api.example:8443"],
            &["origin: https://shop.example.evil.example"],
            &["origin: http://shop.example"],
            &["origin: https://"],
            &["origin: null"],
        ] {
            assert!(!passes(lines, &[LISTED]), "{lines:?}");
            assert!(!passes(lines, &[]), "{lines:?}");
        }
    }

    #[test]
    fn listed_origins_pass() {
        for lines in [
            &["origin: https://shop.example"][..],
            &["sec-fetch-site: cross-site", "origin: https://shop.example"],
            &["sec-fetch-site: same-site", "origin: https://shop.example"],
        ] {
            assert!(passes(lines, &[LISTED]), "{lines:?}");
            assert!(passes(lines, &["*"]), "{lines:?}");
            assert!(!passes(lines, &[]), "{lines:?}");
        }
        assert!(passes(&["sec-fetch-site: cross-site", "origin: null"], &["*"]));
        // A tag names no origin, so that nothing could be listed.
        assert!(!passes(&["sec-fetch-site: cross-site"], &["*"]));
    }

    #[test]
    fn what_a_preflight_has_allowed_passes() {
        for line in [
            "content-type: application/json",
            "content-type: Application/JSON; charset=utf-8",
            "apollo-require-preflight: true",
            "graphql-require-preflight: 1",
            "x-apollo-operation-name: Products",
            "x-consistency-token: anything",
            "x-storefront-client-key: anything",
        ] {
            assert!(passes(&["sec-fetch-site: cross-site", line], &[]), "{line}");
            assert!(passes(&["origin: https://evil.example", line], &[]), "{line}");
        }
    }

    #[test]
    fn a_session_in_a_cookie_writes_for_pages_that_may_alone() {
        let meant = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in [&["host: api.example", "content-type: application/json"], lines].concat() {
                let (name, value) = line.split_once(": ").unwrap();
                headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
            is_meant(&headers, &[LISTED.to_owned(), "*".to_owned()])
        };

        for line in ["origin: https://api.example", "origin: https://shop.example", "graphql-require-preflight: 1"] {
            assert!(meant(&[line]), "{line}");
        }
        for lines in [&[][..], &["origin: https://evil.example"], &["origin: null"], &["sec-fetch-site: same-site"]] {
            assert!(!meant(lines), "{lines:?}");
        }
    }

    #[test]
    fn an_address_without_a_host_is_nobodys() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, "https://api.example".parse().unwrap());

        assert_eq!(check(&headers, &[]), Err(Refusal));
    }
}
