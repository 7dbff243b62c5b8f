//! How bad files are told: what a row contradicts, which other row it is about, and no more names than somebody reads.

use serde_json::json;

use super::{import, of_skus, product, products};
use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    a_row_that_contradicts_the_first_is_refused,
    a_row_may_say_again_what_the_first_says,
    columns_have_a_bound,
    a_refused_product_leaves_no_store_behind,
    messages_name_the_other_row_and_the_missing_column,
    problems_are_told_in_the_order_of_their_lines,
    currencies_are_those_of_money,
);

async fn a_row_that_contradicts_the_first_is_refused(shop: &Shop) {
    let file = "Handle,Title,Vendor,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price,Status,Currency\n\
        a,A,,,Size,S,,,1,,\na,,,,Color,Red,,,1,,\nb,B,,,Size,S,,,1,,USD\nb,Other,Else,x,,M,,,1,draft,EUR\n\
        c,C,,,Size,S,,,1,,\nc,,,,,M,Color,,1,,\nd,D,,,Size,S,,,1,,\n";

    let ended = import(shop, file, &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    let expected = [
        "line 3, column \"Option1 Name\": \"Color\" is \"Size\" in the first row of the product, at line 2",
        "line 5, column \"Title\": \"Other\" is \"B\" in the first row of the product, at line 4",
        "line 5, column \"Vendor\": \"Else\" is blank in the first row of the product, at line 4",
        "line 5, column \"Tags\": \"x\" is blank in the first row of the product, at line 4",
        "line 5, column \"Status\": \"draft\" is blank in the first row of the product, at line 4",
        "line 5, column \"Currency\": \"EUR\" is \"USD\" in the first row of the product, at line 4",
        "line 7, column \"Option2 Name\": \"Color\" is blank in the first row of the product, at line 6",
    ];
    assert_eq!(told[..7], expected, "{ended:?}");
    let slugs: Vec<_> = products(shop).await.iter().map(|product| product["slug"].clone()).collect();
    assert_eq!(slugs, ["d"]);
}

async fn a_row_may_say_again_what_the_first_says(shop: &Shop) {
    let file = "Handle,Title,Vendor,Published,Option1 Name,Option1 Value,Variant Price,Status,Currency\n\
        a,A,Acme,true,Size,S,1,active,USD\na, A ,Acme,TRUE,Size,M,1,Active,usd\n";

    import(shop, file, &[]).await.succeeded();

    assert_eq!(of_skus(&product(shop, "a").await, "/title"), ["S", "M"]);
}

async fn columns_have_a_bound(shop: &Shop) {
    let file = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("Other {number}")).collect();
        format!("Handle,Title,Variant Price,{}\na,A,1{}\n", names.join(","), ",".repeat(count))
    };

    let refused = import(shop, file(1_998), &[]).await;
    let said = import(shop, file(1_997), &[]).await.succeeded();

    assert!(refused.complaint().contains("line 1: 2001 columns are over the maximum of 2000"), "{refused:?}");
    assert!(said.contains("Other 48, Other 49 and 1947 more\n") && !said.contains("Other 50"), "{said}");
    let wide = format!("Handle,Title,Variant Price\na,A,1{}\nb,B,1\n", ",".repeat(100_000));
    let ended = import(shop, wide, &[]).await;
    assert!(ended.stderr.starts_with("line 2: 100003 cells, where the first row has 3\n"), "{ended:?}");
}

async fn a_refused_product_leaves_no_store_behind(shop: &Shop) {
    let file =
        "Handle,Title,Vendor,Type,Variant Price,Currency\na,A,New,Hats,1.234,EUR\nb,B,New,Hats,1,USD\nc,C,New,,1,EUR\n";

    let ended = import(shop, file, &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    assert!(told[0].starts_with("line 2, column \"Variant Price\""), "{ended:?}");
    assert_eq!(told[1], "line 4, column \"Vendor\": \"New\" sells in USD, the prices are in EUR: see --currency");
    assert_eq!(product(shop, "b").await["store"], json!({ "slug": "new", "name": "New", "currencyCode": "USD" }));
    assert_eq!(product(shop, "b").await["category"]["slug"], "hats");
}

async fn messages_name_the_other_row_and_the_missing_column(shop: &Shop) {
    let file = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n\
        a,A,,,,1\na,,,,,1\nb,B,Size,S,Z,1\nb,,,M,Z,1\nc,C,Size,S,Z,1\nc,,,S,Y,1\nd,D,Size,S,Z,1\n";

    let ended = import(shop, file, &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    let expected = [
        "line 3: a product without options has one variant: it is that of the row at line 2",
        "line 5, column \"Variant SKU\": \"Z\" is the code of the row at line 4, in the same product",
        "line 7, column \"Option1 Value\": \"S\" are the option values of the row at line 6, in the same product",
    ];
    assert_eq!(told[..3], expected, "{ended:?}");
    for (file, text) in [
        (
            "Handle,Title,Variant Price\nd,Other,5\n",
            "line 2, column \"Option1 Value\": is missing: the product has the options Size, and no sku with this code tells which variant it is",
        ),
        (
            "Handle,Title,Option1 Value,Variant Price\nd,D,S,5\n",
            "line 2, column \"Option1 Name\": is missing: the file has no such column",
        ),
    ] {
        let ended = import(shop, file, &[]).await;
        assert_eq!(ended.stderr.lines().next(), Some(text), "{ended:?}");
    }
}

async fn problems_are_told_in_the_order_of_their_lines(shop: &Shop) {
    // Some are found while the file is read, some when it is compared with the shop.
    let file = "Handle,Title,Variant Price\na,A,1.234\nb,B,x\nc,C,1.234\nd,D,x\n";

    let ended = import(shop, file, &[]).await;

    let lines: Vec<&str> = ended.stderr.lines().filter_map(|line| line.split(',').next()).take(4).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 4", "line 5"], "{ended:?}");
}

async fn currencies_are_those_of_money(shop: &Shop) {
    let file = "Handle,Title,Vendor,Variant Price,Currency\na,A,One,1,XXX\nb,B,Two,1,eur\nc,C,Three,1,xau\n";
    let ended = import(shop, file, &[]).await;
    import(shop, "Handle,Title,Vendor,Variant Price\nd,D,Four,1\n", &["--currency", "jpy"]).await.succeeded();
    let gold = import(shop, "Handle,Title,Vendor,Variant Price\ne,E,Five,1\n", &["--currency", "XAU"]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    let what = "is a code of ISO 4217, but of no money";
    assert_eq!(
        told[..2],
        [
            format!("line 2, column \"Currency\": \"XXX\" {what}"),
            format!("line 4, column \"Currency\": \"xau\" {what}")
        ]
    );
    assert!(gold.stderr.contains("of no money"), "{gold:?}");
    let found: Vec<_> = products(shop).await.iter().map(|product| product["store"]["currencyCode"].clone()).collect();
    assert_eq!(found, ["EUR", "JPY"]);
}
