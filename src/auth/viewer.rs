//! Who a request is from: nobody in particular, a user by a session of theirs, or staff, by a session or by the staff key.

use uuid::Uuid;

use super::session::Session;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Viewer {
    session: Option<(Uuid, Uuid)>,
    is_staff: bool,
}

impl Viewer {
    pub const NOBODY: Self = Self { session: None, is_staff: false };
    /// Whoever has the staff key.
    pub const STAFF: Self = Self { session: None, is_staff: true };

    /// Who a request is from that may have brought the staff key, a session, or both.
    pub fn new(has_staff_key: bool, session: Option<&Session>) -> Self {
        Self {
            session: session.map(|session| (session.id, session.user)),
            is_staff: has_staff_key || session.is_some_and(|session| session.is_staff),
        }
    }

    pub fn is_staff(self) -> bool {
        self.is_staff
    }

    /// Whether anyone else would be answered the same.
    pub fn is_nobody(self) -> bool {
        self == Self::NOBODY
    }

    /// The user whose session it is.
    pub fn user(self) -> Option<Uuid> {
        self.session.map(|(_, user)| user)
    }

    pub fn session(self) -> Option<Uuid> {
        self.session.map(|(session, _)| session)
    }
}
