//! The GraphQL type `Viewer`: whoever is logged in.

use async_graphql::{Context, Object};
use uuid::Uuid;

use crate::error::Result;
use crate::graphql::{Connection, ContextExt, MaxAge, PageArguments, PageSize};
use crate::order::{OrderListing, order_connection};
use crate::user::User;

/// Whoever is logged in.
pub struct LoggedIn {
    pub user: Uuid,
}

/// Whoever is logged in: the user whose session the request brought.
#[Object(name = "Viewer", directive = MaxAge::apply(0))]
impl LoggedIn {
    /// The user. Null when they were deleted a moment ago.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        User::fetch(ctx.request(), self.user).await.transpose()
    }

    /// What this user has ordered, page by page, newest first.
    #[graphql(directive = PageSize::apply())]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size, from the start of the list or after `after`. Default 20, at most 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only orders after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size, from the end of the list or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "Only orders before this cursor.")] before: Option<String>,
    ) -> Result<Connection<OrderListing>> {
        order_connection(ctx, self.user, PageArguments { first, after, last, before }).await
    }
}
