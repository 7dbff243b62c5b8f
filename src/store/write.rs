//! The rules of writing stores: what is checked, in which order, and what is refused.

use iso_currency::Currency;
use sea_orm::{DbErr, Set};
use uuid::Uuid;

use super::entity::ActiveModel;
use super::repo;
use crate::db::{Routing, now, set};
use crate::refusal::{Abort, Checks, LONGEST_DESCRIPTION, LONGEST_NAME, Refusal, check_version};

/// A store to be created.
#[derive(Clone)]
pub struct NewStore {
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub currency: Currency,
}

/// A change of a store; what is `None` stays. The currency is not among it: the products of the store carry it.
#[derive(Clone)]
pub struct StoreChange {
    pub id: Uuid,
    pub version: Option<i64>,
    pub slug: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
}

/// Creates a store and gives its id.
pub async fn create(routing: &Routing, store: NewStore) -> Result<Uuid, Abort> {
    let NewStore { slug, name, description, currency } = store;
    check(Some(&slug), Some(&name), description.as_deref())?;

    let tx = routing.begin_write("storeCreate").await?;
    let id = Uuid::now_v7();
    if repo::slug_is_taken(&tx, &slug, id).await? {
        return Err(Refusal::taken("slug", &slug).into());
    }
    let now = now();
    let row = ActiveModel {
        id: Set(id),
        slug: Set(slug.clone()),
        name: Set(name),
        description: Set(description.unwrap_or_default()),
        currency_code: Set(currency.code().to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    repo::insert(&tx, row).await.map_err(|error| refuse_violation(error, &slug))?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a store and gives its id.
pub async fn update(routing: &Routing, change: StoreChange) -> Result<Uuid, Abort> {
    let StoreChange { id, version, slug, name, description } = change;
    check(slug.as_deref(), name.as_deref(), description.as_deref())?;

    let tx = routing.begin_write("storeUpdate").await?;
    let Some(row) = repo::lock(&tx, id).await? else { return Err(Refusal::not_found("id", "store").into()) };
    check_version(version, row.version)?;
    if let Some(slug) = &slug
        && repo::slug_is_taken(&tx, slug, id).await?
    {
        return Err(Refusal::taken("slug", slug).into());
    }
    let slug_text = slug.clone().unwrap_or_default();
    let changes = ActiveModel {
        slug: set(slug),
        name: set(name),
        description: set(description),
        updated_at: Set(now()),
        ..Default::default()
    };
    repo::update(&tx, id, changes).await.map_err(|error| refuse_violation(error, &slug_text))?;
    tx.commit().await?;
    Ok(id)
}

fn check(slug: Option<&str>, name: Option<&str>, description: Option<&str>) -> Result<(), Abort> {
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
    checks.done()
}

fn refuse_violation(error: DbErr, slug: &str) -> Abort {
    Abort::from_violation(error, |violation| {
        violation.is_unique("stores", &["slug"]).then(|| Refusal::taken("slug", slug))
    })
}
