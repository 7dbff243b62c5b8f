//! What instances tell each other of sessions, in Redis: what the primary has said of one, and which have ended.
//!
//! A session lies under the hash of its token, until the moment by Redis's clock when the primary's word counts no longer; it is sealed together
//! with both, so that whoever can write there makes nobody a user or staff, and brings nothing back whose time is over. An end lies there for two minutes:
//! nothing takes its place, so that a slow look-up does not bring a session back that was ended meanwhile.

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, cmd};
use uuid::Uuid;

use super::Session;
use crate::auth::key::KeyHash;
use crate::auth::secret::Seal;
use crate::redis::Endpoint;

/// How long an end stands: longer than any word from before it counts.
pub const FENCED: Duration = Duration::from_secs(120);
/// What stands for a session that has ended. No sealed text is as short.
const ENDED: &[u8] = b"ended";
/// The most ends of one round trip.
const MOST_ENDS: usize = 100;

/// The way to what others know.
pub struct Shared {
    endpoint: Arc<Endpoint>,
    namespace: String,
    seal: Seal,
}

/// What Redis says of a token.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// Whose session it is, and for how long that counts.
    Session(Session, Duration),
    Ended,
    Nothing,
    /// It does not answer.
    Silence,
}

impl Shared {
    pub fn new(endpoint: Arc<Endpoint>, namespace: &str, seal: Seal) -> Self {
        Self { endpoint, namespace: namespace.to_owned(), seal }
    }

    pub async fn find(&self, hash: &KeyHash) -> Told {
        let mut get = cmd("GET");
        get.arg(self.key(hash));
        match (self.endpoint.ask::<Option<Vec<u8>>>(get).await, self.clock_ms()) {
            (Ok(Some(text)), _) if text == ENDED => Told::Ended,
            (Ok(Some(text)), Some(now_ms)) => match self.open(hash, &text) {
                Some((session, until_ms)) if until_ms > now_ms => {
                    Told::Session(session, Duration::from_millis(until_ms - now_ms))
                }
                _ => Told::Nothing,
            },
            (Ok(_), _) => Told::Nothing,
            (Err(_), _) => Told::Silence,
        }
    }

    /// Tells others of a session for so long from now on, unless it has ended meanwhile.
    pub async fn tell(&self, hash: &KeyHash, session: Session, life: Duration) {
        let Some(now_ms) = self.clock_ms() else { return };
        // By the clock, not by a time to live: a Redis that has hung does not give it more than it had.
        let until_ms = now_ms + life.as_millis() as u64;
        let mut set = cmd("SET");
        set.arg(self.key(hash)).arg(self.close(hash, session, until_ms)).arg("NX").arg("PXAT").arg(until_ms);
        let _ = self.endpoint.ask::<Option<String>>(set).await;
    }

    /// Tells others of ends; whether Redis has heard of all.
    pub async fn end(&self, ended: &[KeyHash]) -> bool {
        for ended in ended.chunks(MOST_ENDS) {
            let fences: Vec<Cmd> = ended.iter().map(|hash| self.fence(hash)).collect();
            if self.endpoint.send_all::<String>(fences).await.is_err() {
                return false;
            }
        }
        true
    }

    fn fence(&self, hash: &KeyHash) -> Cmd {
        let mut set = cmd("SET");
        set.arg(self.key(hash)).arg(ENDED).arg("PX").arg(FENCED.as_millis() as u64);
        set
    }

    fn key(&self, hash: &KeyHash) -> String {
        let digits: String = hash.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("storefront:{{{}:s:{digits}}}", self.namespace)
    }

    /// Redis's clock, in milliseconds since 1970 and never too early.
    fn clock_ms(&self) -> Option<u64> {
        u64::try_from(self.endpoint.clock_in(Duration::ZERO)? / 1000).ok()
    }

    fn close(&self, hash: &KeyHash, session: Session, until_ms: u64) -> String {
        let Session { id, user, is_staff } = session;
        let role = [u8::from(is_staff)];
        self.seal.close(&[hash.bytes(), id.as_bytes(), user.as_bytes(), &role, &until_ms.to_be_bytes()].concat())
    }

    /// The session of this token, and until when it counts; `None` for what this installation has not written for it.
    fn open(&self, hash: &KeyHash, text: &[u8]) -> Option<(Session, u64)> {
        let message = self.seal.open(str::from_utf8(text).ok()?)?;
        let rest = message.strip_prefix(hash.bytes())?;
        let (id, rest) = rest.split_first_chunk()?;
        let (user, rest) = rest.split_first_chunk()?;
        let (role, until_ms) = rest.split_first()?;
        let session = Session { id: Uuid::from_bytes(*id), user: Uuid::from_bytes(*user), is_staff: *role == 1 };
        Some((session, u64::from_be_bytes(until_ms.try_into().ok()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::secret::SecretKey;
    use crate::redis::Manners;

    fn shared(secret: &str) -> Shared {
        let manners = Manners { response: Duration::from_secs(1), connection: Duration::from_secs(1), authority: None };
        let endpoint = Endpoint::new(&["redis://127.0.0.1:1/"], &manners, "gate", "sessions are looked up").unwrap();
        Shared::new(Arc::new(endpoint), "space", SecretKey::new(secret).seal("session"))
    }

    #[tokio::test]
    async fn a_session_opens_under_its_own_token_and_secret_alone() {
        let (own, other) = (shared("one"), shared("another"));
        let [one, two] = [1, 2].map(|byte| KeyHash::kept(&[byte; 32]).unwrap());
        let session = Session { id: Uuid::from_u128(7), user: Uuid::from_u128(8), is_staff: true };

        let text = own.close(&one, session, 1_800_000_000_000).into_bytes();

        assert_eq!(own.open(&one, &text), Some((session, 1_800_000_000_000)));
        assert_eq!((own.open(&two, &text), other.open(&one, &text), own.open(&one, ENDED)), (None, None, None));
        assert_eq!(own.key(&one), format!("storefront:{{space:s:{}}}", "01".repeat(32)));
    }

    #[tokio::test]
    async fn a_redis_that_is_not_there_is_silent() {
        let (shared, hash) = (shared("one"), KeyHash::kept(&[1; 32]).unwrap());

        assert_eq!(shared.find(&hash).await, Told::Silence);
        assert!(!shared.end(&[hash]).await);
    }
}
