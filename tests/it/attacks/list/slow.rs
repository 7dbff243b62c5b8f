//! Clients that take their time, to keep connections and memory.

use super::expected::{Expected, refused, refused_as};
use super::{Attack, Request, attack};

const HEAD: &str = "POST /graphql HTTP/1.1\r\nhost: shop.example\r\naccept: application/graphql-response+json\r\n\
                    x-request-id: one-of-the-attacks\r\ncontent-type: application/json\r\n";

pub fn attacks() -> Vec<Attack> {
    let stalled = |name, bytes: String, expected| attack(name, Request::Stalled(bytes.into_bytes()), expected);
    let dripping = |name, at_once: String, drop: &str, expected| {
        attack(name, Request::Dripping(at_once.into_bytes(), drop.into()), expected)
    };
    let late = || refused_as("TIMEOUT", 408, "");
    vec![
        stalled("a connection without a word", String::new(), Expected::Closed),
        stalled("half a line", "POST /gra".to_owned(), Expected::Closed),
        stalled("half a head", HEAD.to_owned(), Expected::Closed),
        stalled("a head without its last line break", format!("{HEAD}content-length: 27\r\n"), Expected::Closed),
        dripping("a head that never ends, letter by letter", format!("{HEAD}x-a: "), "a", Expected::Closed),
        dripping("headers that never end, letter by letter", HEAD.to_owned(), "x-a: a\r\n", Expected::Closed),
        dripping("line breaks and no request", String::new(), "\r\n", Expected::Closed),
        stalled("a head without its body", format!("{HEAD}content-length: 27\r\n\r\n"), late()),
        stalled(
            "a length over the maximum without its body",
            format!("{HEAD}content-length: 262145\r\n\r\n"),
            refused(413, "262144"),
        ),
        stalled("half a body", format!("{HEAD}content-length: 27\r\n\r\n{{\"query\":"), late()),
        stalled("half a chunk", format!("{HEAD}transfer-encoding: chunked\r\n\r\n1b\r\n{{\"query\":"), late()),
        stalled("chunks without an end", format!("{HEAD}transfer-encoding: chunked\r\n\r\n1\r\n \r\n"), late()),
        dripping("a body letter by letter", format!("{HEAD}content-length: 200000\r\n\r\n"), " ", late()),
        dripping(
            "chunks of one letter without an end",
            format!("{HEAD}transfer-encoding: chunked\r\n\r\n"),
            "1\r\n \r\n",
            late(),
        ),
    ]
}
