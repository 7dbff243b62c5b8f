//! All SQL of products.

mod block;
mod branch;
mod dialect;
mod facet;
mod filter;
mod search;

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult, QuerySelect, Statement,
};
use uuid::Uuid;

use self::search::Looked;
use super::entity::{ActiveModel, Column, Entity, Model};
use super::filter::ProductFilter;
use super::listing::{ProductListing, ProductParent, ProductSort, Visible};
use super::loader::Depth;
use super::node::{ProductDetails, ProductNode, details_record};
use super::search::Search;
use crate::cache::Beside;
use crate::category::{category_beside, read_category_beside};
use crate::db::{Beyond, Columns, Connection, List, Parents, Ranking, Sql, Window, records_by_id};
use crate::error::Result;
use crate::graphql::Page;
use crate::sku::{Skus, read_skus, skus_by_product, skus_column};
use crate::stock::{COUNTED_VERSION, StockNode};
use crate::store::{read_store_beside, store_beside};

pub use facet::count_facets;
pub use search::{similar_words, suggested, words_found};

/// What is read for a depth, for [`read`].
fn columns(backend: DbBackend, depth: Depth) -> String {
    let mut columns = ProductNode::columns(backend, depth.details);
    let mut add = |more: &str| columns.extend([", ", more]);
    if depth.skus {
        add(&skus_column(backend, "t.id", depth));
    }
    if depth.stock_version {
        add(COUNTED_VERSION);
    }
    if depth.store {
        add(&store_beside(backend));
    }
    if depth.category {
        add(&category_beside(backend));
    }
    columns
}

/// Reads what [`columns`] selects; what comes with the product is kept beside it.
fn read(columns: &mut Columns<'_>, depth: Depth, beside: &Beside) -> Result<ProductNode> {
    let mut node = ProductNode::read(columns, depth.details)?;
    let below = if depth.skus { Some(read_skus(columns)?) } else { None };
    let version = if depth.stock_version { columns.take()? } else { 0 };
    if let Some(below) = below {
        put_below(&mut node, below, depth, version, beside);
    }
    if depth.store
        && let Some(store) = read_store_beside(columns)?
    {
        beside.keep(store);
    }
    if depth.category
        && let Some(category) = read_category_beside(columns)?
    {
        beside.keep(category);
    }
    Ok(node)
}

/// Puts skus into their product, and what of them is counted beside it.
fn put_below(node: &mut ProductNode, below: Skus, depth: Depth, stock_version: i64, beside: &Beside) {
    node.skus = Some(below.skus);
    if depth.stock {
        beside.keep(StockNode::new(node.row.id, stock_version, below.counted));
    }
}

/// Products by id with what is wanted below them, all in one statement.
pub async fn by_ids(
    db: &Connection,
    ids: &[Uuid],
    depth: Depth,
    beside: &Beside,
) -> Result<HashMap<Uuid, Arc<ProductNode>>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT ").push(&columns(backend, depth)).push(" FROM products t");
    sql.push(" WHERE ").key_any_of("t.id", ids);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| read(&mut Columns::of(row), depth, beside).map(|node| (node.row.id, Arc::new(node))))
        .collect()
}

/// What cards do not show of products, by their ids.
pub async fn details(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<ProductDetails>>> {
    Ok(records_by_id(db, ("products", "t"), &details_record(db.get_database_backend()), ids).await?)
}

/// The ids of products by slug.
pub async fn ids_by_slugs(db: &Connection, slugs: &[String]) -> Result<HashMap<String, Uuid>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT t.slug, t.id FROM products t WHERE ").key_any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| Ok((row.try_get("", "slug")?, row.try_get("", "id")?))).collect()
}

/// Products by slug with what is wanted below them, all in one statement.
pub async fn by_slugs(
    db: &Connection,
    slugs: &[String],
    depth: Depth,
    beside: &Beside,
) -> Result<HashMap<String, Arc<ProductNode>>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT ").push(&columns(backend, depth)).push(" FROM products t");
    sql.push(" WHERE ").key_any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| read(&mut Columns::of(row), depth, beside).map(|node| (node.row.slug.clone(), Arc::new(node))))
        .collect()
}

