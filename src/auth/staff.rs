//! The staff key: one shared key that makes a request one of staff.

use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::key::the_only;

/// The header that carries the staff key.
pub const STAFF_HEADER: &str = "x-storefront-staff-key";
const STAFF: HeaderName = HeaderName::from_static(STAFF_HEADER);

/// The key that staff sends; kept as a hash, compared in constant time.
pub struct StaffKey(Option<[u8; 32]>);

impl StaffKey {
    /// Without a key nobody is staff.
    pub fn new(key: Option<&str>) -> Self {
        Self(key.map(|key| Sha256::digest(key).into()))
    }

    /// Whether these headers bring it. A wrong key is not none: a client that sends one should learn that it is wrong.
    pub fn is_brought(&self, headers: &HeaderMap) -> Result<bool, WrongStaffKey> {
        let sent = the_only(headers, STAFF).map_err(|_| WrongStaffKey::Several)?;
        let Some(sent) = sent else { return Ok(false) };
        let sent: [u8; 32] = Sha256::digest(sent.as_bytes()).into();
        match &self.0 {
            Some(key) if bool::from(key.ct_eq(&sent)) => Ok(true),
            _ => Err(WrongStaffKey::Other),
        }
    }
}

/// Why a staff key is refused; the text is for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WrongStaffKey {
    #[error("the staff key is not the one of this server")]
    Other,
    #[error("the request has several staff keys, send one in {STAFF_HEADER}")]
    Several,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_makes_staff() {
        let key = StaffKey::new(Some("correct horse battery"));
        let with = |value: &str| HeaderMap::from_iter([(STAFF_HEADER.parse().unwrap(), value.parse().unwrap())]);

        assert_eq!(key.is_brought(&HeaderMap::new()), Ok(false));
        assert_eq!(key.is_brought(&with("correct horse battery")), Ok(true));
        assert!(key.is_brought(&with("correct horse")).is_err());
        assert!(key.is_brought(&with("")).is_err());
        assert!(StaffKey::new(None).is_brought(&with("")).is_err());
    }

    #[test]
    fn several_staff_keys_are_refused_even_if_the_first_or_each_is_right() {
        let key = StaffKey::new(Some("correct horse battery"));
        let with = |second: &str| {
            let keys = ["correct horse battery", second];
            HeaderMap::from_iter(keys.map(|key| (STAFF_HEADER.parse().unwrap(), key.parse().unwrap())))
        };

        for second in ["", "another", "correct horse battery"] {
            assert_eq!(key.is_brought(&with(second)), Err(WrongStaffKey::Several));
        }
    }
}
