//! Documents by their hash: hashes of something else, and documents that must not become known.

use serde_json::{Value, json};

use super::expected::{Expected, invalid, only_by_post, refused, unknown_document};
use super::request::{get, post};
use super::{Attack, attack};

/// The texts and their SHA-256.
const QUERY: (&str, &str) = ("{ __typename }", "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b");
const INVALID: (&str, &str) = ("{ nothing }", "919c0b7aa452b0b2fb42688461501bb8b0c3ef3b9d05ce7b9afd4f28bbe96ceb");
const UNFINISHED: (&str, &str) =
    ("{ a: __typename", "daa6c99aff6d7cbe21edade77a60ee46938863e7a654bf2c663cfa6e222f59a6");
const MUTATION: (&str, &str) =
    ("mutation { __typename }", "22c9efff0269bd71ee0875759c0ae2b966100d019474f3e91a2b73d3dada7f8f");
/// Of a text that nobody sends.
const NOBODYS: &str = "aebe5669ac8f188dc6eee2b3b8b3b882fcd42466c379290ebba924b4a225c8f9";

fn by_hash(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

pub fn attacks() -> Vec<Attack> {
    let mut attacks = poisoned();
    attacks.extend(wrong());
    attacks.extend(trusted());
    attacks
}

/// In this order: what would have become known by an attack is asked for by the next one.
fn poisoned() -> Vec<Attack> {
    let register = |name, text: &str, hash: &str, expected| {
        attack(name, post(&json!({ "query": text, "extensions": by_hash(hash) })), expected)
    };
    let ask = |name, hash: &str, expected| attack(name, post(&json!({ "extensions": by_hash(hash) })), expected);
    let ask_by_get =
        |name, hash: &str, expected| attack(name, get(&[("extensions", &by_hash(hash).to_string())]), expected);
    let data = |name: &str| Expected::Data(json!({ "__typename": name }));
    vec![
        ask("a hash that nobody has registered", NOBODYS, unknown_document()),
        ask_by_get("the same by GET", NOBODYS, unknown_document()),
        register("a text under the hash of another one", QUERY.0, NOBODYS, refused(400, "is not the hash")),
        ask("what was registered under it", NOBODYS, unknown_document()),
        register(
            "a text with a space more than its hash",
            &format!("{} ", QUERY.0),
            QUERY.1,
            refused(400, "is not the hash"),
        ),
        register("a document that does not validate", INVALID.0, INVALID.1, invalid("nothing")),
        ask("the same by its hash", INVALID.1, unknown_document()),
        register("a document that does not parse", UNFINISHED.0, UNFINISHED.1, invalid("syntax error")),
        ask("the same by its hash alone", UNFINISHED.1, unknown_document()),
        attack(
            "a mutation to be registered by GET",
            get(&[("query", MUTATION.0), ("extensions", &by_hash(MUTATION.1).to_string())]),
            only_by_post(),
        ),
        register("a mutation by POST", MUTATION.0, MUTATION.1, data("Mutation")),
        ask_by_get("a registered mutation by GET", MUTATION.1, only_by_post()),
        register("a sound document", QUERY.0, QUERY.1, data("Query")),
        ask("a sound document by its hash", QUERY.1, data("Query")),
        ask("a sound document by its hash in upper case", &QUERY.1.to_uppercase(), data("Query")),
    ]
}

fn wrong() -> Vec<Attack> {
    let sent = |name, persisted: Value| {
        attack(name, post(&json!({ "extensions": { "persistedQuery": persisted } })), refused(422, ""))
    };
    let hash = |name, hash: &str| sent(name, json!({ "version": 1, "sha256Hash": hash }));
    vec![
        hash("a hash of 63 digits", &QUERY.1[..63]),
        hash("a hash of 65 digits", &format!("{}0", QUERY.1)),
        hash("a hash with a letter that is no digit", &QUERY.1.replace('7', "g")),
        hash("an empty hash", ""),
        hash("a hash of 100 KB", &"a".repeat(100 * 1024)),
        hash("a key of Redis for a hash", "storefront:*"),
        hash("commands of Redis for a hash", "a\r\nFLUSHALL\r\n"),
        hash("64 bytes of emoji for a hash", &"🪑".repeat(16)),
        hash("a path for a hash", "../../../etc/passwd"),
        sent("version 2 of the protocol", json!({ "version": 2, "sha256Hash": QUERY.1 })),
        sent("version -1 of the protocol", json!({ "version": -1, "sha256Hash": QUERY.1 })),
        sent("version 1.5 of the protocol", json!({ "version": 1.5, "sha256Hash": QUERY.1 })),
        sent("a version of 2^64 + 1", json!({ "version": 18_446_744_073_709_551_617_f64, "sha256Hash": QUERY.1 })),
        sent("the version as text", json!({ "version": "1", "sha256Hash": QUERY.1 })),
        sent("no version", json!({ "sha256Hash": QUERY.1 })),
        sent("no hash", json!({ "version": 1 })),
        sent("a hash that is a number", json!({ "version": 1, "sha256Hash": 7 })),
        sent("a hash that is an object", json!({ "version": 1, "sha256Hash": { "$ne": "" } })),
        sent("a persisted query that is a text", json!(QUERY.1)),
        sent("a persisted query that is a list, its fields in order", json!([1, QUERY.1])),
        sent("a persisted query that is empty", json!({})),
    ]
}

fn trusted() -> Vec<Attack> {
    let by_id = |name, id: &str| attack(name, post(&json!({ "documentId": id })), unknown_document());
    vec![
        by_id("a document that nobody trusts", "nothing"),
        by_id("a path for the id of a document", "../../etc/passwd"),
        by_id("a path from the root for the id of a document", "/etc/passwd"),
        by_id("a path to a source for the id of a document", "product.graphql\0"),
        by_id("an address for the id of a document", "file:///etc/passwd"),
        by_id("a hash with nothing behind it for the id of a document", "sha256:"),
        by_id("a hash of another kind for the id of a document", "md5:d41d8cd98f00b204e9800998ecf8427e"),
        by_id("an id of 100 KB", &"a".repeat(100 * 1024)),
        attack("an id of a document that is a number", post(&json!({ "documentId": 7 })), refused(422, "")),
        attack("an id of a document that is a list", post(&json!({ "documentId": ["a"] })), refused(422, "")),
        attack("an id of a document by GET", get(&[("documentId", "../../etc/passwd")]), unknown_document()),
    ]
}
