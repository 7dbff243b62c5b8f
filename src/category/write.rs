//! The rules of writing categories: what is checked, in which order, and what is refused.

use sea_orm::{DbErr, Set};
use uuid::Uuid;

use super::entity::ActiveModel;
use super::repo;
use crate::db::{Routing, WriteTransaction, now, set};
use crate::refusal::{Abort, Checks, LONGEST_DESCRIPTION, LONGEST_NAME, MOST_POSITION, Reason, Refusal, check_version};

/// The most levels of the tree; a root is on the first.
const MOST_LEVELS: usize = 10;
/// What still uses a category is counted up to this many.
const MOST_USES: i64 = 1_000;

/// A category to be created.
#[derive(Clone)]
pub struct NewCategory {
    /// `None` makes it a root.
    pub parent_id: Option<Uuid>,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    /// `None` puts it after its siblings.
    pub position: Option<i32>,
}

/// A change of a category; what is `None` stays.
#[derive(Clone)]
pub struct CategoryChange {
    pub id: Uuid,
    pub version: Option<i64>,
    /// `Some(None)` makes it a root.
    pub parent_id: Option<Option<Uuid>>,
    pub slug: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub position: Option<i32>,
}

/// Creates a category and gives its id.
pub async fn create(routing: &Routing, category: NewCategory) -> Result<Uuid, Abort> {
    let NewCategory { parent_id, slug, name, description, position } = category;
    check(Some(&slug), Some(&name), description.as_deref(), position)?;

    let tx = routing.begin_write("categoryCreate").await?;
    repo::lock_tree(&tx).await?;
    let id = Uuid::now_v7();
    if let Some(parent) = parent_id {
        check_place(&tx, id, 1, parent).await?;
    }
    if repo::slug_is_taken(&tx, &slug, id).await? {
        return Err(Refusal::taken("slug", &slug).into());
    }
    let position = match position {
        Some(position) => position,
        None => repo::last_position(&tx, parent_id).await?.map_or(0, |last| last.saturating_add(1).min(MOST_POSITION)),
    };
    let now = now();
    let row = ActiveModel {
        id: Set(id),
        parent_id: Set(parent_id),
        slug: Set(slug.clone()),
        name: Set(name),
        description: Set(description.unwrap_or_default()),
        position: Set(position),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    repo::insert(&tx, row).await.map_err(|error| refuse_violation(error, &slug))?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a category and gives its id.
pub async fn update(routing: &Routing, change: CategoryChange) -> Result<Uuid, Abort> {
    let CategoryChange { id, version, parent_id, slug, name, description, position } = change;
    check(slug.as_deref(), name.as_deref(), description.as_deref(), position)?;

    let tx = routing.begin_write("categoryUpdate").await?;
    // Even for a change of the name alone: a transaction that locked a row first could wait for one that locked the tree.
    repo::lock_tree(&tx).await?;
    let Some(row) = repo::by_id(&tx, id).await? else { return Err(Refusal::not_found("id", "category").into()) };
    check_version(version, row.version)?;
    if let Some(parent) = parent_id.flatten() {
        let levels = repo::levels(&tx, id, MOST_LEVELS).await?;
        check_place(&tx, id, levels, parent).await?;
    }
    if let Some(slug) = &slug
        && repo::slug_is_taken(&tx, slug, id).await?
    {
        return Err(Refusal::taken("slug", slug).into());
    }
    let slug_text = slug.clone().unwrap_or_default();
    let changes = ActiveModel {
        parent_id: set(parent_id),
        slug: set(slug),
        name: set(name),
        description: set(description),
        position: set(position),
        updated_at: Set(now()),
        ..Default::default()
    };
    repo::update(&tx, id, changes).await.map_err(|error| refuse_violation(error, &slug_text))?;
    tx.commit().await?;
    Ok(id)
}

/// Deletes a category that has neither categories below it nor products.
pub async fn delete(routing: &Routing, id: Uuid, version: Option<i64>) -> Result<Uuid, Abort> {
    let tx = routing.begin_write("categoryDelete").await?;
    repo::lock_tree(&tx).await?;
    let Some(row) = repo::by_id(&tx, id).await? else { return Err(Refusal::not_found("id", "category").into()) };
    check_version(version, row.version)?;
    let (children, products) = repo::count_uses(&tx, id, MOST_USES + 1).await?;
    if children > 0 || products > 0 {
        let message =
            format!("the category has {} categories below it and {} products", amount(children), amount(products));
        return Err(Refusal::new("id", Reason::InUse, message).into());
    }
    repo::delete(&tx, id).await.map_err(|error| {
        Abort::from_violation(error, |violation| {
            let message = "the category has been given products or categories in the meantime";
            violation.is_foreign_key().then(|| Refusal::new("id", Reason::InUse, message))
        })
    })?;
    tx.commit().await?;
    Ok(id)
}

fn amount(counted: i64) -> String {
    if counted > MOST_USES { format!("more than {MOST_USES}") } else { counted.to_string() }
}

fn check(
    slug: Option<&str>,
    name: Option<&str>,
    description: Option<&str>,
    position: Option<i32>,
) -> Result<(), Abort> {
    let mut checks = Checks::default();
    if let Some(slug) = slug {
        checks.slug("slug", slug);
    }
    if let Some(name) = name {
        checks.line("name", name, LONGEST_NAME);
    }
    if let Some(description) = description {
        checks.text("description", description, LONGEST_DESCRIPTION);
    }
    if let Some(position) = position {
        checks.position("position", position);
    }
    checks.done()
}

/// Whether a category with so many levels, its own among them, can be put below a parent.
async fn check_place(tx: &WriteTransaction, id: Uuid, levels: usize, parent: Uuid) -> Result<(), Abort> {
    let path = repo::path_to_root(tx, parent).await?;
    if path.is_empty() {
        return Err(Refusal::not_found("parentId", "category").into());
    }
    if path.contains(&id) {
        let message = "a category cannot be put below itself or below a category that is below it";
        return Err(Refusal::new("parentId", Reason::Invalid, message).into());
    }
    let levels = path.len() + levels;
    if levels > MOST_LEVELS {
        let message = format!("the tree would have {levels} levels here, over the maximum of {MOST_LEVELS}");
        return Err(Refusal::new("parentId", Reason::TooMany, message).into());
    }
    Ok(())
}

fn refuse_violation(error: DbErr, slug: &str) -> Abort {
    Abort::from_violation(error, |violation| {
        if violation.is_unique("categories", &["slug"]) {
            return Some(Refusal::taken("slug", slug));
        }
        violation.is_foreign_key().then(|| Refusal::not_found("parentId", "category"))
    })
}
