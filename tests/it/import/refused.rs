//! A row at fault is told by line, column and value; it stops its product and nothing else.

use serde_json::json;

use super::{import, of_skus, product, products};
use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    a_bad_row_stops_only_its_product,
    every_bad_row_of_a_product_is_told,
    rows_of_a_product_that_come_later_are_strays,
    a_row_without_a_handle_may_be_anybodys,
    a_hundred_are_told_and_the_others_counted,
    a_product_has_no_more_than_the_mutations_give_it,
);

const HEADING: &str = "Handle,Title,Vendor,Type,Tags,Published,Status,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
     Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Position,Image Alt Text,SEO Title,Currency";

/// A row with these cells, the others blank.
fn row(cells: &[(&str, &str)]) -> String {
    let cell = |name: &str| {
        let text = cells.iter().find(|(column, _)| *column == name).map_or("", |(_, text)| *text);
        format!("\"{}\"", text.replace('"', "\"\""))
    };
    HEADING.split(',').map(|name| cell(name.trim())).collect::<Vec<_>>().join(",")
}

async fn a_bad_row_stops_only_its_product(shop: &Shop) {
    let long = "n".repeat(256);
    let start = format!("{}…", "n".repeat(60));
    let too_long = format!("\"{start}\": name has 256 characters, over the maximum of 255");
    let cases: [(&str, &str, &str, &str); 28] = [
        (
            "Variant Price",
            "1,299.00",
            "Variant Price",
            "\"1,299.00\" is not a price: digits with a point before the decimals, such as 1299.00",
        ),
        ("Variant Price", "$5", "Variant Price", "\"$5\" is not a price"),
        ("Variant Price", "-5", "Variant Price", "\"-5\" is not a price"),
        ("Variant Price", "", "Variant Price", "is blank"),
        ("Variant Price", "9.999", "Variant Price", "9.999 has 3 decimals, USD has 2"),
        ("Variant Price", "100000000001", "Variant Price", "is over the maximum of 100000000000.00"),
        ("Variant Price", "99999999999999999999999999999999", "Variant Price", "is not a price"),
        ("Variant Compare At Price", "free", "Variant Compare At Price", "\"free\" is not a price"),
        ("Variant Inventory Qty", "-3", "Variant Inventory Qty", "\"-3\" is not a whole number from 0 to 1000000000"),
        ("Variant Inventory Qty", "2.5", "Variant Inventory Qty", "\"2.5\" is not a whole number"),
        ("Variant Inventory Qty", "1000000001", "Variant Inventory Qty", "from 0 to 1000000000"),
        ("Title", "", "Title", "is blank"),
        ("Title", &long, "Title", &too_long),
        ("Title", "two\nlines", "Title", "\"two\\nlines\": name holds the control character U+000A"),
        ("Handle", "Bad Handle", "Handle", "\"Bad Handle\" is not a slug"),
        ("Handle", "null\0byte", "Handle", "is not a slug"),
        ("Tags", "null\0byte", "Tags", "holds the control character U+0000"),
        ("Status", "sold", "Status", "\"sold\" is not active, draft or archived"),
        ("Published", "yes", "Published", "\"yes\" is not true or false"),
        ("Currency", "EURO", "Currency", "\"EURO\" is not a currency code of ISO 4217"),
        ("Vendor", "***", "Vendor", "\"***\" has no letter or digit to make a slug of"),
        ("Type", "—", "Type", "\"—\" has no letter or digit to make a slug of"),
        ("Tags", &long, "Tags", "over the maximum of 255"),
        ("Variant SKU", &long, "Variant SKU", "over the maximum of 255"),
        ("Image Src", "photo.jpg", "Image Src", "\"photo.jpg\" is not an address that begins with https:// or http://"),
        ("Image Position", "first", "Image Position", "\"first\" is not a whole number"),
        ("Option2 Value", "Red", "Option2 Name", "is blank"),
        ("SEO Title", &long, "SEO Title", "over the maximum of 255"),
    ];
    let fine = |handle| row(&[("Handle", handle), ("Title", handle), ("Variant Price", "1")]);
    for (column, value, told, text) in cases {
        let mut bad = vec![(column, value)];
        let others = [
            ("Handle", "bad"),
            ("Title", "Bad"),
            ("Variant Price", "5"),
            ("Published", "true"),
            ("Option1 Name", "Size"),
            ("Option1 Value", "S"),
            ("Image Src", "https://x.example/1.jpg"),
        ];
        bad.extend(
            others.into_iter().filter(|(name, _)| *name != column && !(column == "Status" && *name == "Published")),
        );
        let file = [HEADING.replace(", ", ","), fine("before"), row(&bad), fine("after")].join("\n");

        let ended = import(shop, &file, &[]).await;

        let expected = format!("line 3, column \"{told}\": ");
        let line = ended.stderr.lines().next().unwrap_or_default();
        assert!(!ended.status.success(), "{column} {value}: {ended:?}");
        assert!(line.starts_with(&expected) && line.contains(text), "{column} {value:?}: {ended:?}");
        let last = ended.stderr.lines().last().unwrap();
        assert_eq!(
            last,
            "storefront: shop.csv: 1 products and 0 stray rows were refused, all others are as the file says"
        );
        assert_eq!(ended.stderr.lines().count(), 2, "{ended:?}");
        let slugs: Vec<_> = products(shop).await.iter().map(|product| product["slug"].clone()).collect();
        assert_eq!(slugs, ["after", "before"], "{column} {value}");
        let answer = shop.ask("{ stores { nodes { slug } } categories { nodes { slug } } }", json!({})).await;
        assert_eq!(answer.strings("/stores/nodes", "slug"), ["shop"], "nothing is made for a product that is refused");
        assert_eq!(answer.data("/categories/nodes"), &json!([]));
    }
}

