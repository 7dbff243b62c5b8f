//! Values in the document, alone and mixed with variables.

use serde_json::json;

use super::schema::Commits;
use super::shop::{data, refusal, send, shop};

#[test]
fn literals_that_do_not_fit_are_named() {
    for (argument, expected) in [
        ("int: 2147483648", "int of echo: expected Int, found 2147483648"),
        ("int: 1.0", "int of echo: expected Int, found 1.0"),
        ("int: \"1\"", "int of echo: expected Int, found \"1\""),
        ("float: \"1\"", "float of echo: expected Float, found \"1\""),
        ("string: A", "string of echo: expected String, found A"),
        ("boolean: 1", "boolean of echo: expected Boolean, found 1"),
        ("id: 1.5", "id of echo: expected ID, found 1.5"),
        ("ids: [null]", "ids of echo[0]: expected ID!, found null"),
        ("grid: [[1], [true]]", "grid of echo[1][0]: expected Int!, found true"),
        ("status: \"ACTIVE\"", "status of echo: expected Status, found \"ACTIVE\""),
        ("status: GONE", "status of echo: expected Status, found GONE"),
        ("price: \"abc\"", "price of echo: expected Decimal, found \"abc\" (not a decimal number)"),
        ("price: {a: 1}", "price of echo: expected Decimal, found {a: 1} (a decimal is a string)"),
    ] {
        let expected = format!("argument {expected}");
        assert_eq!(refusal(&format!("{{ echo({argument}) }}"), json!({})), expected);
    }
}

#[test]
fn literals_that_hold_variables_are_checked_too() {
    let products = |filter: &str| refusal(&format!("query($s: ID) {{ products(where: {filter}) }}"), json!({}));

    assert_eq!(
        products("{price: {foo: 1}, store: $s}"),
        "argument where of products.price: PriceFilter has no field foo"
    );
    assert_eq!(
        products("{price: {gte: true}, store: $s}"),
        "argument where of products.price.gte: expected Decimal, found true (a decimal is a string)"
    );
    assert_eq!(
        products("{and: [{store: $s}, 5], y: 1, x: 1}"),
        "argument where of products.and[1]: expected Filter!, found 5\n\
         argument where of products: Filter has no field x\n\
         argument where of products: Filter has no field y"
    );
    assert_eq!(
        refusal("mutation($n: String) { productUpdate(input: {name: $n}) }", json!({})),
        "argument input of productUpdate.id: expected ID!, but it is missing"
    );
}

#[test]
fn an_object_is_not_expected_to_be_a_number() {
    assert_eq!(refusal("{ products(where: 5) }", json!({})), "argument where of products: expected Filter, found 5");
}

#[test]
fn variables_must_fit_where_they_are_used() {
    for (text, expected) in [
        ("query($s: Int) { products(where: {store: $s}) }", "variable $s of type Int is used where ID is expected"),
        ("query($s: ID) { echo(ids: [$s]) }", "variable $s of type ID is used where ID! is expected"),
        ("query($s: ID) { echo(ids: $s) }", "variable $s of type ID is used where [ID!] is expected"),
        (
            "query($i: ID) { ...F } fragment F on Query { echo(ids: [$i]) }",
            "variable $i of type ID is used where ID! is expected",
        ),
        ("mutation($i: ID) { productUpdate(input: {id: $i}) }", "variable $i of type ID is used where ID! is expected"),
        ("query($x: Boolean) { fast @skip(if: $x) }", "variable $x of type Boolean is used where Boolean! is expected"),
        ("query($x: Int) { fast @skip(if: $y) }", "variable $x is not used\nvariable $y is not defined"),
        ("query Q($x: Int) { fast }", "variable $x of operation Q is not used"),
        ("query($x: Store) { fast }", "variable $x is not used\nvariable $x: Store is no input type of this schema"),
        ("query($x: Int = \"1\") { echo(int: $x) }", "default of variable $x: expected Int, found \"1\""),
        (
            "query($x: Decimal = \"z\") { echo(price: $x) }",
            "default of variable $x: expected Decimal, found \"z\" (not a decimal number)",
        ),
    ] {
        assert_eq!(refusal(text, json!({})), expected, "{text}");
    }
}

#[test]
fn a_list_of_an_unknown_type_with_a_default_does_not_panic() {
    assert_eq!(
        refusal("query($x: [Nothing!] = [1]) { echo(ids: $x) }", json!({})),
        "variable $x: [Nothing!] is no input type of this schema"
    );
}

#[test]
fn a_variable_used_at_typename_only_is_used() {
    let text = "query($x: Boolean!) { fast __typename @include(if: $x) }";

    assert_eq!(data(text, json!({"x": false})), json!({"fast": 2}));
    assert_eq!(refusal("{ __typename(a: 1) { b } }", json!({})), "__typename takes no arguments and no selection");
}

#[test]
fn variables_inside_custom_scalars_are_free() {
    let text = "query($x: Int) { echo(json: {a: $x, b: [1]}) }";

    let with = data(text, json!({"x": 1}))["echo"].to_string();
    let without = data(text, json!({}))["echo"].to_string();

    assert!(with.contains("{a: 1, b: [1]}"), "{with}");
    assert!(without.contains("{b: [1]}"), "{without}");
}

#[test]
fn a_bad_literal_of_a_custom_scalar_commits_nothing_cold_or_warm() {
    let (shop, commits) = (shop(), Commits::default());
    let text = "mutation { commit(by: 1) price(to: \"abc\") }";

    let cold = send(&shop, &commits, text, None, json!({}));
    let warm = send(&shop, &commits, text, None, json!({}));

    assert_eq!(commits.count(), 0);
    assert_eq!(cold, warm);
}
