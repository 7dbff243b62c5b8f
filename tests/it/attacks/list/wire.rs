//! What is hardly HTTP: requests in requests, lengths that lie, heads without an end.

use serde_json::json;

use super::expected::{Expected, not_allowed, refused, staff_only};
use super::request::REQUEST_ID;
use super::{Attack, Request, Target, attack};

/// The headers of every request; it goes on after them.
fn head(first: &str) -> String {
    let accept = "application/graphql-response+json";
    format!("{first}\r\nhost: shop.example\r\naccept: {accept}\r\nx-request-id: {REQUEST_ID}\r\n")
}

fn post() -> String {
    head("POST /graphql HTTP/1.1") + "content-type: application/json\r\n"
}

const GET: &str = "GET /graphql?query=%7B__typename%7D HTTP/1.1";
const BODY: &str = "{\"query\":\"{ __typename }\"}";
const CLOSE: &str = "connection: close\r\n";

pub fn attacks(target: &Target) -> Vec<Attack> {
    let mut attacks = lengths();
    attacks.extend(smuggled());
    attacks.push(in_trailers(target));
    attacks.extend(targets());
    attacks.extend(hosts());
    attacks.extend(heads());
    attacks
}

fn wire(name: &'static str, bytes: impl Into<Vec<u8>>, expected: Expected) -> Attack {
    attack(name, Request::Wire(bytes.into()), expected)
}

fn answered() -> Expected {
    Expected::Data(json!({ "__typename": "Query" }))
}

fn lengths() -> Vec<Attack> {
    let length = BODY.len();
    let chunked = |chunks: &str| format!("{}{CLOSE}transfer-encoding: chunked\r\n\r\n{chunks}", post());
    let not_http = || Expected::Bare(&[400]);
    vec![
        wire("a length of -1", format!("{}content-length: -1\r\n\r\n{BODY}", post()), not_http()),
        wire("a length that is no number", format!("{}content-length: 0x1A\r\n\r\n{BODY}", post()), not_http()),
        wire("a length with a plus", format!("{}content-length: +{length}\r\n\r\n{BODY}", post()), not_http()),
        wire(
            "a length of 2^64",
            format!("{}content-length: 18446744073709551616\r\n\r\n{BODY}", post()),
            Expected::Bare(&[400, 413, 431]),
        ),
        wire(
            "a length of an exabyte",
            format!("{}{CLOSE}content-length: 1000000000000000000\r\n\r\n{BODY}", post()),
            refused(413, "262144"),
        ),
        wire(
            "a length of an exabyte, to be told to go on",
            format!("{}{CLOSE}expect: 100-continue\r\ncontent-length: 1000000000000000000\r\n\r\n", post()),
            refused(413, "262144"),
        ),
        wire(
            "chunks in HTTP/1.0, which has none",
            format!("{}transfer-encoding: chunked\r\n\r\n0\r\n\r\n", post().replace("HTTP/1.1", "HTTP/1.0")),
            Expected::Bare(&[400]),
        ),
        wire(
            "two lengths",
            format!("{}content-length: {length}\r\ncontent-length: 5\r\n\r\n{BODY}", post()),
            not_http(),
        ),
        wire("two lengths in one header", format!("{}content-length: {length}, 5\r\n\r\n{BODY}", post()), not_http()),
        wire(
            "a length that is too short",
            format!("{}{CLOSE}content-length: 5\r\n\r\n{BODY}", post()),
            refused(400, ""),
        ),
        wire("chunks whose size is no number", chunked("zz\r\nabc\r\n0\r\n\r\n"), refused(400, "")),
        wire("a chunk whose size overflows", chunked("fffffffffffffffff\r\nabc\r\n0\r\n\r\n"), refused(400, "")),
        wire("a chunk that is longer than it says", chunked("3\r\nabcdef\r\n0\r\n\r\n"), refused(400, "")),
        wire("chunks without line breaks", chunked("garbage without an end\n\n\n"), refused(400, "")),
        wire(
            "70,000 chunks of four bytes",
            chunked(&("4\r\n    \r\n".repeat(70_000) + "0\r\n\r\n")),
            refused(413, "262144"),
        ),
        wire(
            "a chunk with an extension of 100 KB",
            chunked(&format!("1a;{}\r\n{BODY}\r\n0\r\n\r\n", "x".repeat(100 * 1024))),
            refused(400, ""),
        ),
    ]
}

fn smuggled() -> Vec<Attack> {
    let length = BODY.len();
    let hidden = head("DELETE /graphql HTTP/1.1") + "\r\n";
    let chunked = format!("{length:x}\r\n{BODY}\r\n0\r\n\r\n");
    let query = head(GET) + "\r\n";
    let last = head(GET) + CLOSE + "\r\n";
    let bad = || Expected::Bare(&[400]);
    vec![
        wire(
            "a length and chunks, with a request behind the chunks",
            format!(
                "{}content-length: {}\r\ntransfer-encoding: chunked\r\n\r\n{chunked}{hidden}",
                post(),
                chunked.len() + hidden.len()
            ),
            answered(),
        ),
        wire(
            "chunks and a length, with a request behind the chunks",
            format!("{}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n{chunked}{hidden}", post()),
            answered(),
        ),
        wire(
            "chunks in a spelling that others do not know",
            format!("{}transfer-encoding: xchunked\r\n\r\n{chunked}{hidden}", post()),
            bad(),
        ),
        wire(
            "chunks that are not the last encoding",
            format!("{}transfer-encoding: chunked, identity\r\n\r\n{chunked}{hidden}", post()),
            bad(),
        ),
        wire(
            "a space before the colon of the encoding",
            format!("{}transfer-encoding : chunked\r\n\r\n{chunked}{hidden}", post()),
            bad(),
        ),
        wire(
            "a line that goes on in the next",
            format!("{}transfer-encoding:\r\n chunked\r\n\r\n{chunked}{hidden}", post()),
            bad(),
        ),
        wire(
            "a request in the body of a GET",
            format!("{}{CLOSE}content-length: {}\r\n\r\n{hidden}", head(GET), hidden.len()),
            answered(),
        ),
        wire("20 requests at once", query.repeat(19) + &last, Expected::Each((0..20).map(|_| answered()).collect())),
        wire(
            "a bad request between good ones",
            format!("{query}{hidden}{last}"),
            Expected::Each(vec![answered(), not_allowed(), answered()]),
        ),
        wire(
            "what is no HTTP behind a good request",
            format!("{query}\x16\x03\x01\x02\r\n\r\n"),
            Expected::Each(vec![answered(), bad()]),
        ),
        wire(
            "a body that is longer than the maximum, with a request behind it",
            format!("{}content-length: 300000\r\n\r\n{}{hidden}", post(), " ".repeat(300_000)),
            refused(413, "262144"),
        ),
    ]
}

