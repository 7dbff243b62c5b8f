//! What cards do not show is read where it is asked for, and only there.

use serde_json::{Value, json};

use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    details_are_the_same_whichever_way_they_are_asked_for,
    a_card_under_one_name_and_its_details_under_another_are_one_statement,
    details_that_nothing_foretold_are_one_statement_for_a_whole_page,
);

const PRODUCT: &str =
    "description tags options { name values { name } } images { url altText } seo { title description }";
const SKU: &str = "code attributes { name value } selectedOptions { name value } createdAt updatedAt";

/// Three products with everything there is to say, each with two skus.
async fn described(shop: &Shop) -> Vec<String> {
    let store = shop.store("acme").await;
    let mut products = Vec::new();
    for number in 0..3 {
        let product = shop
            .product_with(json!({
                "storeId": store, "slug": format!("p-{number}"), "name": format!("Product \"{number}\" é"),
                "status": "ACTIVE", "seo": { "description": "é, \"}" }, "description": format!("line {number}\n\"é\" \\ {{}}"), "tags": ["new", "é, \"}"],
                "options": [{ "name": "Size", "values": ["S", "M, \"L\""] }],
                "images": [{ "url": "https://example.com/1.jpg", "altText": "é" }, { "url": "https://example.com/2.jpg" }],
            }))
            .await;
        for size in ["S", "M, \"L\""] {
            let sku = shop
                .sku_with(json!({
                    "productId": product, "price": "12.5", "optionValues": [size], "code": format!("{number}-{}", size.len()),
                    "attributes": [{ "name": "Weight", "value": "1 \"kg\"" }],
                }))
                .await;
            if size == "S" {
                shop.stock(&sku, 7).await;
            }
        }
        products.push(product);
    }
    products
}

async fn details_are_the_same_whichever_way_they_are_asked_for(shop: &Shop) {
    let products = described(shop).await;
    let id = json!({ "id": products[1] });

    let foretold = format!("query ($id: ID!) {{ product(id: $id) {{ {PRODUCT} skus {{ {SKU} }} }} }}");
    let foretold = shop.ask(&foretold, id.clone()).await;
    let product = foretold.data("/product").clone();
    assert_eq!(product["options"], json!([{ "name": "Size", "values": [{ "name": "S" }, { "name": "M, \"L\"" }] }]));
    assert_eq!(product["skus"][1]["selectedOptions"], json!([{ "name": "Size", "value": "M, \"L\"" }]));
    assert_eq!(product["skus"][0]["attributes"], json!([{ "name": "Weight", "value": "1 \"kg\"" }]));

    let around = format!(
        "query ($id: ID!) {{
            product(id: $id) {{ skus {{ product {{ {PRODUCT} }} stock {{ quantity sku {{ {SKU} }} }} }} }}
            products {{ nodes {{ id skus {{ product {{ {PRODUCT} skus {{ stock {{ sku {{ {SKU} }} }} }} }} }} }} }}
        }}"
    );
    let around = shop.ask(&around, id.clone()).await;
    let mut put_together = around.data("/product/skus/0/product").clone();
    let skus: Vec<&Value> = (0..2).map(|sku| around.data(&format!("/product/skus/{sku}/stock/sku"))).collect();
    put_together["skus"] = json!(skus);
    assert_eq!(put_together.to_string(), product.to_string());

    let nodes = around.data("/products/nodes").as_array().unwrap();
    let node = nodes.iter().find(|node| node["id"] == json!(products[1])).unwrap();
    let mut put_together = node["skus"][1]["product"].clone();
    for sku in put_together["skus"].as_array_mut().unwrap() {
        *sku = sku["stock"]["sku"].clone();
    }
    assert_eq!(put_together.to_string(), product.to_string());
}

async fn a_card_under_one_name_and_its_details_under_another_are_one_statement(shop: &Shop) {
    let products = described(shop).await;
    let query = format!(
        "query ($id: ID!) {{
            card: product(id: $id) {{ name skus {{ price {{ amount }} stock {{ quantity }} }} }}
            whole: product(id: $id) {{ ...Whole }}
        }}
        fragment Whole on Product {{ ... {{ {PRODUCT} }} skus {{ ...WholeSku }} }}
        fragment WholeSku on Sku {{ {SKU} }}"
    );

    let answer = shop.explain(&query, json!({ "id": products[0] })).await;

    assert_eq!(answer.statements(), 1, "{}", answer.text);
    assert_eq!(answer.data("/card/skus/0/stock"), &json!({ "quantity": 7 }));
    assert_eq!(answer.data("/card/skus/1/stock"), &json!({ "quantity": 0 }));
    assert_eq!(answer.data("/whole/tags"), &json!(["new", "é, \"}"]));
    assert_eq!(answer.strings("/whole/skus", "code"), ["0-1", "0-6"]);
}

async fn details_that_nothing_foretold_are_one_statement_for_a_whole_page(shop: &Shop) {
    described(shop).await;

    for (selection, statements) in [
        ("name skus { title }", 2),
        ("description skus { code selectedOptions { name } }", 2),
        ("skus { product { description } }", 2),
        ("skus { stock { sku { product { description } } } }", 3),
        ("skus { stock { sku { code } } }", 3),
    ] {
        let answer = shop.explain(&format!("{{ products {{ nodes {{ {selection} }} }} }}"), json!({})).await;

        assert_eq!(answer.statements(), statements, "{selection}: {}", answer.text);
        assert_eq!(answer.data("/products/nodes").as_array().unwrap().len(), 3);
    }
}
