//! What a request asks: the parameters of GraphQL over HTTP ("Request Parameters"), out of a body or an address.
//!
//! A body that is no JSON is 400; JSON that is no GraphQL request, and an address whose parameters are none, are 422.

use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::answer::Failure;
use super::object::Object;
use crate::config::LimitConfig;
use crate::error::code;
use crate::text::shorten;

/// One operation that is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    #[serde(default, deserialize_with = "object")]
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default, deserialize_with = "object")]
    pub extensions: Option<Extensions>,
    /// The id of a trusted document.
    pub document_id: Option<String>,
}

/// The extensions that are understood; others are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    #[serde(default, deserialize_with = "object")]
    pub persisted_query: Option<PersistedQuery>,
}

/// Names a document by its hash (the protocol of automatic persisted queries).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersistedQuery {
    pub version: serde_json::Number,
    pub sha256_hash: String,
}

/// One operation, or several that are answered together.
pub enum Asked {
    One(Box<Parameters>),
    Batch(Vec<Parameters>),
}

/// The same in an address, where maps are JSON texts and nothing is as good as an empty text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressParameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
    document_id: Option<String>,
}

impl Parameters {
    /// The parameters in an address.
    pub fn of_address(uri: &Uri) -> Result<Self, Failure> {
        let address: AddressParameters = serde_urlencoded::from_str(uri.query().unwrap_or_default())
            .map_err(|error| ill_formed(format!("the address is not a GraphQL request: {error}")))?;
        Ok(Self {
            query: address.query,
            operation_name: address.operation_name,
            variables: map("variables", address.variables)?,
            extensions: map("extensions", address.extensions)?,
            document_id: address.document_id.filter(|id| !id.is_empty()),
        })
    }
}

fn map<T: DeserializeOwned>(name: &str, text: Option<String>) -> Result<Option<T>, Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let what = format!("{name} in the address are not a JSON object");
    Ok(json::<Option<Object<T>>>(text.as_bytes(), &what)?.map(|Object(map)| map))
}

/// Reads the body, within its size and its time.
pub async fn read(limits: &LimitConfig, headers: &HeaderMap, body: Body) -> Result<Bytes, Failure> {
    check_content_type(headers)?;
    check_content_encoding(headers)?;
    let most = limits.max_body_bytes as usize;
    let too_large = || {
        let text = format!("the body is over the maximum of {most} bytes");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, code::BAD_USER_INPUT, text)
    };
    // What says that it is too long is not waited for.
    if body.size_hint().lower() > u64::from(limits.max_body_bytes) {
        return Err(too_large());
    }
    let wait = Duration::from_millis(limits.request_timeout_ms);
    let mut reading = pin!(axum::body::to_bytes(body, most));
    // As a rule it has come along with its head, and no clock is needed.
    let read = match reading.as_mut().now_or_never() {
        Some(read) => Ok(read),
        None => tokio::time::timeout(wait, reading).await,
    };
    match read {
        Err(_) => {
            let text = format!("the body did not arrive within {} ms", limits.request_timeout_ms);
            Err(Failure::new(StatusCode::REQUEST_TIMEOUT, code::TIMEOUT, text))
        }
        Ok(Err(error)) if is_too_large(&error) => Err(too_large()),
        Ok(Err(_)) => Err(Failure::bad_request("the body did not arrive whole")),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

/// What a body asks for.
pub fn of_body(limits: &LimitConfig, bytes: &[u8]) -> Result<Asked, Failure> {
    match bytes.trim_ascii_start().first() {
        Some(b'[') => batch(limits, bytes),
        _ => json(bytes, "the body is not a GraphQL request").map(|Object(one)| Asked::One(Box::new(one))),
    }
}

fn batch(limits: &LimitConfig, bytes: &[u8]) -> Result<Asked, Failure> {
    let batch: Vec<Object<Parameters>> = json(bytes, "the body is not a list of GraphQL requests")?;
    let (length, most) = (batch.len(), limits.max_batch as usize);
    if most == 0 {
        return Err(ill_formed("the body is a list of requests, and batches are off: send one JSON object"));
    }
    if length > most {
        return Err(ill_formed(format!("a batch of {length} requests is over the maximum of {most}")));
    }
    if batch.is_empty() {
        return Err(ill_formed("the batch is empty"));
    }
    Ok(Asked::Batch(batch.into_iter().map(|Object(one)| one).collect()))
}

/// `application/json` alone: browsers ask first whether a page of another site may send that.
fn check_content_type(headers: &HeaderMap) -> Result<(), Failure> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (name, parameters) = value.split_once(';').unwrap_or((value, ""));
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    let is_json = name.trim().eq_ignore_ascii_case("application/json") && values.next().is_none();
    let is_utf8 = charset.is_none_or(|charset| ["utf-8", "utf8"].iter().any(|utf8| charset.eq_ignore_ascii_case(utf8)));
    if is_json && is_utf8 {
        return Ok(());
    }
    let text = format!("the content type is {:?}, it must be application/json in UTF-8", shorten(value));
    Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_USER_INPUT, text))
}

/// No body is unpacked: a small one could become a large one.
fn check_content_encoding(headers: &HeaderMap) -> Result<(), Failure> {
    let packed = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .find(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let Some(coding) = packed else { return Ok(()) };
    let coding = shorten(&String::from_utf8_lossy(coding.as_bytes()));
    let text = format!("the content encoding is {coding:?}, the body must be sent as it is");
    let failure = Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_USER_INPUT, text);
    Err(failure.hint(header::ACCEPT_ENCODING, "identity"))
}

fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(value)| value))
}

fn json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = format!("{what}: {error}");
        if error.is_data() { ill_formed(text) } else { Failure::bad_request(text) }
    })
}

/// The failure of a request that is no GraphQL request.
pub fn ill_formed(text: impl Into<String>) -> Failure {
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code::BAD_USER_INPUT, text)
}

fn is_too_large(error: &axum::Error) -> bool {
    use std::error::Error as _;
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
