//! Choosing values: what is given back goes into `where` as it is, and what is chosen stays in sight.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    facets_compose_as_a_shopper_chooses,
    what_is_selected_stays_though_nothing_has_it,
    of_many_values_the_first_and_the_selected_ones_are_shown,
    categories_of_the_same_name_are_told_apart,
    prices_are_in_the_currency_of_the_condition_or_in_the_most_frequent_one,
);

const FACETS: &str = "query ($where: ProductWhere, $first: Int, $kinds: [ProductFacetKind!]) {
    products(where: $where) {
        totalCount { count }
        facets(first: $first, kinds: $kinds) { kind label values { label count selected input toggled } }
    }
}";

struct Asked {
    total: i64,
    facets: Vec<Value>,
}

async fn ask(shop: &Shop, variables: Value) -> Asked {
    let answer = shop.ask(FACETS, variables).await;
    let total = answer.data("/products/totalCount/count").as_i64().unwrap();
    Asked { total, facets: answer.data("/products/facets").as_array().unwrap().clone() }
}

impl Asked {
    /// The values of a facet, each as `label count`, with a star where it is selected.
    fn shown(&self, label: &str) -> Vec<String> {
        let facet = self.facets.iter().find(|facet| facet["label"] == label);
        let values = facet.map(|facet| facet["values"].as_array().unwrap().clone()).unwrap_or_default();
        let show = |value: &Value| {
            let star = if value["selected"] == true { "*" } else { "" };
            format!("{} {}{star}", value["label"].as_str().unwrap(), value["count"])
        };
        values.iter().map(show).collect()
    }

    fn value(&self, facet: &str, label: &str) -> &Value {
        let facet = self.facets.iter().find(|other| other["label"] == facet).unwrap();
        facet["values"].as_array().unwrap().iter().find(|value| value["label"] == label).unwrap()
    }

    /// The `where` with a value toggled.
    fn toggled(&self, facet: &str, label: &str) -> Value {
        self.value(facet, label)["toggled"].clone()
    }
}

/// A product with the sizes and tags, and a sku of the first size with stock at the price.
async fn shirt(shop: &Shop, store: &str, slug: &str, sizes: &[&str], tags: &[&str], price: &str) -> String {
    let product = shop
        .product_with(json!({
            "storeId": store, "slug": slug, "name": slug, "status": "ACTIVE", "tags": tags,
            "options": [{ "name": "Size", "values": sizes }],
        }))
        .await;
    let sku = json!({ "productId": product, "optionValues": [sizes[0]], "price": price });
    let sku = shop.sku_with(sku).await;
    shop.stock(&sku, 1).await;
    product
}

async fn facets_compose_as_a_shopper_chooses(shop: &Shop) {
    let (acme, globex) = (shop.store("acme").await, shop.store("globex").await);
    shirt(shop, &acme, "a", &["S", "M"], &["red", "new"], "10").await;
    shirt(shop, &acme, "b", &["M", "L"], &["blue"], "20").await;
    shirt(shop, &globex, "c", &["M"], &["red"], "30").await;
    shirt(shop, &globex, "d", &["L"], &[], "40").await;

    let all = ask(shop, json!({})).await;
    assert_eq!(all.shown("Size"), ["M 3", "L 2", "S 1"]);
    assert_eq!(all.shown("Tag"), ["red 2", "blue 1", "new 1"]);
    assert_eq!(all.shown("Store"), ["acme 2", "globex 2"]);
    assert_eq!(all.shown("Availability"), ["In stock 4"]);
    assert_eq!(all.shown("Category"), [""; 0]);
    let kinds: Vec<&Value> = all.facets.iter().map(|facet| &facet["kind"]).collect();
    assert_eq!(json!(kinds), json!(["STORE", "PRICE", "STOCK", "TAG", "OPTION"]));

    // A size: the other sizes stay, all else counts what has it.
    let medium = ask(shop, json!({ "where": all.toggled("Size", "M") })).await;
    assert_eq!(medium.total, 3);
    assert_eq!(medium.shown("Size"), ["M 3*", "L 2", "S 1"]);
    assert_eq!(medium.shown("Tag"), ["red 2", "blue 1", "new 1"]);
    assert_eq!(medium.shown("Store"), ["acme 2", "globex 1"]);

    // A tag as well: sizes count what has the tag, tags what has the size.
    let red = ask(shop, json!({ "where": medium.toggled("Tag", "red") })).await;
    assert_eq!(red.total, 2);
    assert_eq!(red.shown("Size"), ["M 2*", "S 1"]);
    assert_eq!(red.shown("Tag"), ["red 2*", "blue 1", "new 1"]);
    assert_eq!(red.shown("Store"), ["acme 1", "globex 1"]);

    // A second tag beside the first, and the first away again.
    let two = ask(shop, json!({ "where": red.toggled("Tag", "blue") })).await;
    assert_eq!((two.total, two.shown("Tag")), (3, vec!["red 2*".to_owned(), "blue 1*".to_owned(), "new 1".to_owned()]));
    let blue = ask(shop, json!({ "where": two.toggled("Tag", "red") })).await;
    assert_eq!(blue.total, 1);
    let none = blue.toggled("Tag", "blue");
    assert_eq!(none, json!({ "options": [{ "name": "Size", "in": ["M"] }] }));
}

