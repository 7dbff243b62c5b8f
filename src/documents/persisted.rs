//! Automatic persisted queries (the protocol of Apollo's persisted query link): a client sends the hash alone, and the text once
//! when the hash is not known.
//!
//! Only the server computes hashes. A text is registered after it was found valid, is kept in the process and in Redis, and what
//! comes back from Redis is hashed again: whoever can write there can make the server forget a document, not run another one.

use std::sync::Arc;

use moka::sync::Cache;
use redis::cmd;

use super::{Documents, Hash, count, hex};
use crate::redis::Endpoint;

/// Longer texts are not registered: their plans are not kept either.
pub const LONGEST: usize = 16 * 1024;
/// Memory for texts in the process, in bytes.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// How long Redis keeps a text that was sent once, in seconds: whoever sends many does not fill it for long.
const NEW_LIFE_SECS: u32 = 3600;
/// How long one that was asked for, in seconds. An instance that knows the text does not ask.
const LIFE_SECS: u32 = 7 * 24 * 3600;

pub struct Persisted {
    texts: Cache<Hash, Arc<str>>,
    redis: Option<Arc<Endpoint>>,
    prefix: String,
}

impl Persisted {
    pub fn new(redis: Option<Arc<Endpoint>>, namespace: &str) -> Self {
        let weigh = |_: &Hash, text: &Arc<str>| u32::try_from(text.len() + 100).unwrap_or(u32::MAX);
        let texts = Cache::builder().max_capacity(MOST_BYTES).weigher(weigh).build();
        Self { texts, redis, prefix: format!("storefront:{namespace}:document:") }
    }

    pub async fn find(&self, hash: &Hash) -> Option<Arc<str>> {
        if let Some(text) = self.texts.get(hash) {
            return Some(text);
        }
        let redis = self.redis.as_ref()?;
        let mut get = cmd("GETEX");
        get.arg(self.key(hash)).arg("EX").arg(LIFE_SECS);
        let bytes: Vec<u8> = redis.ask::<Option<Vec<u8>>>(get).await.ok()??;
        let text: Arc<str> = String::from_utf8(bytes).ok()?.into();
        if Documents::hash(&text) != *hash {
            count("forged");
            tracing::warn!(document.hash = hex(hash), "Redis holds another document under this hash");
            return None;
        }
        self.texts.insert(*hash, text.clone());
        Some(text)
    }

    /// In the process at once, in Redis soon.
    pub fn register(&self, hash: Hash, text: &str) {
        self.texts.insert(hash, text.into());
        if let Some(redis) = self.redis.clone() {
            let mut set = cmd("SET");
            set.arg(self.key(&hash)).arg(text).arg("EX").arg(NEW_LIFE_SECS);
            tokio::spawn(async move {
                // Without it the next client that another instance serves sends the text once more.
                let _ = redis.ask::<String>(set).await;
            });
        }
    }

    fn key(&self, hash: &Hash) -> String {
        self.prefix.clone() + &hex(hash)
    }
}
