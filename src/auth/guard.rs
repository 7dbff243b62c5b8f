//! The one place that says who may see and who may change each type.
//!
//! It is decided by whose the row is, never by the way that leads to it: what is not for a viewer does not exist for them, by every path. What a
//! row belongs to is known from its key, so that nothing is read for those it is not for.

use uuid::Uuid;

use super::viewer::Viewer;
use crate::error::{Error, Result};

/// What is to be seen or changed, by what decides for whom it is.
#[derive(Clone, Copy, Debug)]
pub enum Guarded {
    /// The catalogue as a whole: its stores, categories, products, skus and stock.
    Catalogue,
    /// A product. Public is one that is sold.
    Product { is_public: bool },
    /// A sku of a product that the viewer may see.
    Sku { is_archived: bool },
    /// All users.
    Users,
    /// A user.
    User(Uuid),
    /// An order and its items, by who ordered.
    Order { user: Uuid },
    /// A session, by whose it is.
    Session { user: Uuid },
}

/// Whether it exists for this viewer.
pub fn may_see(viewer: Viewer, what: Guarded) -> bool {
    let is_for_everyone = match what {
        Guarded::Catalogue => true,
        Guarded::Product { is_public } => is_public,
        Guarded::Sku { is_archived } => !is_archived,
        Guarded::Users => false,
        Guarded::User(owner) | Guarded::Order { user: owner } | Guarded::Session { user: owner } => {
            viewer.user() == Some(owner)
        }
    };
    is_for_everyone || viewer.is_staff()
}

/// Whether this viewer may change it. Users change what is their own account; all else is for staff.
pub fn may_change(viewer: Viewer, what: Guarded) -> bool {
    match what {
        Guarded::User(owner) | Guarded::Session { user: owner } if viewer.user() == Some(owner) => true,
        _ => viewer.is_staff(),
    }
}

/// Refuses whoever may not change it, in words that tell them what they lack.
pub fn check_change(viewer: Viewer, what: Guarded) -> Result<()> {
    if may_change(viewer, what) { Ok(()) } else { Err(lacking(viewer)) }
}

/// The same of what may not be seen.
pub fn check_sight(viewer: Viewer, what: Guarded) -> Result<()> {
    if may_see(viewer, what) { Ok(()) } else { Err(lacking(viewer)) }
}

fn lacking(viewer: Viewer) -> Error {
    if viewer.user().is_some() { Error::NotStaff } else { Error::StaffOnly }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::session::Session;

    fn of(user: Uuid, is_staff: bool) -> Viewer {
        Viewer::new(false, Some(&Session { id: Uuid::from_u128(9), user, is_staff }))
    }

    #[test]
    fn what_belongs_to_a_user_is_for_them_and_for_staff() {
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let viewers = [of(ada, false), of(bob, false), of(bob, true), Viewer::STAFF, Viewer::NOBODY];

        for what in [Guarded::User(ada), Guarded::Order { user: ada }, Guarded::Session { user: ada }] {
            assert_eq!(viewers.map(|viewer| may_see(viewer, what)), [true, false, true, true, false], "{what:?}");
        }
        for what in [Guarded::User(ada), Guarded::Session { user: ada }] {
            assert_eq!(viewers.map(|viewer| may_change(viewer, what)), [true, false, true, true, false], "{what:?}");
        }
        for what in [Guarded::Order { user: ada }, Guarded::Users, Guarded::Catalogue] {
            assert_eq!(viewers.map(|viewer| may_change(viewer, what)), [false, false, true, true, false], "{what:?}");
        }
    }

    #[test]
    fn what_is_not_sold_is_for_staff() {
        let viewers = [Viewer::NOBODY, of(Uuid::from_u128(1), false), Viewer::STAFF];

        for what in [Guarded::Product { is_public: false }, Guarded::Sku { is_archived: true }, Guarded::Users] {
            assert_eq!(viewers.map(|viewer| may_see(viewer, what)), [false, false, true], "{what:?}");
        }
        for what in [Guarded::Product { is_public: true }, Guarded::Sku { is_archived: false }, Guarded::Catalogue] {
            assert_eq!(viewers.map(|viewer| may_see(viewer, what)), [true; 3], "{what:?}");
        }
    }
}
