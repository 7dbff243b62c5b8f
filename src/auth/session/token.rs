//! What the token of a session looks like: `sfs_`, and 16 random bytes that are sealed under the installation's secret.
//!
//! So what was made up is told from what this shop has given out, without asking anyone: nobody can make the database look up tokens that never
//! were. The seal lets nobody in. Whose a token is, and whether it still is, is said by the database, which keeps its SHA-256.

use rand::TryRng;
use rand::rngs::{SysError, SysRng};

use crate::auth::key::SESSION_PREFIX;
use crate::auth::secret::{Seal, SecretKey};

const RANDOM_BYTES: usize = 16;

pub struct Tokens(Seal);

impl Tokens {
    pub fn new(secret: &SecretKey) -> Self {
        Self(secret.seal("session token"))
    }

    /// A token that nobody has, out of the operating system's randomness.
    pub fn make(&self) -> Result<String, SysError> {
        let mut random = [0; RANDOM_BYTES];
        SysRng.try_fill_bytes(&mut random)?;
        Ok(format!("{SESSION_PREFIX}{}", self.0.close(&random)))
    }

    /// Whether this installation has made it.
    pub fn is_ours(&self, token: &str) -> bool {
        token.strip_prefix(SESSION_PREFIX).and_then(|sealed| self.0.open(sealed)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::key::KeyHash;

    #[test]
    fn a_token_is_known_to_the_installation_that_made_it_and_to_no_other() {
        let (own, other) = (Tokens::new(&SecretKey::new("one")), Tokens::new(&SecretKey::new("another")));
        let token = own.make().unwrap();

        assert_eq!(token.len(), 47);
        assert!(own.is_ours(&token) && !other.is_ours(&token));
        assert!(KeyHash::of_session(&token).is_some());
        assert_ne!(own.make().unwrap(), token);
    }

    #[test]
    fn what_was_made_up_or_changed_is_not_ours() {
        let tokens = Tokens::new(&SecretKey::new("one"));
        let token = tokens.make().unwrap();

        for index in SESSION_PREFIX.len()..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            assert!(!tokens.is_ours(&String::from_utf8(changed).unwrap()), "{index}");
        }
        for made_up in ["", "sfs_", &token[4..], &format!("sfs_{}", "A".repeat(43))] {
            assert!(!tokens.is_ours(made_up), "{made_up}");
        }
    }
}
