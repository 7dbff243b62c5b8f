//! The root fields that write skus.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::content::Content;
use super::entity::{self, OptionValues, SkuAttributes};
use super::object::Sku;
use super::write::{self, NewSku, SkuChange};
use crate::error::Result;
use crate::graphql::{BigInt, ContextExt, Decimal, Kind, Weight, plain_id, read_back, user_error};
use crate::refusal::Refusal;

user_error!(
    "sku",
    SkuUserError,
    SkuUserErrorCode {
        /// A text that must say something is blank.
        Blank,
        /// A text is longer than is taken.
        TooLong,
        /// A list has more entries than are taken, or the product has as many skus as it can have.
        TooMany,
        /// A value is not of the form that is taken, or does not fit the product.
        Invalid,
        /// The code or the option values are those of another sku of the product.
        Taken,
        /// What an id names does not exist.
        NotFound,
        /// The sku was changed since the version that was given, or moved to another product at this very moment: read it again.
        Conflict,
    }
);

#[derive(Default)]
pub struct SkuMutation;

/// A sku to be created.
#[derive(InputObject)]
pub struct SkuCreateInput {
    /// The product that it is a variant of. A product has at most 2,000 skus.
    product_id: ID,
    /// The code by which warehouse and till know it, unique within the product, at most 255 characters; none when left out.
    code: Option<String>,
    /// One value for each option of the product, in the product's order; empty when it has no options. No two skus of a product
    /// have the same values.
    option_values: Vec<String>,
    /// Facts about it, at most 100, in the order in which they are shown.
    attributes: Option<Vec<SkuAttributeInput>>,
    /// What it costs, in the currency of the product's store and with no more decimals than that currency has.
    price: Decimal,
    /// What it cost before, for a price struck through; none when left out.
    compare_at_price: Option<Decimal>,
    /// Its place among the skus of the product, from 0 to 1,000,000: smaller numbers come first. Default: after all others.
    position: Option<i32>,
}

/// A change of a sku. What is left out stays as it is.
#[derive(InputObject)]
pub struct SkuUpdateInput {
    /// The sku.
    id: ID,
    /// The version that the change is based on. When the sku has another one by now, nothing is written: `CONFLICT`.
    version: Option<BigInt>,
    /// The product to move it to, with its stock. That product must be sold in the same currency, and the option values must be
    /// among its own. Without a `position` it comes after all others there.
    product_id: Option<ID>,
    /// The code by which warehouse and till know it; null takes it away.
    code: MaybeUndefined<String>,
    /// One value for each option of the product, in the product's order.
    option_values: Option<Vec<String>>,
    /// Facts about it; replaces them all.
    attributes: Option<Vec<SkuAttributeInput>>,
    /// What it costs, in the currency of the product's store.
    price: Option<Decimal>,
    /// What it cost before; null when it is no longer reduced.
    compare_at_price: MaybeUndefined<Decimal>,
    /// Its place among the skus of the product, from 0 to 1,000,000: smaller numbers come first.
    position: Option<i32>,
    /// Whether it is no longer sold. Its option values must be among the product's when it is sold again.
    archived: Option<bool>,
}

/// A sku to be deleted.
#[derive(InputObject)]
pub struct SkuDeleteInput {
    /// The sku.
    id: ID,
    /// The version that was seen. When the sku has another one by now, nothing is deleted: `CONFLICT`.
    version: Option<BigInt>,
}

/// A fact about a variant.
#[derive(InputObject)]
pub struct SkuAttributeInput {
    /// What the fact is about, such as `Weight`. At most 255 characters.
    name: String,
    /// The fact, such as `200 g`. At most 1,000 characters.
    value: String,
}

/// What came of creating a sku.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct SkuCreatePayload {
    /// The new sku; null when it was refused.
    sku: Option<Sku>,
    /// Why it was refused; empty when it was created.
    user_errors: Vec<SkuUserError>,
}

