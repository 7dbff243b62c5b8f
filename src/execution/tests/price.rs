//! The price of operations on a schema of its own, which is never executed.

use std::sync::LazyLock;

use async_graphql::{Value, Variables};
use async_graphql_parser::parse_query;
use serde_json::json;

use super::schema::Commits;
use super::shop::{send, shop_with};
use crate::execution::price::{PageRules, PriceTree};
use crate::execution::types::TypeIndex;
use crate::execution::{Limits, RequestErrorKind, RequestErrors, ScalarChecks, Settings};

const SDL: &str = r#"
directive @cost(weight: String!) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION | OBJECT
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
directive @cacheControl(maxAge: Int!) on OBJECT
schema { query: Query mutation: Mutation }
type Query @cacheControl(maxAge: 60) {
  number: Int
  shelf: Shelf
  thing: Thing
  either: Either
  things(ids: [ID!]!): [Thing]! @listSize(slicingArguments: ["ids"])
  shelves(first: Int, last: Int, where: Where, rank: Int @cost(weight: "7")): Page!
    @listSize(slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"])
  unsized: [Shelf!]!
  numbers: [Int!]!
}
type Mutation { change: Payload @cost(weight: "10") }
type Payload @cost(weight: "0") { shelf: Shelf errors: [Trouble!]! }
type Trouble @cost(weight: "0") { text: String! }
type Page @cost(weight: "2") @cacheControl(maxAge: 60) {
  nodes: [Shelf!]! edges: [Edge!]! count: Amount! @cost(weight: "50")
}
type Edge @cost(weight: "0") @cacheControl(maxAge: 60) { node: Shelf! }
type Amount @cost(weight: "0") @cacheControl(maxAge: 90) { value: Int! }
interface Thing { id: ID! }
union Either = Shelf | Book
type Shelf implements Thing @cacheControl(maxAge: 30) {
  id: ID! books: [Book!]! @listSize(assumedSize: 5) above: Shelf price: Amount! shelves(first: Int, last: Int): Page!
    @listSize(slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"])
}
type Book implements Thing { id: ID! shelf: Shelf! author: Author! }
type Author @cost(weight: "4") @cacheControl(maxAge: 0) { name: String! }
input Where { AND: [Where!] @cost(weight: "1") name: Text free: Int }
input Text { eq: String @cost(weight: "1") in: [String!] @cost(weight: "1") }
"#;

static TYPES: LazyLock<TypeIndex> = LazyLock::new(|| TypeIndex::new(SDL, &ScalarChecks::default()).unwrap());

fn tree(text: &str, limits: &Limits) -> PriceTree {
    let document = parse_query(text).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    PriceTree::compile(&TYPES, limits, &document, &operation.node)
}

fn priced(text: &str, variables: serde_json::Value, limits: &Limits) -> Result<(u64, String), RequestErrors> {
    let tree = tree(text, limits);
    let inputs = tree.inputs(&TYPES, limits, &Variables::from_json(variables))?;
    Ok((tree.price(&inputs), tree.dearest(&inputs)))
}

fn price(text: &str, variables: serde_json::Value) -> u64 {
    priced(text, variables, &Limits::default()).unwrap().0
}

#[test]
fn each_kind_of_field_has_its_points() {
    for (text, points) in [
        ("{ number numbers __typename }", 0),
        ("{ number a: number number b: __typename }", 1),
        ("{ shelves(first: 3) { nodes { id a: id b: id } } }", 5 + 3 * 2),
        ("{ shelf { id } }", 1),
        ("{ shelf { id above { above { id } } } }", 3),
        ("{ shelf { price { value } } }", 1),
        ("{ shelf { books { id } } }", 6),
        ("{ shelf { books { author { name } } } }", 1 + 5 * (1 + 4)),
        ("{ unsized { id } }", 10),
        ("{ shelves { count { value } } }", 52),
        ("{ shelves { nodes { id } } }", 22),
        ("{ shelves(first: 3) { nodes { id above { id } } } }", 2 + 3 * 2),
        ("{ shelves(last: 3) { edges { node { id } } } }", 5),
        ("{ shelves(first: 3) { edges { node { id } } nodes { id } } }", 8),
        ("{ shelves(first: 0) { nodes { above { id } } } }", 2),
        ("{ shelves(first: 3) { ...P } b: shelves(first: 4) { ...P } } fragment P on Page { nodes { id } }", 11),
        ("{ shelves(first: 3) { ... { nodes { id } } } }", 5),
        ("{ shelves(first: 3) { nodes { shelves(first: 2) { nodes { id } } } } }", 2 + 3 * (1 + 2 + 2)),
        ("{ things(ids: [1, 2, 3]) { id } }", 3),
        ("{ things(ids: 1) { id } }", 1),
        ("{ shelves(first: 1, rank: 3) { nodes { id } } }", 10),
        ("{ shelves(first: 1, rank: null) { nodes { id } } }", 3),
        ("mutation { change { errors { text } } }", 10),
        ("mutation { a: change { shelf { id } } b: change { __typename } }", 21),
        ("{ __schema { types { name fields { name } } } __type(name: \"Page\") { name } }", 5),
        ("{ __schema { types { ...T ...T } } } fragment T on __Type { name }", 3),
    ] {
        assert_eq!(price(text, json!({})), points, "{text}");
    }
}

#[test]
fn the_conditions_of_a_filter_cost_as_many_as_there_are() {
    let variable = "query($w: Where, $t: String, $l: [String!]) { shelves(first: 0, where: $w) { nodes { id } } \
        b: shelves(first: 0, where: {name: {eq: $t, in: $l}, free: 1}) { nodes { id } } }";
    let nested = json!({"AND": [{"name": {"eq": "a", "in": ["b", "c"]}}, {"free": 1}, {"AND": []}]});
    for (variables, points) in [
        (json!({}), 4),
        (json!({"w": null, "t": null, "l": null}), 4),
        (json!({"w": {"free": 4}, "t": "a"}), 5),
        (json!({"w": nested, "t": "a", "l": ["a"]}), 4 + 5 + 2),
    ] {
        assert_eq!(price(variable, variables.clone()), points, "{variables}");
    }
    let literal =
        "{ shelves(first: 0, where: {AND: [{name: {eq: \"a\", in: [\"b\"]}}, {name: {eq: null}}]}) { nodes { id } } }";
    assert_eq!(price(literal, json!({})), 2 + 4);
}

#[test]
fn abstract_types_cost_their_dearest_member() {
    let fragments = "... on Book { author { name } } ... on Shelf { above { above { id } } }";
    for (text, points) in [
        ("{ thing { id } }".to_owned(), 1),
        (format!("{{ thing {{ {fragments} }} }}"), 1 + 4),
        (format!("{{ either {{ {fragments} }} }}"), 1 + 4),
        (format!("{{ things(ids: [1, 2]) {{ id {fragments} }} }}"), 2 * 5),
        ("{ thing { ... on Thing { ... on Shelf { books { id } } } ... on Author { name } } }".to_owned(), 6),
        ("{ thing { ...B ...B } } fragment B on Book { author { name } }".to_owned(), 1 + 4 + 4),
    ] {
        assert_eq!(price(&text, json!({})), points, "{text}");
    }
}

#[test]
fn what_is_skipped_is_free() {
    let text = "query($a: Boolean!, $b: Boolean!) { number \
        shelf @include(if: $a) { above @skip(if: $b) { id } books @skip(if: true) { id } } \
        ... @include(if: $a) @skip(if: $b) { unsized { id } } ...F @skip(if: $a) } \
        fragment F on Query { either { ... on Book @include(if: $b) { author { name } } } }";
    for (a, b, points) in [(true, true, 1), (true, false, 1 + 1 + 10), (false, true, 1 + 4), (false, false, 1)] {
        assert_eq!(price(text, json!({"a": a, "b": b})), points, "{a} {b}");
    }
}

#[test]
fn a_size_by_variable_is_charged_as_it_is_given() {
    let text = "query($n: Int, $ids: [ID!]!) { shelves(first: $n) { nodes { id } } things(ids: $ids) { id } }";
    for (variables, points) in
        [(json!({"n": 7, "ids": []}), 9), (json!({"n": null, "ids": ["1", "2"]}), 24), (json!({"ids": ["1", "2"]}), 24)]
    {
        assert_eq!(price(text, variables.clone()), points, "{variables}");
    }
}

#[test]
fn a_limit_is_judged_where_it_is_not_skipped() {
    let text = "query($n: Int, $skip: Boolean!, $w: Where, $ids: [ID!]!) {\n shelves(first: $n, where: $w) @skip(if: $skip) { count { value } }\n\
        shelf { shelves(last: -2) @skip(if: $skip) { nodes { id } } }\n things(ids: $ids) @skip(if: $skip) { id } }";
    let limits = Limits { list_argument: 2, filter_terms: 2, list_input: 3, ..Limits::default() };
    let refused = |variables: serde_json::Value| {
        let errors = priced(text, variables, &limits).map(drop).err();
        errors.map(|errors| errors.iter().map(|e| format!("{} {}", e.locations[0].line, e.message)).collect::<Vec<_>>())
    };
    let within = json!({"name": {"eq": "a", "in": ["a", "b", "c"]}});
    let condition = json!({"name": {"eq": "a"}});

    let bad = json!({"n": 101, "w": {"AND": [condition, condition]}, "ids": ["a", "b", "c"], "skip": false});
    let long = json!({"n": 1, "w": {"name": {"in": ["a", "b", "c", "d"]}}, "ids": [], "skip": false});
    let mut skipped = bad.clone();
    skipped["skip"] = json!(true);

    assert_eq!(
        refused(bad).unwrap(),
        [
            "2 page size 101 is over the maximum of 100",
            "2 where has 4 conditions, over the maximum of 2",
            "3 last is -2, the minimum is 0",
            "4 3 ids are over the maximum of 2",
        ]
    );
    assert_eq!(
        refused(long).unwrap(),
        ["2 name in has 4 values, over the maximum of 3", "3 last is -2, the minimum is 0"]
    );
    assert_eq!(refused(skipped), None);
    let text = "query($w: Where, $ids: [ID!]!) { shelves(first: 100, where: $w) { count { value } } things(ids: $ids) { id } }";
    assert_eq!(priced(text, json!({"w": within, "ids": ["a", "b"]}), &limits).unwrap().0, 52 + 2 + 2);
}

#[test]
fn the_three_dearest_paths_are_named_in_order() {
    let text = "query($n: Int) { a: shelves(first: $n) { nodes { books { author { name } } above { id } } } \
        shelf { id } b: shelves(first: 2) { edges { node { ...S } } count { value } } } \
        fragment S on Shelf { above { id } }";

    let (points, dearest) = priced(text, json!({"n": 10}), &Limits::default()).unwrap();

    assert_eq!(points, 2 + 10 * (1 + 5 * 5 + 1) + 1 + 2 + 2 * 2 + 50);
    assert_eq!(dearest, "a.nodes.books.author 200, a.nodes.books 50, b.count 50");
    let (_, ties) =
        priced("{ d: shelf { id } c: shelf { id } b: shelf { id } a: shelf { id } }", json!({}), &Limits::default())
            .unwrap();
    assert_eq!(ties, "d 1, c 1, b 1");
    let (_, member) = priced(
        "{ thing { ... on Shelf { above { id } } ... on Book { author { name } } } }",
        json!({}),
        &Limits::default(),
    )
    .unwrap();
    assert_eq!(member, "thing.author 4, thing 1");
}

#[test]
fn a_price_beyond_all_numbers_is_the_largest_one() {
    let pages = PageRules { default_size: 20, max_size: u32::MAX };
    let limits = Limits { pages, ..Limits::default() };
    let page = |inner: &str| format!("shelves(first: 2147483647) {{ nodes {{ {inner} }} }}");
    let text = format!("{{ {} }}", page(&page(&page(&page("id")))));

    assert_eq!(priced(&text, json!({}), &limits).unwrap().0, u64::MAX);
}

/// As many parts as fragments, however often they are spread.
#[test]
fn doubling_fragments_are_compiled_once_each() {
    let fragments: String =
        (0..60).map(|level| format!("fragment F{level} on Shelf {{ ...F{0} ...F{0} }} ", level + 1)).collect();
    let text = format!(
        "query($yes: Boolean!) {{ shelf {{ ...F0 }} }} {fragments} fragment F60 on Shelf {{ above @include(if: $yes) {{ id }} books {{ id }} }}"
    );

    let tree = tree(&text, &Limits::default());

    assert_eq!(tree.price(&[1]), 1 + (1 << 60) * 6);
    assert_eq!(tree.price(&[0]), 1 + (1 << 60) * 5);
}

#[test]
fn an_answer_may_be_kept_as_long_as_the_least_of_its_objects() {
    for (text, max_age) in [
        ("{ number }", Some(60)),
        ("{ __typename }", Some(60)),
        ("{ shelf { id } }", Some(30)),
        ("{ shelves { count { value } } }", Some(60)),
        ("{ shelves { nodes { id } } }", Some(30)),
        ("{ shelves { nodes @skip(if: true) { id } } }", Some(60)),
        ("query($a: Boolean!) { shelf @include(if: $a) { id } }", Some(30)),
        ("{ shelf { books { id } } }", None),
        ("{ shelf { books { author { name } } } }", None),
        ("{ thing { id } }", None),
        ("{ __schema { queryType { name } } }", None),
        ("mutation { change { errors { text } } }", None),
    ] {
        assert_eq!(tree(text, &Limits::default()).max_age(), max_age, "{text}");
    }
}

#[test]
fn a_schema_that_is_not_read_is_refused() {
    for (field, told) in [
        ("a: Int @cost(weight: \"many\")", "the weight \"many\" of @cost is not a whole number of points"),
        ("a: [Int] @listSize(slicingArguments: [\"a\", \"b\"])", "@listSize of a names neither"),
        ("a: [Int] @listSize", "@listSize of a names neither"),
    ] {
        let error =
            TypeIndex::new(&format!("type Query {{ {field} }} schema {{ query: Query }}"), &ScalarChecks::default());
        assert!(error.unwrap_err().to_string().contains(told), "{field}");
    }
}

#[test]
fn an_operation_over_the_most_points_is_refused_before_it_runs() {
    let commits = Commits::default();
    let settings = |cost| Settings { limits: Limits { cost, ..Limits::default() }, ..Settings::default() };
    let text = "query { nn { own { ok } } n { ok } }";

    let ran = send(&shop_with(settings(3)), &commits, text, None, json!({}));
    let errors = shop_with(settings(2)).prepare(text, None, Variables::default()).unwrap_err();

    assert!(ran.contains("\"data\""), "{ran}");
    let [error] = errors.iter().as_slice() else { panic!("{errors}") };
    assert_eq!(error.kind, RequestErrorKind::Cost);
    assert_eq!(error.message, "the operation costs 3 points, over the maximum of 2; dearest: nn 1, nn.own 1, n 1");
    assert_eq!(error.locations.len(), 1);
}

#[test]
fn what_did_not_come_back_is_given_back() {
    let shop = shop_with(Settings::default());
    let text = "{ list { own { ok } } anyone { __typename ... on Node { own { ok } } } n { ok } }";
    let prepared = shop.prepare(text, None, Variables::default()).unwrap();
    let bill = prepared.bill();
    let actual = |data: serde_json::Value| bill.actual(&Value::from_json(data).unwrap());
    let node = json!({"own": {"ok": 1}});
    let typed = json!({"__typename": "Node", "own": {"ok": 1}});

    assert_eq!((prepared.price(), bill.price()), (10 * 2 + 10 * 2 + 1, 41));
    assert_eq!(actual(json!(null)), 1);
    assert_eq!(actual(json!({"list": [], "anyone": [], "n": null})), 1);
    assert_eq!(actual(json!({"list": [node, null, node], "anyone": [], "n": {"ok": 1}})), 2 + 1 + 2 + 1);
    assert_eq!(actual(json!({"list": [], "anyone": [typed, {"__typename": "Store"}], "n": {"ok": 1}})), 2 + 1 + 1);
    assert_eq!(actual(json!({"list": vec![node; 100], "anyone": [], "n": null})), 41);
}
