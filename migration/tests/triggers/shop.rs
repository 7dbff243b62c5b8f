//! Rows to begin with, and short ways to write and read a database in SQL.

use sea_orm_migration::sea_orm::prelude::{DateTimeUtc, Json};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

pub(crate) const EPOCH: DateTimeUtc = DateTimeUtc::UNIX_EPOCH;

/// Runs one statement; both databases understand `$1`.
pub(crate) async fn try_run(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.map(|_| ())
}

pub(crate) async fn run(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) {
    try_run(db, sql, values).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

pub(crate) async fn rows(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Vec<QueryResult> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// What the triggers keep of a product.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) version: i64,
    pub(crate) prices: Option<(i64, i64)>,
    pub(crate) in_stock: bool,
}

pub(crate) async fn product(db: &impl ConnectionTrait, id: Uuid) -> Product {
    let sql = "SELECT version, min_price, max_price, in_stock FROM products WHERE id = $1";
    let found = rows(db, sql, [id.into()]).await;
    let row = found.first().expect("the product is there");
    let lowest: Option<i64> = row.try_get("", "min_price").expect("a number or null");
    let highest: Option<i64> = row.try_get("", "max_price").expect("a number or null");
    Product {
        version: row.try_get("", "version").expect("a number"),
        prices: lowest.zip(highest),
        in_stock: row.try_get("", "in_stock").expect("a flag"),
    }
}

/// The version of the row of `table` that has this id in `key`.
pub(crate) async fn version_in(db: &impl ConnectionTrait, table: &str, key: &str, id: Uuid) -> i64 {
    let found = rows(db, &format!("SELECT version FROM {table} WHERE {key} = $1"), [id.into()]).await;
    found.first().expect("the row is there").try_get("", "version").expect("a number")
}

pub(crate) async fn version(db: &impl ConnectionTrait, table: &str, id: Uuid) -> i64 {
    version_in(db, table, "id", id).await
}

pub(crate) async fn stock_version(db: &impl ConnectionTrait, product: Uuid) -> i64 {
    version_in(db, "product_stock", "product_id", product).await
}

pub(crate) async fn new_store(db: &impl ConnectionTrait) -> Uuid {
    let id = Uuid::now_v7();
    let sql = "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at)
               VALUES ($1, $2, 'Shop', 'EUR', $3, $3)";
    run(db, sql, [id.into(), format!("shop-{id}").into(), EPOCH.into()]).await;
    id
}

pub(crate) async fn new_category(db: &impl ConnectionTrait, parent: Option<Uuid>) -> Uuid {
    let id = Uuid::now_v7();
    let sql = "INSERT INTO categories (id, parent_id, slug, name, created_at, updated_at)
               VALUES ($1, $2, $3, 'Shoes', $4, $4)";
    run(db, sql, [id.into(), parent.into(), format!("shoes-{id}").into(), EPOCH.into()]).await;
    id
}

pub(crate) async fn new_product(db: &impl ConnectionTrait, store: Uuid) -> Uuid {
    let id = Uuid::now_v7();
    let sql = "INSERT INTO products (id, store_id, slug, name, status, currency_code, created_at, updated_at)
               VALUES ($1, $2, $3, 'Boot', 'ACTIVE', 'EUR', $4, $4)";
    run(db, sql, [id.into(), store.into(), format!("boot-{id}").into(), EPOCH.into()]).await;
    id
}

pub(crate) async fn try_new_sku(
    db: &impl ConnectionTrait,
    product: Uuid,
    size: &str,
    code: Option<&str>,
    price: i64,
) -> Result<Uuid, DbErr> {
    let id = Uuid::now_v7();
    let sql = "INSERT INTO skus (id, product_id, code, option_values, price, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $6)";
    let values = Json::Array(vec![Json::String(size.into())]);
    let values: [Value; 6] = [id.into(), product.into(), code.into(), values.into(), price.into(), EPOCH.into()];
    try_run(db, sql, values).await.map(|()| id)
}

pub(crate) async fn new_sku(db: &impl ConnectionTrait, product: Uuid, size: &str, price: i64) -> Uuid {
    try_new_sku(db, product, size, None, price).await.expect("the sku is new")
}

pub(crate) async fn new_stock(db: &impl ConnectionTrait, sku: Uuid, product: Uuid, quantity: i32) {
    let sql = "INSERT INTO stock (sku_id, product_id, quantity, updated_at) VALUES ($1, $2, $3, $4)";
    run(db, sql, [sku.into(), product.into(), quantity.into(), EPOCH.into()]).await;
}

pub(crate) async fn set_stock(db: &impl ConnectionTrait, sku: Uuid, quantity: i32) {
    run(db, "UPDATE stock SET quantity = $2 WHERE sku_id = $1", [sku.into(), quantity.into()]).await;
}

pub(crate) async fn move_sku(db: &impl ConnectionTrait, sku: Uuid, to: Uuid) {
    run(db, "UPDATE skus SET product_id = $2 WHERE id = $1", [sku.into(), to.into()]).await;
}

pub(crate) async fn delete(db: &impl ConnectionTrait, table: &str, id: Uuid) {
    run(db, &format!("DELETE FROM {table} WHERE id = $1"), [id.into()]).await;
}
