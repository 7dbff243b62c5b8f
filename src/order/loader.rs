//! Batched reads of orders and their items.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::entity::Model;
use super::{item, repo};
use crate::db::Window;
use crate::error::Result;
use crate::graphql::{Batch, Owned, Page, Reads};

/// An order by its user and id.
pub struct OrderById;

impl Batch for OrderById {
    type Key = Owned;
    type Value = Arc<Model>;
    const NAME: &'static str = "OrderById";

    async fn load(reads: &Reads, keys: &[Owned]) -> Result<HashMap<Owned, Arc<Model>>> {
        repo::by_keys(&reads.reader(Self::NAME), keys).await
    }
}

/// The items of an order, in their order, by the order's user and id.
pub struct OrderItemsByOrder;

impl Batch for OrderItemsByOrder {
    type Key = Owned;
    type Value = Vec<Arc<item::Model>>;
    const NAME: &'static str = "OrderItemsByOrder";

    async fn load(reads: &Reads, keys: &[Owned]) -> Result<HashMap<Owned, Self::Value>> {
        repo::items_of_orders(&reads.reader(Self::NAME), keys).await
    }
}

/// An order item by its user and id.
pub struct OrderItemById;

impl Batch for OrderItemById {
    type Key = Owned;
    type Value = Arc<item::Model>;
    const NAME: &'static str = "OrderItemById";

    async fn load(reads: &Reads, keys: &[Owned]) -> Result<HashMap<Owned, Arc<item::Model>>> {
        repo::items_by_keys(&reads.reader(Self::NAME), keys).await
    }
}

/// A page of the orders of a user.
pub struct OrderPage;

/// The key of [`OrderPage`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderPageKey {
    pub user: Uuid,
    pub window: Window,
}

impl Batch for OrderPage {
    type Key = OrderPageKey;
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "OrderPage";

    /// The same page under many users is one statement.
    async fn load(reads: &Reads, keys: &[OrderPageKey]) -> Result<HashMap<OrderPageKey, Self::Value>> {
        let mut users: HashMap<&Window, Vec<Uuid>> = HashMap::new();
        for key in keys {
            users.entry(&key.window).or_default().push(key.user);
        }
        let mut pages = HashMap::with_capacity(keys.len());
        for (window, users) in users {
            let found = repo::pages(&reads.reader(Self::NAME), &users, window).await?;
            pages.extend(found.into_iter().map(|(user, page)| (OrderPageKey { user, window: window.clone() }, page)));
        }
        Ok(pages)
    }
}

/// How many orders a user has, by how many are counted at most.
pub struct OrderCount;

impl Batch for OrderCount {
    type Key = (Uuid, Option<u32>);
    type Value = u32;
    const NAME: &'static str = "OrderCount";

    async fn load(reads: &Reads, keys: &[Self::Key]) -> Result<HashMap<Self::Key, u32>> {
        let mut users: HashMap<Option<u32>, Vec<Uuid>> = HashMap::new();
        for (user, most) in keys {
            users.entry(*most).or_default().push(*user);
        }
        let mut counts = HashMap::with_capacity(keys.len());
        for (most, users) in users {
            let counted = repo::counts(&reads.reader(Self::NAME), &users, most).await?;
            counts.extend(counted.into_iter().map(|(user, count)| ((user, most), count)));
        }
        Ok(counts)
    }
}
