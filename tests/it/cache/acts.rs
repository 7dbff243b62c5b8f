//! What clients do with products.

use serde_json::{Value, json};

use crate::support::{Answer, STAFF, Shop, TOKEN};

/// Flags of an instance that waits for Redis on a busy machine: what it takes from there depends on nothing else.
pub const PATIENT: [&str; 4] = ["--redis-timeout-ms", "5000", "--redis-connect-timeout-ms", "5000"];
/// Flags of one whose nodes come from Redis or from the database, never from the process.
pub const NO_TIER: [&str; 6] = [PATIENT[0], PATIENT[1], PATIENT[2], PATIENT[3], "--local-cache-ttl-ms", "0"];

/// A product as a shop window shows it.
pub const PRODUCT: &str =
    "query ($id: ID!) { product(id: $id) { name store { name } skus { price { amount } stock { quantity } } } }";

/// Changes something as staff, by a mutation with this input; the answer, which has no errors.
pub async fn change(shop: &Shop, mutation: &str, input: Value, headers: &[(&str, &str)]) -> Answer {
    let (first, rest) = mutation.split_at(1);
    let text = format!(
        "mutation ($input: {}{rest}Input!) {{ {mutation}(input: $input) {{ userErrors {{ message }} }} }}",
        first.to_uppercase()
    );
    let answer = shop.send(&text, json!({ "input": input }), &[&[STAFF], headers].concat()).await;
    assert_eq!(answer.data(&format!("/{mutation}/userErrors")), &json!([]), "{}", answer.text);
    answer
}

/// Gives a product another name.
pub async fn rename(shop: &Shop, product: &str, name: &str) -> Answer {
    change(shop, "productUpdate", json!({ "id": product, "name": name }), &[]).await
}

pub async fn read(shop: &Shop, product: &str, headers: &[(&str, &str)]) -> Answer {
    shop.send(PRODUCT, json!({ "id": product }), headers).await
}

/// The name that a client without a token reads.
pub async fn name(shop: &Shop, product: &str) -> String {
    name_with(shop, product, "").await
}

/// The name that a client with a token reads.
pub async fn name_with(shop: &Shop, product: &str, token: &str) -> String {
    let query = "query ($id: ID!) { product(id: $id) { name } }";
    shop.send(query, json!({ "id": product }), &[(TOKEN, token)]).await.string("/product/name")
}

/// What an explained answer says of where nodes came from: in the process, in Redis, nowhere.
pub fn found(answer: &Answer, loader: &str) -> (u64, u64, u64) {
    let reads = answer.json["extensions"]["explain"]["cache"]["reads"].as_array().unwrap();
    let read = reads.iter().find(|read| read["loader"] == loader).unwrap_or(&Value::Null);
    let count = |field: &str| read[field].as_u64().unwrap_or_default();
    (count("inProcess"), count("stored"), count("missed"))
}
