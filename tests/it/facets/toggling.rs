//! Choices that are more than one more value of a list: ranges of prices, categories in categories, and what is over a limit.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    halves_of_a_price_range_are_one_value,
    many_chosen_prices_are_counted,
    a_category_below_a_chosen_one_takes_its_place,
    categories_below_a_chosen_one_come_first,
    what_is_handed_out_is_within_the_limits,
);

/// The values of the one facet of a kind.
async fn values(shop: &Shop, kind: &str, condition: &Value, first: u32) -> Vec<Value> {
    let query = "query ($where: ProductWhere, $kinds: [ProductFacetKind!], $first: Int) {
        products(where: $where) { facets(kinds: $kinds, first: $first) { values { label count selected input toggled } } }
    }";
    let answer = shop.ask(query, json!({ "where": condition, "kinds": [kind], "first": first })).await;
    answer.data("/products/facets/0/values").as_array().unwrap().clone()
}

fn value<'a>(values: &'a [Value], label: &str) -> &'a Value {
    values.iter().find(|value| value["label"] == label).unwrap_or_else(|| panic!("no {label} in {values:?}"))
}

/// The values, each as `label count`, with a star where it is selected.
fn shown(values: &[Value]) -> Vec<String> {
    let star = |value: &Value| if value["selected"] == true { "*" } else { "" };
    values
        .iter()
        .map(|value| format!("{} {}{}", value["label"].as_str().unwrap(), value["count"], star(value)))
        .collect()
}

async fn total(shop: &Shop, condition: &Value) -> Value {
    let query = "query ($where: ProductWhere) { products(where: $where) { totalCount { count } } }";
    shop.ask(query, json!({ "where": condition })).await.data("/products/totalCount/count").clone()
}

/// Products at these prices in euros.
async fn priced(shop: &Shop, prices: &[u32]) {
    let store = shop.store("acme").await;
    for price in prices {
        let product = shop.product(&store, &format!("p{price}")).await;
        shop.sku(&product, &price.to_string()).await;
    }
}

async fn halves_of_a_price_range_are_one_value(shop: &Shop) {
    priced(shop, &[5, 12, 18, 90]).await;
    let half = |bound: &str, amount: &str| json!({ "price": { "currencyCode": "EUR", bound: amount } });
    let halves = json!({ "AND": [half("gte", "10"), half("lte", "20")] });
    let apart = json!({ "AND": [half("gte", "80"), half("lte", "20")] });

    let chosen = values(shop, "PRICE", &halves, 10).await;
    let (range, dear) = (value(&chosen, "10.00 – 20.00 EUR"), value(&chosen, "80.00 – 99.99 EUR"));
    assert_eq!((&range["count"], &range["selected"]), (&json!(2), &json!(true)));
    assert_eq!(range["input"], json!({ "price": { "currencyCode": "EUR", "gte": "10.00", "lte": "20.00" } }));
    assert_eq!(range["toggled"], json!({}));
    assert_eq!(total(shop, &dear["toggled"]).await, 3, "the range and the bucket");

    // Nothing is in both: they stay two values, each of which can be had.
    let chosen = values(shop, "PRICE", &apart, 10).await;
    assert_eq!(value(&chosen, "80.00 EUR and more")["toggled"], half("lte", "20.00"));
    assert_eq!(total(shop, &apart).await, 0);
}

async fn many_chosen_prices_are_counted(shop: &Shop) {
    priced(shop, &[5, 12, 18, 90]).await;
    let range = |from: u32| json!({ "price": { "currencyCode": "EUR", "gte": from.to_string(), "lte": "20" } });
    let ranges = json!({ "OR": (1..=12).map(range).collect::<Vec<_>>() });

    let chosen: Vec<Value> = values(shop, "PRICE", &ranges, 10).await;
    let counts: Vec<&Value> =
        chosen.iter().filter(|value| value["selected"] == true).map(|value| &value["count"]).collect();

    assert_eq!(json!(counts), json!([3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2]));
}

/// A product in each of these categories: a kitchen with pans, in which there are woks, and a garden.
async fn kitchen(shop: &Shop) -> [String; 4] {
    let kitchen = shop.category("kitchen", None).await;
    let pans = shop.category("pans", Some(&kitchen)).await;
    let woks = shop.category("woks", Some(&pans)).await;
    let garden = shop.category("garden", None).await;
    let store = shop.store("acme").await;
    for (slug, category) in [("a", &kitchen), ("b", &pans), ("c", &woks), ("d", &garden), ("e", &garden)] {
        shop.product_with(
            json!({ "storeId": store, "categoryId": category, "slug": slug, "name": slug, "status": "ACTIVE" }),
        )
        .await;
    }
    [kitchen, pans, woks, garden]
}

