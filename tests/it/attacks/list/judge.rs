//! Whether an answer repels an attack: it is the expected one, and no answer whatever tells what it must not.

use serde_json::Value;

use super::Attack;
use super::expected::Expected;
use super::reply::Reply;
use super::request::{Media, REQUEST_ID};

/// Words that are nobody's business outside. One that the attack itself contains may be repeated.
const INTERNAL: [&str; 15] = [
    "struct ",
    "expected u32",
    "select ",
    "insert into",
    "sqlx",
    "sqlite",
    "postgres",
    "sea_orm",
    "panicked",
    "src/",
    ".rs:",
    "tokio",
    "redis",
    "sqlstate",
    "internal",
];
/// The closed list of codes.
const CODES: [&str; 11] = [
    "BAD_USER_INPUT",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "THROTTLED",
    "MAX_COST_EXCEEDED",
    "PERSISTED_QUERY_NOT_FOUND",
    "UNAVAILABLE",
    "TIMEOUT",
    "INTERNAL",
];
const MOST_ERRORS: usize = 20;
const LONGEST_MESSAGE: usize = 300;

/// Whether these answers, all that the connection brought, are what the attack has to be answered with.
pub fn judge(attack: &Attack, media: Media, replies: &[Reply]) -> Result<(), String> {
    let expected: &[Expected] = match &attack.expected {
        Expected::Closed => &[][..],
        Expected::Each(each) => each,
        one => std::slice::from_ref(one),
    };
    if replies.len() != expected.len() {
        return Err(format!("{} answers, {} expected", replies.len(), expected.len()));
    }
    replies.iter().zip(expected).try_for_each(|(reply, expected)| {
        let judged = answers(expected, media, reply).and_then(|()| is_discreet(attack, media, reply));
        let body = reply.text();
        judged.map_err(|why| format!("{why}: {} {}", reply.status, body.chars().take(500).collect::<String>()))
    })
}

/// The body without what may differ when the same is asked again: its cost, which is higher where a document becomes known, and an id of
/// the server's own.
pub fn comparable(reply: &Reply) -> (u16, String) {
    let mut text = reply.text();
    if let Some(id) = reply.header("x-request-id") {
        text = text.replace(id, REQUEST_ID);
    }
    if let Some((before, rest)) = text.split_once("\"cost\":{")
        && let Some((_, after)) = rest.split_once("}}")
    {
        text = format!("{before}{after}");
    }
    (reply.status, text)
}

fn answers(expected: &Expected, media: Media, reply: &Reply) -> Result<(), String> {
    let (status, code, says) = match expected {
        Expected::Data(_) | Expected::Sound => (200, None, ""),
        Expected::Partly { code, says } => (for_media(media, 294), Some(*code), *says),
        Expected::Unfit { status, code, says } => (for_media(media, *status), Some(*code), *says),
        Expected::Refused { status, code, says, headers } => {
            for (name, value) in *headers {
                let given = reply.header(name).ok_or_else(|| format!("no header {name}"))?;
                ensure(given.contains(value), || format!("{name} is {given:?}, not {value:?}"))?;
            }
            (*status, Some(*code), *says)
        }
        Expected::Bare(statuses) => {
            return ensure(statuses.contains(&reply.status), || format!("the status is none of {statuses:?}"));
        }
        Expected::Closed | Expected::Each(_) => return Err("an answer of several connections".to_owned()),
    };
    ensure(reply.status == status, || format!("the status is not {status}"))?;
    let body: Value = serde_json::from_slice(&reply.body).map_err(|error| format!("the body is no JSON: {error}"))?;
    let has_data = matches!(expected, Expected::Data(_) | Expected::Sound | Expected::Partly { .. });
    ensure(body.get("data").is_some() == has_data, || format!("data is {:?}", body.get("data")))?;
    if let Expected::Data(data) = expected {
        ensure(body["data"] == *data, || format!("the data is not {data}"))?;
    }
    match code {
        None => ensure(body.get("errors").is_none(), || "it has errors".to_owned()),
        Some(code) => has_errors(&body, code, says, reply),
    }
}

/// The status of an answer that `application/json` has no status for.
fn for_media(media: Media, status: u16) -> u16 {
    match media {
        Media::Graphql => status,
        Media::Json => 200,
    }
}

fn has_errors(body: &Value, code: &str, says: &str, reply: &Reply) -> Result<(), String> {
    let errors = body["errors"].as_array().filter(|errors| !errors.is_empty()).ok_or("it has no errors")?;
    ensure(errors.len() <= MOST_ERRORS, || format!("{} errors", errors.len()))?;
    for error in errors {
        let message = error["message"].as_str().ok_or("an error without a message")?;
        let (code, id) = (error["extensions"]["code"].as_str(), error["extensions"]["requestId"].as_str());
        ensure((1..=LONGEST_MESSAGE).contains(&message.len()), || format!("a message of {} bytes", message.len()))?;
        ensure(code.is_some_and(|code| CODES.contains(&code)), || format!("the code {code:?}"))?;
        ensure(id.is_some() && id == reply.header("x-request-id"), || format!("the request id {id:?}"))?;
    }
    let (first, message) = (&errors[0]["extensions"]["code"], errors[0]["message"].as_str().unwrap_or_default());
    ensure(first == code, || format!("the code is {first}, not {code}"))?;
    ensure(message.contains(says), || format!("the message does not say {says:?}"))?;
    let is_priced = body.get("data").is_some() || body["extensions"].get("cost").is_none();
    ensure(is_priced, || "a request error tells its cost".to_owned())
}

/// What holds for every answer.
fn is_discreet(attack: &Attack, media: Media, reply: &Reply) -> Result<(), String> {
    let request = &attack.request;
    ensure(!reply.has("access-control-allow-origin"), || "any page may read it".to_owned())?;
    ensure(!reply.has("set-cookie"), || "it sets a cookie".to_owned())?;
    let (sent, told) = (request.bytes(media).to_ascii_lowercase(), reply.text().to_lowercase());
    let is_sent = |word: &str| sent.windows(word.len()).any(|window| window == word.as_bytes());
    let leaked = INTERNAL.iter().find(|word| told.contains(**word) && !is_sent(word));
    let leaked = leaked.or_else(|| attack.hides.iter().find(|word| told.contains(**word)));
    ensure(leaked.is_none(), || format!("it says {leaked:?}"))?;
    let Some(id) = reply.header("x-request-id") else {
        // What is no HTTP is answered before any of ours sees it, and without a body.
        return ensure(reply.body.is_empty(), || "an answer without a request id".to_owned());
    };
    let is_sound = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    ensure(is_sound, || format!("the request id {id:?} is not sound"))?;
    if request.brings_sound_id() {
        ensure(id == REQUEST_ID, || format!("the request id is {id:?}"))?;
    } else {
        ensure(!sent.windows(id.len()).any(|window| window == id.as_bytes()), || format!("{id:?} was sent"))?;
    }
    let keeping = reply.header("cache-control").unwrap_or_default();
    let may_be_kept = reply.status == 200 && request.is_get() && keeping.starts_with("public, max-age=");
    ensure(keeping == "private, no-store" || may_be_kept, || format!("cache-control is {keeping:?}"))
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
