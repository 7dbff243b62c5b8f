//! The `Host` of a request: one, and a sound one (RFC 9112, section 3.2). Programs on the way that took another one of several for the host
//! would keep the answer under a name it is not for.

use axum::extract::Request;
use axum::http::{Version, header};

use super::answer::Failure;
use crate::text::shorten;

/// Refuses a request without a host, or with one that is none. Before HTTP/1.1 there need not be one.
pub fn check(request: &Request) -> Result<(), Failure> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let text = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() >= Version::HTTP_11 => "the request has no host".to_owned(),
        (Some(_), Some(_)) => "the request has several hosts".to_owned(),
        (Some(host), None) if !is_sound(host.as_bytes()) => {
            format!("the host {:?} is none", shorten(&String::from_utf8_lossy(host.as_bytes())))
        }
        _ => return Ok(()),
    };
    Err(Failure::bad_request(text))
}

/// Whether these are the characters of a host and a port (RFC 3986, section 3.2.2). An address without a host has an empty one.
fn is_sound(host: &[u8]) -> bool {
    host.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn passes(version: Version, hosts: &[&str]) -> bool {
        let request = Request::get("/").version(version);
        let request = hosts.iter().fold(request, |request, host| request.header(header::HOST, *host));
        check(&request.body(Body::empty()).unwrap()).is_ok()
    }

    #[test]
    fn a_request_has_one_sound_host() {
        for host in ["shop.example", "SHOP.example:8000", "127.0.0.1", "[::1]:80", "xn--caf-dma.example", "a_b", ""] {
            assert!(passes(Version::HTTP_11, &[host]), "{host}");
        }
        for host in ["a b", "a/b", "user@shop.example", "<script>", "a\\b", "a?b", "a#b", "caf\u{e9}"] {
            assert!(!passes(Version::HTTP_11, &[host]), "{host}");
        }
        assert!(!passes(Version::HTTP_11, &["shop.example", "shop.example"]));
        assert!(!passes(Version::HTTP_11, &[]));
    }

    #[test]
    fn before_http_1_1_there_need_not_be_one() {
        assert!(passes(Version::HTTP_10, &[]));
        assert!(passes(Version::HTTP_10, &["shop.example"]));
        assert!(!passes(Version::HTTP_10, &["shop.example", "shop.example"]));
        assert!(!passes(Version::HTTP_10, &["a b"]));
    }
}
