//! What a client can and cannot make of its address.

use axum::http::HeaderValue;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const PROXIES: &str = "10.0.0.0/8, 2001:db8::/32";
const PROXY: &str = "10.0.0.1";

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn forwarded(lines: &[&[u8]]) -> HeaderMap {
    lines.iter().map(|line| (FORWARDED_HEADER.parse().unwrap(), HeaderValue::from_bytes(line).unwrap())).collect()
}

fn charged(peer: &str, lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
    client_address(address(peer), &forwarded(&lines), &PROXIES.parse().unwrap()).to_string()
}

#[test]
fn the_first_stranger_from_the_right_is_the_client() {
    assert_eq!(charged(PROXY, &["198.51.100.7"]), "198.51.100.7");
    assert_eq!(charged(PROXY, &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
    assert_eq!(charged(PROXY, &["203.0.113.9, 198.51.100.7, 10.9.9.9,2001:db8::5"]), "198.51.100.7");
    assert_eq!(charged("2001:db8::1", &["2400::1"]), "2400::1");
}

#[test]
fn lines_count_in_their_order() {
    assert_eq!(charged(PROXY, &["203.0.113.9", "198.51.100.7", "10.9.9.9"]), "198.51.100.7");
    assert_eq!(charged(PROXY, &["203.0.113.9, 10.0.0.2", "10.9.9.9"]), "203.0.113.9");
}

#[test]
fn without_a_word_of_a_stranger_the_farthest_proxy_is_charged() {
    assert_eq!(charged(PROXY, &[]), PROXY);
    assert_eq!(charged(PROXY, &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
}

#[test]
fn garbage_charges_the_proxy_that_wrote_it() {
    for garbage in
        ["unknown", "", " ", "1.2.3", "1.2.3.4.5", "[1.2.3.4]", "fe80::1%eth0", "1.2.3.4:x", "::1:", "\"::1\""]
    {
        assert_eq!(charged(PROXY, &[&format!("203.0.113.9, {garbage}")]), PROXY, "{garbage:?}");
        assert_eq!(charged(PROXY, &[&format!("203.0.113.9, {garbage}, 10.0.0.7")]), "10.0.0.7", "{garbage:?}");
    }
}

#[test]
fn ports_brackets_and_ipv4_in_ipv6_clothes_are_understood() {
    for (written, read) in [
        ("198.51.100.7:567", "198.51.100.7"),
        ("[2400::1]:80", "2400::1"),
        ("[2400::1]", "2400::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[::ffff:198.51.100.7]:80", "198.51.100.7"),
        ("\t198.51.100.7 ", "198.51.100.7"),
    ] {
        assert_eq!(charged(PROXY, &[written]), read, "{written}");
    }
    assert_eq!(charged("::ffff:10.0.0.1", &["198.51.100.7, ::ffff:10.0.0.2"]), "198.51.100.7");
    assert_eq!(charged("::ffff:198.51.100.7", &[]), "198.51.100.7");
}

#[test]
fn a_client_whose_bytes_are_no_text_is_charged_all_the_same() {
    let headers = forwarded(&[b"\xff\xfe", b"\xff, 198.51.100.7"]);

    let charged = client_address(address(PROXY), &headers, &PROXIES.parse().unwrap());

    assert_eq!(charged, address("198.51.100.7"));
}

#[test]
fn nobody_is_believed_when_nobody_is_trusted() {
    let headers = forwarded(&[b"198.51.100.7"]);

    assert_eq!(client_address(address(PROXY), &headers, &TrustedProxies::default()), address(PROXY));
}

#[test]
fn the_other_headers_are_not_read() {
    let names = ["forwarded", "x-real-ip", "x-client-ip", "true-client-ip"];
    let value = |name| if name == "forwarded" { "for=198.51.100.7" } else { "198.51.100.7" };
    let headers = names.map(|name| (name.parse().unwrap(), value(name).parse().unwrap())).into_iter().collect();

    assert_eq!(client_address(address(PROXY), &headers, &PROXIES.parse().unwrap()), address(PROXY));
}

#[test]
fn a_buyer_has_one_address_or_none() {
    let named = |values: &[&[u8]]| {
        let values = values.iter().map(|value| HeaderValue::from_bytes(value).unwrap());
        buyer_address(&values.map(|value| (BUYER_HEADER.parse().unwrap(), value)).collect())
    };

    assert_eq!(named(&[]), Ok(None));
    assert_eq!(named(&[b"198.51.100.7"]), Ok(Some(address("198.51.100.7"))));
    assert_eq!(named(&[b"::ffff:198.51.100.7"]), Ok(Some(address("198.51.100.7"))));
    assert_eq!(named(&[b"[2400::1]:80"]), Ok(Some(address("2400::1"))));
    for garbage in ["", "shop", "198.51.100.7, 198.51.100.8", "198.51.100.0/24"] {
        let refused = named(&[garbage.as_bytes()]).unwrap_err().to_string();
        assert!(refused.contains(&format!("{garbage:?}")), "{refused}");
    }
    assert!(named(&[b"\xff"]).is_err());
    assert!(named(&[&[b'9'; 5000]]).unwrap_err().to_string().len() < 400);
    assert_eq!(named(&[b"198.51.100.7", b"198.51.100.7"]), Err(Garbage::Several));
}

/// Anything that HTTP lets a client write into a header.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let bytes = vec(prop_oneof![Just(b','), 0x20..0x7f_u8, 0x80..=0xff_u8], 0..40);
    let addresses = vec(any_address().prop_map(|address| address.to_string()), 0..4);
    prop_oneof![bytes, addresses.prop_map(|addresses| addresses.join(",").into_bytes())]
}

fn any_address() -> impl Strategy<Value = IpAddr> {
    let proxies = any::<[u8; 3]>().prop_map(|[a, b, c]| IpAddr::from([10, a, b, c]));
    prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from), proxies]
}

fn trusted() -> TrustedProxies {
    PROXIES.parse().unwrap()
}

proptest! {
    #[test]
    fn a_forged_header_never_moves_a_stranger(peer in any_address(), lines in vec(line(), 0..4)) {
        prop_assume!(!trusted().contains(peer));
        let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();

        prop_assert_eq!(client_address(peer, &forwarded(&lines), &trusted()), peer.to_canonical());
    }

    /// Each proxy adds who asked it, to the last line or as a line of its own.
    #[test]
    fn nothing_that_a_client_sends_changes_what_it_is_charged_as(
        client in any_address(),
        sent in vec(line(), 0..4),
        proxies in vec((any::<[u8; 3]>(), any::<bool>()), 1..4),
    ) {
        prop_assume!(!trusted().contains(client));
        let mut lines = sent;
        let mut asks = client;
        let mut peer = client;
        for ([a, b, c], adds_a_line) in proxies {
            let hop = asks.to_string().into_bytes();
            match lines.last_mut().filter(|_| !adds_a_line) {
                Some(line) => line.extend([&b", "[..], &hop].concat()),
                None => lines.push(hop),
            }
            peer = IpAddr::from([10, a, b, c]);
            asks = peer;
        }
        let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();

        prop_assert_eq!(client_address(peer, &forwarded(&lines), &trusted()), client.to_canonical());
    }

    #[test]
    fn the_charged_address_is_the_peers_or_was_named(peer in any_address(), lines in vec(line(), 0..4)) {
        let slices: Vec<_> = lines.iter().map(Vec::as_slice).collect();

        let charged = client_address(peer, &forwarded(&slices), &trusted());

        let named = lines.iter().flat_map(|line| line.split(|byte| *byte == b',')).filter_map(read);
        prop_assert!(charged == peer.to_canonical() || named.into_iter().any(|address| address == charged));
    }
}
