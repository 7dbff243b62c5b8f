//! Documents that are too large, too deep, circular, or not GraphQL at all.

use std::fmt::Write as _;

use async_graphql::Variables;
use serde_json::json;

use super::shop::{data, refusal, shop};

/// `count` fragments, each spreading the next one twice.
pub(super) fn doubling(count: usize) -> String {
    let mut text = "{ n { ...F0 } }".to_owned();
    for i in 0..count {
        let next = i + 1;
        write!(text, " fragment F{i} on Node {{ ...F{next} ...F{next} }}").unwrap();
    }
    write!(text, " fragment F{count} on Node {{ ok }}").unwrap();
    text
}

fn nested(depth: usize, open: &str, innermost: &str, close: &str) -> String {
    format!("{}{innermost}{}", open.repeat(depth), close.repeat(depth))
}

fn repeated(part: &str, count: usize) -> String {
    format!("{{ {} }}", part.repeat(count))
}

#[test]
fn doubling_fragments_are_counted_without_being_followed() {
    let expected = "expanded field count 1073741825 is over the maximum of 10000";
    assert_eq!(refusal(&doubling(30), json!({})), expected);
    let many = doubling(30).replace("...F", "...F0x ...F").replace("F0x", "F30");
    let expected = "expanded field count 3221225472 is over the maximum of 10000";
    assert_eq!(refusal(&many, json!({})), expected);
}

#[test]
fn limits_name_the_value_and_the_maximum() {
    let own = |depth| format!("{{ n {{ {} }} }}", nested(depth, "own { ", "ok", " }"));
    for (text, expected) in [
        (own(15), "query depth 17 is over the maximum of 15"),
        (repeated("a: fast ", 31), "alias count 31 is over the maximum of 30"),
        (repeated("fast ", 21), "root field count 21 is over the maximum of 20"),
        (format!("mutation {}", repeated("commit(by: 1) ", 6)), "mutation field count 6 is over the maximum of 5"),
        (
            repeated("fast @include(if: true) @skip(if: false) @skip(if: false) ", 17),
            "directive count 51 is over the maximum of 50",
        ),
        (format!("{{ {} }}", nested(33, "... { ", "fast", " }")), "selection nesting 34 is over the maximum of 32"),
        (repeated("fast ", 1_999), "token count is over the maximum of 2000"),
        (format!("{{ {} }}", "a".repeat(129)), "name length 129 is over the maximum of 128"),
        (
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(),
            "depth of lists in introspection 3 is over the maximum of 2",
        ),
        (
            format!("{{ __schema {{ types {{ {} }} }} }}", nested(24, "ofType { ", "name", " }")),
            "introspection depth 27 is over the maximum of 25",
        ),
    ] {
        assert_eq!(refusal(&text, json!({})), expected);
    }
    data(&own(13), json!({}));
    data(&repeated("fast ", 20), json!({}));
}

#[test]
fn the_sum_over_all_operations_is_bounded() {
    let fields = "ok ".repeat(900);
    let mut text = format!("fragment F on Node {{ {fields} }}");
    for i in 0..12 {
        write!(text, " query Q{i} {{ n {{ ...F }} }}").unwrap();
    }

    let expected = "expanded field count of all operations 10812 is over the maximum of 10000";
    assert_eq!(refusal(&text, json!({})), expected);
}

#[test]
fn comparing_fields_for_conflicts_is_bounded() {
    let mut text = format!("fragment F on Node {{ {} }} {{", "ok ".repeat(900));
    for _ in 0..20 {
        text.push_str(" n { ...F ...F }");
    }
    text.push('}');

    let found = refusal(&text, json!({}));

    assert_eq!(found, "expanded field count 36020 is over the maximum of 10000");
    let found = refusal(&text.replace("...F ...F", "own { own { ...F } }"), json!({}));
    assert_eq!(found, "expanded field count 18060 is over the maximum of 10000");
    let inline = format!("{{ n {{ {} }} }}", nested(25, "... { ", &"ok ".repeat(1_000), " }"));
    assert_eq!(refusal(&inline, json!({})), "field comparison count 26001 is over the maximum of 20000");
}

#[test]
fn fragments_that_spread_themselves_are_named() {
    for (text, name) in [
        ("{ ...A } fragment A on Query { ...A }", "A"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { n { ok } ...A }", "A"),
        ("{ fast } fragment C on Query { ...D } fragment D on Query { ...C }", "C"),
    ] {
        let expected = format!("fragment {name} spreads itself");
        assert_eq!(refusal(text, json!({})), expected);
    }
}

#[test]
fn brackets_that_would_exhaust_the_stack_are_counted_first() {
    let deepest = nested(62, "[", "1", "]");
    data(&format!("{{ echo(json: {deepest}) }}"), json!({}));

    for text in [
        "{a".repeat(100_000),
        format!("{{ echo(json: {}", "[".repeat(200_000)),
        format!("{{ echo(json: {}", "{a:".repeat(60_000)),
        format!("query($x: {}", "[".repeat(200_000)),
        "(".repeat(200_000),
    ] {
        assert_eq!(refusal(&text, json!({})), "bracket depth 65 is over the maximum of 64");
    }
}

#[test]
fn brackets_hide_in_strings_and_comments_but_not_behind_them() {
    let hidden = "[".repeat(100);
    let escaped = format!(r#"{{ echo(string: "\"{hidden}\\", id: """ \""" {hidden} """) }} # {hidden}"#);
    data(&escaped, json!({}));

    for (start, end) in [("\"\"\" x\" ", ""), ("\"", "\n\""), ("\"\\", "")] {
        let text = format!("{{ echo(json: [{start}{}{end}", "{a:".repeat(10_000));
        assert_eq!(refusal(&text, json!({})), "syntax error: this string does not end");
    }
}

#[test]
fn syntax_errors_are_one_line_and_tell_the_place() {
    let errors = shop().prepare("{ fast\n  slow(", None, Variables::default()).unwrap_err();
    let error = errors.iter().next().unwrap();
    assert_eq!(error.message, "syntax error: expected name");
    assert_eq!((error.locations[0].line, error.locations[0].column), (2, 8));

    for text in [
        "",
        "\u{0}",
        "{",
        "}",
        "{ a(b: 1e999) }",
        "query A { a } query A { a }",
        "fragment F on A { b }",
        "é",
        "{ a } { b }",
        "{ a(b: \"\\u{1F600}\") }",
    ] {
        let message = refusal(text, json!({}));
        assert!(message.starts_with("syntax error: "), "{text}: {message}");
        assert!(!message.contains('\n') && !message.contains("-->"), "{message}");
    }
}

#[test]
fn many_unknown_fields_are_answered_without_searching_for_similar_ones() {
    let text = repeated(&format!("{} ", "x".repeat(128)), 15);
    assert!(refusal(&text, json!({})).contains("Unknown field"));

    let text = format!("{{ n {} }}", repeated("nothing ", 900));
    let messages = refusal(&text, json!({}));
    assert_eq!(messages.lines().count(), 20);
    assert_eq!(messages.lines().next().unwrap(), "type Node has no field nothing");
}

#[test]
fn the_introspection_of_graphiql_passes() {
    let answer = data(INTROSPECTION, json!({}));

    assert_eq!(answer["__schema"]["queryType"]["name"], "Query");
}

const INTROSPECTION: &str = "query IntrospectionQuery {
  __schema {
    description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
  name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
    kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}";
