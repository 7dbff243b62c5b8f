//! Over made-up shops and made-up conditions, every count of every facet is the one that counting by itself gives.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use crate::support::{Shop, on_both};

on_both!(every_count_is_what_the_list_of_that_value_has);

const TAGS: [&str; 5] = ["red", "blue", "new", "Red", "it's \"50%\" off"];
const SIZES: [&str; 3] = ["S", "M", "L"];
const COLOURS: [&str; 2] = ["Black", "White"];

struct Made {
    stores: Vec<String>,
    categories: Vec<String>,
}

impl Made {
    /// Whether a value is a category within another value, which is one with all below it.
    fn narrows(&self, value: &Value, tree: &Value) -> bool {
        let category = |value: &Value| {
            let id = &value["input"]["category"]["in"][0];
            self.categories.iter().position(|category| category == id)
        };
        // The root, left and right below it, and a leaf below left.
        let within: [&[usize]; 4] = [&[0], &[0, 1], &[0, 2], &[0, 1, 3]];
        match (category(value), category(tree)) {
            (Some(of), Some(root)) => {
                value != tree && tree["input"]["category"]["includeDescendants"] == true && within[of].contains(&root)
            }
            _ => false,
        }
    }
}

/// Sixteen products that differ in everything: some without skus, stock, category, tags or options, some tagged twice with the same.
async fn made_up(shop: &Shop, dice: &mut StdRng) -> Made {
    let mut stores = Vec::new();
    for (slug, currency) in [("a", "EUR"), ("b", "EUR"), ("c", "JPY")] {
        stores.push(shop.store_in(slug, currency).await);
    }
    let root = shop.category("root", None).await;
    let left = shop.category("left", Some(&root)).await;
    let right = shop.category("right", Some(&root)).await;
    let leaf = shop.category("leaf", Some(&left)).await;
    let categories = vec![root, left, right, leaf];
    for number in 0..16 {
        let sizes = &SIZES[..dice.random_range(0..=3)];
        let colours = &COLOURS[..dice.random_range(0..=2)];
        let options: Vec<Value> = [("Size", sizes), ("Colour", colours)]
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| json!({ "name": name, "values": values }))
            .collect();
        let tags: Vec<&str> = (0..dice.random_range(0..4)).map(|_| TAGS[dice.random_range(0..TAGS.len())]).collect();
        let category = categories.get(dice.random_range(0..5));
        let status = if dice.random_range(0..8) == 0 { "DRAFT" } else { "ACTIVE" };
        let product = shop
            .product_with(json!({
                "storeId": stores[dice.random_range(0..3)], "slug": format!("p{number}"), "name": "P",
                "status": status, "categoryId": category, "options": options, "tags": tags,
            }))
            .await;
        let values: Vec<&str> = [sizes, colours].iter().filter_map(|values| values.first().copied()).collect();
        if dice.random_range(0..5) > 0 {
            let price = dice.random_range(1..40) * dice.random_range(1..6);
            let sku = json!({ "productId": product, "optionValues": values, "price": price.to_string() });
            let sku = shop.sku_with(sku).await;
            shop.stock(&sku, dice.random_range(0..2)).await;
        }
    }
    Made { stores, categories }
}

/// A condition, and the facet that it alone is about: its kind, for options with the name.
type Part = (Option<String>, Value);

fn part(made: &Made, dice: &mut StdRng) -> Part {
    let store = |dice: &mut StdRng| made.stores[dice.random_range(0..3)].clone();
    let category = |dice: &mut StdRng| made.categories[dice.random_range(0..4)].clone();
    let tag = |dice: &mut StdRng| TAGS[dice.random_range(0..TAGS.len())];
    let of = |kind: &str, condition| (Some(kind.to_owned()), condition);
    match dice.random_range(0..18) {
        0 => of("STORE", json!({ "store": { "eq": store(dice) } })),
        1 => of("STORE", json!({ "store": { "in": [store(dice), store(dice)] } })),
        2 => of("CATEGORY", json!({ "category": { "eq": category(dice) } })),
        3 => of(
            "CATEGORY",
            json!({ "category": { "in": [category(dice), category(dice)], "includeDescendants": false } }),
        ),
        4 => of("PRICE", json!({ "price": { "currencyCode": "EUR", "gte": "10", "lte": "59.99" } })),
        5 => of("PRICE", json!({ "price": { "currencyCode": "JPY", "gte": "20" } })),
        6 => of("STOCK", json!({ "inStock": { "eq": dice.random_range(0..2) == 0 } })),
        7 => of("TAG", json!({ "tags": { "eq": tag(dice) } })),
        8 => of("TAG", json!({ "tags": { "in": [tag(dice), "nowhere"] } })),
        9 => of("TAG", json!({ "tags": { "all": [tag(dice), tag(dice)] } })),
        10 => {
            of("OPTION Size", json!({ "options": [{ "name": "Size", "in": [SIZES[dice.random_range(0..3)], "S"] }] }))
        }
        11 => of("OPTION Colour", json!({ "options": [{ "name": "Colour", "eq": COLOURS[dice.random_range(0..2)] }] })),
        12 => {
            of("TAG", json!({ "OR": [{ "tags": { "eq": tag(dice) } }, { "AND": [{ "tags": { "eq": tag(dice) } }] }] }))
        }
        13 => (None, json!({ "OR": [{ "tags": { "eq": tag(dice) } }, { "inStock": { "eq": true } }] })),
        14 => of("PRICE", json!({ "price": { "currencyCode": "EUR", "gte": "30" } })),
        15 => of("PRICE", json!({ "price": { "currencyCode": "EUR", "lte": "80" } })),
        16 => (None, json!({ "status": { "in": ["ACTIVE"] } })),
        _ => (None, json!({ "createdAt": { "gte": "2020-01-01T00:00:00Z", "lt": "2999-01-01T00:00:00Z" } })),
    }
}

