//! All SQL of categories.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult, QuerySelect, Statement,
};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use super::listing::CategoryListing;
use crate::db::{Beyond, Columns, Connection, List, Parents, Sql, Window, WriteTransaction, record};
use crate::error::Result;
use crate::graphql::Page;

/// The columns of a category under the alias `t`, for [`read`].
const COLUMNS: &str =
    "t.id, t.parent_id, t.slug, t.name, t.description, t.position, t.version, t.created_at, t.updated_at";

/// A column of the category of the product under the alias `t`, for [`read_beside`].
pub fn beside(backend: DbBackend) -> String {
    let columns = match backend {
        DbBackend::Sqlite => {
            "lower(hex(c.id)), CASE WHEN c.parent_id IS NOT NULL THEN lower(hex(c.parent_id)) END, c.slug, c.name, \
             c.description, c.position, c.version, c.created_at, c.updated_at"
        }
        _ => "c.id, c.parent_id, c.slug, c.name, c.description, c.position, c.version, c.created_at, c.updated_at",
    };
    format!("(SELECT {} FROM categories c WHERE c.id = t.category_id)", record(backend, columns))
}

/// The category in the next column; `None` of a product that has none.
pub fn read_beside(columns: &mut Columns<'_>) -> Result<Option<Arc<Model>>> {
    Ok(columns.take_record()?)
}

fn read(row: &QueryResult) -> Result<Arc<Model>> {
    let mut columns = Columns::of(row);
    Ok(Arc::new(Model {
        id: columns.take()?,
        parent_id: columns.take()?,
        slug: columns.take()?,
        name: columns.take()?,
        description: columns.take()?,
        position: columns.take()?,
        version: columns.take()?,
        created_at: columns.take()?,
        updated_at: columns.take()?,
    }))
}

/// Categories by id.
pub async fn by_ids(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM categories t WHERE ").key_any_of("t.id", ids);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| read(row).map(|category| (category.id, category))).collect()
}

/// Categories by slug.
pub async fn by_slugs(db: &Connection, slugs: &[String]) -> Result<HashMap<String, Arc<Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM categories t WHERE ").key_any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| read(row).map(|category| (category.slug.clone(), category))).collect()
}

/// The categories directly below each of these, in their order.
pub async fn children(db: &Connection, parents: &[Uuid]) -> Result<HashMap<Uuid, Vec<Arc<Model>>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM categories t WHERE ").key_any_of("t.parent_id", parents);
    sql.push(" ORDER BY t.position, t.id");
    let rows = db.query_all_raw(sql.build()).await?;
    let mut children: HashMap<Uuid, Vec<Arc<Model>>> = HashMap::new();
    for row in &rows {
        let child = read(row)?;
        if let Some(parent) = child.parent_id {
            children.entry(parent).or_default().push(child);
        }
    }
    Ok(children)
}

/// The categories above each of these, root first. Each row is read once, however many of these it is above.
pub async fn ancestors(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Arc<Model>>>> {
    let mut sql = Sql::new(db.get_database_backend());
    upwards(&mut sql, ids).push("SELECT ").push(COLUMNS).push(" FROM up JOIN categories t ON t.id = up.id");
    let rows = db.query_all_raw(sql.build()).await?;
    let by_id = rows.iter().map(|row| read(row).map(|row| (row.id, row))).collect::<Result<HashMap<_, _>>>()?;
    let above = |category: &Arc<Model>| by_id.get(&category.parent_id?).cloned();
    Ok(ids
        .iter()
        .filter_map(|id| {
            // Nothing has more ancestors than there are rows: this ends on a cycle, should one exist.
            let mut path: Vec<_> = std::iter::successors(above(by_id.get(id)?), above).take(by_id.len()).collect();
            path.reverse();
            Some((*id, path))
        })
        .collect())
}

/// A page of a list. One statement, and one more for each end of the window beyond which it must be known whether there are rows.
pub async fn page(db: &Connection, listing: CategoryListing, window: &Window) -> Result<Page<Arc<Model>>> {
    let statement = page_statement(db.get_database_backend(), listing.roots_only, window);
    let rows = db.query_all_raw(statement).await?;
    let categories = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let beyond_start = beyond(db, listing, window, Beyond::Start).await?;
    let beyond_end = beyond(db, listing, window, Beyond::End).await?;
    Ok(Page::new(categories, window, beyond_start, beyond_end))
}

/// How many categories a list has, counted up to `most` where that is given.
pub async fn count(db: &Connection, listing: CategoryListing, most: Option<u32>) -> Result<u32> {
    let statement = list(listing).count(db.get_database_backend(), most);
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(0) };
    Ok(row.try_get::<i64>("", "total")?.try_into().unwrap_or(u32::MAX))
}

async fn beyond(db: &Connection, listing: CategoryListing, window: &Window, end: Beyond) -> Result<bool> {
    let Some(position) = window.must_look_beyond(end) else { return Ok(false) };
    let statement = list(listing).beyond(db.get_database_backend(), position, end);
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(false) };
    Ok(row.try_get("", "found")?)
}

