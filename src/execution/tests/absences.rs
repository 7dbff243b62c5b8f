//! Variables without a value.

use serde_json::{Value, json};

use super::shop::data;

const UPDATE: &str = "mutation($id: ID!, $name: String) { productUpdate(input: {id: $id, name: $name}) }";
const PRODUCTS: &str = "query($n: Int, $after: String) { products(first: $n, after: $after) }";

fn update(variables: Value) -> String {
    data(UPDATE, variables)["productUpdate"].as_str().unwrap().to_owned()
}

fn products(variables: Value) -> String {
    data(PRODUCTS, variables)["products"].as_str().unwrap().to_owned()
}

#[test]
fn an_input_field_without_a_value_is_absent_and_not_null() {
    assert_eq!(update(json!({"id": 1})), "1 unchanged None []");
    assert_eq!(update(json!({"id": 1, "name": null})), "1 cleared None []");
    assert_eq!(update(json!({"id": 1, "name": "x"})), "1 x None []");
}

#[test]
fn an_argument_without_a_value_takes_its_own_default() {
    assert_eq!(products(json!({})), "20 absent None");
    assert_eq!(products(json!({"after": null})), "20 null None");
    assert_eq!(products(json!({"n": 3, "after": "c"})), "3 c None");
}

#[test]
fn the_same_holds_inside_fragments_and_lists_of_objects() {
    let text = "query($s: ID, $w: Int) { ...F } \
        fragment F on Query { products(where: {and: [{store: $s, weight: $w}]}) }";

    assert_eq!(
        data(text, json!({}))["products"],
        r#"20 absent Some("None None None 7 Some([\"None None None 7 None\"])")"#
    );
    assert_eq!(
        data(text, json!({"s": "a", "w": 2}))["products"],
        r#"20 absent Some("None None None 7 Some([\"None Some(\\\"a\\\") None 2 None\"])")"#
    );
}

#[test]
fn a_list_item_without_a_value_is_null() {
    let text = "query($a: String) { echo(names: [$a, \"b\"]) }";

    let echo = data(text, json!({}))["echo"].to_string();

    assert!(echo.contains(r#"Some([None, Some(\"b\")])"#), "{echo}");
}

#[test]
fn a_default_counts_as_a_value_also_for_directives() {
    let text = "query($yes: Boolean! = true, $no: Boolean = false) \
        { fast @include(if: $no) slow @include(if: $yes) n @skip(if: $yes) { ok } }";

    assert_eq!(data(text, json!({})), json!({"slow": 1}));
    assert_eq!(data(text, json!({"yes": false, "no": true})), json!({"fast": 2, "n": {"ok": 1}}));
}
