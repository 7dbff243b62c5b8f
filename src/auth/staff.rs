//! The staff key: one shared key that makes a request one of staff.

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The header that carries the staff key.
pub const STAFF_HEADER: &str = "x-storefront-staff-key";

/// Who a request is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Viewer {
    Nobody,
    Staff,
}

impl Viewer {
    pub fn is_staff(self) -> bool {
        self == Self::Staff
    }
}

/// The key that staff sends; kept as a hash, compared in constant time.
pub struct StaffKey(Option<[u8; 32]>);

impl StaffKey {
    /// Without a key nobody is staff.
    pub fn new(key: Option<&str>) -> Self {
        Self(key.map(|key| Sha256::digest(key).into()))
    }

    /// Who sent these headers. A wrong key is not nobody: a client that sends one should learn that it is wrong.
    pub fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, WrongStaffKey> {
        let Some(sent) = headers.get(STAFF_HEADER) else { return Ok(Viewer::Nobody) };
        let sent: [u8; 32] = Sha256::digest(sent.as_bytes()).into();
        match &self.0 {
            Some(key) if bool::from(key.ct_eq(&sent)) => Ok(Viewer::Staff),
            _ => Err(WrongStaffKey),
        }
    }
}

/// The request carried a staff key that is not this server's.
#[derive(Debug)]
pub struct WrongStaffKey;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_makes_staff() {
        let key = StaffKey::new(Some("correct horse battery"));
        let with = |value: &str| HeaderMap::from_iter([(STAFF_HEADER.parse().unwrap(), value.parse().unwrap())]);

        assert_eq!(key.viewer(&HeaderMap::new()).unwrap(), Viewer::Nobody);
        assert_eq!(key.viewer(&with("correct horse battery")).unwrap(), Viewer::Staff);
        assert!(key.viewer(&with("correct horse")).is_err());
        assert!(key.viewer(&with("")).is_err());
        assert!(StaffKey::new(None).viewer(&with("")).is_err());
    }
}