/// The statement behind [`page`].
pub fn page_statement(backend: DbBackend, roots_only: bool, window: &Window) -> Statement {
    list(CategoryListing { roots_only }).page(backend, COLUMNS, window)
}

fn list(listing: CategoryListing) -> List<'static> {
    fn all(_: &mut Sql) {}
    fn roots(sql: &mut Sql) {
        sql.push(" AND t.parent_id IS NULL");
    }
    List {
        table: "categories",
        parents: Parents::None,
        key_column: None,
        sort_column: "position",
        ranking: None,
        descending: false,
        conditions: if listing.roots_only { &roots } else { &all },
    }
}

/// Begins a statement with `up`: these categories and all above them. `UNION` ends on a cycle, should one exist.
fn upwards<'a>(sql: &'a mut Sql, ids: &[Uuid]) -> &'a mut Sql {
    sql.push("WITH RECURSIVE up (id, parent_id) AS (SELECT c.id, c.parent_id FROM categories c WHERE ");
    sql.any_of("c.id", ids);
    sql.push(" UNION SELECT c.id, c.parent_id FROM up JOIN categories c ON c.id = up.parent_id) ")
}

/// Makes this transaction the only writer of categories until it ends; readers, and products that hold a category, go on.
///
/// Locks on rows would not do: a category that another transaction inserts below a moved one has no row to lock yet. On SQLite
/// a write transaction is the only one anyway.
pub async fn lock_tree(tx: &WriteTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// The row; under [`lock_tree`] nobody else changes it.
pub async fn by_id(tx: &WriteTransaction, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(tx).await
}

/// Whether there is such a category; if so, it cannot be deleted before the transaction ends.
pub async fn hold(tx: &WriteTransaction, id: Uuid) -> Result<bool, DbErr> {
    let category = Entity::find_by_id(id)
        .select_only()
        .column(Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple::<Uuid>()
        .one(tx)
        .await?;
    Ok(category.is_some())
}

/// The category and all above it; empty when there is no such category.
pub async fn path_to_root(tx: &WriteTransaction, id: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let mut sql = Sql::new(tx.get_database_backend());
    upwards(&mut sql, &[id]).push("SELECT id FROM up");
    let rows = tx.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// How many levels the tree below a category has, its own among them, counted up to one more than `most`.
pub async fn levels(tx: &WriteTransaction, id: Uuid, most: usize) -> Result<usize, DbErr> {
    let mut sql = Sql::new(tx.get_database_backend());
    sql.push("WITH RECURSIVE below (id, level) AS (SELECT c.id, 1 FROM categories c WHERE c.id = ").bind(id);
    sql.push(" UNION SELECT c.id, below.level + 1 FROM below JOIN categories c ON c.parent_id = below.id");
    sql.push(" WHERE below.level <= ").bind(most as i64);
    sql.push(") SELECT CAST(coalesce(max(level), 0) AS bigint) AS levels FROM below");
    let Some(row) = tx.query_one_raw(sql.build()).await? else { return Ok(0) };
    Ok(row.try_get::<i64>("", "levels")?.try_into().unwrap_or_default())
}

/// How many categories are directly below a category, and how many products are filed there, each counted up to `most`.
pub async fn count_uses(tx: &WriteTransaction, id: Uuid, most: i64) -> Result<(i64, i64), DbErr> {
    let mut sql = Sql::new(tx.get_database_backend());
    for (start, table, column) in [("SELECT ", "categories", "parent_id"), (", ", "products", "category_id")] {
        sql.push(start).push("(SELECT count(*) FROM (SELECT 1 FROM ").push(table).push(" WHERE ").push(column);
        sql.push(" = ").bind(id).push(" LIMIT ").bind(most).push(") counted) AS ").push(table);
    }
    let Some(row) = tx.query_one_raw(sql.build()).await? else { return Ok((0, 0)) };
    Ok((row.try_get("", "categories")?, row.try_get("", "products")?))
}

/// The highest position among the categories below a parent, or among the roots.
pub async fn last_position(tx: &WriteTransaction, parent: Option<Uuid>) -> Result<Option<i32>, DbErr> {
    let siblings = match parent {
        Some(parent) => Column::ParentId.eq(parent),
        None => Column::ParentId.is_null(),
    };
    let last = Entity::find().select_only().column_as(Column::Position.max(), "last").filter(siblings);
    Ok(last.into_tuple::<Option<i32>>().one(tx).await?.flatten())
}

/// Whether another category than this one has the slug.
pub async fn slug_is_taken(tx: &WriteTransaction, slug: &str, by_other_than: Uuid) -> Result<bool, DbErr> {
    let other = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Slug.eq(slug))
        .filter(Column::Id.ne(by_other_than))
        .into_tuple::<Uuid>()
        .one(tx)
        .await?;
    Ok(other.is_some())
}

pub async fn insert(tx: &WriteTransaction, category: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(category).exec_without_returning(tx).await.map(|_| ())
}

pub async fn update(tx: &WriteTransaction, id: Uuid, changes: ActiveModel) -> Result<(), DbErr> {
    Entity::update_many().set(changes).filter(Column::Id.eq(id)).exec(tx).await.map(|_| ())
}

pub async fn delete(tx: &WriteTransaction, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(tx).await.map(|_| ())
}
