//! The same data asked of an instance that caches and of one that does not: not a byte of the answers differs.

use serde_json::{Value, json};

use super::hot::{LONG_LOCAL, REMOTE_ONLY, cached, id_of, settle};
use crate::support::{Fleet, Shop, UNCACHED};

/// Rows that differ in everything lists are sorted and filtered by; some products are drafts, some have no sku, some no category.
async fn varied() -> Fleet {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(UNCACHED).await;
    shop.fill(3, 9).await;
    shop.trees(2).await;
    for sql in [
        "UPDATE products SET created_at = created_at + (abs(hashtext(slug)) % 5) * interval '1 hour', \
         name = 'Product ' || abs(hashtext(slug)) % 7",
        "UPDATE products SET category_id = (SELECT id FROM categories WHERE slug = 'few') WHERE slug LIKE '%-3'",
        "UPDATE products SET category_id = (SELECT id FROM categories WHERE slug = 'some') WHERE slug LIKE '%-4'",
        "UPDATE products SET category_id = NULL WHERE slug LIKE '%-5'",
        "UPDATE products SET status = 'DRAFT' WHERE slug LIKE '%-6'",
        "UPDATE skus SET price = 500 + 100 * (abs(hashtext(product_id::text)) % 6)",
        "UPDATE stock SET quantity = 0 WHERE abs(hashtext(sku_id::text)) % 3 = 0",
        "DELETE FROM skus WHERE product_id IN (SELECT id FROM products WHERE slug LIKE '%-7')",
    ] {
        fleet.primary().execute(&fleet.database, sql).await.unwrap();
    }
    settle(&fleet).await;
    shop.stop().await;
    fleet
}

const PAGE: &str = "edges { cursor node {
        id slug name status inStock version createdAt options { name } images { url }
        priceRange { min { amount currencyCode } max { amount } }
        store { slug version } category { slug ancestors { slug } }
        skus { id price { amount } stock { quantity isAvailable version } }
    } }
    nodes { slug }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    totalCount { count precision }";

/// Queries with their variables: every kind of list, by every argument that lists have.
async fn matrix(shop: &Shop) -> Vec<(String, Value)> {
    let arguments =
        "$first: Int, $after: String, $last: Int, $before: String, $where: ProductWhere, $orderBy: ProductOrder";
    let given = "first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy";
    let whole_shop = format!("query ({arguments}) {{ products({given}) {{ {PAGE} }} }}");
    let in_stores =
        format!("query ({arguments}) {{ stores(first: 3) {{ nodes {{ slug products({given}) {{ {PAGE} }} }} }} }}");
    let in_categories = format!(
        "query ({arguments}) {{ categories(first: 5) {{ nodes {{ slug all: products({given}) {{ {PAGE} }} \
         own: products({given}, includeDescendants: false) {{ {PAGE} }} }} }} }}"
    );
    let store = id_of(shop, "store", "store-2").await;
    let category = id_of(shop, "category", "some").await;
    let first = shop.ask(&whole_shop, json!({ "first": 4 })).await;
    let cursor = first.string("/products/pageInfo/endCursor");
    let mut queries = Vec::new();
    for query in [&whole_shop, &in_stores, &in_categories] {
        let pages =
            [json!({ "first": 4 }), json!({}), json!({ "first": 0 }), json!({ "first": 1 }), json!({ "last": 3 })];
        // All of them where an answer is small.
        let pages = if query == &whole_shop { &pages[..] } else { &pages[..1] };
        for page in pages {
            for order in ["CREATED_AT", "NAME", "PRICE"] {
                for direction in ["ASC", "DESC"] {
                    let mut variables = page.clone();
                    variables["orderBy"] = json!({ "field": order, "direction": direction });
                    queries.push((query.clone(), variables));
                }
            }
        }
        for condition in [
            json!({ "store": { "eq": store } }),
            json!({ "category": { "eq": category } }),
            json!({ "category": { "eq": category, "includeDescendants": false } }),
            json!({ "status": { "in": ["DRAFT", "ACTIVE"] } }),
            json!({ "inStock": { "eq": true } }),
            json!({ "price": { "currencyCode": "EUR", "gte": "6", "lte": "8" } }),
            json!({ "OR": [{ "inStock": { "eq": false } }, { "store": { "eq": store } }] }),
            json!({ "OR": [] }),
        ] {
            queries.push((query.clone(), json!({ "first": 4, "where": condition })));
        }
        for page in [json!({ "first": 4, "after": cursor }), json!({ "last": 2, "before": cursor })] {
            queries.push((query.clone(), page));
        }
    }
    let category =
        "id slug name position version children { slug children { slug } } ancestors { slug } parent { slug }";
    let info = "pageInfo { hasPreviousPage hasNextPage startCursor endCursor } totalCount { count }";
    for arguments in ["first: 2", "first: 50", "last: 2", "first: 2, rootsOnly: true", "rootsOnly: true", "first: 0"] {
        queries.push((
            format!("{{ categories({arguments}) {{ edges {{ cursor node {{ {category} }} }} {info} }} }}"),
            json!({}),
        ));
    }
    for arguments in ["first: 2", "first: 50", "last: 1", "first: 0"] {
        queries.push((
            format!("{{ stores({arguments}) {{ edges {{ cursor node {{ id slug name version }} }} {info} }} }}"),
            json!({}),
        ));
    }
    queries
}

/// The answer as it came, without the extensions.
async fn bytes(shop: &Shop, query: &str, variables: &Value) -> String {
    let answer = shop.ask(query, variables.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text.split(",\"extensions\"").next().unwrap().to_owned()
}

async fn compare(flags: &[&str]) {
    let fleet = varied().await;
    let (plain, caching) = (fleet.instance(UNCACHED).await, cached(&fleet, flags).await);

    for (query, variables) in matrix(&plain).await {
        let expected = bytes(&plain, &query, &variables).await;
        // Cold, half warm and hot.
        for time in 1..=3 {
            let found = bytes(&caching, &query, &variables).await;
            assert_eq!(found, expected, "the {time}. time: {query} {variables}");
        }
    }
    for shop in [plain, caching] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn answers_out_of_redis_are_those_of_the_database() {
    compare(REMOTE_ONLY).await;
}

#[tokio::test]
async fn answers_out_of_the_process_are_those_of_the_database() {
    compare(LONG_LOCAL).await;
}
