//! Whose a window is, what it counts, and its name in Redis.
//!
//! All windows that one request spends from share a hash tag, so that one script can charge them on a cluster too.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use uuid::Uuid;

use super::window::Rule;

/// Whose window it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A client of the API.
    Client(Uuid),
    /// Whoever asks from an address.
    Address(Network),
    /// Whom a client asks for.
    Buyer { client: Uuid, network: Network },
    /// Whoever logs in, or where from, as a hash.
    Login(u128),
}

/// An address as it is counted: IPv4 whole, IPv6 by the 64 bits that one customer has for himself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address => address,
        })
    }
}

/// What a window counts; its word names it in answers, metrics and Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Points of the client, or of the address.
    Points,
    /// Points of the buyer that a client asks for.
    Buyer,
    /// Root fields of mutations.
    Mutations,
    /// Logins that failed.
    Logins,
}

impl Policy {
    pub const ALL: [Self; 4] = [Self::Points, Self::Buyer, Self::Mutations, Self::Logins];

    pub fn word(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Buyer => "buyer",
            Self::Mutations => "mutations",
            Self::Logins => "logins",
        }
    }

    /// Whether requests pay for it with what they cost.
    pub fn is_in_points(self) -> bool {
        matches!(self, Self::Points | Self::Buyer)
    }

    /// Whether part of what was spent may come back.
    pub fn comes_back(self) -> bool {
        self != Self::Mutations
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub subject: Subject,
    pub policy: Policy,
}

/// What a request spends from a window.
#[derive(Clone, Copy, Debug)]
pub struct Spending {
    pub key: Key,
    pub rule: Rule,
    pub amount: u64,
}

impl Key {
    /// Windows with the same owner are charged together: it is their hash tag.
    pub fn owner(self) -> Subject {
        match self.subject {
            Subject::Buyer { client, .. } => Subject::Client(client),
            subject => subject,
        }
    }

    /// Whether anybody can make up such windows, so that their number must be bounded.
    pub fn is_anybodys(self) -> bool {
        !matches!(self.subject, Subject::Client(_))
    }

    /// Its name in Redis. Buckets are numbered by the period: windows of another one are others.
    pub fn name(self, namespace: &str, rule: Rule) -> String {
        let (policy, period_ms) = (self.policy.word(), rule.period_ms());
        match self.subject {
            Subject::Buyer { client, network } => {
                format!("storefront:{{{namespace}:w:{}}}:{policy}:{period_ms}:{network}", Subject::Client(client))
            }
            subject => format!("storefront:{{{namespace}:w:{subject}}}:{policy}:{period_ms}"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client) => write!(f, "c:{}", client.simple()),
            Self::Address(network) => write!(f, "a:{network}"),
            Self::Buyer { client, network } => write!(f, "b:{}:{network}", client.simple()),
            Self::Login(subject) => write!(f, "l:{subject:032x}"),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
