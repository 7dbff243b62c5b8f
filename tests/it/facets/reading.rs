//! What facets read, who sees what in them, and what they cost.

use serde_json::{Value, json};

use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    facets_are_one_statement_and_none_when_they_are_not_asked_for,
    facets_of_five_lists_are_one_statement,
    drafts_are_counted_for_staff_alone,
    facets_have_their_price,
    the_number_of_values_has_bounds,
    the_widest_conditions_are_counted,
    over_a_hundred_thousand_products_are_counted_no_further,
);

async fn facets_are_one_statement_and_none_when_they_are_not_asked_for(shop: &Shop) {
    shop.fill(2, 3).await;
    let ask = async |fields: &str, condition: Value| {
        let query = format!("query ($where: ProductWhere) {{ products(where: $where) {{ {fields} }} }}");
        shop.explain(&query, json!({ "where": condition })).await.statements()
    };
    let narrowed = json!({
        "tags": { "in": ["a", "b"] }, "options": [{ "name": "Size", "in": ["S"] }, { "name": "Colour", "in": ["Red"] }],
        "inStock": { "eq": true }, "price": { "currencyCode": "EUR", "gte": "1" },
    });

    assert_eq!(ask("nodes { id }", json!({})).await, 1);
    assert_eq!(ask("nodes { id } facets { kind }", json!({})).await, 2);
    assert_eq!(ask("nodes { id } facets(kinds: [TAG]) { values { count } }", json!({})).await, 2);
    assert_eq!(ask("nodes { id } facets(kinds: []) { values { count } }", json!({})).await, 1);
    assert_eq!(ask("nodes { id } facets { values { label count input toggled } }", narrowed.clone()).await, 2);
    assert_eq!(ask("nodes { id } a: facets(kinds: [TAG]) { kind } b: facets(first: 2) { kind }", narrowed).await, 2);
}

async fn facets_of_five_lists_are_one_statement(shop: &Shop) {
    shop.fill(12, 2).await;
    let query = "query ($first: Int) { stores(first: $first) { nodes { slug products(first: 1) { facets(kinds: [STORE]) { kind values { label count } } } } } }";

    let few = shop.explain(query, json!({ "first": 2 })).await;
    let many = shop.explain(query, json!({ "first": 12 })).await;

    // The stores, the facets: those of five lists in a statement, so that one which takes too long fails few.
    assert_eq!((few.statements(), many.statements()), (2, 4));
    for store in many.data("/stores/nodes").as_array().unwrap() {
        let facets = &store["products"]["facets"];
        let of_store = facets.as_array().unwrap().iter().find(|facet| facet["kind"] == "STORE").unwrap();
        assert_eq!(of_store["values"], json!([{ "label": "Store", "count": 2 }]));
    }
}

async fn drafts_are_counted_for_staff_alone(shop: &Shop) {
    let store = shop.store("acme").await;
    let secret = shop.category("secret", None).await;
    shop.product(&store, "seen").await;
    for (slug, status) in [("draft", "DRAFT"), ("archived", "ARCHIVED")] {
        let product = shop
            .product_with(json!({
                "storeId": store, "categoryId": secret, "slug": slug, "name": slug, "status": status, "tags": ["hidden"],
                "options": [{ "name": "Hidden", "values": ["S"] }],
            }))
            .await;
        shop.sku_with(json!({ "productId": product, "optionValues": ["S"], "price": "10" })).await;
    }
    let query = "query ($where: ProductWhere) { products(where: $where) { facets { kind values { label count } } } }";

    for condition in [json!({}), json!({ "status": { "in": ["DRAFT", "ACTIVE"] } }), json!({ "tags": { "in": ["x"] } })]
    {
        let shopper = shop.ask(query, json!({ "where": condition })).await;
        assert!(!shopper.text.contains("idden") && !shopper.text.contains("secret"), "{}", shopper.text);
        assert!(!shopper.text.contains("EUR"), "{}", shopper.text);
    }
    let staff = shop.ask_as_staff(query, json!({})).await;
    let category = json!({ "kind": "CATEGORY", "values": [{ "label": "secret", "count": 2 }] });
    assert_eq!(staff.data("/products/facets/0"), &category);
}

async fn facets_have_their_price(shop: &Shop) {
    shop.fill(1, 3).await;
    let cost = async |query: &str| {
        let answer = shop.ask(query, json!({})).await;
        let cost = &answer.json["extensions"]["cost"];
        (cost["requested"].as_i64().unwrap(), cost["actual"].as_i64().unwrap())
    };

    let list = cost("{ products(first: 1) { nodes { id } } }").await;
    let facets = cost("{ products(first: 1) { nodes { id } facets { kind values { label count } } } }").await;
    let stock =
        cost("{ products(first: 1) { nodes { id } facets(kinds: [STOCK]) { kind values { label count } } } }").await;

    // A hundred points, and 25 for each kind that is asked for; four came.
    assert_eq!(list, (3, 3));
    assert_eq!(facets, (3 + 100 + 150, 3 + 100 + 100));
    assert_eq!(stock, (3 + 100 + 25, 3 + 100 + 25));
    let lists: String = (0..20).map(|list| format!("l{list}: products(first: 0) {{ facets {{ kind }} }} ")).collect();
    // An operation may cost 5,000 where nothing else is set.
    assert_eq!(cost(&format!("{{ {lists} }}")).await.0, 5040);
    let (code, message) = shop.ask("{ products { facets(kinds: null) { kind } } }", json!({})).await.error();
    assert_eq!(code, "BAD_USER_INPUT", "{message}");
}

async fn the_number_of_values_has_bounds(shop: &Shop) {
    for first in [0, -1, 51] {
        let query = format!("{{ products {{ facets(first: {first}) {{ kind }} }} }}");
        let (code, message) = shop.ask(&query, json!({})).await.error();

        assert_eq!((code.as_str(), message), ("BAD_USER_INPUT", format!("facets first {first} is outside 1 to 50")));
    }
}

/// Each facet that is narrowed has the conditions of all others in it: a statement could come to more values than a database takes.
async fn the_widest_conditions_are_counted(shop: &Shop) {
    shop.fill(6, 1).await;
    let values: Vec<String> = (0..50).map(|value| value.to_string()).collect();
    let options: Vec<Value> = (0..12).map(|name| json!({ "name": name.to_string(), "in": values })).collect();
    let query = "query ($where: ProductWhere) {
        stores { nodes { products(where: $where) { facets(kinds: [OPTION]) { label values { label count selected } } } } }
    }";

    let answer = shop.explain(query, json!({ "where": { "options": options } })).await;

    for store in answer.data("/stores/nodes").as_array().unwrap() {
        assert_eq!(store["products"]["facets"].as_array().unwrap().len(), 12);
        let value = json!({ "label": "0", "count": 0, "selected": true });
        assert_eq!(store["products"]["facets"][11]["values"][0], value, "{}", answer.text);
    }
}

async fn over_a_hundred_thousand_products_are_counted_no_further(shop: &Shop) {
    shop.products_alone(100_001).await;
    let query = "query ($where: ProductWhere) { products(first: 0, where: $where) { facets { kind precision values { label count } } } }";

    let all = shop.ask(query, json!({})).await;
    let few = shop.ask(query, json!({ "where": { "createdAt": { "lt": "2000-01-01T00:00:00Z" } } })).await;

    let stock =
        json!({ "kind": "STOCK", "precision": "AT_LEAST", "values": [{ "label": "Sold out", "count": 100_001 }] });
    assert_eq!(all.data("/products/facets/1"), &stock);
    assert_eq!(few.data("/products/facets"), &json!([]));
}
