//! All SQL of products.

mod filter;

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    QuerySelect, Statement,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model, ProductStatus};
use super::listing::{ProductListing, ProductParent, ProductSort, Visible};
use crate::db::{Beyond, Connection, List, Parents, Sql, Window};
use crate::error::Result;
use crate::graphql::{MOST_COUNTED, Page};
use crate::sku::{SkuNode, read_skus, skus_json};

/// A resolved product: its row and, where they were asked for, its skus. One value serves every viewer; who may see it is
/// decided when it is handed out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductNode {
    pub row: Model,
    pub skus: Option<Vec<Arc<SkuNode>>>,
}

impl ProductNode {
    /// Whether it is for everyone.
    pub fn is_public(&self) -> bool {
        self.row.status == ProductStatus::Active
    }

    /// The columns of a product under the alias `t`, for [`from_row`](Self::from_row).
    pub const COLUMNS: &str = "t.id, t.store_id, t.category_id, t.slug, t.name, t.name_key, t.description, t.status, \
         t.currency_code, t.options, t.tags, t.images, t.min_price, t.max_price, t.price_key, t.in_stock, t.version, \
         t.created_at, t.updated_at";

    pub fn from_row(row: &QueryResult, skus: Option<Vec<Arc<SkuNode>>>) -> Result<Self> {
        Ok(Self { row: Model::from_query_result(row, "")?, skus })
    }

    fn read(row: &QueryResult, with_skus: bool) -> Result<Arc<Self>> {
        let skus = if with_skus { Some(read_skus(row)?) } else { None };
        Ok(Arc::new(Self::from_row(row, skus)?))
    }
}

fn columns(backend: DbBackend, with_skus: bool) -> String {
    let mut columns = ProductNode::COLUMNS.to_owned();
    if with_skus {
        columns.push_str(", ");
        columns.push_str(&skus_json(backend));
    }
    columns
}

/// Products by id, skus included where wanted: one statement.
pub async fn by_ids(db: &Connection, ids: &[Uuid], with_skus: bool) -> Result<HashMap<Uuid, Arc<ProductNode>>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT ").push(&columns(backend, with_skus)).push(" FROM products t WHERE ").any_of("t.id", ids);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| ProductNode::read(row, with_skus).map(|node| (node.row.id, node))).collect()
}

/// The ids of products by slug.
pub async fn ids_by_slugs(db: &Connection, slugs: &[String]) -> Result<HashMap<String, Uuid>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT t.slug, t.id FROM products t WHERE ").any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| Ok((row.try_get("", "slug")?, row.try_get("", "id")?))).collect()
}

/// Products by slug, skus included where wanted.
pub async fn by_slugs(db: &Connection, slugs: &[String], with_skus: bool) -> Result<HashMap<String, Arc<ProductNode>>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT ")
        .push(&columns(backend, with_skus))
        .push(" FROM products t WHERE ")
        .any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| ProductNode::read(row, with_skus).map(|node| (node.row.slug.clone(), node))).collect()
}

/// The pages of lists that differ in nothing but their parent, by the parent's id (nil without parents). One statement, and one
/// more for each end of the window beyond which it must be known whether there are rows.
pub async fn pages(
    db: &Connection,
    listing: &ProductListing,
    parents: &[Uuid],
    window: &Window,
    with_skus: bool,
) -> Result<HashMap<Uuid, Page<Arc<ProductNode>>>> {
    let backend = db.get_database_backend();
    let rows = db.query_all_raw(page_statement(backend, listing, parents, window, with_skus)).await?;
    let mut nodes: HashMap<Uuid, Vec<Arc<ProductNode>>> = HashMap::new();
    for row in &rows {
        nodes.entry(parent_of(row, listing)?).or_default().push(ProductNode::read(row, with_skus)?);
    }
    let beyond_start = beyond(db, listing, parents, window, Beyond::Start).await?;
    let beyond_end = beyond(db, listing, parents, window, Beyond::End).await?;
    let whole_shop = [Uuid::nil()];
    let parents = if listing.parent.is_some() { parents } else { &whole_shop };
    Ok(parents
        .iter()
        .map(|parent| {
            let found = |beyond: &HashMap<Uuid, bool>| beyond.get(parent).copied().unwrap_or_default();
            let nodes = nodes.remove(parent).unwrap_or_default();
            (*parent, Page::new(nodes, window, found(&beyond_start), found(&beyond_end)))
        })
        .collect())
}