async fn what_is_selected_stays_though_nothing_has_it(shop: &Shop) {
    let (acme, empty) = (shop.store("acme").await, shop.store("empty").await);
    let (garden, chairs) = (shop.category("garden", None).await, shop.category("chairs", None).await);
    shirt(shop, &acme, "a", &["S"], &["red"], "10").await;

    let chosen = ask(
        shop,
        json!({ "where": {
            "store": { "in": [empty] }, "category": { "in": [garden], "includeDescendants": false },
            "AND": [{ "category": { "eq": chairs } }], "tags": { "eq": "gone" },
            "options": [{ "name": "Size", "in": ["XXL"] }, { "name": "Smell", "eq": "Mint" }],
            "price": { "currencyCode": "USD", "gte": "1", "lte": "2" }, "inStock": { "eq": false },
        } }),
    )
    .await;

    assert_eq!(chosen.total, 0);
    assert_eq!(chosen.shown("Store"), ["empty 0*"]);
    assert_eq!(chosen.shown("Category"), ["chairs 0*", "garden 0*"]);
    assert_eq!(chosen.shown("Tag"), ["gone 0*"]);
    assert_eq!(chosen.shown("Size"), ["XXL 0*"]);
    assert_eq!(chosen.shown("Smell"), ["Mint 0*"]);
    assert_eq!(chosen.shown("Price"), ["1.00 – 2.00 USD 0*"]);
    assert_eq!(chosen.shown("Availability"), ["Sold out 0*"]);
    assert_eq!(
        chosen.value("Store", "empty")["input"],
        json!({ "store": { "in": [empty] } }),
        "an input is a condition on its value alone"
    );
}

async fn of_many_values_the_first_and_the_selected_ones_are_shown(shop: &Shop) {
    let acme = shop.store("acme").await;
    let tags = ["a", "b", "c", "d", "e"];
    for (count, slug) in tags.iter().enumerate() {
        shirt(shop, &acme, slug, &tags[..=count], &tags[..=count], "10").await;
    }

    let two = ask(shop, json!({ "first": 2 })).await;
    let selected = ask(shop, json!({ "first": 2, "where": { "tags": { "in": ["e", "a"] } } })).await;
    let size = json!({ "options": [{ "name": "Size", "in": ["d"] }] });
    let sizes = ask(shop, json!({ "first": 1, "kinds": ["OPTION"], "where": size })).await;

    assert_eq!((two.shown("Tag"), two.shown("Size")), (shown(&["a 5", "b 4"]), shown(&["a 5", "b 4"])));
    assert_eq!(selected.shown("Tag"), ["a 5*", "b 4", "e 1*"]);
    assert_eq!((sizes.shown("Size"), sizes.facets.len()), (shown(&["a 5", "d 2*"]), 1));
}

fn shown(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

async fn categories_of_the_same_name_are_told_apart(shop: &Shop) {
    let acme = shop.store("acme").await;
    let (garden, kitchen) = (shop.category("garden", None).await, shop.category("kitchen", None).await);
    for (slug, parent) in [("garden-chairs", &garden), ("kitchen-chairs", &kitchen)] {
        let category = shop.category(slug, Some(parent)).await;
        let rename =
            "mutation ($id: ID!) { categoryUpdate(input: { id: $id, name: \"Chairs\" }) { userErrors { code } } }";
        shop.ask_as_staff(rename, json!({ "id": category })).await;
        let product =
            json!({ "storeId": acme, "categoryId": category, "slug": slug, "name": slug, "status": "ACTIVE" });
        shop.product_with(product).await;
    }

    let all = ask(shop, json!({ "kinds": ["CATEGORY"] })).await;
    let below = ask(shop, json!({ "kinds": ["CATEGORY"], "where": { "category": { "eq": garden } } })).await;

    assert_eq!(all.shown("Category"), ["garden / Chairs 1", "kitchen / Chairs 1"]);
    // The subtree that is selected is a value as well, and counts all that is in it.
    assert_eq!(below.shown("Category"), ["garden 1*", "garden / Chairs 1", "kitchen / Chairs 1"]);
    assert_eq!(below.toggled("Category", "garden"), json!({}));
}

async fn prices_are_in_the_currency_of_the_condition_or_in_the_most_frequent_one(shop: &Shop) {
    let (euro, yen) = (shop.store("euro").await, shop.store_in("yen", "JPY").await);
    for (slug, price) in [("a", "9.99"), ("b", "10"), ("c", "19.99"), ("d", "50")] {
        shirt(shop, &euro, slug, &["S"], &[], price).await;
    }
    shirt(shop, &yen, "e", &["S"], &[], "2000").await;
    let prices = async |condition: Value| ask(shop, json!({ "kinds": ["PRICE"], "where": condition })).await;

    let all = prices(json!({})).await;
    let ten = prices(all.toggled("Price", "10.00 – 14.99 EUR")).await;
    let both = prices(ten.toggled("Price", "50.00 – 59.99 EUR")).await;
    let own = prices(json!({ "price": { "currencyCode": "EUR", "gte": "9.99", "lte": "10" } })).await;
    let yen = prices(json!({ "price": { "currencyCode": "JPY" } })).await;

    let buckets = ["8.00 – 9.99 EUR 1", "10.00 – 14.99 EUR 1", "15.00 – 49.99 EUR 1", "50.00 – 59.99 EUR 1"];
    assert_eq!(all.shown("Price"), buckets);
    assert_eq!((ten.total, both.total), (1, 2));
    let starred = ["8.00 – 9.99 EUR 1", "10.00 – 14.99 EUR 1*", "15.00 – 49.99 EUR 1", "50.00 – 59.99 EUR 1*"];
    assert_eq!(both.shown("Price"), starred);
    assert_eq!(own.shown("Price")[1], "9.99 – 10.00 EUR 2*");
    assert_eq!(yen.shown("Price"), ["JPY 1*", "2000 – 2499 JPY 1"]);
    assert_eq!(
        both.toggled("Price", "10.00 – 14.99 EUR"),
        json!({ "price": { "currencyCode": "EUR", "gte": "50.00", "lte": "59.99" } })
    );
}
