//! Sealing: what leaves the server opaque and comes back untouched.
//!
//! Cursors and the ids of what belongs to a user are encrypted and authenticated with AES-SIV (RFC 5297). It is deterministic,
//! so the same node has the same id in every answer and every client cache, and needs no nonce.

use aes_siv::KeyInit;
use aes_siv::siv::Aes128Siv;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The secret of an installation; all instances share it.
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(secret.into())
    }

    /// A name of the installation that tells nothing of the secret, for one purpose: 16 hexadecimal digits.
    pub fn name(&self, purpose: &str) -> String {
        let Seal(key) = self.seal(&format!("name {purpose}"));
        Sha256::digest(key)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The seal for one purpose. Nothing sealed for one purpose opens under another.
    pub fn seal(&self, purpose: &str) -> Seal {
        let mut hash = Sha256::new();
        hash.update(b"storefront seal\0");
        hash.update(purpose.as_bytes());
        hash.update(b"\0");
        hash.update(&self.0);
        Seal(hash.finalize().into())
    }
}

/// Seals and opens short messages for one purpose.
#[derive(Clone)]
pub struct Seal([u8; 32]);

impl Seal {
    /// The message as URL-safe text, 16 bytes longer than it before encoding.
    pub fn close(&self, message: &[u8]) -> String {
        let sealed = self
            .cipher()
            .encrypt::<_, &[u8]>([], message)
            .expect("a message in memory is far below the cipher's bound");
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The message in a text that this installation sealed for this purpose; anything else is `None`.
    pub fn open(&self, text: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        self.cipher().decrypt::<_, &[u8]>([], &sealed).ok()
    }

    fn cipher(&self) -> Aes128Siv {
        Aes128Siv::new(&self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_under_its_own_purpose_and_key_only() {
        let key = SecretKey::new("the secret of this shop");
        let text = key.seal("cursor").close(b"message");

        assert_eq!(key.seal("cursor").open(&text).as_deref(), Some(&b"message"[..]));
        assert_eq!(key.seal("id").open(&text), None);
        assert_eq!(SecretKey::new("the secret of another").seal("cursor").open(&text), None);
        assert_eq!(key.seal("cursor").close(b"message"), text);
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let seal = SecretKey::new("the secret of this shop").seal("cursor");
        let text = seal.close(b"message");

        for index in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.open(&String::from_utf8(changed).unwrap()), None);
        }
        assert_eq!(seal.open(""), None);
        assert_eq!(seal.open("ä"), None);
    }
}
