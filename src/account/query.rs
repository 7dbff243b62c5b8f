//! The root field that tells who is logged in.

use async_graphql::{Context, Object};

use super::object::LoggedIn;
use crate::graphql::ContextExt;

#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Whoever is logged in. Null without a session.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<LoggedIn> {
        ctx.request().viewer.user().map(|user| LoggedIn { user })
    }
}
