//! The consistency token on the wire: brought in a header or in cookies, carried by every answer after a first COMMIT.
//!
//! | where | name | |
//! | --- | --- | --- |
//! | request header | `x-consistency-token` | one token or several joined by commas, the header once or several times |
//! | request cookies | `storefront_consistency_…` | sent back by browsers on pages of the same site |
//! | answer header, `extensions.consistency.token` | | one token, which stands for those that the request brought as well |
//! | answer cookie | a name of its own | so that answers of parallel requests do not replace each other's |

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use serde_json::json;
use uuid::Uuid;

use super::public::LONGEST_AGE_SECS;
use crate::db::{Token, TokenCodec};

/// The header of a token, in both directions.
pub const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-consistency-token");
/// What the name of a token's cookie begins with.
const COOKIE: &str = "storefront_consistency_";
/// So many hexadecimal digits follow, other ones each time.
const OWN_NAME: usize = 12;
/// The most cookies that one answer takes away; others end by themselves.
const MOST_REPLACED: usize = 64;

/// The tokens of a request, and the names of the cookies that brought some.
#[derive(Default)]
pub struct Brought {
    pub tokens: Vec<Token>,
    /// Whether it brought anything in the place of a token, be it one or not: what it is answered is not for others.
    pub is_any: bool,
    cookies: Vec<String>,
}

impl Brought {
    /// Opens what the headers bring. What this shop has not sealed counts as nothing.
    pub fn read(headers: &HeaderMap, codec: &TokenCodec) -> Self {
        let mut brought = Self::default();
        for value in headers.get_all(TOKEN_HEADER) {
            let texts = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            texts.filter(|text| !text.is_empty()).for_each(|text| brought.open(text, codec));
        }
        // Bytes, not text: what the page's other cookies hold is not our concern.
        for value in headers.get_all(header::COOKIE) {
            for pair in value.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii) {
                let name_end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
                let (name, text) = pair.split_at(name_end);
                let Some(own) = name.strip_prefix(COOKIE.as_bytes()) else { continue };
                brought.open(text.strip_prefix(b"=").unwrap_or_default(), codec);
                let is_ours = own.len() == OWN_NAME && own.iter().all(u8::is_ascii_hexdigit);
                if is_ours && brought.cookies.len() < MOST_REPLACED {
                    brought.cookies.extend(str::from_utf8(name).map(str::to_owned));
                }
            }
        }
        brought
    }

    fn open(&mut self, text: &[u8], codec: &TokenCodec) {
        self.is_any = true;
        match str::from_utf8(text).ok().and_then(|text| codec.open(text)) {
            Some(token) => self.tokens.push(token),
            None => metrics::counter!("storefront_tokens_total", "outcome" => "invalid").increment(1),
        }
    }
}

/// A token for an answer.
pub struct Issued {
    text: String,
    /// Cookies whose tokens it stands for as well: they can go.
    replaces: Vec<String>,
    /// How long the cookie is kept.
    life_secs: u64,
}

impl Issued {
    pub fn new(token: &Token, codec: &TokenCodec, brought: Brought, life_ms: u64) -> Self {
        // Caches on the way may hold for a while what was answered before the token ended: whoever brings a cookie passes them by.
        let life_secs = life_ms.div_ceil(1000) + u64::from(LONGEST_AGE_SECS);
        Self { text: codec.close(token), replaces: brought.cookies, life_secs }
    }

    /// The value of `extensions.consistency`.
    pub fn extension(&self) -> serde_json::Value {
        json!({ "token": self.text })
    }

    /// Puts the token into the headers of an answer.
    pub fn attach(&self, response: &mut Response) {
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&self.text) {
            headers.insert(TOKEN_HEADER, value);
        }
        for name in &self.replaces {
            append_cookie(headers, &format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
        }
        let (own, text, life) = (Uuid::new_v4().simple().to_string(), &self.text, self.life_secs);
        append_cookie(
            headers,
            &format!("{COOKIE}{}={text}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax", &own[..OWN_NAME]),
        );
    }
}

fn append_cookie(headers: &mut HeaderMap, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}
