//! Variants that were archived, or that a file drops: they never stand in the way of those that it has.

use serde_json::{Value, json};

use super::{export, import, of_skus, product};
use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    a_variant_of_before_takes_over_the_code,
    variants_trade_places_without_a_code_of_their_own,
    a_sku_on_sale_keeps_its_code,
    archived_variants_do_not_count,
    an_option_named_title_stays,
    an_option_named_title_may_have_more_values,
);

fn file(rows: &[&str]) -> String {
    format!("Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n{}\n", rows.join("\n"))
}

/// Title, code and whether it is archived.
async fn sku(shop: &Shop, id: &Value) -> Value {
    let ask = "query ($id: ID!) { node(id: $id) { ... on Sku { title code archived } } }";
    let seen = shop.ask_as_staff(ask, json!({ "id": id })).await.data("/node").clone();
    json!([seen["title"], seen["code"], seen["archived"]])
}

async fn a_variant_of_before_takes_over_the_code(shop: &Shop) {
    // The second time M is archived before, the first time by the same file.
    for (slug, is_before) in [("at-once", false), ("before", true)] {
        let rows = |rows: &str| file(&[&rows.replace("P,", &format!("{slug},"))]);
        import(shop, rows("P,W,Size,S,X,1\nP,,,M,Y,1"), &[]).await.succeeded();
        let ids: Vec<Value> = of_skus(&product(shop, slug).await, "/id").into_iter().cloned().collect();
        if is_before {
            import(shop, rows("P,W,Size,S,X,1"), &[]).await.succeeded();
        }

        import(shop, rows("P,W,Size,M,X,1"), &[]).await.succeeded();

        assert_eq!(of_skus(&product(shop, slug).await, "/id"), [&ids[1]], "{slug}");
        assert_eq!(sku(shop, &ids[0]).await, json!(["S", null, true]));
        assert_eq!(sku(shop, &ids[1]).await, json!(["M", "X", false]));
        let again = import(shop, rows("P,W,Size,M,X,1"), &[]).await.succeeded();
        assert!(again.contains("products: 0 created, 0 updated, 1 unchanged"), "{again}");
        // Both as they were first, but for the code that nobody has any more.
        import(shop, rows("P,W,Size,S,X,1\nP,,,M,Y,1"), &[]).await.succeeded();
        assert_eq!(of_skus(&product(shop, slug).await, "/id"), [&ids[0], &ids[1]], "{slug}");
        assert_eq!(of_skus(&product(shop, slug).await, "/code"), ["X", "Y"]);
    }
}

async fn variants_trade_places_without_a_code_of_their_own(shop: &Shop) {
    import(shop, file(&["bk,W,Size,S,,1", "bk,,,M,Y,1"]), &[]).await.succeeded();
    let before = product(shop, "bk").await;

    import(shop, file(&["bk,W,Size,M,,1", "bk,,,S,Y,1"]), &[]).await.succeeded();

    let now = product(shop, "bk").await;
    assert_eq!(
        (of_skus(&now, "/title"), of_skus(&now, "/code")),
        (vec![&json!("M"), &json!("S")], vec![&Value::Null, &json!("Y")])
    );
    assert_eq!(of_skus(&now, "/id"), [&before["skus"][1]["id"], &before["skus"][0]["id"]]);
}

async fn a_sku_on_sale_keeps_its_code(shop: &Shop) {
    import(shop, file(&["shirt,Shirt,Size,S,X,1", "shirt,,,M,Y,1"]), &[]).await.succeeded();
    let before = product(shop, "shirt").await;

    let refused = import(shop, file(&["shirt,Shirt,Size,M,X,1"]), &["--keep-missing"]).await;

    let text =
        "line 2, column \"Variant SKU\": \"X\" is the code of a sku that the file gives no row, in the same product";
    assert!(refused.stderr.lines().any(|line| line == text), "{refused:?}");
    assert_eq!(product(shop, "shirt").await, before);
}

async fn archived_variants_do_not_count(shop: &Shop) {
    let rows = |of: &str| {
        let value = |number: usize| format!("{of}{},{}", number / 50, number % 50);
        let rows: Vec<String> =
            (0..1_500).map(|number| format!("p,P,A,{},1", value(number).replace(',', ",B,"))).collect();
        format!(
            "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\n{}\n",
            rows.join("\n")
        )
    };
    import(shop, rows("a"), &[]).await.succeeded();

    let said = import(shop, rows("b"), &[]).await.succeeded();

    assert!(said.contains("variants: 1500 created, 0 updated, 1500 archived"), "{said}");
    let refused = import(shop, rows("c"), &["--keep-missing"]).await;
    let text = "line 2: 3000 variants, with those that stay on sale, over the maximum of 2000";
    assert_eq!(refused.stderr.lines().next(), Some(text));
}

async fn an_option_named_title_stays(shop: &Shop) {
    let store = shop.store("acme").await;
    let options = json!([{ "name": "Title", "values": ["Default Title"] }]);
    let input = json!({ "storeId": store, "slug": "book", "name": "Book", "options": options });
    let book = shop.product_with(input).await;
    shop.sku_with(json!({ "productId": book, "optionValues": ["Default Title"], "price": "10" })).await;
    let before = product(shop, "book").await;

    let exported = export(shop).await;
    let said = import(shop, &exported, &[]).await.succeeded();

    assert!(said.contains("products: 0 created, 0 updated, 1 unchanged"), "{said}");
    assert_eq!(product(shop, "book").await, before);
}

async fn an_option_named_title_may_have_more_values(shop: &Shop) {
    let rows = file(&["book,Book,Title,Default Title,,1", "book,,,Signed,,2", "mug,Mug,Title,Default Title,,1"]);

    import(shop, &rows, &[]).await.succeeded();

    assert_eq!(of_skus(&product(shop, "book").await, "/title"), ["Default Title", "Signed"]);
    assert_eq!(product(shop, "mug").await["options"], json!([]));
    let exported = export(shop).await;
    let said = import(shop, &exported, &[]).await.succeeded();
    assert!(said.contains("products: 0 created, 0 updated, 2 unchanged"), "{said}");
}
