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

/// What a directive is in goes the library's way, all else past it.
#[test]
fn both_ways_answer_alike() {
    for fields in ["slow fast", "n { ok bad } fast", "nn { ok bad }", "list { ok bad }", "__typename more: slow slow"] {
        let on = "query($on: Boolean!) ";
        let aside = ask(&format!("{on}{{ ... @include(if: $on) {{ {fields} }} }}"), json!({ "on": true }));
        let past = ask(&format!("query {{ ...                      {{ {fields} }} }}"), json!({}));
        let column = |answer: &str| answer.replace(char::is_numeric, "");

        assert_eq!(column(&aside), column(&past), "{fields}");
    }
}
