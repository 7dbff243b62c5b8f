//! Every change of what is cached is logged in its own transaction.

use sea_orm_migration::sea_orm::prelude::DateTimeUtc;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection};
use uuid::Uuid;

use crate::shop::{
    delete, new_category, new_product, new_sku, new_stock, new_store, product, rows, run, set_stock, stock_version,
    version,
};

crate::on_both!(
    stores_and_categories_are_logged,
    a_product_is_logged_with_each_version,
    a_change_of_stock_is_logged_apart_from_the_product,
    a_deleted_product_ends_with_its_stock_and_everything_it_owns,
    the_log_tells_the_time,
);

type Entry = (String, Uuid, i64);

async fn stores_and_categories_are_logged(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let category = new_category(db, None).await;
    let (store_version, category_version) =
        (version(db, "stores", store).await, version(db, "categories", category).await);
    assert_eq!(
        take_log(db).await,
        [entry("STORE", store, store_version), entry("CATEGORY", category, category_version)]
    );

    run(db, "UPDATE stores SET name = 'New'", []).await;
    run(db, "UPDATE categories SET name = 'New'", []).await;
    assert_eq!(
        take_log(db).await,
        [entry("STORE", store, store_version + 1), entry("CATEGORY", category, category_version + 1)]
    );

    delete(db, "stores", store).await;
    delete(db, "categories", category).await;
    assert_eq!(
        take_log(db).await,
        [entry("STORE", store, store_version + 2), entry("CATEGORY", category, category_version + 2)]
    );
}

async fn a_product_is_logged_with_each_version(db: &DatabaseConnection) {
    let store = new_store(db).await;
    take_log(db).await;

    let boots = new_product(db, store).await;
    let drawn = product(db, boots).await.version;
    assert_eq!(take_log(db).await, [entry("PRODUCT", boots, drawn)]);

    run(db, "UPDATE products SET name = 'New'", []).await;
    assert_eq!(take_log(db).await, [entry("PRODUCT", boots, drawn + 1)]);

    new_sku(db, boots, "S", 100).await;
    assert_eq!(take_log(db).await, [entry("PRODUCT", boots, drawn + 2)]);
}

async fn a_change_of_stock_is_logged_apart_from_the_product(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let small = new_sku(db, boots, "S", 100).await;
    new_stock(db, small, boots, 5).await;
    take_log(db).await;
    let before = stock_version(db, boots).await;

    set_stock(db, small, 4).await;
    assert_eq!(take_log(db).await, [entry("STOCK", boots, before + 1)]);

    set_stock(db, small, 0).await;
    let raised = product(db, boots).await.version;
    assert_eq!(take_log(db).await, [entry("STOCK", boots, before + 2), entry("PRODUCT", boots, raised)]);
}

async fn a_deleted_product_ends_with_its_stock_and_everything_it_owns(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let small = new_sku(db, boots, "S", 100).await;
    new_stock(db, small, boots, 5).await;
    let (node, stock) = (product(db, boots).await.version, stock_version(db, boots).await);
    take_log(db).await;

    delete(db, "products", boots).await;

    let log = take_log(db).await;
    let highest = |kind: &str| log.iter().filter(|entry| entry.0 == kind).map(|entry| entry.2).max();
    assert_eq!(highest("PRODUCT"), Some(node + 1), "{log:?}");
    assert!(highest("STOCK") > Some(stock), "{log:?}");
    assert!(log.iter().all(|entry| entry.1 == boots), "{log:?}");
    for table in ["products", "skus", "stock", "product_stock"] {
        assert!(rows(db, &format!("SELECT version FROM {table}"), []).await.is_empty(), "{table}");
    }
}

async fn the_log_tells_the_time(db: &DatabaseConnection) {
    new_store(db).await;

    let found = rows(db, "SELECT created_at FROM change_log", []).await;

    let logged: DateTimeUtc = found.first().expect("an entry").try_get("", "created_at").expect("a moment");
    let age = DateTimeUtc::from(std::time::SystemTime::now()) - logged;
    assert!(age.num_seconds().abs() < 60, "{logged}");
}

fn entry(kind: &str, id: Uuid, version: i64) -> Entry {
    (kind.to_owned(), id, version)
}

/// What has been logged since the last call, in the order of the log.
async fn take_log(db: &impl ConnectionTrait) -> Vec<Entry> {
    let found = rows(db, "SELECT kind, node_id, version FROM change_log ORDER BY seq", []).await;
    run(db, "DELETE FROM change_log", []).await;
    let read = |row: &sea_orm_migration::sea_orm::QueryResult| {
        Ok::<_, sea_orm_migration::sea_orm::DbErr>((
            row.try_get("", "kind")?,
            row.try_get("", "node_id")?,
            row.try_get("", "version")?,
        ))
    };
    found.iter().map(|row| read(row).expect("an entry")).collect()
}
