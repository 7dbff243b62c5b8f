//! The root fields that write stores.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::object::Store;
use super::write::{self, NewStore, StoreChange};
use crate::error::Result;
use crate::graphql::{BigInt, ContextExt, CurrencyCode, Kind, Weight, read_back, user_error};
use crate::refusal::Refusal;

user_error!(
    "store",
    StoreUserError,
    StoreUserErrorCode {
        /// A text that must say something is blank.
        Blank,
        /// A text is longer than is taken.
        TooLong,
        /// A value is not of the form that is taken.
        Invalid,
        /// A value that must be unique is taken.
        Taken,
        /// What an id names does not exist.
        NotFound,
        /// The store was changed since the version that was given.
        Conflict,
    }
);

#[derive(Default)]
pub struct StoreMutation;

/// A store to be created.
#[derive(InputObject)]
pub struct StoreCreateInput {
    /// The name in addresses, unique over all stores: lower-case letters and digits of any script, words joined by single hyphens, at most
    /// 255 characters.
    slug: String,
    /// The name that is shown, at most 255 characters.
    name: String,
    /// What there is to say about it, at most 20,000 characters.
    description: Option<String>,
    /// The currency of all its prices. It cannot be changed later.
    currency_code: CurrencyCode,
}

/// A change of a store. What is left out stays as it is.
#[derive(InputObject)]
pub struct StoreUpdateInput {
    /// The store.
    id: ID,
    /// The version that the change is based on. When the store has another one by now, nothing is written: `CONFLICT`.
    version: Option<BigInt>,
    /// The name in addresses, unique over all stores: lower-case letters and digits of any script, words joined by single hyphens, at most
    /// 255 characters.
    slug: Option<String>,
    /// The name that is shown, at most 255 characters.
    name: Option<String>,
    /// What there is to say about it, at most 20,000 characters.
    description: Option<String>,
}

/// What came of creating a store.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct StoreCreatePayload {
    /// The new store; null when it was refused.
    store: Option<Store>,
    /// Why it was refused; empty when it was created.
    user_errors: Vec<StoreUserError>,
}

/// What came of changing a store.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct StoreUpdatePayload {
    /// The store as it is now; null when the change was refused.
    store: Option<Store>,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<StoreUserError>,
}

#[Object]
impl StoreMutation {
    /// Creates a store. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn store_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The store.")] input: StoreCreateInput,
    ) -> Option<Result<StoreCreatePayload>> {
        Some(create(ctx, input).await)
    }

    /// Changes a store; its currency stays. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn store_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The store and what changes.")] input: StoreUpdateInput,
    ) -> Option<Result<StoreUpdatePayload>> {
        Some(update(ctx, input).await)
    }
}

async fn create(ctx: &Context<'_>, input: StoreCreateInput) -> Result<StoreCreatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let StoreCreateInput { slug, name, description, currency_code } = input;
    let store = NewStore { slug, name, description, currency: currency_code.0 };
    let outcome = request.write(|| write::create(&request.routing, store.clone())).await?;
    Ok(match outcome {
        Ok(id) => StoreCreatePayload { store: read_back(Store::fetch(request, id)).await?, ..Default::default() },
        Err(refusals) => StoreCreatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn update(ctx: &Context<'_>, input: StoreUpdateInput) -> Result<StoreUpdatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let change = StoreChange {
        id: request.shared.ids.expect(Kind::Store, &input.id)?,
        version: input.version.map(|version| version.0),
        slug: input.slug,
        name: input.name,
        description: input.description,
    };
    let outcome = request.write(|| write::update(&request.routing, change.clone())).await?;
    Ok(match outcome {
        Ok(id) => StoreUpdatePayload { store: read_back(Store::fetch(request, id)).await?, ..Default::default() },
        Err(refusals) => StoreUpdatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

fn user_errors(refusals: Vec<Refusal>) -> Vec<StoreUserError> {
    refusals.into_iter().map(Into::into).collect()
}
