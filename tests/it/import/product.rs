//! What the rows of a file become.

use serde_json::json;

use super::{import, of_skus, product, products};
use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    a_product_is_kept_with_all_that_its_rows_say,
    three_columns_are_enough,
    published_decides_where_there_is_no_status,
    the_currency_is_that_of_the_file_or_of_the_command,
    a_vendor_is_a_store_and_a_type_a_category_by_their_slugs,
    columns_that_are_not_kept_are_named_once,
);

const SHIRT: &str = "\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,\
Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Position,Image Alt Text,SEO Title,SEO Description
shirt,Shirt,\"<p>Of \"\"linen\"\",
light</p>\",Acme & Söhne,Men's Shirts,\"new, linen,,new\",true,Size,S,Colour,Red,SH-1,3,19.9,25,https://x.example/2.jpg,2,Back,Linen shirt,For summer
shirt,,,,,,,,M,,Red,SH-2,0,21.00,0,https://x.example/1.jpg,1,,,
shirt,,,,,,,,S,,Blue,,,18,,,,,,
shirt,,,,,,,,,,,,,,,https://x.example/3.jpg,3,,,
";

async fn a_product_is_kept_with_all_that_its_rows_say(shop: &Shop) {
    let said = import(shop, SHIRT, &["--currency", "EUR"]).await.succeeded();

    assert!(said.contains("products: 1 created, 0 updated, 0 unchanged, 0 refused"), "{said}");
    assert!(said.contains("variants: 3 created, 0 updated, 0 archived"), "{said}");
    let shirt = product(shop, "shirt").await;
    let fields = [
        "name",
        "description",
        "status",
        "tags",
        "options",
        "images",
        "seo",
        "priceRange",
        "inStock",
        "store",
        "category",
    ];
    let mut told = json!({});
    for field in fields {
        told[field] = shirt[field].clone();
    }
    assert_eq!(
        told,
        json!({
            "name": "Shirt", "description": "<p>Of \"linen\",\nlight</p>", "status": "ACTIVE", "tags": ["new", "linen"],
            "options": [{ "name": "Size", "values": [{ "name": "S" }, { "name": "M" }] }, { "name": "Colour", "values": [{ "name": "Red" }, { "name": "Blue" }] }],
            "images": [
                { "url": "https://x.example/1.jpg", "altText": null }, { "url": "https://x.example/2.jpg", "altText": "Back" },
                { "url": "https://x.example/3.jpg", "altText": null }
            ],
            "seo": { "title": "Linen shirt", "description": "For summer" },
            "priceRange": { "min": { "amount": "18.00", "currencyCode": "EUR" }, "max": { "amount": "21.00" } },
            "inStock": true, "store": { "slug": "acme-söhne", "name": "Acme & Söhne", "currencyCode": "EUR" },
            "category": { "slug": "men-s-shirts", "name": "Men's Shirts", "parent": null }
        })
    );
    assert_eq!(of_skus(&shirt, "/title"), ["S / Red", "M / Red", "S / Blue"]);
    assert_eq!(of_skus(&shirt, "/code"), [&json!("SH-1"), &json!("SH-2"), &json!(null)]);
    assert_eq!(of_skus(&shirt, "/price/amount"), ["19.90", "21.00", "18.00"]);
    assert_eq!(of_skus(&shirt, "/compareAtPrice"), [&json!({ "amount": "25.00" }), &json!(null), &json!(null)]);
    assert_eq!(of_skus(&shirt, "/stock/quantity"), [3, 0, 0]);
    // Counted, and never counted.
    assert_ne!(shirt["skus"][1]["stock"]["version"], "0");
    assert_eq!(shirt["skus"][2]["stock"]["version"], "0");
}

async fn three_columns_are_enough(shop: &Shop) {
    import(shop, "Variant Price,Handle,Title\n5,mug,Mug\n", &[]).await.succeeded();

    let mug = product(shop, "mug").await;
    assert_eq!((&mug["status"], &mug["options"], &mug["category"]), (&json!("DRAFT"), &json!([]), &json!(null)));
    assert_eq!(mug["store"], json!({ "slug": "shop", "name": "Shop", "currencyCode": "USD" }));
    assert_eq!(of_skus(&mug, "/title"), [""]);
    assert_eq!(of_skus(&mug, "/price/amount"), ["5.00"]);
}

