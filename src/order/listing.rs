//! The list of the orders of a user.

use uuid::Uuid;

use super::loader::OrderCount;
use super::object::Order;
use crate::db::{Position, SortKey};
use crate::error::Result;
use crate::graphql::{Listing, NothingMore, RequestContext};

/// The orders of a user, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderListing {
    pub user: Uuid,
}

impl Listing for OrderListing {
    type Node = Order;
    type More = NothingMore;
    const MAX_AGE_SECS: u32 = 0;

    /// There is one order and no filter.
    fn fingerprint(&self) -> u64 {
        u64::from_be_bytes(*b"orders 1")
    }

    fn position(&self, order: &Order) -> Position {
        Position { key: SortKey::Time(order.row().placed_at), id: order.row().id }
    }

    async fn count(&self, request: &RequestContext, most: Option<u32>) -> Result<u32> {
        Ok(request.load::<OrderCount>((self.user, most)).await?.unwrap_or_default())
    }
}
