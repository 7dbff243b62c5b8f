//! Answers as the specification has them, where async-graphql's versions differ.

use serde_json::json;

use super::shop::ask;

#[test]
fn fields_come_in_the_order_of_the_document() {
    assert_eq!(ask("{ slow fast }", json!({})), r#"{"data":{"slow":1,"fast":2}}"#);
}

fn data_of(text: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(&ask(text, json!({}))).unwrap();
    assert_eq!(answer["errors"][0]["message"], "bad", "{answer}");
    answer["data"].to_string()
}

#[test]
fn an_error_in_a_non_null_field_nulls_the_nullable_parent() {
    assert_eq!(data_of("{ n { ok bad } fast }"), r#"{"fast":2,"n":null}"#);
}

#[test]
fn an_error_below_non_null_parents_nulls_the_answer() {
    assert_eq!(data_of("{ nn { ok bad } }"), "null");
}

#[test]
fn an_error_in_a_list_of_nullable_items_nulls_the_items() {
    assert_eq!(data_of("{ list { ok bad } }"), r#"{"list":[null,null]}"#);
}
