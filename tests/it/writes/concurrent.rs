//! Writes that meet: exactly one wins, and the others learn why they did not.

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait};
use serde_json::{Value, json};
use storefront::db::Routing;

use crate::support::{Answer, Kind, Shop, on_both, until};

const ROUNDS: usize = 8;
const AT_ONCE: usize = 4;

on_both!(
    of_concurrent_updates_at_one_version_one_wins,
    of_concurrent_creates_with_one_slug_one_wins,
    of_concurrent_skus_with_one_code_one_wins,
    of_concurrent_deletes_one_wins,
    concurrent_writers_of_a_products_skus_and_stock_all_succeed,
    skus_that_change_places_meet_without_harm,
    categories_that_are_put_below_each_other_make_no_circle,
);

/// Sends the same mutation with each input at once.
async fn at_once(shop: &Shop, field: &str, inputs: impl IntoIterator<Item = Value>) -> Vec<Answer> {
    join_all(inputs.into_iter().map(|input| shop.write(field, input, ""))).await
}

/// How many won; all others were refused like this.
#[track_caller]
fn winners(answers: &[Answer], field: &str, refusal: &str) -> usize {
    let refusals: Vec<Vec<String>> = answers.iter().map(|answer| answer.user_errors(field)).collect();
    let winners = refusals.iter().filter(|refusals| refusals.is_empty()).count();
    assert!(refusals.iter().all(|refusals| refusals.is_empty() || *refusals == [refusal]), "{refusals:?}");
    winners
}

async fn of_concurrent_updates_at_one_version_one_wins(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    for _ in 0..ROUNDS {
        let seen = shop.done("productUpdate", json!({ "id": product, "name": "start" }), "product { version }").await;
        let change =
            |name: usize| json!({ "id": product, "version": seen["product"]["version"], "name": name.to_string() });

        let answers = at_once(shop, "productUpdate", (0..AT_ONCE).map(change)).await;

        assert_eq!(winners(&answers, "productUpdate", "input.version CONFLICT"), 1);
        let winner = answers.iter().position(|answer| answer.user_errors("productUpdate").is_empty()).unwrap();
        let kept = shop.ask("{ product(slug: \"oak\") { name } }", json!({})).await;
        assert_eq!(kept.string("/product/name"), winner.to_string());
    }
}

async fn of_concurrent_creates_with_one_slug_one_wins(shop: &Shop) {
    let store = shop.store("acme").await;
    for round in 0..ROUNDS {
        let product = json!({ "storeId": store, "slug": format!("oak-{round}"), "name": "n" });
        let category = json!({ "slug": format!("boards-{round}"), "name": "n" });
        let new_store = json!({ "slug": format!("store-{round}"), "name": "n", "currencyCode": "EUR" });
        let user = json!({ "email": format!("ada-{round}@example.com"), "name": "n" });

        for (field, input, taken) in [
            ("productCreate", product, "input.slug TAKEN"),
            ("categoryCreate", category, "input.slug TAKEN"),
            ("storeCreate", new_store, "input.slug TAKEN"),
            ("userCreate", user, "input.email TAKEN"),
        ] {
            let answers = at_once(shop, field, std::iter::repeat_n(input, AT_ONCE)).await;

            assert_eq!(winners(&answers, field, taken), 1);
        }
    }
}

async fn of_concurrent_skus_with_one_code_one_wins(shop: &Shop) {
    let store = shop.store("acme").await;
    let sizes: Vec<String> = (0..AT_ONCE).map(|size| size.to_string()).collect();
    for round in 0..ROUNDS {
        let options = json!([{ "name": "Size", "values": sizes }]);
        let slug = format!("shirt-{round}");
        let product =
            shop.product_with(json!({ "storeId": store, "slug": slug, "name": "n", "options": options })).await;
        let coded = |size: usize| json!({ "productId": product, "optionValues": [size.to_string()], "price": "1", "code": "C" });
        let uncoded = json!({ "productId": product, "optionValues": ["0"], "price": "1" });

        let answers = at_once(shop, "skuCreate", (0..AT_ONCE).map(coded)).await;
        assert_eq!(winners(&answers, "skuCreate", "input.code TAKEN"), 1);

        let answers = at_once(shop, "skuCreate", std::iter::repeat_n(uncoded, AT_ONCE)).await;
        assert!(winners(&answers, "skuCreate", "input.optionValues TAKEN") <= 1);
    }
}

