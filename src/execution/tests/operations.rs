//! Which operation runs, and what is known of it beforehand.

use async_graphql::Variables;
use async_graphql_parser::types::OperationType;
use serde_json::json;

use super::shop::{ask_as, shop, shop_with};
use crate::execution::{RequestErrorKind, Settings};

const TWO: &str = "query A($x: Int) { echo(int: $x) } mutation B($x: ID!) { productUpdate(input: {id: $x}) } \
    fragment F on Query { fast }  query C { ...F }";

fn operation_error(text: &str, name: Option<&str>) -> String {
    let errors = shop().prepare(text, name, Variables::default()).unwrap_err();
    let error = errors.iter().next().unwrap();
    assert_eq!(error.kind, RequestErrorKind::Operation);
    error.message.clone()
}

#[test]
fn the_named_operation_runs_with_its_own_variables() {
    let a = ask_as(TWO, Some("A"), json!({"x": 1}));
    let b = ask_as(TWO, Some("B"), json!({"x": 1}));
    let c = ask_as(TWO, Some("C"), json!({}));

    assert!(a.starts_with(r#"{"data":{"echo":"Some(1) "#), "{a}");
    assert_eq!(b, r#"{"data":{"productUpdate":"1 unchanged None []"}}"#);
    assert_eq!(c, r#"{"data":{"fast":2}}"#);
}

#[test]
fn an_operation_that_cannot_be_told_is_an_error() {
    assert_eq!(operation_error(TWO, None), "the document has 3 operations: operationName must name one");
    assert_eq!(operation_error(TWO, Some("D\u{0}")), "the document has no operation named \"D\\0\"");
    assert_eq!(operation_error("{ fast }", Some("A")), "the document has no operation named \"A\"");
    assert_eq!(operation_error("query B { fast }", Some("A")), "the document has no operation named \"A\"");
}

#[test]
fn what_is_prepared_tells_the_selected_operation_only() {
    let shop = shop();
    let text = "query A { ...F n { ...G } } mutation B { one: commit(by: 1) two: commit(by: 2) } \
        fragment F on Query { fast slow fast } fragment G on Node { ok own { ok } }";
    let prepare = |name| shop.prepare(text, Some(name), Variables::default()).unwrap();

    let (a, b) = (prepare("A"), prepare("B"));

    assert_eq!((a.kind(), b.kind()), (OperationType::Query, OperationType::Mutation));
    assert_eq!(a.operation_name(), Some("A"));
    assert_eq!(a.plan().root_fields(), ["fast", "slow", "n"]);
    assert_eq!(b.plan().root_fields(), ["commit"]);
    assert_eq!(a.plan().document().fragments.len(), 2);
    assert_eq!(b.plan().document().fragments.len(), 0);
    let (a, b) = (a.plan().facts(), b.plan().facts());
    assert_eq!((a.expanded_fields, a.depth, a.root_fields, a.aliases), (7, 3, 4, 0));
    assert_eq!((b.expanded_fields, b.depth, b.root_fields, b.aliases), (2, 1, 2, 2));
}

#[test]
fn only_valid_documents_of_moderate_length_are_kept() {
    let shop = shop();
    let long = format!("{{ fast }} #{}", "x".repeat(16 * 1024));

    shop.prepare("{ fast }", None, Variables::default()).unwrap();
    shop.prepare(&long, None, Variables::default()).unwrap();
    shop.prepare("{ nothing }", None, Variables::default()).unwrap_err();

    assert_eq!(shop.kept_plans(), 1);
}

#[test]
fn the_plan_cache_is_bounded_in_bytes() {
    let shop = shop_with(Settings { plan_cache_bytes: 16 * 1024, ..Settings::default() });

    for i in 0..200 {
        let text = format!("query Q{i} {{ fast }}");
        shop.prepare(&text, None, Variables::default()).unwrap();
    }

    let kept = shop.kept_plans();
    assert!((1..=16).contains(&kept), "{kept}");
}
