//! Documents that a request names instead of sending them.
//!
//! | file | holds |
//! | --- | --- |
//! | `persisted` | automatic persisted queries: what clients have sent once, by its SHA-256 hash |
//! | `trusted` | the operations of the front-ends, known before the start; with `enforce` nothing else is executed |
//! | `fingerprint` | what two spellings of one document have in common |
//!
//! A text that is found here is only a text: it is measured, validated and priced like one that was sent.

mod fingerprint;
mod persisted;
mod trusted;

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::config::{DocumentConfig, TrustedDocuments};
use crate::redis::Endpoint;
use persisted::Persisted;
use trusted::Trusted;

/// SHA-256 of a document's text.
pub type Hash = [u8; 32];

/// The documents that a server knows by name.
pub struct Documents {
    persisted: Persisted,
    trusted: Trusted,
    mode: TrustedDocuments,
}

impl Documents {
    /// Reads the trusted documents. `redis`: where persisted queries are shared with other instances, under keys that begin with `namespace`.
    ///
    /// # Errors
    /// A file of the trusted documents that cannot be read.
    pub fn new(config: &DocumentConfig, redis: Option<Arc<Endpoint>>, namespace: &str) -> anyhow::Result<Self> {
        let mode = config.trusted_documents;
        let trusted = match mode {
            TrustedDocuments::Off => Trusted::default(),
            TrustedDocuments::Log | TrustedDocuments::Enforce => Trusted::read(&config.trusted_documents_path)?,
        };
        Ok(Self { persisted: Persisted::new(redis, namespace), trusted, mode })
    }

    /// The hash that names a text.
    pub fn hash(text: &str) -> Hash {
        Sha256::digest(text).into()
    }

    /// The text that goes by this hash, if it was registered or is trusted.
    pub async fn by_hash(&self, hash: &Hash) -> Option<Arc<str>> {
        let text = self.look_up(hash).await;
        count(if text.is_some() { "found" } else { "unknown" });
        text
    }

    /// The trusted document with this id.
    pub fn by_id(&self, id: &str) -> Option<Arc<str>> {
        self.trusted.by_id(id)
    }

    /// Whether a hash is known already.
    pub async fn knows(&self, hash: &Hash) -> bool {
        self.look_up(hash).await.is_some()
    }

    /// Whether a text can be registered.
    pub fn takes(&self, text: &str) -> bool {
        self.mode != TrustedDocuments::Enforce && text.len() <= persisted::LONGEST
    }

    /// Keeps a text that was found valid, so that it can be asked for by its hash from now on.
    pub fn register(&self, hash: Hash, text: &str) {
        count("registered");
        self.persisted.register(hash, text);
    }

    async fn look_up(&self, hash: &Hash) -> Option<Arc<str>> {
        if let Some(text) = self.trusted.by_hash(hash) {
            return Some(text);
        }
        if self.mode == TrustedDocuments::Enforce { None } else { self.persisted.find(hash).await }
    }

    /// Whether a text may be executed, and nobody has to be told of it.
    pub fn is_unremarkable(&self, text: &str) -> bool {
        self.mode == TrustedDocuments::Off || self.trusted.holds(text)
    }

    /// Whether a text may be executed. One that is not trusted is counted and, where that is asked for, logged.
    pub fn permits(&self, text: &str) -> bool {
        if self.is_unremarkable(text) {
            return true;
        }
        metrics::counter!("storefront_untrusted_documents_total").increment(1);
        if self.mode == TrustedDocuments::Log {
            tracing::warn!(document.hash = hex(&Self::hash(text)), "a document is not among the trusted ones");
            return true;
        }
        false
    }
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn count(outcome: &'static str) {
    metrics::counter!("storefront_persisted_documents_total", "outcome" => outcome).increment(1);
}
