//! The root fields that write categories.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::object::Category;
use super::write::{self, CategoryChange, NewCategory};
use crate::error::Result;
use crate::graphql::{BigInt, ContextExt, Kind, Weight, plain_id, read_back, user_error};
use crate::refusal::Refusal;

user_error!(
    "category",
    CategoryUserError,
    CategoryUserErrorCode {
        /// A text that must say something is blank.
        Blank,
        /// A text is longer than is taken.
        TooLong,
        /// The tree would have more levels than are taken.
        TooMany,
        /// A value is not of the form that is taken, or the category would be below itself.
        Invalid,
        /// A value that must be unique is taken.
        Taken,
        /// What an id names does not exist.
        NotFound,
        /// The category was changed since the version that was given.
        Conflict,
        /// The category still has products, or categories below it.
        InUse,
    }
);

#[derive(Default)]
pub struct CategoryMutation;

/// A category to be created.
#[derive(InputObject)]
pub struct CategoryCreateInput {
    /// The category directly above, on the ninth level of the tree at most; when left out, the new one is a root of the tree.
    parent_id: Option<ID>,
    /// The name in addresses, unique over all categories: lower-case letters and digits of any script, words joined by single hyphens, at most
    /// 255 characters.
    slug: String,
    /// The name that is shown, at most 255 characters.
    name: String,
    /// What there is to say about it, at most 20,000 characters.
    description: Option<String>,
    /// The place among the categories of the same parent, from 0 to 1,000,000: lower numbers come first. Default: after all
    /// others.
    position: Option<i32>,
}

/// A change of a category. What is left out stays as it is.
#[derive(InputObject)]
pub struct CategoryUpdateInput {
    /// The category.
    id: ID,
    /// The version that the change is based on. When the category has another one by now, nothing is written: `CONFLICT`.
    version: Option<BigInt>,
    /// The category directly above; null makes this one a root of the tree. What is below it moves along. It cannot be the
    /// category itself or one below it, and no branch can get more than ten levels.
    parent_id: MaybeUndefined<ID>,
    /// The name in addresses, unique over all categories: lower-case letters and digits of any script, words joined by single hyphens, at most
    /// 255 characters.
    slug: Option<String>,
    /// The name that is shown, at most 255 characters.
    name: Option<String>,
    /// What there is to say about it, at most 20,000 characters.
    description: Option<String>,
    /// The place among the categories of the same parent, from 0 to 1,000,000: lower numbers come first.
    position: Option<i32>,
}

/// A category to be deleted.
#[derive(InputObject)]
pub struct CategoryDeleteInput {
    /// The category.
    id: ID,
    /// The version that was seen. When the category has another one by now, nothing is deleted: `CONFLICT`.
    version: Option<BigInt>,
}

/// What came of creating a category.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct CategoryCreatePayload {
    /// The new category; null when it was refused.
    category: Option<Category>,
    /// Why it was refused; empty when it was created.
    user_errors: Vec<CategoryUserError>,
}

/// What came of changing a category.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct CategoryUpdatePayload {
    /// The category as it is now; null when the change was refused.
    category: Option<Category>,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<CategoryUserError>,
}

/// What came of deleting a category.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct CategoryDeletePayload {
    /// The id of the category that is gone; null when the deletion was refused.
    deleted_category_id: Option<ID>,
    /// Why the deletion was refused; empty when it was made.
    user_errors: Vec<CategoryUserError>,
}

#[Object]
impl CategoryMutation {
    /// Creates a category. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn category_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category.")] input: CategoryCreateInput,
    ) -> Option<Result<CategoryCreatePayload>> {
        Some(create(ctx, input).await)
    }

    /// Changes a category, or moves it with all that is below it. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn category_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category and what changes.")] input: CategoryUpdateInput,
    ) -> Option<Result<CategoryUpdatePayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a category that has neither products nor categories below it. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn category_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category.")] input: CategoryDeleteInput,
    ) -> Option<Result<CategoryDeletePayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn create(ctx: &Context<'_>, input: CategoryCreateInput) -> Result<CategoryCreatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let category = NewCategory {
        parent_id: input.parent_id.map(|id| request.shared.ids.expect(Kind::Category, &id)).transpose()?,
        slug: input.slug,
        name: input.name,
        description: input.description,
        position: input.position,
    };
    let outcome = request.write(|| write::create(&request.routing, category.clone())).await?;
    Ok(match outcome {
        Ok(id) => {
            CategoryCreatePayload { category: read_back(Category::fetch(request, id)).await?, ..Default::default() }
        }
        Err(refusals) => CategoryCreatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn update(ctx: &Context<'_>, input: CategoryUpdateInput) -> Result<CategoryUpdatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let ids = &request.shared.ids;
    let parent_id = match input.parent_id {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(id) => Some(Some(ids.expect(Kind::Category, &id)?)),
    };
    let change = CategoryChange {
        id: ids.expect(Kind::Category, &input.id)?,
        version: input.version.map(|version| version.0),
        parent_id,
        slug: input.slug,
        name: input.name,
        description: input.description,
        position: input.position,
    };
    let outcome = request.write(|| write::update(&request.routing, change.clone())).await?;
    Ok(match outcome {
        Ok(id) => {
            CategoryUpdatePayload { category: read_back(Category::fetch(request, id)).await?, ..Default::default() }
        }
        Err(refusals) => CategoryUpdatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn delete(ctx: &Context<'_>, input: CategoryDeleteInput) -> Result<CategoryDeletePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let id = request.shared.ids.expect(Kind::Category, &input.id)?;
    let outcome = request.write(|| write::delete(&request.routing, id, input.version.map(|version| version.0))).await?;
    Ok(match outcome {
        Ok(id) => {
            CategoryDeletePayload { deleted_category_id: Some(plain_id(Kind::Category, id)), ..Default::default() }
        }
        Err(refusals) => CategoryDeletePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

fn user_errors(refusals: Vec<Refusal>) -> Vec<CategoryUserError> {
    refusals.into_iter().map(Into::into).collect()
}