/// All parts in one `where`: side by side as far as their keys differ, the others in `AND`, some of these one level deeper.
fn together(parts: &[Part], dice: &mut StdRng) -> Value {
    let (mut object, mut and) = (Map::new(), Vec::new());
    for (_, part) in parts {
        let (key, value) = part.as_object().unwrap().iter().next().unwrap();
        if object.contains_key(key) || dice.random_range(0..3) == 0 {
            let deeper = dice.random_range(0..2) == 0;
            and.push(if deeper { json!({ "AND": [part] }) } else { part.clone() });
        } else {
            object.insert(key.clone(), value.clone());
        }
    }
    if !and.is_empty() {
        object.insert("AND".to_owned(), json!(and));
    }
    Value::Object(object)
}

async fn count(shop: &Shop, parts: Vec<Value>) -> i64 {
    let query = "query ($where: ProductWhere) { products(where: $where) { totalCount { count } } }";
    let answer = shop.ask(query, json!({ "where": { "AND": parts } })).await;
    answer.data("/products/totalCount/count").as_i64().unwrap()
}

async fn facets(shop: &Shop, condition: &Value) -> Vec<Value> {
    let query = "query ($where: ProductWhere) {
        products(where: $where) { facets(first: 50) { kind label precision values { label count selected input toggled } } }
    }";
    let answer = shop.ask(query, json!({ "where": condition })).await;
    answer.data("/products/facets").as_array().unwrap().clone()
}

async fn every_count_is_what_the_list_of_that_value_has(shop: &Shop) {
    let mut dice = StdRng::seed_from_u64(7);
    let made = made_up(shop, &mut dice).await;
    let mut seen = std::collections::BTreeMap::<String, usize>::new();

    for _ in 0..40 {
        let parts: Vec<Part> = (0..dice.random_range(0..5)).map(|_| part(&made, &mut dice)).collect();
        let condition = together(&parts, &mut dice);
        for facet in facets(shop, &condition).await {
            let kind = facet["kind"].as_str().unwrap();
            let own =
                if kind == "OPTION" { format!("OPTION {}", facet["label"].as_str().unwrap()) } else { kind.to_owned() };
            let others = parts.iter().filter(|(of, _)| of.as_ref() != Some(&own)).map(|(_, part)| part.clone());
            let others: Vec<Value> = others.collect();
            let values = facet["values"].as_array().unwrap();
            assert_eq!(facet["precision"], "EXACT");
            for value in values {
                let told = format!("{own} {value} of {condition}");
                let alone = count(shop, others.iter().chain([&value["input"]]).cloned().collect()).await;
                assert_eq!(value["count"].as_i64(), Some(alone), "{told}");
                assert!(alone > 0 || value["selected"] == true, "{told}");

                let chosen = values.iter().filter(|other| (other["selected"] == true) != (other == &value));
                let chosen = chosen.filter(|other| value["selected"] == true || !made.narrows(value, other));
                let chosen: Vec<&Value> = chosen.map(|other| &other["input"]).collect();
                let any = (!chosen.is_empty()).then(|| json!({ "OR": chosen }));
                let expected = count(shop, others.iter().cloned().chain(any).collect()).await;
                assert_eq!(count(shop, vec![value["toggled"].clone()]).await, expected, "{told}");
            }
            *seen.entry(own).or_default() += values.len();
        }
    }

    assert_eq!(seen.len(), 7, "{seen:?}");
}
