//! Skus that are archived count for nothing of their product.

use sea_orm_migration::sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::shop::{
    delete, new_product, new_sku, new_stock, new_store, product, run, set_stock, stock_version, version,
};

crate::on_both!(
    prices_are_those_of_skus_on_sale,
    in_stock_while_a_sku_on_sale_is,
    archiving_raises_the_product_once_and_its_stock_not_at_all,
    texts_for_search_engines_raise_the_product,
);

async fn archive(db: &DatabaseConnection, sku: Uuid, archived: bool) {
    run(db, "UPDATE skus SET archived = $2 WHERE id = $1", [sku.into(), archived.into()]).await;
}

async fn prices_are_those_of_skus_on_sale(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let (small, large) = (new_sku(db, boots, "S", 300).await, new_sku(db, boots, "L", 100).await);

    archive(db, large, true).await;
    assert_eq!(product(db, boots).await.prices, Some((300, 300)));
    let other = new_sku(db, boots, "M", 200).await;
    assert_eq!(product(db, boots).await.prices, Some((200, 300)));
    delete(db, "skus", other).await;
    assert_eq!(product(db, boots).await.prices, Some((300, 300)));
    archive(db, small, true).await;
    assert_eq!(product(db, boots).await.prices, None);
    archive(db, large, false).await;
    assert_eq!(product(db, boots).await.prices, Some((100, 100)));
}

async fn in_stock_while_a_sku_on_sale_is(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let (small, large) = (new_sku(db, boots, "S", 300).await, new_sku(db, boots, "L", 100).await);
    new_stock(db, small, boots, 1).await;

    archive(db, small, true).await;
    assert!(!product(db, boots).await.in_stock);
    new_stock(db, large, boots, 2).await;
    assert!(product(db, boots).await.in_stock);
    set_stock(db, small, 5).await;
    set_stock(db, large, 0).await;
    assert!(!product(db, boots).await.in_stock);
    archive(db, small, false).await;
    assert!(product(db, boots).await.in_stock);
}

async fn archiving_raises_the_product_once_and_its_stock_not_at_all(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let (small, large) = (new_sku(db, boots, "S", 300).await, new_sku(db, boots, "L", 100).await);
    for sku in [small, large] {
        new_stock(db, sku, boots, 1).await;
    }
    let before = (product(db, boots).await.version, version(db, "skus", small).await, stock_version(db, boots).await);

    archive(db, small, true).await;

    let after = (product(db, boots).await.version, version(db, "skus", small).await, stock_version(db, boots).await);
    assert_eq!(after, (before.0 + 1, before.1 + 1, before.2));
}

async fn texts_for_search_engines_raise_the_product(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    for column in ["seo_title", "seo_description"] {
        let before = product(db, boots).await.version;
        run(db, &format!("UPDATE products SET {column} = 'Boots' WHERE id = $1"), [boots.into()]).await;
        assert_eq!(product(db, boots).await.version, before + 1);
    }
}
