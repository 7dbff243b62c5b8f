//! Lists of categories: all, or the roots of the tree.

use super::loader::CategoryCount;
use super::object::Category;
use crate::db::{Position, SortKey};
use crate::error::Result;
use crate::graphql::{Listing, NothingMore, RequestContext};

/// A list of categories by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CategoryListing {
    pub roots_only: bool,
}

impl Listing for CategoryListing {
    type Node = Category;
    type More = NothingMore;
    const MAX_AGE_SECS: u32 = 60;

    fn fingerprint(&self) -> u64 {
        u64::from_be_bytes(if self.roots_only { *b"catroots" } else { *b"category" })
    }

    fn position(&self, category: &Category) -> Position {
        let row = category.row();
        Position { key: SortKey::Integer(row.position.into()), id: row.id }
    }

    async fn count(&self, request: &RequestContext, most: Option<u32>) -> Result<u32> {
        Ok(request.load::<CategoryCount>((*self, most)).await?.unwrap_or_default())
    }
}
