//! Keys, tokens and addresses that are forged, foreign, doubled or too long.

use serde_json::json;

use super::cursors::FOREIGN_TOKEN;
use super::expected::{Expected, staff_only, unauthenticated};
use super::request::{Http, get, post};
use super::{Attack, Target, attack};

const STAFF: &str = "x-storefront-staff-key";
const CLIENT: &str = "x-storefront-client-key";
const TOKEN: &str = "x-consistency-token";

pub fn attacks(target: &Target) -> Vec<Attack> {
    let mut attacks = keys(target);
    attacks.extend(tokens());
    attacks.extend(addresses());
    attacks
}

fn query() -> Http {
    post(&json!({ "query": "{ __typename }" }))
}

fn keys(target: &Target) -> Vec<Attack> {
    let key = &target.staff_key;
    let staff = |name, sent: &str| attack(name, query().header(STAFF, sent), unauthenticated("staff key"));
    let client = |name, sent: &str| attack(name, query().header(CLIENT, sent), unauthenticated("client key"));
    vec![
        staff("a wrong staff key", "correct horse battery"),
        staff("an empty staff key", ""),
        staff("the staff key without its last letter", &key[..key.len() - 1]),
        staff("the staff key and one letter more", &format!("{key}x")),
        staff("the staff key in upper case", &key.to_uppercase()),
        staff("the staff key with a comma behind it", &format!("{key},")),
        staff("a staff key of 10 KB", &"k".repeat(10 * 1024)),
        staff("SQL for a staff key", "' OR 1=1 --"),
        attack(
            "two staff keys, the right one first",
            query().header(STAFF, key).header(STAFF, "wrong"),
            unauthenticated("staff key"),
        ),
        attack(
            "two staff keys, the right one last",
            query().header(STAFF, "wrong").header(STAFF, key),
            unauthenticated("staff key"),
        ),
        attack(
            "the right staff key twice",
            query().header(STAFF, key).header(STAFF, key),
            unauthenticated("staff key"),
        ),
        attack(
            "a wrong staff key by GET",
            get(&[("query", "{ __typename }")]).header(STAFF, "wrong"),
            unauthenticated("staff key"),
        ),
        attack(
            "a wrong staff key with a document that does not parse",
            post(&json!({ "query": "{" })).header(STAFF, "wrong"),
            unauthenticated("staff key"),
        ),
        attack(
            "the staff key in a cookie",
            post(&json!({ "query": "{ users { nodes { id } } }" }))
                .header("cookie", format!("{STAFF}={}", key.replace(' ', "%20"))),
            staff_only(),
        ),
        attack(
            "the staff key as a bearer token",
            post(&json!({ "query": "{ users { nodes { id } } }" })).header("authorization", format!("Bearer {key}")),
            unauthenticated("session"),
        ),
        client("a client key that nobody has", &format!("sf_{}", "A".repeat(43))),
        client("a client key of another form", "sk_live_0123456789"),
        client("an empty client key", ""),
        client("a client key of 10 KB", &format!("sf_{}", "A".repeat(10 * 1024))),
        client("SQL for a client key", "sf_' OR 1=1 --"),
        client("SQL that drops a table for a client key", "'; DROP TABLE clients; --"),
        client("the staff key for a client key", key),
        attack("two client keys", query().header(CLIENT, "sf_a").header(CLIENT, "sf_b"), unauthenticated("client key")),
        attack(
            "the staff key and a wrong client key",
            query().header(STAFF, key).header(CLIENT, "sf_a"),
            unauthenticated("client key"),
        ),
    ]
}

/// What this shop has not sealed counts as nothing.
fn tokens() -> Vec<Attack> {
    let answered = || Expected::Data(json!({ "__typename": "Query" }));
    let token = |name, sent: &str| attack(name, query().header(TOKEN, sent), answered());
    let cookie = |name, sent: String| attack(name, query().header("cookie", sent), answered());
    let many = |count: usize| vec![FOREIGN_TOKEN; count].join(",");
    let cookies = |count: usize| {
        (0..count)
            .map(|index| format!("storefront_consistency_{index:012x}={FOREIGN_TOKEN}"))
            .collect::<Vec<_>>()
            .join("; ")
    };
    vec![
        token("a token of another shop", FOREIGN_TOKEN),
        token("half a token of another shop", &FOREIGN_TOKEN[..FOREIGN_TOKEN.len() / 2]),
        token("a token that was turned round", &FOREIGN_TOKEN.chars().rev().collect::<String>()),
        token("a made-up token", &"A".repeat(72)),
        token("a token of 10 KB", &"A".repeat(10 * 1024)),
        token("100 tokens", &many(100)),
        token("10,000 empty tokens", &",".repeat(10_000)),
        token("SQL for a token", "' OR 1=1 --"),
        token("an empty token", ""),
        cookie("a forged cookie", "storefront_consistency_000000000000=forged".to_owned()),
        cookie("a cookie of another shop", cookies(1)),
        cookie("100 cookies of another shop", cookies(100)),
        cookie("a cookie without a value", "storefront_consistency_000000000000".to_owned()),
        cookie("a cookie whose name breaks out of its header", "storefront_consistency_\"; Path=/; a=b".to_owned()),
        cookie("10,000 semicolons", ";".repeat(10_000)),
        attack(
            "a token of another shop by GET",
            get(&[("query", "{ __typename }")]).header(TOKEN, FOREIGN_TOKEN),
            answered(),
        ),
        attack(
            "a bearer token that is none",
            query().header("authorization", "Bearer eyJhbGciOiJub25lIn0.eyJhZG1pbiI6dHJ1ZX0."),
            unauthenticated("session"),
        ),
    ]
}

/// Whoever asks has no say in who pays.
fn addresses() -> Vec<Attack> {
    let answered = || Expected::Data(json!({ "__typename": "Query" }));
    let from = |name, header: &'static str, address: &str| attack(name, query().header(header, address), answered());
    vec![
        from("another address by X-Forwarded-For", "x-forwarded-for", "192.0.2.1"),
        from("3,000 addresses by X-Forwarded-For", "x-forwarded-for", &"192.0.2.1,".repeat(3_000)),
        from("SQL for an address", "x-forwarded-for", "' OR 1=1 --"),
        from("another address by Forwarded", "forwarded", "for=192.0.2.1;host=evil.example;proto=https"),
        from("another address by X-Real-IP", "x-real-ip", "192.0.2.1"),
        from("a buyer's address without a client key", "x-storefront-buyer-address", "192.0.2.1"),
        from("no address for a buyer, without a client key", "x-storefront-buyer-address", "garbage"),
        from("another host by X-Forwarded-Host", "x-forwarded-host", "evil.example"),
    ]
}
