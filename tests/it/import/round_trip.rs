//! An import of an export changes nothing: not in the shop that it came from, whatever staff made of it, nor in another one.

use serde_json::{Value, json};

use super::{export, import, products};
use crate::support::{Kind, Shop, TestDatabase, UNCACHED, run, uncached_on_both};

uncached_on_both!(
    an_import_of_an_export_changes_nothing,
    an_export_makes_the_same_catalogue_elsewhere,
    nothing_is_exported_of_nothing
);

/// A shop with what a file can hardly tell.
async fn odd_shop(shop: &Shop) {
    let (euro, yen) = (shop.store_in("euro-1", "EUR").await, shop.store_in("yen-1", "JPY").await);
    let sub = shop.category("sub", Some(&shop.category("top", None).await)).await;
    let product = shop
        .product_with(json!({
            "storeId": euro, "categoryId": sub, "slug": "größe-1", "name": " Shirt, \"fine\" ", "status": "ARCHIVED",
            "description": "one\r\ntwo\n\"three\", é",
            "options": [{ "name": "Size", "values": ["S", "M", "L", "XL"] }, { "name": "Colour", "values": ["Red, light"] }],
            "tags": ["a, b", " c", "a, b"], "seo": { "title": "T" },
            "images": [{ "url": "https://x.example/b", "altText": "" }, { "url": "https://x.example/a", "altText": " é\n" },
                       { "url": "https://x.example/b" }, { "url": "https://x.example/c" }],
        }))
        .await;
    let sku = async |input: Value| shop.sku_with(input).await;
    let large = sku(json!({ "productId": product, "optionValues": ["L", "Red, light"], "price": "10", "position": 7, "code": " x " })).await;
    let small =
        sku(json!({ "productId": product, "optionValues": ["S", "Red, light"], "price": "0", "compareAtPrice": "0", "position": 7 })).await;
    let medium =
        sku(json!({ "productId": product, "optionValues": ["M", "Red, light"], "price": "3.5", "position": 2 })).await;
    let plain =
        shop.product_with(json!({ "storeId": yen, "slug": "plain", "name": "Plain", "status": "ACTIVE" })).await;
    let piece = shop.sku(&plain, "1200").await;
    for (sku, quantity) in [(&large, 3), (&small, 0), (&piece, 9)] {
        shop.stock(sku, quantity).await;
    }
    shop.done("skuUpdate", json!({ "id": medium, "archived": true }), "sku { id }").await;
    shop.product_with(json!({ "storeId": yen, "slug": "empty", "name": "Nothing to buy" })).await;
}

async fn an_import_of_an_export_changes_nothing(shop: &Shop) {
    odd_shop(shop).await;
    let (before, rows) = (products(shop).await, shop.rows().await);

    let file = export(shop).await;
    let said = import(shop, &file, &[]).await.succeeded();

    assert!(said.contains("products: 0 created, 0 updated, 2 unchanged, 0 refused"), "{said}\n{file}");
    assert!(said.contains("variants: 0 created, 0 updated, 0 archived"), "{said}");
    assert!(!said.contains("not kept"), "{said}");
    assert_eq!(products(shop).await, before);
    assert_eq!(shop.rows().await, rows);
    assert_eq!(export(shop).await, file);
}

async fn an_export_makes_the_same_catalogue_elsewhere(shop: &Shop) {
    let database = TestDatabase::migrated(shop.kind).await;
    let url = database.url().await;
    let folder = tempfile::tempdir().unwrap();
    let sizes = ["--stores", "3", "--products", "60", "--skus", "150", "--users", "1", "--orders", "0"];
    run(folder.path(), &[&["seed"][..], &sizes].concat(), &[("DATABASE_URL", &url)]).await.succeeded();
    run(folder.path(), &["export", "shop.csv"], &[("DATABASE_URL", &url)]).await.succeeded();
    let seeded = std::fs::read_to_string(folder.path().join("shop.csv")).unwrap();

    let again = run(folder.path(), &["import", "shop.csv"], &[("DATABASE_URL", &url)]).await.succeeded();
    import(shop, &seeded, &[]).await.succeeded();

    assert!(again.contains("0 created, 0 updated, 60 unchanged, 0 refused"), "{again}");
    assert_eq!(export(shop).await, seeded);
    database.remove().await;
}

async fn nothing_is_exported_of_nothing(shop: &Shop) {
    let file = export(shop).await;

    assert_eq!(file.lines().count(), 1);
    assert!(file.starts_with("Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,"), "{file}");
    import(shop, &file, &[]).await.succeeded();
}

#[tokio::test]
async fn what_was_exported_from_one_database_comes_back_from_the_other() {
    let shops = [Shop::start_with(Kind::Sqlite, UNCACHED).await, Shop::start_with(Kind::Postgres, UNCACHED).await];
    odd_shop(&shops[0]).await;

    let file = export(&shops[0]).await;
    import(&shops[1], &file, &[]).await.succeeded();

    // A file joins tags by commas, and splits them there.
    assert_eq!(export(&shops[1]).await.replace("a, b, c,", "a, b,  c, a, b,").lines().count(), file.lines().count());
    for shop in shops {
        shop.stop().await;
    }
}
