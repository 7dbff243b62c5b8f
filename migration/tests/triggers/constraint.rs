//! The names by which the application knows which rule a write has broken.

use sea_orm_migration::sea_orm::{DatabaseConnection, DbBackend, DbErr};
use uuid::Uuid;

use crate::shop::{EPOCH, new_category, new_product, new_sku, new_stock, new_store, run, try_new_sku, try_run};

crate::on_both!(
    a_broken_rule_is_told_by_name,
    a_category_with_children_or_products_stays,
    a_product_has_the_currency_of_its_store,
    the_name_of_a_client_is_free_again_once_it_is_revoked,
);

async fn a_broken_rule_is_told_by_name(db: &DatabaseConnection) {
    let store = new_store(db).await;
    let boots = new_product(db, store).await;
    let shoes = new_product(db, store).await;
    let other_store = new_store(db).await;
    let (first, second) = (new_category(db, None).await, new_category(db, None).await);
    let small = try_new_sku(db, boots, "S", Some("B-1"), 100).await.expect("the sku is new");
    new_stock(db, small, boots, 1).await;
    let sql = "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ($1, 'a@b.c', 'Ann', $2, $2)";
    run(db, sql, [Uuid::now_v7().into(), EPOCH.into()]).await;

    let taken =
        |table: &str| format!("UPDATE {table} SET slug = (SELECT slug FROM {table} WHERE id = $2) WHERE id = $1");
    let unique = [
        (try_run(db, &taken("stores"), [store.into(), other_store.into()]).await, "stores_slug_key", "stores.slug"),
        (
            try_run(db, &taken("categories"), [first.into(), second.into()]).await,
            "categories_slug_key",
            "categories.slug",
        ),
        (try_run(db, &taken("products"), [boots.into(), shoes.into()]).await, "products_slug_key", "products.slug"),
        (try_run(db, sql, [Uuid::now_v7().into(), EPOCH.into()]).await, "users_email_key", "users.email"),
        (
            try_new_sku(db, boots, "S", None, 100).await.map(|_| ()),
            "skus_product_id_option_values_key",
            "skus.product_id, skus.option_values",
        ),
        (
            try_new_sku(db, boots, "M", Some("B-1"), 100).await.map(|_| ()),
            "skus_product_id_code_key",
            "skus.product_id, skus.code",
        ),
    ];
    for (outcome, name, columns) in unique {
        // SQLite names the columns of a unique constraint, never the constraint.
        let told = if db.get_database_backend() == DbBackend::Postgres { name } else { columns };
        assert_told(outcome, told);
    }

    let checked = [
        ("UPDATE products SET status = 'SOLD'", "products_status_check"),
        ("UPDATE stock SET quantity = -1", "stock_quantity_check"),
        ("UPDATE stock SET quantity = 1000000001", "stock_quantity_check"),
    ];
    for (statement, name) in checked {
        assert_told(try_run(db, statement, []).await, name);
    }
}

async fn a_category_with_children_or_products_stays(db: &DatabaseConnection) {
    let root = new_category(db, None).await;
    let leaf = new_category(db, Some(root)).await;
    let boots = new_product(db, new_store(db).await).await;
    run(db, "UPDATE products SET category_id = $2 WHERE id = $1", [boots.into(), leaf.into()]).await;

    for (category, name) in [(root, "categories_parent_id_fkey"), (leaf, "products_category_id_fkey")] {
        let outcome = try_run(db, "DELETE FROM categories WHERE id = $1", [category.into()]).await;
        assert_foreign_key(db, outcome, name);
    }
}

async fn a_product_has_the_currency_of_its_store(db: &DatabaseConnection) {
    let boots = new_product(db, new_store(db).await).await;
    new_sku(db, boots, "S", 100).await;

    let outcome = try_run(db, "UPDATE products SET currency_code = 'USD'", []).await;

    assert_foreign_key(db, outcome, "products_store_id_currency_code_fkey");
}

fn assert_foreign_key(db: &DatabaseConnection, outcome: Result<(), DbErr>, name: &str) {
    // SQLite doesn't say which foreign key it was.
    let told = if db.get_database_backend() == DbBackend::Postgres { name } else { "FOREIGN KEY" };
    assert_told(outcome, told);
}

fn assert_told(outcome: Result<(), DbErr>, told: &str) {
    let error = outcome.expect_err(told).to_string();
    assert!(error.contains(told), "{error} should name {told}");
}

async fn the_name_of_a_client_is_free_again_once_it_is_revoked(db: &DatabaseConnection) {
    let add = async |name: &str, key_hash: u8, points: i64| {
        let sql = "INSERT INTO api_clients (id, name, key_hash, points, created_at) VALUES ($1, $2, $3, $4, $5)";
        let values = [Uuid::now_v7().into(), name.into(), vec![key_hash; 32].into(), points.into(), EPOCH.into()];
        try_run(db, sql, values).await
    };
    let told =
        |on_postgres, on_sqlite| if db.get_database_backend() == DbBackend::Postgres { on_postgres } else { on_sqlite };
    add("web", 1, 1).await.expect("the client is new");

    assert_told(add("web", 2, 1).await, told("api_clients_name_key", "api_clients.name"));
    assert_told(add("till", 1, 1).await, told("api_clients_key_hash_key", "api_clients.key_hash"));
    assert_told(add("till", 2, 0).await, "api_clients_points_check");

    for key_hash in [2, 3] {
        run(db, "UPDATE api_clients SET revoked_at = created_at", []).await;
        add("web", key_hash, 1).await.expect("the name is free");
    }
}
