//! Settings about who is calling.

use std::net::IpAddr;
use std::str::FromStr;

use clap::Args;
use ipnet::{IpNet, Ipv4Net};

/// What is believed of a caller's address.
#[derive(Args, Clone, Debug)]
pub struct ClientConfig {
    /// Proxies in front of this server, whose X-Forwarded-For is believed: addresses and networks such as `10.0.0.0/8`, joined by commas.
    #[arg(long, env = "STOREFRONT_TRUSTED_PROXIES", default_value = "", hide_default_value = true)]
    pub trusted_proxies: TrustedProxies,
}

/// The addresses whose word on an address counts. An IPv4 address in IPv6 clothes is the IPv4 address.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(entry: &str) -> Result<IpNet, String> {
    let read = entry.parse().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
    let network =
        read.map_err(|_| format!("{entry:?} is not an address or a network, such as 10.1.2.3 or 10.0.0.0/8"))?;
    let network = canonical(network);
    if network.prefix_len() == 0 {
        return Err(format!("{entry:?} is every address: every client could say which one it has"));
    }
    Ok(network)
}

/// The network of the same addresses in the form in which they are compared.
fn canonical(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V6(mapped) => mapped.addr().to_ipv4_mapped().zip(mapped.prefix_len().checked_sub(96)),
        IpNet::V4(_) => None,
    };
    match mapped.map(|(address, prefix)| Ipv4Net::new(address, prefix)) {
        Some(Ok(network)) => network.into(),
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(text: &str) -> TrustedProxies {
        text.parse().unwrap()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_and_networks_are_trusted_and_nothing_beside_them() {
        let proxies = proxies("10.1.2.3, 192.168.0.0/16,2001:db8::/32,,::1 ");

        for trusted in ["10.1.2.3", "192.168.0.0", "192.168.255.255", "2001:db8::1", "::1", "::ffff:10.1.2.3"] {
            assert!(proxies.contains(address(trusted)), "{trusted}");
        }
        for stranger in ["10.1.2.4", "192.169.0.0", "2001:db9::1", "::2", "::ffff:10.1.2.4", "::10.1.2.3"] {
            assert!(!proxies.contains(address(stranger)), "{stranger}");
        }
    }

    #[test]
    fn a_network_in_ipv6_clothes_is_the_ipv4_network() {
        let proxies = proxies("::ffff:10.0.0.0/104,::ffff:192.0.2.1");

        assert!(proxies.contains(address("10.255.0.1")));
        assert!(proxies.contains(address("::ffff:10.255.0.1")));
        assert!(proxies.contains(address("192.0.2.1")));
        assert!(!proxies.contains(address("192.0.2.2")));
    }

    #[test]
    fn nothing_trusts_nobody() {
        for text in ["", " ", ",", " , "] {
            assert!(!proxies(text).contains(address("127.0.0.1")), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        for entry in ["10.0.0.0/33", "10.0.0", "proxy.example", "10.0.0.0/", "*", "10.0.0.1:80", "0.0.0.0/0", "::/0"] {
            let refused = format!("10.0.0.0/8, {entry}").parse::<TrustedProxies>().unwrap_err();

            assert!(refused.starts_with(&format!("{entry:?} ")), "{refused}");
        }
        assert!("::ffff:0.0.0.0/96".parse::<TrustedProxies>().is_err());
    }
}