/// The pages of lists that differ in nothing but their parent, by the parent's id (nil without parents). One statement, one
/// more for what lies below the products, and one for each end of the window beyond which it must be known whether there are rows.
pub async fn pages(
    db: &Connection,
    listing: &ProductListing,
    parents: &[Uuid],
    window: &Window,
    depth: Depth,
    beside: &Beside,
) -> Result<HashMap<Uuid, Page<Arc<ProductNode>>>> {
    let backend = db.get_database_backend();
    let rows = db.query_all_raw(page_statement(backend, listing, parents, window, depth)).await?;
    let read = |row| {
        let mut node = read(&mut Columns::of(row), depth_of_row(depth), beside)?;
        if listing.sort == ProductSort::Relevance {
            node.rank = row.try_get("", "rank")?;
        }
        Ok((parent_of(row, listing)?, node))
    };
    let read: Vec<(Uuid, ProductNode)> = rows.iter().map(read).collect::<Result<_>>()?;
    let mut below = HashMap::new();
    if depth.skus && !read.is_empty() {
        let mut ids: Vec<Uuid> = read.iter().map(|(_, node)| node.row.id).collect();
        // A product is in the pages of all categories above its own.
        ids.sort_unstable();
        ids.dedup();
        below = skus_by_product(db, &ids, depth).await?;
    }
    let mut nodes: HashMap<Uuid, Vec<Arc<ProductNode>>> = HashMap::new();
    for (parent, mut node) in read {
        if depth.skus {
            let Skus { skus, counted } = below.entry(node.row.id).or_default();
            // Its stock is beside it since it was met first.
            let with = Depth { stock: depth.stock && !beside.has::<StockNode>(node.row.id), ..depth };
            put_below(&mut node, Skus { skus: skus.clone(), counted: std::mem::take(counted) }, with, 0, beside);
        }
        nodes.entry(parent).or_default().push(Arc::new(node));
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
    depth: Depth,
) -> Statement {
    with_list(listing, parents, |list| list.page(backend, &columns(backend, depth_of_row(depth)), window))
}

/// What comes with the rows of a page: not what lies below each of them, which is a statement of its own.
fn depth_of_row(depth: Depth) -> Depth {
    Depth { skus: false, stock: false, ..depth }
}

/// How many products each list has, counted up to `most` where that is given.
pub async fn counts(
    db: &Connection,
    listing: &ProductListing,
    parents: &[Uuid],
    most: Option<u32>,
) -> Result<HashMap<Uuid, u32>> {
    // In whichever order they are as many.
    let sort = if listing.search.is_some() { ProductSort::Relevance } else { listing.sort };
    let listing = &ProductListing { sort, ..listing.clone() };
    let statement = with_list(listing, parents, |list| list.count(db.get_database_backend(), most));
    let rows = db.query_all_raw(statement).await?;
    let mut counts: HashMap<Uuid, u32> = parents.iter().map(|parent| (*parent, 0)).collect();
    for row in &rows {
        let total = row.try_get::<i64>("", "total")?.try_into().unwrap_or(u32::MAX);
        counts.insert(parent_of(row, listing)?, total.min(most.unwrap_or(u32::MAX)));
    }
    Ok(counts)
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
        restrict(sql, listing, &[&listing.filter]);
        if let Some(search) = listing.search.as_deref().filter(|_| listing.sort != ProductSort::Relevance) {
            let looked = if listing.parent.is_some() { Looked::ForEachParent } else { Looked::Once };
            search::found(sql, search, looked);
        }
    };
    let of_search = |append: fn(&mut Sql, &Search)| {
        move |sql: &mut Sql| listing.search.as_deref().into_iter().for_each(|search| append(sql, search))
    };
    let (condition, rank) = (of_search(search::matches), of_search(search::rank));
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
        ranking: (listing.sort == ProductSort::Relevance).then_some(Ranking {
            words: search::WORDS,
            alone: (listing.parent.is_none() && listing.filter.is_everything()).then_some(match listing.visible {
                Visible::All => "",
                Visible::ActiveOnly => " AND s.status = 'ACTIVE'",
            }),
            condition: &condition,
            rank: &rank,
            most: search::MOST_RANKED,
        }),
        descending: listing.descending,
        conditions: &conditions,
    })
}

/// Appends which products a list holds beside those of its parent, each condition with a leading `AND`; `filters` stand for its own.
fn restrict(sql: &mut Sql, listing: &ProductListing, filters: &[&ProductFilter]) {
    if listing.visible == Visible::ActiveOnly {
        sql.push(" AND t.status = 'ACTIVE'");
    }
    for filter in filters {
        sql.push(" AND ");
        filter::append(sql, filter);
    }
}

/// The column of an order: never null, and led by it are the indexes.
fn sort_column(sort: ProductSort) -> &'static str {
    match sort {
        ProductSort::CreatedAt => "created_at",
        ProductSort::Name => "name_key",
        ProductSort::Price => "price_key",
        ProductSort::Relevance => "rank",
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
