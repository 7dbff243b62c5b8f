//! The root fields that write products.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use uuid::Uuid;

use super::entity;
use super::loader::ProductById;
use super::object::{Product, Status, depth};
use super::write::{self, Content, NewProduct, ProductChange};
use crate::error::Result;
use crate::graphql::{BigInt, ContextExt, Kind, Url, Weight, plain_id, read_back, user_error};
use crate::refusal::Refusal;

user_error!(
    "product",
    ProductUserError,
    ProductUserErrorCode {
        /// A text that must say something is blank.
        Blank,
        /// A text is longer than is taken.
        TooLong,
        /// A list has more entries than are taken.
        TooMany,
        /// A value is not of the form that is taken.
        Invalid,
        /// A value that must be unique is taken.
        Taken,
        /// What an id names does not exist.
        NotFound,
        /// The product was changed since the version that was given.
        Conflict,
        /// The change would break what refers to the product.
        InUse,
    }
);

#[derive(Default)]
pub struct ProductMutation;

/// A product to be created.
#[derive(InputObject)]
pub struct ProductCreateInput {
    /// The store that sells it; its currency becomes the product's. It cannot be changed later.
    store_id: ID,
    /// The category it belongs to; none when left out.
    category_id: Option<ID>,
    /// The name in addresses, unique over all products: lower-case letters and digits of any script, words joined by single hyphens, at most
    /// 255 characters.
    slug: String,
    /// The name that is shown, at most 255 characters.
    name: String,
    /// What there is to say about it, at most 20,000 characters.
    description: Option<String>,
    /// Who can see it. Default: `DRAFT`.
    status: Option<Status>,
    /// What a customer chooses, at most three options.
    options: Option<Vec<ProductOptionInput>>,
    /// Free words that describe it, at most 250.
    tags: Option<Vec<String>>,
    /// Pictures, at most 250, in the order in which they are shown.
    images: Option<Vec<ProductImageInput>>,
    /// What search engines should show of it.
    seo: Option<ProductSeoInput>,
}

/// A change of a product. What is left out stays as it is.
#[derive(InputObject)]
pub struct ProductUpdateInput {
    /// The product.
    id: ID,
    /// The version that the change is based on. When the product has another one by now, nothing is written: `CONFLICT`.
    version: Option<BigInt>,
    /// The category it belongs to; null takes it out of its category.
    category_id: MaybeUndefined<ID>,
    /// The name in addresses.
    slug: Option<String>,
    /// The name that is shown.
    name: Option<String>,
    /// What there is to say about it.
    description: Option<String>,
    /// Who can see it.
    status: Option<Status>,
    /// What a customer chooses. While the product has skus, the number of options stays, and so do the values that skus have.
    options: Option<Vec<ProductOptionInput>>,
    /// Free words that describe it; replaces them all.
    tags: Option<Vec<String>>,
    /// Pictures; replaces them all.
    images: Option<Vec<ProductImageInput>>,
    /// What search engines should show of it; replaces both texts.
    seo: Option<ProductSeoInput>,
}

/// A product to be deleted.
#[derive(InputObject)]
pub struct ProductDeleteInput {
    /// The product.
    id: ID,
    /// The version that was seen. When the product has another one by now, nothing is deleted: `CONFLICT`.
    version: Option<BigInt>,
}

/// Something that a customer chooses, and what there is to choose from.
#[derive(InputObject)]
pub struct ProductOptionInput {
    /// What is chosen, such as `Size`. At most 100 characters.
    name: String,
    /// What there is to choose from: from 1 to 250 values of at most 100 characters.
    values: Vec<String>,
}

/// What search engines should show of a product.
#[derive(InputObject)]
pub struct ProductSeoInput {
    /// The title of its page, one line of at most 255 characters; none when left out.
    title: Option<String>,
    /// The text below the title, at most 1,000 characters; none when left out.
    description: Option<String>,
}

/// A picture of a product.
#[derive(InputObject)]
pub struct ProductImageInput {
    /// Where the picture is.
    url: Url,
    /// What is on the picture, for those who cannot see it.
    alt_text: Option<String>,
}

/// What came of creating a product.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct ProductCreatePayload {
    /// The new product; null when it was refused.
    product: Option<Product>,
    /// Why it was refused; empty when it was created.
    user_errors: Vec<ProductUserError>,
}

