//! The price bounds and the sort keys of a product.

use sea_orm_migration::sea_orm::DatabaseConnection;

use crate::shop::{delete, move_sku, new_product, new_sku, new_store, product, rows, run};

crate::on_both!(price_bounds_follow_the_skus, a_moved_sku_takes_its_price_along, the_sort_keys_follow_name_and_price,);

async fn price_bounds_follow_the_skus(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    assert_eq!(product(db, boots).await.prices, None);

    let small = new_sku(db, boots, "S", 300).await;
    let large = new_sku(db, boots, "L", 100).await;
    assert_eq!(product(db, boots).await.prices, Some((100, 300)));

    run(db, "UPDATE skus SET price = 250 WHERE id = $1", [large.into()]).await;
    assert_eq!(product(db, boots).await.prices, Some((250, 300)));

    delete(db, "skus", small).await;
    assert_eq!(product(db, boots).await.prices, Some((250, 250)));

    delete(db, "skus", large).await;
    assert_eq!(product(db, boots).await.prices, None);
}

async fn a_moved_sku_takes_its_price_along(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let (boots, shoes) = (new_product(db, store).await, new_product(db, store).await);
    let cheap = new_sku(db, boots, "S", 100).await;
    new_sku(db, boots, "M", 300).await;
    new_sku(db, shoes, "M", 200).await;

    move_sku(db, cheap, shoes).await;

    assert_eq!(product(db, boots).await.prices, Some((300, 300)));
    assert_eq!(product(db, shoes).await.prices, Some((100, 200)));
}

async fn the_sort_keys_follow_name_and_price(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    assert_eq!(keys(db).await, ("boot".to_owned(), i64::MAX));

    run(db, "UPDATE products SET name = 'High Boot' WHERE id = $1", [boots.into()]).await;
    new_sku(db, boots, "S", 300).await;

    assert_eq!(keys(db).await, ("high boot".to_owned(), 300));
}

async fn keys(db: &DatabaseConnection) -> (String, i64) {
    let found = rows(db, "SELECT name_key, price_key FROM products", []).await;
    let row = found.first().expect("the product is there");
    (row.try_get("", "name_key").expect("text"), row.try_get("", "price_key").expect("a number"))
}