async fn a_category_below_a_chosen_one_takes_its_place(shop: &Shop) {
    let [kitchen, pans, woks, garden] = kitchen(shop).await;
    let own = |ids: &[&String]| json!({ "category": { "in": ids, "includeDescendants": false } });
    let tree = json!({ "category": { "eq": kitchen } });

    let chosen = values(shop, "CATEGORY", &tree, 10).await;
    assert_eq!(shown(&chosen), ["kitchen 3*", "kitchen 1", "pans 1", "woks 1", "garden 2"]);
    assert_eq!(value(&chosen, "woks")["toggled"], own(&[&woks]));
    assert_eq!(chosen[1]["toggled"], own(&[&kitchen]), "the kitchen without what is below it");
    assert_eq!(total(shop, &value(&chosen, "garden")["toggled"]).await, 5, "what lies elsewhere comes beside it");

    // Of two trees, one in the other, it lies in both; of what is chosen elsewhere nothing is taken away.
    let trees = json!({ "category": { "in": [kitchen, pans, garden] } });
    let chosen = values(shop, "CATEGORY", &trees, 10).await;
    assert_eq!(total(shop, &value(&chosen, "woks")["toggled"]).await, 3);
    let chosen = values(shop, "CATEGORY", &own(&[&pans]), 10).await;
    assert_eq!(value(&chosen, "woks")["toggled"], own(&[&pans, &woks]));
}

async fn categories_below_a_chosen_one_come_first(shop: &Shop) {
    let [kitchen, ..] = kitchen(shop).await;

    let all = values(shop, "CATEGORY", &json!({}), 1).await;
    let below = values(shop, "CATEGORY", &json!({ "category": { "eq": kitchen } }), 3).await;

    assert_eq!(shown(&all), ["garden 2"]);
    assert_eq!(shown(&below), ["kitchen 3*", "kitchen 1", "pans 1"]);
}

async fn what_is_handed_out_is_within_the_limits(shop: &Shop) {
    let store = shop.store("acme").await;
    let sizes: Vec<String> = (0..51).map(|size| format!("{size:02}")).collect();
    let tags: Vec<String> = (0..20).map(|tag| format!("t{tag:02}")).collect();
    shop.product_with(json!({
        "storeId": store, "slug": "a", "name": "a", "status": "ACTIVE", "tags": tags,
        "options": [{ "name": "Size", "values": sizes }, { "name": "Colour", "values": ["Red"] }],
    }))
    .await;
    let options =
        |count: usize| -> Vec<Value> { (0..count).map(|_| json!({ "name": "Size", "in": sizes[..2] })).collect() };
    let size = |many: usize| json!({ "options": [{ "name": "Size", "in": sizes[51 - many..] }] });
    // Whatever is handed out is taken.
    let handed_out = async |kind: &str, condition: Value| {
        let values = values(shop, kind, &condition, 50).await;
        for value in values.iter().filter(|value| value["toggled"] != Value::Null) {
            total(shop, &value["toggled"]).await;
        }
        values.iter().filter(|value| value["toggled"] == Value::Null).count()
    };

    // Twenty tags are one condition, so all fits.
    let wide = json!({ "tags": { "all": tags }, "options": options(12) });
    assert_eq!(handed_out("STOCK", wide.clone()).await, 0);
    assert_eq!(values(shop, "STOCK", &wide, 10).await[0]["toggled"]["tags"], json!({ "all": tags }));
    // Fifty conditions are the most: one more is too many.
    let full = json!({ "tags": { "all": tags }, "options": options(24) });
    assert_eq!(handed_out("STOCK", full.clone()).await, 0);
    let mut fuller = full;
    fuller["createdAt"] = json!({ "gte": "2020-01-01T00:00:00Z" });
    assert_eq!(handed_out("STOCK", fuller).await, 1);
    // And so are fifty values of an option.
    assert_eq!(handed_out("OPTION", size(49)).await, 0);
    assert!(handed_out("OPTION", size(50)).await > 0);
}
