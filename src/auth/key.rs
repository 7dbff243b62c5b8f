//! Keys of API clients and tokens that are sent to users: how they are made, what one looks like, and the hash by which these and the tokens of
//! sessions are known.
//!
//! A key is `sf_`, a token that is sent `sfu_`, and 32 random bytes in base64url. Nobody guesses it, so it needs no slow hash as a password does: its SHA-256 says
//! nothing about it, and is all that is kept.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use sha2::{Digest, Sha256};

/// What every key begins with, so that scanners find those that were published by mistake.
const PREFIX: &str = "sf_";
/// The same of the tokens of sessions.
pub const SESSION_PREFIX: &str = "sfs_";
/// The same of the tokens that are sent to users.
const USER_PREFIX: &str = "sfu_";
const RANDOM_BYTES: usize = 32;

/// The SHA-256 of a key's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of what has the form of a key; anything else is `None`.
    pub fn of(text: &str) -> Option<Self> {
        Self::with_prefix(PREFIX, text)
    }

    /// The hash of what has the form of a session's token; anything else is `None`.
    pub fn of_session(text: &str) -> Option<Self> {
        Self::with_prefix(SESSION_PREFIX, text)
    }

    /// The hash of what has the form of a token that is sent to users; anything else is `None`.
    pub fn of_user_token(text: &str) -> Option<Self> {
        Self::with_prefix(USER_PREFIX, text)
    }

    /// A hash as the database keeps it.
    pub fn kept(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    fn with_prefix(prefix: &str, text: &str) -> Option<Self> {
        let mut random = [0; RANDOM_BYTES];
        let decoded = URL_SAFE_NO_PAD.decode_slice(text.strip_prefix(prefix)?, &mut random);
        (decoded == Ok(RANDOM_BYTES)).then(|| Self(Sha256::digest(text).into()))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A key that nobody has, out of the operating system's randomness.
pub fn new_key() -> Result<String, SysError> {
    with_prefix(PREFIX)
}

/// A new token to be sent to a user.
pub fn new_user_token() -> Result<String, SysError> {
    with_prefix(USER_PREFIX)
}

fn with_prefix(prefix: &str) -> Result<String, SysError> {
    let mut random = [0; RANDOM_BYTES];
    SysRng.try_fill_bytes(&mut random)?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random)))
}

/// The request has a header several times that names one caller.
#[derive(Debug)]
pub struct Several;

/// The value of a header that may be there once. Of two, a proxy or a log may have taken the other one for true.
pub fn the_only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, Several> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Several),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_new_key_has_the_form_of_one_and_no_other_has_its_hash() {
        let (one, other) = (new_key().unwrap(), new_key().unwrap());

        assert_eq!(one.len(), 46);
        assert!(one.starts_with("sf_"));
        assert!(KeyHash::of(&one).is_some());
        assert_eq!(KeyHash::of(&one), KeyHash::of(&one));
        assert_ne!(KeyHash::of(&one), KeyHash::of(&other));
    }

    #[test]
    fn what_is_kept_is_the_sha_256_of_the_text() {
        let key = format!("sf_{}", "A".repeat(43));

        assert_eq!(KeyHash::of(&key).unwrap().bytes(), &Sha256::digest(key.as_bytes())[..]);
    }

    #[test]
    fn keys_and_tokens_are_not_taken_for_each_other() {
        let key = new_key().unwrap();
        let made = [key.clone(), key.replacen("sf_", "sfs_", 1), new_user_token().unwrap()];
        let kinds = [KeyHash::of, KeyHash::of_session, KeyHash::of_user_token];

        assert_eq!(made.each_ref().map(|text| &text[..4]), [&made[0][..4], "sfs_", "sfu_"]);
        for (of, text) in made.iter().enumerate() {
            let known = kinds.map(|hash| hash(text).is_some());
            assert_eq!(known, [of == 0, of == 1, of == 2], "{text}");
        }
    }

    #[test]
    fn other_forms_are_no_key() {
        let key = format!("sf_{}", "A".repeat(43));
        assert!(KeyHash::of(&key).is_some());

        for text in [
            String::new(),
            "sf_".to_owned(),
            key[3..].to_owned(),
            key.to_uppercase(),
            format!("{key}A"),
            format!("{key}="),
            format!(" {key}"),
            key[..45].to_owned(),
            format!("{}+", &key[..45]),
            format!("{}/", &key[..45]),
            // Bits beyond the last byte: the text of a key is the only one with its bytes.
            format!("{}B", &key[..45]),
            "sf_".repeat(1000),
        ] {
            assert_eq!(KeyHash::of(&text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reading_of_keys(text in "(sf_)?\\PC{0,60}") {
            let _ = KeyHash::of(&text);
        }
    }
}