async fn every_bad_row_of_a_product_is_told(shop: &Shop) {
    let file = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\nshirt,Shirt,Size,S,1,5\nshirt,,,M,1,5,7\nshirt,,,,2,5\n\
         shirt,,,L,3,five\ncap,Cap,Size,S,1,5\ncap,,,S,2,5\ncap,,,M,1,5\n";

    let ended = import(shop, file, &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(
        told[..5],
        [
            "line 3: 7 cells, where the first row has 6",
            "line 4, column \"Option1 Value\": is blank",
            "line 5, column \"Variant Price\": \"five\" is not a price: digits with a point before the decimals, such as 1299.00",
            "line 7, column \"Option1 Value\": \"S\" are the option values of the row at line 6, in the same product",
            "line 8, column \"Variant SKU\": \"1\" is the code of the row at line 6, in the same product",
        ]
    );
    assert!(ended.stdout.contains("products: 0 created, 0 updated, 0 unchanged, 2 refused"), "{ended:?}");
    assert_eq!(products(shop).await, [json!(null); 0]);
}

async fn rows_of_a_product_that_come_later_are_strays(shop: &Shop) {
    let file = "Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Size,S,1\nb,B,Size,S,1\na,,,M,1\nc,C,Size,S,1\n\n,,,,\na,,,L,1\nc,,,M,1\n";

    let ended = import(shop, file, &[]).await;

    let text = "\"a\" came before, at line 2: the rows of a product must follow each other";
    let told: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(told[0], format!("line 4, column \"Handle\": {text}"));
    assert_eq!(told[1], format!("line 8, column \"Handle\": {text}"));
    assert!(told[2].starts_with("line 9, column \"Handle\": \"c\" came before, at line 5"), "{ended:?}");
    assert!(ended.stdout.contains("stray rows: 3 refused"), "{ended:?}");
    assert!(!ended.status.success());
    assert_eq!(of_skus(&product(shop, "a").await, "/title"), ["S"]);
    assert_eq!(of_skus(&product(shop, "c").await, "/title"), ["S"]);
}

async fn a_row_without_a_handle_may_be_anybodys(shop: &Shop) {
    let file = "Handle,Title,Variant Price\n,,1\na,A,1\nb,B,1\n ,,2\nc,C,1\n";

    let ended = import(shop, file, &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(told[..2], ["line 2, column \"Handle\": is blank", "line 5, column \"Handle\": is blank"]);
    let slugs: Vec<_> = products(shop).await.iter().map(|product| product["slug"].clone()).collect();
    assert_eq!(slugs, ["a", "c"]);
}

async fn a_hundred_are_told_and_the_others_counted(shop: &Shop) {
    let rows: Vec<String> = (0..250).map(|number| format!("p-{number},P,none")).collect();

    let ended = import(shop, format!("Handle,Title,Variant Price\n{}\n", rows.join("\n")), &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(told.len(), 102, "{ended:?}");
    assert_eq!(told[100], "and 150 more");
    assert!(told[101].contains("250 products and 0 stray rows were refused"), "{ended:?}");
}

async fn a_product_has_no_more_than_the_mutations_give_it(shop: &Shop) {
    let values = |count: usize| {
        let rows: Vec<String> = (1..count).map(|number| format!("p,,,v{number},1\n")).collect();
        format!("Handle,Title,Option1 Name,Option1 Value,Variant Price\np,P,Size,v0,1\n{}", rows.concat())
    };
    let tags: Vec<String> = (0..251).map(|number| number.to_string()).collect();
    let images: Vec<String> = (1..252).map(|number| format!("p,,,https://x.example/{number}.jpg\n")).collect();

    for (file, text) in [
        (values(251), "line 2, column \"Option1 Value\": 251 values are over the maximum of 250"),
        (values(2001), "line 2002: one variant more than the maximum of 2000"),
        (
            format!("Handle,Title,Tags,Variant Price\np,P,\"{}\",1\n", tags.join(",")),
            ": 251 tags are over the maximum of 250",
        ),
        (
            format!("Handle,Title,Variant Price,Image Src\np,P,1,\n{}", images.concat()),
            "is one image more than the maximum of 250",
        ),
    ] {
        let ended = import(shop, file, &[]).await;

        assert!(!ended.status.success() && ended.stderr.lines().next().unwrap().contains(text), "{text}: {ended:?}");
    }
    assert_eq!(products(shop).await, [json!(null); 0]);
    import(shop, values(250), &[]).await.succeeded();
    assert_eq!(product(shop, "p").await["skus"].as_array().unwrap().len(), 250);
}
