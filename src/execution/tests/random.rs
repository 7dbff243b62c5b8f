//! Documents and variables made at random.

use std::sync::LazyLock;

use async_graphql::Variables;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use super::schema::Commits;
use super::shop::{Shop, send, shop, shop_with};
use crate::execution::{RequestErrorKind, RequestErrors, Settings};

static WARM: LazyLock<Shop> = LazyLock::new(shop);
static COLD: LazyLock<Shop> = LazyLock::new(|| shop_with(Settings { plan_cache_bytes: 0, ..Settings::default() }));

/// JSON of every shape, most of it near to what the toy schema takes.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        (-3i64..3).prop_map(|i| json!(i)),
        any::<i64>().prop_map(|i| json!(i)),
        any::<f64>().prop_map(|f| json!(f)),
        Just(json!(2.0)),
        Just(json!("1.5")),
        Just(json!("ACTIVE")),
        ".{0,3}".prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let names = prop::sample::select(vec![
            "price", "store", "status", "weight", "and", "gte", "lte", "id", "name", "tags", "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
            prop::collection::btree_map(names, inner, 0..4).prop_map(|fields| json!(fields)),
        ]
    })
}

/// A value as a document writes it, with variables `$a` to `$d` here and there.
fn literal() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        2 => prop::sample::select(vec!["$a", "$b", "$c", "$d"]).prop_map(str::to_owned),
        4 => prop::sample::select(vec![
            "1", "2.0", "-5", "null", "true", "\"x\"", "\"2.5\"", "ACTIVE", "DRAFT", "GONE", "99999999999", "\"\"\"b\"\"\"",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let names =
            prop::sample::select(vec!["price", "store", "status", "weight", "and", "gte", "id", "name", "tags", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(" "))),
            prop::collection::btree_map(names, inner, 0..3).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(k, v)| format!("{k}: {v}")).collect();
                format!("{{{}}}", fields.join(" "))
            }),
        ]
    })
}

/// Arguments with values that fit, when the variables have the types of [`VARIABLES`].
const FITTING: &[(&str, &str, &[&str])] = &[
    ("products", "first", &["1", "$a"]),
    ("products", "after", &["null", "\"x\""]),
    ("products", "where", &["{}", "$b", "{and: [{store: $c}, $b]}", "{price: {gte: $d, lte: \"2\"}, weight: $a}"]),
    ("echo", "int", &["$a", "5"]),
    ("echo", "float", &["1", "2.5"]),
    ("echo", "ids", &["[$c, 5]", "7"]),
    ("echo", "grid", &["[[1, 2], 3]"]),
    ("echo", "status", &["DRAFT"]),
    ("echo", "price", &["$d"]),
    ("echo", "json", &["[{x: $a}, $d]", "$a"]),
    ("commit", "by", &["3"]),
    ("price", "to", &["\"2\""]),
    ("productUpdate", "input", &["{id: $c, price: $d, tags: \"x\"}"]),
    ("fast", "nothing", &["1"]),
];

/// The types with which the values of [`FITTING`] fit.
const VARIABLES: [&[&str]; 4] = [
    &["Int = 5", "Int", "Int"],
    &["Filter! = {}", "Filter!", "Filter"],
    &["ID!", "ID! = 4"],
    &["Decimal", "Decimal!", "Decimal = \"1\""],
];

fn field(of_mutation: bool) -> impl Strategy<Value = String> {
    let is_mutation = |field: &str| ["commit", "price", "productUpdate"].contains(&field);
    let own: Vec<_> = FITTING.iter().copied().filter(|(field, _, _)| is_mutation(field) == of_mutation).collect();
    let with_argument = prop::sample::select(own).prop_flat_map(|(field, argument, fitting)| {
        let fitting = prop::sample::select(fitting).prop_map(str::to_owned);
        prop_oneof![5 => fitting, 1 => literal()].prop_map(move |value| format!("{field}({argument}: {value})"))
    });
    let plain = prop::sample::select(PLAIN);
    let directives = &["", "", "", "@skip(if: false)", "@include(if: $a)"][..];
    prop_oneof![
        3 => (with_argument, prop::sample::select(directives))
            .prop_map(|(field, directive)| format!("{field} {directive}")),
        1 => plain.prop_map(str::to_owned),
    ]
}

