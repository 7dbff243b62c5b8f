//! `storefront seed`: exactly as much as was asked for, consistent in itself, the same each time.

use std::collections::HashMap;

use sea_orm::{Database, DatabaseConnection, EntityTrait, PaginatorTrait};
use serde_json::json;
use storefront::order::{entity as order, item};
use storefront::{category, product, sku, stock, store, user};

use crate::support::{Kind, Program, TestDatabase, run};

const SIZES: [&str; 11] =
    ["seed", "--stores", "3", "--products", "40", "--skus", "100", "--users", "7", "--orders", "20"];

async fn seeded(database: &TestDatabase) -> (tempfile::TempDir, DatabaseConnection) {
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url().await);
    run(folder.path(), &SIZES, &[("DATABASE_URL", &url)]).await.succeeded();
    (folder, Database::connect(url).await.unwrap())
}

async fn seed_fills_what_it_was_told(database: TestDatabase) {
    let (folder, db) = seeded(&database).await;

    let products = product::entity::Entity::find().all(&db).await.unwrap();
    let skus = sku::entity::Entity::find().all(&db).await.unwrap();
    let stock = stock::entity::Entity::find().all(&db).await.unwrap();
    let orders = order::Entity::find().all(&db).await.unwrap();
    let items = item::Entity::find().all(&db).await.unwrap();
    let stores = store::entity::Entity::find().count(&db).await.unwrap();
    let users = user::entity::Entity::find().count(&db).await.unwrap();
    let categories = category::entity::Entity::find().count(&db).await.unwrap();

    assert_eq!((stores, products.len(), skus.len(), users, orders.len()), (3, 40, 100, 7, 20));
    assert!(categories > 0);
    let quantities: HashMap<_, _> = stock.iter().map(|row| (row.sku_id, row.quantity)).collect();
    for product in &products {
        let skus: Vec<_> = skus.iter().filter(|sku| sku.product_id == product.id).collect();
        assert!(!skus.is_empty(), "{product:?}");
        assert_eq!(product.min_price, skus.iter().map(|sku| sku.price).min(), "{product:?}");
        assert_eq!(product.max_price, skus.iter().map(|sku| sku.price).max(), "{product:?}");
        let in_stock = skus.iter().any(|sku| quantities.get(&sku.id).is_some_and(|quantity| *quantity > 0));
        assert_eq!(product.in_stock, in_stock, "{product:?}");
        for sku in skus {
            assert_eq!(sku.option_values.0.len(), product.options.0.len(), "{product:?} {sku:?}");
            let fits =
                product.options.0.iter().zip(&sku.option_values.0).all(|(option, value)| option.values.contains(value));
            assert!(fits, "{product:?} {sku:?}");
        }
    }
    for row in &stock {
        let sku = skus.iter().find(|sku| sku.id == row.sku_id).unwrap();
        assert_eq!(sku.product_id, row.product_id);
    }
    for order in &orders {
        let items: Vec<_> =
            items.iter().filter(|item| item.order_id == order.id && item.user_id == order.user_id).collect();
        assert!((1..=5).contains(&items.len()), "{order:?}");
        assert_eq!(order.total, items.iter().map(|item| i64::from(item.quantity) * item.unit_price).sum::<i64>());
    }
    assert!(products.iter().any(|product| product.in_stock) && products.iter().any(|product| !product.in_stock));
    drop(folder);
    db.close().await.unwrap();
    database.remove().await;
}

async fn seed_adds_to_no_shop_that_has_something(database: TestDatabase) {
    let (folder, db) = seeded(&database).await;
    let url = database.url().await;

    let again = run(folder.path(), &SIZES, &[("DATABASE_URL", &url)]).await;

    assert!(again.complaint().contains("not empty"), "{again:?}");
    assert_eq!(product::entity::Entity::find().count(&db).await.unwrap(), 40);
    db.close().await.unwrap();
    database.remove().await;
}

async fn same_products_and_skus(databases: [TestDatabase; 2]) {
    let mut shops = Vec::new();
    for database in &databases {
        let (_folder, db) = seeded(database).await;
        let mut products: Vec<_> = product::entity::Entity::find().all(&db).await.unwrap();
        let mut skus: Vec<_> = sku::entity::Entity::find().all(&db).await.unwrap();
        products.sort_by_key(|product| product.id);
        skus.sort_by_key(|sku| sku.id);
        for product in &mut products {
            product.version = 0;
        }
        for sku in &mut skus {
            sku.version = 0;
        }
        shops.push((products, skus));
        db.close().await.unwrap();
    }

    assert!(shops[0] == shops[1]);
    for database in databases {
        database.remove().await;
    }
}

#[tokio::test]
async fn seed_fills_what_it_was_told_on_sqlite() {
    seed_fills_what_it_was_told(TestDatabase::migrated(Kind::Sqlite).await).await;
}

#[tokio::test]
async fn seed_fills_what_it_was_told_on_postgres() {
    seed_fills_what_it_was_told(TestDatabase::migrated(Kind::Postgres).await).await;
}

#[tokio::test]
async fn seed_adds_to_no_shop_that_has_something_on_sqlite() {
    seed_adds_to_no_shop_that_has_something(TestDatabase::migrated(Kind::Sqlite).await).await;
}

#[tokio::test]
async fn seed_adds_to_no_shop_that_has_something_on_postgres() {
    seed_adds_to_no_shop_that_has_something(TestDatabase::migrated(Kind::Postgres).await).await;
}

#[tokio::test]
async fn seed_is_the_same_on_both_databases() {
    let sqlite = TestDatabase::migrated(Kind::Sqlite).await;
    let postgres = TestDatabase::migrated(Kind::Postgres).await;

    same_products_and_skus([sqlite, postgres]).await;
}

#[tokio::test]
async fn seed_refuses_what_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();

    for sizes in [
        vec!["--stores", "0", "--products", "5"],
        vec!["--stores", "1", "--products", "0", "--skus", "5"],
        vec!["--users", "0", "--orders", "5"],
        vec!["--stores", "1", "--products", "1", "--skus", "241"],
        vec!["--stores", "-1"],
        vec!["--products", "many"],
    ] {
        let arguments: Vec<&str> = ["seed"].into_iter().chain(sizes).collect();

        let ended = run(folder.path(), &arguments, &[]).await;

        assert!(!ended.complaint().is_empty(), "{arguments:?}");
    }
    let bare = ["seed", "--stores", "0", "--products", "0", "--skus", "0", "--users", "0", "--orders", "0"];
    run(folder.path(), &bare, &[]).await.succeeded();
}

#[tokio::test]
async fn what_was_seeded_is_served_without_a_demo() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    run(folder.path(), &SIZES, &[]).await.succeeded();

    let program = Program::serve(folder.path(), &[]).await;

    let query = "{ products { totalCount { count } } users { totalCount { count } } }";
    let shop = program.ask(&program.staff_key().await, query, json!({})).await;
    assert_eq!(
        shop.data(""),
        &json!({ "products": { "totalCount": { "count": 40 } }, "users": { "totalCount": { "count": 7 } } })
    );
}