async fn of_concurrent_deletes_one_wins(shop: &Shop) {
    let store = shop.store("acme").await;
    for _ in 0..ROUNDS {
        let product = shop.product(&store, "oak").await;

        let answers = at_once(shop, "productDelete", std::iter::repeat_n(json!({ "id": product }), AT_ONCE)).await;

        assert_eq!(winners(&answers, "productDelete", "input.id NOT_FOUND"), 1);
    }
}

async fn concurrent_writers_of_a_products_skus_and_stock_all_succeed(shop: &Shop) {
    let store = shop.store("acme").await;
    let sizes: Vec<String> = (0..AT_ONCE).map(|size| size.to_string()).collect();
    let options = json!([{ "name": "Size", "values": sizes }]);
    let product =
        shop.product_with(json!({ "storeId": store, "slug": "shirt", "name": "n", "options": options })).await;
    let mut skus = Vec::new();
    for size in &sizes {
        skus.push(shop.sku_with(json!({ "productId": product, "optionValues": [size], "price": "1" })).await);
    }

    for round in 0..ROUNDS {
        let price = |(index, sku): (usize, &String)| json!({ "id": sku, "price": (index + round).to_string() });
        let stock = |(index, sku): (usize, &String)| json!({ "skuId": sku, "quantity": (index + round) % 2 });
        let (prices, stocks, names) = tokio::join!(
            at_once(shop, "skuUpdate", skus.iter().enumerate().map(price)),
            at_once(shop, "stockSet", skus.iter().enumerate().map(stock)),
            at_once(shop, "productUpdate", [json!({ "id": product, "name": round.to_string() })]),
        );

        assert_eq!(winners(&prices, "skuUpdate", ""), AT_ONCE);
        assert_eq!(winners(&stocks, "stockSet", ""), AT_ONCE);
        assert_eq!(winners(&names, "productUpdate", ""), 1);
        let query = "{ product(slug: \"shirt\") { inStock priceRange { min { amount } max { amount } } } }";
        let kept = shop.ask_as_staff(query, json!({})).await;
        let (min, max) = (format!("{round}.00"), format!("{}.00", round + AT_ONCE - 1));
        assert_eq!(
            kept.data("/product"),
            &json!({ "inStock": true, "priceRange": { "min": { "amount": min }, "max": { "amount": max } } })
        );
    }
}

async fn skus_that_change_places_meet_without_harm(shop: &Shop) {
    let store = shop.store("acme").await;
    let (left, right) = (shop.product(&store, "left").await, shop.product(&store, "right").await);
    let options = json!([{ "name": "Size", "values": ["a", "b"] }]);
    for product in [&left, &right] {
        shop.done("productUpdate", json!({ "id": product, "options": options }), "").await;
    }
    let a = shop.sku_with(json!({ "productId": left, "optionValues": ["a"], "price": "1" })).await;
    let b = shop.sku_with(json!({ "productId": right, "optionValues": ["b"], "price": "2" })).await;

    let (mut of_a, mut of_b) = (&right, &left);
    for _ in 0..ROUNDS {
        let inputs = [json!({ "id": a, "productId": of_a }), json!({ "id": b, "productId": of_b })];

        let answers = at_once(shop, "skuUpdate", inputs).await;

        assert_eq!(winners(&answers, "skuUpdate", ""), 2);
        std::mem::swap(&mut of_a, &mut of_b);
    }
    let answer = shop
        .ask_as_staff(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Sku { product { slug } } } }",
            json!({ "ids": [a, b] }),
        )
        .await;
    assert_eq!(answer.data("/nodes"), &json!([{ "product": { "slug": "left" } }, { "product": { "slug": "right" } }]));
}

async fn categories_that_are_put_below_each_other_make_no_circle(shop: &Shop) {
    for round in 0..ROUNDS {
        let a = shop.category(&format!("a-{round}"), None).await;
        let b = shop.category(&format!("b-{round}"), None).await;

        let inputs = [json!({ "id": a, "parentId": b }), json!({ "id": b, "parentId": a })];
        let answers = at_once(shop, "categoryUpdate", inputs).await;

        assert_eq!(winners(&answers, "categoryUpdate", "input.parentId INVALID"), 1);
    }
}

/// A transaction of someone else, which a write of the shop then waits for.
async fn begun(shop: &Shop, sql: &str) -> DatabaseTransaction {
    let transaction = shop.db.administration().begin().await.unwrap();
    assert_eq!(transaction.execute_unprepared(sql).await.unwrap().rows_affected(), 1, "{sql}");
    transaction
}