/// The statement behind [`pages`].
pub fn page_statement(
    backend: DbBackend,
    listing: &ProductListing,
    parents: &[Uuid],
    window: &Window,
    with_skus: bool,
) -> Statement {
    with_list(listing, parents, |list| list.page(backend, &columns(backend, with_skus), window))
}

/// How many products each list has, counted up to one more than [`MOST_COUNTED`].
pub async fn counts(db: &Connection, listing: &ProductListing, parents: &[Uuid]) -> Result<HashMap<Uuid, u32>> {
    let statement = with_list(listing, parents, |list| list.count(db.get_database_backend(), MOST_COUNTED + 1));
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| Ok((parent_of(row, listing)?, row.try_get::<i64>("", "total")?.try_into().unwrap_or(u32::MAX))))
        .collect()
}

async fn beyond(
    db: &Connection,
    listing: &ProductListing,
    parents: &[Uuid],
    window: &Window,
    end: Beyond,
) -> Result<HashMap<Uuid, bool>> {
    let Some(position) = window.must_look_beyond(end) else { return Ok(HashMap::new()) };
    let statement = with_list(listing, parents, |list| list.beyond(db.get_database_backend(), position, end));
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((parent_of(row, listing)?, row.try_get("", "found")?))).collect()
}

fn parent_of(row: &QueryResult, listing: &ProductListing) -> Result<Uuid> {
    if listing.parent.is_none() { Ok(Uuid::nil()) } else { Ok(row.try_get("", "parent_id")?) }
}

fn with_list<T>(listing: &ProductListing, parents: &[Uuid], use_list: impl FnOnce(List<'_>) -> T) -> T {
    let conditions = |sql: &mut Sql| {
        if listing.visible == Visible::ActiveOnly {
            sql.push(" AND t.status = 'ACTIVE'");
        }
        sql.push(" AND ");
        filter::append(sql, &listing.filter);
    };
    use_list(List {
        table: "products",
        parents: match listing.parent {
            None => Parents::None,
            Some(ProductParent::Store(_)) => Parents::Column("store_id", parents),
            Some(ProductParent::Category { with_descendants: false, .. }) => Parents::Column("category_id", parents),
            Some(ProductParent::Category { with_descendants: true, .. }) => {
                Parents::CategoryTree("category_id", parents)
            }
        },
        key_column: None,
        sort_column: sort_column(listing.sort),
        descending: listing.descending,
        conditions: &conditions,
    })
}

/// The column of an order: never null, and led by it are the indexes.
fn sort_column(sort: ProductSort) -> &'static str {
    match sort {
        ProductSort::CreatedAt => "created_at",
        ProductSort::Name => "name_key",
        ProductSort::Price => "price_key",
    }
}

/// The row, locked until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Whether another product than this one has the slug.
pub async fn slug_is_taken(db: &impl ConnectionTrait, slug: &str, by_other_than: Uuid) -> Result<bool, DbErr> {
    let other = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Slug.eq(slug))
        .filter(Column::Id.ne(by_other_than))
        .into_tuple::<Uuid>()
        .one(db)
        .await?;
    Ok(other.is_some())
}

pub async fn insert(db: &impl ConnectionTrait, product: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(product).exec_without_returning(db).await.map(|_| ())
}

pub async fn update(db: &impl ConnectionTrait, id: Uuid, changes: ActiveModel) -> Result<(), DbErr> {
    Entity::update_many().set(changes).filter(Column::Id.eq(id)).exec(db).await.map(|_| ())
}

pub async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await.map(|_| ())
}