/// What came of changing a sku.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct SkuUpdatePayload {
    /// The sku as it is now; null when the change was refused.
    sku: Option<Sku>,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<SkuUserError>,
}

/// What came of deleting a sku.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct SkuDeletePayload {
    /// The id of the sku that is gone; null when the deletion was refused.
    deleted_sku_id: Option<ID>,
    /// Why the deletion was refused; empty when it was made.
    user_errors: Vec<SkuUserError>,
}

#[Object]
impl SkuMutation {
    /// Creates a sku of a product, without stock. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn sku_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sku.")] input: SkuCreateInput,
    ) -> Option<Result<SkuCreatePayload>> {
        Some(create(ctx, input).await)
    }

    /// Changes a sku, or moves it to another product. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn sku_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sku and what changes.")] input: SkuUpdateInput,
    ) -> Option<Result<SkuUpdatePayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a sku with its stock. What was ordered stays in its orders. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn sku_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sku.")] input: SkuDeleteInput,
    ) -> Option<Result<SkuDeletePayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn create(ctx: &Context<'_>, input: SkuCreateInput) -> Result<SkuCreatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let sku = NewSku {
        product_id: request.shared.ids.expect(Kind::Product, &input.product_id)?,
        content: Content {
            code: Some(input.code),
            option_values: Some(OptionValues(input.option_values)),
            attributes: Some(attributes(input.attributes.unwrap_or_default())),
            price: Some(input.price.0),
            compare_at_price: Some(input.compare_at_price.map(|before| before.0)),
            position: input.position,
            archived: None,
        },
    };
    let outcome = request.write(|| write::create(&request.routing, sku.clone())).await?;
    Ok(match outcome {
        Ok(id) => SkuCreatePayload { sku: read_back(Sku::fetch(request, id)).await?, ..Default::default() },
        Err(refusals) => SkuCreatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn update(ctx: &Context<'_>, input: SkuUpdateInput) -> Result<SkuUpdatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let ids = &request.shared.ids;
    let change = SkuChange {
        id: ids.expect(Kind::Sku, &input.id)?,
        version: input.version.map(|version| version.0),
        product_id: input.product_id.map(|id| ids.expect(Kind::Product, &id)).transpose()?,
        content: Content {
            code: change_of(input.code),
            option_values: input.option_values.map(OptionValues),
            attributes: input.attributes.map(attributes),
            price: input.price.map(|price| price.0),
            compare_at_price: change_of(input.compare_at_price).map(|before| before.map(|before| before.0)),
            position: input.position,
            archived: input.archived,
        },
    };
    let outcome = request.write(|| write::update(&request.routing, change.clone())).await?;
    Ok(match outcome {
        Ok(id) => SkuUpdatePayload { sku: read_back(Sku::fetch(request, id)).await?, ..Default::default() },
        Err(refusals) => SkuUpdatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn delete(ctx: &Context<'_>, input: SkuDeleteInput) -> Result<SkuDeletePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let id = request.shared.ids.expect(Kind::Sku, &input.id)?;
    let outcome = request.write(|| write::delete(&request.routing, id, input.version.map(|version| version.0))).await?;
    Ok(match outcome {
        Ok(id) => SkuDeletePayload { deleted_sku_id: Some(plain_id(Kind::Sku, id)), ..Default::default() },
        Err(refusals) => SkuDeletePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

/// `None` when the value stays, `Some(None)` when it goes.
fn change_of<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

fn user_errors(refusals: Vec<Refusal>) -> Vec<SkuUserError> {
    refusals.into_iter().map(Into::into).collect()
}

fn attributes(attributes: Vec<SkuAttributeInput>) -> SkuAttributes {
    let attributes =
        attributes.into_iter().map(|attribute| entity::SkuAttribute { name: attribute.name, value: attribute.value });
    SkuAttributes(attributes.collect())
}
