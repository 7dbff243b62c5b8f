//! Every kind of request, good and bad, answered with the same bytes whether its document is known or not, and by another engine.

use serde_json::{Value, json};

use super::documents::doubling;
use super::schema::Commits;
use super::shop::{send, shop, shop_with};
use crate::execution::Settings;

fn requests() -> Vec<(String, Option<&'static str>, Value)> {
    let two = "query A($x: Int) { echo(int: $x) } query B($y: ID!) { echo(id: $y) }";
    let update = "mutation($i: ID!, $n: String) { productUpdate(input: {id: $i, name: $n}) }";
    let products = "query($n: Int, $w: Filter, $s: ID) { \
        a: products(first: $n, where: $w) b: products(where: {store: $s, price: {gte: \"1\"}}) }";
    let fragments = "query($yes: Boolean!) { n { ...F } ...G @include(if: $yes) } \
        fragment F on Node { ok own { ...H } } fragment H on Node { ok bad @skip(if: $yes) } \
        fragment G on Query { fast }";
    let commits = "mutation($a: Int!, $b: Decimal!) { commit(by: $a) price(to: $b) }";
    let plain = [
        "{ fast }",
        "{ slow fast }",
        "query Q { fast }",
        "{ n { ok bad } fast }",
        "{ nn { ok bad } }",
        "{ list { ok bad } }",
        "{ list { ok own { own { ok } } } }",
        "{ anyone { ... on Store { name } ... on Node { ok } __typename } }",
        "{ anyone { ok } }",
        "{ a: fast b: fast }",
        "{ a: fast a: slow }",
        "{ n { a: ok } n { a: bad } }",
        "{ products(first: 1) products(first: 2) }",
        "{ fast { ok } }",
        "{ n }",
        "{ nothing }",
        "{ fastt slo }",
        "{ n { nothing more } }",
        "{ fast(x: 1) }",
        "{ products(firts: 1, frist: 2) }",
        "{ products(where: {x: 1, y: 2, z: 3, weight: \"a\"}) }",
        "{ echo(int: 3000000000) }",
        "{ echo(price: \"abc\") }",
        "{ echo(price: \"1.5\", status: ACTIVE, ids: 5, grid: 1) }",
        "{ fast @skip }",
        "{ fast @skip(if: 1) }",
        "{ fast @nothing(x: $y) }",
        "query @skip(if: true) { fast }",
        "{ ...Unknown }",
        "{ ...A } fragment A on Nothing { x }",
        "{ ...A } fragment A on Int { x }",
        "{ ...A ...B } fragment A on Query { fast ...B } fragment B on Query { slow ...A }",
        "{ n { ...A } } fragment A on Query { fast }",
        "{ fast } fragment A on Query { fast } fragment B on Query { slow }",
        "query($a: [Nope] = [1], $b: Store) { fast }",
        "query($a: Int, $a: Int) { echo(int: $a) }",
        "query A { fast } query A { slow }",
        "query A { fast } { slow }",
        "subscription { fast }",
        "mutation { nothing }",
        "mutation { commit }",
        "{ __schema { queryType { name } } __type(name: \"Node\") { fields { name } } }",
        "{ __type { name } __typename }",
        "{ fast",
        "",
        "# nothing",
        "{ \u{0} }",
        "{ echo(string: \"\u{7}\u{0}\") }",
        "\u{feff}{ fast }",
    ];
    let mut requests: Vec<_> = plain.map(|text| (text.to_owned(), None, json!({}))).into();
    let with = [
        (two, Some("A"), json!({"x": 1, "y": 2})),
        (two, Some("B"), json!({"x": 1})),
        (two, Some("C"), json!({})),
        (two, Some(""), json!({})),
        (two, None, json!({})),
        ("{ fast }", Some("Q"), json!({})),
        (update, None, json!({"i": "1"})),
        (update, None, json!({"i": "1", "n": null})),
        (update, None, json!({"i": null})),
        (products, None, json!({})),
        (products, None, json!({"n": 2, "w": {}, "s": 4})),
        (products, None, json!({"n": null, "w": {"weight": null}})),
        (products, None, json!({"n": 1.5, "w": {"x": 1, "y": 2}, "s": []})),
        (fragments, None, json!({"yes": true})),
        (fragments, None, json!({"yes": false})),
        (fragments, None, json!({"yes": "true"})),
        (commits, None, json!({"a": 1, "b": "1"})),
        (commits, None, json!({"a": 1, "b": true})),
        (commits, None, json!([1, 2])),
    ];
    requests.extend(with.map(|(text, name, variables)| (text.to_owned(), name, variables)));
    requests.push((doubling(30), None, json!({})));
    requests.push((doubling(8), None, json!({})));
    requests.push((format!("{{ {} }}", "n { ok } ".repeat(20)), None, json!({})));
    requests.push((format!("{{ fast }} #{}", "x".repeat(20_000)), None, json!({})));
    requests
}

#[test]
fn every_request_is_answered_the_same_cold_warm_and_elsewhere() {
    let commits = Commits::default();
    let forgetful = shop_with(Settings { plan_cache_bytes: 0, ..Settings::default() });
    for (text, name, variables) in requests() {
        let shop = shop();
        let ask = |engine| send(engine, &commits, &text, name, variables.clone());

        let cold = ask(&shop);

        assert_eq!(ask(&shop), cold, "{text}");
        for _ in 0..3 {
            assert_eq!(ask(&forgetful), cold, "{text}");
        }
    }
    assert_eq!(forgetful.kept_plans(), 0);
}

#[test]
fn a_document_first_seen_with_bad_variables_is_no_different() {
    let commits = Commits::default();
    for (text, name, variables) in requests() {
        let (fresh, used) = (shop(), shop());
        let _ = send(&used, &commits, &text, name, json!({"x": {}, "n": [], "yes": 3, "a": null}));

        let answers = [&fresh, &used].map(|s| send(s, &commits, &text, name, variables.clone()));

        assert_eq!(answers[0], answers[1], "{text}");
    }
}
