//! The list of all users.

use super::loader::UserCount;
use super::object::User;
use crate::db::{Position, SortKey};
use crate::error::Result;
use crate::graphql::{Listing, NothingMore, RequestContext};

/// All users, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserListing;

impl Listing for UserListing {
    type Node = User;
    type More = NothingMore;
    const MAX_AGE_SECS: u32 = 0;

    /// There is one order and no filter.
    fn fingerprint(&self) -> u64 {
        u64::from_be_bytes(*b"users  1")
    }

    fn position(&self, user: &User) -> Position {
        Position { key: SortKey::Time(user.row().created_at), id: user.row().id }
    }

    async fn count(&self, request: &RequestContext, most: Option<u32>) -> Result<u32> {
        Ok(request.load::<UserCount>(most).await?.unwrap_or_default())
    }
}
