//! The GraphQL type `User`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::email;
use super::entity::Model;
use super::loader::{UserByEmail, UserById};
use crate::auth::{Guarded, Viewer, guard};
use crate::error::Result;
use crate::graphql::{
    AtHand, BigInt, Connection, DateTime, Kind, MaxAge, PageArguments, PageSize, RequestContext, Selected, plain_id,
};
use crate::order::{OrderListing, order_connection};

/// A person who orders. Exists for themselves and for staff.
#[derive(Clone)]
pub struct User {
    row: Arc<Model>,
}

impl User {
    pub fn hand_out(row: Arc<Model>, viewer: Viewer) -> Option<Self> {
        guard::may_see(viewer, Guarded::User(row.id)).then_some(Self { row })
    }

    /// Looks the user up; `None` when there is no such user or it is not for this viewer.
    pub async fn fetch(request: &RequestContext, id: Uuid) -> Result<Option<Self>> {
        if !request.may_see(Guarded::User(id)) {
            return Ok(None);
        }
        let row = request.load::<UserById>(id).await?;
        Ok(row.and_then(|row| Self::hand_out(row, request.viewer)))
    }

    /// Looks the user up by e-mail address, upper and lower case alike. Whoever may see themselves alone is looked up by id, whatever the
    /// address: how long that takes tells nothing of others.
    pub async fn fetch_by_email(request: &RequestContext, email: &str) -> Result<Option<Self>> {
        let Some(email) = email::normalise(email) else { return Ok(None) };
        if !request.may_see(Guarded::Users) {
            let Some(own) = request.viewer.user() else { return Ok(None) };
            return Ok(Self::fetch(request, own).await?.filter(|user| user.row.email == email));
        }
        let row = request.load::<UserByEmail>(email).await?;
        Ok(row.and_then(|row| Self::hand_out(row, request.viewer)))
    }

    pub fn row(&self) -> &Model {
        &self.row
    }
}

/// A person who orders. Exists for themselves, when they are logged in, and for staff.
#[Object(directive = MaxAge::apply(0))]
impl User {
    /// The global id.
    pub async fn id(&self) -> ID {
        plain_id(Kind::User, self.row.id)
    }

    /// The e-mail address in lower case, unique over all users.
    async fn email(&self) -> &str {
        &self.row.email
    }

    /// When the address was verified, by `emailVerify` or `passwordReset`. Null as long as it is not, and again when it has changed.
    async fn email_verified_at(&self) -> Option<DateTime> {
        self.row.email_verified_at.map(DateTime)
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What this person has ordered, page by page, newest first.
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
        order_connection(ctx, self.row.id, PageArguments { first, after, last, before }).await
    }

    /// Raised by every change of the user. Give it back in `userUpdate` to be told when someone else was faster.
    async fn version(&self) -> BigInt {
        BigInt(self.row.version)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }
}

impl AtHand for User {
    fn is_at_hand(field: &str, _: Selected<'_>) -> bool {
        field != "orders"
    }
}
