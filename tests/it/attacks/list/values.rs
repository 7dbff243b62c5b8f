//! Values of variables and arguments: bombs, overflows, wrong types.

use serde_json::{Map, Value, json};

use super::expected::{Expected, invalid, partly, refused};
use super::{Attack, Target, attack, document, request, with};

const BY_FILTER: &str = "query ($v: ProductWhere) { products(where: $v) { nodes { id } } }";
const BY_SLUG: &str = "query ($v: String!) { product(slug: $v) { id } }";
const BY_ID: &str = "query ($v: ID!) { product(id: $v) { id } }";
const BY_IDS: &str = "query ($v: [ID!]!) { nodes(ids: $v) { id } }";

pub fn attacks(target: &Target) -> Vec<Attack> {
    let mut attacks = bombs(target);
    attacks.extend(types());
    attacks.extend(money(target));
    attacks
}

fn bombs(target: &Target) -> Vec<Attack> {
    let nested = |open: &str, close: &str, depth: usize| {
        let value = open.repeat(depth) + "1" + &close.repeat(depth);
        request::body_of(format!("{{\"query\":{},\"variables\":{{\"v\":{value}}}}}", json!(BY_FILTER)))
    };
    let keys = |count: usize| (0..count).map(|index| (format!("k{index}"), json!(1))).collect::<Map<_, _>>();
    let null = Expected::Data(json!({ "product": null }));
    vec![
        attack("a variable of lists 1,000 deep", nested("[", "]", 1_000), refused(400, "")),
        attack("a variable of lists 100,000 deep", nested("[", "]", 100_000), refused(400, "")),
        attack("a variable of objects 1,000 deep", nested("{\"AND\":", "}", 1_000), refused(400, "")),
        attack("a variable of objects without an end", nested("{\"AND\":", "", 1_000), refused(400, "")),
        with("a variable of lists 100 deep", BY_FILTER, &json!({ "v": deep(100) }), invalid("expected ProductWhere")),
        with("an object of 10,000 keys", BY_FILTER, &json!({ "v": keys(10_000) }), invalid("has no field k")),
        with("10,000 variables that are not defined", "{ __typename }", &Value::Object(keys(10_000)), Expected::Sound),
        with("a string of 200 KB", BY_SLUG, &json!({ "v": "x".repeat(200 * 1024) }), null),
        with("an id of 200 KB", BY_ID, &json!({ "v": "x".repeat(200 * 1024) }), partly("is not an id")),
        with(
            "101 ids",
            BY_IDS,
            &json!({ "v": vec![&target.store; 101] }),
            invalid("101 ids are over the maximum of 100"),
        ),
        with(
            "8,000 ids",
            BY_IDS,
            &json!({ "v": vec![&target.store; 8_000] }),
            invalid("8000 ids are over the maximum of 100"),
        ),
        document(
            "101 ids in the document",
            format!("{{ nodes(ids: [{}]) {{ id }} }}", format!("\"{}\" ", target.store).repeat(101)),
            invalid("101 ids are over the maximum of 100"),
        ),
        with(
            "a list of 10,000 numbers for a string",
            BY_SLUG,
            &json!({ "v": vec![7; 10_000] }),
            invalid("expected String!"),
        ),
    ]
}

