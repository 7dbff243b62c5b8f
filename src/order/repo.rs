//! All SQL of orders and their items.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Statement};
use uuid::Uuid;

use super::entity::Model;
use super::item;
use crate::db::{Beyond, Connection, List, Parents, Sql, Window};
use crate::error::Result;
use crate::graphql::{Owned, Page};

const COLUMNS: &str =
    "t.user_id, t.id, t.status, t.currency_code, t.total, t.version, t.placed_at, t.created_at, t.updated_at";

const ITEM_COLUMNS: &str =
    "t.user_id, t.order_id, t.id, t.sku_id, t.product_name, t.sku_label, t.quantity, t.unit_price, t.position";

pub async fn by_keys(db: &Connection, keys: &[Owned]) -> Result<HashMap<Owned, Arc<Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM orders t WHERE ");
    any_of(&mut sql, "(t.user_id, t.id)", keys);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let row = Model::from_query_result(row, "")?;
            Ok((Owned { user: row.user_id, id: row.id }, Arc::new(row)))
        })
        .collect()
}

/// The items of orders, in the order in which they are shown.
pub async fn items_of_orders(db: &Connection, orders: &[Owned]) -> Result<HashMap<Owned, Vec<Arc<item::Model>>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(ITEM_COLUMNS).push(" FROM order_items t WHERE ");
    any_of(&mut sql, "(t.user_id, t.order_id)", orders);
    sql.push(" ORDER BY t.position, t.id");
    let mut items: HashMap<Owned, Vec<Arc<item::Model>>> = HashMap::with_capacity(orders.len());
    for row in db.query_all_raw(sql.build()).await? {
        let row = item::Model::from_query_result(&row, "")?;
        items.entry(Owned { user: row.user_id, id: row.order_id }).or_default().push(Arc::new(row));
    }
    Ok(items)
}

/// Items by user and id: the index leads from the user to all their items, few enough to look through.
pub async fn items_by_keys(db: &Connection, keys: &[Owned]) -> Result<HashMap<Owned, Arc<item::Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(ITEM_COLUMNS).push(" FROM order_items t WHERE ");
    any_of(&mut sql, "(t.user_id, t.id)", keys);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let row = item::Model::from_query_result(row, "")?;
            Ok((Owned { user: row.user_id, id: row.id }, Arc::new(row)))
        })
        .collect()
}

/// The same page of the orders of each user. One statement, and one more for each end of the window beyond which it must be known
/// whether there are rows.
pub async fn pages(db: &Connection, users: &[Uuid], window: &Window) -> Result<HashMap<Uuid, Page<Arc<Model>>>> {
    let rows = db.query_all_raw(page_statement(db.get_database_backend(), users, window)).await?;
    let mut orders: HashMap<Uuid, Vec<Arc<Model>>> = HashMap::with_capacity(users.len());
    for row in &rows {
        orders.entry(parent_of(row)?).or_default().push(Arc::new(Model::from_query_result(row, "")?));
    }
    let beyond_start = beyond(db, users, window, Beyond::Start).await?;
    let beyond_end = beyond(db, users, window, Beyond::End).await?;
    Ok(users
        .iter()
        .map(|user| {
            let found = |beyond: &HashMap<Uuid, bool>| beyond.get(user).copied().unwrap_or_default();
            let orders = orders.remove(user).unwrap_or_default();
            (*user, Page::new(orders, window, found(&beyond_start), found(&beyond_end)))
        })
        .collect())
}

/// The statement behind [`pages`].
pub fn page_statement(backend: DbBackend, users: &[Uuid], window: &Window) -> Statement {
    list(users).page(backend, COLUMNS, window)
}

async fn beyond(db: &Connection, users: &[Uuid], window: &Window, end: Beyond) -> Result<HashMap<Uuid, bool>> {
    let Some(position) = window.must_look_beyond(end) else { return Ok(HashMap::new()) };
    let rows = db.query_all_raw(list(users).beyond(db.get_database_backend(), position, end)).await?;
    rows.iter().map(|row| Ok((parent_of(row)?, row.try_get("", "found")?))).collect()
}

/// How many orders each user has, counted up to `most` where that is given.
pub async fn counts(db: &Connection, users: &[Uuid], most: Option<u32>) -> Result<HashMap<Uuid, u32>> {
    let rows = db.query_all_raw(list(users).count(db.get_database_backend(), most)).await?;
    rows.iter()
        .map(|row| Ok((parent_of(row)?, row.try_get::<i64>("", "total")?.try_into().unwrap_or(u32::MAX))))
        .collect()
}

fn list(users: &[Uuid]) -> List<'_> {
    List {
        table: "orders",
        parents: Parents::Column("user_id", users),
        key_column: Some("user_id"),
        sort_column: "placed_at",
        ranking: None,
        descending: true,
        conditions: &|_| (),
    }
}

fn parent_of(row: &QueryResult) -> Result<Uuid> {
    Ok(row.try_get("", "parent_id")?)
}

/// Appends `(user, id) = any of the keys`, with as many parameters whatever their number: two arrays of uuids on Postgres, on
/// SQLite a JSON list of texts that each hold both ids in hexadecimal.
fn any_of(sql: &mut Sql, columns: &str, keys: &[Owned]) {
    sql.push(columns);
    match sql.backend() {
        DbBackend::Sqlite => {
            let pairs: Vec<String> =
                keys.iter().map(|key| format!("{}{}", key.user.simple(), key.id.simple())).collect();
            sql.push(" IN (SELECT unhex(substr(value, 1, 32)), unhex(substr(value, 33)) FROM json_each(");
            sql.bind(serde_json::Value::from(pairs).to_string()).push("))");
        }
        _ => {
            let (users, ids): (Vec<Uuid>, Vec<Uuid>) = keys.iter().map(|key| (key.user, key.id)).unzip();
            sql.push(" IN (SELECT * FROM unnest(").bind_ids(&users).push(", ").bind_ids(&ids).push("))");
        }
    }
}
