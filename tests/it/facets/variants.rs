//! Choosing a variant without reading all of them.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    a_variant_is_found_by_its_options_in_any_order,
    a_selection_that_makes_no_sense_is_refused,
    a_value_is_available_when_a_variant_with_it_has_stock,
    many_variants_are_chosen_from_without_being_read,
);

/// A shirt in sizes S and M and colours Red and Blue; of M in Blue there is no variant, and only S in Red and M in Red have stock.
async fn shirt(shop: &Shop) -> String {
    let store = shop.store("acme").await;
    let options = json!([{ "name": "Size", "values": ["S", "M"] }, { "name": "Colour", "values": ["Red", "Blue"] }]);
    let input = json!({ "storeId": store, "slug": "shirt", "name": "Shirt", "status": "ACTIVE", "options": options });
    let shirt = shop.product_with(input).await;
    for (values, price, quantity) in [(["S", "Red"], "1", 2), (["S", "Blue"], "2", 0), (["M", "Red"], "3", 1)] {
        let sku = shop.sku_with(json!({ "productId": shirt, "optionValues": values, "price": price })).await;
        shop.stock(&sku, quantity).await;
    }
    shirt
}

fn given(values: &[(&str, &str)]) -> Value {
    values.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

const BY_OPTIONS: &str = "query ($options: [SelectedOptionInput!]!) {
    product(slug: \"shirt\") { skuByOptions(options: $options) { title price { amount } stock { quantity } selectedOptions { value } } }
}";

async fn a_variant_is_found_by_its_options_in_any_order(shop: &Shop) {
    shirt(shop).await;
    let find = async |options: &[(&str, &str)]| {
        let answer = shop.ask(BY_OPTIONS, json!({ "options": given(options) })).await;
        answer.data("/product/skuByOptions").clone()
    };

    let found = find(&[("Colour", "Red"), ("Size", "M")]).await;
    assert_eq!(
        found,
        json!({
            "title": "M / Red", "price": { "amount": "3.00" }, "stock": { "quantity": 1 },
            "selectedOptions": [{ "value": "M" }, { "value": "Red" }],
        })
    );
    assert_eq!(find(&[("Size", "S"), ("Colour", "Blue")]).await["title"], "S / Blue");
    assert_eq!(find(&[("Size", "M"), ("Colour", "Blue")]).await, json!(null));
    assert_eq!(find(&[("Size", "XXL"), ("Colour", "red")]).await, json!(null));

    let store = shop.store("globex").await;
    let plain = shop.product(&store, "plain").await;
    let sku = shop.sku(&plain, "5").await;
    let only = shop.ask("{ product(slug: \"plain\") { skuByOptions(options: []) { id } } }", json!({})).await;
    assert_eq!(only.data("/product/skuByOptions/id"), &json!(sku));
}

async fn a_selection_that_makes_no_sense_is_refused(shop: &Shop) {
    shirt(shop).await;

    for (options, told) in [
        (given(&[("Size", "M")]), "options: a value for \"Colour\" is missing"),
        (given(&[]), "options: a value for \"Size\" is missing"),
        (
            given(&[("Size", "M"), ("Smell", "Mint")]),
            "\"Smell\" is not an option of the product, it has \"Size\", \"Colour\"",
        ),
        (given(&[("Size", "M"), ("Size", "S"), ("Colour", "Red")]), "\"Size\" is given twice"),
    ] {
        let (code, message) = shop.ask(BY_OPTIONS, json!({ "options": options })).await.error();
        assert_eq!((code.as_str(), message.as_str()), ("BAD_USER_INPUT", told));
    }
}

async fn a_value_is_available_when_a_variant_with_it_has_stock(shop: &Shop) {
    shirt(shop).await;
    let query = "query ($given: [SelectedOptionInput!]) {
        product(slug: \"shirt\") { options { name values { name available(given: $given) } } }
        products { nodes { options { values { available(given: $given) } } } }
    }";
    let available = async |values: Value| {
        let answer = shop.ask(query, json!({ "given": values })).await;
        let options = answer.data("/product/options").as_array().unwrap().clone();
        let values = options.iter().flat_map(|option| option["values"].as_array().unwrap().clone());
        values
            .filter(|value| value["available"] == true)
            .map(|value| value["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };

    assert_eq!(available(json!(null)).await, ["S", "M", "Red"]);
    assert_eq!(available(given(&[("Size", "S")])).await, ["S", "M", "Red"]);
    assert_eq!(available(given(&[("Colour", "Blue")])).await, ["Red"]);
    assert_eq!(available(given(&[("Colour", "Blue"), ("Size", "S")])).await, ["Red"]);
    assert_eq!(available(given(&[("Size", "XXL")])).await, ["S", "M"]);
    // An option that the product has not does not count, and nothing has two sizes.
    assert_eq!(available(given(&[("Smell", "Mint"), ("Size", "S")])).await, ["S", "M", "Red"]);
    assert_eq!(available(given(&[("Size", "S"), ("Size", "M")])).await, ["S", "M"]);
}

async fn many_variants_are_chosen_from_without_being_read(shop: &Shop) {
    shirt(shop).await;
    let query = "query ($options: [SelectedOptionInput!]!) {
        product(slug: \"shirt\") {
            options { values { name available(given: $options) } } skuByOptions(options: $options) { id stock { quantity } }
        }
    }";
    let options = json!({ "options": given(&[("Size", "S"), ("Colour", "Red")]) });

    let cold = shop.explain(query, options.clone()).await;
    let warm = shop.explain(query, options).await;

    assert!(cold.statements() <= 2 && warm.statements() <= 1, "{} {}", cold.text, warm.text);
    assert_eq!(cold.json["data"], warm.json["data"]);
}
