//! Passwords: kept as argon2id with the parameters that OWASP asks for at least (19 MiB, two passes, one lane), in the form of a PHC string,
//! which names them.
//!
//! A hash takes a core for tens of milliseconds: as many are made at a time as there are cores, off the runtime, and whoever would wait for
//! long is told to come again. What is normalised alike (NFKC) is one password, however it was typed.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
/// The randomness of a password that is made here.
const RANDOM_BYTES: usize = 18;
/// How long a request waits for its turn.
const WAIT: Duration = Duration::from_secs(3);

/// The hash of what nobody knows: what is checked where there is nothing to check, so that this takes as long.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$L6hpSKTtQgj6oHr0EVYkRw$UYM4Ge4kCV6BHuhcnsxdhrmyvnA5wvU8WCx3y+xlFlU";

/// Makes and checks hashes of passwords.
pub struct Passwords {
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))) }
    }
}

impl Passwords {
    /// What is kept of a password.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = normalised(password);
        self.in_turn(move || hash(&password)).await
    }

    /// Whether this is the password of a hash. Without a hash it is not, which takes as long to find out.
    pub async fn is_right(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let password = normalised(password);
        self.in_turn(move || match hash {
            Some(hash) => is_right(&password, &hash),
            None => is_right(&password, NOBODYS).map(|_| false),
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let place = timeout(WAIT, self.places.clone().acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return Err(Error::Unavailable("the check of passwords", Arc::new(anyhow::anyhow!("all cores are busy"))));
        };
        // The place is the work's: a request that is given up does not make room for another before the core is free.
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            metrics::counter!("storefront_password_hashes_total").increment(1);
            work()
        });
        done.await.map_err(Error::internal)?
    }
}

/// A password that nobody has, out of the operating system's randomness.
pub fn new_password() -> Result<String, SysError> {
    let mut random = [0; RANDOM_BYTES];
    SysRng.try_fill_bytes(&mut random)?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

fn normalised(password: &str) -> String {
    password.nfkc().collect()
}

fn argon2id() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String> {
    let mut salt = [0; SALT_BYTES];
    SysRng.try_fill_bytes(&mut salt).map_err(failed)?;
    let hash = argon2id()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(failed)?;
    Ok(hash.to_string())
}

fn is_right(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(failed)?;
    match argon2id()?.verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal(anyhow::anyhow!("a password was not hashed: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_however_it_was_typed() {
        let passwords = Passwords::default();
        let hash = passwords.hash("caf\u{e9} \u{2460}").await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(passwords.hash("caf\u{e9} \u{2460}").await.unwrap(), hash);
        assert!(passwords.is_right("cafe\u{301} 1", Some(hash.clone())).await.unwrap());
        for wrong in ["", "cafe 1", "CAF\u{c9} 1"] {
            assert!(!passwords.is_right(wrong, Some(hash.clone())).await.unwrap());
        }
        assert!(!passwords.is_right("", None).await.unwrap());
        assert!(passwords.is_right("a", Some("no hash".to_owned())).await.is_err());
    }
}
