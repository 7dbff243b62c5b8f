//! Much of one thing: aliases, directives, fields, mutations, variables.

use super::expected::{Expected, invalid};
use super::{Attack, Target, attack, document, repeated, request};

pub fn attacks(target: &Target) -> Vec<Attack> {
    let in_stores = |fields: String| format!("{{ stores {{ nodes {{ {fields} }} }} }}");
    let aliases = |count| in_stores(repeated(count, |index| format!("a{index}: id")));
    let lookups =
        |count| format!("{{ {} }}", repeated(count, |index| format!("a{index}: product(slug: \"s{index}\") {{ id }}")));
    let directives = |count, directive: &str| in_stores(repeated(count, |_| format!("id {directive}")));
    let on_one_field = |count, directive: &str| in_stores(format!("id {}", repeated(count, |_| directive.to_owned())));
    let roots = |count| format!("{{ {} }}", repeated(count, |_| "__typename".to_owned()));
    let tenfold = "fragment A on Store { ...B ...B ...B ...B ...B ...B ...B ...B ...B ...B } \
                   fragment B on Store { ...C ...C ...C ...C ...C ...C ...C ...C ...C ...C } \
                   fragment C on Store { id id id id id id id id id id }";
    let spreads = repeated(11, |_| "...A".to_owned());
    let variables = |count| {
        let defined = repeated(count, |index| format!("$v{index}: Int"));
        format!("query ({defined}) {{ products(first: $v0) {{ nodes {{ id }} }} }}")
    };
    let mut attacks = vec![
        document("31 aliases", aliases(31), invalid("alias count 31 is over the maximum of 30")),
        document("600 aliases", aliases(600), invalid("alias count 600 is over the maximum of 30")),
        document("1,000 aliases", aliases(1_000), invalid("over the maximum")),
        document(
            "100 look-ups under aliases, to guess names at the price of one request",
            lookups(100),
            invalid("over the maximum"),
        ),
        document("21 look-ups under aliases", lookups(21), invalid("root field count 21 is over the maximum of 20")),
        document(
            "51 times @include",
            directives(51, "@include(if: true)"),
            invalid("directive count 51 is over the maximum of 50"),
        ),
        document("300 times @skip", directives(300, "@skip(if: true)"), invalid("over the maximum")),
        document("@skip 200 times on one field", on_one_field(200, "@skip(if: true)"), invalid("over the maximum")),
        document("@include twice on one field", on_one_field(2, "@include(if: true)"), invalid("")),
        document("a directive that there is not", on_one_field(1, "@admin"), invalid("admin")),
        document(
            "an unknown directive 900 times",
            on_one_field(900, "@a"),
            invalid("directive count 900 is over the maximum of 50"),
        ),
        document(
            "a directive that belongs elsewhere",
            on_one_field(1, "@specifiedBy(url: \"https://evil.example\")"),
            invalid(""),
        ),
        document(
            "60 directives on the operation itself",
            format!("query {} {{ __typename }}", "@a ".repeat(60)),
            invalid("directive count 60"),
        ),
        document(
            "60 directives on a variable",
            format!("query ($v: Int {}) {{ products(first: $v) {{ nodes {{ id }} }} }}", "@a ".repeat(60)),
            invalid("over the maximum"),
        ),
        document("weights of the schema set by the client", on_one_field(1, "@cost(weight: \"0\")"), invalid("")),
        document("21 root fields", roots(21), invalid("root field count 21 is over the maximum of 20")),
        document(
            "__typename a thousand times",
            roots(1_000),
            invalid("root field count 1000 is over the maximum of 20"),
        ),
        document(
            "11,000 fields out of three fragments",
            format!("{} {tenfold}", in_stores(spreads)),
            invalid("over the maximum of 10000"),
        ),
        document("450 variables that are not used", variables(450), invalid("is not used")),
        document("5,000 variables", variables(5_000), invalid("token count")),
        document(
            "a variable that is not defined",
            "{ product(slug: $slug) { id } }",
            invalid("variable $slug is not defined"),
        ),
        document(
            "a variable that is defined twice",
            "query ($a: Int, $a: Int) { products(first: $a) { nodes { id } } }",
            invalid(""),
        ),
        document(
            "a variable of an output type",
            "query ($a: Product) { node(id: $a) { id } }",
            invalid("no input type"),
        ),
        document(
            "a variable of a type that there is not",
            "query ($a: Secret) { node(id: $a) { id } }",
            invalid("Secret"),
        ),
        document(
            "a variable of lists in lists in lists",
            format!("query ($a: {}ID{}) {{ nodes(ids: $a) {{ id }} }}", "[".repeat(60), "]".repeat(60)),
            invalid(""),
        ),
        document(
            "a variable whose default is a variable",
            "query ($a: Int, $b: Int = $a) { products(first: $b) { nodes { id } } }",
            invalid(""),
        ),
    ];
    attacks.extend(mutations(target));
    attacks
}

/// As staff: they would be carried out.
fn mutations(target: &Target) -> Vec<Attack> {
    let create = |index: usize| {
        format!(
            "a{index}: storeCreate(input: {{slug: \"s{index}\", name: \"s\", currencyCode: \"EUR\"}}) {{ store {{ id }} }}"
        )
    };
    let rename = format!("storeUpdate(input: {{id: \"{}\", name: \"owned\"}}) {{ store {{ id }} }}", target.store);
    let as_staff = |name, text: String, expected: Expected| {
        let body = serde_json::json!({ "query": text });
        attack(name, request::post(&body).header("x-storefront-staff-key", &target.staff_key), expected)
    };
    vec![
        as_staff(
            "6 mutations",
            format!("mutation {{ {} }}", repeated(6, create)),
            invalid("mutation field count 6 is over the maximum of 5"),
        ),
        as_staff(
            "6 mutations in a fragment",
            format!("mutation {{ ...F }} fragment F on Mutation {{ {} }}", repeated(6, create)),
            invalid("mutation field count 6"),
        ),
        as_staff(
            "a mutation before an unknown field",
            format!("mutation {{ {} nothing }}", create(0)),
            invalid("nothing"),
        ),
        as_staff(
            "a mutation before a value that does not fit",
            format!("mutation {{ {} categoryCreate(input: {{slug: 7}}) {{ category {{ id }} }} }}", create(0)),
            invalid(""),
        ),
        as_staff("a mutation in a query", format!("{{ {rename} }}"), invalid("storeUpdate")),
        as_staff(
            "a mutation in a fragment of a query",
            format!("{{ ...F }} fragment F on Mutation {{ {rename} }}"),
            invalid(""),
        ),
    ]
}
