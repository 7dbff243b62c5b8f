//! The list of all stores, newest first.

use super::loader::StoreCount;
use super::object::Store;
use crate::db::{Position, SortKey};
use crate::error::Result;
use crate::graphql::{Listing, NothingMore, RequestContext};

/// All stores, newest first. There is one such list: it has neither filter nor order to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreListing;

impl Listing for StoreListing {
    type Node = Store;
    type More = NothingMore;
    const MAX_AGE_SECS: u32 = 60;

    fn fingerprint(&self) -> u64 {
        u64::from_be_bytes(*b"stores/1")
    }

    fn position(&self, store: &Store) -> Position {
        Position { key: SortKey::Time(store.row().created_at), id: store.row().id }
    }

    async fn count(&self, request: &RequestContext, most: Option<u32>) -> Result<u32> {
        Ok(request.load::<StoreCount>(most).await?.unwrap_or_default())
    }
}
