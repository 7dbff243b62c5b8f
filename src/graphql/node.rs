//! `node` and `nodes`: anything with a global id, by that id.

use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::join_all;

use super::context::{ContextExt, RequestContext};
use super::directive::SizeOf;
use super::id::{Key, Kind};
use crate::category::Category;
use crate::error::Result;
use crate::order::{Order, OrderItem};
use crate::product::{Depth, Product, ProductById, depth};
use crate::sku::Sku;
use crate::store::Store;
use crate::user::User;

/// Anything that has a global id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The global id: opaque, unique over all types, the same in every answer."
))]
pub enum Node {
    Product(Product),
    Sku(Sku),
    Store(Store),
    Category(Category),
    User(User),
    Order(Order),
    OrderItem(OrderItem),
}

impl Node {
    /// Looks up what an id names; `None` when it does not exist or is not for this viewer.
    async fn fetch(request: &RequestContext, key: Key, depth: Depth) -> Result<Option<Self>> {
        Ok(match key {
            Key::Plain(Kind::Product, id) => {
                Product::fetch(request, ProductById::key(id, depth)).await?.map(Self::Product)
            }
            Key::Plain(Kind::Sku, id) => Sku::fetch(request, id).await?.map(Self::Sku),
            Key::Plain(Kind::Store, id) => Store::fetch(request, id).await?.map(Self::Store),
            Key::Plain(Kind::Category, id) => Category::fetch(request, id).await?.map(Self::Category),
            Key::Plain(Kind::User, id) => User::fetch(request, id).await?.map(Self::User),
            Key::Owned(Kind::Order, owned) => Order::fetch(request, owned).await?.map(Self::Order),
            Key::Owned(Kind::OrderItem, owned) => OrderItem::fetch(request, owned).await?.map(Self::OrderItem),
            Key::Plain(Kind::Order | Kind::OrderItem | Kind::Session, _) | Key::Owned(..) => None,
        })
    }
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything with a global id, by that id. Null when it does not exist, or is not for you.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Option<Result<Node>> {
        let request = ctx.request();
        let depth = depth(ctx.look_ahead());
        match request.shared.ids.parse(&id) {
            Ok(key) => Node::fetch(request, key, depth).await.transpose(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Many things by their global ids, in the order of the ids; null in the place of one that does not exist, or is not for you.
    #[graphql(directive = SizeOf::apply("ids"))]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        let request = ctx.request();
        let keys = ids.iter().map(|id| request.shared.ids.parse(id)).collect::<Result<Vec<Key>>>()?;
        let depth = depth(ctx.look_ahead());
        let found = keys.into_iter().map(|key| Node::fetch(request, key, depth));
        Ok(join_all(found).await.into_iter().map(Result::transpose).collect())
    }
}
