//! Secrets of a wrong type or in a wrong place: the error says what kind of value was found, never the value.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    a_mistyped_variable_is_not_repeated,
    a_mistyped_literal_is_not_repeated,
    variables_in_a_string_are_not_repeated,
    other_values_are_named
);

const SECRET: &str = "Sup3rSecretPw";
const BY_INPUT: &str = "mutation ($v: SessionCreateInput!) { sessionCreate(input: $v) { token } }";
const BY_FIELD: &str =
    "mutation ($v: String!) { sessionCreate(input: { email: \"ada@example.com\", password: $v }) { token } }";

/// The text of the one error of a request that was refused without naming the secret.
async fn refusal(shop: &Shop, query: &str, variables: Value) -> String {
    let answer = shop.send(query, variables, &[]).await;
    assert!(!answer.text.contains(SECRET), "{query}: {}", answer.text);
    answer.error().1
}

async fn a_mistyped_variable_is_not_repeated(shop: &Shop) {
    for (query, value, told) in [
        (BY_FIELD, json!([SECRET]), "variable $v: expected String!, found a list"),
        (BY_FIELD, json!({ "is": SECRET }), "variable $v: expected String!, found an object"),
        (BY_FIELD, json!(12345678), "variable $v: expected String!, found a number"),
        (BY_FIELD, json!(true), "variable $v: expected String!, found a boolean"),
        (BY_FIELD, json!(null), "variable $v: expected String!, found null"),
        (BY_INPUT, json!(SECRET), "variable $v: expected SessionCreateInput!, found a string"),
        (
            BY_INPUT,
            json!({ "email": "ada@example.com", "password": [SECRET] }),
            "variable $v.password: expected String!, found a list",
        ),
        (BY_INPUT, json!({ "email": [SECRET], "password": "x" }), "variable $v.email: expected String!, found a list"),
        (
            BY_INPUT,
            json!({ "email": "ada@example.com", "password": "x", "transport": SECRET }),
            "variable $v.transport: expected SessionTransport!, found a string",
        ),
    ] {
        assert_eq!(refusal(shop, query, json!({ "v": value })).await, told);
    }
}

async fn a_mistyped_literal_is_not_repeated(shop: &Shop) {
    for (input, told) in [
        ("{ email: \"a@b.c\", password: Sup3rSecretPw }", ".password: expected String!, found a name"),
        ("{ email: \"a@b.c\", password: [\"Sup3rSecretPw\"] }", ".password: expected String!, found a list"),
        ("{ email: Sup3rSecretPw, password: \"x\" }", ".email: expected String!, found a name"),
        ("\"Sup3rSecretPw\"", ": expected SessionCreateInput!, found a string"),
    ] {
        let query = format!("mutation {{ sessionCreate(input: {input}) {{ token }} }}");
        let told = format!("argument input of sessionCreate{told}");
        assert_eq!(refusal(shop, &query, json!({})).await, told);
    }
    for field in ["password", "passwort"] {
        let default = "($v: String! = Sup3rSecretPw)";
        let query = format!("mutation {default} {{ sessionCreate(input: {{ {field}: $v }}) {{ token }} }}");
        refusal(shop, &query, json!({})).await;
    }
    refusal(shop, "query ($v: String = Sup3rSecretPw) { __typename }", json!({})).await;
}

async fn variables_in_a_string_are_not_repeated(shop: &Shop) {
    let told = refusal(shop, BY_FIELD, json!(json!({ "v": SECRET }).to_string())).await;
    assert!(told.contains("invalid type: a string, expected a JSON object"), "{told}");
}

async fn other_values_are_named(shop: &Shop) {
    let answer = shop.send("query ($v: String!) { user(email: $v) { id } }", json!({ "v": ["ada"] }), &[]).await;
    assert_eq!(answer.error().1, "variable $v: expected String!, found [\"ada\"]");
}