/// What came of changing a product.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct ProductUpdatePayload {
    /// The product as it is now; null when the change was refused.
    product: Option<Product>,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<ProductUserError>,
}

/// What came of deleting a product.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct ProductDeletePayload {
    /// The id of the product that is gone; null when the deletion was refused.
    deleted_product_id: Option<ID>,
    /// Why the deletion was refused; empty when it was made.
    user_errors: Vec<ProductUserError>,
}

#[Object]
impl ProductMutation {
    /// Creates a product, without skus. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn product_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] input: ProductCreateInput,
    ) -> Option<Result<ProductCreatePayload>> {
        Some(create(ctx, input).await)
    }

    /// Changes a product. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn product_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and what changes.")] input: ProductUpdateInput,
    ) -> Option<Result<ProductUpdatePayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a product with its skus and their stock. What was ordered stays in its orders. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn product_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] input: ProductDeleteInput,
    ) -> Option<Result<ProductDeletePayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn create(ctx: &Context<'_>, input: ProductCreateInput) -> Result<ProductCreatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let ids = &request.shared.ids;
    let product = NewProduct {
        store_id: ids.expect(Kind::Store, &input.store_id)?,
        category_id: input.category_id.map(|id| ids.expect(Kind::Category, &id)).transpose()?,
        slug: input.slug,
        content: Content {
            name: Some(input.name),
            description: input.description,
            status: input.status.map(Into::into),
            options: input.options.map(options),
            tags: input.tags.map(entity::Tags),
            images: input.images.map(images),
            seo: input.seo.map(seo),
        },
    };
    let outcome = request.write(|| write::create(&request.routing, product.clone())).await?;
    Ok(match outcome {
        Ok(id) => ProductCreatePayload { product: read_back(written(ctx, id)).await?, ..Default::default() },
        Err(refusals) => ProductCreatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn update(ctx: &Context<'_>, input: ProductUpdateInput) -> Result<ProductUpdatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let ids = &request.shared.ids;
    let category_id = match input.category_id {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(id) => Some(Some(ids.expect(Kind::Category, &id)?)),
    };
    let change = ProductChange {
        id: ids.expect(Kind::Product, &input.id)?,
        version: input.version.map(|version| version.0),
        slug: input.slug,
        category_id,
        content: Content {
            name: input.name,
            description: input.description,
            status: input.status.map(Into::into),
            options: input.options.map(options),
            tags: input.tags.map(entity::Tags),
            images: input.images.map(images),
            seo: input.seo.map(seo),
        },
    };
    let outcome = request.write(|| write::update(&request.routing, change.clone())).await?;
    Ok(match outcome {
        Ok(id) => ProductUpdatePayload { product: read_back(written(ctx, id)).await?, ..Default::default() },
        Err(refusals) => ProductUpdatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn delete(ctx: &Context<'_>, input: ProductDeleteInput) -> Result<ProductDeletePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let id = request.shared.ids.expect(Kind::Product, &input.id)?;
    let outcome = request.write(|| write::delete(&request.routing, id, input.version.map(|version| version.0))).await?;
    Ok(match outcome {
        Ok(id) => ProductDeletePayload { deleted_product_id: Some(plain_id(Kind::Product, id)), ..Default::default() },
        Err(refusals) => ProductDeletePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

/// The product as the payload shows it.
async fn written(ctx: &Context<'_>, id: Uuid) -> Result<Option<Product>> {
    Product::fetch(ctx.request(), ProductById::key(id, depth(ctx.look_ahead().field("product")))).await
}

fn user_errors(refusals: Vec<Refusal>) -> Vec<ProductUserError> {
    refusals.into_iter().map(Into::into).collect()
}

fn seo(ProductSeoInput { title, description }: ProductSeoInput) -> entity::Seo {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    entity::Seo { title: given(title), description: given(description) }
}

fn options(options: Vec<ProductOptionInput>) -> entity::ProductOptions {
    let options = options.into_iter().map(|option| entity::ProductOption { name: option.name, values: option.values });
    entity::ProductOptions(options.collect())
}

fn images(images: Vec<ProductImageInput>) -> entity::ProductImages {
    let images = images.into_iter().map(|image| entity::ProductImage { url: image.url.0, alt_text: image.alt_text });
    entity::ProductImages(images.collect())
}
