//! No statement mentions a version, and every change raises it.

use sea_orm_migration::sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::shop::{
    EPOCH, delete, move_sku, new_category, new_product, new_sku, new_stock, new_store, product, run, set_stock,
    version, version_in,
};

crate::on_both!(
    inserts_draw_rising_versions,
    an_update_of_any_kind_of_row_raises_its_version_by_one,
    a_sku_raises_its_product_when_inserted_updated_and_deleted,
    a_moved_sku_raises_both_products,
    stock_raises_its_product_only_when_the_flag_flips,
);

async fn inserts_draw_rising_versions(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let category = new_category(db, None).await;
    let boots = new_product(db, store).await;
    let shoes = new_product(db, store).await;

    let drawn = [
        version(db, "stores", store).await,
        version(db, "categories", category).await,
        version(db, "products", boots).await,
        version(db, "products", shoes).await,
    ];

    assert!(drawn[0] > 0, "{drawn:?}");
    assert!(drawn.is_sorted_by(|earlier, later| earlier < later), "{drawn:?}");
}

async fn an_update_of_any_kind_of_row_raises_its_version_by_one(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let category = new_category(db, None).await;
    let boots = new_product(db, store).await;
    let small = new_sku(db, boots, "S", 100).await;
    new_stock(db, small, boots, 1).await;
    let user = Uuid::now_v7();
    let sql = "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ($1, 'a@b.c', 'Ann', $2, $2)";
    run(db, sql, [user.into(), EPOCH.into()]).await;
    let order = Uuid::now_v7();
    let sql = "INSERT INTO orders (user_id, id, status, currency_code, total, placed_at, created_at, updated_at)
               VALUES ($1, $2, 'PAID', 'EUR', 100, $3, $3, $3)";
    run(db, sql, [user.into(), order.into(), EPOCH.into()]).await;

    let changes = [
        ("stores", "id", store, "name = 'New'"),
        ("categories", "id", category, "name = 'New'"),
        ("products", "id", boots, "name = 'New'"),
        ("skus", "id", small, "code = 'New'"),
        ("stock", "sku_id", small, "quantity = 2"),
        ("users", "id", user, "name = 'New'"),
        ("orders", "id", order, "status = 'SHIPPED'"),
    ];
    for (table, key, id, change) in changes {
        let before = version_in(db, table, key, id).await;

        run(db, &format!("UPDATE {table} SET {change} WHERE {key} = $1"), [id.into()]).await;

        assert_eq!(version_in(db, table, key, id).await, before + 1, "{table}");
    }
}

async fn a_sku_raises_its_product_when_inserted_updated_and_deleted(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let fresh = product(db, boots).await.version;

    let small = new_sku(db, boots, "S", 100).await;
    assert_eq!(product(db, boots).await.version, fresh + 1);

    run(db, "UPDATE skus SET attributes = '[{\"name\": \"Heel\", \"value\": \"flat\"}]' WHERE id = $1", [small.into()])
        .await;
    assert_eq!(product(db, boots).await.version, fresh + 2);

    delete(db, "skus", small).await;
    assert_eq!(product(db, boots).await.version, fresh + 3);
}

async fn a_moved_sku_raises_both_products(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let (boots, shoes) = (new_product(db, store).await, new_product(db, store).await);
    let small = new_sku(db, boots, "S", 100).await;
    let before = (product(db, boots).await.version, product(db, shoes).await.version);

    move_sku(db, small, shoes).await;

    let after = (product(db, boots).await.version, product(db, shoes).await.version);
    assert_eq!(after, (before.0 + 1, before.1 + 1));
}

async fn stock_raises_its_product_only_when_the_flag_flips(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    let small = new_sku(db, boots, "S", 100).await;
    let empty = product(db, boots).await.version;

    new_stock(db, small, boots, 0).await;
    assert_eq!(product(db, boots).await.version, empty);

    set_stock(db, small, 5).await;
    assert_eq!(product(db, boots).await.version, empty + 1);

    set_stock(db, small, 4).await;
    assert_eq!(product(db, boots).await.version, empty + 1);

    set_stock(db, small, 0).await;
    assert_eq!(product(db, boots).await.version, empty + 2);
}
