//! A file that comes again: what changed is updated, what is new is added, what is gone is archived, and nothing else is touched.

use serde_json::{Value, json};

use super::{import, of_skus, product, products};
use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    the_same_file_again_changes_nothing,
    a_rerun_updates_adds_and_archives,
    what_is_missing_stays_when_that_is_asked_for,
    a_variant_that_comes_back_is_the_same_sku,
    columns_that_a_file_lacks_are_left_alone,
    variants_trade_codes_and_option_values,
    variants_take_the_order_of_the_file,
    a_product_moves_to_another_store_of_its_currency,
    a_dry_run_writes_nothing,
);

const HEADING: &str = "Handle,Title,Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price";

fn file(rows: &[&str]) -> String {
    format!("{HEADING}\n{}\n", rows.join("\n"))
}

async fn count(shop: &Shop, column: &str) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let db = shop.db.administration();
    let sql = format!("SELECT {column} AS found FROM change_log");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "found").unwrap()
}

async fn the_same_file_again_changes_nothing(shop: &Shop) {
    let rows = [
        "shirt,Shirt,Acme,Shirts,\"a, b\",true,Size,S,1,5,10",
        "shirt,,,,,,,M,2,,11",
        "mug,Mug,Acme,,,false,Title,Default Title,,0,3",
    ];
    import(shop, file(&rows), &[]).await.succeeded();
    let (before, rows_before, logged) =
        (products(shop).await, shop.rows().await, count(shop, "coalesce(max(seq), 0)").await);

    let said = import(shop, file(&rows), &[]).await.succeeded();

    assert!(said.contains("products: 0 created, 0 updated, 2 unchanged"), "{said}");
    assert!(said.contains("variants: 0 created, 0 updated, 0 archived"), "{said}");
    assert_eq!(products(shop).await, before);
    assert_eq!(shop.rows().await, rows_before);
    assert_eq!(count(shop, "coalesce(max(seq), 0)").await, logged);
}

async fn a_rerun_updates_adds_and_archives(shop: &Shop) {
    let first = ["shirt,Shirt,Acme,Shirts,,true,Size,S,1,5,10", "shirt,,,,,,,M,2,4,11", "mug,Mug,Acme,,,true,,,,1,3"];
    import(shop, file(&first), &[]).await.succeeded();
    let (shirt, mug) = (product(shop, "shirt").await, product(shop, "mug").await);
    let second =
        ["shirt,Linen shirt,Acme,,new,true,Size,L,3,1,12", "shirt,,,,,,,S,1,6,9.50", "cap,Cap,Acme,,,true,,,,1,4"];

    let said = import(shop, file(&second), &[]).await.succeeded();

    assert!(said.contains("products: 1 created, 1 updated, 0 unchanged, 0 refused"), "{said}");
    assert!(said.contains("variants: 2 created, 1 updated, 1 archived"), "{said}");
    let now = product(shop, "shirt").await;
    assert_eq!((&now["name"], &now["tags"], &now["category"]), (&json!("Linen shirt"), &json!(["new"]), &json!(null)));
    assert_eq!(now["options"], json!([{ "name": "Size", "values": [{ "name": "L" }, { "name": "S" }] }]));
    assert_eq!(of_skus(&now, "/title"), ["L", "S"]);
    assert_eq!(of_skus(&now, "/stock/quantity"), [1, 6]);
    assert_eq!(now["skus"][1]["id"], shirt["skus"][0]["id"]);
    assert_eq!(
        now["priceRange"],
        json!({ "min": { "amount": "9.50", "currencyCode": "USD" }, "max": { "amount": "12.00" } })
    );
    // What the file doesn't name is left alone.
    assert_eq!(product(shop, "mug").await, mug);
    let gone = shirt["skus"][1]["id"].clone();
    let ask = "query ($id: ID!) { node(id: $id) { ... on Sku { title archived } } }";
    let seen = shop.ask_as_staff(ask, json!({ "id": gone })).await;
    assert_eq!(seen.data("/node"), &json!({ "title": "M", "archived": true }));
    assert_eq!(shop.ask(ask, json!({ "id": gone })).await.data("/node"), &Value::Null);
}

async fn what_is_missing_stays_when_that_is_asked_for(shop: &Shop) {
    import(shop, file(&["shirt,Shirt,Acme,,,true,Size,S,1,5,10", "shirt,,,,,,,M,2,4,11"]), &[]).await.succeeded();

    let said = import(shop, file(&["shirt,Shirt,Acme,,,true,Size,L,3,1,12"]), &["--keep-missing"]).await.succeeded();

    assert!(said.contains("variants: 1 created, 0 updated, 0 archived"), "{said}");
    let shirt = product(shop, "shirt").await;
    assert_eq!(of_skus(&shirt, "/title"), ["S", "M", "L"]);
    assert_eq!(
        shirt["options"],
        json!([{ "name": "Size", "values": [{ "name": "L" }, { "name": "S" }, { "name": "M" }] }])
    );
    // Without the option that they have values of they would mean nothing.
    let refused = import(shop, file(&["shirt,Shirt,Acme,,,true,Colour,Red,4,1,12"]), &["--keep-missing"]).await;
    assert!(
        refused.stderr.contains(
            "line 2, column \"Option1 Name\": a sku has the value \"S\", which \"Colour\" would no longer have"
        ),
        "{refused:?}"
    );
    assert_eq!(product(shop, "shirt").await, shirt);
}

