//! Variables against their types. The table is that of "Input Coercion" for each built-in type.

use serde_json::{Value, json};

use super::schema::Commits;
use super::shop::{data, refusal, send, shop};

/// What the resolver gets for one argument of `echo`.
fn echo(argument: &str, ty: &str, value: Value) -> String {
    let text = format!("query($v: {ty}) {{ echo({argument}: $v) }}");
    let echo = data(&text, json!({ "v": value }))["echo"].to_string();
    let echo = echo.trim_matches('"').replace("\\\"", "'");
    echo.split(' ').filter(|part| *part != "None").collect::<Vec<_>>().join(" ")
}

fn refused(argument: &str, ty: &str, value: Value) -> String {
    let text = format!("query($v: {ty}) {{ echo({argument}: $v) }}");
    refusal(&text, json!({ "v": value }))
}

#[test]
fn values_that_fit_arrive() {
    for (argument, ty, value, expected) in [
        ("int", "Int", json!(5), "Some(5)"),
        ("int", "Int", json!(1.0), "Some(1)"),
        ("int", "Int", json!(-2147483648i64), "Some(-2147483648)"),
        ("int", "Int", json!(null), ""),
        ("float", "Float", json!(1), "Some(1.0)"),
        ("float", "Float", json!(1.5), "Some(1.5)"),
        ("string", "String", json!("é\u{0}"), "Some('é\\\\0')"),
        ("boolean", "Boolean", json!(true), "Some(true)"),
        ("id", "ID", json!("a"), "Some('a')"),
        ("id", "ID", json!(7), "Some('7')"),
        ("ids", "[ID!]", json!(7), "Some(['7'])"),
        ("ids", "[ID!]", json!(["a", 7]), "Some(['a', '7'])"),
        ("ids", "[ID!]", json!([]), "Some([])"),
        ("grid", "[[Int!]!]", json!(3), "Some([[3]])"),
        ("grid", "[[Int!]!]", json!([1, [2]]), "Some([[1], [2]])"),
        ("status", "Status", json!("ACTIVE"), "Some('A')"),
        ("even", "Even", json!(4), "Some(4)"),
        ("price", "Decimal", json!("1.50"), "Some('1.50')"),
        ("json", "Anything", json!({"a": [1, null]}), "Some('{a: [1, null]}')"),
    ] {
        assert_eq!(echo(argument, ty, value.clone()), expected, "{ty} {value}");
    }
}

#[test]
fn values_that_do_not_fit_are_named_with_their_variable_and_path() {
    let long = "x".repeat(400);
    for (argument, ty, value, expected) in [
        ("int", "Int", json!(1.5), "$v: expected Int, found 1.5"),
        ("int", "Int", json!(2147483648i64), "$v: expected Int, found 2147483648"),
        ("int", "Int", json!(-2147483649i64), "$v: expected Int, found -2147483649"),
        ("int", "Int", json!(1e40), "$v: expected Int, found 1e+40"),
        ("int", "Int", json!("5"), "$v: expected Int, found \"5\""),
        ("int", "Int", json!(true), "$v: expected Int, found true"),
        ("int", "Int", json!([1]), "$v: expected Int, found [1]"),
        ("int", "Int!", json!(null), "$v: expected Int!, found null"),
        ("float", "Float", json!("1"), "$v: expected Float, found \"1\""),
        ("string", "String", json!(1), "$v: expected String, found 1"),
        ("boolean", "Boolean", json!(1), "$v: expected Boolean, found 1"),
        ("boolean", "Boolean", json!("true"), "$v: expected Boolean, found \"true\""),
        ("id", "ID", json!(1.5), "$v: expected ID, found 1.5"),
        ("ids", "[ID!]", json!(["a", null]), "$v[1]: expected ID!, found null"),
        ("ids", "[ID!]", json!([["a"]]), "$v[0]: expected ID!, found [\"a\"]"),
        ("ids", "[ID!]!", json!(null), "$v: expected [ID!]!, found null"),
        ("grid", "[[Int!]!]", json!([[1], [2, "x"]]), "$v[1][1]: expected Int!, found \"x\""),
        ("status", "Status", json!("active"), "$v: expected Status, found \"active\""),
        ("status", "Status", json!(1), "$v: expected Status, found 1"),
        ("price", "Decimal", json!(true), "$v: expected Decimal, found true (a decimal is a string)"),
        ("even", "Even", json!(3), "$v: expected Even, found 3 (this number is odd)"),
        ("price", "Decimal", json!("x"), "$v: expected Decimal, found \"x\" (not a decimal number)"),
    ] {
        let expected = format!("variable {expected}");
        assert_eq!(refused(argument, ty, value.clone()), expected, "{ty} {value}");
    }
    let found = refused("int", "Int", json!(long));
    let shortened = format!("variable $v: expected Int, found \"{}…", &long[..59]);
    assert_eq!(found, shortened);
}