const PLAIN: &[&str] = &[
    "__typename",
    "fast",
    "n { ok }",
    "n { own { bad } }",
    "list { ok ...F }",
    "...G",
    "... on Query { slow }",
    "anyone { __typename ... on Node { ok } }",
    "nothing",
];

/// A variable's type and default.
fn definition(fitting: &'static [&str]) -> impl Strategy<Value = String> {
    let any_type = prop::sample::select(&["Boolean!", "Status", "[ID!]", "[[Int!]!]", "Nope", "[Nope]"][..]);
    let any = (any_type, prop::option::of(literal())).prop_map(|(ty, default)| {
        let default = default.filter(|d| !d.contains('$'));
        default.map_or(ty.to_owned(), |default| format!("{ty} = {default}"))
    });
    prop_oneof![
        8 => prop::sample::select(fitting).prop_map(|definition| (*definition).to_owned()),
        1 => any,
    ]
}

fn document() -> impl Strategy<Value = String> {
    let fields = |of_mutation| prop::collection::vec(field(of_mutation), 1..4);
    let operation = prop_oneof![
        fields(false).prop_map(|fields| ("query Q", fields)),
        fields(true).prop_map(|fields| ("mutation", fields)),
    ];
    (operation, VARIABLES.map(definition)).prop_map(|((kind, fields), types)| {
        let aliased = fields.iter().enumerate().map(|(i, field)| {
            let alias = if field.contains("(") && !field.contains("{ ok") { format!("f{i}: ") } else { String::new() };
            format!("{alias}{field}")
        });
        let fields = aliased.collect::<Vec<_>>().join(" ");
        // Only those that are used, so that many documents are valid.
        let names = ["$a", "$b", "$c", "$d"].into_iter().zip(types);
        let used = names.filter(|(name, _)| fields.contains(name));
        let definitions: Vec<_> = used.map(|(name, ty)| format!("{name}: {ty}")).collect();
        let definitions = match definitions.as_slice() {
            [] => String::new(),
            some => format!("({})", some.join(", ")),
        };
        let mut text = format!("{kind}{definitions} {{ {fields} }}");
        for (name, body) in
            [("F", "on Node { own { ok } }"), ("G", "on Query { fast ...S }"), ("S", "on Query { slow }")]
        {
            if text.contains(&format!("...{name}")) {
                text += &format!(" fragment {name} {body}");
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_request_is_answered_alike_and_executes_only_when_its_values_fit(
        text in document(),
        variables in prop::collection::btree_map(prop::sample::select(vec!["a", "b", "c", "d"]), value(), 0..5),
    ) {
        let commits = Commits::default();
        let variables = json!(variables);

        let cold = send(&COLD, &commits, &text, None, variables.clone());
        let before = commits.count();
        let first = send(&WARM, &commits, &text, None, variables.clone());
        let warm = send(&WARM, &commits, &text, None, variables.clone());

        prop_assert_eq!(&cold, &first);
        prop_assert_eq!(&cold, &warm);
        prop_assert_eq!(commits.count(), 3 * before);
        if WARM.prepare(&text, None, Variables::from_json(variables)).is_ok() {
            let answer: Value = serde_json::from_str(&cold).unwrap();
            for error in answer["errors"].as_array().into_iter().flatten() {
                prop_assert_eq!(&error["message"], "bad", "{}", cold);
            }
        }
    }

    #[test]
    fn any_text_is_answered(text in "[{}()\\[\\]:!$@#\"\\\\|=.,a-c0-9 \n\u{0}é-]{0,60}") {
        let commits = Commits::default();
        let cold = send(&COLD, &commits, &text, None, json!({}));
        prop_assert_eq!(cold, send(&WARM, &commits, &text, None, json!({})));
    }
}

#[test]
fn random_documents_are_often_valid() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let valid = (0..400).filter(|_| {
        let text = document().new_tree(&mut runner).unwrap().current();
        let prepared = WARM.prepare(&text, None, Variables::default());
        let refused_for_variables = |errors: RequestErrors| errors.iter().all(|e| e.kind == RequestErrorKind::Variable);
        prepared.map_or_else(refused_for_variables, |_| true)
    });

    let valid = valid.count();

    assert!((80..350).contains(&valid), "{valid} of 400");
}