async fn published_decides_where_there_is_no_status(shop: &Shop) {
    let published = "Handle,Title,Variant Price,Published\na,A,1,true\nb,B,1,FALSE\nc,C,1,\n";
    import(shop, published, &[]).await.succeeded();
    let status = "Handle,Title,Variant Price,Published,Status\nd,D,1,true,draft\ne,E,1,false,Active\nf,F,1,,archived\ng,G,1,true,\n";
    import(shop, status, &[]).await.succeeded();

    let found: Vec<_> = products(shop).await.iter().map(|product| product["status"].clone()).collect();
    assert_eq!(found, ["ACTIVE", "DRAFT", "DRAFT", "DRAFT", "ACTIVE", "ARCHIVED", "ACTIVE"]);
}

async fn the_currency_is_that_of_the_file_or_of_the_command(shop: &Shop) {
    import(shop, "Handle,Title,Vendor,Variant Price\nyen,Yen,Tokyo,1200\n", &["--currency", "JPY"]).await.succeeded();
    let file = "Handle,Title,Vendor,Variant Price,Currency\nfranc,Franc,Bern,7.50,CHF\ndollar,Dollar,Boston,8,\n";
    import(shop, file, &[]).await.succeeded();

    for (slug, currency, price) in [("yen", "JPY", "1200"), ("franc", "CHF", "7.50"), ("dollar", "USD", "8.00")] {
        let product = product(shop, slug).await;
        assert_eq!(product["store"]["currencyCode"], currency);
        assert_eq!(of_skus(&product, "/price/amount"), [price]);
    }
    let refused = import(shop, "Handle,Title,Vendor,Variant Price\nother,Other,tokyo!,1\nyen,Yen,Tokyo,1\n", &[]).await;
    assert!(!refused.status.success());
    let expected = [
        "line 2, column \"Vendor\": \"tokyo!\" sells in JPY, the prices are in USD: see --currency",
        "line 3, column \"Vendor\": \"Tokyo\" sells in JPY, the prices are in USD: see --currency",
    ];
    assert!(expected.iter().all(|line| refused.stderr.lines().any(|said| said == *line)), "{refused:?}");
}

async fn a_vendor_is_a_store_and_a_type_a_category_by_their_slugs(shop: &Shop) {
    let store = shop.store_in("acme", "USD").await;
    let below = shop.category("shoes", Some(&shop.category("all", None).await)).await;
    let file =
        "Handle,Title,Vendor,Type,Variant Price\na,A,ACME,Shoes,1\nb,B,Acme!,shoes,1\nc,C,New,Hats,1\nd,D,New,,1\n";

    import(shop, file, &[]).await.succeeded();

    let products = products(shop).await;
    let ids = |field: &str| products.iter().map(|product| product[field]["slug"].clone()).collect::<Vec<_>>();
    assert_eq!(ids("store"), ["acme", "acme", "new", "new"]);
    assert_eq!(ids("category"), [json!("shoes"), json!("shoes"), json!("hats"), json!(null)]);
    let answer = shop
        .ask(
            "query ($s: ID!, $c: ID!) { s: node(id: $s) { id } c: node(id: $c) { id } stores { nodes { slug } } \
         categories(rootsOnly: true) { nodes { slug } } }",
            json!({ "s": store, "c": below }),
        )
        .await;
    assert_eq!(answer.strings("/stores/nodes", "slug"), ["new", "acme"]);
    assert_eq!(answer.strings("/categories/nodes", "slug"), ["all", "hats"]);
}

async fn columns_that_are_not_kept_are_named_once(shop: &Shop) {
    let file = "Handle,Title,Gift Card,Variant Price,,Cost per item\na,A,true,1,,2\na,,,2,,3\nb,B,false,1,,2\n";

    let ended = import(shop, file.replace("a,,,2,,3\n", ""), &[]).await;

    let said = ended.succeeded();
    assert_eq!(said.matches("Gift Card").count(), 1, "{said}");
    assert!(said.contains("columns that are not kept: Gift Card, Cost per item\n"), "{said}");
}