#[test]
fn input_objects_are_checked_field_by_field() {
    let products = |value: Value| {
        let text = "query($w: Filter) { products(where: $w) }";
        refusal(text, json!({ "w": value }))
    };
    let update = |value: Value| {
        let text = "mutation($input: ProductInput!) { productUpdate(input: $input) }";
        refusal(text, json!({ "input": value }))
    };

    assert_eq!(
        products(json!({"price": {"gte": true}, "and": [{"weight": "w"}], "x": 1})),
        "variable $w.and[0].weight: expected Int!, found \"w\"\n\
         variable $w.price.gte: expected Decimal, found true (a decimal is a string)\n\
         variable $w: Filter has no field x"
    );
    assert_eq!(products(json!({"weight": null})), "variable $w.weight: expected Int!, found null");
    assert_eq!(products(json!(1)), "variable $w: expected Filter, found 1");
    assert_eq!(update(json!({})), "variable $input.id: expected ID!, but it is missing");
    assert_eq!(update(json!({"id": null})), "variable $input.id: expected ID!, found null");
}

#[test]
fn defaults_of_input_fields_fill_in() {
    let text = "query($w: Filter) { products(where: $w) }";

    assert_eq!(data(text, json!({"w": {}}))["products"], r#"20 absent Some("None None None 7 None")"#);
}

#[test]
fn a_missing_variable_takes_its_default_or_is_named() {
    let text = "query($a: Int! = 4, $b: Int!) { a: echo(int: $a) b: echo(int: $b) }";

    let answer = data(text, json!({"b": 1}));

    assert!(answer["a"].as_str().unwrap().starts_with("Some(4)"));
    assert_eq!(refusal(text, json!({})), "variable $b: expected Int!, but it is missing");
    assert_eq!(refusal(text, json!({"a": null, "b": 1})), "variable $a: expected Int!, found null");
}

#[test]
fn null_is_refused_where_only_a_default_made_a_nullable_variable_fit() {
    let text = "query($n: Int = 3) { products(first: $n) }";

    assert_eq!(data(text, json!({}))["products"], "3 absent None");
    assert_eq!(refusal(text, json!({"n": null})), "variable $n: expected Int!, found null");
}

#[test]
fn unknown_variables_are_ignored() {
    assert_eq!(data("{ fast }", json!({"x": 1})), json!({"fast": 2}));
}

#[test]
fn no_more_than_twenty_errors_are_answered() {
    let values: Vec<_> = (0..200).map(|i| json!(i.to_string())).collect();

    let messages = refused("grid", "[[Int!]!]", json!(values));

    assert_eq!(messages.lines().count(), 20);
}

#[test]
fn a_bad_variable_commits_nothing_cold_or_warm() {
    let text = "mutation($a: Int!, $b: Decimal!) { commit(by: $a) price(to: $b) }";
    let (shop, commits) = (shop(), Commits::default());
    let bad = json!({"a": 1, "b": "x"});
    let good = json!({"a": 1, "b": "2"});

    let cold = send(&shop, &commits, text, None, bad.clone());
    assert_eq!(commits.count(), 0);
    send(&shop, &commits, text, None, good);
    assert_eq!(commits.count(), 2);
    let warm = send(&shop, &commits, text, None, bad);

    assert_eq!(commits.count(), 2);
    assert_eq!(cold, warm);
}
