//! Who sits at this machine: the connection comes from a loopback address, the page was asked for under a loopback name (a page of another
//! site that resolves to this machine has its own name in `Host`), and no proxy stands in between.

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header};

pub fn is_at_this_machine(peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> bool {
    let came_through_a_proxy = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    let in_header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // A request for a whole address means the host in it, whatever the header says (RFC 9112, section 3.2.2).
    let host = uri.host().or(in_header).unwrap_or_default();
    peer.to_canonical().is_loopback()
        && !came_through_a_proxy.iter().any(|name| headers.contains_key(*name))
        && is_loopback_name(host)
}

fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_this_machine() {
        for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "127.0.0.2", "[::1]:8000", "LOCALHOST:1"] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in ["", "example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1:8000", "[::2]"] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }
}
