//! Addresses: whom a request without a key is charged to.
//!
//! Of the headers that name a client's address only X-Forwarded-For is read, since that is what proxies send; `Forwarded` (RFC 7239) is
//! ignored. It is read from the right, where the nearest proxy wrote, and no further than trusted proxies wrote: what a client puts in
//! front never counts. Where it cannot be read, the last trusted proxy before that is charged, never an address beyond.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use thiserror::Error;

use super::key::the_only;
use crate::config::TrustedProxies;
use crate::text::shorten;

/// The header in which a server with a client's key names the address of the person it asks for.
pub const BUYER_HEADER: &str = "x-storefront-buyer-address";

const FORWARDED_HEADER: &str = "x-forwarded-for";

/// The address that a request came from. `peer` is who opened the connection.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut nearest = peer.to_canonical();
    if !trusted.contains(nearest) {
        return nearest;
    }
    let lines = headers.get_all(FORWARDED_HEADER).iter().rev();
    // As bytes: what a client wrote beside it need not be text.
    for hop in lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
        let Some(address) = read(hop) else { break };
        nearest = address;
        if !trusted.contains(nearest) {
            break;
        }
    }
    nearest
}

/// The address of the buyer for whom a client asks. To be believed of a client alone whose key was found.
pub fn buyer_address(headers: &HeaderMap) -> Result<Option<IpAddr>, Garbage> {
    let sent = the_only(headers, HeaderName::from_static(BUYER_HEADER)).map_err(|_| Garbage::Several)?;
    let read = |value: &[u8]| read(value).ok_or_else(|| Garbage::NoAddress(shorten(&String::from_utf8_lossy(value))));
    sent.map(|value| read(value.as_bytes())).transpose()
}

/// What is no buyer's address; the text is for the client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Garbage {
    #[error("{BUYER_HEADER} is {0:?}, it must be an IP address")]
    NoAddress(String),
    #[error("the request has {BUYER_HEADER} several times, send it once")]
    Several,
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn read(hop: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(hop).ok()?.trim_matches([' ', '\t']);
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = text.parse().ok().or_else(with_port).or_else(in_brackets)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests;