async fn a_variant_that_comes_back_is_the_same_sku(shop: &Shop) {
    let both = file(&["shirt,Shirt,Acme,,,true,Size,S,1,0,10", "shirt,,,,,,,M,2,4,11"]);
    import(shop, &both, &[]).await.succeeded();
    let before = product(shop, "shirt").await;

    import(shop, file(&["shirt,Shirt,Acme,,,true,Size,S,1,0,10"]), &[]).await.succeeded();
    let without = product(shop, "shirt").await;
    import(shop, &both, &[]).await.succeeded();

    assert_eq!((of_skus(&without, "/title"), &without["inStock"]), (vec![&json!("S")], &json!(false)));
    assert_eq!(without["options"], json!([{ "name": "Size", "values": [{ "name": "S" }] }]));
    assert_eq!(without["priceRange"]["max"]["amount"], "10.00");
    let after = product(shop, "shirt").await;
    assert_eq!(of_skus(&after, "/id"), of_skus(&before, "/id"));
    assert_eq!(
        (&after["options"], &after["inStock"], &after["priceRange"]),
        (&before["options"], &json!(true), &before["priceRange"])
    );
}

async fn columns_that_a_file_lacks_are_left_alone(shop: &Shop) {
    import(shop, file(&["shirt,Shirt,Acme,Shirts,a,true,Size,S,1,5,10", "shirt,,,,,,,M,2,4,11"]), &[])
        .await
        .succeeded();
    let before = product(shop, "shirt").await;

    import(shop, "Handle,Title,Variant SKU,Variant Price\nshirt,Shirt,1,15\nshirt,,2,11\n", &[]).await.succeeded();

    let now = product(shop, "shirt").await;
    for field in ["status", "tags", "options", "store", "category", "description"] {
        assert_eq!(now[field], before[field], "{field}");
    }
    assert_eq!(of_skus(&now, "/title"), ["S", "M"]);
    assert_eq!(of_skus(&now, "/price/amount"), ["15.00", "11.00"]);
    assert_eq!(of_skus(&now, "/stock/quantity"), [5, 4]);
    assert_eq!(now["skus"][1], before["skus"][1]);
}

async fn variants_trade_codes_and_option_values(shop: &Shop) {
    import(shop, file(&["shirt,Shirt,Acme,,,true,Size,S,1,5,10", "shirt,,,,,,,M,2,4,11"]), &[]).await.succeeded();
    let before = product(shop, "shirt").await;

    import(shop, file(&["shirt,Shirt,Acme,,,true,Size,M,1,5,10", "shirt,,,,,,,S,2,4,11"]), &[]).await.succeeded();

    let now = product(shop, "shirt").await;
    assert_eq!(of_skus(&now, "/id"), of_skus(&before, "/id"));
    assert_eq!(
        (of_skus(&now, "/title"), of_skus(&now, "/code")),
        (vec![&json!("M"), &json!("S")], vec![&json!("1"), &json!("2")])
    );
}

async fn variants_take_the_order_of_the_file(shop: &Shop) {
    import(shop, file(&["shirt,Shirt,Acme,,,true,Size,S,1,5,10", "shirt,,,,,,,M,2,4,11"]), &[]).await.succeeded();
    import(shop, file(&["shirt,Shirt,Acme,,,true,Size,L,3,5,10", "shirt,,,,,,,M,2,4,11", "shirt,,,,,,,S,1,5,10"]), &[])
        .await
        .succeeded();

    let shirt = product(shop, "shirt").await;
    assert_eq!(of_skus(&shirt, "/title"), ["L", "M", "S"]);
    assert_eq!(
        shirt["options"],
        json!([{ "name": "Size", "values": [{ "name": "L" }, { "name": "M" }, { "name": "S" }] }])
    );
}

async fn a_product_moves_to_another_store_of_its_currency(shop: &Shop) {
    import(shop, file(&["mug,Mug,Acme,,,true,,,,1,3"]), &[]).await.succeeded();
    shop.store_in("euro", "EUR").await;

    let refused = import(shop, file(&["mug,Mug,Euro,,,true,,,,1,3"]), &[]).await;
    assert!(refused.stderr.contains("\"Euro\" sells in EUR, the prices are in USD"), "{refused:?}");
    import(shop, file(&["mug,Mug,Other,,,true,,,,1,3"]), &[]).await.succeeded();

    assert_eq!(product(shop, "mug").await["store"]["slug"], "other");
}

async fn a_dry_run_writes_nothing(shop: &Shop) {
    import(shop, file(&["mug,Mug,Acme,,,true,,,,1,3", "cup,Cup,Acme,,,true,,,,1,3"]), &[]).await.succeeded();
    let before = shop.rows().await;

    let rows = file(&["mug,Mug,Acme,,,true,,,,1,4", "cap,Cap,New,Hats,,true,,,,1,3", "cup,Cup,Acme,,,true,,,,1,x"]);
    let ended = import(shop, rows, &["--dry-run"]).await;

    assert!(!ended.status.success());
    assert!(ended.stdout.contains("nothing is written"), "{ended:?}");
    assert!(ended.stdout.contains("products: 1 created, 1 updated, 0 unchanged, 1 refused"), "{ended:?}");
    assert!(ended.stderr.contains("line 4, column \"Variant Price\": \"x\" is not a price"), "{ended:?}");
    assert_eq!(shop.rows().await, before);
    let fine = import(shop, file(&["mug,Mug,Acme,,,true,,,,1,4"]), &["--dry-run"]).await;
    fine.succeeded();
    assert_eq!(shop.rows().await, before);
}