fn types() -> Vec<Attack> {
    let first = "query ($v: Int) { products(first: $v) { nodes { __typename } } }";
    let required = "query ($v: Int!) { products(first: $v) { nodes { __typename } } }";
    let flag = "query ($v: Boolean!) { __typename @include(if: $v) }";
    let order = "query ($v: ProductOrderField!) { products(orderBy: {field: $v}) { nodes { __typename } } }";
    vec![
        with("an Int of 2^31", first, &json!({ "v": 2_147_483_648_u64 }), invalid("variable $v")),
        with("an Int of -2^31 - 1", first, &json!({ "v": -2_147_483_649_i64 }), invalid("variable $v")),
        with("an Int of 2^63", first, &json!({ "v": 9_223_372_036_854_775_808_u64 }), invalid("variable $v")),
        with("an Int of 1e30", first, &json!({ "v": 1e30 }), invalid("variable $v")),
        with("an Int of 1.5", first, &json!({ "v": 1.5 }), invalid("variable $v")),
        with("an Int as text", first, &json!({ "v": "5" }), invalid("variable $v")),
        with("an Int that is true", first, &json!({ "v": true }), invalid("variable $v")),
        with("an Int that is a list of one", first, &json!({ "v": [5] }), invalid("variable $v")),
        with("null for what must not be null", required, &json!({ "v": null }), invalid("variable $v")),
        with("nothing for what must not be null", required, &json!({}), invalid("variable $v")),
        with("the name in another case", required, &json!({ "V": 1 }), invalid("variable $v")),
        with("a flag that is the text false", flag, &json!({ "v": "false" }), invalid("variable $v")),
        with("a flag that is 1", flag, &json!({ "v": 1 }), invalid("variable $v")),
        with("a value that the enum has not", order, &json!({ "v": "PASSWORD" }), invalid("variable $v")),
        with("SQL for a value of an enum", order, &json!({ "v": "NAME; DROP TABLE products" }), invalid("variable $v")),
        with(
            "__proto__ for a condition",
            BY_FILTER,
            &json!({ "v": { "__proto__": { "isStaff": true } } }),
            invalid("__proto__"),
        ),
        attack(
            "a number of 10,000 digits in the JSON",
            request::body_of(format!("{{\"query\":{},\"variables\":{{\"v\":{}}}}}", json!(first), "9".repeat(10_000))),
            refused(400, ""),
        ),
        attack(
            "the number 1e999 in the JSON",
            request::body_of(format!("{{\"query\":{},\"variables\":{{\"v\":1e999}}}}", json!(first))),
            refused(400, ""),
        ),
        attack(
            "NaN in the JSON",
            request::body_of(format!("{{\"query\":{},\"variables\":{{\"v\":NaN}}}}", json!(first))),
            refused(400, ""),
        ),
    ]
}

fn money(target: &Target) -> Vec<Attack> {
    let price =
        "query ($v: Decimal!) { products(where: {price: {currencyCode: EUR, gte: $v}}) { nodes { __typename } } }";
    let rename = "mutation ($v: Decimal!, $id: ID!) { skuUpdate(input: {id: $id, price: $v}) { sku { id } userErrors { code } } }";
    let write = |name, value: Value, expected| {
        let body = json!({ "query": rename, "variables": { "v": value, "id": target.sku } });
        attack(name, request::post(&body).header("x-storefront-staff-key", &target.staff_key), expected)
    };
    let invalid_price =
        || Expected::Data(json!({ "skuUpdate": { "sku": null, "userErrors": [{ "code": "INVALID" }] } }));
    vec![
        with("a price with an exponent", price, &json!({ "v": "1e3" }), invalid("variable $v")),
        with("a price of 10,000 digits", price, &json!({ "v": "9".repeat(10_000) }), invalid("variable $v")),
        with("a price in hexadecimal", price, &json!({ "v": "0x10" }), invalid("variable $v")),
        with("a price that is not a number", price, &json!({ "v": "NaN" }), invalid("variable $v")),
        with("a price without end", price, &json!({ "v": "Infinity" }), invalid("variable $v")),
        with("a price in Arabic digits", price, &json!({ "v": "١٩" }), invalid("variable $v")),
        with("a price with a null byte", price, &json!({ "v": "1\u{0}" }), invalid("variable $v")),
        with(
            "the largest number of 28 digits as a price",
            price,
            &json!({ "v": "79228162514264337593543950335" }),
            partly("over the maximum"),
        ),
        write("a price that overflows 64 bits, as staff", json!("99999999999999999999"), invalid_price()),
        write("a price below nothing, as staff", json!("-1"), invalid_price()),
        write("a price finer than the currency, as staff", json!("1.999"), invalid_price()),
        write("a price with an exponent, as staff", json!("1e2"), invalid("variable $v")),
        write("a price of 1e308, as staff", json!(1e308), invalid("variable $v")),
    ]
}

fn deep(depth: usize) -> Value {
    (0..depth).fold(json!([]), |inner, _| json!([inner]))
}
