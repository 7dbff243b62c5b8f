//! Which document a request means: the text that it sends, one that is known by its hash, or a trusted one by its id.

use std::sync::Arc;

use axum::http::StatusCode;

use super::answer::Failure;
use super::media_type::MediaType;
use super::parameters::{Parameters, PersistedQuery, ill_formed};
use crate::documents::{Documents, Hash};
use crate::error::code;
use crate::text::shorten;

/// The version of the protocol of automatic persisted queries that is spoken.
const VERSION: u64 = 1;

/// A document that was found.
pub struct Document {
    pub text: Arc<str>,
    /// The hash under which it is to be known once it was found valid.
    pub to_register: Option<Hash>,
    /// Whether the same parameters mean the same document at any time: nothing was looked up, and nobody is told of its use.
    pub is_settled: bool,
}

pub async fn find(documents: &Documents, asked: &Parameters, media_type: MediaType) -> Result<Document, Failure> {
    let not_found = || not_found(media_type);
    let text = asked.query.as_deref().filter(|text| !text.is_empty());
    let persisted = asked.extensions.as_ref().and_then(|extensions| extensions.persisted_query.as_ref());
    let document = match (text, persisted, asked.document_id.as_deref()) {
        (Some(text), None, _) => {
            Document { text: text.into(), to_register: None, is_settled: documents.is_unremarkable(text) }
        }
        (Some(text), Some(persisted), _) => {
            let hash = Documents::hash(text);
            if hash != hash_of(persisted)? {
                let text = format!("sha256Hash {:?} is not the hash of the query", shorten(&persisted.sha256_hash));
                return Err(Failure::bad_request(text));
            }
            let is_new = documents.takes(text) && !documents.knows(&hash).await;
            Document { text: text.into(), to_register: is_new.then_some(hash), is_settled: false }
        }
        (None, Some(persisted), _) => {
            let text = documents.by_hash(&hash_of(persisted)?).await.ok_or_else(not_found)?;
            Document { text, to_register: None, is_settled: false }
        }
        (None, None, Some(id)) => {
            let text = match documents.by_id(id) {
                Some(text) => Some(text),
                None => match parse_hash(id.strip_prefix("sha256:").unwrap_or(id)) {
                    Some(hash) => documents.by_hash(&hash).await,
                    None => None,
                },
            };
            Document { text: text.ok_or_else(not_found)?, to_register: None, is_settled: false }
        }
        (None, None, None) => return Err(ill_formed("the request has no query")),
    };
    if documents.permits(&document.text) {
        return Ok(document);
    }
    let text = "this server executes trusted documents only, and this is none of them";
    Err(Failure::new(StatusCode::FORBIDDEN, code::FORBIDDEN, text))
}

fn hash_of(persisted: &PersistedQuery) -> Result<Hash, Failure> {
    if persisted.version.as_u64() != Some(VERSION) {
        let text = format!("persistedQuery has version {}, it must be {VERSION}", persisted.version);
        return Err(ill_formed(text));
    }
    let text = &persisted.sha256_hash;
    parse_hash(text).ok_or_else(|| ill_formed(format!("sha256Hash {:?} is not 64 hexadecimal digits", shorten(text))))
}

fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// The text that Apollo Client and urql look for. The client sends the query along the next time.
fn not_found(media_type: MediaType) -> Failure {
    let status = match media_type {
        MediaType::GraphQlResponse => StatusCode::NOT_FOUND,
        MediaType::Json => StatusCode::OK,
    };
    Failure::new(status, code::PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
}