/// A key behind the body, where some servers take trailers for headers.
fn in_trailers(target: &Target) -> Attack {
    let body = "{\"query\":\"{ users { nodes { email } } }\"}";
    let trailer = format!("x-storefront-staff-key: {}", target.staff_key);
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n{trailer}\r\n\r\n", body.len());
    let head = format!("{}{CLOSE}trailer: x-storefront-staff-key\r\ntransfer-encoding: chunked\r\n", post());
    wire("a staff key behind the body", format!("{head}\r\n{chunked}"), staff_only())
}

fn targets() -> Vec<Attack> {
    let first = |line: &str| format!("{}{CLOSE}\r\n", head(line));
    let nowhere = || Expected::Refused { status: 404, code: "NOT_FOUND", says: "there is nothing at", headers: &[] };
    vec![
        wire("CONNECT, to be let through", first("CONNECT 169.254.169.254:80 HTTP/1.1"), nowhere()),
        wire("CONNECT to the endpoint", first("CONNECT /graphql HTTP/1.1"), Expected::Bare(&[400, 405])),
        wire("OPTIONS of the server itself", first("OPTIONS * HTTP/1.1"), nowhere()),
        wire(
            "a target without a slash",
            first("GET graphql?query=%7B__typename%7D HTTP/1.1"),
            Expected::Bare(&[400, 404]),
        ),
        wire(
            "another host in the target than beside it",
            first("GET http://evil.example/graphql?query=%7B__typename%7D HTTP/1.1"),
            answered(),
        ),
    ]
}

fn hosts() -> Vec<Attack> {
    let with = |lines: &str| head(GET).replace("host: shop.example\r\n", lines) + CLOSE + "\r\n";
    let wrong = |name, lines: &str, says| wire(name, with(lines), refused(400, says));
    vec![
        wrong("no host", "", "no host"),
        wrong("two hosts", "host: shop.example\r\nhost: evil.example\r\n", "several hosts"),
        wrong("the same host twice", "host: shop.example\r\nhost: shop.example\r\n", "several hosts"),
        wrong("a host that is none", "host: a b/<script>\r\n", "is none"),
        wrong("a host with a path", "host: shop.example/evil\r\n", "is none"),
        wrong("a host with a user", "host: evil@shop.example\r\n", "is none"),
        wire("HTTP/1.0, which knows no host", with("").replace("HTTP/1.1", "HTTP/1.0"), answered()),
    ]
}

fn heads() -> Vec<Attack> {
    let with = |line: &str| format!("{}{CLOSE}{line}\r\n\r\n", head(GET));
    let many: String = (0..1_000).map(|index| format!("x-header-{index}: a\r\n")).collect();
    let bad = || Expected::Bare(&[400]);
    let id = format!("x-request-id: {REQUEST_ID}");
    vec![
        wire("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), bad()),
        wire(
            "HTTP/2 with prior knowledge",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            Expected::Closed,
        ),
        wire("a word", b"hello\r\n\r\n".to_vec(), bad()),
        wire("null bytes", vec![0; 100], bad()),
        wire("a version that there is not", head("GET /healthz HTTP/9.9") + "\r\n", Expected::Bare(&[400, 505])),
        wire("a target with a space", head("GET /graphql?query={ __typename } HTTP/1.1") + "\r\n", bad()),
        wire("a header without a colon", with("garbage"), bad()),
        wire("a header with a null byte", with("x-a: a\0b"), bad()),
        // Between 64 and 128 KiB it depends on how the bytes come.
        wire("a header of 200 KB", with(&format!("x-a: {}", "a".repeat(200 * 1024))), Expected::Bare(&[431])),
        wire(
            "a header whose name has 200 KB",
            with(&format!("{}: a", "a".repeat(200 * 1024))),
            Expected::Bare(&[400, 431]),
        ),
        wire("1,000 headers", with(&many), Expected::Bare(&[431])),
        wire(
            "a target of 100 KB",
            head(&format!("GET /{} HTTP/1.1", "a".repeat(100 * 1024))) + "\r\n",
            Expected::Bare(&[414, 431]),
        ),
        wire("a request id with a line break in it", head(GET).replace(&id, "x-request-id: a\r\n b") + "\r\n", bad()),
        wire(
            "an upgrade to what there is not",
            with("connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__"),
            answered(),
        ),
        wire("an expectation that nobody meets", with("expect: 200-ok"), Expected::Bare(&[200, 417])),
    ]
}