/// Refusals of a write that was under way when another transaction committed.
async fn refused_behind(shop: &Shop, sql: &str, field: &str, input: Value) -> Vec<String> {
    let other = begun(shop, sql).await;
    let commit = async {
        // Through the pool that the shop reads from: the other pool is busy with the two writes.
        let routing = Routing::new(shop.db.clone());
        let reader = routing.reader("test");
        until("the write waits for a lock", async || {
            let sql =
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap().is_some()
        })
        .await;
        other.commit().await.unwrap();
    };

    let (answer, ()) = tokio::join!(shop.write(field, input, ""), commit);

    answer.user_errors(field)
}

/// Only Postgres lets two writers run side by side, so only there a check can pass and its write meet the constraint.
#[tokio::test]
async fn what_only_the_constraint_can_see_is_refused_like_what_the_check_sees() {
    let shop = Shop::start(Kind::Postgres).await;
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak").await;
    shop.category("boards", None).await;
    let user = shop.user("ada@example.com").await;
    let moments = "'2026-01-01', '2026-01-01'";

    let sql = format!(
        "INSERT INTO products (id, store_id, slug, name, status, currency_code, created_at, updated_at)
         SELECT gen_random_uuid(), id, 'ash', 'n', 'DRAFT', currency_code, {moments} FROM stores"
    );
    let input = json!({ "storeId": store, "slug": "ash", "name": "n" });
    assert_eq!(refused_behind(&shop, &sql, "productCreate", input).await, ["input.slug TAKEN"]);

    let input = json!({ "id": product, "slug": "elm" });
    let sql = sql.replace("'ash'", "'elm'");
    assert_eq!(refused_behind(&shop, &sql, "productUpdate", input).await, ["input.slug TAKEN"]);

    let sql = format!(
        "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at)
         VALUES (gen_random_uuid(), 'new', 'n', 'EUR', {moments})"
    );
    let input = json!({ "slug": "new", "name": "n", "currencyCode": "EUR" });
    assert_eq!(refused_behind(&shop, &sql, "storeCreate", input).await, ["input.slug TAKEN"]);
    let input = json!({ "id": store, "slug": "newer" });
    let sql = sql.replace("'new'", "'newer'");
    assert_eq!(refused_behind(&shop, &sql, "storeUpdate", input).await, ["input.slug TAKEN"]);

    let sql = format!(
        "INSERT INTO users (id, email, name, created_at, updated_at)
         VALUES (gen_random_uuid(), 'bob@example.com', 'n', {moments})"
    );
    let input = json!({ "email": "Bob@example.com", "name": "n" });
    assert_eq!(refused_behind(&shop, &sql, "userCreate", input).await, ["input.email TAKEN"]);
    let input = json!({ "id": user, "email": "eve@example.com" });
    let sql = sql.replace("bob@", "eve@");
    assert_eq!(refused_behind(&shop, &sql, "userUpdate", input).await, ["input.email TAKEN"]);

    shop.stop().await;
}

#[tokio::test]
async fn a_write_that_waited_sees_what_it_waited_for() {
    let shop = Shop::start(Kind::Postgres).await;
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak").await;
    let sku = shop.sku(&product, "1").await;
    shop.stock(&sku, 1).await;
    let category = shop.category("boards", None).await;
    let seen = async |query: &str| shop.ask_as_staff(query, json!({})).await.string("/product/v");

    let version = seen("{ product(slug: \"oak\") { v: version } }").await;
    let input = json!({ "id": product, "version": version, "name": "late" });
    let conflict = refused_behind(&shop, "UPDATE products SET name = 'first'", "productUpdate", input).await;
    assert_eq!(conflict, ["input.version CONFLICT"]);

    let sql = "UPDATE products SET category_id = (SELECT id FROM categories)";
    let in_use = refused_behind(&shop, sql, "categoryDelete", json!({ "id": category })).await;
    assert_eq!(in_use, ["input.id IN_USE"]);
    shop.done("productUpdate", json!({ "id": product, "categoryId": null }), "").await;

    let input = json!({ "id": product, "categoryId": category });
    let category_gone = refused_behind(&shop, "DELETE FROM categories", "productUpdate", input).await;
    assert_eq!(category_gone, ["input.categoryId NOT_FOUND"]);

    let input = json!({ "skuId": sku, "quantity": 2 });
    let product_gone = refused_behind(&shop, "DELETE FROM products", "stockSet", input).await;
    assert_eq!(product_gone, ["input.skuId NOT_FOUND"]);

    let input = json!({ "storeId": store, "slug": "new", "name": "n" });
    let store_gone = refused_behind(&shop, "DELETE FROM stores", "productCreate", input).await;
    assert_eq!(store_gone, ["input.storeId NOT_FOUND"]);

    shop.stop().await;
}
