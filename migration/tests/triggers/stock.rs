//! The in-stock flag of a product, and the version of its stock.

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection};
use uuid::Uuid;

use crate::shop::{
    delete, move_sku, new_product, new_sku, new_stock, new_store, product, rows, run, set_stock, stock_version,
};

crate::on_both!(
    in_stock_while_any_sku_is,
    every_change_of_stock_raises_the_version_of_the_products_stock,
    a_moved_sku_takes_its_stock_along,
    stock_written_for_another_product_follows_the_sku,
);

async fn in_stock_while_any_sku_is(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let small = new_sku(db, boots, "S", 100).await;
    let large = new_sku(db, boots, "L", 100).await;
    assert!(!product(db, boots).await.in_stock);

    new_stock(db, small, boots, 1).await;
    new_stock(db, large, boots, 1).await;
    assert!(product(db, boots).await.in_stock);

    set_stock(db, small, 0).await;
    assert!(product(db, boots).await.in_stock);

    delete(db, "skus", large).await;
    assert!(!product(db, boots).await.in_stock);
}

async fn every_change_of_stock_raises_the_version_of_the_products_stock(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let small = new_sku(db, boots, "S", 100).await;
    let fresh = stock_version(db, boots).await;
    assert!(fresh > 0);

    new_stock(db, small, boots, 1).await;
    assert_eq!(stock_version(db, boots).await, fresh + 1);

    set_stock(db, small, 2).await;
    assert_eq!(stock_version(db, boots).await, fresh + 2);

    run(db, "DELETE FROM stock WHERE sku_id = $1", [small.into()]).await;
    assert_eq!(stock_version(db, boots).await, fresh + 3);
}

async fn a_moved_sku_takes_its_stock_along(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let (boots, shoes) = (new_product(db, store).await, new_product(db, store).await);
    let small = new_sku(db, boots, "S", 100).await;
    new_stock(db, small, boots, 3).await;
    let before = (stock_version(db, boots).await, stock_version(db, shoes).await);

    move_sku(db, small, shoes).await;

    assert_eq!(owner_of_stock(db, small).await, shoes);
    assert!(stock_version(db, boots).await > before.0);
    assert!(stock_version(db, shoes).await > before.1);
    assert!(!product(db, boots).await.in_stock);
    assert!(product(db, shoes).await.in_stock);
}

async fn stock_written_for_another_product_follows_the_sku(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let (boots, shoes) = (new_product(db, store).await, new_product(db, store).await);
    let small = new_sku(db, boots, "S", 100).await;

    new_stock(db, small, shoes, 3).await;
    assert_eq!(owner_of_stock(db, small).await, boots);

    run(db, "UPDATE stock SET product_id = $1", [shoes.into()]).await;
    assert_eq!(owner_of_stock(db, small).await, boots);
    assert!(product(db, boots).await.in_stock);
    assert!(!product(db, shoes).await.in_stock);
}

async fn owner_of_stock(db: &impl ConnectionTrait, sku: Uuid) -> Uuid {
    let found = rows(db, "SELECT product_id FROM stock WHERE sku_id = $1", [sku.into()]).await;
    found.first().expect("the stock is there").try_get("", "product_id").expect("an id")
}
